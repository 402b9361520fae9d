// Draws a stage from data that are in the page, and changes from one stage to another, without a server.
// data: { specs, tables, inks, wide, heights, stages: [what Shelf.stage gives] }
// Formulas are interpreted (ast), so that no text runs as code; the bundled interpreter lacks hypot.
const FLAT = { ast: true, expressionFunctions: { hypot: Math.hypot }, actions: false, defaultStyle: false, renderer: "canvas", tooltip: false };
const made = (tag, given = {}, ...inside) => {
  const element = Object.assign(document.createElement(tag), given);
  element.append(...inside);
  return element;
};

const mount = (root, data) => {
  const box = root.querySelector(".box"), scope = `#${root.id} .box`;
  let view = null, drawn = "", stage = null, plays = 0, turn = Promise.resolve();
  const grey = () => (dark() ? "#38444C" : "#DDE3E7"); // of the lines of the axes
  const layout = () => (root.clientWidth >= data.wide ? "laptop" : "phone");
  const rows = (table) => {
    const names = Object.keys(table), first = table[names[0]] || [];
    return first.map((_, i) => Object.fromEntries(names.map((name) => [name, table[name][i] ?? NaN])));
  };
  // The field is sent as second differences in both directions.
  const whole = (v) => {
    const n = Math.sqrt(v.length), out = v.slice();
    for (let twice = 0; twice < 2; twice++) {
      for (let i = 0; i < out.length; i++) if (i % n) out[i] += out[i - 1];
      for (let i = n; i < out.length; i++) out[i] += out[i - n];
    }
    return out;
  };
  // A value of the table `view`, which is set if one is given. data.places: where values stand that share a column.
  const field = (table, name, value) => {
    const [column, i] = data.places?.[name] || [name, 0];
    if (value !== undefined) { table[column] = table[column].slice(); table[column][i] = value; }
    return table[column][i];
  };
  const sets = (which) => {
    const out = {};
    for (const [name, key] of Object.entries(stage[which].sets)) out[name] = { ...data.tables[key], ...(stage.own?.[name] || {}) };
    const own = { ...data.inks[dark() ? "dark" : "light"], ...stage.view };
    for (const [name, value] of Object.entries({ ...own, srev: NaN })) field(out.view, name, value); // srev: a click moves no start
    out.field.v = whole(out.field.v);
    return Object.fromEntries(Object.entries(out).map(([name, table]) => [name, rows(table)]));
  };
  const line = (kind, head, more) => {
    const summary = made("summary", {}, ...head);
    return made("details", { className: kind }, summary, made("p", { textContent: more }));
  };
  const tell = () => {
    const how = root.querySelector(".how");
    how.replaceChildren();
    if (stage.layer) how.append(line("layer", [stage.layer[0]], stage.layer[1]));
    const endings = made("div", { className: "endings" });
    for (const { name, colour, line: said, more } of stage.endings) {
      const mark = made("span", { textContent: "■", ariaHidden: "true" });
      mark.style.color = colour;
      const head = [mark, " ", made("b", { textContent: name }), said ? ": " : " ", made("span", { className: "how-it-ended", textContent: said }), " ", made("span", { className: "at" })];
      endings.append(said ? line("ending", head, more) : made("p", { className: "ending" }, ...head));
    }
    for (const [said, more] of stage.promises || []) endings.append(line("promise", [said], more));
    how.append(endings);
    const title = root.querySelector(".title");
    if (title) title.textContent = stage.title;
    const words = root.querySelector(".says");
    if (words) words.textContent = stage.news.says;
    document.lossgeoNews = { scope, looks: 0, plays, ...stage.news };
    document.dispatchEvent(new Event("lossgeo-news"));
  };
  // opens: { step, at: [w, b] } of the first drawing
  const draw = async (opens) => {
    const which = layout(), here = sets(which), key = `${which} ${stage[which].spec} ${dark()}`;
    if (view && key === drawn) {
      for (const [name, each] of Object.entries(here)) { try { view.data(name, each); } catch { /* not on this stage */ } }
      await view.runAsync();
    } else {
      const held = ["step", "hover_w", "hover_b"].map((name) => stageInput(scope, name)?.value);
      view?.finalize();
      box.style.minHeight = `${data.heights[which]}px`;
      const plain = data.specs[stage[which].spec], axis = { ...plain.config.axis, gridColor: grey(), tickColor: grey(), domainColor: grey() };
      const spec = { ...plain, config: { ...plain.config, axis }, datasets: here, description: stage.news.says, background: null };
      ({ view } = await window.vegaEmbed(box, spec, FLAT));
      drawn = key;
      root.dataset.layout = which;
      view.addSignalListener("pick", (_, found) => { if (found.w) picked([found.w[0], found.b[0]]); });
      held.forEach((value, i) => { if (value && !opens) put(stageInput(scope, ["step", "hover_w", "hover_b"][i]), value); });
    }
    tell();
    if (opens?.at) opens.at.forEach((value, i) => put(stageInput(scope, ["hover_w", "hover_b"][i]), value));
    if (opens) { await new Promise((done) => setTimeout(done)); put(stageInput(scope, "step"), opens.step ?? stage.news.steps); }
    root.dataset.alive = "true";
  };
  const again = (opens) => (turn = turn.then(() => draw(opens)));
  const picked = (at) => root.dispatchEvent(new CustomEvent("picked", { detail: at }));
  metronome({ parentElement: root.querySelector(".player"), data: { scope, endings: `#${root.id}` }, setTriggerValue: (_, { w, b }) => picked([w, b]) });
  ball({ parentElement: root, data: { scope, solid: ".none", endings: `#${root.id}` } });
  let soon = 0;
  new ResizeObserver(() => { cancelAnimationFrame(soon); soon = requestAnimationFrame(() => { if (stage && layout() !== root.dataset.layout) again(); }); }).observe(root);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => again());
  document.addEventListener("lossgeo-theme", () => again());
  return {
    get stage() { return stage; },
    get view() { return view; },
    value: (of, name) => field(data.tables[of.laptop.sets.view], name),
    // Shows another stage: whole, or played from its start.
    show: (next, { play = false, opens = { at: ["", ""] } } = {}) => {
      stage = next;
      if (play) plays += 1;
      return again(opens);
    },
  };
};

// Keys, as in the app; not while something is typed.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=range]):not([type=radio]), select, textarea")) return;
  const press = { p: "play", ",": "back", ".": "forward" }[event.key.toLowerCase()];
  if (press) { document.dispatchEvent(new CustomEvent("lossgeo-press", { detail: press })); event.preventDefault(); }
});
