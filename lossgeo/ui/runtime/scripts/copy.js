// A link in a field that can be selected, and a button that copies it.
// data: { text, copied: whether it already is on the clipboard }
const fields = new WeakMap();

export default function ({ parentElement, data }) {
  const field = parentElement.querySelector("input"), button = parentElement.querySelector("button");
  const said = (copied) => { button.textContent = copied ? "Copied" : "Copy"; };
  if (fields.get(parentElement) !== data.text) {
    field.value = data.text;
    said(data.copied);
    fields.set(parentElement, data.text);
    setTimeout(() => { if (!data.copied) field.focus(); field.select(); }, 300);
  }
  field.onfocus = () => field.select();
  button.onclick = async () => {
    const copied = await copyText(field.value);
    if (!copied) { field.focus(); field.select(); } // the text stays selected, for Ctrl+C
    said(copied);
  };
}
