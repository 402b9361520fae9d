// Lets the learning rate be dragged on its ruler (rate_ruler.py). The mark moves in the browser; on release the rate is
// sent once. A release anywhere counts; a drag that the browser takes away (pointercancel, Escape) changes nothing.
// data: { low, span, room, width, end: where on the line a rate stands, as in rate_ruler.py; rate: the one now }
// triggers: rate: the one that was chosen
export default function ({ data, setTriggerValue }) {
  const off = new AbortController();
  document.addEventListener("pointerdown", (down) => {
    const strip = down.target.closest?.(".ruler u");
    if (!strip || down.button) return;
    down.preventDefault();
    const box = strip.getBoundingClientRect(), mark = strip.parentElement.querySelector("b"), hand = new AbortController();
    const before = mark.style.left, said = mark.firstElementChild;
    let rate = data.rate;
    const move = ({ clientX }) => {
      const share = (clientX - box.left) / box.width; // beyond the ends of the line the rate goes on, the mark does not
      const along = (share * data.width - data.room) / (data.width - data.room - data.end);
      rate = Number(Math.exp(data.low + data.span * Math.min(along, 4)).toPrecision(3));
      mark.style.left = `${100 * Math.min(1, Math.max(0, share))}%`;
      said.textContent = String(rate);
    };
    const stop = (sent) => {
      hand.abort();
      if (sent && rate !== data.rate) return setTriggerValue("rate", rate);
      mark.style.left = before;
      said.textContent = "";
    };
    const on = (name, act) => window.addEventListener(name, act, { signal: hand.signal });
    on("pointermove", move);
    on("pointerup", () => stop(true));
    on("pointercancel", () => stop(false));
    on("keydown", ({ key }) => key === "Escape" && stop(false));
    move(down);
  }, { signal: off.signal });
  return () => off.abort();
}
