// Saves the stage as PNG, as its canvas stands: pointer and step included.
// data: { scope: CSS selector of the stage, name: of the file }
export default function ({ parentElement, data }) {
  const said = parentElement.querySelector("[role=status]");
  parentElement.querySelector("button").onclick = () => {
    said.textContent = "";
    try {
      const link = document.createElement("a");
      link.href = stageCanvas(data.scope).toDataURL("image/png");
      link.download = `${data.name}.png`;
      link.click();
    } catch { said.textContent = "The picture could not be made; a screenshot still can."; }
  };
}
