// Saves the stage as PNG, as its canvas stands: pointer and step included. With title, goal and told it becomes a card:
// these lines of a challenge above the stage and below.
// data: { scope: CSS selector of the stage, name: of the file; title, goal, told: lines }
const drawn = (stage, { title, goal, told }, style) => {
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  const large = title === undefined ? 1 : Math.max(1, 1100 / stage.width), edge = title === undefined ? 0 : 48;
  const width = large * stage.width, height = large * stage.height, lines = [];
  const font = style.getPropertyValue("--st-font") || "sans-serif";
  let y = edge;
  const write = (text, size, weight = 400) => {
    pen.font = `${weight} ${size}px ${font}`;
    let line = "";
    for (const word of text.split(" ")) {
      const longer = line ? `${line} ${word}` : word;
      if (line && pen.measureText(longer).width > width) {
        lines.push([line, pen.font, (y += 1.3 * size)]);
        line = word;
      } else line = longer;
    }
    lines.push([line, pen.font, (y += 1.3 * size)]);
  };
  if (title !== undefined) { write(title, 44, 700); write(goal, 28); y += 24; }
  const top = y;
  y += height;
  if (told) { y += 12; for (const line of told) write(line, 26); }
  [canvas.width, canvas.height] = [width + 2 * edge, y + edge];
  pen.fillStyle = style.getPropertyValue("--st-background-color").trim() || "#fff"; // the stage itself is transparent
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(stage, edge, top, width, height);
  pen.fillStyle = style.getPropertyValue("--st-text-color").trim() || "#000";
  for (const [text, look, at] of lines) { pen.font = look; pen.fillText(text, edge, at); }
  return canvas.toDataURL("image/png");
};

export default function ({ parentElement, data }) {
  const said = parentElement.querySelector("[role=status]");
  parentElement.querySelector("button").onclick = () => {
    said.textContent = "";
    try {
      const link = document.createElement("a");
      link.href = drawn(stageCanvas(data.scope), data, getComputedStyle(said));
      link.download = `${data.name}.png`;
      link.click();
    } catch { said.textContent = "The picture could not be made; a screenshot still can."; }
  };
}
