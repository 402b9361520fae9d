"""The descent lab, in the tab "Look closer": step sizes, scaling, curvature along the run."""

from __future__ import annotations

from collections.abc import Callable

from lossgeo.ui.lab import curvature, penalty, ruler, scaling, shrinkage, sweep
from lossgeo.ui.panel import opened
from lossgeo.views.view import View

SECTIONS: dict[str, Callable[[View], None]] = {
    "Ruler": ruler.show,
    "Sweep": sweep.show,
    "Scaling": scaling.show,
    "Along the run": curvature.show,
    "Penalty path": shrinkage.show,
    "Penalty curve": penalty.of_residuals,
}
OF_DATA = ("Ruler", "Sweep", "Scaling", "Along the run", "Penalty path")
OF_LANDSCAPES = ("Ruler", "Sweep", "Along the run")


def show(view: View) -> None:
    """A switch, and the selected section. Only that section is computed."""
    sections: tuple[str, ...] = OF_DATA if view.page.model else OF_LANDSCAPES
    if view.page.model == "line":
        sections = (*sections, "Penalty curve")
    SECTIONS[opened.closer(view.page, "Look closer at", sections)](view)
