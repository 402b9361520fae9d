// Brings the question of a round back into sight when another one is opened or revealed, and does nothing else.
// data: { scope: CSS selector of the round's container, turns: rises with each turn }
const seen = new WeakMap(); // parentElement -> turns

export default function ({ parentElement, data }) {
  const before = seen.get(parentElement);
  seen.set(parentElement, data.turns);
  if (before === data.turns || !data.turns) return;
  setTimeout(() => one(data.scope)?.scrollIntoView({ block: "start" }), 50);
}
