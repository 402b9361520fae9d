// Play, pause, step: moves the native step slider that Vega made, as a hand would, and nothing else.
// It holds no state of the lesson, so a rerun does not disturb it; without it the slider still works.
// A chart that had to be drawn anew with the same start gets the pointer and the step of the one before.
// Enter in the two numbers of the pointer chooses their place, as a click on the map does: it is sent to the server.
// It also tells assistive technology what the stage shows now: Streamlit would redraw the chart for a new alt text.
// data: { scope: CSS selector of the stage's container, endings: of what holds the lines on how runs end }; what changes comes as news (news.js)
// triggers: place: { w, b } that was chosen by Enter
const players = new WeakMap(); // parentElement -> player; called again with the same element on new data

export default function ({ parentElement, data, setTriggerValue }) {
  let player = players.get(parentElement);
  if (!player) players.set(parentElement, (player = { timer: null, data: { scope: data.scope, steps: 1 } }));
  if (player.stop) return player.stop;

  const $ = (id) => parentElement.querySelector("#" + id);
  const range = () => {
    const { scope } = player.data, input = (name) => stageInput(scope, name);
    const r = input("step");
    if (r && r !== player.inputs?.[0]) { // drawn anew, for another width or with curvature: pointer and step go on
      const old = player.inputs, same = player.from === String(player.data.start);
      player.inputs = [r, input("hover_w"), input("hover_b")];
      if (old && same) old.forEach((was, i) => { if (was && player.inputs[i] && (i ? was.value !== "" : +was.value < +was.max)) put(player.inputs[i], was.value); });
      player.from = String(player.data.start);
    }
    if (r && +r.max !== player.data.steps) { // the spec's own end is the same for all runs; a slider at its end stays there
      const atEnd = +r.value >= +r.max;
      r.max = player.data.steps;
      if (atEnd || +r.value > player.data.steps) put(r, player.data.steps);
    }
    const chart = stageWords(scope);
    if (chart && player.data.says && chart.getAttribute("aria-label") !== player.data.says) chart.setAttribute("aria-label", player.data.says);
    player.data.start?.forEach((value, i) => { // where the model under the pointer begins
      const own = stageNumbers(scope)[i];
      if (!own) return;
      if (own.placeholder !== value) own.placeholder = value;
      own.title = "Enter chooses this place, as a click on the map does";
    });
    return r;
  };
  const path = ({ start, rate, subject, runs }) => JSON.stringify([start, rate, subject, runs]);
  const hear = () => {
    const news = document.lossgeoNews, before = player.data;
    if (news?.scope !== data.scope) return;
    player.data = news;
    setTimeout(range, 0);
    // At step 0 there is no path: what was changed would seem to do nothing, so the new run is shown whole.
    if (before.runs && path(before) !== path(news) && before.plays === news.plays && !player.timer) {
      setTimeout(() => { const r = range(); if (r && +r.value === 0) put(r, r.max); }, 0);
    }
    if (before.looks !== undefined && news.looks !== before.looks) { // a question opened a state: bring the stage into sight
      one(data.scope)?.scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" });
    }
    if (before.plays !== undefined && news.plays !== before.plays) { // a lesson ran its demonstration; who wants no motion sees it whole
      setTimeout(() => { if (!calm()) player.fromStart(); else goTo(player.data.steps); }, 700); // after a redraw
    }
  };

  const move = (by) => goTo(+(range()?.value ?? 0) + by);
  const goTo = (step) => {
    const r = range();
    if (!r) return player.stop();
    const v = Math.min(+r.max, Math.max(0, step));
    if (v !== +r.value) put(r, v);
    if (v < +r.max || !player.timer) return;
    player.stop();
    show(one(`${data.endings} .endings`)); // how it ended
  };
  const show = (line) => { // the phone keeps its map in sight instead
    if (line && innerWidth > 900) line.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
  };
  // The time in the run at which a step is reached, and the step reached at a time, between the kept steps linearly.
  const between = (x, from, to) => {
    let i = from.findIndex((each) => each > x) - 1;
    if (i < -1) return to.at(-1);
    i = Math.max(0, i);
    return to[i] + (to[i + 1] - to[i]) * (x - from[i]) / (from[i + 1] - from[i]);
  };
  const label = (text) => { $("play").textContent = text; };
  player.stop = () => { clearInterval(player.timer); player.timer = null; label("Play"); };
  const start = () => {
    const r = range();
    if (!r) return;
    if (+r.value >= +r.max) put(r, 0);
    label("Pause");
    clearInterval(player.timer);
    if ($("speed").value === "paced" && player.data.ms) {
      let before = performance.now(), spent = between(+r.value, player.data.t, player.data.ms), set = +r.value;
      player.timer = setInterval(() => {
        const now = performance.now(), { t, ms } = player.data, at = +(range()?.value ?? 0);
        if (at !== set) spent = between(at, t, ms); // moved by hand
        spent += Math.min(now - before, 60); // a page that was held up goes on from where it was
        before = now;
        goTo((set = Math.floor(between(spent, ms, t) + 1e-9)));
      }, 25);
    } else {
      const perSecond = +$("speed").value || 20;
      player.timer = setInterval(() => move(Math.max(1, perSecond / 40)), 1000 / Math.min(40, perSecond));
    }
  };
  player.fromStart = () => {
    const r = range();
    if (!r) return;
    $("speed").value = "paced";
    put(r, 0);
    start();
  };
  $("play").onclick = () => {
    document.dispatchEvent(new CustomEvent("lossgeo-did", { detail: "play" })); // for the hints
    if (player.timer) player.stop(); else start();
  };
  $("speed").onchange = () => { if (player.timer) start(); };
  $("back").onclick = () => { player.stop(); move(-1); };
  $("forward").onclick = () => { player.stop(); move(1); };
  const pressed = (event) => $(event.detail)?.click(); // a key: play, back, forward
  document.addEventListener("lossgeo-press", pressed);
  const entered = (event) => {
    const numbers = [...stageNumbers(player.data.scope)];
    if (event.key !== "Enter" || !numbers.includes(event.target) || !player.data.start) return;
    const [w, b] = numbers.map((own, i) => +(own.value || player.data.start[i]));
    document.dispatchEvent(new CustomEvent("lossgeo-did", { detail: "click" })); // for the hints
    setTriggerValue("place", { w, b });
  };
  document.addEventListener("keydown", entered);
  const stopWatching = onRedraw(range); // a redrawn chart comes with a new slider
  document.addEventListener("lossgeo-news", hear);
  hear();
  return () => { stopWatching(); document.removeEventListener("keydown", entered); document.removeEventListener("lossgeo-press", pressed); document.removeEventListener("lossgeo-news", hear); player.stop(); };
}
