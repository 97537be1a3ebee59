"""What ``hotspots check`` says of a file: its kind, verdict, account, and what to paste."""

from __future__ import annotations

import json
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import xlsxwriter
from typer.testing import CliRunner

from hotspots import cli, settings
from hotspots.errors import DataMissingError
from hotspots.pipeline.check import (
    JSON_KEYS,
    LISTED,
    Record,
    _counted,
    _dropped,
    _files,
    _masked,
    _repair,
    check,
)
from hotspots.pipeline.understand import KINDS, parted
from hotspots.pipeline.understood import ROWS

if TYPE_CHECKING:
    from typer.testing import Result

CRIME_ID = "0123456789abcdef" * 4
HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
LIGHTS = "unit_ref,unit_type,easting,northing\nA1,Street Light,353000,429000\n"


def one(path: Path, kind: str | None = None) -> Record:
    (record,) = check(path, kind=kind)
    return record


def wrote(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def crime(number: int, *, month: str = "2024-01", crime_id: str | None = None) -> str:
    name = crime_id or f"{number:064x}"
    return (
        f"{name},{month},Anytown Police,Anytown Police,-2.7,53.76,On or near High Street,"
        "E01012571,Anytown 001A,Burglary,Under investigation,"
    )


def police_csv(folder: Path, *rows: str) -> Path:
    return wrote(folder / "2024-01-anytown-street.csv", "\n".join([HEADER, *rows]) + "\n")


def shape(properties: dict[str, str], ring: list[list[float]], kind: str = "Polygon") -> str:
    geometry = {"type": kind, "coordinates": [ring] if kind == "Polygon" else ring[0]}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


SQUARE = [[-2.7, 53.7], [-2.6, 53.7], [-2.6, 53.8], [-2.7, 53.8], [-2.7, 53.7]]
BOW = [[-2.7, 53.7], [-2.6, 53.8], [-2.6, 53.7], [-2.7, 53.8], [-2.7, 53.7]]


# The sample county


@pytest.mark.parametrize(
    ("file", "kind", "verdict", "counts"),
    [
        ("police_uk/2022-08.zip", "police", "accept", (47_861, 45_790, 1_981, 0, 90, 0)),
        ("police_uk/2023-07.zip", "police", "accept", (38_878, 37_540, 1_323, 0, 15, 0)),
        ("police_uk/2024-03.zip", "police", "accept", (27_463, 26_506, 957, 0, 0, 0)),
        ("boundaries/districts.geojson", "boundaries", "accept", (4, 4, 0, 0, 0, 0)),
        ("boundaries/districts.shp.zip", "boundaries", "accept", (4, 4, 0, 0, 0, 0)),
        ("boundaries/wards.geojson", "boundaries", "accept", (34, 34, 0, 0, 0, 0)),
        ("boundaries/lsoa11.geojson", "boundaries", "accept", (202, 202, 0, 0, 0, 0)),
        ("boundaries/lsoa21.geojson", "boundaries", "accept", (204, 204, 0, 0, 0, 0)),
        ("deprivation/iod2025_file7.csv", "deprivation", "accept", (204, 204, 0, 0, 0, 0)),
        ("lighting/kelderwick_lights.csv", "lighting", "accept", (9_625, 9_625, 0, 0, 0, 0)),
        (
            "lighting/saltmarrow_units.csv",
            "lighting",
            "quarantine",
            (14_925, 14_444, 0, 474, 0, 7),
        ),
        ("places/pubs.tsv", "places", "accept", (83, 83, 0, 0, 0, 0)),
        ("places/schools.csv", "places", "accept", (46, 46, 0, 0, 0, 0)),
        ("places/shops.csv", "places", "accept", (338, 338, 0, 0, 0, 0)),
        ("places/shopwatch.csv", "places", "accept", (36, 36, 0, 0, 0, 0)),
        ("places/stations.csv", "places", "accept", (5, 5, 0, 0, 0, 0)),
        ("README.txt", "unknown", "refuse", (0, 0, 0, 0, 0, 0)),
    ],
)
def test_the_sample_county_is_recognised(
    county: Path, file: str, kind: str, verdict: str, counts: tuple[int, ...]
) -> None:
    record = one(county.parent / "inputs" / file)
    assert (record.kind, record.verdict) == (kind, verdict)
    assert record.rows == dict(zip(ROWS, counts, strict=True))


def test_pasted_lines_are_settings_that_load(county: Path, tmp_path: Path) -> None:
    inputs = county.parent / "inputs"
    records = [one(inputs / "boundaries" / "districts.geojson")]
    records += check(inputs / "lighting")
    records += check(inputs / "places")
    records += [one(inputs / "deprivation" / "iod2025_file7.csv")]
    records += [one(inputs / "police_uk" / "2024-03.zip")]
    lines = ["[area]", 'id = "a"', 'name = "A"', *(line for r in records for line in r.settings)]
    found = settings.load(wrote(tmp_path / "pasted.toml", "\n".join(lines)))
    assert [each.code for each in found.boundaries] == ["LAD24CD"]
    assert len(found.lighting) == 2
    assert len(found.places) == 5
    assert found.deprivation is not None
    assert '# under [area]: police_force = "saltmarrow"' in lines


def test_a_list_without_a_heading_gets_columns(county: Path) -> None:
    record = one(county.parent / "inputs" / "places" / "pubs.tsv")
    block = tomllib.loads("\n".join(record.settings))["places"][0]
    assert block["columns"] == ["name", "column 2", "id", "latitude", "longitude"]
    found = {column["name"]: column["found"] for column in record.columns}
    assert found == {
        "longitude": "column 5", "latitude": "column 4", "place_id": "column 3", "name": "column 1",
    }  # fmt: skip
    assert {column["sure"] for column in record.columns} == {"likely"}
    assert "no heading" in record.warnings[0]


# Police records


def test_duplicates_and_misshapen_rows_never_show_a_crime_id(tmp_path: Path) -> None:
    rows = [crime(0, crime_id=CRIME_ID)] * 2
    broken = crime(0, crime_id=CRIME_ID) + ",too,many"
    unread = crime(0, month="2023-12", crime_id=CRIME_ID)
    record = one(police_csv(tmp_path, *rows, broken, unread))
    assert record.verdict == "quarantine"
    assert record.rows == dict(zip(ROWS, (4, 1, 0, 0, 1, 2), strict=True))
    assert CRIME_ID not in json.dumps(record.as_json())
    duplicate = next(each for each in record.problems if "comes again" in each["reason"])
    assert (duplicate["line"], duplicate["found"]) == (2, None)
    month = next(each for each in record.problems if each["column"] == "Month")
    assert month["found"] == "2023-12"


def test_the_first_rows_of_each_reason_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    wrong = [crime(n, month="2023-12") for n in range(LISTED + 5)]
    record = one(police_csv(tmp_path, crime(99), *wrong))
    assert [each["line"] for each in record.problems] == list(range(3, LISTED + 3))
    assert [n for _, _, n in record.dropped] == [LISTED + 5]
    assert f"{LISTED + 5} rows are quarantined" in record.as_json()["warnings"][0]


def test_a_zip_names_the_member_of_a_problem(tmp_path: Path) -> None:
    plain = police_csv(tmp_path, crime(1), crime(2, month="2023-12"))
    path = tmp_path / "download.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(plain, "2024-01/2024-01-anytown-street.csv")
    (problem,) = one(path).problems
    assert "(in 2024-01/2024-01-anytown-street.csv)" in problem["reason"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("renamed.csv", "\n".join([HEADER.replace(",Month", ""), crime(1)])),
        ("2024-01-anytown-street.csv", "Crime ID,Month\na,2024-01\n"),
        ("2024-01-anytown-outcomes.csv", "Crime ID,Month\na,2024-01\n"),
    ],
)
def test_police_files_that_cannot_be_used_are_refused_as_such(
    tmp_path: Path, name: str, text: str
) -> None:
    record = one(wrote(tmp_path / name, text))
    assert (record.kind, record.verdict) == ("police", "refuse")


