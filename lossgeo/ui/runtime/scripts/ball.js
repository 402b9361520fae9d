// The ball: its numbers in the line on how its run ends, at full pace, and its place on the 3-D surface, as often as
// the graphics card can draw it. Steps are skipped there; the last one is always drawn.
// The places are those of the paths in the chart itself, in Plotly's own documented form {dtype, bdata}. The trace is
// moved by Plotly.restyle, by way of window.Plotly, an undocumented global of the chart's bundle: nothing else moves a
// single trace without mounting the surface anew. Without it the ball stays at the end of its path.
// data: { scope: CSS selector of the stage's container, solid: that of the surface, endings: that of the lines }
// What changes comes as news (news.js).
const balls = new WeakMap();
const FORMS = { f4: Float32Array, f8: Float64Array };

// The numbers of a column of the figure, sent as a list or as base64.
function numbers(column) {
  if (!column?.bdata || typeof column.bdata !== "string") return column?.bdata || column || [];
  const bytes = Uint8Array.from(atob(column.bdata), (c) => c.charCodeAt(0));
  return new FORMS[column.dtype](bytes.buffer);
}

export default function ({ parentElement, data }) {
  let ball = balls.get(parentElement);
  if (!ball) balls.set(parentElement, (ball = {}));
  ball.data = data;
  if (ball.stop) return ball.stop;

  let busy = false, waiting = false, drawn = "", paths = null;
  const step = () => {
    const slider = stageInput(ball.data.scope, "step");
    return slider ? Math.min(+slider.value, document.lossgeoNews?.steps ?? 1) : 0;
  };
  // The numbers of each run at this step, or of the kept step before it, which is then named.
  const told = (now) => {
    const { runs = [], t = [0] } = document.lossgeoNews || {};
    let kept = t.length - 1;
    while (kept > 0 && t[kept] > now) kept--;
    return runs.map((run) => {
      const done = now >= run.steps, at = Math.floor(Math.min(now, run.steps) / run.every);
      const named = done ? run.steps : Math.floor(t[kept] / run.every) * run.every;
      const [loss, norm] = [run.loss, run.norm].map((texts) => { const all = texts.split("|"); return all[done ? all.length - 1 : kept]; });
      return { at, done, text: `At step ${named}: loss ${loss}` + (norm ? `, gradient norm ${norm}` : "") };
    });
  };
  const say = (lines) => document.querySelectorAll(`${ball.data.endings} .endings .ending`).forEach((line, i) => {
    const place = line.querySelector(".at"), now = lines[i];
    if (!place || !now) return;
    const text = now.done ? "" : now.text;
    if (place.textContent !== text) place.textContent = text;
    if (line.classList.contains("running") === now.done) line.classList.toggle("running", !now.done);
  });
  const roll = (now, lines) => {
    const chart = solid(ball.data.solid), trace = chart?.data?.findIndex((each) => each.name === "ball") ?? -1;
    if (trace < 0 || !window.Plotly || !lines.length) return;
    if (busy) { waiting = true; return; }
    if (paths?.chart !== chart || paths.first !== chart.data[1]) {
      paths = { chart, first: chart.data[1], at: chart.data.slice(1, 1 + lines.length).map((line) => ["x", "y", "z"].map((axis) => numbers(line[axis]))) };
      drawn = "";
    }
    const what = lines.map((line) => line.at).join();
    if (what === drawn) return;
    drawn = what;
    busy = true;
    const begun = performance.now();
    const up = [0, 0, chart.data[trace].meta?.lift ?? 0];
    const [x, y, z] = up.map((lift, axis) => [paths.at.map((path, i) => path[axis][lines[i].at] + lift)]);
    const rest = () => { busy = false; if (waiting) { waiting = false; look(); } };
    window.Plotly.restyle(chart, { x, y, z, text: [lines.map((line) => line.text)] }, [trace])
      .then(() => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(rest, Math.max(20, 0.4 * (performance.now() - begun))))), rest);
  };
  const look = () => {
    const now = step(), lines = told(now);
    say(lines);
    roll(now, lines);
  };
  const moved = (event) => { if (event.target.name === "step") look(); };
  const heard = () => setTimeout(look, 0);
  document.addEventListener("input", moved);
  document.addEventListener("lossgeo-news", heard);
  const stopWatching = onRedraw(look); // the line, the slider or the surface was drawn anew
  look();
  return (ball.stop = () => {
    document.removeEventListener("input", moved);
    document.removeEventListener("lossgeo-news", heard);
    stopWatching();
    ball.stop = null;
  });
}
