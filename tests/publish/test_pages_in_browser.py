"""Pages in a real browser with the network off: what people see, click and hear."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import publication_builders as builders
import pytest
import shapely

import browsing
from browsing import PHONE, barriers, opened
from hotspots.publish import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(browsing.CHROMIUM is None, reason=browsing.WHY_NOT)
POLYGONS = "path.area"
ROWS = "#rows .row"
TABLE = "#table-body tr"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing.started() as one:
        yield one


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pages") / "plain"
    write(builders.publication(), made)
    return made


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pages") / "hostile"
    write(builders.hostile(), made)
    return made


def ids(page: Page, selector: str) -> list[str]:
    found = page.eval_on_selector_all(selector, "nodes => nodes.map(node => node.dataset.id)")
    return [str(name) for name in found]


def require_in_step(page: Page) -> int:
    """Check that list, table, map and the spoken count tell of the same hotspots."""
    shown = ids(page, ROWS)
    assert sorted(ids(page, TABLE)) == sorted(shown)
    assert page.locator(POLYGONS).count() == len(shown)
    said = page.inner_text("#result").split()[0].lower()
    small = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    assert said == (small[len(shown)] if len(shown) < 10 else f"{len(shown):,}")
    return len(shown)


@pytest.mark.parametrize("name", ["index.html", "isle-1.html"])
def test_a_page_opens_from_disk_with_one_request_and_no_complaint(
    browser: Browser, folder: Path, name: str
) -> None:
    with opened(browser, folder / name) as page:
        assert require_in_step(page) > 0
        assert page.locator("h1").count() == page.locator("main").count() == 1
        assert page.locator("html").get_attribute("lang") == "en-GB"


def test_list_table_map_and_count_stay_in_step_after_each_filter(
    browser: Browser, folder: Path
) -> None:
    plain = builders.publication().hotspots
    everything = plain[plain["crime_group"] == "All crime and ASB"]
    with opened(browser, folder / "index.html") as page:
        assert require_in_step(page) == len(everything)
        page.select_option("#sure", "strong")
        assert require_in_step(page) == (everything["label"] == "strong").sum()
        page.select_option("#since", "emerging")
        both = (everything["label"] == "strong") & (everything["class"] == "emerging")
        assert require_in_step(page) == both.sum()
        page.click("#clear")
        page.select_option("#district", "isle-2")
        assert require_in_step(page) == (everything["district"] == "Isle 2").sum()
        page.click("#clear")
        page.fill("#search", "harbour road")
        page.wait_for_selector("#clear:visible")
        assert require_in_step(page) == everything["name"].str.contains("Harbour Road").sum()
        page.click("#clear")
        page.select_option("#crime", label="Burglary (24)")
        page.select_option("#by", "harm")
        assert require_in_step(page) == 24
        assert page.locator(f"{ROWS} .rank").first.inner_text().split()[-1] == "1"


def test_a_set_with_too_little_crime_says_so_and_draws_nothing(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder / "index.html") as page:
        page.select_option("#crime", label="Possession of weapons (0)")
        assert require_in_step(page) == 0
        assert "212 incidents in the window" in page.inner_text("#empty")


def test_a_deep_link_opens_its_hotspot(browser: Browser, folder: Path) -> None:
    plain = builders.publication().hotspots
    wanted = plain[plain["crime_group"] == "Shoplifting"].iloc[3]
    address = f"#{wanted['hotspot_id']}"
    with opened(browser, folder / "index.html", address) as page:
        assert page.inner_text("#profile-title") == wanted["name"]
        assert page.get_attribute(f"{ROWS}.chosen", "data-id") == wanted["hotspot_id"]
        assert page.locator(f"{POLYGONS}.chosen").count() == 1
        assert page.evaluate("map_1.getZoom()") > 14
        assert require_in_step(page) == 24
        assert "crime=Shoplifting" in page.evaluate("location.hash")


def test_the_address_keeps_the_state_and_gives_it_back(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "index.html") as page:
        page.select_option("#crime", label="Burglary (24)")
        page.select_option("#sure", "watch")
        page.locator(ROWS).nth(2).click()
        chosen, address = page.inner_text("#profile-title"), page.evaluate("location.hash")
    with opened(browser, folder / "index.html", address) as page:
        assert page.inner_text("#profile-title") == chosen
        assert page.input_value("#sure") == "watch"
        assert require_in_step(page) == 8


@pytest.mark.parametrize("address", ["#%E0%A4%A", "#HS-nothing", "#crime=nothing&sure=x", "#&&="])
def test_a_broken_address_shows_everything(browser: Browser, folder: Path, address: str) -> None:
    with opened(browser, folder / "index.html", address) as page:
        assert require_in_step(page) == 24


def test_the_keyboard_reaches_rows_and_opens_and_closes_the_profile(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder / "isle-1.html") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        row = page.evaluate("document.activeElement.dataset.id")
        assert row == ids(page, ROWS)[1]
        assert page.locator(f"{ROWS}.pointed").count() == 1
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "profile"
        assert page.locator(f"{POLYGONS}.chosen").count() == 1
        for heading in (
            "What happens here", "Since when", "How sure", "What is around", "Unusual here",
            "What to look at",
        ):  # fmt: skip
            assert page.locator("#profile-body h3", has_text=heading).count() == 1
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.dataset.id") == row
        assert page.locator("#profile").is_hidden()


def test_a_click_on_the_map_selects_the_row(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "isle-1.html") as page:
        page.evaluate("map_1.setZoom(11, { animate: false })")
        page.locator("path.dot").last.dispatch_event("click")
        assert page.locator("#profile").is_visible()
        assert page.locator(f"{ROWS}.chosen").count() == 1


def test_a_mouse_reaches_a_hotspot_under_its_lights_and_points(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder / "isle-1.html") as page:
        page.check("#show-lamps")
        page.locator(ROWS).first.click()
        page.click("#close-profile")
        box = page.locator(f"{POLYGONS}.pointed, {POLYGONS}").last.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 0.62 * box["height"])
        assert page.locator("#profile").is_visible()


def test_the_table_sorts_and_says_how(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "index.html") as page:
        page.click("#table-head button:has-text('Incidents')")
        heading = page.locator("#table-head th", has_text="Incidents")
        assert heading.get_attribute("aria-sort") == "descending"
        counts = [
            int(t.replace(",", ""))
            for t in page.locator(f"{TABLE} td:nth-child(5)").all_inner_texts()
        ]
        assert counts == sorted(counts, reverse=True)
        page.click("#table-head button:has-text('Incidents')")
        assert heading.get_attribute("aria-sort") == "ascending"


@pytest.mark.parametrize(("later", "is_stale"), [(90, False), (91, True)])
def test_old_data_is_told_by_the_reader_s_clock(
    browser: Browser, folder: Path, *, later: int, is_stale: bool
) -> None:
    at = dt.datetime(2025, 7, 1, 12, tzinfo=dt.UTC) + dt.timedelta(days=later)
    with opened(browser, folder / "index.html", at=at) as page:
        assert page.locator("#stale").is_visible() is is_stale
        assert f"the newest month ended {later} days ago" in page.inner_text(".age")


def test_hidden_numbers_are_words_in_the_profile(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "index.html") as page:
        page.locator(ROWS).first.click()
        cells = page.locator("#profile .mix td.num").all_inner_texts()
        assert "fewer than three" in cells or "fewer than five" in cells
        assert not {"1", "2"} & set(cells)


@pytest.mark.parametrize("number", range(4))
def test_hostile_texts_stay_texts_everywhere(browser: Browser, hostile: Path, number: int) -> None:
    files = sorted(path for path in hostile.glob("*.html") if path.name != "changes.html")
    with opened(browser, files[number]) as page:
        require_in_step(page)
        for row in range(min(3, page.locator(ROWS).count())):
            page.locator(ROWS).nth(row).click()
            page.click("#close-profile")
        page.select_option("#crime", index=1)
        require_in_step(page)
        assert page.evaluate("window.hacked") is None
        assert page.locator("img, iframe, script[src]").count() == 0
        assert page.locator("svg[onload]").count() == 0
        words = page.inner_text("body")
        for text in builders.HOSTILE[:6]:
            assert text in words


def test_hostile_texts_stay_texts_on_the_changes_page(browser: Browser, hostile: Path) -> None:
    with opened(browser, hostile / "changes.html", view=PHONE) as page:
        assert page.evaluate("window.hacked") is None
        assert page.locator("img, iframe, script, svg").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        words = page.inner_text("body")
        assert all(text in words for text in builders.HOSTILE[:6])


@pytest.mark.parametrize(
    ("name", "is_dark"),
    [("index.html", False), ("isle-1.html", True), ("changes.html", False), ("changes.html", True)],
)
def test_no_serious_barrier_is_found(
    browser: Browser, folder: Path, name: str, *, is_dark: bool
) -> None:
    with opened(browser, folder / name, is_dark=is_dark) as page:
        if is_dark and name != "changes.html":
            page.locator(ROWS).first.click()
        assert barriers(page) == []


@pytest.mark.parametrize("name", ["index.html", "isle-1.html"])
def test_a_phone_never_scrolls_sideways_and_targets_suit_a_thumb(
    browser: Browser, folder: Path, name: str
) -> None:
    with opened(browser, folder / name, view=PHONE) as page:
        wide = "document.documentElement.scrollWidth"
        assert page.evaluate(wide) == PHONE["width"]
        small = page.eval_on_selector_all(
            "main button, main select, main input[type=search], .districts li",
            "nodes => nodes.filter(n => n.offsetHeight && n.offsetHeight < 44)"
            ".filter(n => !n.closest('table')).map(n => n.outerHTML.slice(0, 80))",
        )
        assert small == []
        page.locator(ROWS).first.click()
        assert page.evaluate(wide) == PHONE["width"]
        assert page.locator("#profile-title").is_visible()
        assert page.locator(".page-head").is_hidden()


def test_lamps_and_points_are_drawn_on_a_district_page(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "isle-1.html") as page:
        page.locator(ROWS).first.click()
        assert page.locator("path.spot").count() >= 3
        page.uncheck("#show-points")
        assert page.locator("path.spot").count() == 0
        page.check("#show-lamps")
        page.click("#whole")
        assert (page.locator(".leaflet-lamps-pane path").get_attribute("d") or "").count("M") > 1


def test_without_scripts_the_words_are_still_there(browser: Browser, folder: Path) -> None:
    around = browser.new_context(offline=True, java_script_enabled=False)
    page = around.new_page()
    page.goto((folder / "index.html").as_uri())
    text = page.inner_text("body")
    assert "need scripts" in text
    assert "24 hotspots on" in text
    assert "Open Government Licence" in text
    around.close()


def test_print_shows_the_table_and_leaves_out_the_controls(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "isle-1.html") as page:
        page.emulate_media(media="print")
        assert page.locator("#table").is_visible()
        for hidden in ("#filters", "#list", "#whole", "#full-screen", "#show-points"):
            assert page.locator(hidden).is_hidden()
        white = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert white == "rgb(255, 255, 255)"


NEAR = "Neighbourhood Watch"


def test_hotspots_without_one_near_are_listed_and_drawn_together(
    browser: Browser, folder: Path
) -> None:
    plain = builders.publication()
    counted = plain.environment[plain.environment["measure"] == f"{NEAR}_within_100m"]
    none = set(counted.loc[counted["value"] == 0, "subject_id"])
    wanted = plain.hotspots[plain.hotspots["crime_group"] == "All crime and ASB"]
    with opened(browser, folder / "index.html") as page:
        page.select_option("#without", NEAR)
        assert require_in_step(page) == wanted["hotspot_id"].isin(none).sum()
        assert f"with no {NEAR} listed within 100 m" in page.inner_text("#result")
        address = page.evaluate("location.hash")
        page.select_option("#without", "action on the register")
        assert 0 < require_in_step(page) < len(wanted)
    with opened(browser, folder / "index.html", address) as page:
        assert page.input_value("#without") == NEAR
        page.click("#clear")
        assert require_in_step(page) == len(wanted)


def test_layers_of_a_partnership_are_switched_on_and_named(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "isle-1.html") as page:
        page.get_by_label("Pub", exact=True).check()
        assert page.locator(".leaflet-marks-pane path.mark").count() > 3
        page.locator(".leaflet-marks-pane path.mark").first.dispatch_event("mouseover")
        assert "pub" in page.inner_text(".mark-name")
        page.locator(".leaflet-marks-pane path.mark").first.dispatch_event("mouseout")
        assert page.locator(".mark-name").count() == 0
        page.get_by_label("Pub", exact=True).uncheck()
        assert page.locator(".leaflet-marks-pane path.mark").count() == 0
        page.get_by_label("Action on the register").check()
        assert page.locator(".leaflet-done-pane path.done").count() == 1


def test_the_profile_names_what_stands_near_and_what_was_done(
    browser: Browser, folder: Path
) -> None:
    plain = builders.publication()
    with opened(browser, folder / "index.html", "#HS-made-up-0001") as page:
        assert "Lamps in Mill Street, since October 2024." in page.inner_text("#profile")
    slugs = dict(zip(plain.districts["name"], plain.districts["slug"], strict=True))
    named = plain.places.dropna(subset="name")
    apart = [shapely.distance(named.geometry, each).min() for each in plain.hotspots.geometry]
    first = plain.hotspots[np.array(apart) < 100].iloc[0]
    file, address = folder / f"{slugs[first['district']]}.html", f"#{first['hotspot_id']}"
    with opened(browser, file, address) as page:
        assert "within 100 m: The Lobster" in page.inner_text("#profile")


def test_the_profile_stands_beside_its_district(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "isle-1.html") as page:
        page.locator(ROWS).first.click()
        words = page.inner_text("#profile .facts >> nth=0")
        assert "Share of the 40,000 in Isle 1" in words
        assert "A month on each hectare" in words
        heads = page.locator("#profile .mix th[scope=col]").all_inner_texts()
        assert heads[:3] == ["Type", "Incidents", "Share"]


def test_a_hotspot_without_a_sheet_says_how_to_make_one(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "isle-1.html") as page:
        page.locator(ROWS).first.click()
        name = page.locator(f"{ROWS}.chosen").get_attribute("data-id")
        assert f"hotspots site --hotspot {name}" in page.inner_text(".share")
        assert page.locator(".ways a[href='reports/index.html']").count() == 1


def test_streets_without_a_listed_light_are_drawn_with_a_caution(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder / "isle-1.html") as page:
        assert page.locator("path.road").count() == 1
        assert page.locator("#dark-note").is_hidden()
        page.check("#show-dark")
        assert "no street light listed within 30 m" in page.inner_text("#dark-note")
        drawn = page.locator(".leaflet-dark-pane path.dark-line").get_attribute("d")
        assert drawn is not None
        assert drawn.startswith("M")


def test_lists_of_streets_follow_the_kind_of_crime(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "isle-1.html") as page:
        assert page.locator("#streets h3:visible").count() == 2
        page.select_option("#crime", "3")
        assert page.locator("#streets h3:visible").all_inner_texts() == [
            "Streets to offer target hardening first"
        ]
        page.select_option("#crime", "4")
        assert page.locator("#streets h3:visible").all_inner_texts() == ["Shopping streets"]


def test_the_map_is_as_large_as_the_paper_while_it_prints(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "isle-1.html", view=PHONE) as page:
        page.locator(ROWS).first.click()
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        size = page.evaluate("[map_1.getSize().x, map_1.getSize().y]")
        assert size == pytest.approx([180 / 25.4 * 96, 105 / 25.4 * 96], abs=3)
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert page.evaluate("map_1.getSize().x") < PHONE["width"]
        page.emulate_media(media="print")
        assert page.locator(".page-head h1").is_visible()
        assert page.locator(".notices").is_visible()


def test_a_hotspot_is_found_by_any_of_its_streets_and_wards(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "isle-1.html") as page:
        page.locator(ROWS).first.click()
        told = page.locator("#profile-body p", has_text="Streets:").inner_text()
        last = told.removeprefix("Streets: ").rstrip(".").split(", ")[-1]
        name = page.locator(f"{ROWS}.chosen").get_attribute("data-id")
        page.click("#close-profile")
        page.fill("#search", last)
        page.wait_for_selector("#clear:visible")
        assert name in ids(page, ROWS)
        require_in_step(page)


def test_hostile_kinds_and_names_of_places_stay_texts(browser: Browser, hostile: Path) -> None:
    file = next(p for p in sorted(hostile.glob("*.html")) if "show-points" in p.read_text("utf-8"))
    with opened(browser, file) as page:
        for box in page.locator("#map-layers input").all():
            box.check()
        marks = page.locator(".leaflet-marks-pane path.mark")
        for number in range(min(6, marks.count())):
            marks.nth(number).dispatch_event("mouseover")
            assert page.locator(".mark-name").count() == 1
        page.select_option("#without", index=1)
        require_in_step(page)
        assert page.evaluate("window.hacked") is None
        assert page.locator("img, iframe, script[src], svg[onload]").count() == 0


@pytest.mark.parametrize("is_dark", [False, True])
def test_no_serious_barrier_is_found_with_every_layer_on(
    browser: Browser, folder: Path, *, is_dark: bool
) -> None:
    with opened(browser, folder / "isle-1.html", is_dark=is_dark) as page:
        for box in page.locator("#map-layers input").all():
            box.check()
        page.locator(".leaflet-marks-pane path.mark").first.dispatch_event("mouseover")
        assert barriers(page) == []