def test_a_header_alone_is_said_to_hold_no_rows(tmp_path: Path) -> None:
    record = one(police_csv(tmp_path))
    assert record.verdict == "accept"
    assert "the file holds no rows" in record.warnings


# Boundaries


@pytest.mark.parametrize(
    ("columns", "level", "sure"),
    [
        ({"LAD24CD": "E07000117", "LAD24NM": "Burnley"}, "district", "recognised"),
        ({"ltla24_code": "E07000117", "ltla24_name": "Burnley"}, "district", "recognised"),
        ({"LAD13CD": "E07000117", "LADNM": "Burnley"}, "district", "recognised"),
        ({"code": "E05000001", "name": "Bank Hall"}, "ward", "recognised"),
        ({"ward22_cod": "E05000001", "ward22_nam": "Bank Hall"}, "ward", "recognised"),
        ({"lsoa21_cod": "E01000001", "lsoa21_nam": "Burnley 001A"}, "lsoa21", "recognised"),
        ({"lsoa2021_c": "E01000001", "lsoa2021_n": "Burnley 001A"}, "lsoa21", "recognised"),
        ({"LSOA11CD": "E01000001", "LSOA11NM": "Burnley 001A"}, "lsoa11", "recognised"),
        ({"lsoa_code": "E01000001", "lsoa_name": "Burnley 001A"}, "lsoa21", "likely"),
        ({"PFA20CD": "E23000003", "PFA20NM": "Lancashire"}, "force", "recognised"),
        ({"ward_code": "7", "ward_name": "Bank Hall"}, "ward", "likely"),
        ({"LAD24CD": "E07000117", "name": "Burnley"}, "district", "likely"),
        ({"CSP24CD": "E22000001", "CSP24NM": "x", "LAD24CD": "E07000117", "LAD24NM": "y"},
         "district", "recognised"),
    ],
)  # fmt: skip
def test_code_and_name_are_found(
    tmp_path: Path, columns: dict[str, str], level: str, sure: str
) -> None:
    record = one(wrote(tmp_path / "areas.geojson", shape(columns, SQUARE)))
    assert (record.kind, record.verdict) == ("boundaries", "accept")
    assert {column["sure"] for column in record.columns} == {sure}
    block = tomllib.loads("\n".join(record.settings))["boundaries"][0]
    assert block["level"] == level
    assert [block["code"], block["name"]] == list(columns)[-2:]
    assert bool(record.warnings) == (sure == "likely")


