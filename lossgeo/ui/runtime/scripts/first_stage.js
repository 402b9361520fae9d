// The stage of the start page: a map of the mean squared error of a line. A click starts gradient descent there, worked
// out here at once; the line among the data is that of the moving point. The server is not asked.
// data: { map: address of its picture, window: [w0, w1, b0, b1], x and y: the data, low and high: ends of the y axis,
//         rate, steps: of the descent, start: [w, b] of the first run, colours: { you, descent, sample } }
const stages = new WeakMap(); // parentElement -> what it knows
const LONG = 2600; // milliseconds of a run
const PANEL = { left: 30, top: 6, width: 364 }; // in units of the drawings, which are 400 wide
const SPACE = "http://www.w3.org/2000/svg";

const draw = (parent, name, given, text) => {
  const made = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(given)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
};
const set = (element, given) => { for (const [key, value] of Object.entries(given)) element.setAttribute(key, value); };
const said = (value) => String(Math.abs(value) < 1e-14 ? 0 : +value.toPrecision(3)).replace("-", "−");

// The mean of (w x + b - y)^2, and one step of gradient descent on it.
const loss = ({ x, y }, [w, b]) => x.reduce((sum, x_i, i) => sum + (w * x_i + b - y[i]) ** 2, 0) / x.length;
const step = ({ x, y, rate }, [w, b]) => {
  let by_w = 0, by_b = 0;
  x.forEach((x_i, i) => {
    const miss = w * x_i + b - y[i];
    by_w += (2 * miss * x_i) / x.length;
    by_b += (2 * miss) / x.length;
  });
  return [w - rate * by_w, b - rate * by_b];
};
const descent = (data, start) => {
  const points = [start];
  while (points.length <= data.steps) points.push(step(data, points.at(-1)));
  return points;
};

