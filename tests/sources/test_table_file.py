from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from hotspots.errors import DataMissingError, InputError
from hotspots.sources import table_file, tabular

TEXT = "id,x,y\n1,2,3\n"


def zipped(path: Path, **members: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return path


def workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        for row, line in enumerate(TEXT.splitlines()):
            sheet.write_row(row, 0, line.split(","))
    return path


def test_the_same_table_comes_out_of_every_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain.csv"
    plain.write_text(TEXT)
    packed = zipped(tmp_path / "packed.zip", lights__csv=TEXT, README__txt="words")
    book = workbook(tmp_path / "book.xlsx")
    found = [table_file.is_packed_table(path) for path in (plain, packed, book)]
    assert found == [False, True, True]
    for path in (plain, packed, book):
        assert table_file.read(path).table.to_numpy().tolist() == [["1", "2", "3"]]


def test_what_holds_shapes_or_several_tables_is_no_packed_table(tmp_path: Path) -> None:
    assert not table_file.is_packed_table(zipped(tmp_path / "a.zip", a__shp="x", a__csv=TEXT))
    assert not table_file.is_packed_table(zipped(tmp_path / "b.zip", a__csv=TEXT, b__csv=TEXT))
    assert not table_file.is_packed_table(zipped(tmp_path / "c.zip", a__geojson="{}"))


def test_a_workbook_in_a_zip_is_refused_with_what_to_do(tmp_path: Path) -> None:
    content = workbook(tmp_path / "book.xlsx").read_bytes()
    path = zipped(tmp_path / "d.zip", book__xlsx=content)
    with pytest.raises(InputError, match="unpack it and name the workbook itself"):
        table_file.read(path)


def test_what_is_not_there_or_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataMissingError, match="no such file"):
        table_file.read(tmp_path / "none.csv")
    with pytest.raises(InputError, match="cannot be read"):
        table_file.read(tmp_path)


def test_what_is_wrong_with_a_file_in_a_zip_names_that_file(tmp_path: Path) -> None:
    path = zipped(tmp_path / "e.zip", notes__txt="hello\n")
    with pytest.raises(InputError, match=r"e\.zip: notes\.txt in it, line 1: found one column"):
        table_file.read(path)


def test_only_the_name_of_the_file_in_front_says_that_it_lies_in_a_zip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("b.csv", "x")

    def refuse(*_: object, **__: object) -> None:
        raise InputError(f"{path}: see {path}")

    monkeypatch.setattr(tabular, "read", refuse)
    with pytest.raises(InputError) as caught:
        table_file.read(path)
    assert str(caught.value) == f"{path}: b.csv in it: see {path}"
