from __future__ import annotations

import struct
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point

from hotspots.errors import InputError
from hotspots.sources import shapefile

PATH = Path("a.shp")


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, bytes]:
    spots = [Point(350_000, 430_000), Point(351_000, 430_000)]
    table = gpd.GeoDataFrame({"name": ["Anytown", "Nextown"]}, geometry=spots, crs="EPSG:27700")
    table.to_file(tmp_path / "a.shp")
    return shapefile.beside(tmp_path / "a.shp")


def test_a_whole_shapefile_passes(parts: dict[str, bytes]) -> None:
    assert set(parts) == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    shapefile.refuse_broken(PATH, parts)
    assert shapefile.encoding(PATH, parts) == (None, 0)


@pytest.mark.parametrize(
    ("suffix", "n_bytes", "message"),
    [
        (".shp", -8, r"its \.shp has 148 of 156 bytes"),
        (".shp", 50, r"its \.shp does not begin as one"),
        (".shx", -8, r"its \.shx has 108 of 116 bytes"),
        (".dbf", 10, r"its \.dbf has no heading"),
        (".dbf", -30, r"its \.dbf does not hold the 2 rows"),
    ],
)
def test_parts_cut_short_are_refused(
    parts: dict[str, bytes], suffix: str, n_bytes: int, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        shapefile.refuse_broken(PATH, parts | {suffix: parts[suffix][:n_bytes]})


def test_a_shape_beyond_the_end_is_refused(parts: dict[str, bytes]) -> None:
    index = bytearray(parts[".shx"])
    struct.pack_into(">l", index, 108, 9_999)
    with pytest.raises(InputError, match="feature 2 lies beyond the end"):
        shapefile.refuse_broken(PATH, parts | {".shx": bytes(index)})


@pytest.mark.parametrize(("at", "value"), [(108, -1), (112, -1), (112, 11)])
def test_a_shape_of_no_length_or_before_the_start_is_refused(
    parts: dict[str, bytes], at: int, value: int
) -> None:
    index = bytearray(parts[".shx"])
    struct.pack_into(">l", index, at, value)
    with pytest.raises(InputError, match="feature 2 lies beyond the end"):
        shapefile.refuse_broken(PATH, parts | {".shx": bytes(index)})


def test_text_that_is_not_utf_8_is_taken_for_windows(parts: dict[str, bytes]) -> None:
    changed = parts | {".dbf": parts[".dbf"].replace(b"Anytown", b"Anyt\xf4wn")}
    assert shapefile.encoding(PATH, changed) == ("CP1252", 1)
    assert shapefile.encoding(PATH, changed | {".cpg": b"ISO-8859-1"}) == (None, 0)


def test_a_member_without_a_name_is_no_part_of_a_shapefile() -> None:
    members = [".", "", "a.shp", "a.DBF", "b.dbf"]
    assert shapefile._chosen(Path("x.zip"), members) == {".shp": "a.shp", ".dbf": "a.DBF"}


def test_a_shapefile_may_be_as_large_as_any_table(
    parts: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = sum(map(len, parts.values()))
    monkeypatch.setattr(shapefile, "MAX_BYTES", size)
    assert shapefile.beside(tmp_path / "a.shp") == parts
    monkeypatch.setattr(shapefile, "MAX_BYTES", size - 1)
    with pytest.raises(InputError, match="the shapefile is over 0 MiB; cut it to the area first"):
        shapefile.beside(tmp_path / "a.shp")


@pytest.mark.parametrize(("at", "is_known"), [(28, False), (29, True), (30, False)])
def test_the_heading_of_the_table_may_name_a_code_page(
    parts: dict[str, bytes], at: int, *, is_known: bool
) -> None:
    table = bytearray(parts[".dbf"].replace(b"Anytown", b"Anyt\xf4wn"))
    table[28:31] = bytes(3)
    table[at] = 3
    bare = {suffix: data for suffix, data in parts.items() if suffix != ".cpg"}
    found = shapefile.encoding(PATH, bare | {".dbf": bytes(table)})
    assert found == ((None, 0) if is_known else ("CP1252", 1))


def test_text_of_utf_8_is_told_though_nothing_states_it(parts: dict[str, bytes]) -> None:
    table = bytearray(parts[".dbf"].replace(b"Anytown ", "Anytôwn".encode()))
    table[29] = 0
    bare = {suffix: data for suffix, data in parts.items() if suffix != ".cpg"}
    assert shapefile.encoding(PATH, bare | {".dbf": bytes(table)}) == ("UTF-8", 0)


@pytest.mark.parametrize("stated", [b"UTF-8", b"utf8 ", b"65001", b""])
def test_utf_8_that_is_stated_is_not_believed(parts: dict[str, bytes], stated: bytes) -> None:
    table = bytearray(parts[".dbf"].replace(b"Anytown", b"Anyt\xf4wn"))
    table = bytearray(bytes(table).replace(b"Nextown", b"Next\xf4wn"))
    table[29] = 0
    changed = parts | {".dbf": bytes(table), ".cpg": stated}
    assert shapefile.encoding(PATH, changed) == ("CP1252", 2)


def test_other_numbers_of_rows_and_shapes_are_refused(parts: dict[str, bytes]) -> None:
    table = bytearray(parts[".dbf"])
    struct.pack_into("<L", table, 4, 1)
    with pytest.raises(InputError, match="it has 2 shapes and 1 rows"):
        shapefile.refuse_broken(PATH, parts | {".dbf": bytes(table)})


@pytest.mark.parametrize("suffix", [".shp", ".shx"])
def test_a_part_may_be_longer_than_it_states_and_no_shorter(
    parts: dict[str, bytes], suffix: str
) -> None:
    shapefile.refuse_broken(PATH, parts | {".shp": parts[".shp"] + b"xx"})
    longer = bytearray(parts[suffix])
    struct.pack_into(">l", longer, 24, len(longer) // 2 + 1)
    words = f"its {suffix} has {len(longer)} of {len(longer) + 2} bytes"
    with pytest.raises(InputError, match=words):
        shapefile.refuse_broken(PATH, parts | {suffix: bytes(longer)})


def test_missing_parts_are_named(parts: dict[str, bytes]) -> None:
    few = {suffix: data for suffix, data in parts.items() if suffix not in {".shx", ".dbf"}}
    with pytest.raises(InputError, match=r"lacks its \.shx and \.dbf; supply all its parts"):
        shapefile.refuse_broken(PATH, few)


def test_a_table_with_a_heading_only_just_is_read(parts: dict[str, bytes]) -> None:
    assert shapefile._dbf(PATH, parts[".dbf"][:12]) == shapefile._dbf(PATH, parts[".dbf"])
    with pytest.raises(InputError, match=r"its \.dbf has no heading"):
        shapefile._dbf(PATH, parts[".dbf"][:11])


def test_what_a_zip_holds_is_listed_so_far() -> None:
    words = r"it holds 'a', 'b', 'c', 'd', 'e'\)"
    with pytest.raises(InputError, match=words):
        shapefile._chosen(Path("x.zip"), list("abcdefg"))
    with pytest.raises(InputError, match=r"found 2: 'a\.shp', 'b\.shp'\. Unpack"):
        shapefile._chosen(Path("x.zip"), ["b.shp", "a.shp"])
