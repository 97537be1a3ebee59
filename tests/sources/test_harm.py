from __future__ import annotations

from pathlib import Path

import pytest

from hotspots.errors import InputError
from hotspots.schema import CRIME_TYPES
from hotspots.sources import harm


def _file(folder: Path, rows: list[str], header: str = "crime_type,days") -> Path:
    path = folder / "weights.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


WHOLE = [f"{name},{number + 0.5}" for number, name in enumerate(CRIME_TYPES)]


def test_the_weights_that_come_along_have_every_type() -> None:
    weights = harm.read()
    assert tuple(weights) == CRIME_TYPES
    assert weights["Robbery"] == 365
    assert weights["Anti-social behaviour"] == 1


def test_an_edited_file_takes_their_place(tmp_path: Path) -> None:
    assert (
        harm.read(_file(tmp_path, WHOLE[::-1]))["Burglary"] == CRIME_TYPES.index("Burglary") + 0.5
    )
    more = _file(tmp_path, ["", *(f"x,{row.split(',')[1]}, {row.split(',')[0]} " for row in WHOLE)],
                 "source, Days,Crime_Type")  # fmt: skip
    assert list(harm.read(more)) == list(CRIME_TYPES)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([*WHOLE[1:]], f"no weight for {CRIME_TYPES[0]}"),
        ([*WHOLE, WHOLE[0]], "line 16"),
        (["Witchcraft,3", *WHOLE], "line 2, column crime_type: 'Witchcraft'"),
        ([*WHOLE[:3], f"{CRIME_TYPES[3]},many", *WHOLE[4:]], "line 5, column days: 'many'"),
        ([*WHOLE[:3], f"{CRIME_TYPES[3]},-1", *WHOLE[4:]], "above zero"),
        ([*WHOLE[:3], f"{CRIME_TYPES[3]},inf", *WHOLE[4:]], "above zero"),
        ([*WHOLE[:3], CRIME_TYPES[3], *WHOLE[4:]], "line 5, column days: ''"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, rows: list[str], words: str) -> None:
    path = _file(tmp_path, rows)
    with pytest.raises(InputError) as caught:
        harm.read(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column crime_type and no column days"):
        harm.read(_file(tmp_path, WHOLE, "type,weight"))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    path.write_bytes(b"crime_type,days\n\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        harm.read(path)
    path.write_text("crime_type,days\n" + "x" * 200_000)
    with pytest.raises(InputError, match="too large"):
        harm.read(path)
    with pytest.raises(InputError, match="cannot be read"):
        harm.read(tmp_path / "none.csv")
