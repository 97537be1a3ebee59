from __future__ import annotations

from pathlib import Path

import pytest

from hotspots.errors import InputError
from hotspots.sources import cut_short, layer, tabular

ROWS = "".join(f"{i},{350_000 + i},430000\n" for i in range(1_000))


@pytest.mark.parametrize(
    ("last", "n"),
    [
        ("", 0),
        ("Total,1000,\n", 1),
        ("1,000 rows,,\n", 1),
        ("1000 records\n", 1),
        ("Grand total\nEnd of report\n", 2),
        ("Tottington,1,2\n", 0),
    ],
)
def test_totals_below_the_rows_are_told(tmp_path: Path, last: str, n: int) -> None:
    path = tmp_path / "wells.csv"
    path.write_text(f"id,x,y\n{ROWS}{last}")
    assert cut_short.n_totals(tabular.read(path)) == n


def test_a_page_of_rows_with_a_total_is_a_page_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "wells.csv"
    path.write_text(f"id,x,y\n{ROWS}Total,1000,\n")
    with pytest.raises(InputError, match=r"wells\.csv: found exactly 1,000 rows"):
        layer.load(path, expected="wells", fix="Mend it.")


@pytest.mark.parametrize("n", [999, 1_001])
def test_other_numbers_of_rows_are_no_page(n: int) -> None:
    cut_short.refuse(Path("a.csv"), n, is_whole=False)
    cut_short.refuse(Path("a.csv"), 1_000, is_whole=True)


@pytest.mark.parametrize(
    ("n", "by"),
    [
        (1_000, "an ArcGIS server"),
        (2_000, "an ArcGIS server"),
        (65_535, "an old spreadsheet"),
        (65_536, "an old spreadsheet"),
        (1_048_575, "a spreadsheet"),
        (1_048_576, "a spreadsheet"),
    ],
)
def test_each_full_page_names_who_cuts_there(n: int, by: str) -> None:
    with pytest.raises(InputError, match=f"exactly {n:,} rows, as files have that {by} cut short"):
        cut_short.refuse(Path("a.csv"), n, is_whole=False)
    cut_short.refuse(Path("a.csv"), n, is_whole=True)
    if n + 1 not in {65_536, 1_048_576}:
        cut_short.refuse(Path("a.csv"), n + 1, is_whole=False)
    if n - 1 not in {65_535, 1_048_575}:
        cut_short.refuse(Path("a.csv"), n - 1, is_whole=False)
