// A lesson: the stage follows the part that is being read; questions and predictions are answered here, and nothing is kept.
(() => {
  const data = JSON.parse(document.querySelector("#data").textContent), { lesson } = data;
  const $ = (selector) => document.querySelector(selector), every = (selector) => [...document.querySelectorAll(selector)];
  const root = $("#stage"), stage = mount(root, data), three = (x) => String(+x.toPrecision(3)).replace("-", "−");
  let part = "", predicted = false, places = [], guess = null;
  const show = (index, play = false, own) => {
    const next = { ...data.stages[index], own };
    const living = root.querySelector(".living");
    if (data.app) Object.assign(living, { hidden: false, href: data.app + next.living });
    every("[data-stage][aria-pressed]").forEach((b) => b.removeAttribute("aria-pressed"));
    every(`button[data-stage="${index}"]`).forEach((b) => b.setAttribute("aria-pressed", "true"));
    return stage.show(next, { play });
  };
  const marks = () => {
    const all = [...places.map((p) => [...p, lesson.play.found]), ...(guess && !Number.isFinite(guess) ? [[...guess, lesson.draw.mark]] : [])];
    return { kind: all.map((m) => m[2]), w: all.map((m) => m[0]), b: all.map((m) => m[1]) };
  };

  // --- the part that is read ---------------------------------------------------------------------------
  const sections = every("section[id]"), unlock = () => document.body.classList.remove("asked");
  document.body.classList.add("asked"); // the parts after the prediction wait for it
  $(".skip").onclick = () => { unlock(); $(".skip").hidden = true; };
  const enter = (section) => {
    if (section.id === part) return;
    part = section.id;
    sections.forEach((each) => each.classList.toggle("now", each === section));
    if (section.dataset.stage === undefined || (part === "part-observe" && !predicted)) return; // it would say what happens
    show(section.dataset.stage, false, part === "part-play" || part === "part-predict" ? { kept: marks() } : undefined);
  };
  const line = () => {
    const below = innerWidth > 900 ? 0.25 * innerHeight : root.getBoundingClientRect().bottom + 60;
    const shown = sections.filter((each) => each.offsetParent);
    const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
    enter(scrollY < 8 ? shown[0] : end ? shown.at(-1) : shown.filter((each) => each.getBoundingClientRect().top <= below).at(-1) || shown[0]);
  };
  let soon = 0, held = false; // what a button has opened stays while the page itself scrolls, until the reader does
  const hold = () => { held = true; };
  for (const kind of ["wheel", "touchmove", "keydown", "scrollend"]) addEventListener(kind, () => { held = false; }, { passive: true });
  addEventListener("scroll", () => { if (held) return; cancelAnimationFrame(soon); soon = requestAnimationFrame(line); }, { passive: true });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-stage]");
    if (!button) return;
    hold();
    const section = button.closest("section");
    if (section && section.id !== part) { part = section.id; sections.forEach((each) => each.classList.toggle("now", each === section)); }
    show(button.dataset.stage, "play" in button.dataset);
    const said = button.parentElement.querySelector(".said"), runs = data.stages[button.dataset.stage].endings;
    if (said) said.textContent = runs.map((run) => (runs.length > 1 ? `${run.name}: ` : "") + run.line).join(" ");
  });
  $("#rest").onclick = (event) => {
    const open = root.classList.toggle("whole");
    event.target.setAttribute("aria-expanded", open);
  };

  // --- questions -------------------------------------------------------------------------------------------
  every("form.question").forEach((form) => form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(form), name = form.querySelector("input").name, chosen = given.get(name);
    const right = chosen === form.dataset.right, sure = given.get(`${name}-sure`);
    const box = form.querySelector(`.feedback[data-option="${chosen}"]`);
    form.querySelectorAll(".feedback").forEach((each) => { each.hidden = each !== box; });
    box.classList.toggle("right", right);
    box.querySelector(".verdict").textContent = `${right ? "Right" : "Not this one"} (you were: ${sure}).`;
    box.tabIndex = -1;
    box.focus({ preventScroll: true });
    hold();
    box.scrollIntoView({ block: "nearest" });
    form.querySelectorAll(".after").forEach((each) => { each.hidden = false; });
    form.closest("section").querySelectorAll("[data-later]").forEach((each) => { each.hidden = false; });
  }));

  // --- prediction and observation ---------------------------------------------------------------------------
  const form = $("#prediction"), slider = $(".rates input");
  const indices = slider ? slider.dataset.stages.split(" ") : [], names = slider ? slider.dataset.names.split(" ") : [];
  if (slider) slider.oninput = () => { $(".rates output").textContent = names[slider.value]; show(indices[slider.value]); };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (lesson.draw?.kind === "place" && !guess) { $(".guess span").textContent = "First click the map: where will it be?"; return; }
    unlock();
    $(".skip").hidden = true;
    const given = new FormData(form), chosen = form.querySelector("input:checked").closest("label").textContent.trim();
    predicted = true;
    form.querySelectorAll("input, .main").forEach((each) => { each.disabled = true; });
    const locked = form.querySelector(".locked");
    locked.hidden = false;
    locked.textContent = `Your prediction, locked: ${chosen} (${given.get("predicted-sure")}).`;
    let told = +given.get("predicted") === lesson.happens ? "As you predicted." : `You had predicted: ${chosen}.`, first = $("#part-observe").dataset.stage;
    if (lesson.draw?.kind === "place") told += ` The diamond is ${three(Math.hypot(guess[0] - lesson.draw.end[0], guess[1] - lesson.draw.end[1]))} from the end of the first run.`;
    if (lesson.draw?.kind === "rate" && slider) { // the nearest of the rates that are computed ahead
      const asked = +given.get("rate"), far = names.map((name) => Math.abs(Math.log(+name / asked)));
      slider.value = far.indexOf(Math.min(...far));
      slider.oninput();
      first = indices[slider.value];
      told += ` Your rate ${three(asked)}; the nearest one computed ahead, ${names[slider.value]}: ${data.stages[first].endings.map((run) => run.line).join(" ")}`;
    }
    $(".compared").textContent = told;
    $("#part-observe .wait").hidden = true;
    $("#part-observe .then").hidden = false;
    hold();
    $("#part-observe").scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
    part = "part-observe";
    show(first, true, guess ? { kept: marks() } : undefined);
  });
  $("#saw").onclick = () => { $("#part-observe .happens").hidden = false; $("#part-observe .happens").scrollIntoView({ block: "nearest" }); };

  // --- clicks on the map: places to be found, runs from there, a predicted place ------------------------------
  const descend = ({ rate, beta, ahead, batches }, start) => {
    const points = [start], { minima, kind } = lesson.play;
    for (let t = 0, p = start, before = start; t < lesson.play.steps; t++) {
      const moved = p.map((x, i) => x + beta * (x - before[i])); // momentum alone; nesterov takes the gradient there
      const g = window.slopes.gradient(...(ahead ? moved : p), batches?.[t]), next = moved.map((x, i) => x - rate * g[i]);
      if (!next.every((x) => Math.abs(x) < 1e150)) break;
      [before, p] = [p, next];
      points.push(p);
      // Arrived: both parameters within 1e-6 of a minimum.
      if (kind !== "wins" && minima.some((m) => m.every((x, i) => Math.abs(x - p[i]) < 1e-6))) break;
    }
    return points;
  };
  const run = (start) => {
    const { play } = lesson, paths = play.runs.map((each) => descend(each, start)), arrived = paths.map((path) => {
      const last = path.at(-1);
      return play.minima.findIndex((m) => m.every((x, i) => Math.abs(x - last[i]) < 1e-6));
    });
    const ends = paths.map((path) => window.slopes.value(...path.at(-1)));
    const said = paths.map((path, i) => `${play.runs[i].name}: ${play.kind === "wins" ? `value ${three(ends[i])} after ${path.length - 1} steps` : arrived[i] >= 0 ? `arrived after ${path.length - 1} steps` : `not there after ${path.length - 1} steps`}`).join("; ") + ".";
    let spot = null;
    if (play.kind === "fewer" && arrived[0] >= 0 && paths[0].length - 1 < play.value) spot = start;
    if (play.kind === "minima" && arrived[0] >= 0) spot = play.minima[arrived[0]];
    if (play.kind === "wins" && ends[0] < ends[1]) spot = start;
    const path = { method: [], words: [], t: [], next: [], w: [], b: [], loss: [], order: [] };
    paths.forEach((points, i) => {
      const every = Math.ceil(points.length / 300), kept = points.map((_, t) => t).filter((t) => t % every === 0 || t === points.length - 1);
      kept.forEach((t, k) => {
        const row = { method: play.runs[i].name, words: play.runs[i].name, t, next: kept[k + 1] ?? 2001, w: points[t][0], b: points[t][1], loss: window.slopes.value(...points[t]), order: i };
        Object.entries(row).forEach(([name, value]) => path[name].push(value));
      });
    });
    return { spot, said, path, steps: Math.max(...paths.map((points) => points.length - 1)) || 1 };
  };
  const find = (at) => {
    const { play } = lesson, index = $("#part-play").dataset.stage, before = data.stages[index];
    const [w0, w1, b0, b1] = ["w0", "w1", "b0", "b1"].map((name) => stage.value(before, name));
    let spot = null, path = null, view = { sw: at[0], sb: at[1] }, said = "";
    if (play.cells) {
      const cells = Math.sqrt(play.cells.length), i = Math.floor(((at[0] - w0) / (w1 - w0)) * cells), j = Math.floor(((at[1] - b0) / (b1 - b0)) * cells);
      if (play.cells[j * cells + i] === "1") spot = at;
      said = spot ? "Yes, this is one." : "Not this one.";
    } else {
      const found = run(at);
      ({ spot, said, path } = found);
      view = { ...view, steps: found.steps };
    }
    if (spot && !places.some((p) => p.every((x, i) => x === spot[i]))) places.push(spot);
    const done = places.length >= play.count;
    $("#part-play .count").textContent = `${said[0].toUpperCase()}${said.slice(1)} Found: ${places.length} of ${play.count}.`;
    $("#part-play .found").hidden = !done;
    // Bounds hold for the start of the lesson: of their table only the row stays that says from where heights are counted.
    const bound = Object.fromEntries(Object.entries(data.tables[before.laptop.sets.bound] || {}).map(([name, all]) => [name, name === "above" ? [NaN] : all.slice(0, 1)]));
    const next = { ...before, view, own: { kept: marks() } };
    if (path) Object.assign(next, { endings: [], promises: [], own: { kept: marks(), path, bound }, news: { ...before.news, steps: view.steps, runs: [], t: [0, view.steps], ms: [0, 3000], start: at.map(String) } });
    stage.show(next, { opens: null });
  };
  root.addEventListener("picked", ({ detail: at }) => {
    if (part === "part-play") find(at);
    else if (part === "part-predict" && !predicted && lesson.draw?.kind === "place") {
      guess = at;
      $(".guess span").textContent = `Your place: ${lesson.draw.names.map((name, i) => `${name} = ${three(at[i])}`).join(", ")}`;
      show($("#part-predict").dataset.stage ?? $("#part-play").dataset.stage, false, { kept: marks() });
    }
  });

  addEventListener("beforeprint", () => every("main details").forEach((each) => { each.open = true; }));
  if (new URLSearchParams(location.search).has("embed")) document.body.classList.add("embedded");
  const named = document.getElementById(`part-${location.hash.slice(1)}`);
  if (named) { if (named.matches(".later")) unlock(); named.scrollIntoView(); }
  line();
})();
