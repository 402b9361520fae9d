// Says which layout fits the window, and when the viewer changes the theme: the words inside a chart take their
// colour from Python. Speaks only when the answer differs from the last one.
// data: { layout: what Python drew }
const scouts = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  let scout = scouts.get(parentElement);
  if (!scout) scouts.set(parentElement, (scout = { said: data.layout }));
  scout.say = setStateValue;
  if (scout.stop) return scout.stop;
  const look = () => {
    const fit = window.innerWidth < 1000 ? "phone" : window.innerWidth < 1700 ? "laptop" : "wide";
    if (fit !== scout.said) scout.say("layout", (scout.said = fit));
  };
  let wait = 0;
  const later = () => { clearTimeout(wait); wait = setTimeout(look, 250); };
  window.addEventListener("resize", later);
  look();
  const ground = () => getComputedStyle(document.querySelector(".stApp") || document.body).backgroundColor;
  scout.ground = ground();
  const themes = setInterval(() => {
    if (ground() !== scout.ground) scout.say("theme", (scout.ground = ground()));
  }, 700);
  return (scout.stop = () => { clearTimeout(wait); clearInterval(themes); window.removeEventListener("resize", later); });
}
