// The hints of a first visit, one at a time: one disappears once its action has been done, on whatever page.
// Hover and playback are no business of the server, so what was done is noted here, until the page is loaded anew.
// data: { scope: CSS selector of the stage's container, hints: [[action, text], ...], last: what to say after them }
// Actions: hover, click, play, rate, solid. Texts are our own; ** is put around what is bold.
const lines = new WeakMap();
const done = (document.lossgeoDone ||= new Set());

export default function ({ parentElement, data }) {
  let line = lines.get(parentElement);
  if (!line) lines.set(parentElement, (line = {}));
  line.data = data;
  const $ = (id) => parentElement.querySelector("#" + id);
  const draw = () => {
    const left = line.data.hints.filter(([action]) => !done.has(action));
    const text = left.length ? left[0][1] : line.data.last;
    if (text !== line.text) {
      line.text = text;
      $("text").replaceChildren(...text.split("**").map((part, i) => {
        const piece = document.createElement(i % 2 ? "b" : "span");
        piece.textContent = part;
        return piece;
      }));
    }
    $("next").hidden = left.length < 2;
    $("end").hidden = !left.length;
    $("end").textContent = left.length > 1 ? "No hints" : "Done";
  };
  line.draw = draw;
  draw();
  if (line.stop) return line.stop;

  const did = (action) => { if (!done.has(action)) { done.add(action); line.draw(); } };
  $("next").onclick = () => did(line.data.hints.find(([action]) => !done.has(action))?.[0]);
  $("end").onclick = () => { line.data.hints.forEach(([action]) => done.add(action)); line.draw(); };
  const drawing = (event) => event.target.matches?.("canvas.marks") && event.target.closest(line.data.scope);
  const moved = (event) => { if (drawing(event) && stageInput(line.data.scope, "hover_w")?.value) did("hover"); };
  let before = document.lossgeoNews, clicked = false;
  const click = (event) => { if (drawing(event)) clicked = true; };
  const played = (event) => did(event.detail);
  const heard = () => {
    const now = document.lossgeoNews;
    if (before?.scope === now.scope && before.subject === now.subject) {
      if (before.rate !== now.rate) did("rate");
      if (clicked && String(before.start) !== String(now.start)) did("click");
    }
    before = now;
    clicked = false;
  };
  const looked = () => { if (one(".js-plotly-plot")) did("solid"); };
  document.addEventListener("pointermove", moved, { passive: true });
  document.addEventListener("click", click, true);
  document.addEventListener("lossgeo-did", played);
  document.addEventListener("lossgeo-news", heard);
  const stopWatching = onRedraw(looked);
  looked();
  return (line.stop = () => {
    document.removeEventListener("pointermove", moved);
    document.removeEventListener("click", click, true);
    document.removeEventListener("lossgeo-did", played);
    document.removeEventListener("lossgeo-news", heard);
    stopWatching();
    line.stop = null;
  });
}
