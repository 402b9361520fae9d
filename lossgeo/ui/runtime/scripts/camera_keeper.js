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
const same = (eye, other) => EYES.every((k) => Math.abs(eye[k] - other[k]) < 1e-6);

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
    keeper.turn?.();
  }
  if (keeper.stop) return keeper.stop;
  if (!solidDrawn()) setStateValue("webgl", "none");

  const attach = () => {
    const chart = solid(data.scope);
    if (!chart || chart === keeper.chart || !chart.on) return;
    keeper.chart = chart;
    let handed = null; // the eye that this script is handing to the chart; the reader may turn it meanwhile
    chart.on("plotly_relayout", (e) => {
      const camera = e?.["scene.camera"];
      if (camera && !(handed && same(camera.eye, handed))) keeper.camera = copy(camera);
    });
    // Each drawing of the page's own (a mount alone has two or three) puts the camera back to the corner.
    keeper.turn = () => {
      const eye = eyeOf(chart);
      if (handed || !window.Plotly || !eye || !chart.isConnected || same(eye, keeper.camera.eye)) return;
      const here = (handed = copy(keeper.camera.eye));
      const over = () => { handed = null; if (!same(here, keeper.camera.eye)) keeper.turn(); };
      window.Plotly.relayout(chart, { "scene.camera": copy(keeper.camera) }).then(over, over);
    };
    chart.on("plotly_afterplot", () => setTimeout(keeper.turn, 0)); // what the reader did is told after the drawing
    [0, 300, 1000, 2000].forEach((wait) => setTimeout(keeper.turn, wait)); // the last drawing may be over before we listen
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