def test_districts_in_a_file_of_wards_are_offered_as_a_comment(shared: Path) -> None:
    record = one(shared / "data" / "boundaries" / "lsoa21_barnet.geojson")
    comments = [line for line in record.settings if line.startswith("# ")]
    assert '# code = "ltla24_code"' in comments


def test_a_shape_that_crosses_itself_is_a_repair(tmp_path: Path) -> None:
    path = tmp_path / "areas.geojson"
    record = one(wrote(path, shape({"code": "E07000117", "name": "Burnley"}, BOW)))
    assert record.verdict == "repair"
    assert record.repairs == ({"what": "shapes that cross themselves were mended", "count": 1},)


def test_areas_without_codes_are_refused(tmp_path: Path) -> None:
    record = one(wrote(tmp_path / "areas.geojson", shape({"colour": "red"}, SQUARE)))
    assert record.verdict == "refuse"
    assert "'colour'" in record.problems[0]["reason"]


# Points


def test_lights_are_told_by_their_columns_or_the_name_of_the_file(tmp_path: Path) -> None:
    assert one(wrote(tmp_path / "a.csv", LIGHTS)).kind == "lighting"
    bare = "id,easting,northing\n1,353000,429000\n"
    assert one(wrote(tmp_path / "street_lights.csv", bare)).warnings == ()
    unsure = one(wrote(tmp_path / "b.csv", bare))
    assert unsure.kind == "lighting"
    assert "--as places" in unsure.warnings[0]
    assert one(tmp_path / "b.csv", "places").kind == "places"


def test_points_of_a_geographic_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "points.geojson"
    record = one(wrote(path, shape({"urn": "1", "name": "A School"}, SQUARE, "Point")))
    assert (record.kind, record.verdict) == ("places", "accept")


def test_repairs_are_counted(tmp_path: Path) -> None:
    swapped = "unit_ref,longitude,latitude\nA1,53.7,-2.7\nA2,53.71,-2.7\n,53.72,-2.7\n"
    record = one(wrote(tmp_path / "lights.csv", swapped))
    assert record.verdict == "repair"
    counts = {repair["what"]: repair["count"] for repair in record.repairs}
    assert sorted(counts.values()) == [1, 3]


