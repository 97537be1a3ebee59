from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hotspots.errors import InputError
from hotspots.sources import gpkg

if TYPE_CHECKING:
    from pathlib import Path

CONTENTS = "CREATE TABLE gpkg_contents (table_name TEXT)"


def database(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as opened:
        for statement in statements:
            opened.execute(statement)
        opened.commit()
    return path


def test_plain_tables_pass_from_disk_and_from_memory(tmp_path: Path) -> None:
    layer = ["CREATE TABLE a (b)", "INSERT INTO gpkg_contents VALUES ('a')"]
    path = database(tmp_path / "a b?.gpkg", CONTENTS, *layer, "CREATE VIEW v AS SELECT 1")
    gpkg.refuse_unsafe(path)
    gpkg.refuse_unsafe(path, path.read_bytes())


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE VIEW a AS SELECT 1", "INSERT INTO gpkg_contents VALUES ('a')"),
        ("CREATE VIEW gpkg_geometry_columns AS SELECT 1",),
    ],
)
def test_stored_queries_are_refused(tmp_path: Path, statements: tuple[str, ...]) -> None:
    path = database(tmp_path / "a.gpkg", CONTENTS, *statements)
    with pytest.raises(InputError, match="is a stored query, which is not run"):
        gpkg.refuse_unsafe(path)


def test_a_list_of_layers_that_is_a_query_is_not_asked(tmp_path: Path) -> None:
    path = database(tmp_path / "a.gpkg", "CREATE VIEW gpkg_contents AS SELECT 1 AS table_name")
    with pytest.raises(InputError, match="a database of another kind"):
        gpkg.refuse_unsafe(path)


def test_a_name_that_is_no_text_is_damage(tmp_path: Path) -> None:
    path = database(tmp_path / "a.gpkg", CONTENTS, "CREATE TABLE odd_name (b)")
    path.write_bytes(path.read_bytes().replace(b"odd_name", b"odd\xed\xff\xed\xffe"))
    with pytest.raises(InputError, match="damaged: its database cannot be read"):
        gpkg.refuse_unsafe(path)


def test_a_database_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    path = database(tmp_path / "a.gpkg", CONTENTS)
    data = bytearray(path.read_bytes())
    data[39] = 5  # free pages, where there are none
    path.write_bytes(data)
    with pytest.raises(InputError, match="its database contradicts itself"):
        gpkg.refuse_unsafe(path)


def test_a_virtual_layer_is_a_stored_query(tmp_path: Path) -> None:
    virtual = "CREATE VIRTUAL TABLE a USING rtree(id, x0, x1)"
    listed = "INSERT INTO gpkg_contents VALUES ('a')"
    with pytest.raises(InputError, match="the layer 'a' is a stored query"):
        gpkg.refuse_unsafe(database(tmp_path / "a.gpkg", CONTENTS, virtual, listed))
    gpkg.refuse_unsafe(database(tmp_path / "b.gpkg", CONTENTS, virtual))


def test_of_several_stored_queries_the_first_is_named(tmp_path: Path) -> None:
    views = [f"CREATE VIEW {name} AS SELECT 1" for name in ("c", "b", "d")]
    listed = "INSERT INTO gpkg_contents VALUES ('c'), ('b'), ('d')"
    path = database(tmp_path / "a.gpkg", CONTENTS, *views, listed)
    with pytest.raises(InputError, match="the layer 'b' is a stored query"):
        gpkg.refuse_unsafe(path)
