from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from hotspots import schema
from hotspots.errors import InputError, SettingsError
from hotspots.sources import lighting

if TYPE_CHECKING:
    from hotspots.sources.layer import LayerFile

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
E, N = 350_000, 430_000
LON, LAT = -2.75996, 53.76393
"""The same place as ``E``, ``N``, to about ten metres."""


@pytest.fixture
def lamps(tmp_path: Path) -> Path:
    return tmp_path / "lamps.csv"


def read(path: Path, text: str | None = None, **columns: str) -> LayerFile:
    if text is not None:
        path.write_text(text, encoding="utf-8")
    return lighting.read(path, authority="Borough of Exmouth & Co", columns=columns)


def holds_its_contract(found: LayerFile) -> None:
    schema.check(found.table, schema.LAMPS)
    schema.check(found.set_aside, schema.SET_ASIDE)
    schema.check(found.account, schema.ACCOUNT)
    row = found.account.iloc[0]
    parts = ("kept", "unlocated", "excluded", "duplicate", "quarantined")
    assert row["rows_in"] == sum(row[part] for part in parts)
    assert row["kept"] == len(found.table)
    assert found.table["lamp_id"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("OBJECTID,UNIT_ID,UNIT_TYPE,EASTINGS,NORTHINGS,DEFECT", f"1,U1,SL,{E},{N},"),
        ("Unit Number,Ward Name,Unit Type,Easting,Northing", f"U1,x,Column ,{E} , {N}"),
        ("Asset_ID,Asset_XCords,Asset_YCords,latitude,longitude", f"U1,{E},{N},{LAT},{LON}"),
        ("central_asset_id,feat_cent_east,feat_cent_north,lat,long", f"U1,{E},{N},{LON},{LAT}"),
        ("unitid,unitno,location,Longitude,Latitude", f"U1,7,O/S 3,{LON},{LAT}"),
        ("unitid,LAT,LONG", f"U1,{LON},{LAT}"),
        ("Item_Id,X,Y", f"U1,{E},{N}"),
        ("Item_Id,X,Y", f"U1,{LON},{LAT}"),
        ("UNITREF,WKT", f"U1,POINT ({E} {N})"),
        ("UNITREF,WKT", f"U1,POINT ({LON} {LAT})"),
        ("unit_ref,Easting,Northing", f'U1,"{E:,}","{N:,}"'),
        ("Local Authority Asset Number,X,Y,Easting,Northing", f"U1,-307000,7100000,{E},{N}"),
    ],
)
def test_real_layouts_need_no_settings(lamps: Path, heading: str, row: str) -> None:
    found = read(lamps, f"{heading}\n{row}\n")
    holds_its_contract(found)
    assert found.table["lamp_id"].tolist() == ["borough-of-exmouth-co:U1"]
    assert found.table.geometry.iloc[0].distance(Point(E, N)) < 20


def test_attributes_are_read_as_supplied(lamps: Path) -> None:
    found = read(
        lamps,
        "id,RoadName,Lamp Type,Lamp Wattage,Mounting Height,Dimming Classification,Condition,"
        f"Easting,Northing\nA, Abbey Drive ,LED,43 W,600,Part night,Level 2,{E},{N}\n"
        f"B,,SON,2 x 36,,,,{E},{N}\n",
    )
    holds_its_contract(found)
    first, second = (found.table.iloc[i] for i in range(2))
    assert first[["road_name", "lamp_type", "dimming", "condition"]].tolist() == [
        "Abbey Drive",
        "LED",
        "Part night",
        "Level 2",
    ]
    assert (first["wattage_w"], first["height_m"]) == (43, 6)
    assert second[["road_name", "wattage_w", "height_m", "dimming"]].isna().all()
    assert any("1 wattages in 'Lamp Wattage' are not certain" in note for note in found.warnings)
    assert any("1 heights" in note and "brought to metres" in note for note in found.repairs)


def test_wattage_run_together_with_the_lamp_code(lamps: Path) -> None:
    text = f"id,lamp,easting,northing\n1,70SONT,{E},{N}\n2,SON,{E},{N}\n3,70,{E},{N}\n"
    found = read(lamps, text)
    assert found.table["wattage_w"].fillna(-1).tolist() == [70, -1, -1]