def test_a_row_in_quarantine_comes_with_line_column_and_value(tmp_path: Path) -> None:
    record = one(wrote(tmp_path / "lights.csv", LIGHTS + "A2,Street Light,0,0\n"))
    assert record.verdict == "quarantine"
    assert record.problems == (
        {
            "line": 3,
            "column": "easting",
            "found": "0",
            "reason": "the coordinate is zero",
            "fix": "Correct it in the file or ask the publisher; until then the row is not used.",
        },
    )


# What is refused


def cut_zip(folder: Path) -> bytes:
    path = folder / "whole.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("2024-01/2024-01-anytown-street.csv", HEADER)
    return path.read_bytes()[:-30]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(60), "PNG picture"),
        ("empty.csv", b"", "empty"),
        ("empty.geojson", b"", "empty"),
        ("empty.zip", b"", "empty"),
        ("object.json", b'{"a": 1}', "expected GeoJSON"),
        ("object.txt", b'{"a": 1}', "expected GeoJSON"),
        ("array.json", b'[{"a": 1}]', "no answer of crimes-street"),
        ("cut.json", b'[{"a": ', "not JSON"),
        ("not.zip", b"hello", "not a zip"),
        ("words.md", b"just, words\nand, more\n", "not recognised"),
        ("page.csv", b"<html></html>", "web page"),
        ("binary.csv", bytes(range(256)), ""),
        ("book.xlsx", b"", "empty"),
    ],
)
def test_hostile_and_unknown_files_are_refused_with_one_message(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    record = one(wrote(tmp_path / name, content))
    assert (record.kind, record.verdict) == ("unknown", "refuse")
    (problem,) = record.problems
    assert words in problem["reason"]
    assert name in problem["reason"]
    assert problem["fix"]


def test_cut_zips_and_workbooks_are_refused(tmp_path: Path) -> None:
    record = one(wrote(tmp_path / "cut.zip", cut_zip(tmp_path)))
    assert record.verdict == "refuse"
    assert "damaged zip" in record.problems[0]["reason"]
    book = tmp_path / "lights.xlsx"
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    assert "Save the table as CSV" in one(book).problems[0]["fix"]


@pytest.mark.parametrize(
    ("file", "wrong"),
    [
        ("lighting/kelderwick_lights.csv", ("boundaries", "police", "deprivation")),
        ("boundaries/wards.geojson", ("lighting", "places", "police", "deprivation")),
        ("police_uk/2024-03.zip", ("lighting", "places", "boundaries", "deprivation")),
        ("deprivation/iod2025_file7.csv", ("lighting", "places", "police", "boundaries")),
        ("places/schools.csv", ("boundaries", "police", "deprivation")),
    ],
)
def test_a_wrong_as_is_refused(county: Path, file: str, wrong: tuple[str, ...]) -> None:
    for kind in wrong:
        record = one(county.parent / "inputs" / file, kind)
        assert (record.kind, record.verdict) == (kind, "refuse")


def test_crimes_without_a_heading_do_not_show_their_ids(tmp_path: Path) -> None:
    rows = "\n".join(crime(n, crime_id=f"{n:02d}{CRIME_ID[2:]}") for n in range(30))
    for kind in (None, *KINDS):
        (record,) = check(wrote(tmp_path / "crimes.csv", rows), kind=kind)
        assert CRIME_ID[2:] not in json.dumps(record.as_json())


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.csv", tmp_path):
        with pytest.raises(DataMissingError, match="check its name"):
            check(path)


def test_a_folder_is_checked_file_by_file(tmp_path: Path, county: Path) -> None:
    with zipfile.ZipFile(county.parent / "inputs/boundaries/districts.shp.zip") as archive:
        archive.extractall(tmp_path)
    wrote(tmp_path / "lights.csv", LIGHTS)
    wrote(tmp_path / ".hidden", "x")
    records = check(tmp_path)
    kinds = {Path(record.file).suffix: record.kind for record in records}
    assert kinds == {".csv": "lighting", ".shp": "boundaries"}


# The command


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["check", *map(str, arguments)])


