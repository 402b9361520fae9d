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
    try {
      await navigator.clipboard.writeText(field.value);
      said(true);
    } catch {
      field.focus();
      field.select();
      let copied = false;
      try { copied = document.execCommand("copy"); } catch { /* it stays selected: Ctrl+C */ }
      said(copied);
    }
  };
}
