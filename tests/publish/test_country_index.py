"""The page that leads to the forces: in order, in words, inert, and usable by everybody."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from html import unescape
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from hotspots.publish.national import ForceRow, index_html

if TYPE_CHECKING:
    from pathlib import Path

CHROMIUM = shutil.which("chromium")
JUNE, APRIL = pd.Timestamp("2025-06-01"), pd.Timestamp("2025-04-01")
LABELS = {"strong": 1_234, "watch": 7}
ROWS = (
    ForceRow("zeta", "Zeta", JUNE, dt.date(2025, 8, 3), LABELS),
    ForceRow(
        "alpha", "Álpha & <b>", APRIL, dt.date(2025, 6, 3), {"strong": 3}, True,
        ("alpha.zip is damaged", "<script>alert(1)</script>"),
    ),
    ForceRow("beta", "Beta", troubles=("its files are not here",), is_failed=True),
    ForceRow("gamma", "Gamma", APRIL, dt.date(2025, 8, 1), {}, troubles=("police.uk: down",)),
    ForceRow("delta", "Delta"),
    ForceRow("old", "Old Town", pd.Timestamp("2024-01-01"), dt.date(2025, 8, 2), is_stale=True),
)  # fmt: skip


def text_of(html: str) -> str:
    body = html.partition("</style>")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_forces_stand_by_name_with_their_age_and_hotspots() -> None:
    text = text_of(index_html(ROWS))
    table = text.partition("Maps made on State")[2]
    order = [table.index(name) for name in ("Beta", "Delta", "Gamma", "Old Town", "Zeta", "Álpha")]
    assert order == sorted(order)
    assert "Zeta June 2025 33 1,234 0 7 3 August 2025 as it should be" in table
    assert "Delta no maps yet not refreshed yet" in table
    assert "Beta no maps yet failed" in table
    assert "Gamma April 2025 94 0 0 0 1 August 2025 some sources not refreshed" in table
    assert "Old Town January 2024 549 0 0 0 2 August 2025 old records" in table
    assert "3 June 2025 last refresh failed; earlier maps" in table


def test_what_is_the_matter_stands_in_words() -> None:
    html = index_html(ROWS)
    text = text_of(html)
    assert "Four of six forces have maps. The newest records are of June 2025, in one." in text
    assert "The last refresh failed for Beta, Álpha & <b>; see below." in text
    assert "Records are old in Old Town." in text
    matter = text.partition("What could not be done")[2]
    assert "alpha.zip is damaged" in matter
    assert "<script>" not in html
    assert "do not rank them" in text


def test_the_page_is_the_same_for_the_same_forces_in_any_order() -> None:
    assert index_html(ROWS) == index_html(ROWS[::-1])
    assert "What could not be done" not in index_html(ROWS[:1])
    assert "in all of them" in text_of(index_html(ROWS[:1]))
    assert "No force of 1 has maps yet." in text_of(index_html(ROWS[4:5]))


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_all_forces_has_no_barriers(tmp_path: Path, scheme: str) -> None:
    page_file = tmp_path / "index.html"
    page_file.write_text(index_html(ROWS), encoding="utf-8", newline="\n")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        around = browser.new_context(
            offline=True,
            viewport={"width": 320, "height": 640},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page = around.new_page()
        complaints: list[str] = []
        requests: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(page_file.as_uri())
        found = Axe().run(page).response["violations"]
        wide = page.evaluate("document.documentElement.scrollWidth")
        links = page.eval_on_selector_all("main a", "nodes => nodes.map(n => n.textContent)")
        browser.close()
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
    assert wide == 320
    assert links == ["Gamma", "Old Town", "Zeta", "Álpha & <b>"]
    assert len(requests) == 1
    assert complaints == []
