// What the other scripts know of the parts that Streamlit, Vega and Plotly make. components.py puts it before each.
const one = (selector) => document.querySelector(selector);
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Streamlit: the column of the page, and the colour behind it, which a theme sets for its components.
const column = () => one('[data-testid="stMainBlockContainer"]');
const ground = (element) => getComputedStyle(element).getPropertyValue("--st-background-color").trim();

// Vega: the form under the chart (step, hover_w, hover_b), the drawing, and the words that describe it.
const stageInput = (scope, name) => one(`${scope} input[name="${name}"]`);
const stageNumbers = (scope) => document.querySelectorAll(`${scope} input[type=number]`);
const stageWords = (scope) => one(`${scope} [role="graphics-document"]`);
const stageCanvas = (scope) => one(`${scope} canvas`);
const put = (input, value) => {
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
};

// Plotly: the chart of the surface and where its camera stands. Only the full layout knows the camera of a turn by hand.
const solid = (scope) => one(`${scope} .js-plotly-plot`);
const eyeOf = (chart) => chart?._fullLayout?.scene?.camera?.eye;
const EYES = ["x", "y", "z"];

// A rerun may draw a chart anew, in another container, or disable a button: call `look` then. Gives the way to stop.
const onRedraw = (look) => {
  let soon = 0;
  const watch = new MutationObserver(() => { cancelAnimationFrame(soon); soon = requestAnimationFrame(look); });
  watch.observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled"] });
  return () => { watch.disconnect(); cancelAnimationFrame(soon); };
};

// Whether the text is on the clipboard now. An address without https has no clipboard: then the older command. Where
// the page around this one forbids the clipboard, that command would say yes and do nothing.
const copyText = async (text) => {
  if (navigator.clipboard) {
    try { await navigator.clipboard.writeText(text); return true; } catch { return false; }
  } else {
    const field = document.createElement("textarea");
    field.value = text;
    field.style.cssText = "position:fixed;opacity:0";
    document.body.append(field);
    field.select();
    try { return document.execCommand("copy"); } catch { return false; } finally { field.remove(); }
  }
};
