// Keeps a text in a cookie of this browser, so that a reload or a new connection brings it along.
// data: { name, value, seconds: how long }
export default function ({ data }) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${data.name}=${data.value}; path=/; max-age=${data.seconds}; SameSite=Strict${secure}`;
}
