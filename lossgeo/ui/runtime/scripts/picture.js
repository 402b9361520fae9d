// Saves the stage as PNG, as its canvas stands: pointer and step included.
// data: { scope: CSS selector of the stage, name: of the file }
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
      link.href = canvas.toDataURL("image/png");
      link.download = `${data.name}.png`;
      link.click();
    } catch { said.textContent = "The picture could not be made; a screenshot still can."; }
  };
}
