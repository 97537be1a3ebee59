"""Registers of interventions: every way to name an area, and every row that is not understood."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from hotspots import schema
from hotspots.crs import BNG
from hotspots.errors import DataMissingError, InputError
from hotspots.sources import intervention_areas, interventions
from hotspots.sources.intervention_areas import Shapes
from hotspots.sources.interventions import RegisterFile

GROUPS = (schema.ALL_CRIME, "Burglary", "Vehicle crime", "people")
HEAD = "id,name,what was done,start,end,crime groups,wkt,hotspot,easting,northing,radius_m"
SQUARE = '"POLYGON ((230000 430000, 230400 430000, 230400 430400, 230000 430000))"'
GOOD = f"A1,Gates,four alley gates,2023-04,,Burglary,{SQUARE},,,,"


def read(folder: Path, *rows: str, head: str = HEAD, shapes: Shapes | None = None) -> RegisterFile:
    path = folder / "register.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    found = interventions.read(path, groups=GROUPS, shapes=shapes)
    keeps_account(found)
    return found


def keeps_account(found: RegisterFile) -> None:
    schema.check(found.table, schema.ACTIONS)
    schema.check(found.set_aside, schema.SET_ASIDE)
    row = schema.check(found.account, schema.ACCOUNT).iloc[0]
    assert row["rows_in"] == row["kept"] + len(found.set_aside)
    assert row["kept"] == len(found.table)


def test_every_way_to_name_an_area(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        GOOD,
        "A2,Patrols,evening patrols,2023-05,2023-08,Burglary; vehicle crime,,HS-town-0007,,,",
        "A3,Lamps,lamps renewed,2023-06-01,,,,,230000,430000,150",
    )
    assert len(found.set_aside) == 0
    table = found.table.set_index("intervention_id")
    assert shapely.from_wkt(table.loc["A1", "area_wkt"]).area == pytest.approx(80_000)
    assert table.loc["A2", "hotspot_id"] == "HS-town-0007"
    assert table.loc["A2", "crime_groups"] == "Burglary; Vehicle crime"
    assert table.loc["A2", "end"] == pd.Timestamp("2023-08-01")
    circle = shapely.from_wkt(table.loc["A3", "area_wkt"])
    assert circle.area == pytest.approx(3.12 * 150**2, rel=0.01)
    assert table.loc["A3", "start"] == pd.Timestamp("2023-06-01")
    assert table.loc["A3", "crime_groups"] == schema.ALL_CRIME
    assert table["end"].isna().tolist() == [True, False, True]
    assert table["line"].tolist() == [2, 3, 4]


def test_degrees_are_taken_to_metres(tmp_path: Path) -> None:
    head = "id,name,what,start,longitude,latitude,radius_m,wkt"
    shape = '"POLYGON ((-2.70 53.76, -2.699 53.76, -2.699 53.761, -2.70 53.76))"'
    found = read(
        tmp_path, "A,n,w,2023-01,-2.70,53.76,100,", f"B,n,w,2023-01,,,,{shape}", head=head
    ).table
    a, b = (shapely.from_wkt(each) for each in found["area_wkt"])
    assert a.centroid.distance(shapely.Point(353_950, 429_550)) < 200
    assert b.distance(a) < 100


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (GOOD.replace("A1", ""), "intervention_id", "it is empty"),
        (GOOD.replace("Gates", ""), "name", "it is empty"),
        (GOOD.replace("four", "f" * 200), "what", "at most 200 letters"),
        (GOOD.replace("2023-04", ""), "start", "write the month it began"),
        (GOOD.replace("2023-04", "April 2023"), "start", "it is no month"),
        (GOOD.replace("2023-04", "2023-13"), "start", "it is no month"),
        (GOOD.replace("2023-04,", "2023-04,2023-03"), "end", "ends before it starts"),
        (GOOD.replace("Burglary", "Burglaries"), "crime_groups", "'Burglaries' is no crime group"),
        (GOOD.replace(SQUARE, ""), "wkt", "found none; give its area in one way"),
        (GOOD.replace(",,,,", ",HS-town-0007,,,"), "wkt", "found wkt and hotspot"),
        (GOOD.replace(SQUARE, "here"), "wkt", "no well-known text"),
        (GOOD.replace(SQUARE, "POINT (230000 430000)"), "wkt", "it is no polygon"),
        (GOOD.replace("230400 430400", "900000 430400"), "wkt", "not within Great Britain"),
        (
            GOOD.replace(
                "230400 430000, 230400 430400", "230400 430400, 230400 430000, 230000 430400"
            ),
            "wkt",
            "not valid",
        ),
        ("A,n,w,2023-01,,,,seven,,,", "hotspot", "no id of a hotspot"),
        ("A,n,w,2023-01,,,,,230000,430000,9", "radius_m", "expected 10 to 2000 metres"),
        ("A,n,w,2023-01,,,,,230000,430000,2001", "radius_m", "expected 10 to 2000 metres"),
        ("A,n,w,2023-01,,,,,230000,,100", "radius_m", "northing is '', no number"),
        ("A,n,w,2023-01,,,,,4300000,230000,100", "radius_m", "outside Great Britain"),
    ],
)  # fmt: skip
def test_a_row_that_is_not_understood_is_set_aside_with_its_reason(
    tmp_path: Path, row: str, column: str, reason: str
) -> None:
    found = read(tmp_path, GOOD.replace("A1", "Z9"), row)
    assert found.table["intervention_id"].tolist() == ["Z9"]
    aside = found.set_aside.iloc[0]
    assert (aside["line"], aside["status"], aside["column"]) == (3, "quarantined", column)
    assert reason in aside["reason"]


@pytest.mark.parametrize("radius", ["10", "2000"])
def test_radii_at_the_limits_are_taken(tmp_path: Path, radius: str) -> None:
    assert len(read(tmp_path, f"A,n,w,2023-01,,,,,230000,430000,{radius}").table) == 1


def test_an_id_counts_once_and_its_first_row_stands(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD, GOOD.replace("Gates", "Other"))
    assert found.table["name"].tolist() == ["Gates"]
    assert "stands in an earlier row" in found.set_aside["reason"].iloc[0]


def test_a_row_that_failed_does_not_take_its_id(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD.replace("2023-04", "soon"), GOOD)
    assert len(found.table) == len(found.set_aside) == 1


def test_actions_outside_the_area_are_excluded(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text(f"{HEAD}\n{GOOD}\n", encoding="utf-8")
    near = shapely.box(300_000, 400_000, 310_000, 410_000)
    found = interventions.read(path, groups=GROUPS, near=near)
    keeps_account(found)
    assert found.set_aside["status"].tolist() == ["excluded"]


def test_a_register_in_toml(tmp_path: Path) -> None:
    path = tmp_path / "register.toml"
    path.write_text(
        """