def test_json_has_exactly_these_keys(tmp_path: Path) -> None:
    wrote(tmp_path / "lights.csv", LIGHTS + "A2,Street Light,0,0\n")
    found = json.loads(run(tmp_path / "lights.csv", "--json").stdout)
    assert tuple(found) == JSON_KEYS
    assert tuple(found["rows"]) == ROWS
    assert all(set(column) == {"name", "found", "sure"} for column in found["columns"])
    assert set(found["problems"][0]) == {"line", "column", "found", "reason", "fix"}
    assert [each["kind"] for each in json.loads(run(tmp_path, "--json").stdout)] == ["lighting"]


def test_the_command_knows_every_kind() -> None:
    assert set(cli.Kind) == set(KINDS)


def test_exit_codes(tmp_path: Path) -> None:
    good = wrote(tmp_path / "lights.csv", LIGHTS + "A2,Street Light,0,0\n")
    assert run(good).exit_code == 0
    assert run(good, "--as", "lighting").exit_code == 0
    assert run(good, "--as", "police").exit_code == 4
    assert run(good, "--as", "lights").exit_code == 2
    assert run(tmp_path / "nothing").exit_code == 3


def test_words_for_people(tmp_path: Path) -> None:
    path = wrote(tmp_path / "lights.csv", LIGHTS + "A2,Street Light,0,0\n")
    words = run(path).stdout
    assert words.startswith(f"{path}: lighting, can be used but for the rows named below\n")
    assert "1  quarantined  the coordinate is zero" in words
    assert "for example line 3, column 'easting': found '0'" in words
    assert "[[lighting]]" in words


def test_a_refusal_is_one_message(tmp_path: Path) -> None:
    result = run(wrote(tmp_path / "picture.png", b"\x89PNG\r\n\x1a\n"))
    assert result.exit_code == 4
    assert result.stdout.count("picture.png") == 2
    assert "save the table as csv" in result.stdout.lower()
    assert "Traceback" not in result.output


# The real files


@pytest.mark.parametrize(
    ("file", "kind", "verdict", "counts"),
    [
        ("lighting/barnet_lightposts.csv.gz", "lighting", "accept", (33_146, 33_146, 0)),
        ("lighting/salford_streetlights_2014.csv.gz", "lighting", "accept", (26_912, 26_912, 0)),
        (
            "lighting/stockport_streetlights_2014.csv.gz",
            "lighting",
            "quarantine",
            (33_327, 33_314, 13),
        ),
        ("boundaries/lad24_lancashire.geojson", "boundaries", "accept", (14, 14, 0)),
        ("boundaries/lad_lancashire_bng_shapefile.zip", "boundaries", "accept", (14, 14, 0)),
        ("boundaries/ward22_lancashire.geojson", "boundaries", "accept", (271, 271, 0)),
        ("boundaries/lsoa11_lancashire.geojson", "boundaries", "repair", (941, 941, 0)),
        ("boundaries/lsoa21_lancashire.geojson", "boundaries", "accept", (945, 945, 0)),
        ("boundaries/pfa20_lancashire.geojson", "boundaries", "accept", (1, 1, 0)),
        ("imd/iod2025_file7_style__lancashire.csv", "deprivation", "accept", (945, 945, 0)),
        ("imd/File_2_-_IoD2019_Domains_of_Deprivation__lancashire.csv", "deprivation", "accept",
         (941, 941, 0)),
        ("police_uk/2024-04.zip", "police", "accept", (58_881, 57_065, 0)),
        ("osm/osm_pubs_lancashire_bbox.tsv", "places", "accept", (1_327, 1_327, 0)),
        ("boundaries/lookup_lsoa21_ward24_lad24_lancashire.csv", "unknown", "refuse", (0, 0, 0)),
        ("police_uk/2023-06-lancashire-outcomes_sample.csv", "police", "refuse", (0, 0, 0)),
    ],
)  # fmt: skip
def test_real_files(
    shared: Path, file: str, kind: str, verdict: str, counts: tuple[int, int, int]
) -> None:
    record = one(shared / "data" / file)
    assert (record.kind, record.verdict) == (kind, verdict)
    rows = record.rows
    assert (rows["in"], rows["kept"], rows["quarantined"]) == counts
    assert rows["in"] == sum(rows[name] for name in ROWS[1:])


