// Saves the stage as PNG or SVG, as it is now: pointer and step included. The words that say what it shows go inside.
// Streamlit keeps the Vega view to itself; it is found through React's record of the chart. Without it PNG is what the
// canvas shows, and SVG is not to be had, which is said.
// data: { scope: CSS selector of the stage, name: of the file, about: what goes inside }
const viewOf = (canvas) => {
  let node = canvas;
  const key = (n) => Object.keys(n).find((k) => k.startsWith("__reactFiber$"));
  while (node && !key(node)) node = node.parentElement;
  for (let fiber = node?.[key(node)], up = 0; fiber && up < 40; fiber = fiber.return, up += 1) {
    for (let hook = fiber.memoizedState; hook && typeof hook === "object"; hook = hook.next) {
      const held = hook.memoizedState?.current;
      if (held && typeof held.toSVG === "function" && typeof held.toImageURL === "function") return held;
    }
  }
  return null;
};
const crc = (bytes) => {
  let c = ~0;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k += 1) c = (c >>> 1) ^ (0xedb88320 & -(c & 1));
  }
  return ~c >>> 0;
};
// An iTXt chunk (UTF-8, uncompressed) right after the header, which ends at byte 33.
const withText = (png, keyword, text) => {
  const coded = new TextEncoder();
  const body = [...coded.encode("iTXt"), ...coded.encode(keyword), 0, 0, 0, 0, 0, ...coded.encode(text)];
  const chunk = new Uint8Array(body.length + 8), numbers = new DataView(chunk.buffer);
  numbers.setUint32(0, body.length - 4);
  chunk.set(body, 4);
  numbers.setUint32(body.length + 4, crc(body));
  return new Blob([png.slice(0, 33), chunk, png.slice(33)], { type: "image/png" });
};
const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const save = (blob, name) => {
  const a = document.createElement("a");
  a.href = URL.createObjectURL(blob);
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 10000);
};
const bytes = (url) => Uint8Array.from(atob(url.slice(url.indexOf(",") + 1)), (c) => c.charCodeAt(0));

export default function ({ parentElement, data }) {
  const said = parentElement.querySelector("[role=status]");
  const go = (how) => async () => {
    const canvas = stageCanvas(data.scope), view = canvas && viewOf(canvas);
    said.textContent = "";
    try {
      if (how === "png" && canvas) {
        const url = view ? await view.toImageURL("png", 2) : canvas.toDataURL("image/png");
        save(withText(bytes(url), "Description", data.about), `${data.name}.png`);
      } else if (view) {
        const svg = await view.toSVG();
        const text = svg.replace(/<svg[^>]*>/, (tag) => `${tag}<desc>${escaped(data.about)}</desc>`);
        save(new Blob([text], { type: "image/svg+xml" }), `${data.name}.svg`);
      } else said.textContent = "This browser gives no vector picture of the stage; take the PNG.";
    } catch { said.textContent = "The picture could not be made; a screenshot still can."; }
  };
  parentElement.querySelector("#png").onclick = go("png");
  parentElement.querySelector("#svg").onclick = go("svg");
}
