"""A against B: two runs that differ in one setting, and the paragraph about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lossgeo.descent import OPTIMIZERS
from lossgeo.numbers import number
from lossgeo.views.choice import Choice, MethodSpec

# What may differ -> a function that writes its value.
SYMBOLS: dict[str, Callable[[MethodSpec], str]] = {
    "learning rate": lambda method: f"η = {number(method.learning_rate, 6)}",
    "momentum": lambda method: f"β = {number(method.momentum, 6)}",
    "schedule": lambda method: f"schedule {method.schedule}",
    "method": lambda method: method.name,
}


def acts(method: str, what: str) -> bool:
    """Whether the method called `method` uses the setting `what`."""
    kind = OPTIMIZERS[method]
    return kind.uses_momentum if what == "momentum" else what == "method" or kind.uses_rate


def title(method: MethodSpec, what: str) -> str:
    """The name of a run in the comparison: its method, and the value of the setting that differs."""
    return method.name if what == "method" else f"{method.name}, {SYMBOLS[what](method)}"


OUTCOMES = {
    "converged": "converged after {} step{s}",
    "saddle": "stands at a saddle after {} step{s}",
    "maximum": "stands at a maximum after {} step{s}",
    "plateau": "is on a plateau after {} step{s}",
    "no_minimiser": "is still falling after {} step{s}",
    "oscillating": "still goes back and forth after {} step{s}",
    "diverged": "runs away, seen after {} step{s}",
    "stuck": "no longer moves after {} step{s}",
    "outside": "leaves the domain after {} step{s}",
    "max_steps": "has not arrived after {} step{s}",
}


def ending(mark: str, status: str, steps: int, last_loss: float) -> str:
    """How a run ended, as half a sentence, with its last loss."""
    text = OUTCOMES[status].format(steps, s="" if steps == 1 else "s")
    return f"**{mark}** {text} (loss {number(last_loss)})"


def paragraph(choice: Choice, endings: Sequence[str]) -> str:
    """What differs between A and B, what is the same, and how they ended: `endings` from `ending`."""
    what = choice.differs
    if not choice.methods:
        return "**A against B** needs a method: choose one under **Controls**."
    a, b = choice.methods
    if what == "method":
        differ = f"Only the **method** differs: A {a.name}, B {b.name}"
    else:
        differ = f"Both run {a.name}, and only the **{what}** differs: A {SYMBOLS[what](a)}, B {SYMBOLS[what](b)}"
    text = f"{differ}. Data, start, steps and all other settings are the same."
    if a == b:
        return f"{text} Here both have the same value, so A and B are the same run."
    if not acts(a.name, what):
        cure = "momentum or nesterov" if what == "momentum" else "a method that uses it"
        return f"{text} But {a.name} does not use it, so A and B are the same run: choose {cure} as the first method."
    return f"{text} {'; '.join(endings)}." if len(endings) > 1 else text