// Axes with their ends and names; gives the two scales and the part into which everything else is drawn.
function panel(svg, height, [x0, x1], [y0, y1], [across, up]) {
  const { left, top, width } = PANEL, id = `${svg.id}-clip`, bottom = top + height;
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 400 ${height + 32}`);
  draw(draw(svg, "clipPath", { id }), "rect", { x: left, y: top, width, height });
  const inside = draw(svg, "g", { "clip-path": `url(#${id})` });
  draw(svg, "rect", { x: left, y: top, width, height, class: "frame" });
  const words = [[left, bottom + 17, x0, "start"], [left + width, bottom + 17, x1, "end"]];
  for (const [x, y, value, anchor] of words) draw(svg, "text", { x, y, "text-anchor": anchor }, said(value));
  draw(svg, "text", { x: left + width / 2, y: bottom + 19, "text-anchor": "middle" }, across);
  draw(svg, "text", { x: left - 6, y: bottom, "text-anchor": "end" }, said(y0));
  draw(svg, "text", { x: left - 6, y: top + 11, "text-anchor": "end" }, said(y1));
  const turned = `translate(${left - 11} ${top + height / 2}) rotate(-90)`;
  draw(svg, "text", { transform: turned, "text-anchor": "middle" }, up);
  return {
    inside,
    x: (value) => left + ((value - x0) / (x1 - x0)) * width,
    y: (value) => bottom - ((value - y0) / (y1 - y0)) * height,
  };
}

function build(parentElement, data) {
  const part = (name) => parentElement.querySelector(`#${name}`);
  const [w0, w1, b0, b1] = data.window, { you, descent: way, sample } = data.colours;
  // On a phone the panels stand one above the other, and both are to be seen at once.
  const [height, lower] = matchMedia("(max-width:640px)").matches ? [230, 150] : [256, 256];
  const map = panel(part("map"), height, [w0, w1], [b0, b1], ["slope w", "intercept b"]);
  const { left, top, width } = PANEL;
  draw(map.inside, "image", { href: data.map, x: left, y: top, width, height, preserveAspectRatio: "none" });
  const before = draw(map.inside, "g", {});
  const trail = (under) => draw(under, "polyline", { fill: "none", stroke: way, "stroke-width": 3 });
  const rim = draw(map.inside, "polyline", { fill: "none", stroke: "#fff", "stroke-width": 6 }), path = trail(map.inside);
  const square = (stroke, width) => draw(map.inside, "rect", { width: 10, height: 10, fill: "none", stroke, "stroke-width": width });
  const begins = [square("#fff", 5), square("#000", 2.5)];
  const ball = draw(map.inside, "circle", { r: 8, fill: way, stroke: "#fff", "stroke-width": 2 });
  const white = draw(map.inside, "circle", { r: 8, fill: "none", stroke: "#fff", "stroke-width": 5, class: "away" });
  const ring = draw(map.inside, "circle", { r: 8, fill: "none", stroke: you, "stroke-width": 2.5, class: "away" });

  const xs = [Math.min(...data.x), Math.max(...data.x)];
  const model = panel(part("model"), lower, xs, [data.low, data.high], ["x", "y"]);
  const misses = data.x.map((x, i) => draw(model.inside, "line", { x1: model.x(x), x2: model.x(x), y1: model.y(data.y[i]), class: "miss" }));
  data.x.forEach((x, i) => draw(part("model"), "circle", { cx: model.x(x), cy: model.y(data.y[i]), r: 3.5, fill: sample }));
  const mine = draw(model.inside, "line", { stroke: you, "stroke-width": 2.5, "stroke-dasharray": "7 4", class: "away" });
  const its = draw(model.inside, "line", { stroke: way, "stroke-width": 3 });
  const lay = (line, [w, b]) => set(line, { x1: model.x(xs[0]), y1: model.y(w * xs[0] + b), x2: model.x(xs[1]), y2: model.y(w * xs[1] + b) });
  const spot = ([w, b]) => [map.x(w), map.y(b)];

  const stage = { frame: 0, points: [], busy: false, touched: false };
  const show = (count) => {
    const [w, b] = stage.points[count], at = spot([w, b]);
    const walked = stage.points.slice(0, count + 1).map((p) => spot(p).map((v) => v.toFixed(2)).join(",")).join(" ");
    for (const line of [rim, path]) line.setAttribute("points", walked);
    set(ball, { cx: at[0], cy: at[1] });
    lay(its, [w, b]);
    misses.forEach((line, i) => line.setAttribute("y2", model.y(w * data.x[i] + b)));
    part("now").textContent = `Gradient descent, step ${count}: w = ${said(w)}, b = ${said(b)}, loss ${said(loss(data, [w, b]))}`;
  };
  const end = () => {
    show(data.steps);
    stage.busy = false;
    part("spoken").textContent = part("now").textContent;
    // Start and end in full, for the test that compares them with the package.
    part("map").dataset.run = JSON.stringify([stage.points[0], stage.points.at(-1)]);
  };
  stage.run = (start) => {
    cancelAnimationFrame(stage.frame);
    delete part("map").dataset.run;
    if (stage.points.length) {
      const old = draw(before, "polyline", { fill: "none", stroke: "#fff", "stroke-width": 2, opacity: 0.75, points: stage.points.map((p) => spot(p).join(",")).join(" ") });
      if (before.childElementCount > 8) before.firstElementChild.remove();
    }
    stage.points = descent(data, start);
    stage.busy = true;
    const at = spot(start);
    begins.forEach((one) => set(one, { x: at[0] - 5, y: at[1] - 5 }));
    if (calm()) { end(); return; }
    // The pace is that of the way walked: slower towards the end, where a step is short.
    const walked = [0];
    for (let k = 1; k < stage.points.length; k++) {
      const [a, c] = [stage.points[k - 1], stage.points[k]];
      walked.push(walked[k - 1] + Math.hypot((c[0] - a[0]) / (w1 - w0), (c[1] - a[1]) / (b1 - b0)));
    }
    let count = 0, since = 0;
    const tick = (time) => {
      since ||= time;
      const left = 1 - Math.min((time - since) / LONG, 1);
      const far = walked.at(-1) * (1 - left ** 3);
      while (count < data.steps && walked[count + 1] <= far) count++;
      if (left === 0) { end(); return; }
      show(count);
      stage.frame = requestAnimationFrame(tick);
    };
    stage.frame = requestAnimationFrame(tick);
  };

  // Where on the map a pointer is, or null beside it.
  const place = (event) => {
    const box = part("map").getBoundingClientRect(), scale = 400 / box.width;
    const across = ((event.clientX - box.left) * scale - left) / width;
    const up = 1 - ((event.clientY - box.top) * scale - top) / height;
    return across < 0 || across > 1 || up < 0 || up > 1 ? null : [w0 + across * (w1 - w0), b0 + up * (b1 - b0)];
  };
  const hover = (at) => {
    for (const mark of [ring, white, mine]) mark.classList.toggle("away", !at);
    part("under").textContent = at ? `Under the pointer: loss ${said(loss(data, at))}` : "";
    if (!at) return;
    for (const mark of [ring, white]) set(mark, { cx: spot(at)[0], cy: spot(at)[1] });
    lay(mine, at);
  };
  part("map").onpointermove = (event) => hover(event.pointerType === "touch" ? null : place(event));
  part("map").onpointerleave = () => hover(null);
  part("map").onclick = (event) => {
    const at = place(event);
    if (at) { stage.touched = true; stage.run(at); }
  };
  part("other").onclick = () => {
    stage.touched = true;
    stage.run([w0 + (0.05 + 0.9 * Math.random()) * (w1 - w0), b0 + (0.05 + 0.9 * Math.random()) * (b1 - b0)]);
  };
  stage.points = [data.start, ...Array(data.steps).fill(data.start)];
  show(0);
  stage.points = [];
  setTimeout(() => { if (!stage.touched) stage.run(data.start); }, 700);
  return stage;
}

export default function ({ parentElement, data }) {
  if (!stages.has(parentElement)) stages.set(parentElement, build(parentElement, data));
  return () => { cancelAnimationFrame(stages.get(parentElement)?.frame); stages.delete(parentElement); };
}
