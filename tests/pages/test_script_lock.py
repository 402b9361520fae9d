"""Scripts of several sessions run one after the other, and none can be locked out."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
from streamlit.testing.v1 import AppTest

from lossgeo.ui.runtime import frame, script_lock
from tests.pages.sessions import ROOT

LONG = 30.0  # seconds that no passing test waits


def test_the_second_waits_for_the_first():
    order, inside, waits = [], threading.Event(), threading.Event()

    def second():
        inside.wait(LONG)
        waits.set()
        with script_lock.script_lock(LONG):
            order.append("second")

    other = threading.Thread(target=second)
    other.start()
    with script_lock.script_lock(LONG):
        inside.set()
        assert waits.wait(LONG)
        order.append("first")
    other.join(LONG)
    assert order == ["first", "second"]


def test_what_the_script_raises_passes_and_the_lock_is_given_back():
    with pytest.raises(KeyError), script_lock.script_lock():
        raise KeyError
    assert not held_elsewhere()


def held_elsewhere():
    """Whether another thread would have to wait."""
    found = []

    def look():
        got = script_lock._lock.acquire(blocking=False)
        found.append(not got)
        if got:
            script_lock._lock.release()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(LONG)
    return found[0]


def test_a_slow_script_locks_nobody_out_and_keeps_the_lock():
    gone_on = []

    def impatient():
        with script_lock.script_lock(patience=0.01):
            gone_on.append(True)

    with script_lock.script_lock():
        thread = threading.Thread(target=impatient)
        thread.start()
        thread.join(LONG)
        assert gone_on
        assert held_elsewhere()
    assert not held_elsewhere()


def test_a_fragment_inside_its_page_does_not_wait_for_itself(monkeypatch):
    """On the first run a fragment is part of its page's script, which holds the lock."""
    monkeypatch.setattr(script_lock.st, "fragment", lambda function: function)
    ran = []
    inner = script_lock.fragment(lambda: ran.append(held_elsewhere()))
    with script_lock.script_lock():
        inner()
    assert ran == [True]
    inner()
    assert ran == [True, True], "a rerun of the fragment alone takes the lock, too"


@pytest.mark.parametrize("page", ["home", "mse"])
def test_the_app_takes_the_lock(monkeypatch, page):
    seen = []

    @contextmanager
    def lock():
        seen.append("in")
        try:
            yield
        finally:
            seen.append("out")

    monkeypatch.setattr(frame, "script_lock", lock)
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=LONG)
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    assert seen == ["in", "out"] * (len(seen) // 2) != []
    assert app.title
