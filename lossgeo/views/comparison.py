"""A against B: two runs that differ in one setting, everything else locked; and the paragraph about them."""

from __future__ import annotations

from dataclasses import replace

from lossgeo.views import cached
from lossgeo.views.choice import Choice, MethodSpec
from lossgeo.views.sentences import number
from lossgeo.views.view import Run

NAMES = ("A", "B")
# What may differ -> the field of a MethodSpec, and its symbol before a value.
SETTINGS = {
    "learning rate": ("learning_rate", "η = "),
    "momentum": ("momentum", "β = "),
    "schedule": ("schedule", "schedule "),
    "method": ("name", ""),
}


def pair(a: MethodSpec, what: str, value: float | str) -> tuple[MethodSpec, MethodSpec]:
    """A, and B: the same but for one setting."""
    return a, replace(a, **{SETTINGS[what][0]: value})


def acts(method: str, what: str) -> bool:
    """Whether the method uses the setting at all."""
    if what == "momentum":
        return method in ("momentum", "nesterov")
    return what == "method" or method not in cached.FIXED_RATE


def setting(method: MethodSpec, what: str) -> str:
    """The value of the setting that differs, in symbols."""
    field, symbol = SETTINGS[what]
    value = getattr(method, field)
    return symbol + (value if isinstance(value, str) else number(value, 6))


def title(method: MethodSpec, what: str) -> str:
    """What tells a run of the pair from the other: its method, and the setting if that is another thing."""
    return method.name if what == "method" else f"{method.name}, {setting(method, what)}"


OUTCOMES = {
    "converged": "converged after {} step{s}",
    "saddle": "stands at a saddle after {} step{s}",
    "maximum": "stands at a maximum after {} step{s}",
    "plateau": "is on a plateau after {} step{s}",
    "no_minimiser": "is still falling after {} step{s}",
    "oscillating": "still goes to and fro after {} step{s}",
    "diverged": "diverges, seen after {} step{s}",
    "max_steps": "has not arrived after {} step{s}",
}


def ending(run: Run) -> str:
    """How a run ended, in half a sentence, with its last loss."""
    path = run.trajectory
    k = len(path.points) - 1
    words = OUTCOMES[path.status].format(k, s="" if k == 1 else "s")
    return f"**{run.mark}** {words} (loss {number(float(path.values[-1]))})"


def paragraph(choice: Choice, runs: list[Run]) -> str:
    """What differs between A and B, what is locked, and how the two ended."""
    what = choice.differs
    if not choice.methods:
        return "**A against B** needs a method: choose one in the sidebar."
    a, b = choice.methods
    if what == "method":
        differ = f"Only the **method** differs: A {a.name}, B {b.name}"
    else:
        differ = f"Both run {a.name}, and only the **{what}** differs: A {setting(a, what)}, B {setting(b, what)}"
    text = f"{differ}. Data, start, steps and all other settings are the same."
    if a == b:
        return f"{text} Here both have the same value, so A and B are the same run."
    if not acts(a.name, what):
        cure = "momentum or nesterov" if what == "momentum" else "a method that uses it"
        return f"{text} But {a.name} does not use it, so A and B are the same run: choose {cure} as the first method."
    if len(runs) < 2:
        return text
    return f"{text} {'; '.join(ending(run) for run in runs)}."
