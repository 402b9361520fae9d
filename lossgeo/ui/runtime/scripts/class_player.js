// Plays the run of a class once it is there, and again when the button is pressed: it moves the slider of the map.
// data: { scope: CSS selector of the map's container, name: of the slider, steps: those that are shown one after the
//         other, run: another one is played anew }
const players = new WeakMap(); // parentElement -> player

export default function ({ parentElement, data }) {
  const player = players.get(parentElement) ?? { timer: 0 };
  players.set(parentElement, player);
  const slider = () => one(`${data.scope} input[name="${data.name}"]`);
  const stop = () => { clearInterval(player.timer); player.timer = 0; };
  const play = () => {
    stop();
    const first = slider();
    if (!first) return;
    put(first, 0);
    let at = 0;
    player.timer = setInterval(() => { // 60 frames in 4 seconds; the slider is looked up each time: it may be drawn anew
      const input = slider();
      if (!input || ++at >= data.steps.length) return stop();
      put(input, data.steps[at]);
    }, 66);
  };
  parentElement.querySelector("#play").onclick = play;
  if (player.run !== data.run) {
    player.run = data.run;
    const wait = (left) => setTimeout(() => slider() ? calm() || play() : left && wait(left - 1), 200);
    wait(25); // the map is drawn a moment later
  }
  return stop;
}
