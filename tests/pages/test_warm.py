"""What the server computes before anybody comes is what the first visitor of each page needs."""

from __future__ import annotations

import gc

from sessions import visit

from lossgeo.charts.stage import stage_spec
from lossgeo.ui.runtime import server
from lossgeo.views import cached
from lossgeo.views.pages import LESSON_PAGES

CACHES = (stage_spec, cached.scene, cached.trajectory)


def test_the_first_view_of_each_page_is_there_already(monkeypatch):
    monkeypatch.setattr(gc, "freeze", lambda: None)  # this process has more to forget than the server
    for cache in CACHES:
        cache.cache_clear()
    server.warm(pause=0.0)
    before = [cache.cache_info().misses for cache in CACHES]
    assert min(before) == len(LESSON_PAGES)
    for page in LESSON_PAGES:
        assert not visit(page).exception
    assert [cache.cache_info().misses for cache in CACHES] == before