[[intervention]]
id = "A1"
name = "Gates"
what = "alley gates"
start = "2023-04"
crime_groups = ["Burglary", "people"]
hotspot = "HS-town-0007"
comparison_hotspot = "HS-town-0009"

[[intervention]]
id = "A2"
name = "Lamps"
start = 2023-05-01
easting = 230000
northing = 430000
radius_m = 120
""",
        encoding="utf-8",
    )
    found = interventions.read(path, groups=GROUPS)
    keeps_account(found)
    row = found.table.iloc[0]
    assert (row["line"], row["crime_groups"]) == (2, "Burglary; people")
    assert row["comparison_hotspot_id"] == "HS-town-0009"
    assert found.set_aside[["line", "column"]].to_numpy().tolist() == [[11, "what"]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[intervention]\nid = 1\n", "expected entries"),
        ("[[action]]\nid = 'a'\n", "expected entries"),
        ("id = \n", "not valid TOML"),
    ],
)
def test_toml_of_another_form_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "register.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=rf"register.toml: .*{reason}"):
        interventions.read(path, groups=GROUPS)


def test_a_register_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line 1: found no column 'what', 'start'"):
        read(tmp_path, "A,b,c", head="id,name,place")


def test_columns_that_nobody_reads_are_named(tmp_path: Path) -> None:
    found = read(tmp_path, f"{GOOD},x", head=f"{HEAD},comparision")
    assert found.repairs == ("1 columns of the register are not used: 'comparision'",)


def test_a_missing_register_is_missing_data(tmp_path: Path) -> None:
    with pytest.raises(DataMissingError):
        interventions.read(tmp_path / "register.csv", groups=GROUPS)


# Areas in a file of their own


def layer(path: Path, rows: list[tuple[str, str, object]]) -> Path:
    ids, roles, shapes = zip(*rows, strict=True)
    table = gpd.GeoDataFrame(
        {"intervention_id": list(ids), "role": list(roles)}, geometry=list(shapes), crs=BNG
    )
    table.to_file(path)
    return path


def test_areas_and_comparisons_in_a_file_of_their_own(tmp_path: Path) -> None:
    near, far = shapely.box(0, 0, 300, 300), shapely.box(900, 0, 1200, 300)
    near, far = (shapely.transform(each, lambda xy: xy + 230_000) for each in (near, far))
    path = layer(
        tmp_path / "areas.gpkg",
        [("A1", "", near), ("A1", "Comparison", far), ("A2", "odd", near), ("", "action", near)],
    )
    shapes = intervention_areas.read(path)
    assert shapes.account[["rows_in", "kept", "quarantined"]].iloc[0].tolist() == [4, 2, 2]
    found = read(tmp_path, GOOD.replace(SQUARE, ""), shapes=shapes)
    row = found.table.iloc[0]
    assert shapely.from_wkt(row["area_wkt"]).equals(near)
    assert shapely.from_wkt(row["comparison_wkt"]).equals(far)
    twice = read(tmp_path, GOOD, shapes=shapes)
    assert "found wkt and the file of areas" in twice.set_aside["reason"].iloc[0]


def test_a_geographic_file_is_no_register_and_needs_ids(tmp_path: Path) -> None:
    path = tmp_path / "areas.gpkg"
    shape = shapely.box(230_000, 430_000, 230_100, 430_100)
    gpd.GeoDataFrame({"label": ["x"]}, geometry=[shape], crs=BNG).to_file(path)
    with pytest.raises(InputError, match="is a geographic file; name it as `areas`"):
        interventions.read(path, groups=GROUPS)
    with pytest.raises(InputError, match="found no column intervention_id"):
        intervention_areas.read(path)


def test_a_comparison_is_given_once(tmp_path: Path) -> None:
    head = f"{HEAD},comparison_wkt,comparison_hotspot"
    both = read(tmp_path, f"{GOOD},{SQUARE},HS-town-0001", head=head)
    assert "given in two ways" in both.set_aside["reason"].iloc[0]
    odd = read(tmp_path, f"{GOOD},there,", head=head)
    assert odd.set_aside["column"].tolist() == ["comparison_wkt"]
    one = read(tmp_path, f"{GOOD},{SQUARE},", head=head)
    assert one.table["comparison_wkt"].notna().all()
