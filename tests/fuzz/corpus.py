"""Small sound files of every kind that is read, made in code, and what reads them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
import xlsxwriter

from builders import counts_table, points_table, street_points
from fuzz import brought, from_web
from fuzz.formats import packed
from hotspots.schema import COUNTS, POINTS
from hotspots.store import write_table

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
STREET = "2024-01-lancashire-street.csv"
LIGHTS = (
    "unit_ref,unit_type,easting,northing,wattage,mounting_height,road_name,lamp_type\n"
    "A1,Street Light,353000,429000,70,8,High Street,SON\n"
    "A2,Street Light,353050,429010,36,6m,Mill Lane,LED\n"
    "A3,Sign,353060,429020,,,Mill Lane,\n"
    'A4,Lamp column,353070,429030,100,10,"Church Street, North",70SONT\n'
    "A5,Street Light,,,35,5,Back Lane,SOX\n"
)
DEGREES = (
    "AssetID;Longitude;Latitude;Height (cm);Lamp\n"
    "L-1;-2.7101;53.7601;800;LED 24W\nL-2;-2.7102;53.7602;600;SON 70W\n"
    "L-3;-2.7103;53.7603;550;LED 24W\nL-3;-2.7104;53.7604;550;Caf\u00e9\n"
)
PLACES = (
    "name,fhrs_id,latitude,longitude\nThe Red Lion,11,53.76,-2.70\nThe Crown,12,53.77,-2.71\n"
    "The Plough,13,53.75,-2.69\n,14,0,0\n"
)
DOMAINS = (
    "Index of Multiple Deprivation (IMD)", "Income", "Employment",
    "Education, Skills and Training", "Health Deprivation and Disability", "Crime",
    "Barriers to Housing and Services", "Living Environment",
)  # fmt: skip
SETTINGS = """
crime_groups = { violence = ["Violence and sexual offences"] }

[area]
id = "kelderwick"
name = "Kelderwick"
police_force = "saltmarrow"

[police_uk]
files = ["*.zip", "raw/**/*.csv"]

[[boundaries]]
level = "district"
file = "districts.geojson"
code = "LAD24CD"
name = "LAD24NM"

[[lighting]]
authority = "Kelderwick Borough Council"
file = "lights.csv"
licence = "made up"
columns = { easting = "X", northing = "Y" }

[[places]]
kind = "pub"
file = "pubs.csv"
licence = "made up"

