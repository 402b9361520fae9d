// Says which layout fits the page's column, and when the viewer changes the theme: the words inside a chart take their
// colour from Python. Speaks only when the answer differs from the last one.
// Also: the keys of the projector mode, which press the buttons that a hand would press; and a finger on the map
// moves the model under it instead of the page.
// data: { layout: what Python drew, fits: layout -> least width in pixels, ascending, sides: padding,
//         projector: whether it is on, map: side of the map in pixels }
const scouts = new WeakMap();
const main = () => document.querySelector('[data-testid="stMainBlockContainer"]');
const seen = (selector) => [...document.querySelectorAll(selector)].find((e) => e.getClientRects().length && !e.disabled);

const fit = ({ fits, sides }) => {
  const room = (main()?.clientWidth ?? 0) - sides;
  return room > 0 ? Object.keys(fits).filter((layout) => fits[layout] <= room).pop() : null;
};

// The element that has the focus, also inside a component's own tree.
function focused() {
  let it = document.activeElement;
  while (it?.shadowRoot?.activeElement) it = it.shadowRoot.activeElement;
  return it;
}

function keys(event, projector) {
  const it = focused(), typing = it?.matches("input:not([type=checkbox]), textarea, select, [contenteditable=true], [role=slider], [role=radio], [role=tab], [role=combobox], [role=option]");
  if (event.ctrlKey || event.metaKey || event.defaultPrevented || typing || it?.closest(".js-plotly-plot")) return;
  const press = (selector) => { const e = seen(selector); e?.click(); if (e) event.preventDefault(); };
  if (event.altKey && event.code === "KeyP") { document.querySelector(".st-key-projector input")?.click(); event.preventDefault(); }
  if (event.altKey || !projector) return;
  if (event.code === "KeyP") document.querySelector(".st-key-projector input")?.click();
  else if (event.code === "Digit3") press('[class*="_picture"] button:not([aria-checked=true]):not([kind$=Active])');
  else if (event.key === "ArrowRight" || event.key === "PageDown") press('[class*="_next_beat"] button');
  else if (event.key === "ArrowLeft" || event.key === "PageUp") press('[class*="_previous_beat"] button');
}

export default function ({ parentElement, data, setStateValue }) {
  let scout = scouts.get(parentElement);
  if (!scout) scouts.set(parentElement, (scout = {}));
  scout.say = setStateValue;
  scout.data = data;
  const look = () => {
    const layout = fit(scout.data);
    if (layout && layout !== scout.data.layout && layout !== scout.said) scout.say("layout", (scout.said = layout));
  };
  scout.said = null;
  setTimeout(look, 0);
  if (scout.stop) return scout.stop;

  let wait = 0;
  const later = () => { clearTimeout(wait); wait = setTimeout(look, 120); };
  const room = new ResizeObserver(later);
  room.observe(main() || document.body);
  const ground = () => getComputedStyle(document.querySelector(".stApp") || document.body).backgroundColor;
  const paint = () => document.documentElement.style.setProperty("--ground", ground());
  scout.ground = ground();
  paint();
  const themes = setInterval(() => {
    if (ground() !== scout.ground) { scout.say("theme", (scout.ground = ground())); paint(); }
  }, 700);

  const typed = (event) => keys(event, scout.data.projector);
  // A finger that went down on the map: the page does not scroll under it. Taps have no touchmove and stay clicks.
  let onMap = false;
  const down = (event) => {
    const canvas = event.target.closest?.('canvas.marks'), box = canvas?.getBoundingClientRect();
    const map = scout.data.map, touch = event.touches[0];
    onMap = !!canvas && event.touches.length === 1 && !!canvas.closest('[class*="_stage"]')
      && touch.clientX - box.left < map + 90 && touch.clientY - box.top < map + 50;
  };
  const drag = (event) => { if (onMap && event.cancelable) event.preventDefault(); };
  document.addEventListener("keydown", typed);
  document.addEventListener("touchstart", down, { passive: true });
  document.addEventListener("touchmove", drag, { passive: false });
  return (scout.stop = () => {
    clearTimeout(wait);
    clearInterval(themes);
    room.disconnect();
    document.removeEventListener("keydown", typed);
    document.removeEventListener("touchstart", down);
    document.removeEventListener("touchmove", drag);
  });
}
