"""Lighting files as councils really send them, and worse: each must come out in its class."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import shapely
import xlsxwriter
from typer.testing import CliRunner

from hotspots import cli
from hotspots.pipeline.check import Record, check
from hotspots.pipeline.understood import ROWS
from hotspots.sources.layer import Given

E, N = 353_000, 429_000
LON, LAT = -2.7166, 53.7552
"""About the place of ``E``, ``N``."""

HEAD = "UNIT_ID,UNIT_TYPE,EASTING,NORTHING,ROAD_NAME"


def row(i: int, **cells: object) -> str:
    """Give one light as text; cells are replaced by name."""
    usual = {"id": f"A{i}", "kind": "Street Light", "x": E + 20 * i, "y": N + 7 * i, "road": "Moor"}
    return ",".join(str(value) for value in (usual | cells).values())


def lights(*odd: str, n: int = 30, head: str = HEAD) -> str:
    """Give a register of ``n`` good lights and the odd rows after them."""
    return "\n".join([head, *(row(i) for i in range(n)), *odd]) + "\n"


def degrees(*odd: str, n: int = 30, head: str = "UNIT_ID,Longitude,Latitude") -> str:
    rows = [f"A{i},{LON + i / 1e4:.6f},{LAT + i / 1e4:.6f}" for i in range(n)]
    return "\n".join([head, *rows, *odd]) + "\n"


def columns(head: str, make: Callable[[int], Sequence[object]], n: int = 30) -> str:
    rows = (",".join(map(str, make(i))) for i in range(n))
    return "\n".join([head, *rows]) + "\n"


def book(sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True, "strings_to_numbers": False}) as made:
        iso = made.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for r, cells in enumerate(rows):
                for c, cell in enumerate(cells):
                    if isinstance(cell, dt.date):
                        sheet.write_datetime(r, c, cell, iso)
                    elif cell is not None:
                        sheet.write(r, c, cell)
    return data.getvalue()


def table(n: int = 30) -> list[list[object]]:
    head: list[object] = ["UNIT_ID", "UNIT_TYPE", "EASTING", "NORTHING"]
    return [head, *([f"A{i}", "Street Light", E + 20 * i, N + 7 * i] for i in range(n))]


def zipped(**members: str | bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return data.getvalue()


def sealed() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")


def wide_book() -> bytes:
    return book({"Lights": [*table(3), *([] for _ in range(5)), [None] * 900 + ["x"]]})


def irish(i: int) -> tuple[int, int]:
    """Give a place between Limavady and Larne on the Irish Grid."""
    return 262_000 + 1_200 * i, 428_000 - 400 * i


# name, content, verdict, counts other than of rows kept, and counts of repairs
Case = tuple[str, str | bytes, str, dict[str, int], list[int]]

ACCEPTED: list[Case] = [
    ("plain.csv", lights(), "accept", {}, []),
    ("byte_order_mark.csv", "\ufeff" + lights(), "accept", {}, []),
    ("crlf.csv", lights().replace("\n", "\r\n"), "accept", {}, []),
    ("old_mac.csv", lights().replace("\n", "\r"), "accept", {}, []),
    ("blank_lines.csv", lights("", "  ", ""), "accept", {}, []),
    ("no_last_line_end.csv", lights().rstrip(), "accept", {}, []),
    ("semicolons.csv", lights().replace(",", ";"), "accept", {}, []),
    ("tabs.tsv", lights().replace(",", "\t"), "accept", {}, []),
    ("sep_line.csv", "sep=,\n" + lights(), "accept", {}, []),
    ("packed.csv.gz", gzip.compress(lights().encode(), mtime=0), "accept", {}, []),
    ("zipped.zip", zipped(lights__csv=lights(), README__txt="words"), "accept", {}, []),
    ("quoted.csv", lights(row(99, road='"Moor, North"')), "accept", {}, []),
    ("line_break_inside.csv", lights(row(99, road='"Moor\nNorth"')), "accept", {}, []),
    ("no_ids.csv", columns("light,Easting,Northing", lambda i: ("", E + i, N)), "accept", {}, []),
    ("without_type.csv", degrees(), "accept", {}, []),
    ("both_pairs.csv", columns("UNITREF,Easting,Northing,lat,long",
        lambda i: (f"U{i}", E + i, N, LAT, LON)), "accept", {}, []),
    ("wkt.csv", columns("UNITREF,WKT", lambda i: (f"U{i}", f"POINT ({E + i} {N})")),
     "accept", {}, []),
    ("web_mercator_beside.csv", columns("X,Y,UNIT_ID,EASTINGS,NORTHINGS",
        lambda i: (-302_000 + i, 7_130_000, f"U{i}", E + i, N)), "accept", {}, []),
    ("two_lamps.csv", columns("Unit Number,Number of Lamps,Easting,Northing",
        lambda i: (f"U{i}", 2, E + i, N)), "accept", {}, []),
    ("watts.csv", columns("UNITREF,Wattage,Easting,Northing",
        lambda i: (f"U{i}", "70 W", E + i, N)), "accept", {}, []),
    ("metre_heights.csv", columns("UNITREF,Mounting Height,Easting,Northing",
        lambda i: (f"U{i}", "6m", E + i, N)), "accept", {}, []),
    ("unsure_watts.csv", columns("UNITREF,Wattage,Easting,Northing",
        lambda i: (f"U{i}", "2 x 36W", E + i, N)), "accept", {}, []),
    ("still_there.csv", columns("UNITREF,feature_end_date,Easting,Northing",
        lambda i: (f"U{i}", "01/01/3000 00:00:00", E + i, N)), "accept", {}, []),
    ("book.xlsx", book({"Lights": table()}), "accept", {}, []),
    ("book_named.csv", book({"Lights": table()}), "accept", {}, []),
    ("text_named.xlsx", lights(), "accept", {}, []),
    ("cover_sheet.xlsx", book({"Notes": [["Street lights"], ["Made 2024"]], "Data": table(),
        "Empty": []}), "accept", {}, []),
    ("extra_delimiter.csv", HEAD + "\n" + "".join(row(i) + ",\n" for i in range(9)),
     "accept", {}, []),
    ("signs.csv", lights(row(99, kind="Illuminated Sign"), row(98, kind="Belisha Beacon")),
     "accept", {"excluded": 2}, []),
    ("gone.csv", columns("UNITREF,End Date,Easting,Northing",
        lambda i: (f"U{i}", "31/12/2019" if i < 4 else "01/01/3000", E + i, N)),
     "accept", {"excluded": 4}, []),
    ("again.csv", lights(row(3), row(3), row(4)), "accept", {"duplicate": 3}, []),
]  # fmt: skip

REPAIRED: list[Case] = [
    ("windows.csv", lights(row(90, road="Café"), row(91, road="Rhôs")).encode("cp1252"),
     "repair", {}, [2]),
    ("two_encodings.csv", lights(row(90, road="Café")).encode() + row(91, road="Café").encode(
        "cp1252"), "repair", {}, [1]),
    ("utf16.csv", lights().encode("utf-16"), "repair", {}, [30]),
    ("swapped_degrees.csv", degrees(head="UNIT_ID,Latitude,Longitude"), "repair", {}, [30]),
    ("some_swapped.csv", degrees(f"B1,{LAT},{LON}", f"B2,{LAT},{LON}"), "repair", {}, [2]),
    ("metres_in_degrees.csv", columns("UNITREF,Longitude,Latitude",
        lambda i: (f"U{i}", E + i, N)), "repair", {}, [30]),
    ("some_metres_in_degrees.csv", degrees(f"B1,{E},{N}"), "repair", {}, [1]),
    ("degrees_in_metres.csv", columns("UNITREF,Easting,Northing",
        lambda i: (f"U{i}", LON, LAT)), "repair", {}, [30]),
    ("some_degrees_in_metres.csv", lights(row(90, x=LON, y=LAT), row(91, x=LAT, y=LON)),
     "repair", {}, [2]),
    ("mixed_crs_xy.csv", columns("UNITREF,X,Y",
        lambda i: (f"U{i}", LON, LAT) if i < 5 else (f"U{i}", E + i, N)), "repair", {}, [5]),
    ("axes_shown_by_degrees.csv", columns("UNITREF,Easting,Northing,Longitude,Latitude",
        lambda i: (f"U{i}", N, E + i, LON, LAT)), "repair", {}, [30]),
    ("axes_of_a_few_rows.csv", columns("UNITREF,Easting,Northing,Longitude,Latitude",
        lambda i: (f"U{i}", *((N, E) if i < 3 else (E, N)), LON, LAT)), "repair", {}, [3]),
    ("axes_of_scotland.csv", columns("UNITREF,Easting,Northing",
        lambda i: (f"U{i}", 865_000 + i, 280_000)), "repair", {}, [30]),
    ("axes_of_london.csv", columns("UNITREF,Easting,Northing",
        lambda i: (f"U{i}", 180_000 + i, 531_000)), "repair", {}, [30]),
    ("thousands.csv", lights(row(90, x='"353,100"'), row(91, y='"429,100"')), "repair", {}, [2]),
    ("decimal_commas.csv", columns("UNITREF;Longitude;Latitude",
        lambda i: (f"U{i};-2,71{i:04d};53,755{i:03d}",)), "repair", {}, [30]),
    ("sides.csv", degrees("B1,2.7166W,53.7552N"), "repair", {}, [1]),
    ("damaged_ids.csv", lights(row(90, id="1.00E+12"), row(91, id="1.00E+12"),
        row(92, id="03-Jan")), "repair", {}, [3]),
    ("repeated_ids.csv", lights(row(90, id="A3"), row(91, id="A3"), row(92, id="A5")),
     "repair", {}, [3]),
    ("empty_ids.csv", lights(row(90, id=""), row(91, id="")), "repair", {}, [2]),
    ("padded.csv", lights(row(90, kind="Street Light     "), row(91, kind="Street Light     "),
        row(92, kind="Sign      ")), "repair", {"excluded": 1}, [2]),
    ("centimetres.csv", columns("UNITREF,Height,Easting,Northing",
        lambda i: (f"U{i}", 600 if i < 20 else 6, E + i, N)), "repair", {}, [20]),
    ("millimetres.csv", columns("UNITREF,Height (mm),Easting,Northing",
        lambda i: (f"U{i}", 6_000, E + i, N)), "repair", {}, [30]),
    ("merged_watts.csv", columns("UNITREF,Wattage,Easting,Northing",
        lambda i: (f"U{i}", ["70SONT", "SON-T 70W", "70"][i % 3], E + i, N)), "repair", {}, [20]),
    ("merged_lamp.csv", columns("UNITREF,LAMP,Easting,Northing",
        lambda i: (f"U{i}", "35SOX", E + i, N)), "repair", {}, [30]),
    ("title.csv", "Street lighting inventory\nMade 2024-01-01\n\n" + lights(), "repair", {}, [2]),
    ("title.xlsx", book({"Lights": [["Street lighting"], [], *table()]}), "repair", {}, [1]),
    ("long_ids.xlsx", book({"Lights": [*table(), [1e12, "Street Light", E, N]]}),
     "repair", {}, [1]),
]  # fmt: skip

QUARANTINED: list[Case] = [
    ("zero.csv", lights(row(90, x=0, y=0), row(91, x="0.00", y="0.00")),
     "quarantine", {"quarantined": 2}, []),
    ("zero_degrees.csv", degrees("B1,0,0", "B2,0.0,0.0"), "quarantine", {"quarantined": 2}, []),
    ("blank.csv", lights(row(90, x="", y="")), "quarantine", {"quarantined": 1}, []),
    ("half.csv", lights(row(90, x=""), row(91, y=""), row(92, x=0)),
     "quarantine", {"quarantined": 3}, []),
    ("words.csv", lights(row(90, x="n/a"), row(91, y="TBC"), row(92, x="#REF!")),
     "quarantine", {"quarantined": 3}, []),
    ("endless.csv", lights(row(90, x="NaN"), row(91, y="inf"), row(92, x="1e400")),
     "quarantine", {"quarantined": 3}, []),
    ("rounded.csv", lights(row(90, x="3.53E+05")), "quarantine", {"quarantined": 1}, []),
    ("outside.csv", lights(row(90, y=9_999_999), row(91, x=-5)),
     "quarantine", {"quarantined": 2}, []),
    ("abroad.csv", degrees("B1,2.3522,48.8566"), "quarantine", {"quarantined": 1}, []),
    ("at_sea.csv", lights(row(90, x=290_000, y=450_000)), "quarantine", {"quarantined": 1}, []),
    ("far_away.csv", lights(row(90, x=530_000, y=180_000)), "quarantine", {"quarantined": 1}, []),
    ("too_many_values.csv", lights(row(90) + ",x"), "quarantine", {"quarantined": 1}, []),
    ("too_few_values.csv", lights("A90,Street Light,353000"),
     "quarantine", {"quarantined": 1}, []),
    ("cut_line.csv", lights() + "A90,Street Li", "quarantine", {"quarantined": 1}, []),
    ("total_line.csv", lights("Total,30,,,"), "quarantine", {"quarantined": 1}, []),
    ("total_words.csv", lights("Total: 30 units"), "quarantine", {"quarantined": 1}, []),
    ("headings_again.csv", lights(HEAD, row(90)), "quarantine", {"quarantined": 1}, []),
    ("stray_bytes.csv", lights().encode() + b"A90,\x81,353000,429000,Moor\n",
     "quarantine", {"quarantined": 1}, []),
    ("zero_byte.csv", lights().encode() + b"A90,Street\x00Light,353000,429000,Moor\n",
     "quarantine", {"quarantined": 1}, []),
    ("pairs_disagree.csv", columns("UNITREF,Easting,Northing,Longitude,Latitude",
        lambda i: (f"U{i}", E, N + (90_000 if i < 2 else 0), LON, LAT)),
     "quarantine", {"quarantined": 2}, []),
    ("errors.xlsx", book({"Lights": [*table(), ["A90", "Street Light", "=NA()", N]]}),
     "quarantine", {"quarantined": 1}, []),
    ("zero_and_windows.csv", lights(row(90, x=0, y=0), row(91, road="Café")).encode("cp1252"),
     "quarantine", {"quarantined": 1}, [1]),
]  # fmt: skip

REFUSED: list[tuple[str, str | bytes, str]] = [
    ("empty.csv", "", "the file is empty"),
    ("blank.csv", "\n\n  \n", "the file is empty"),
    ("headings_only.csv", HEAD + "\n", "no rows"),
    ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(40), "PNG picture"),
    ("document.csv", b"%PDF-1.7 ...", "PDF document"),
    ("letter.csv", zipped(**{"word/document.xml": "<x/>", "[Content_Types].xml": "<x/>"}),
     "a Word document"),
    ("page.csv", "<!DOCTYPE html><html><body>Not found</body></html>", "a web page"),
    ("error.csv", '{"error": {"code": 400, "message": "Invalid query"}}', ""),
    ("no_coordinates.csv", columns("UNIT_ID,ROAD", lambda i: (f"U{i}", "Moor")), "coordinates"),
    ("no_heading.csv", "\n".join(row(i) for i in range(9)), "coordinates"),
    ("street_lights.tsv", "\n".join(f"U{i}\tMoor\t{E}\t{N}" for i in range(9)), "coordinates"),
    ("all_zero.csv", columns("UNITREF,Easting,Northing", lambda i: (f"U{i}", 0, 0)), "zero"),
    ("all_abroad.csv", columns("UNITREF,Longitude,Latitude", lambda i: (f"U{i}", 2.35, 48.85)),
     "no places in Great Britain"),
    ("signs_only.csv", columns("UNITREF,UNIT_TYPE,Easting,Northing",
        lambda i: (f"U{i}", "Bollard", E, N)), "no row is left as a street light"),
    ("cut_1000.csv", lights(n=1_000), "exactly 1,000 rows"),
    ("cut_2000.csv", lights(n=2_000), "exactly 2,000 rows"),
    ("cut_2000.xlsx", book({"Lights": table(2_000)}), "exactly 2,000 rows"),
    ("irish_heading.csv", columns("UNITREF,Irish Grid Easting,Easting,Northing",
        lambda i: (f"U{i}", 1, *irish(i))), "Irish"),
    ("dfi_street_lights.csv", columns("UNITREF,Easting,Northing",
        lambda i: (f"U{i}", 333_000 + i, 374_000)), "Northern Ireland"),
    ("irish_postcodes.csv", columns("UNITREF,Postcode,Easting,Northing",
        lambda i: (f"U{i}", "BT1 5GS", 333_000 + i, 374_000)), "Northern Ireland"),
    ("beside_degrees.csv", columns("UNITREF,Easting,Northing,Longitude,Latitude",
        lambda i: (f"U{i}", 333_900 + i, 374_400, -5.93, 54.6)), "Irish Grid"),
    ("spread.csv", columns("UNITREF,Easting,Northing",
        lambda i: (f"U{i}", *irish(i)), n=60), "Irish Grid"),
    ("itm.csv", columns("UNITREF,Easting,Northing",
        lambda i: (f"U{i}", 640_000 + 90 * i, 910_000)), "Irish"),
    ("irish_degrees.csv", columns("UNITREF,Longitude,Latitude",
        lambda i: (f"U{i}", -5.93 - i / 100, 54.6)), "Northern Ireland"),
    ("contradiction.csv", columns("UNITREF,Easting,Northing,Longitude,Latitude",
        lambda i: (f"U{i}", 530_000 + i, 180_000, LON, LAT)), "two pairs of coordinates"),
    ("cut.csv.gz", gzip.compress(lights().encode(), mtime=0)[:-9], "gzip file is damaged"),
    ("bomb.csv.gz", gzip.compress(b"a,b\n" * 2**20, mtime=0), "unpacks to more than"),
    ("sealed.xlsx", sealed(), "password"),
    ("two_sheets.xlsx", book({"North": table(), "South": table()}), "'North', 'South'"),
    ("empty.xlsx", book({"A": [], "B": []}), "the workbook is empty"),
    ("headings_only.xlsx", book({"A": table(0)}), "no rows"),
    ("cut.xlsx", book({"A": table()})[:-300], "damaged"),
    ("wide.xlsx", wide_book(), "spans"),
    ("quote.csv", lights(row(90, road='"Moor'), row(91), row(92), row(93)), "quotation mark"),
    ("two_headings.csv", lights("UNIT_ID,UNIT_TYPE,NORTHING,EASTING,ROAD_NAME", row(90)),
     "other headings"),
    ("pasted_wider.csv", lights("ID,X,Y", "1,353000,429000"), "other headings"),
    ("odd_heading_byte.csv", b"UNIT\x81,X,Y\n1,353000,429000\n", "neither UTF-8"),
]  # fmt: skip


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def looked(path: Path, kind: str | None, given: Given | None = None) -> Record:
    (record,) = check(path, kind=kind, given=given)
    return record


@pytest.mark.parametrize("kind", [None, "lighting"])
@pytest.mark.parametrize(
    ("name", "content", "verdict", "counts", "repairs"),
    [*ACCEPTED, *REPAIRED, *QUARANTINED],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "",
)
def test_a_file_of_lights_comes_out_in_its_class(
    tmp_path: Path,
    name: str,
    content: str | bytes,
    verdict: str,
    counts: dict[str, int],
    repairs: list[int],
    kind: str | None,
) -> None:
    record = looked(written(tmp_path, name, content), kind)
    assert (record.kind, record.verdict) == ("lighting", verdict), record
    assert {key: n for key, n in record.rows.items() if n and key not in {"in", "kept"}} == counts
    assert record.rows["in"] == sum(record.rows[part] for part in ROWS[1:])
    assert [each["count"] for each in record.repairs] == repairs
    lost = [each for each in record.problems if each["reason"]]
    assert len(lost) == sum(counts.values())
    assert all(each["line"] and each["fix"] for each in record.problems)


@pytest.mark.parametrize("kind", [None, "lighting"])
@pytest.mark.parametrize(
    ("name", "content", "words"),
    REFUSED,
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "",
)
def test_a_file_that_cannot_be_lights_is_refused(
    tmp_path: Path, name: str, content: str | bytes, words: str, kind: str | None
) -> None:
    record = looked(written(tmp_path, name, content), kind)
    assert record.verdict == "refuse", record
    (problem,) = record.problems
    assert words in problem["reason"]
    assert name in problem["reason"]
    assert problem["fix"]
    assert set(record.rows.values()) == {0}


# What only the settings or a person can tell


SQUARE = shapely.box(E - 10_000, N - 10_000, E + 10_000, N + 10_000)


def test_a_file_that_is_whole_can_be_said_to_be(tmp_path: Path) -> None:
    path = written(tmp_path, "lights.csv", lights(n=1_000))
    record = looked(path, None, Given(is_whole=True))
    assert (record.verdict, record.rows["kept"]) == ("accept", 1_000)
    assert any(line.startswith("is_whole = true") for line in record.settings)


def test_rows_outside_the_area_are_excluded(tmp_path: Path) -> None:
    text = lights(row(90, x=E + 40_000), row(91, x=E + 14_000))
    record = looked(written(tmp_path, "lights.csv", text), None, Given(near=SQUARE))
    assert (record.verdict, record.rows["excluded"]) == ("accept", 1)
    assert record.problems[0]["reason"] == "outside the area"
    assert record.problems[0]["line"] == 32


def test_the_area_tells_exchanged_axes(tmp_path: Path) -> None:
    text = columns("UNITREF,Easting,Northing", lambda i: (f"U{i}", N, E + i))
    path = written(tmp_path, "lights.csv", text)
    assert looked(path, None).verdict == "accept"
    record = looked(path, None, Given(near=SQUARE))
    assert (record.verdict, record.repairs[0]["count"]) == ("repair", 30)
    some = lights(row(90, x=N, y=E))
    record = looked(written(tmp_path, "some.csv", some), None, Given(near=SQUARE))
    assert (record.verdict, [each["count"] for each in record.repairs]) == ("repair", [1])


@pytest.mark.parametrize(
    ("at", "words"),
    [((530_000, 180_000), "no row lies in the area"), ((182_000, 604_000), "Irish Grid")],
)
def test_a_file_of_another_area_is_refused(tmp_path: Path, at: tuple[int, int], words: str) -> None:
    text = columns("UNITREF,Easting,Northing", lambda i: (f"U{i}", at[0] + i, at[1]))
    belfast = shapely.box(100_000, 500_000, 200_000, 560_000)
    near = belfast if words == "Irish Grid" else SQUARE
    if words == "Irish Grid":
        text = columns("UNITREF,Easting,Northing", lambda i: (f"U{i}", 333_000 + i, 374_000))
    record = looked(written(tmp_path, "lights.csv", text), None, Given(near=near))
    assert record.verdict == "refuse"
    assert words in record.problems[0]["reason"]


def test_the_command_takes_the_settings_and_that_a_file_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = [[-2.8, 53.7], [-2.6, 53.7], [-2.6, 53.8], [-2.8, 53.8], [-2.8, 53.7]]
    areas = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"LAD24CD": "E07000123", "LAD24NM": "Preston"},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        ],
    }
    written(tmp_path, "districts.geojson", json.dumps(areas))
    settings = written(
        tmp_path,
        "hotspots.toml",
        '[area]\nid = "a"\nname = "A"\n[police_uk]\nfiles = ["*.zip"]\n[[boundaries]]\n'
        'level = "district"\nfile = "districts.geojson"\ncode = "LAD24CD"\nname = "LAD24NM"\n',
    )
    path = written(tmp_path, "lights.csv", lights(row(998, x=530_000, y=180_000), n=999))
    runner = CliRunner()
    plain = ["check", str(path), "--json"]
    assert runner.invoke(cli.app, plain).exit_code == 4
    whole = [*plain, "--whole"]
    found = json.loads(runner.invoke(cli.app, whole).stdout)
    assert (found["verdict"], found["rows"]["quarantined"]) == ("quarantine", 1)
    with_area = runner.invoke(cli.app, [*whole, "--settings", str(settings)])
    assert json.loads(with_area.stdout)["rows"]["excluded"] > 0
    monkeypatch.chdir(tmp_path)
    assert json.loads(runner.invoke(cli.app, whole).stdout)["rows"]["excluded"] > 0
    settings.write_text("[area")
    assert json.loads(runner.invoke(cli.app, whole).stdout)["rows"]["excluded"] == 0
    assert runner.invoke(cli.app, [*whole, "--settings", str(settings)]).exit_code == 2
