// What the stage shows now, for the player: apart from it, so that the player's own code is not sent at each change.
// data: { scope: CSS selector of the stage's container, steps: length of the longest run, says: the stage in words,
//         start: its two numbers, looks: rises when the reader should be taken to the stage,
//         plays: rises when the descent should run from its start, t, ms, runs: see views/playback.py,
//         rate: the learning rate, subject: what the loss is made of (for the hints) }
export default function ({ data }) {
  document.lossgeoNews = data;
  document.dispatchEvent(new Event("lossgeo-news"));
}