def test_rows_that_cannot_be_placed_are_quarantined_with_line_column_and_value(
    lamps: Path,
) -> None:
    bad = ["0,0", ",5", f"{E},", f"x,{N}", f"{E},nan", f"{E},9999999", f"12,{N}", "1e400,1"]
    good = [f"{E},{N}"] * 8
    rows = [f"{i},{pair}" for i, pair in enumerate([*bad, *good])]
    found = read(lamps, "id,easting,northing\n" + "\n".join(rows) + "\n")
    holds_its_contract(found)
    aside = found.set_aside
    assert aside["line"].tolist() == [*range(2, 10)]
    assert set(aside["status"]) == {"quarantined"}
    assert aside["reason"].tolist() == [
        "the coordinate is zero",
        "there is no coordinate",
        "there is no coordinate",
        "the coordinate is not a number",
        "the coordinate is not a number",
        "the coordinate is outside Great Britain",
        "the coordinate is outside Great Britain",
        "the coordinate is not a number",
    ]
    assert aside["column"].tolist()[:4] == ["easting", "easting", "northing", "easting"]
    assert aside["value"].fillna("").tolist()[3:6] == ["x", "nan", "9999999"]
    assert aside["month"].isna().all()
    assert aside["crime_type"].isna().all()


@pytest.mark.parametrize(
    "kind",
    [
        "Illuminated Sign", "Bollard", "BELISHA BEACON", "Not used - old column", "BB",
        "Feeder Pillar", "Traffic Signal", "Signpost", "Street Lighting - Bollard",
    ],
)  # fmt: skip
def test_what_is_no_street_light_is_excluded_by_its_type(lamps: Path, kind: str) -> None:
    found = read(lamps, f"id,Unit Type,X,Y\n1, {kind} ,{E},{N}\n2,Street Light,0,0\n3,SL,{E},{N}\n")
    holds_its_contract(found)
    assert found.set_aside["status"].tolist() == ["excluded", "quarantined"]
    assert found.set_aside["value"].tolist() == [kind, "0"]
    assert found.table["lamp_id"].tolist() == ["borough-of-exmouth-co:3"]


@pytest.mark.parametrize(
    "kind", ["SL", "Lighting Column 6m", "Light Column - Concrete", "Column with sign on lamp post"]
)
def test_street_lights_stay(lamps: Path, kind: str) -> None:
    assert len(read(lamps, f"id,Unit Type,X,Y\n1,{kind},{E},{N}\n").table) == 1


def test_dead_units_are_excluded_once(lamps: Path) -> None:
    found = read(
        lamps,
        f"id,feature_type_name,feature_deadflag,x,y\n1,Sign,Y,{E},{N}\n2,Column,Y,{E},{N}\n"
        f"3,Column,N,{E},{N}\n",
    )
    holds_its_contract(found)
    assert found.set_aside["reason"].tolist() == [
        "not a street light by its unit type",
        "marked as dead in the register",
    ]


def test_a_file_of_signs_only_is_refused(lamps: Path) -> None:
    with pytest.raises(InputError, match=r"no row is left as a street light.*'Sign'"):
        read(lamps, f"id,Unit Type,X,Y\n1,Sign,{E},{N}\n")


def test_ids_that_repeat_or_are_damaged_are_kept_and_counted(lamps: Path) -> None:
    ids = ["1.00E+12", "1.00E+12", "A", "A", "A#2", ""]
    rows = [f"{name},{E + i},{N}" for i, name in enumerate(ids)]
    found = read(lamps, "Unit Number,easting,northing\n" + "\n".join(rows) + "\n")
    holds_its_contract(found)
    assert [name.partition(":")[2] for name in found.table["lamp_id"]] == sorted(
        ["line-2", "line-3", "A", "A#2", "A#2#2", "line-7"]
    )
    assert sorted(note.split(" ")[0] for note in found.repairs) == ["1", "1", "2"]
    assert "damaged by a spreadsheet" in " ".join(found.repairs)


def test_the_id_column_is_the_first_that_hardly_repeats(lamps: Path) -> None:
    rows = [f"{i},{i // 2},COL/{i},{E},{N}" for i in range(20)]
    found = read(lamps, "id,unit_id,feature id,X,Y\n" + "\n".join(rows) + "\n")
    assert found.columns["lamp_id"] == "id"


