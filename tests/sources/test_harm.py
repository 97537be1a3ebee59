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


@pytest.mark.parametrize(("n_bytes", "is_read"), [(100_000, True), (100_001, False)])
def test_a_file_of_weights_is_short(tmp_path: Path, n_bytes: int, *, is_read: bool) -> None:
    path = _file(tmp_path, WHOLE)
    path.write_bytes(path.read_bytes() + b"\n" * (n_bytes - path.stat().st_size))
    if is_read:
        assert list(harm.read(path)) == list(CRIME_TYPES)
    else:
        with pytest.raises(InputError, match="far too large for a table of 14 weights"):
            harm.read(path)


def test_long_values_are_cut(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rf"'{'x' * 40}' is no police.*as in '{CRIME_TYPES[0]}'"):
        harm.read(_file(tmp_path, ["x" * 50 + ",3", *WHOLE]))
    with pytest.raises(InputError, match=rf"column days: '{'x' * 40}' is no number above"):
        harm.read(_file(tmp_path, [f"{CRIME_TYPES[0]},{'x' * 50}", *WHOLE[1:]]))
    with pytest.raises(InputError, match="line 2, column days: '0' is no number above zero"):
        harm.read(_file(tmp_path, [f"{CRIME_TYPES[0]},0", *WHOLE[1:]]))


def test_bytes_that_are_no_text_are_told_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    path.write_bytes(b"crime_type,days\n\xff")
    with pytest.raises(InputError, match="byte 16 is not UTF-8"):
        harm.read(path)
