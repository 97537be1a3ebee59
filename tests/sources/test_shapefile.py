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
