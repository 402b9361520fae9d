// Says which layout fits the page's column, and when the viewer changes the theme: the words inside a chart take their
// colour from Python. Speaks only when the answer differs from the last one.
// Also: a finger on the map moves the model under it instead of the page.
// data: { layout: what Python drew, fits: layout -> least width in pixels, ascending, sides: padding,
//         map: side of the map in pixels }
const scouts = new WeakMap();

const fit = ({ fits, sides }) => {
  const room = (column()?.clientWidth ?? 0) - sides;
  return room > 0 ? Object.keys(fits).filter((layout) => fits[layout] <= room).pop() : null;
};

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
  room.observe(column() || document.body);
  // A change of theme changes this element's colour, and the end of that transition is an event.
  const colour = parentElement.querySelector("i");
  const paint = () => document.documentElement.style.setProperty("--ground", (scout.ground = ground(colour)));
  const themed = () => {
    if (ground(colour) === scout.ground) return;
    paint();
    scout.say("theme", scout.ground);
  };
  colour.addEventListener("transitionend", themed);
  paint();

  // A finger that went down on the map or on the data: the page does not scroll under it. Taps have no touchmove and stay clicks.
  let onMap = false;
  const down = (event) => {
    const canvas = event.target.closest?.('canvas.marks'), box = canvas?.getBoundingClientRect();
    const { map, hands } = scout.data, touch = event.touches[0];
    if (!(onMap = !!canvas && event.touches.length === 1 && !!canvas.closest('[class*="_stage"]'))) return;
    const left = touch.clientX - box.left, right = box.right - touch.clientX, top = touch.clientY - box.top;
    onMap = (left < map + 90 && top < map + 50)
      || (right > hands.near && right < hands.far && top > hands.top && top < hands.bottom);
  };
  const drag = (event) => { if (onMap && event.cancelable) event.preventDefault(); };
  // Vega takes a click for that of the mark over which it last saw a pointer move. A finger comes without moving,
  // and is gone (pointerout) before the browser makes mousedown and click of it: so it is moved there before each.
  let finger = false;
  const touched = (event) => {
    if (event.type === "pointerdown") finger = event.pointerType === "touch";
    if (!finger || !event.target.matches?.("canvas.marks")) return;
    const { clientX, clientY } = event;
    event.target.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX, clientY, pointerType: "touch" }));
  };
  for (const kind of ["pointerdown", "mousedown", "click"]) document.addEventListener(kind, touched, true);
  document.addEventListener("touchstart", down, { passive: true });
  document.addEventListener("touchmove", drag, { passive: false });
  return (scout.stop = () => {
    clearTimeout(wait);
    colour.removeEventListener("transitionend", themed);
    room.disconnect();
    for (const kind of ["pointerdown", "mousedown", "click"]) document.removeEventListener(kind, touched, true);
    document.removeEventListener("touchstart", down);
    document.removeEventListener("touchmove", drag);
  });
}
