from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
from shapely import Point

from hotspots import schema
from hotspots.errors import InputError
from hotspots.sources import places

if TYPE_CHECKING:
    from hotspots.sources.layer import LayerFile

PUBS = Path(__file__).resolve().parents[3] / "shared/data/osm/osm_pubs_lancashire_bbox.tsv"
COLUMNS = ("name", "sort_name", "osm_id", "latitude", "longitude")


def holds_its_contract(found: LayerFile) -> None:
    schema.check(found.table, schema.PLACES)
    schema.check(found.set_aside, schema.SET_ASIDE)
    schema.check(found.account, schema.ACCOUNT)
    row = found.account.iloc[0]
    assert row["rows_in"] == row["kept"] + len(found.set_aside)
    assert row["kept"] == len(found.table)


def test_a_file_without_a_heading_takes_the_columns_of_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "pubs.tsv"
    path.write_text('The "Swan\tswan\t12\t53.76\t-2.70\n\tx\t7\t53.77\t-2.71\n"Ram\tx\t8\t0\t0\n')
    found = places.read(path, kind="pub", columns=COLUMNS)
    holds_its_contract(found)
    assert found.table["place_id"].tolist() == ["pub:12", "pub:7"]
    assert found.table["name"].fillna("none").tolist() == ['The "Swan', "none"]
    assert set(found.table["kind"]) == {"pub"}
    aside = found.set_aside.iloc[0]
    assert (aside["line"], aside["status"], aside["reason"]) == (
        3,
        "quarantined",
        "the coordinate is zero",
    )


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("Name,ID,Latitude,Longitude", "Swan,1,53.76,-2.70"),
        ("Name,ID,Latitude,Longitude", "Swan,1,-2.70,53.76"),
        ("CommonName,ATCOCode,Easting,Northing", "Swan,1,353956,429544"),
    ],
)
def test_a_file_with_a_heading(tmp_path: Path, heading: str, row: str) -> None:
    path = tmp_path / "stops.csv"
    path.write_text(f"{heading}\n{row}\n")
    found = places.read(path, kind="bus stop", columns=None)
    holds_its_contract(found)
    assert found.table[["place_id", "name"]].to_numpy().tolist() == [["bus stop:1", "Swan"]]
    assert found.table.geometry.iloc[0].distance(Point(353_956, 429_544)) < 50


def test_swapped_headings_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "pubs.csv"
    path.write_text("id,latitude,longitude\n1,-2.70,53.76\n")
    found = places.read(path, kind="pub", columns=None)
    assert "1 rows have latitude and longitude the wrong way round" in found.repairs[0]
    assert found.columns == {"longitude": "latitude", "latitude": "longitude", "place_id": "id"}


def test_repeated_ids_are_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "pubs.csv"
    path.write_text("osm id,lat,lon\n5,53.76,-2.70\n5,53.77,-2.71\n")
    found = places.read(path, kind="pub", columns=None)
    assert found.table["place_id"].tolist() == ["pub:5", "pub:5#2"]


def test_geojson_points(tmp_path: Path) -> None:
    path = tmp_path / "pubs.geojson"
    layer = gpd.GeoDataFrame(
        {"osm_id": ["n1", "n2"], "name": ["Swan", None]},
        geometry=[Point(-2.7, 53.76), None],
        crs="EPSG:4326",
    )
    layer.to_file(path)
    found = places.read(path, kind="pub", columns=None)
    holds_its_contract(found)
    assert found.table["place_id"].tolist() == ["pub:n1"]
    assert found.set_aside["line"].tolist() == [2]


@pytest.mark.parametrize("columns", [(), ("a", "a", "latitude", "longitude")])
def test_columns_must_be_named_once_each(tmp_path: Path, columns: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="must name each column once"):
        places.read(tmp_path / "pubs.tsv", kind="pub", columns=columns)


def test_a_wrong_number_of_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pubs.tsv"
    path.write_text("Swan\t1\t53.76\t-2.70\n")
    with pytest.raises(InputError, match=r"no row of 5 values \(the first has 4\)"):
        places.read(path, kind="pub", columns=COLUMNS)


def test_unknown_coordinates_say_what_to_write(tmp_path: Path) -> None:
    path = tmp_path / "pubs.csv"
    path.write_text("name,here\nSwan,by the river\n")
    with pytest.raises(InputError, match="Head the columns latitude and longitude"):
        places.read(path, kind="pub", columns=None)


def test_places_that_are_nowhere_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "pubs.csv"
    path.write_text("name,latitude,longitude\nSwan,,\nRam,0,0\nBull,0,0\n")
    with pytest.raises(InputError, match=r"\(0 of 3 rows; .*all of them are zero"):
        places.read(path, kind="pub", columns=None)


def test_crime_records_given_as_places_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "2024-01-exmouth-street.csv"
    path.write_text("Crime ID,Month,Falls within,Longitude,Latitude\nx,2024-01,y,-2.7,53.7\n")
    with pytest.raises(InputError, match=r"expected places of the kind 'pub', found police\.uk"):
        places.read(path, kind="pub", columns=None)


def test_real_pubs() -> None:
    if not PUBS.exists():
        pytest.skip("the real file of pubs is not here")
    found = places.read(PUBS, kind="pub", columns=COLUMNS)
    holds_its_contract(found)
    assert found.account["rows_in"].iloc[0] == len(found.table) == 1_327
    assert found.table["name"].notna().all()


def test_the_most_frequent_reason_is_told_where_nothing_can_be_placed(tmp_path: Path) -> None:
    path = tmp_path / "pubs.csv"
    shapes = [Point(353_000, 0), Point(353_001, 0), None]
    gpd.GeoDataFrame({"id": [1, 2, 3]}, geometry=shapes, crs="EPSG:27700").to_file(
        tmp_path / "pubs.gpkg"
    )
    with pytest.raises(InputError, match="but no feature is one"):
        places.read(tmp_path / "pubs.gpkg", kind="pub", columns=None)
    path.write_text("id,x,y\n1,0,0\n2,0,0\n3,,\n")
    with pytest.raises(InputError, match="no places in Great Britain"):
        places.read(path, kind="pub", columns=None)
    with pytest.raises(InputError, match=r"must name each column once; got \['x', 'x'\]"):
        places.read(path, kind="pub", columns=("x", "x"))
    with pytest.raises(InputError, match=r"must name each column once; got \[\]"):
        places.read(path, kind="pub", columns=())
