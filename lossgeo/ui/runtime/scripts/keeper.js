// Keeps the learner's progress in this browser's own storage (localStorage), and hands over what it kept before: once a
// session, and when another tab has changed it.
// data: { session: a name for the session, main: whether this is the one on every page, most: bytes that are accepted,
//         revision: rises with each change, text: the progress of that revision ("" is none), null if it was sent before }
// triggers: found: the kept text, "" if another tab has forgotten it; missing: a revision never came; closed: no storage
const NAME = "lossgeo-progress";
const kept = (document.lossgeoKept ??= {}); // one for all keepers of this page
const found = (text, most) => kept.tell?.("found", text.slice(0, most + 1)); // one more than allowed is refused, too

// null if the browser keeps nothing for this page: storage switched off or full.
const store = (act) => {
  try { return act(localStorage) ?? ""; } catch { return null; }
};

export default function ({ data, setTriggerValue }) {
  if (kept.session !== data.session) Object.assign(kept, { session: data.session, revision: 0, read: false, closed: false });
  if (data.revision > kept.revision && data.text !== null) {
    kept.revision = data.revision;
    kept.refused = store((s) => (data.text ? s.setItem(NAME, data.text) : s.removeItem(NAME))) === null;
  }
  if (!data.main) return;
  kept.tell = setTriggerValue;
  const late = data.revision > kept.revision; // the message with the text was overtaken by the next run
  const text = kept.read || data.revision ? "" : store((s) => s.getItem(NAME));
  kept.read = true;
  setTimeout(() => {
    if (text === null || kept.refused) {
      if (!kept.closed) kept.tell("closed", (kept.closed = true));
    } else if (late) kept.tell("missing", true);
    else if (text) found(text, data.most);
  }, 0);
  const elsewhere = (event) => { if (event.key === NAME || event.key === null) found(event.newValue ?? "", data.most); };
  window.addEventListener("storage", elsewhere);
  return () => window.removeEventListener("storage", elsewhere);
}
