"""A real browser with the network off, for the tests of what people open."""

from __future__ import annotations

import datetime as dt
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Dialog, Page, ViewportSize

CHROMIUM = shutil.which("chromium")
WHY_NOT = "chromium is not installed"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
DESK: ViewportSize = {"width": 1366, "height": 900}
PHONE: ViewportSize = {"width": 320, "height": 640}
WALL: ViewportSize = {"width": 3840, "height": 2160}
FRESH = dt.datetime(2025, 8, 20, 12, tzinfo=dt.UTC)
"""Soon after the newest month of the made-up publications."""

READY = "#table-head th, #alerts-title, #save-box:not([hidden]), main"


@contextmanager
def started() -> Iterator[Browser]:
    """Start Chromium."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Browser,
    file: Path,
    address: str = "",
    *,
    at: dt.datetime = FRESH,
    view: ViewportSize = DESK,
    is_dark: bool = False,
    ready: str = READY,
) -> Iterator[Page]:
    """Open a page with the network off; fail on a second request or anything in the console."""
    around = browser.new_context(
        offline=True,
        viewport=view,
        is_mobile=view is PHONE,
        has_touch=view is PHONE,
        color_scheme="dark" if is_dark else "light",
    )
    page = around.new_page()
    page.clock.set_fixed_time(at)
    requests: list[str] = []
    complaints: list[str] = []

    def refused(dialog: Dialog) -> None:
        complaints.append(dialog.message)
        dialog.dismiss()

    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", refused)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{file.as_uri()}{address}")
    page.wait_for_selector(ready, state="attached")
    yield page
    assert complaints == []
    assert len([each for each in requests if not each.startswith("blob:")]) == 1
    around.close()


def barriers(page: Page) -> list[str]:
    """Name what axe finds serious or critical."""
    found = Axe().run(page).response["violations"]
    return [each["id"] for each in found if each["impact"] in ("serious", "critical")]