def test_real_pubs_as_places(shared: Path) -> None:
    record = one(shared / "data" / "osm" / "osm_pubs_lancashire_bbox.tsv", "places")
    assert (record.verdict, record.rows["kept"]) == ("accept", 1_327)


# What is said


def test_every_reason_is_worded_in_full_and_has_an_example(tmp_path: Path) -> None:
    rows = [
        crime(1),
        crime(2, month="2023-12"),
        crime(3, month="2023-11") + ",more",
        crime(4) + ",x",
    ]
    path = police_csv(tmp_path, *rows)
    record = one(path)
    assert "…" not in " ".join(reason for _, reason, _ in record.dropped)
    assert len(record.examples) == len(record.dropped)
    result = CliRunner().invoke(cli.app, ["check", str(path)])
    assert result.stdout.count("for example line") == len(record.dropped)


def test_no_character_that_moves_a_cursor_is_shown(tmp_path: Path) -> None:
    path = wrote(tmp_path / "lights.csv", LIGHTS + "A2,Street Light,\x1b[2J\x07,429000\n")
    record = one(path)
    assert record.problems[0]["found"].isprintable()
    result = CliRunner().invoke(cli.app, ["check", str(path)])
    assert all(each.isprintable() for line in result.stdout.splitlines() for each in line)


def test_a_feature_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "lights.geojson"
    points = json.loads(shape({"unit_ref": "1"}, SQUARE, "Point"))
    points["features"].append({**points["features"][0], "geometry": None})
    record = one(wrote(path, json.dumps(points)))
    assert record.problems[0]["line"] == 2
    assert record.problems[0]["reason"] == "there is no coordinate (feature 2)"
    result = CliRunner().invoke(cli.app, ["check", str(path)])
    assert "for example feature 2, column 'geometry'" in result.stdout


def test_one_thing_is_told_in_the_singular(tmp_path: Path) -> None:
    swapped = "unit_ref,longitude,latitude\nA1,-2.7,53.7\nA2,53.71,-2.7\nA3,-2.7,53.72\n"
    record = one(wrote(tmp_path / "lights.csv", swapped))
    assert record.repairs[0]["what"].startswith("row has latitude and longitude the wrong way")


def test_a_refusal_names_its_column_and_what_was_found(tmp_path: Path) -> None:
    path = wrote(tmp_path / "wards.geojson", shape({"WD24CD": "", "WD24NM": "Quay"}, SQUARE))
    (problem,) = one(path, "boundaries").problems
    assert (problem["line"], problem["column"]) == (1, "WD24CD"), problem


def test_a_layer_of_lines_is_streets_and_no_areas(tmp_path: Path) -> None:
    lines = json.loads(shape({"code": "E05000001"}, SQUARE))
    lines["features"][0]["geometry"] = {"type": "LineString", "coordinates": SQUARE}
    path = wrote(tmp_path / "wards.geojson", json.dumps(lines))
    assert one(path).kind == "streets"
    assert one(path, "boundaries").verdict == "refuse"
    lines["features"][0]["geometry"] = {
        "type": "GeometryCollection",
        "geometries": [{"type": "LineString", "coordinates": SQUARE}],
    }
    (problem,) = one(wrote(path, json.dumps(lines))).problems
    assert "expected areas, streets or points" in problem["reason"]
    assert problem["fix"].startswith("Save the layer as polygons")


def test_police_records_in_a_workbook_are_refused_as_such(tmp_path: Path) -> None:
    path = tmp_path / "2024-01-anytown-street.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, HEADER.split(","))
        sheet.write_row(1, 0, crime(1).split(","))
    record = one(path)
    assert (record.kind, record.verdict) == ("police", "refuse")
    assert "found a workbook" in record.problems[0]["reason"]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("a\nb", "a b"),
        ("a\x1b[31mb", "a\ufffd[31mb"),
        ("a" * 32, "…"),
        ("a" * 31, "a" * 31),
        ("x" * 40, "x" * 40),
    ],
)
def test_what_nobody_should_see_is_taken_out(words: str, shown: str) -> None:
    assert _masked(words) == shown


