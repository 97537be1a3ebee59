"""Pages of no hotspot, of one, of six hundred, and of an area for which nothing was supplied."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import publication_builders as builders
import pytest
import site_builders

import browsing
from browsing import PHONE, barriers, opened
from hotspots.publish import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from hotspots.publish.publication import Publication

pytestmark = pytest.mark.skipif(browsing.CHROMIUM is None, reason=browsing.WHY_NOT)
ROWS = "#rows .row"
POLYGONS = "path.area"
ABOUT_HOTSPOTS = ("hotspots", "members", "history", "series", "mix", "unusual", "factors")
SUPPLIED = (
    "lamps", "streets", "places", "environment", "unusual", "factors", "street_counts", "actions",
    "interventions", "action_areas", "action_chart",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing.started() as one:
        yield one


def without(publication: Publication, *tables: str) -> Publication:
    """Leave the named tables of a publication without rows."""
    bare = {name: getattr(publication, name).iloc[:0] for name in tables}
    return replace(publication, **bare)


def with_nothing_supplied() -> Publication:
    """Make a publication of crime alone: no lights, deprivation, places or names of streets."""
    plain = without(builders.publication(n_hotspots=6), *SUPPLIED)
    nameless = plain.points.assign(location="On or near No Location").astype({"location": "str"})
    hotspots = plain.hotspots.assign(name=plain.hotspots["hotspot_id"], streets="")
    return replace(plain, points=nameless, hotspots=hotspots.astype({"streets": "str"}))


def require_sound(page: Page) -> str:
    """Check that no word is a gap in the data or the program, and that a phone shows it all."""
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert barriers(page) == []
    words = " ".join(page.inner_text("body").split())
    for slip in ("undefined", "NaN", "Infinity", "None", "null", "nan ", " ,", " .", "()"):
        assert slip not in words, slip
    return words


def test_without_any_hotspot_each_page_says_so(browser: Browser, tmp_path: Path) -> None:
    write(without(builders.publication(), *ABOUT_HOTSPOTS), tmp_path)
    for name, place in (("index", "Made-up County"), ("isle-1", "Isle 1")):
        with opened(browser, tmp_path / f"{name}.html", view=PHONE) as page:
            words = require_sound(page)
            assert f"No hotspot was found in {place} for all crime and ASB." in words
            assert page.inner_text("#result").startswith("No hotspots for All crime and ASB.")
            assert page.inner_text("#empty") == "No hotspot was found for All crime and ASB."
            assert page.locator(POLYGONS).count() == page.locator(ROWS).count() == 0
            page.select_option("#crime", label="Burglary (0)")
            assert page.inner_text("#empty") == "No hotspot was found for Burglary."
    with opened(browser, tmp_path / "changes.html", view=PHONE) as page:
        require_sound(page)


def test_one_hotspot_is_told_of_in_the_singular(browser: Browser, tmp_path: Path) -> None:
    write(builders.publication(n_hotspots=1, n_districts=1, groups={}), tmp_path)
    for name in ("index", "isle-1"):
        with opened(browser, tmp_path / f"{name}.html", view=PHONE) as page:
            words = require_sound(page)
            assert "One hotspot on " in words
            assert "reported near it in " in words
            assert page.inner_text("#result").startswith("One hotspot for All crime and ASB.")
            page.click(ROWS)
            assert page.locator(f"{POLYGONS}.chosen").count() == 1
            require_sound(page)
    with opened(browser, tmp_path / "changes.html", view=PHONE) as page:
        require_sound(page)


def test_where_only_crime_was_supplied_each_page_says_what_is_not(
    browser: Browser, tmp_path: Path
) -> None:
    publication = with_nothing_supplied()
    made = site_builders.site(publication, readings=())
    write(publication, tmp_path, sites=[made])
    with opened(browser, tmp_path / "index.html", view=PHONE) as page:
        assert "Nothing was supplied about the surroundings" in require_sound(page)
    with opened(browser, tmp_path / "isle-3.html", view=PHONE) as page:
        assert page.locator("#show-lamps, #show-dark, #without, #streets, path.road").count() == 0
        page.locator(ROWS).first.click()
        words = require_sound(page)
        for absent in ("Lighting: not supplied.", "Places: not supplied.", "Deprivation: not"):
            assert absent in words
        assert "Streets:" not in words
    (sheet,) = (tmp_path / "sites").glob("*.html")
    with opened(browser, sheet, view=PHONE) as page:
        words = require_sound(page)
        assert words.count("Not supplied here.") == 3
        assert page.locator(".lamp, .place, .street").count() == 0
    with opened(browser, tmp_path / "changes.html", view=PHONE) as page:
        require_sound(page)


def test_a_sheet_of_a_place_where_nothing_was_reported_says_so(
    browser: Browser, tmp_path: Path
) -> None:
    publication = without(builders.publication(), *ABOUT_HOTSPOTS)
    made = site_builders.site(
        builders.publication(), kind="area", n_alike=0, counts={"Drugs": (0, 0)}
    )
    made = replace(
        made, hotspots=made.hotspots.iloc[:0], points=made.points.iloc[:0], series=0 * made.series
    )
    path = tmp_path / "sheet.html"
    path.write_text(site_builders.html(publication, made), encoding="utf-8")
    with opened(browser, path, view=PHONE) as page:
        words = require_sound(page)
        assert "No hotspot of " in words
        assert page.locator(".crime table").count() == 0


def test_six_hundred_hotspots_of_one_set_are_listed_drawn_and_chosen(
    browser: Browser, tmp_path: Path
) -> None:
    write(
        builders.publication(
            n_hotspots=600, n_districts=1, groups={}, n_corners=32, n_lamps=20_000
        ),
        tmp_path,
    )
    assert (tmp_path / "isle-1.html").stat().st_size <= 1_500_000
    assert (tmp_path / "index.html").stat().st_size <= 4_000_000
    for name in ("index", "isle-1"):
        with opened(browser, tmp_path / f"{name}.html") as page:
            assert page.locator(ROWS).count() == page.locator(POLYGONS).count() == 600
            assert "600 hotspots on " in page.inner_text(".summary")
            page.locator(ROWS).last.click()
            assert page.locator(f"{POLYGONS}.chosen").count() == 1
            page.click("#close-profile")
            page.select_option("#sure", "strong")
            assert page.locator(ROWS).count() == page.locator(POLYGONS).count() == 200
