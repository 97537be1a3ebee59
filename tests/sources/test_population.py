"""Residents by LSOA: read as published, or refused with line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotspots.errors import InputError
from hotspots.sources import population

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, text: str) -> Path:
    path = folder / "population.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_residents_are_read_by_code(tmp_path: Path) -> None:
    path = written(
        tmp_path, "lsoa21_code,lsoa21_name,total_residents\nE01000002,B,1512\nE01000001,A,900\n"
    )

    found = population.read(path)

    assert found.vintage == "lsoa21"
    assert found.table.to_numpy().tolist() == [["E01000001", 900], ["E01000002", 1512]]


def test_a_heading_with_its_year_is_known(tmp_path: Path) -> None:
    head = "LSOA code (2011),Total population: mid 2015 (excluding prisoners)"

    found = population.read(written(tmp_path, f'{head}\nE01000001,"1,205"\n'))

    assert found.vintage == "lsoa11"
    assert found.table["residents"].tolist() == [1205]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code,total_residents\nE01000001,9\n", "no column of LSOA codes"),
        ("lsoa21_code,people_with_dogs\nE01000001,9\n", "no column of residents"),
        ("lsoa21_code,residents\nE02000001,9\n", "line 2, column 'lsoa21_code'"),
        ("lsoa21_code,residents\nE01000001,9\nE01000001,9\n", "each LSOA once"),
        ("lsoa21_code,residents\nE01000001,-4\n", "column 'residents'"),
        ("lsoa21_code,residents\nE01000001,4.5\n", "a whole number"),
    ],
)
def test_faulty_tables_of_residents_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        population.read(written(tmp_path, text))


def test_real_tables_of_residents_are_read(shared: Path) -> None:
    files = sorted((shared / "data" / "imd").glob("population_*lancashire.csv"))

    totals = {each.vintage: each.table["residents"].sum() for each in map(population.read, files)}

    assert totals == {"lsoa21": 1_531_095, "lsoa11": 1_515_487}