def test_without_ids_the_line_serves(lamps: Path) -> None:
    found = read(lamps, f"x,y\n{E},{N}\n")
    assert found.table["lamp_id"].tolist() == ["borough-of-exmouth-co:line-2"]
    assert found.repairs == ()
    assert "no column of ids" in found.warnings[0]


def test_settings_name_columns_whatever_their_case(lamps: Path) -> None:
    text = f"nr,across,up,easting,northing\n1,{E},{N},1,1\n"
    found = read(lamps, text, lamp_id="NR", easting="Across", northing="up")
    assert found.table["lamp_id"].tolist() == ["borough-of-exmouth-co:1"]
    assert found.columns == {"easting": "across", "northing": "up", "lamp_id": "nr"}


def test_settings_that_do_not_fit_the_file(lamps: Path) -> None:
    text = f"nr,across,up\n1,{E},{N}\n"
    with pytest.raises(InputError, match="no column 'East', which the settings name as easting"):
        read(lamps, text, easting="East", northing="up")
    with pytest.raises(InputError, match="a column for easting but none for northing"):
        read(lamps, text, easting="across")
    with pytest.raises(SettingsError, match="unknown key 'colour'; the keys are lamp_id"):
        read(lamps, text, colour="up")


def test_unknown_coordinates_list_the_columns_and_the_settings_line(lamps: Path) -> None:
    with pytest.raises(
        InputError, match=r"the file has 'nr', 'across', 'up'.*columns = \{ easting"
    ):
        read(lamps, f"nr,across,up\n1,{E},{N}\n")
    with pytest.raises(InputError, match=r"hold no places in Great Britain.*'-307000', '7100000'"):
        read(lamps, "nr,X,Y\n1,-307000,7100000\n")


@pytest.mark.parametrize(
    "heading",
    [
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Crime type",
        "Month,Crime type,Longitude,Latitude",
        "Type,Object of search,Latitude,Longitude",
    ],
)
def test_police_records_given_as_lamps_are_refused(lamps: Path, heading: str) -> None:
    row = ",".join("1" for _ in heading.split(","))
    with pytest.raises(InputError, match=r"expected street lights, found police\.uk"):
        read(lamps, f"{heading}\n{row}\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04 and more", "damaged zip"),
        (b"\x89PNG\r\n", "found a PNG picture"),
        (b"", "the file is empty"),
        (gzip.compress(b"id,x,y\n" * 50, mtime=0)[:-6], "gzip file is damaged"),
        (b"\x00" * 50, "line 1: found bytes that are neither"),
    ],
)
def test_files_of_another_kind_get_one_message(lamps: Path, content: bytes, message: str) -> None:
    lamps.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read(lamps)


@pytest.mark.parametrize("name", ["lamps.geojson", "lamps.gpkg", "lamps.shp"])
def test_geographic_files(tmp_path: Path, name: str) -> None:
    shapes = [Point(E, N), None, LineString([(E, N), (E, N + 9)]), Point(1, 1), Point(E, N + 9)]
    if name.endswith("shp"):
        shapes = [shape for shape in shapes if shape is None or shape.geom_type == "Point"]
    layer = gpd.GeoDataFrame(
        {"unitid": range(len(shapes)), "wattage": ["70SONT"] * len(shapes)},
        geometry=shapes,
        crs="EPSG:27700",
    )
    layer.to_crs("EPSG:4326" if name.endswith("json") else "EPSG:27700").to_file(tmp_path / name)
    found = read(tmp_path / name)
    holds_its_contract(found)
    assert found.table["lamp_id"].str.endswith((":0", f":{len(shapes) - 1}")).all()
    assert found.table["wattage_w"].tolist() == [70, 70]
    assert found.table.geometry.iloc[0].distance(Point(E, N)) < 0.2
    assert found.set_aside["line"].tolist() == [*range(2, len(shapes))]
    assert found.set_aside["reason"].iloc[0] == "there is no coordinate"


def test_a_geographic_file_of_polygons_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "areas.gpkg"
    shape = Point(E, N).buffer(50)
    gpd.GeoDataFrame({"unitid": [1]}, geometry=[shape], crs="EPSG:27700").to_file(path)
    with pytest.raises(InputError, match=r"of the first, the shape is not a point \(Polygon\)"):
        read(path)


