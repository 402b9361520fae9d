// Counts down what is left of a phase, in the browser alone.
// data: { left: the seconds that were left when this was sent }
const clocks = new WeakMap(); // parentElement -> { data, end, timer }

export default function ({ parentElement, data }) {
  const clock = clocks.get(parentElement) ?? {};
  clocks.set(parentElement, clock);
  if (clock.left !== data.left) Object.assign(clock, { left: data.left, end: Date.now() + 1000 * data.left });
  const shown = parentElement.querySelector("[role=timer]");
  const tell = () => {
    const left = Math.max(0, Math.round((clock.end - Date.now()) / 1000));
    const text = left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : "Time is up";
    if (shown.textContent !== text) shown.textContent = text;
  };
  tell();
  const timer = setInterval(tell, 250);
  return () => clearInterval(timer);
}
