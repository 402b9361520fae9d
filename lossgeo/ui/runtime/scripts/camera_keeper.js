// Keeps the reader's 3-D camera when a rerun makes Streamlit mount the Plotly chart anew.
// It listens to the chart, and after the new one has drawn hands the last camera back. A named view chosen in
// Python (data.eye) replaces the reader's own; so does a click on the view that is chosen already, of which Python
// hears nothing. Without window.Plotly, an undocumented global of the chart's
// bundle, nothing happens: the default camera stays.
// data: { scope: CSS selector of the chart's container, views: that of the buttons with the named views,
//         eye: {x, y, z}, opens: the eye of a link, or null }
// A browser that draws no 3-D is told to Python, which shows the map instead of Plotly's own complaint.
const keepers = new WeakMap();
const opened = new Set(); // pages that a link has opened: it counts once, not each time the surface comes back
const solidDrawn = () => {
  const context = document.createElement("canvas").getContext("webgl");
  context?.getExtension("WEBGL_lose_context")?.loseContext(); // browsers allow few of them
  return !!context;
};
const copy = (o) => JSON.parse(JSON.stringify(o));

export default function ({ parentElement, data, setStateValue }) {
  let keeper = keepers.get(parentElement);
  if (!keeper) {
    const eye = (!opened.has(data.scope) && data.opens) || data.eye; // the chart itself always comes with the corner view
    keepers.set(parentElement, (keeper = { camera: { eye }, chart: null, asked: JSON.stringify(data.eye) }));
  }
  keeper.eye = data.eye;
  if (JSON.stringify(data.eye) !== keeper.asked) {
    keeper.asked = JSON.stringify(data.eye);
    keeper.camera = { eye: data.eye };
    if (keeper.chart?.isConnected) keeper.turn?.();
  }
  if (keeper.stop) return keeper.stop;
  if (!solidDrawn()) setStateValue("webgl", "none");

  const attach = () => {
    const chart = solid(data.scope);
    if (!chart || chart === keeper.chart || !chart.on) return;
    keeper.chart = chart;
    const until = performance.now() + 3000; // a mount draws two or three times and resets the camera each time
    let ours = false, touched = false;
    chart.on("plotly_relayout", (e) => {
      if (ours || !e?.["scene.camera"]) return;
      touched = true;
      keeper.camera = copy(e["scene.camera"]);
    });
    keeper.turn = () => {
      const eye = eyeOf(chart);
      if (ours || !keeper.camera || !window.Plotly || !eye) return;
      if (EYES.every((k) => Math.abs(eye[k] - keeper.camera.eye[k]) < 1e-6)) return;
      ours = true;
      window.Plotly.relayout(chart, { "scene.camera": copy(keeper.camera) }).finally(() => { ours = false; });
    };
    const settle = () => { if (!touched && performance.now() < until && chart.isConnected) keeper.turn(); };
    chart.on("plotly_afterplot", settle);
    [300, 1000, 2000].forEach((wait) => setTimeout(settle, wait)); // the last drawing may be over before we listen
  };
  const again = (event) => {
    const button = event.target.closest?.(`${data.views} button`);
    if (button?.getAttribute("aria-checked") !== "true") return;
    keeper.camera = { eye: keeper.eye };
    keeper.turn?.();
  };
  document.addEventListener("click", again, true);
  const observer = new MutationObserver(attach);
  observer.observe(one(data.scope) || document.body, { childList: true, subtree: true });
  attach();
  return (keeper.stop = () => {
    document.removeEventListener("click", again, true);
    observer.disconnect();
    opened.add(data.scope);
  });
}
