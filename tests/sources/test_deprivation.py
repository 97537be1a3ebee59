from __future__ import annotations

from pathlib import Path

import pytest

from hotspots import schema
from hotspots.errors import InputError
from hotspots.sources import deprivation

IMD = Path(__file__).resolve().parents[3] / "shared" / "data" / "imd"
FIELDS = (
    "Index of Multiple Deprivation (IMD)",
    "Income",
    "Employment",
    "Education, Skills and Training",
    "Health Deprivation and Disability",
    "Crime",
    "Barriers to Housing and Services",
    "Living Environment",
)
ORDER = ("imd", "income", "employment", "education", "health", "crime", "housing", "environment")


def file_7(code: str = "LSOA code (2021)") -> list[list[str]]:
    """Two LSOAs in the layout of File 7, with scores and a sub-domain between the ranks."""
    heading = [code, "LSOA name"]
    for field in FIELDS:
        heading += [
            f"{field} Score",
            f"{field} Rank (where 1 is most deprived)",
            f"{field} Decile (where 1 is most deprived 10% of LSOAs)",
        ]
    heading.append("Income Deprivation Affecting Children Index (IDACI) Rank")
    rows = [[f"E0100000{i}", "Invented 001A"] for i in (2, 1)]
    for number in range(8):
        rows[0] += ["0.5", f"{number + 1:,}", "1"]
        rows[1] += ["0.1", f"{30_000 + number:,}", "10"]
    return [heading, rows[0] + ["7"], rows[1] + ["8"]]


def write(path: Path, rows: list[list[str]]) -> Path:
    lines = [",".join(f'"{value}"' for value in row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return path


@pytest.mark.parametrize(("year", "vintage"), [("2011", "lsoa11"), ("2021", "lsoa21")])
def test_file_7_in_both_editions(tmp_path: Path, year: str, vintage: str) -> None:
    path = write(tmp_path / "f7.csv", file_7(f"LSOA code ({year})"))
    table = deprivation.read(path).table
    schema.check(table, schema.DEPRIVATION)
    assert set(table["vintage"]) == {vintage}
    assert table.set_index(["lsoa_code", "domain"]).index.is_monotonic_increasing
    first = table[table["lsoa_code"].eq("E01000002")].set_index("domain")
    assert [first.loc[domain, "rank"] for domain in ORDER] == [1, 2, 3, 4, 5, 6, 7, 8]
    second = table[table["lsoa_code"].eq("E01000001")].set_index("domain")
    assert (second.loc["imd", "rank"], second.loc["imd", "decile"]) == (30_000, 10)


def test_file_1_holds_the_overall_index_only(tmp_path: Path) -> None:
    heading = ["LSOA code (2011)", f"{FIELDS[0]} Rank", f"{FIELDS[0]} Decile"]
    path = write(tmp_path / "f1.csv", [heading, ["E01000001", "1,234", "1"]])
    table = deprivation.read(path).table
    assert table.to_numpy().tolist() == [["E01000001", "lsoa11", "imd", 1234, 1]]


def test_missing_columns_are_named(tmp_path: Path) -> None:
    rows = file_7()
    position = rows[0].index("Crime Decile (where 1 is most deprived 10% of LSOAs)")
    cut = [row[:position] + row[position + 1 :] for row in rows]
    with pytest.raises(InputError, match=r"found no column 'Crime Decile'\. Use File 7"):
        deprivation.read(write(tmp_path / "f7.csv", cut))
    nameless = [["LSOA", *rows[0][1:]], *rows[1:]]
    with pytest.raises(InputError, match=r"found no column 'LSOA code \(2011\)', 'LSOA code"):
        deprivation.read(write(tmp_path / "f7.csv", nameless))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (0, "E07000117", r"line 3, column 'LSOA code \(2021\)': expected an LSOA code"),
        (0, "E01000002", "expected each LSOA once"),
        (3, "n/a", r"line 3, column 'Index .* Rank .*found 'n/a'"),
        (3, "0", "expected a whole number from 1 to 33,755"),
        (3, "33756", "found '33756'"),
        (3, "1.5", "found '1.5'"),
        (3, "", "found ''"),
        (4, "11", "expected a whole number from 1 to 10"),
    ],
)
def test_faulty_values_are_refused_with_line_and_column(
    tmp_path: Path, column: int, value: str, message: str
) -> None:
    rows = file_7()
    rows[2][column] = value
    with pytest.raises(InputError, match=message):
        deprivation.read(write(tmp_path / "f7.csv", rows))


def test_empty_rows_of_a_spreadsheet_do_not_matter_but_cut_ones_do(tmp_path: Path) -> None:
    rows = file_7()
    hollow = [""] * len(rows[0])
    found = deprivation.read(write(tmp_path / "f7.csv", [*rows, hollow]))
    assert len(found.table) == 16
    assert found.account[["rows_in", "kept", "excluded"]].to_numpy().tolist() == [[3, 2, 1]]
    with pytest.raises(InputError, match="line 4: expected 27 values, found 2"):
        deprivation.read(write(tmp_path / "f7.csv", [*rows, ["E01000003", "x"]]))


@pytest.mark.parametrize(
    ("file", "rows", "domains", "vintage"),
    [
        ("iod2025_file7_style__lancashire.csv", 945, 8, "lsoa21"),
        ("iod2025_file7_style__barnet.csv", 220, 8, "lsoa21"),
        ("File_2_-_IoD2019_Domains_of_Deprivation__lancashire.csv", 941, 8, "lsoa11"),
        ("File_1_-_IMD2019_Index_of_Multiple_Deprivation__lancashire.csv", 941, 1, "lsoa11"),
        ("File_1_-_IMD2019_Index_of_Multiple_Deprivation__barnet.csv", 211, 1, "lsoa11"),
    ],
)
def test_real_files(file: str, rows: int, domains: int, vintage: str) -> None:
    if not (IMD / file).exists():
        pytest.skip(f"the real file {file} is not here")
    table = deprivation.read(IMD / file).table
    assert table["lsoa_code"].nunique() == rows
    assert len(table) == rows * domains
    assert set(table["vintage"]) == {vintage}
    assert table["rank"].max() <= (33_755 if vintage == "lsoa21" else 32_844)


def test_another_real_table_is_refused() -> None:
    path = IMD / "File_6_-_IoD2019_Population_Denominators__barnet.csv"
    if not path.exists():
        pytest.skip(f"the real file {path.name} is not here")
    with pytest.raises(InputError, match="found no column 'Index of Multiple Deprivation"):
        deprivation.read(path)


@pytest.mark.parametrize(("year", "last"), [("2011", 32_844), ("2021", 33_755)])
def test_the_last_rank_is_that_of_the_last_lsoa_in_england(
    tmp_path: Path, year: str, last: int
) -> None:
    rows = file_7(f"LSOA code ({year})")
    rows[1][3], rows[2][3] = "1", str(last)
    table = deprivation.read(write(tmp_path / "f7.csv", rows)).table
    assert table.loc[table["domain"].eq("imd"), "rank"].tolist() == [last, 1]
    rows[2][3] = str(last + 1)
    words = rf"line 3, .*: expected a whole number from 1 to {last:,}, found '{last + 1}' \(1 such"
    with pytest.raises(InputError, match=words):
        deprivation.read(write(tmp_path / "f7.csv", rows))


def test_eight_headings_of_another_table_are_shown(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [list("abcdefghij"), ["1"] * 10])
    with pytest.raises(InputError, match="the file has 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'\\. "):
        deprivation.read(path)