[clustering]
min_year_incidents = 10
"""


@dataclass(frozen=True)
class Kind:
    """
    A kind of file that is read.

    Attributes
    ----------
    readers : tuple of str
        What reads it: names of functions in ``outcomes``.
    files : mapping of str to (str, bytes)
        Name of each sound file to its form, see ``formats.FORMS``, and its bytes.
    usual : int, default 100
        How many damaged inputs are tried where nobody asks for more; fewer if reading is slow.
    """

    readers: tuple[str, ...]
    files: Mapping[str, tuple[str, bytes]]
    usual: int = 100


def _id(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def street_csv(month: str = "2024-01") -> bytes:
    """Give a street CSV with rows of every status."""
    force = "Lancashire Constabulary"

    def row(crime_id: str, kind: str, place: str = "-2.7,53.76", by: str = force) -> str:
        return (
            f"{crime_id},{month},{by},{force},{place},On or near High Street,E01012571,"
            f"Anytown 001A,{kind},{'Under investigation' if crime_id else ''},"
        )

    rows = [
        row(_id(1), "Burglary"),
        row("", "Anti-social behaviour"),
        row("", "Anti-social behaviour"),
        row(_id(2), "Robbery", ","),
        row(_id(1), "Burglary"),
        row(_id(3), "Drugs", by="British Transport Police"),
        row(_id(4), "Shoplifting", "-2.71,53.77"),
        row(_id(5), "Vehicle crime", "-2.72,53.78").replace("High Street", 'The ""A"" Road'),
        row(_id(6), "Witchcraft"),
    ]
    return ("\n".join([HEADER, *rows]) + "\n").encode()


def answers(month: str = "2024-01") -> bytes:
    """Give an answer of crimes-street."""
    records = [
        {
            "category": kind,
            "location_type": "Force",
            "location": {
                "latitude": f"53.76{number}",
                "longitude": f"-2.70{number}",
                "street": {"id": 900 + number, "name": "On or near High Street"},
            },
            "context": "",
            "outcome_status": {"category": "Under investigation", "date": "2024-02"},
            "persistent_id": _id(number) if kind != "anti-social-behaviour" else "",
            "id": 100 + number,
            "location_subtype": "",
            "month": month,
        }
        for number, kind in enumerate(("burglary", "anti-social-behaviour", "violent-crime"))
    ]
    return json.dumps(records).encode()


def _areas() -> gpd.GeoDataFrame:
    boxes = [shapely.box(-2.8 + 0.1 * n, 53.7, -2.7 + 0.1 * n, 53.8) for n in range(3)]
    names = {"LAD24CD": ["E07000117", "E07000118", "E07000119"], "LAD24NM": ["Aby", "Bey", "Cey"]}
    return gpd.GeoDataFrame(names, geometry=boxes, crs="EPSG:4326")


def _spots() -> gpd.GeoDataFrame:
    spots = shapely.points(np.array([[-2.70, 53.76], [-2.71, 53.77], [-2.69, 53.75]]))
    table = {"asset_id": ["1", "2", "3"], "unit_type": ["Street Light"] * 3, "wattage": [70, 36, 5]}
    return gpd.GeoDataFrame(table, geometry=spots, crs="EPSG:4326")


def _geojson(table: gpd.GeoDataFrame) -> bytes:
    return json.dumps(json.loads(table.to_json())).encode()


def _gpkg(table: gpd.GeoDataFrame, folder: Path) -> bytes:
    path = folder / "x.gpkg"
    path.unlink(missing_ok=True)
    pyogrio.write_dataframe(table, path, layer="layer")
    return path.read_bytes()


def _shapefile(table: gpd.GeoDataFrame, folder: Path) -> bytes:
    inside = folder / "shapefile"
    inside.mkdir(exist_ok=True)
    pyogrio.write_dataframe(table, inside / "layer.shp", DBF_DATE_LAST_UPDATE="2024-04-01")
    return packed([(part.name, part.read_bytes()) for part in sorted(inside.iterdir())])


def _workbook(text: str) -> bytes:
    whole = io.BytesIO()
    with xlsxwriter.Workbook(whole, {"in_memory": True, "strings_to_numbers": True}) as book:
        sheet = book.add_worksheet("Lights")
        for place, line in enumerate(text.splitlines()):
            sheet.write_row(place, 0, line.split(","))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xlsx"
        path.write_bytes(whole.getvalue())
        return _undated(path)


def _undated(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        held = [(name, archive.read(name)) for name in archive.namelist()]
    return packed([(name, data) for name, data in held if name != "docProps/core.xml"])


def _deprivation() -> bytes:
    measures = [f"{domain} {what}" for domain in DOMAINS for what in ("Rank", "Decile")]
    heading = ",".join(f'"{each} (where 1 is most deprived)"' for each in measures)
    rows = [
        f"E0101257{n},Anytown 001{n}," + ",".join(["1,234" and "1234", "1"] * 8) for n in (1, 2)
    ]
    text = "\n".join([f"LSOA code (2011),LSOA name (2011),{heading}", *rows])
    return (text + "\n").encode()


def _tables(folder: Path) -> dict[str, tuple[str, bytes]]:
    points = points_table(street_points(6, seed=1))
    counts = counts_table(["a", "b"], ["2024-01-01"], np.array([[1], [2]]), "Burglary")
    paths = write_table(points, POINTS, folder), write_table(counts, COUNTS, folder)
    return {path.name: ("bytes", path.read_bytes()) for path in paths}


def _origin() -> bytes:
    record = {
        "file": "2024-01-anytown-01-0123456789ab.zip", "source": "police_uk",
        "label": "2024-01-anytown", "edition": 1, "bytes": 1,
        "sha256": hashlib.sha256(b"x").hexdigest(),
        "url": "https://data.example/x.zip", "fetched_at": "2024-03-01T00:00:00Z",
        "licence": "made up", "publisher": "",
    }  # fmt: skip
    return json.dumps(record).encode()


def corpus() -> dict[str, Kind]:
    """Make every kind of file; the same bytes in each process."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2024-04-01T00:00:00.000Z"})
    lights, degrees = LIGHTS.encode(), DEGREES.encode()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        areas, spots = _areas(), _spots()
        street = street_csv()
        download = packed([(f"2024-01/{STREET}", street), (f"2023-12/{STREET}", street)])
        wide = packed([(f"2024-01/{STREET}", street), ("x.json", answers("2023-11"))])
        bare = LIGHTS.encode("utf-16")
        return {
            "street CSV": Kind(
                ("check", "police"),
                {STREET: ("text", street), "june.csv": ("text", street_csv("2024-06"))},
            ),
            "API answers": Kind(("check", "police"), {"answers.json": ("json", answers())}),
            "police zip": Kind(
                ("check", "police"),
                {"2024-01.zip": ("zip", download), "wide.zip": ("zip", wide)},
            ),
            "gzipped street CSV": Kind(
                ("check", "police"), {f"{STREET}.gz": ("gzip", gzip.compress(street, mtime=0))}
            ),
            "lights as text": Kind(
                ("check", "lighting"),
                {
                    "lights.csv": ("text", lights),
                    "lamps.csv": ("text", degrees),
                    "lights.tsv": ("text", lights.replace(b",", b"\t")),
                    "light16.csv": ("text", bare),
                },
                usual=15,
            ),
            "lights gzipped": Kind(
                ("check", "lighting"),
                {"lights.csv.gz": ("gzip", gzip.compress(lights, mtime=0))},
                usual=15,
            ),
            "lights in a workbook": Kind(
                ("check", "lighting"), {"lights.xlsx": ("zip", _workbook(LIGHTS))}, usual=15
            ),
            "lights in a zip": Kind(
                ("check", "lighting"),
                {"lights.zip": ("zip", packed([("lights.csv", lights)]))},
                usual=15,
            ),
            "places": Kind(("check", "places"), {"pubs.csv": ("text", PLACES.encode())}, usual=15),
            "areas as GeoJSON": Kind(
                ("check", "areas"), {"districts.geojson": ("json", _geojson(areas))}, usual=30
            ),
            "points as GeoJSON": Kind(
                ("check", "lighting"), {"lights.geojson": ("json", _geojson(spots))}, usual=30
            ),
            "GeoPackage": Kind(
                ("check", "areas", "lighting"),
                {
                    "districts.gpkg": ("database", _gpkg(areas, folder)),
                    "lights.gpkg": ("database", _gpkg(spots, folder)),
                },
                usual=30,
            ),
            "shapefile": Kind(
                ("check", "areas", "lighting"),
                {
                    "districts.zip": ("zip", _shapefile(areas, folder)),
                    "lights.zip": ("zip", _shapefile(spots, folder)),
                },
                usual=30,
            ),
            "deprivation": Kind(
                ("check", "deprivation"), {"imd.csv": ("text", _deprivation())}, usual=30
            ),
            "streets": Kind(("streets",), {"streets.geojson": ("json", brought.lines())}, usual=15),
            "what visits noted": Kind(
                ("check", "visits"), {"visits.csv": ("text", brought.VISITS.encode())}, usual=15
            ),
            "register of interventions": Kind(
                ("register",),
                {
                    "register.csv": ("text", brought.REGISTER.encode()),
                    "register.toml": ("text", brought.REGISTER_TOML.encode()),
                },
                usual=15,
            ),
            "areas of interventions": Kind(
                ("grounds",), {"grounds.geojson": ("json", brought.grounds())}, usual=15
            ),
            "residents": Kind(
                ("residents",), {"residents.csv": ("text", brought.RESIDENTS.encode())}, usual=15
            ),
            "settings": Kind(("settings",), {"hotspots.toml": ("text", SETTINGS.encode())}),
            "name of a force": Kind(("force",), {"name.txt": ("text", b"Devon & Cornwall Police")}),
            "stored JSON": Kind(
                ("stored",), {"note.json": ("json", b'{"etag": "x", "checked": ["2024"]}')}
            ),
            "raw record": Kind(("raw",), {"record.json": ("json", _origin())}),
            "stored table": Kind(("table",), _tables(folder)),
            "answers of police.uk": Kind(
                ("web",),
                {
                    "date.json": ("json", from_web.DATE),
                    "dates.json": ("json", from_web.DATES),
                    "forces.json": ("json", from_web.FORCES),
                    "answers.json": ("json", answers()),
                    "page.html": ("text", from_web.PAGE),
                },
            ),
            "archive of police.uk": Kind(("web",), {"archive.zip": ("zip", download)}),
            "answers of ArcGIS": Kind(
                ("web",),
                {
                    "about.json": ("json", from_web.ABOUT),
                    "count.json": ("json", b'{"count": 2}'),
                    "features.json": ("json", from_web.FEATURES),
                },
            ),
        }
