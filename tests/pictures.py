"""
The pictures of the docs, made anew from the sample county.

    python tests/pictures.py

Makes the county, its maps and a quarter's reports in a folder that is thrown away, as if it were
May 2024, opens the pages in Chromium, and writes `docs/images/*.png`. Look at each before it is
committed.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from playwright.sync_api import sync_playwright

from hotspots import pipeline
from hotspots.pipeline import manifest
from hotspots.pipeline.report import report
from hotspots.sample import write_county

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
MADE_ON = dt.date(2024, 5, 20)
LARGEST = 200_000
"""Bytes of one picture: the docs are read over slow lines too."""

HOTSPOT = "HS-saltmarrow-0001"
QUARTER = "2024-Q1"
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 780}
SMALL: ViewportSize = {"width": 860, "height": 800}
PAPER: ViewportSize = {"width": 794, "height": 1123}


@dataclass(frozen=True)
class Picture:
    """
    One picture.

    Attributes
    ----------
    name : str
        Of the file in `docs/images`, without its ending.
    page : str
        Of `maps/<area>`, with what follows `#`.
    size : ViewportSize
        Of the screen.
    top : str
        What stands at the upper edge, as a CSS selector; the top of the page if empty.
    acts : tuple of str
        What is done first, in JavaScript.
    """

    name: str
    page: str
    size: ViewportSize
    top: str = ""
    acts: tuple[str, ...] = ()


PICTURES = (
    Picture(
        "sample-map", f"kelderwick.html#{HOTSPOT}", DESK, "#filters",
        ("document.getElementById('show-lamps').click()",),
    ),
    Picture("every-row", "changes.html", SMALL, "#account-title"),
    Picture("phone-list", "kelderwick.html", PHONE, "#filters"),
    Picture("site-sheet", f"sites/{HOTSPOT}.html", SMALL),
    Picture(
        "phone-form", f"sites/{HOTSPOT}.html", PHONE, "fieldset.heading",
        (
            "document.getElementById('access-0').click()",
            "document.getElementById('access-where').value = '4640; 4726'",
        ),
    ),
    Picture("report-page", f"reports/{QUARTER}/kelderwick.html", PAPER),
)  # fmt: skip


def main() -> int:
    """Make every picture; say which is too large."""
    chromium = shutil.which("chromium")
    if chromium is None:
        say("Chromium is not installed; no picture was made.")
        return 1
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        maps = made(Path(folder))
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        large = [each.name for each in PICTURES if taken(browser, maps, each) > LARGEST]
        browser.close()
    if large:
        say(f"Over {LARGEST:,} bytes: {', '.join(large)}")
    return int(bool(large))


def say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def made(folder: Path) -> Path:
    """Make the sample county with maps and reports; return the folder of the maps."""
    settings = write_county(folder)
    with mock.patch.object(manifest, "made_on", return_value=MADE_ON):
        outcome = pipeline.refresh(settings, say=say)
    report(settings, quarter=QUARTER, district="Kelderwick", say=say)
    return outcome.maps_folder


def taken(browser: Browser, maps: Path, picture: Picture) -> int:
    """Take one picture; return its size in bytes."""
    around = browser.new_context(offline=True, viewport=picture.size, locale="en-GB")
    page = around.new_page()
    page.clock.set_fixed_time(dt.datetime.combine(MADE_ON, dt.time(9), tzinfo=dt.UTC))
    file, _, rest = picture.page.partition("#")
    page.goto((maps / file).as_uri() + (f"#{rest}" if rest else ""))
    page.wait_for_timeout(1000)
    for act in picture.acts:
        page.evaluate(act)
    if picture.top:
        page.evaluate(f"document.querySelector({picture.top!r}).scrollIntoView(true)")
    page.wait_for_timeout(500)
    path = IMAGES / f"{picture.name}.png"
    page.screenshot(path=path)
    around.close()
    say(f"{path.name}: {path.stat().st_size:,} bytes")
    return path.stat().st_size


if __name__ == "__main__":
    sys.exit(main())
