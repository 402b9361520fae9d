"""The learner's own data: where the session and the URL keep them, and the controls that change them."""

from __future__ import annotations

from collections.abc import Sequence

from lossgeo.contracts import Dataset
from lossgeo.ui import session
from lossgeo.ui.controls import settings
from lossgeo.ui.share import visibility
from lossgeo.views import cached, yours
from lossgeo.views.choice import LossSpec, choice_from
from lossgeo.views.pages import POINTS, Page

KEPT = 300_000  # points of the last data sets too large for a link that a session keeps, for Undo: some 5 MB


def load(page: Page, dataset: Dataset | None) -> str:
    """Callback: make these data the chosen ones. Returns their text. Raises ValueError if the page cannot use them."""
    assert dataset is not None
    text = yours.text_of(_keep(page, dataset))
    use(page, text)
    return text


def set_points(page: Page, x: Sequence[float], y: Sequence[float]) -> None:
    """Callback: make the data set `yours` with these points the chosen one, as one change that Undo takes back.

    The points are taken as they are drawn: afterwards x is not standardised. The axes keep their names. Raises
    ValueError, with one sentence, if the points cannot be used; then nothing has changed.
    """
    load(page, yours.of_points(x, y, *names(page)))


def use(page: Page, text: str) -> None:
    """Callback: make the data set `yours` with the points of this text the chosen one."""
    settings.put(page, POINTS, text)
    settings.put(page, page.subject, yours.NAME)
    if "standardise" in page.names:
        settings.put(page, "standardise", False)


def names(page: Page) -> tuple[str, str]:
    """The names of the two axes of the data that are shown."""
    try:
        shown = cached.dataset(loss_now(page))
    except ValueError:
        return "x", "y"
    return shown.x_label, shown.y_label


def loss_now(page: Page) -> LossSpec:
    """The loss that the settings say."""
    return choice_from(page, settings.settings(page)).loss


def points(page: Page) -> str:
    """The text of the learner's points in this session."""
    return str(settings.settings(page)[POINTS])


def receive(page: Page) -> None:
    """Take the points from the URL, if it names others than this session last wrote there. Called before the widgets.

    The text has no widget: Streamlit keeps it when the page changes, but clears the URL.
    """
    if POINTS not in page.names:
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
    if POINTS not in page.names or visibility.fixed(page.control(POINTS).part):
        return
    now = settings.settings(page)
    shown = now[page.subject] == yours.NAME and now[POINTS] != page.control(POINTS).usual
    text = yours.for_link(now[POINTS]) if shown else ""
    session.points_written(page.key).put(text)
    session.write(f"{page.key}_{POINTS}", text)


def _keep(page: Page, dataset: Dataset) -> Dataset:
    """The data set, which the session now keeps if it is too large for a link."""
    if not yours.fits(dataset):
        slot, room = session.large_data(page.key), KEPT - dataset.n
        kept: list[Dataset] = []
        for before in reversed(slot.get()[-settings.MOST_UNDO :]):
            room -= before.n
            if room < 0:
                break
            kept.insert(0, before)
        slot.put((*kept, dataset))
    return dataset
