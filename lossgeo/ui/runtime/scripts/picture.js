// Saves the stage as PNG, as its canvas stands: pointer and step included.
// data: { scope: CSS selector of the stage, name: of the file, and for a card also title, goal, told: lines of text }
// The picture between the lines above it and below.
const cardOf = (picture, { title, goal, told }, style) => {
  const width = Math.max(picture.width, 1100), edge = 48, canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d"), font = style.getPropertyValue("--st-font") || "sans-serif";
  const lines = []; // [text, font, y]
  let y = edge;
  const write = (text, size, weight = 400) => {
    pen.font = `${weight} ${size}px ${font}`;
    let line = "";
    for (const word of text.split(" ")) {
      const longer = line ? `${line} ${word}` : word;
      if (line && pen.measureText(longer).width > width) {
        lines.push([line, pen.font, y += 1.3 * size]);
        line = word;
      } else line = longer;
    }
    lines.push([line, pen.font, y += 1.3 * size]);
  };
  write(title, 44, 700);
  write(goal, 28);
  const top = (y += 24);
  y += picture.height + 12;
  for (const line of told) write(line, 26);
  Object.assign(canvas, { width: width + 2 * edge, height: y + edge });
  pen.fillStyle = style.getPropertyValue("--st-background-color").trim() || "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, edge, top);
  pen.fillStyle = style.getPropertyValue("--st-text-color").trim() || "#000";
  for (const [text, look, at] of lines) { pen.font = look; pen.fillText(text, edge, at); }
  return canvas;
};

export default function ({ parentElement, data }) {
  const said = parentElement.querySelector("[role=status]");
  parentElement.querySelector("button").onclick = () => {
    said.textContent = "";
    try {
      const stage = stageCanvas(data.scope), canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
      [canvas.width, canvas.height] = [stage.width, stage.height];
      pen.fillStyle = ground(said); // the stage itself is transparent: light words need their dark ground
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(stage, 0, 0);
      const link = document.createElement("a");
      link.href = (data.goal ? cardOf(canvas, data, getComputedStyle(said)) : canvas).toDataURL("image/png");
      link.download = `${data.name}.png`;
      link.click();
    } catch { said.textContent = "The picture could not be made; a screenshot still can."; }
  };
}