_CELLS = st.sampled_from(["", "0", "x", "350000", "430000", "-2.7", "53.7", "9e99", '"', "Sign"])


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.lists(_CELLS, min_size=1, max_size=6), max_size=12))
def test_every_row_is_accounted_for(lamps: Path, rows: list[list[str]]) -> None:
    good = [[f"g{i}", "Column", str(E), str(N)] for i in range(len(rows) + 1)]
    # Tabs, so that a quotation mark is an ordinary character.
    lines = ["\t".join(row) for row in [*rows, *good]]
    found = read(lamps, "id\tunit type\teasting\tnorthing\n" + "\n".join(lines) + "\n")
    holds_its_contract(found)
    n_blank = sum(not line.strip() for line in lines)
    n_rows = found.account["rows_in"].iloc[0]
    assert len(lines) - n_blank <= n_rows <= len(lines)
    assert len(found.table) >= len(good)


@pytest.mark.parametrize(
    ("key", "heading", "value"),
    [
        *[
            ("lamp_id", name, "{i}")
            for name in (
                "OBJECTID", "unitid", "Unit Number", "UNIT_ID", "UNITREF", "Asset_ID",
                "central_asset_id", "Item_Id", "ITEM_IDENT", "IIT_NE_ID", "FID",
                "Local Authority Asset Number",
            )
        ],
        *[
            ("unit_type", name, "Street Light")
            for name in (
                "UNIT_TYPE", "UNIT_CODE", "UNITTYPE", "Unit Type", "feature_type_name",
                "Asset_type",
            )
        ],
        ("lamp_type", "Lamp Type", "SON"),
        ("wattage", "Wattage", "70"),
        ("height", "Mounting Height", "6"),
        ("condition", "Condition", "Good"),
        ("dimming", "Dimming Classification", "None"),
        ("condition", "DEFECT", "OpenDefect"),
        ("condition", "OpenDefect", "Y"),
        ("installed", "Structure Install Date", "01/10/2015 00:00:00"),
        ("ended", "feature_end_date", "01/01/3000"),
        ("usrn", "USRN", "123"),
        ("road_name", "Road name", "Moor"),
        ("road_name", "STREETDESCRIPTION", "Moor"),
        ("ward", "Ward", "North"),
        ("owner", "owner", "Council"),
        ("part_night", "Part Night", "N"),
        ("lamps_n", "Number of Lamps", "1"),
    ],
)  # fmt: skip
def test_every_heading_of_the_real_registers_is_recognised(
    lamps: Path, key: str, heading: str, value: str
) -> None:
    rows = [f"{value.format(i=i)},{E + i},{N}" for i in range(3)]
    found = read(lamps, "\n".join([f"{heading},Easting,Northing", *rows]))
    assert found.columns[key] == heading
    assert len(found.table) == 3


@pytest.mark.parametrize(
    "pair",
    [
        "EASTINGS,NORTHINGS", "Easting,Northing", "EASTING,NORTHING", "Asset_XCords,Asset_YCords",
        "feat_cent_east,feat_cent_north", "X,Y", "Longitude,Latitude", "long,lat", "lon,lat",
    ],
)  # fmt: skip
def test_every_pair_of_coordinates_of_the_real_registers_is_recognised(
    lamps: Path, pair: str
) -> None:
    is_degrees = "l" in pair and "o" in pair
    place = f"{LON},{LAT}" if is_degrees else f"{E},{N}"
    found = read(lamps, f"unitid,{pair}\nU1,{place}\n")
    assert found.table.geometry.iloc[0].distance(Point(E, N)) < 20


def test_units_that_went_are_excluded_and_those_still_there_are_not(lamps: Path) -> None:
    dates = {
        "01/01/3000 00:00:00": 1, "": 1, "31/12/2019": 0, "2019-12-31T00:00:00": 0, "20191231": 0,
        "22/11/2026": 1, "21/11/2026": 0, "soon": 1, "01/01/1900": 1,
    }  # fmt: skip
    rows = [f"{i},{end},{E + i},{N}" for i, end in enumerate(dates)]
    lamps.write_text("unitid,feature_end_date,x,y\n" + "\n".join(rows))
    found = lighting.read(lamps, authority="a", columns={}, today=date(2026, 11, 22))
    holds_its_contract(found)
    kept = {name.removeprefix("a:") for name in found.table["lamp_id"]}
    assert kept == {str(i) for i, stays in enumerate(dates.values()) if stays}
    assert set(found.set_aside["reason"]) == {"no longer there by its end date"}


