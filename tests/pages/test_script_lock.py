"""Scripts of several sessions run one after the other, and none can be locked out."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
from streamlit.testing.v1 import AppTest

from lossgeo.ui.runtime import script_lock
from tests.pages.sessions import ROOT

LONG = 30.0  # seconds that no passing test waits


def test_the_second_waits_for_the_first():
    order, inside, waits = [], threading.Event(), threading.Event()

    def second():
        inside.wait(LONG)
        waits.set()
        with script_lock.turn(LONG):
            order.append("second")

    other = threading.Thread(target=second)
    other.start()
    with script_lock.turn(LONG):
        inside.set()
        assert waits.wait(LONG)
        order.append("first")
    other.join(LONG)
    assert order == ["first", "second"]


def test_what_the_script_raises_passes_and_the_turn_is_given_back():
    with pytest.raises(KeyError), script_lock.turn():
        raise KeyError
    assert script_lock._turn.acquire(blocking=False)
    script_lock._turn.release()


def test_a_slow_script_locks_nobody_out_and_keeps_its_turn():
    with script_lock.turn():
        with script_lock.turn(patience=0.01):  # would wait for ever on a lock of its own
            pass
        assert script_lock._turn.locked()
    assert not script_lock._turn.locked()


@pytest.mark.parametrize("page", ["home", "mse"])
def test_the_app_takes_its_turn(monkeypatch, page):
    seen = []

    @contextmanager
    def turn():
        seen.append("in")
        try:
            yield
        finally:
            seen.append("out")

    monkeypatch.setattr(script_lock, "turn", turn)
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=LONG)
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    assert seen == ["in", "out"] * (len(seen) // 2) != []
    assert app.title
