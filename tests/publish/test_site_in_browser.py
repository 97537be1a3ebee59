"""Site sheets in a real browser with the network off: read, printed, filled in, saved, opened."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import publication_builders as builders
import pytest
import site_builders

import browsing
from browsing import DESK, PHONE, barriers, opened
from hotspots.publish import write
from hotspots.sources import field

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, ViewportSize

    from hotspots.sources.layer import LayerFile

pytestmark = pytest.mark.skipif(browsing.CHROMIUM is None, reason=browsing.WHY_NOT)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing.started() as one:
        yield one


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    publication = builders.publication(n_lamps=4000)
    made = site_builders.site(publication)
    path = tmp_path_factory.mktemp("sites") / f"{made.place.slug}.html"
    path.write_text(site_builders.html(publication, made, up="../"), encoding="utf-8")
    return path


def saved(page: Page, folder: Path) -> Path:
    """Save the form and return the file that the browser downloaded."""
    with page.expect_download() as download:
        page.click("#save")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def read(path: Path) -> LayerFile:
    """Read a saved form as a refresh does, moved 100 km to the east: the made-up isles are sea."""
    rows = rows_of(path)
    moved = path.with_name(f"moved-{path.name}")
    with moved.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), quoting=csv.QUOTE_ALL)
        table.writeheader()
        table.writerows(row | {"easting": str(int(row["easting"]) + 100_000)} for row in rows)
    return field.read(moved, source="Street audit team")


def fill(page: Page) -> None:
    """Fill in a visit: three things seen, one of them at two lamps."""
    page.fill("#date", "2025-08-19")
    page.fill("#by", "Street audit team")
    page.check("#recesses-0")
    page.check("#lighting-0")
    page.check("#care-0")
    page.check("#care-3")
    page.fill("#lighting-notes", '=1+1, "quoted"\nsecond line; St Anne\'s')
    page.fill("#care-photos", "12, 13")


def test_a_sheet_opens_from_disk_with_one_request(browser: Browser, sheet: Path) -> None:
    with opened(browser, sheet) as page:
        assert page.locator("h1").count() == page.locator("main").count() == 1
        assert page.locator("html").get_attribute("lang") == "en-GB"
        assert page.locator("#stale").is_hidden()
        assert "records 50 days old today" in page.inner_text(".head-facts")


def test_old_records_are_warned_of(browser: Browser, sheet: Path) -> None:
    late = dt.datetime(2026, 8, 20, tzinfo=dt.UTC)
    with opened(browser, sheet, at=late) as page:
        assert "These records end 415 days ago" in page.inner_text("#stale")


def test_what_is_ticked_is_saved_and_read_as_observations(
    browser: Browser, sheet: Path, tmp_path: Path
) -> None:
    with opened(browser, sheet) as page:
        fill(page)
        known = json.loads(page.text_content("#site-data") or "")
        lamp, middle = next(iter(known["lamps"].items())), known["middle"]
        page.fill("#lighting-where", f"{lamp[0]}; {middle[0] + 40}, {middle[1] - 25}")
        path = saved(page, tmp_path)
        assert "with 4 observations" in page.inner_text("#form-said")
    rows = rows_of(path)
    assert [row["observation"] for row in rows] == [
        "recessed doorway", "broken light", "broken light", "graffiti",
    ]  # fmt: skip
    assert {row["date"] for row in rows} == {"2025-08-19"}
    places = [[int(row["easting"]), int(row["northing"])] for row in rows]
    assert places == [middle, lamp[1], [middle[0] + 40, middle[1] - 25], middle]
    found = read(path)
    assert list(found.table["kind"]) == [row["observation"] for row in rows]
    assert found.account["kept"].sum() == found.account["rows_in"].sum() == 4
    assert "quoted" not in found.table.to_csv()


def test_a_saved_form_is_opened_again_as_it_was(
    browser: Browser, sheet: Path, tmp_path: Path
) -> None:
    with opened(browser, sheet) as page:
        fill(page)
        path = saved(page, tmp_path)
    with opened(browser, sheet) as page:
        page.set_input_files("#load", path)
        page.wait_for_selector("#form-said:not(:empty)")
        assert page.inner_text("#form-said") == f"Opened {path.name}."
        assert page.is_checked("#recesses-0")
        assert page.is_checked("#care-3")
        assert not page.is_checked("#access-0")
        assert page.input_value("#lighting-notes") == '=1+1, "quoted"\nsecond line; St Anne\'s'
        assert page.input_value("#date") == "2025-08-19"
        again = saved(page, tmp_path / "again")
        assert again.read_bytes() == path.read_bytes()


def test_a_form_without_anything_seen_is_saved_and_stands_for_nothing(
    browser: Browser, sheet: Path, tmp_path: Path
) -> None:
    with opened(browser, sheet) as page:
        page.fill("#sight-notes", "all fine")
        path = saved(page, tmp_path)
        assert "with no observations" in page.inner_text("#form-said")
    assert read(path).table.empty


def test_another_file_changes_nothing(browser: Browser, sheet: Path, tmp_path: Path) -> None:
    strange = tmp_path / "other.csv"
    strange.write_text('a,form\n1,"{""fields"": null}"\n', encoding="utf-8")
    with opened(browser, sheet) as page:
        page.fill("#by", "Team")
        page.set_input_files("#load", strange)
        page.wait_for_selector("#form-said:not(:empty)")
        assert "nothing was changed" in page.inner_text("#form-said")
        assert page.input_value("#by") == "Team"


def test_what_is_typed_is_there_after_opening_the_page_again(browser: Browser, sheet: Path) -> None:
    with opened(browser, sheet) as page:
        fill(page)
        again = page.context.new_page()
        again.goto(sheet.as_uri())
        assert again.is_checked("#lighting-0")
        again.once("dialog", lambda dialog: dialog.accept())
        again.click("#clear")
        assert not again.is_checked("#lighting-0")
        again.reload()
        assert again.input_value("#date") == ""
        again.close()


def test_the_form_works_where_nothing_may_be_kept(
    browser: Browser, sheet: Path, tmp_path: Path
) -> None:
    around = browser.new_context(offline=True)
    around.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } });"
    )
    page = around.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(sheet.as_uri())
    page.check("#care-1")
    assert rows_of(saved(page, tmp_path))[0]["observation"] == "litter"
    assert complaints == []
    around.close()


def test_a_place_that_is_not_understood_is_said_beside_its_box(
    browser: Browser, sheet: Path
) -> None:
    with opened(browser, sheet) as page:
        page.fill("#lighting-where", "behind the chip shop")
        assert "Not understood: behind the chip shop." in page.inner_text("#lighting-said")
        assert page.get_attribute("#lighting-where", "aria-invalid") == "true"
        page.fill("#lighting-where", "")
        assert page.inner_text("#lighting-said") == ""


def test_a_filled_in_sheet_prints_on_two_to_four_pages_with_all_notes(
    browser: Browser, sheet: Path
) -> None:
    with opened(browser, sheet) as page:
        fill(page)
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
    pages = re.findall(rb"/Type\s*/Page\b", printed)
    assert 2 <= len(pages) <= 4
    assert re.search(rb"/MediaBox\s*\[0 0 59[45][.\d]* 84[12]", printed)


@pytest.mark.parametrize(("view", "is_dark"), list(itertools.product([PHONE, DESK], [False, True])))
def test_axe_finds_nothing_serious_on_a_sheet(
    browser: Browser, sheet: Path, *, view: ViewportSize, is_dark: bool
) -> None:
    with opened(browser, sheet, view=view, is_dark=is_dark) as page:
        assert barriers(page) == []


def test_a_sheet_fits_a_phone_and_a_thumb(browser: Browser, sheet: Path) -> None:
    with opened(browser, sheet, view=PHONE) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        small = page.eval_on_selector_all(
            "button, .button, .ticks label, input[type=text], input[type=date], textarea",
            "nodes => nodes.filter(n => n.getClientRects().length"
            " && n.getBoundingClientRect().height < 44).map(n => n.outerHTML)",
        )
        assert small == []


def test_the_keyboard_alone_ticks_and_saves(browser: Browser, sheet: Path, tmp_path: Path) -> None:
    with opened(browser, sheet) as page:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.focus("#access-0")
        page.keyboard.press("Space")
        page.focus("#save")
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        download.value.save_as(tmp_path / "form.csv")
    assert rows_of(tmp_path / "form.csv")[0]["observation"] == "escape route"


def test_nothing_in_hostile_texts_runs_on_a_sheet(browser: Browser, tmp_path: Path) -> None:
    publication = builders.publication(n_lamps=4000)
    for number, text in enumerate(builders.HOSTILE):
        made = site_builders.site(publication)
        made = replace(
            made,
            place=replace(made.place, title=text, slug=f"site-{number}"),
            district=text,
            points=made.points.assign(street=text),
            hotspots=made.hotspots.assign(name=text),
            lamps=made.lamps.assign(lamp_id=[f"c:{text} {i}" for i in range(len(made.lamps))]),
        )
        path = tmp_path / f"{number}.html"
        path.write_text(site_builders.html(publication, made), encoding="utf-8")
        with opened(browser, path) as page:
            assert page.evaluate("window.hacked") is None
            assert page.text_content("h1") == text
            page.check("#care-0")
            row = rows_of(saved(page, tmp_path))[0]
            assert row["site"] in {text, f"'{text}"}
            assert not row["site"].startswith(("=", "+", "-", "@"))


def test_a_profile_links_to_its_sheet_and_the_sheet_back(browser: Browser, tmp_path: Path) -> None:
    publication = builders.publication()
    made = site_builders.site(publication)
    write(publication, tmp_path / "maps", sites=[made])
    page = browser.new_context(offline=True).new_page()
    page.goto(f"{(tmp_path / 'maps' / 'index.html').as_uri()}#{made.place.hotspot_id}")
    page.click(".share >> text=Site sheet")
    page.wait_for_selector("#save-box:not([hidden])")
    assert page.text_content("h1") == made.place.title
    page.click("nav a")
    page.wait_for_selector("#table-head th", state="attached")
    page.context.close()
