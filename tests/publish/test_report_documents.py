"""The documents of a report: the same bytes again, marked up for all readers, safe to open."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from html import unescape
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import pytest
import python_calamine
from axe_playwright_python.sync_playwright import Axe
from docx import Document
from playwright.sync_api import sync_playwright

import report_builders as built
from hotspots.publish import report_documents, report_docx, report_html, report_xlsx

if TYPE_CHECKING:
    from pathlib import Path

    from hotspots.publish.report import Quarterly

CHROMIUM = shutil.which("chromium")
HOSTILE = '=HYPERLINK("https://example.invalid")<script>alert(1)</script>'


@pytest.fixture(scope="module")
def made() -> Quarterly:
    return built.quarterly(residents={"E07000001": 5000, "E07000002": 7000, "E07000003": 9000})


@pytest.fixture(scope="module")
def hostile() -> Quarterly:
    return built.quarterly(name=HOSTILE)


@pytest.fixture(scope="module")
def folder(made: Quarterly, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("reports") / "2025-Q2"
    report_documents.write(made, found)
    return found


def test_every_place_has_a_page_a_document_and_a_spreadsheet(folder: Path, made: Quarterly) -> None:
    names = {path.name for path in folder.iterdir() if path.is_file()}

    assert names == {"index.html"} | {
        f"{each.slug}.{kind}" for each in made.reports for kind in ("html", "docx", "xlsx")
    }


def test_reports_written_again_are_the_same_bytes(
    folder: Path, made: Quarterly, tmp_path: Path
) -> None:
    report_documents.write(made, tmp_path / "again")

    for path in sorted(folder.rglob("*")):
        if path.is_file():
            again = tmp_path / "again" / path.relative_to(folder)
            assert again.read_bytes() == path.read_bytes(), path.name


def test_only_the_report_asked_for_is_written(made: Quarterly, tmp_path: Path) -> None:
    report_documents.write(made, tmp_path, only=("e07000002",))

    assert (tmp_path / "e07000002.docx").exists()
    assert not (tmp_path / "e07000001.docx").exists()
    assert "e07000001" not in (tmp_path / "index.html").read_text("utf-8")


def test_tables_are_tidy_with_codes_and_hidden_numbers_left_out(folder: Path) -> None:
    csv = pd.read_csv(folder / "tables" / "crime.csv", keep_default_na=False)
    parquet = pd.read_parquet(folder / "tables" / "crime.parquet")

    assert len(csv) == len(parquet)
    assert set(csv["area_code"]) == {*built.NAMES, "anyshire"}
    assert (csv.loc[csv["count_state"] == "c", "count"] == "").all()
    assert parquet.loc[parquet["count_state"] == "c", "count"].isna().all()
    assert (csv["quarter"] == "2025-Q2").all()


def test_the_document_has_headings_header_rows_and_described_pictures(made: Quarterly) -> None:
    document = Document(io.BytesIO(report_docx.report_docx(made, made.reports[1])))

    headings = [
        each.text
        for each in document.paragraphs
        if each.style is not None and str(each.style.name).startswith("Heading 1")
    ]
    assert headings[:3] == ["In short", "Kinds of crime", "Hotspots"]
    assert len(document.inline_shapes) >= 4
    for shape in document.inline_shapes:
        assert shape._inline.docPr.get("descr")
    for table in document.tables:
        assert table.rows[0]._tr.get_or_add_trPr().xpath("w:tblHeader")
        assert all(cell.text for cell in table.rows[0].cells)


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_the_workbook_keeps_to_the_layout(made: Quarterly) -> None:
    content = report_xlsx.report_xlsx(made, made.reports[0])
    found = sheets(content)
    parts = zipfile.ZipFile(io.BytesIO(content))

    assert list(found)[:3] == ["Cover", "Contents", "Notes"]
    listed = [row[0] for row in found["Contents"][4:]]
    assert listed == list(found)[2:]
    for name, rows in found.items():
        assert rows[0][0], name
        if name == "Cover":
            continue
        width = len([cell for cell in rows[3] if cell != ""])
        for row in rows[4:]:
            assert all(cell != "" for cell in row[:width]), (name, row)
    tables = [each for each in parts.namelist() if each.startswith("xl/tables/")]
    assert len(tables) == len(found) - 1
    for each in parts.namelist():
        assert b"<f>" not in parts.read(each)
        assert b"<mergeCell" not in parts.read(each)


def test_hidden_and_missing_figures_have_their_shorthand(made: Quarterly) -> None:
    rows = sheets(report_xlsx.report_xlsx(made, made.reports[1]))["crime"]
    heads = rows[3]
    counts = [row[heads.index("This quarter")] for row in rows[4:]]

    assert "[c]" in counts
    assert any(isinstance(value, float) for value in counts)
    assert "[c] a small number" in str(rows[1][0])


def test_a_hostile_name_is_only_ever_text(hostile: Quarterly, tmp_path: Path) -> None:
    report = hostile.reports[1]
    content = report_xlsx.report_xlsx(hostile, report)
    html = report_html.report_html(hostile, report)
    report_documents.write(hostile, tmp_path, only=(report.slug,))

    assert not any(b"<f>" in zipfile.ZipFile(io.BytesIO(content)).read(each)
                   for each in zipfile.ZipFile(io.BytesIO(content)).namelist())  # fmt: skip
    assert "<script>alert" not in html
    assert report_docx.report_docx(hostile, report)
    assert (
        re.search(r'(^|,)"?=HYPERLINK', (tmp_path / "tables/crime.csv").read_text("utf-8")) is None
    )


def test_the_page_runs_no_script_and_loads_nothing(made: Quarterly) -> None:
    html = report_html.report_html(made, made.reports[0])

    assert "<script" not in html
    assert "default-src 'none'" in unescape(html)
    assert "style=" not in html.replace("style-src", "")


def test_every_chart_of_the_page_says_what_it_shows(made: Quarterly) -> None:
    html = report_html.report_html(made, made.reports[1])

    charts = re.findall(r'<svg class="chart".*?</svg>', html, re.DOTALL)
    assert len(charts) >= 4
    for each in charts:
        assert re.search(r"<title id=.*?>.+?</title><desc id=.*?>.+?</desc>", each)


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_of(folder: Path, scheme: Literal["light", "dark"]) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(offline=True, color_scheme=scheme, bypass_csp=True).new_page()
        for name in ("e07000001.html", "anyshire.html", "index.html"):
            page.goto((folder / name).as_uri())
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
        browser.close()
