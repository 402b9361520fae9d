// The keys: each presses the button that a hand would press, if it is in sight. `?` opens their list.
// A letter does nothing while the focus is in a field, and nothing at all once the reader has switched the keys off in
// the list; the browser remembers that. Handled keys are kept from Streamlit, whose own R would run the page again.
// A rerun may take away what has the focus: a button that was pressed, a fold that is drawn anew. Then the focus goes to
// what stands in its place, or else to the part of the page around it, so that nobody has to start again at the top.
// data: { projector: whether the mode is on, lesson: whether the page has a stage }
const boards = new WeakMap();
const OFF = "lossgeo-keys-off";
const off = () => { try { return !!localStorage.getItem(OFF); } catch { return false; } };
const usable = (e) => e.getClientRects().length && !e.disabled;
const all = (selector) => [...document.querySelectorAll(selector)].filter(usable);
const seen = (selector) => all(selector)[0];

// The element that has the focus, also inside a component's own tree.
function focused() {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}
// The keyed containers around an element, from the inside out, as names of classes.
function around(element) {
  const names = [];
  for (let e = element?.closest('[class*="st-key-"]'); e; e = e.parentElement.closest('[class*="st-key-"]')) {
    names.push([...e.classList].find((name) => name.startsWith("st-key-")));
  }
  return names;
}
const STOPS = "button, summary, input, select, textarea, a[href]";
const FIELD = `input:not([type=checkbox], [type=radio], [type=range], [type=button]), textarea, select,
  [contenteditable=true], [role=combobox], [role=option], [role=listbox] *`;
const ARROWS = `input:not([type=checkbox]), [role=slider], [role=radio], [role=tab], .js-plotly-plot *`; // have their own use of them

const PANEL = '[class*="_panel_box"]';
const keyOf = (button) => button.closest('[class*="st-key-"]')?.className || "";
const text = (button) => button.textContent.trim();
const player = (what) => () => document.dispatchEvent(new CustomEvent("lossgeo-press", { detail: what })) || true;
const press = (button) => { button?.click(); return !!button; };
const beat = (which) => press(seen(`[class*="_${which}_beat"] button`));

// Buttons that open a prepared state: they are told by their keys (lossgeo/ui/learn), or by their first word.
const states = () => all(`${PANEL} button`).filter((b) => /_(show|shown|again|elsewhere|see)\d*_\d+/.test(keyOf(b)) || /^See\b/.test(text(b)));
const run = () => press(seen(`${PANEL} [class*="_run"] button`) || seen(`${PANEL} [data-testid="stBaseButton-primary"]`)
  || seen(`${PANEL} [class*="_again_"] button`));
const back = () => {
  const way = all(`${PANEL} a, ${PANEL} button, [class*="came_from"] a, [class*="came_from"] button`)
    .find((e) => /^Back to (the question|lesson)/.test(text(e)));
  if (way) return press(way);
  const asked = /_question=/.test(location.search) ? "Check" : "Learn";
  return press(all(`${PANEL} [role=radio][aria-checked=false]`).find((b) => text(b) === asked && keyOf(b).includes("_panel")));
};
const KEYS = {
  n: () => beat("next"), b: () => beat("previous"), r: run, q: back,
  m: () => press(seen('[class*="_picture"] [aria-checked=false]')),
  p: player("play"), ",": player("back"), ".": player("forward"),
  ...Object.fromEntries([1, 2, 3, 4].map((i) => [i, () => press(states()[i - 1])])),
};

export default function ({ parentElement, data }) {
  let board = boards.get(parentElement);
  if (!board) boards.set(parentElement, (board = {}));
  board.data = data;
  if (board.stop) return board.stop;

  const list = parentElement.querySelector("dialog"), on = list.querySelector("input");
  let left = null; // what had the focus when a key was last pressed; where it was, and before that
  const keep = () => {
    const element = focused(), names = [...around(document.activeElement), ...left?.names ?? []];
    left = element && element !== document.body ? { element, names: [...new Set(names)].slice(0, 20) } : null;
  };
  const letGo = () => { left = null; };
  const refocus = () => {
    if (!left || ![document.body, left.element].includes(focused()) || (left.element.isConnected && usable(left.element))) return;
    for (const [depth, name] of left.names.entries()) {
      const place = seen(`.${name}`), same = depth ? null : [...place?.querySelectorAll(STOPS) ?? []].find((e) => usable(e) && e.tabIndex >= 0);
      if (!place || (!depth && !same)) continue;
      if (!same) place.tabIndex = -1; // by this script only; what is in it comes next
      (same ?? place).focus({ preventScroll: true });
      return;
    }
  };
  const stopWatching = onRedraw(refocus);
  window.addEventListener("pointerdown", letGo, true);
  const typed = (event) => {
    keep();
    if (event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    const at = focused(), key = event.key.toLowerCase();
    if (at?.matches(FIELD)) return;
    const take = (done) => { if (done) { event.preventDefault(); event.stopPropagation(); } };
    if (list.open) { // Escape is the browser's own
      if (key === "?") { list.close(); take(true); }
      return;
    }
    if (event.altKey) {
      if (event.code === "KeyP") take(press(one(".st-key-projector input")));
      return;
    }
    if (key === "?") { on.checked = !off(); list.showModal(); take(true); return; }
    if (off() || !board.data.lesson || document.querySelector('[data-testid="stDialog"]')) return;
    const turns = at?.matches(ARROWS) ? {} : { arrowright: "next", arrowleft: "previous" };
    if (board.data.projector && !at?.matches(ARROWS)) Object.assign(turns, { pagedown: "next", pageup: "previous" }); // as a presenter sends them
    if (turns[key]) take(beat(turns[key]));
    else if (KEYS[key] && !(event.repeat && key !== "," && key !== ".")) take(KEYS[key]());
  };
  on.onchange = () => { try { if (on.checked) localStorage.removeItem(OFF); else localStorage.setItem(OFF, "1"); } catch { /* no storage: they stay on */ } };
  list.querySelector("button").onclick = () => list.close();
  window.addEventListener("keydown", typed, true);
  return (board.stop = () => {
    stopWatching();
    window.removeEventListener("pointerdown", letGo, true);
    window.removeEventListener("keydown", typed, true);
    board.stop = null;
  });
}
