"""The lab in the browser: the curvature at the pointer, and the click on the sweep that runs a rate."""

from __future__ import annotations

from driver import box_of, changed, panels, pixels, settle, spot

SWEEP = ".st-key-mse_sweep canvas"


def test_curvature_follows_the_pointer_and_a_click_on_the_sweep_runs_that_rate(visit):
    window, watch = visit("mse?mse_axes=true&mse_ab=true&mse_dataset=chapter+line&mse_tab=Look+closer&mse_closer=Sweep")
    stage = panels(window)["map"]
    words = {"x": stage["x"], "y": stage["y"] - 28, "width": stage["width"], "height": 16}
    assert (pixels(window, words).min(axis=-1) < 120).mean() > 0.02, "the two curvatures stand above the map"
    window.mouse.move(*spot(stage, 0.3, 0.3))
    window.wait_for_timeout(250)
    near = spot(stage, 0.6, 0.7)
    around = {"x": near[0] - 50, "y": near[1] - 50, "width": 100, "height": 100}
    before, text, frames = pixels(window, around), pixels(window, words), watch.frames
    window.mouse.move(*near)
    window.wait_for_timeout(250)
    assert changed(before, pixels(window, around)) > 0.05, "ring and cross are here now"
    assert changed(text, pixels(window, words)) == 0, "the curvature of this loss is the same everywhere"
    assert watch.frames == frames

    rate = window.get_by_label("Learning rate, exact", exact=True)
    own = rate.input_value()
    window.locator(SWEEP).first.scroll_into_view_if_needed()
    settle(window)
    window.mouse.click(*spot(box_of(window, SWEEP), 0.4, 0.5))
    settle(window)
    assert rate.input_value() != own
    assert f"mse_lr={rate.input_value()}" in window.url