@pytest.mark.parametrize(
    ("words", "what", "count"),
    [
        ("1,234 rows are old", "rows are old", 1_234),
        ("1 rows are old", "row is old", 1),
        ("1 ids in 'a' were damaged; those rows are numbered",
         "id in 'a' was damaged; that row is numbered", 1),
        ("of 7 rows some are old", "of 7 rows some are old", 7),
        ("all of it was old", "all of it was old", 99),
    ],
)  # fmt: skip
def test_a_repair_is_parted_from_its_count(words: str, what: str, count: int) -> None:
    assert _repair(words, 99) == {"what": what, "count": count}


@pytest.mark.parametrize(
    ("words", "told"),
    [("1 rows have x", "1 row has x"), ("11 rows have x", "11 rows have x"), ("1 x", "1 x")],
)
def test_a_warning_of_one_row_is_in_the_singular(words: str, told: str) -> None:
    assert _counted(words) == told


@pytest.mark.parametrize(
    ("message", "reason", "fix"),
    [
        ("It is wrong. Mend it.", "It is wrong.", "Mend it."),
        ("It is wrong; mend it.", "It is wrong.", "Mend it."),
        ("It is. So it is wrong; mend it. Try.", "It is. So it is wrong; mend it.", "Try."),
        ("It is wrong", "It is wrong", "Say what the file is with --as, or supply it again."),
    ],
)
def test_a_message_is_parted_into_fault_and_fix(message: str, reason: str, fix: str) -> None:
    assert parted(message) == (reason, fix)


def test_reasons_that_differ_in_a_number_or_a_name_are_one() -> None:
    rows = pd.DataFrame(
        {
            "status": ["quarantined"] * 4,
            "reason": [
                "found 'a' here",
                "found 'b' here",
                "expected 3 values",
                "expected 4 values",
            ],
        }
    ).astype("str")
    assert _dropped(rows) == (
        ("quarantined", "expected 3 values", 2),
        ("quarantined", "found 'a' here", 2),
    )


@pytest.mark.parametrize(("n", "is_told"), [(20, False), (21, True)])
def test_rows_beyond_the_twenty_listed_are_told(n: int, *, is_told: bool) -> None:
    record = Record("f", "places", "accept", {}, dropped=(("excluded", "dry", n),))
    words = f"{n} rows are excluded (such as: dry); the first 20 are listed"
    assert record.as_json()["warnings"] == ((words,) if is_told else ())


def test_parts_of_a_shapefile_are_no_files_of_their_own(tmp_path: Path) -> None:
    for name in ("a.shp", "a.dbf", "a.shp.xml", "b.dbf", ".hidden", "c.csv", "sub/d.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in _files(tmp_path)]
    assert found == ["a.shp", "b.dbf", "c.csv", "sub/d.csv"]
    assert _files(tmp_path / "none") == []
    assert _files(tmp_path / "c.csv") == [tmp_path / "c.csv"]


def test_five_new_crime_types_are_named(tmp_path: Path) -> None:
    rows = [crime(n).replace("Burglary", f"Type {n}") for n in range(6)]
    record = one(police_csv(tmp_path, *rows, crime(9)))
    words = "new crime types, whose rows are not used: 'Type 0', 'Type 1', 'Type 2', 'Type 3', 'Ty"
    assert any(each.startswith(words) for each in record.warnings)
    assert not any("Type 5" in each for each in record.warnings)


def test_new_columns_are_named(tmp_path: Path) -> None:
    text = "\n".join([HEADER + ",Time,", crime(1) + ",1,2", ""])
    record = one(wrote(tmp_path / "2024-01-anytown-street.csv", text))
    assert "new columns, which are not read: 'Time'" in record.warnings


def test_a_file_of_which_no_row_is_on_the_map_is_told(tmp_path: Path) -> None:
    bare = crime(1).replace("-2.7,53.76", ",")
    record = one(police_csv(tmp_path, bare))
    assert record.warnings[0] == "no row of the file would be on the map"
    assert (
        "no row of the file would be on the map" not in one(police_csv(tmp_path, crime(1))).warnings
    )
