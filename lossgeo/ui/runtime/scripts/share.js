// The link to what the screen shows. Step, pointer and a camera turned by hand live in the browser only; here they
// join the address when somebody presses Share, and once, on arrival by such a link, the stage is set to them.
// Hovering and playing send nothing.
// The player has set the slider's end to the length of the longest run.
// data: { page, names: [parameters of the pointer], own: [what concerns this screen only], scope and solid: CSS selectors of stage and 3-D surface,
//         eye: the named view, opening: {id, step, w, b} or null }
const sharers = new WeakMap(); // parentElement -> what it knows; called again with the same element on new data
const done = new Set();        // openings that the reader has since changed, or that are over
const EYES = ["x", "y", "z"];

export default function ({ parentElement, data, setTriggerValue }) {
  let it = sharers.get(parentElement);
  if (!it) sharers.set(parentElement, (it = {}));
  it.data = data;
  it.tell = setTriggerValue;
  const input = (name) => document.querySelector(`${it.data.scope} input[name="${name}"]`);
  const short = (text) => (text.length > 11 ? String(+(+text).toPrecision(9)) : text);
  const keys = () => [`${it.data.page}_step`, `${it.data.page}_eye`, ...it.data.names.map((n) => `${it.data.page}_${n}`)];

  const eye = () => {
    const now = document.querySelector(`${it.data.solid} .js-plotly-plot`)?._fullLayout?.scene?.camera?.eye;
    if (!now || EYES.every((k) => Math.abs(now[k] - it.data.eye[k]) < 1e-3)) return "";
    return EYES.map((k) => +now[k].toFixed(3)).join(",");
  };
  const link = () => {
    const url = new URL(location.href), step = input("step");
    [...keys(), ...it.data.own].forEach((key) => url.searchParams.delete(key));
    if (step && +step.value < +step.max) url.searchParams.set(`${it.data.page}_step`, step.value);
    it.data.names.forEach((name, i) => {
      const typed = input(i ? "hover_b" : "hover_w")?.value ?? "";
      if (typed !== "" && isFinite(typed)) url.searchParams.set(`${it.data.page}_${name}`, short(typed));
    });
    if (eye()) url.searchParams.set(`${it.data.page}_eye`, eye());
    url.hash = "";
    url.pathname = url.pathname.replace(/^\/~\/\+/, ""); // Community Cloud shows the app in a frame of that path
    return url.href.replaceAll("%2C", ",");
  };

  const open = () => {
    const opening = it.data.opening, step = input("step");
    if (!opening || !step || done.has(opening.id) || step === it.set) return;
    it.set = step; // a new slider: the chart was drawn, or drawn anew in another layout
    it.busy = true;
    const put = (field, value) => {
      if (!field || value === null || value === undefined) return;
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    put(step, opening.step === null ? null : Math.min(opening.step, +step.max));
    put(input("hover_w"), opening.w);
    put(input("hover_b"), opening.b);
    it.busy = false;
  };
  if (it.stop) return it.stop;

  // The first touch ends the opening: from then on the address must not claim the step and pointer of the link.
  const touched = (event) => {
    if (it.busy || !it.set || !event.target.closest?.(it.data.scope)) return;
    if (event.type === "pointermove" && event.target.tagName !== "CANVAS") return;
    // The player, too, moves the slider: where that only fits it to the run's length, it ends at the last step.
    const player = event.type === "input" && !event.isTrusted;
    if (player && (+event.target.value === it.data.opening.step || +event.target.value >= +event.target.max)) return;
    forget();
  };
  const forget = () => {
    if (it.data.opening) done.add(it.data.opening.id);
    const url = new URL(location.href), before = url.search;
    keys().forEach((key) => url.searchParams.delete(key));
    if (url.search !== before) history.replaceState(history.state, "", url);
    ["input", "pointermove"].forEach((type) => document.removeEventListener(type, touched, true));
  };
  if (data.opening) ["input", "pointermove"].forEach((type) => document.addEventListener(type, touched, true));

  const button = parentElement.querySelector("#share");
  button.onclick = async () => {
    const text = link();
    let copied = false;
    try {
      await navigator.clipboard.writeText(text);
      copied = true;
    } catch { // an address without https has no clipboard: the older way, and else the dialog's selected text
      const field = document.createElement("textarea");
      field.value = text;
      field.style.cssText = "position:fixed;opacity:0";
      document.body.append(field);
      field.select();
      try { copied = document.execCommand("copy"); } catch { /* the dialog shows it */ }
      field.remove();
    }
    it.tell("link", { text, copied });
  };
  let soon = 0;
  const watch = new MutationObserver(() => { cancelAnimationFrame(soon); soon = requestAnimationFrame(open); });
  if (data.opening) watch.observe(document.body, { childList: true, subtree: true });
  setTimeout(open, 0);
  return (it.stop = () => {
    watch.disconnect();
    cancelAnimationFrame(soon);
    // Leaving the page ends it, too; a change of layout only puts everything into another container.
    const { opening, scope } = it.data;
    if (it.set && opening) setTimeout(() => { if (!document.querySelector(scope)) done.add(opening.id); }, 500);
    ["input", "pointermove"].forEach((type) => document.removeEventListener(type, touched, true));
  });
}
