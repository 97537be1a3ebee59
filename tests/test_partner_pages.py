"""The pages of refreshed areas, made-up and real, driven as partners drive them, network off."""

from __future__ import annotations

import csv
import re
import shutil
from typing import TYPE_CHECKING

import pytest

import browsing
from browsing import PHONE, WALL, barriers, opened
from hotspots import pipeline, schema, store
from hotspots.pipeline.report import report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(browsing.CHROMIUM is None, reason=browsing.WHY_NOT)
AREAS = ("refreshed", "lancashire", "barnet")
ROWS = "#rows .row"
TABLE = "#table-body tr"
POLYGONS = "path.area"
MAP_FILTERS = ("#sure", "#since", "#without", "#by")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing.started() as one:
        yield one


@pytest.fixture(scope="module", params=AREAS)
def maps(request: pytest.FixtureRequest) -> Path:
    """Folder of the pages of an area."""
    outcome: pipeline.Outcome = request.getfixturevalue(request.param)
    return outcome.maps_folder


def districts(maps: Path) -> list[Path]:
    """Return the district pages, the largest first."""
    found = [path for path in maps.glob("*.html") if path.stem not in ("index", "changes")]
    return sorted(found, key=lambda path: path.stat().st_size, reverse=True)


def published(maps: Path) -> list[dict[str, str]]:
    with (maps / "hotspots.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def options(page: Page, selector: str) -> list[str]:
    if not page.locator(selector).count():
        return []
    values = page.eval_on_selector_all(f"{selector} option", "all => all.map(one => one.value)")
    return [str(value) for value in values]


def shown_ids(page: Page, selector: str) -> list[str]:
    found = page.eval_on_selector_all(selector, "all => all.map(one => one.dataset.id)")
    return [str(name) for name in found]


def require_in_step(page: Page) -> int:
    """Check that list, table and map show the same hotspots."""
    shown = shown_ids(page, ROWS)
    assert sorted(shown_ids(page, TABLE)) == sorted(shown)
    assert page.locator(POLYGONS).count() == len(shown)
    return len(shown)


def test_every_page_opens_with_one_request_and_no_complaint(browser: Browser, maps: Path) -> None:
    sheets = sorted((maps / "sites").glob("*.html"))[:3]
    for path in (maps / "index.html", maps / "changes.html", *districts(maps), *sheets):
        with opened(browser, path) as page:
            assert page.locator("h1").count() == page.locator("main").count() == 1, path.name
            assert page.locator("html").get_attribute("lang") == "en-GB"


def test_list_map_and_table_agree_with_the_csv_for_every_crime_group(
    browser: Browser, maps: Path
) -> None:
    rows = published(maps)
    for path in (maps / "index.html", districts(maps)[0]):
        with opened(browser, path) as page:
            name = page.inner_text("h1").split("Recurring hotspots in ")[1].split(",")[0]
            groups = page.eval_on_selector_all(
                "#crime option", "all => all.map(one => [one.value, one.textContent])"
            )
            for value, label in groups:
                page.select_option("#crime", value)
                group = re.sub(r" \([\d,]+\)$", "", label)
                wanted = [row for row in rows if row["crime_group"] == group]
                if path.name != "index.html":
                    wanted = [row for row in wanted if row["district"] == name]
                assert require_in_step(page) == len(wanted), (path.name, group)
                figures = {
                    line.get_attribute("data-id"): line.inner_text()
                    for line in page.locator(TABLE).all()[:5]
                }
                by_id = {row["hotspot_id"]: row for row in wanted}
                for hotspot_id, words in figures.items():
                    row = by_id[str(hotspot_id)]
                    cells = words.split("\t")
                    assert cells[0] == row["rank"]
                    assert f"{int(row['n']):,}" in cells
                    assert {row["label"], row["class"]} <= set(cells)


def test_every_filter_keeps_list_map_and_table_in_step(browser: Browser, maps: Path) -> None:
    with opened(browser, maps / "index.html") as page:
        everything = require_in_step(page)
        for selector in (*MAP_FILTERS, "#district"):
            for value in options(page, selector):
                page.select_option(selector, value)
                assert require_in_step(page) <= everything
            page.select_option(selector, index=0) if options(page, selector) else None
            assert require_in_step(page) == everything
        first = page.locator(f"{ROWS} .row-name").first.inner_text()
        page.fill("#search", first)
        page.wait_for_selector("#clear:visible")
        assert 0 < require_in_step(page) <= everything
        page.fill("#search", "no street has this name")
        page.wait_for_selector("#empty:visible")
        assert require_in_step(page) == 0
        page.click("#clear")
        assert require_in_step(page) == everything


def test_row_polygon_and_link_open_the_same_profile(browser: Browser, maps: Path) -> None:
    path = districts(maps)[0]
    with opened(browser, path) as page:
        row = page.locator(ROWS).first
        hotspot_id = row.get_attribute("data-id")
        row.click()
        title = page.inner_text("#profile-title")
        address = page.evaluate("location.hash")
        assert hotspot_id in address
        page.click("#close-profile")
        page.locator(POLYGONS).first.dispatch_event("click")
        assert page.locator("#profile-title").is_visible()
    with opened(browser, path, address) as page:
        assert page.inner_text("#profile-title") == title
        text = page.inner_text("#profile-body")
        for heading in ("What happens here", "Since when", "How sure", "What is around"):
            assert heading in text


def test_every_layer_is_switched_on_and_off(browser: Browser, maps: Path) -> None:
    with opened(browser, districts(maps)[0]) as page:
        for box in page.locator("#map-layers input[type=checkbox]").all():
            was = box.is_checked()
            box.set_checked(not was)
            box.set_checked(was)
        page.click("#whole")
        page.click("#full-screen")
        assert page.get_attribute("#full-screen", "aria-pressed") == "true"
        page.click("#full-screen")
        require_in_step(page)


def test_the_keyboard_alone_opens_and_closes_a_profile(browser: Browser, maps: Path) -> None:
    with opened(browser, districts(maps)[0]) as page:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "profile"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.classList.contains('row')")


@pytest.mark.parametrize("is_dark", [False, True])
def test_axe_finds_no_serious_barrier_on_any_kind_of_page(
    browser: Browser, maps: Path, *, is_dark: bool
) -> None:
    sheets = sorted((maps / "sites").glob("*.html"))[:1]
    for path in (maps / "index.html", districts(maps)[0], maps / "changes.html", *sheets):
        with opened(browser, path, is_dark=is_dark) as page:
            if page.locator(ROWS).count():
                page.locator(ROWS).first.click()
            assert barriers(page) == [], path.name


def test_a_phone_and_a_wall_show_the_whole_width(browser: Browser, maps: Path) -> None:
    for view in (PHONE, WALL):
        for path in (maps / "index.html", districts(maps)[0], maps / "changes.html"):
            with opened(browser, path, view=view) as page:
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide == view["width"], (path.name, view)


def test_a_district_prints_to_pdf(browser: Browser, maps: Path) -> None:
    with opened(browser, districts(maps)[0]) as page:
        document = page.pdf(format="A4")
        assert document.startswith(b"%PDF")
        assert len(re.findall(rb"/Type\s*/Page\b", document)) < 40


def test_reports_are_free_of_barriers_and_of_requests(
    browser: Browser, refreshed: pipeline.Outcome, county: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(refreshed.maps_folder.parents[1], out)
    made = report(county, out=out, say=lambda _: None)
    pages = [path for path in made.files if path.suffix == ".html"]
    assert pages
    for path in (pages[0], pages[-1], out / "maps" / made.area_id / "reports" / "index.html"):
        with opened(browser, path) as page:
            assert barriers(page) == [], path.name


def test_what_is_filled_in_on_a_sheet_is_in_the_tables_after_the_next_refresh(
    browser: Browser, refreshed: pipeline.Outcome, county: Path, tmp_path: Path
) -> None:
    sheet = min((refreshed.maps_folder / "sites").glob("*.html"))
    home = tmp_path / "home"
    shutil.copytree(county.parent, home)
    with opened(browser, sheet, view=PHONE) as page:
        page.fill("#date", "2025-05-19")
        page.fill("#by", "Street audit team")
        page.check("#lighting-0")
        page.fill("#lighting-notes", "lamp out, St Anne's; =1+1")
        with page.expect_download() as download:
            page.click("#save")
        download.value.save_as(home / "visit.csv")
    settings = home / county.name
    visit = '\n[[field_observations]]\nsource = "Walk of 19 May"\nfile = "visit.csv"\n'
    settings.write_text(settings.read_text(encoding="utf-8") + visit, encoding="utf-8")
    pipeline.refresh(settings, out=home / "out", say=lambda _: None)
    tables = home / "out" / "data" / "processed" / refreshed.area_id
    seen = store.read_table(schema.OBSERVATIONS, tables)
    mine = seen[seen["source"] == "Walk of 19 May"]
    assert mine["noted"].dt.strftime("%Y-%m").tolist() == ["2025-05"]
    account = store.read_table(schema.ACCOUNT, tables)
    mine = account[account["file"] == "visit.csv"]
    assert mine[["rows_in", "kept"]].to_numpy().tolist() == [[1, 1]]
