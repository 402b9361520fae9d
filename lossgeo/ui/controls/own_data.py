"""The learner's own data: where the session and the URL keep them, and the controls that change them."""

from __future__ import annotations

from collections.abc import Sequence

from lossgeo.contracts import Dataset
from lossgeo.ui import session
from lossgeo.ui.controls import settings
from lossgeo.ui.share import visibility
from lossgeo.views import cached, yours
from lossgeo.views.choice import choice_from
from lossgeo.views.pages import POINTS, Page

KEPT = 3  # data sets too large for a link that a session keeps, for Undo


def set_points(page: Page, x: Sequence[float], y: Sequence[float]) -> None:
    """Callback: make the data set `yours` with these points the chosen one, as one change that Undo takes back.

    The points are taken as they are drawn: afterwards x is not standardised. The axes keep their names. Raises
    ValueError, with one sentence, if the points cannot be used; then nothing has changed.
    """
    labels = names(page)
    use(page, yours.text_of(_keep(page, yours.of_points(x, y, *labels))))


def use(page: Page, text: str) -> None:
    """Callback: make the data set `yours` with the points of this text the chosen one."""
    settings.put(page, POINTS, text)
    settings.put(page, page.subject, yours.NAME)
    if "standardise" in page.names:
        settings.put(page, "standardise", False)


def names(page: Page) -> tuple[str, str]:
    """The names of the two axes of the data that are shown."""
    try:
        shown = cached.dataset(choice_from(page, settings.settings(page)).loss)
    except ValueError:
        return "x", "y"
    return shown.x_label, shown.y_label


def points(page: Page) -> str:
    """The text of the learner's points in this session."""
    return str(settings.settings(page)[POINTS])


def receive(page: Page) -> None:
    """Take the points from the URL, if it names others than this session last wrote there. Called before the widgets.

    The text has no widget: Streamlit keeps it when the page changes, but clears the URL.
    """
    if not page.model:
        return
    key, control = f"{page.key}_{POINTS}", page.control(POINTS)
    if visibility.fixed(control.part):
        session.put(key, control.clean(yours.for_link(str(visibility.fixed_value(page, control, control.usual)))))
        return
    said = session.parameter(key)
    if said and said != session.points_written(page.key).get():
        session.put(key, control.clean(yours.for_link(said)))
    elif session.value(key) is None:
        session.put(key, control.usual)


def write(page: Page) -> None:
    """Write the points into the URL while they are the data of the page. Called after the widgets."""
    if not page.model or visibility.fixed(page.control(POINTS).part):
        return
    now = settings.settings(page)
    shown = now[page.subject] == yours.NAME and now[POINTS] != page.control(POINTS).usual
    text = yours.for_link(now[POINTS]) if shown else ""
    session.points_written(page.key).put(text)
    session.write(f"{page.key}_{POINTS}", text)


def _keep(page: Page, dataset: Dataset) -> Dataset:
    """The data set, which the session now keeps if it is too large for a link."""
    if not yours.fits(dataset):
        kept = session.large_data(page.key)
        kept.put((*kept.get(), dataset)[-KEPT:])
    return dataset
