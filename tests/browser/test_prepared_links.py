"""A teacher's prepared link holds through a change of page, the browser's Back and a reload anywhere."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import driver
from playwright.sync_api import expect

LINK = "mse?mse_dataset=cars&mse_lr=0.001&mse_w0=2&hide=lr&lock=data,loss"
DATA = ".st-key-mse_dataset"


def parameters(page):
    return parse_qs(urlsplit(page.url).query)


def holds(page):
    """The data are the teacher's and locked, the learning rate is not there and counts."""
    driver.settle(page, 300)
    assert page.locator(f"{DATA} input").first.input_value() == "cars" or "cars" in page.locator(DATA).inner_text()
    assert page.locator(f"{DATA} input").first.is_disabled()
    assert page.locator(".st-key-mse_lr, .st-key-mse_lr_dial").count() == 0, "hidden is not drawn, not merely unseen"
    assert parameters(page)["hide"] == ["lr"]
    assert parameters(page)["lock"] == ["data,loss"]
    if not page.locator("code").count():  # after the browser's Back it is open already
        page.locator(".st-key-mse_section").get_by_text("Code", exact=True).click()
    driver.settle(page, 300)
    code = page.locator("code").first.inner_text()
    assert "speed (mph)" in code
    assert "ETA = 0.001" in code


def go(page, title):
    page.get_by_role("link", name=title).first.click()
    page.wait_for_selector(f"h1:has-text('{title.split()[1]}'), h1")
    driver.settle(page, 300)


def test_through_another_page_and_the_browsers_back(visit):
    page, _ = visit(LINK)
    holds(page)
    go(page, "The slope: logistic")
    assert "/logistic" in page.url
    assert parameters(page)["hide"] == ["lr"]
    page.go_back()
    page.wait_for_selector(".st-key-mse_stage canvas")
    holds(page)


def test_through_a_reload_on_another_page(visit):
    page, _ = visit(LINK)
    go(page, "The slope: logistic")
    page.reload()
    page.wait_for_selector(".st-key-logistic_stage canvas")
    driver.settle(page, 300)
    assert page.locator(".st-key-logistic_dataset input").first.is_disabled()
    go(page, "The bowl: MSE")
    page.wait_for_selector(".st-key-mse_stage canvas")
    holds(page)
    expect(page.locator(".st-key-mse_w0 input"), "what the link set without locking it, too").to_have_value("2")


def test_through_a_reload_on_its_own_page(visit):
    page, _ = visit(LINK)
    page.reload()
    page.wait_for_selector(".st-key-mse_stage canvas")
    holds(page)


def test_share_on_a_teachers_screen_gives_no_teachers_rights(visit):
    page, _ = visit("mse?mse_lr=0.3&teacher=true&projector=true&tour=off&embed=true&seed=7")
    page.get_by_role("button", name="Share").click()
    link = page.locator(".st-key-share_copy input")
    link.wait_for()
    shared = parse_qs(urlsplit(link.input_value()).query)
    assert not {"teacher", "projector", "tour", "embed"} & shared.keys(), shared
    assert shared["mse_lr"] == ["0.3"]
    assert shared["seed"] == ["7"], "the class sees the options in the same order"