def test_a_row_that_comes_again_is_a_duplicate_and_the_same_place_is_not(lamps: Path) -> None:
    found = read(lamps, f"unitid,x,y\n1,{E},{N}\n1,{E},{N}\n2,{E},{N}\n")
    holds_its_contract(found)
    assert found.set_aside[["line", "status"]].to_numpy().tolist() == [[3, "duplicate"]]
    assert len(found.table) == 2


def test_doubtful_kinds_and_several_lamps_are_pointed_out(lamps: Path) -> None:
    found = read(lamps, f"unitid,Unit Type,Number of Lamps,x,y\n1,ZZ,2,{E},{N}\n2,SL,1,{E},{N}\n")
    assert len(found.table) == 2
    kinds, several = found.warnings
    assert "'ZZ' (1)" in kinds
    assert several.startswith("1 rows have more than one lamp in 'Number of Lamps', 2 together")


@pytest.mark.parametrize(
    ("file", "rows_in", "quarantined"),
    [
        ("barnet_lightposts.csv.gz", 33_146, 0),
        ("salford_streetlights_2014.csv.gz", 26_912, 0),
        ("stockport_streetlights_2014.csv.gz", 33_327, 13),
    ],
)
def test_real_registers(file: str, rows_in: int, quarantined: int) -> None:
    path = DATA / "lighting" / file
    if not path.exists():
        pytest.skip(f"the real file {file} is not here")
    found = read(path)
    holds_its_contract(found)
    account = found.account.iloc[0]
    assert (account["rows_in"], account["quarantined"]) == (rows_in, quarantined)
    assert account["kept"] == rows_in - quarantined
    assert set(found.set_aside["reason"]) <= {"the coordinate is zero"}
    assert {"easting", "northing", "lamp_id"} <= set(found.columns)
    if file.startswith("salford"):
        assert found.table["wattage_w"].notna().all()
        assert found.table["height_m"].isna().sum() == 1
        assert found.table["height_m"].max() == 30


def test_a_real_deprivation_file_given_as_lamps_is_refused() -> None:
    path = DATA / "imd" / "iod2025_file7_style__barnet.csv"
    if not path.exists():
        pytest.skip(f"the real file {path.name} is not here")
    with pytest.raises(InputError, match="expected street lights, found statistics of LSOAs"):
        read(path)


def test_dates_part_night_and_defects_are_read_beside_the_condition(lamps: Path) -> None:
    found = read(
        lamps,
        "id,Easting,Northing,Install Date,Part Night,Condition,DEFECT\n"
        f"1,{E},{N},03/04/2011,Y,Poor,OpenDefect\n2,{E},{N},2012,,Good,\n"
        f"3,{E},{N},01/01/1900,N,,\n4,{E},{N},,,,\n",
    )
    holds_its_contract(found)
    table = found.table
    assert table["installed"].dt.strftime("%Y-%m").fillna("none").tolist() == [
        "2011-04", "2012-01", "none", "none",
    ]  # fmt: skip
    assert table["part_night"].fillna("none").tolist() == ["Y", "none", "N", "none"]
    assert table["condition"].fillna("none").tolist() == ["Poor", "Good", "none", "none"]
    assert table["fault"].tolist() == ["OpenDefect", "none", "none", "none"]
    assert any(note.startswith("3 rows have nothing in 'DEFECT'") for note in found.repairs)
    assert any("1 dates in 'Install Date' are not certain" in note for note in found.warnings)


def test_without_a_defect_nothing_is_said_of_any(lamps: Path) -> None:
    none = read(lamps, f"id,Easting,Northing,DEFECT\n1,{E},{N},\n2,{E},{N},\n")
    assert none.table["fault"].isna().all()
    every = read(lamps, f"id,Easting,Northing,DEFECT\n1,{E},{N},open\n2,{E},{N},open\n")
    assert every.table["fault"].tolist() == ["open", "open"]
    assert not any("DEFECT" in note for note in every.repairs)
