// After a lost connection the server may have begun a new session, which knows nothing of what the page shows and runs
// only when it is told to. So it is told at once: otherwise the first move of a control would be that first run, in
// which the address decides and no callback is called, and the move would be undone.
// In Streamlit's own element, the state of the connection is an attribute.
const STATE = "data-test-connection-state";
const watched = new WeakMap(); // parentElement -> what ends the watch

export default function ({ parentElement, setStateValue }) {
  const app = one('[data-testid="stApp"]');
  if (!app || watched.has(parentElement)) return watched.get(parentElement);
  let lost = false;
  const watch = new MutationObserver(() => {
    const connected = app.getAttribute(STATE) === "CONNECTED";
    if (connected && lost) setStateValue("back", Date.now());
    lost = !connected;
  });
  watch.observe(app, { attributes: true, attributeFilter: [STATE] });
  const stop = () => { watch.disconnect(); watched.delete(parentElement); };
  watched.set(parentElement, stop);
  return stop;
}
