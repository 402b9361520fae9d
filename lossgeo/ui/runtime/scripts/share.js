// The link to what the screen shows. Step, pointer and a camera turned by hand live in the browser only; here they
// join the address when somebody presses Share, and once, on arrival by such a link, the stage is set to them.
// Hovering and playing send nothing.
// The player has set the slider's end to the length of the longest run.
// data: { page, names: [parameters of the pointer], own: [what concerns this screen only], scope and solid: CSS selectors of stage and 3-D surface,
//         eye: the named view, opening: {id, step, w, b} or null }
const sharers = new WeakMap(); // parentElement -> what it knows; called again with the same element on new data
const done = new Set();        // openings that the reader has since changed, or that are over

export default function ({ parentElement, data, setTriggerValue }) {
  let sharer = sharers.get(parentElement);
  if (!sharer) sharers.set(parentElement, (sharer = {}));
  sharer.data = data;
  sharer.tell = setTriggerValue;
  const input = (name) => stageInput(sharer.data.scope, name);
  const short = (text) => (text.length > 11 ? String(+(+text).toPrecision(9)) : text);
  const keys = () => [`${sharer.data.page}_step`, `${sharer.data.page}_eye`, ...sharer.data.names.map((n) => `${sharer.data.page}_${n}`)];

  const eye = () => {
    const now = eyeOf(solid(sharer.data.solid));
    if (!now || EYES.every((k) => Math.abs(now[k] - sharer.data.eye[k]) < 1e-3)) return "";
    return EYES.map((k) => +now[k].toFixed(3)).join(",");
  };
  const link = () => {
    const url = new URL(location.href), step = input("step");
    [...keys(), ...sharer.data.own].forEach((key) => url.searchParams.delete(key));
    if (step && +step.value < +step.max) url.searchParams.set(`${sharer.data.page}_step`, step.value);
    sharer.data.names.forEach((name, i) => {
      const typed = input(i ? "hover_b" : "hover_w")?.value ?? "";
      if (typed !== "" && isFinite(typed)) url.searchParams.set(`${sharer.data.page}_${name}`, short(typed));
    });
    if (eye()) url.searchParams.set(`${sharer.data.page}_eye`, eye());
    url.hash = "";
    url.pathname = url.pathname.replace(/^\/~\/\+/, ""); // Community Cloud shows the app in a frame of that path
    return url.href.replaceAll("%2C", ",");
  };

  const open = () => {
    const opening = sharer.data.opening, step = input("step");
    if (!opening || !step || done.has(opening.id) || step === sharer.set) return;
    sharer.set = step; // a new slider: the chart was drawn, or drawn anew in another layout
    sharer.busy = true;
    if (opening.step !== null) put(step, Math.min(opening.step, +step.max));
    for (const [name, value] of [["hover_w", opening.w], ["hover_b", opening.b]]) {
      if (input(name) && value !== null) put(input(name), value);
    }
    sharer.busy = false;
  };
  if (sharer.stop) return sharer.stop;

  // The first touch ends the opening: from then on the address must not claim the step and pointer of the link.
  const touched = (event) => {
    if (sharer.busy || !sharer.set || !event.target.closest?.(sharer.data.scope)) return;
    if (event.type === "pointermove" && event.target.tagName !== "CANVAS") return;
    // The player, too, moves the slider: where that only fits it to the run's length, it ends at the last step.
    const player = event.type === "input" && !event.isTrusted;
    if (player && (+event.target.value === sharer.data.opening.step || +event.target.value >= +event.target.max)) return;
    forget();
  };
  const forget = () => {
    if (sharer.data.opening) done.add(sharer.data.opening.id);
    const url = new URL(location.href), before = url.search;
    keys().forEach((key) => url.searchParams.delete(key));
    if (url.search !== before) history.replaceState(history.state, "", url);
    ["input", "pointermove"].forEach((type) => document.removeEventListener(type, touched, true));
  };
  if (data.opening) ["input", "pointermove"].forEach((type) => document.addEventListener(type, touched, true));

  const button = parentElement.querySelector("#share");
  button.onclick = async () => {
    const text = link();
    sharer.tell("link", { text, copied: await copyText(text) }); // the dialog shows it, copied or not
  };
  const stopWatching = data.opening ? onRedraw(open) : () => {};
  setTimeout(open, 0);
  return (sharer.stop = () => {
    stopWatching();
    // Leaving the page ends it, too; a change of layout only puts everything into another container.
    const { opening, scope } = sharer.data;
    if (sharer.set && opening) setTimeout(() => { if (!one(scope)) done.add(opening.id); }, 500);
    ["input", "pointermove"].forEach((type) => document.removeEventListener(type, touched, true));
  });
}
