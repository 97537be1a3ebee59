"""Twelve names as they come, on every kind of page in a browser: inert, and readable."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import publication_builders as builders
import pytest
import site_builders

import browsing
import report_builders
from browsing import PHONE, opened
from hotspots.publish import report_documents, write
from hotspots.publish.national import ForceRow, index_html
from hotspots.publish.texts import readable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(browsing.CHROMIUM is None, reason=browsing.WHY_NOT)
NAMES = builders.NAMED


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing.started() as one:
        yield one


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of pages with every name as a district, a ward, a street, a lamp and a place."""
    made = tmp_path_factory.mktemp("named") / "maps"
    publication = builders.hostile(NAMES, n_districts=len(NAMES))
    site = site_builders.site(publication)
    site = replace(
        site,
        place=replace(site.place, title=publication.hotspots["name"].iloc[0]),
        lamps=publication.lamps.head(12),
        streets=site_builders.streets(list(NAMES)),
    )
    write(publication, made, sites=[site])
    return made


def flat(text: str) -> str:
    return " ".join(text.split())


def require_inert(page: Page) -> str:
    """Check that nothing ran and nothing is wider than the screen; return the words."""
    assert page.evaluate("[window.hacked, window.x]") == [None, None]
    assert page.locator("img, iframe, script[src], svg[onload]").count() == 0
    wide = page.viewport_size
    assert wide is not None
    assert page.evaluate("document.documentElement.scrollWidth") == wide["width"]
    words = flat(page.inner_text("body"))
    assert "49" not in words.split()
    return words


def require_all(words: str) -> None:
    """Check that every name reads as written."""
    for name in NAMES:
        assert flat(readable(name)) in words, name[:40]


def test_the_page_of_the_area_holds_every_name(browser: Browser, named: Path) -> None:
    for view in (browsing.DESK, PHONE):
        with opened(browser, named / "index.html", view=view) as page:
            require_all(require_inert(page))
            assert page.locator("#rows .row").count() == 24


def test_profiles_streets_wards_and_layers_of_each_district_hold_their_names(
    browser: Browser, named: Path
) -> None:
    told = ""
    pages = [each for each in named.glob("*.html") if each.stem not in ("index", "changes")]
    assert len(pages) == len(NAMES)
    for path in sorted(pages):
        with opened(browser, path, view=PHONE) as page:
            told += require_inert(page)
            for box in page.locator("#map-layers input").all():
                box.set_checked(True)
            marks = page.locator(".leaflet-marks-pane path.mark")
            for number in range(min(3, marks.count())):
                marks.nth(number).dispatch_event("mouseover")
                told += flat(page.inner_text(".mark-name"))
            if page.locator("#rows .row").count():
                page.locator("#rows .row").first.click()
                told += require_inert(page)
    require_all(told)


def test_what_changed_holds_every_name(browser: Browser, named: Path) -> None:
    with opened(browser, named / "changes.html", view=PHONE) as page:
        require_inert(page)


def test_a_sheet_holds_its_names_and_saves_them_as_text(
    browser: Browser, named: Path, tmp_path: Path
) -> None:
    (sheet,) = (named / "sites").glob("*.html")
    with opened(browser, sheet, view=PHONE) as page:
        require_inert(page)
        page.check("#care-0")
        with page.expect_download() as download:
            page.click("#save")
        download.value.save_as(tmp_path / "form.csv")
    for number, name in enumerate(NAMES):
        publication = builders.publication(n_lamps=400)
        made = site_builders.site(publication)
        made = replace(
            made,
            place=replace(made.place, title=name),
            district=name,
            points=made.points.assign(street=name),
            streets=site_builders.streets([name]),
            hotspots=made.hotspots.assign(name=name),
            lamps=made.lamps.assign(lamp_id=[f"c:{name} {i}" for i in range(len(made.lamps))]),
        )
        path = tmp_path / f"{number}.html"
        html = site_builders.html(publication, made)
        assert re.search(r' d="[^"]*…', html) is None
        path.write_text(html, encoding="utf-8")
        with opened(browser, path, view=PHONE) as page:
            words = require_inert(page)
            assert flat(page.inner_text("h1")) == flat(readable(name))
            assert flat(readable(name)) in words


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_reports_hold_the_name_of_a_district(browser: Browser, tmp_path: Path, number: int) -> None:
    quarterly = report_builders.quarterly(name=NAMES[number])
    report = next(each for each in quarterly.reports if each.name == NAMES[number])
    report_documents.write(quarterly, tmp_path, only=(report.slug,))
    for file in (f"{report.slug}.html", "index.html"):
        with opened(browser, tmp_path / file, view=PHONE) as page:
            assert flat(readable(NAMES[number])) in require_inert(page)


def test_the_page_of_all_forces_holds_every_name(browser: Browser, tmp_path: Path) -> None:
    month = pd.Timestamp("2025-06-01")
    rows = [
        ForceRow(f"force-{i}", name, month, month.date(), {"strong": i}, i > 0, (name,))
        for i, name in enumerate(NAMES)
    ]
    country = tmp_path / "index.html"
    country.write_text(index_html(rows), encoding="utf-8")
    with opened(browser, country, view=PHONE) as page:
        require_all(require_inert(page))
