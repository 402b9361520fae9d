// Light or dark, as the system has it until the button is pressed.
const dark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
document.querySelector("#theme").onclick = () => {
  document.documentElement.dataset.theme = dark() ? "light" : "dark";
  document.dispatchEvent(new Event("lossgeo-theme"));
};
