"""Own data in a browser: a paste changes picture and address, a link brings it back, bad input changes nothing."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from driver import changed, eventually, panels, pixels, settle
from playwright.sync_api import expect

TABLE = "dose\tresponse\n1\t2.1\n2\t3.9\n3\t6.2\n4\t7.8\n5\t10.1\n"


def open_box(window):
    window.get_by_text("Use your own data").first.click()
    window.wait_for_selector("textarea")
    settle(window)


def paste(window, text):
    window.locator("textarea").first.fill(text)
    window.get_by_role("button", name="Read what I pasted").click()
    settle(window, 300)


def said(window):
    """What the address says."""
    return {key: texts[-1] for key, texts in parse_qs(urlsplit(window.url).query).items()}


def test_a_pasted_table_is_on_the_stage_in_the_link_and_can_be_taken_back(visit):
    window, _ = visit("mse")
    before = pixels(window, panels(window)["map"])
    open_box(window)
    paste(window, TABLE)
    expect(window.get_by_text("5 rows, all used.")).to_be_visible()
    assert said(window)["mse_data"] == "1_2.1_2_3.9_3_6.2_4_7.8_5_10.1~dose~response"
    pasted = pixels(window, panels(window)["map"])
    assert changed(before, pasted) > 0.1
    elsewhere, _ = visit(urlsplit(window.url)._replace(scheme="", netloc="").geturl().lstrip("/"))
    assert changed(pasted, pixels(elsewhere, panels(elsewhere)["map"])) < 0.02, "the link opens the same picture"
    paste(window, "1,2\n3\n")
    expect(window.get_by_text("line 2 has one field")).to_be_visible()
    assert changed(pasted, pixels(window, panels(window)["map"])) < 0.02, "the last good picture stays"
    expect(window.locator("textarea").first).to_have_value("1,2\n3\n")
    window.get_by_role("button", name="Undo").click()
    settle(window, 300)
    assert "mse_data" not in said(window)
    assert changed(before, pixels(window, panels(window)["map"])) < 0.02


def test_a_file_with_semicolons_is_read_and_a_cell_of_its_table_can_be_edited(visit):
    window, _ = visit("mse")
    open_box(window)
    window.get_by_text("File", exact=True).first.click()
    settle(window)
    content = "Größe;Gewicht\n1,62;58,5\n1,75;72,25\n1,68;64\n".encode("latin-1")
    window.locator("input[type=file]").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": content})
    window.get_by_text("3 rows, all used.").wait_for()
    settle(window, 300)
    assert said(window)["mse_data"] == "1.62_58.5_1.75_72.25_1.68_64~Größe~Gewicht"
    window.get_by_text("Edit the points").click()
    grid = window.locator("canvas[data-testid=data-grid-canvas]").first
    grid.wait_for()
    grid.scroll_into_view_if_needed()
    settle(window, 300)
    box = grid.bounding_box()
    window.mouse.dblclick(box["x"] + 70, box["y"] + 52)
    cell = window.locator("#portal input, #portal textarea").first
    cell.fill("1.7")
    cell.press("Enter")
    assert eventually(window, lambda: said(window)["mse_data"].startswith("1.7_58.5_1.75_"))
