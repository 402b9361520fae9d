// Saves the stage as PNG or SVG, as it is now: pointer and step included. The words that say what it shows go inside.
// Streamlit keeps the Vega view to itself; it is found through React's record of the chart. Without it PNG is what the
// canvas shows, and SVG is not to be had, which is said.
// With the button #card instead: the stage on one card, with the title and goal of a challenge above and its measure below.
// data: { scope: CSS selector of the stage, name: of the file; about: what goes inside, or title, goal and told: lines }
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

// The picture, twice as large as on the page, between the lines above it and below.
const cardOf = async (picture, { title, goal, told }, style) => {
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
  return canvas.toDataURL("image/png");
};

export default function ({ parentElement, data }) {
  const said = parentElement.querySelector("[role=status]");
  const go = (how) => async () => {
    const canvas = stageCanvas(data.scope), view = canvas && viewOf(canvas);
    said.textContent = "";
    try {
      if (how === "card" && canvas) {
        const picture = new Image();
        picture.src = view ? await view.toImageURL("png", 2) : canvas.toDataURL("image/png");
        await picture.decode();
        const url = await cardOf(picture, data, getComputedStyle(said));
        save(withText(bytes(url), "Description", [data.title, data.goal, ...data.told].join("\n")), `${data.name}.png`);
      } else if (how === "png" && canvas) {
        const url = view ? await view.toImageURL("png", 2) : canvas.toDataURL("image/png");
        save(withText(bytes(url), "Description", data.about), `${data.name}.png`);
      } else if (view) {
        const svg = await view.toSVG();
        const text = svg.replace(/<svg[^>]*>/, (tag) => `${tag}<desc>${escaped(data.about)}</desc>`);
        save(new Blob([text], { type: "image/svg+xml" }), `${data.name}.svg`);
      } else said.textContent = "This browser gives no vector picture of the stage; take the PNG.";
    } catch { said.textContent = "The picture could not be made; a screenshot still can."; }
  };
  for (const button of parentElement.querySelectorAll("button")) button.onclick = go(button.id);
}
