"""Every table, its columns declared once."""

from __future__ import annotations

from hotspots.schema.contract import Column, Schema

ALL_CRIME = "All crime and ASB"
"""The crime group that holds every published record."""

ASB = "Anti-social behaviour"

CRIME_TYPES = (
    ASB,
    "Bicycle theft",
    "Burglary",
    "Criminal damage and arson",
    "Drugs",
    "Other crime",
    "Other theft",
    "Possession of weapons",
    "Public order",
    "Robbery",
    "Shoplifting",
    "Theft from the person",
    "Vehicle crime",
    "Violence and sexual offences",
)
"""The fourteen types of police.uk since May 2013, as its CSV files spell them."""

MONTH = "datetime64[ms]"
_ID = "str"


def _month(name: str, meaning: str, *, nullable: bool = False) -> Column:
    return Column(name, MONTH, meaning, unit="first day of the month", nullable=nullable)


def _count(name: str, meaning: str) -> Column:
    return Column(name, "int64", meaning, unit="incidents", low=0)


def _share(name: str, meaning: str, *, nullable: bool = False) -> Column:
    return Column(name, "float64", meaning, unit="share", low=0, high=1, nullable=nullable)


_CRIME_TYPE = Column("crime_type", "str", "police.uk crime type, as its CSV files spell it")
_CRIME_GROUP = Column(
    "crime_group", "str", "a crime type, a group of the settings, or all crime and ASB"
)
_POINT_ID = Column("point_id", _ID, "map point: list and published coordinates")
_LIST_ID = Column("list_id", "str", "list of map points, named by the first month it was seen")
_INCIDENT_ID = Column(
    "incident_id", _ID, "Crime ID, or for a record without one a hash and a number"
)
_FILE = Column("file", "str", "input file and member")
_LINE = Column("line", "int64", "line in the file, or number of the record in a JSON answer", low=1)
_LSOA_CODE = Column("lsoa_code", "str", "LSOA as published, of either vintage", nullable=True)
_OUTCOME = Column("outcome", "str", "last outcome category", nullable=True)
_REPORTED_BY = Column("reported_by", "str", "force that reported it", nullable=True)
_HOTSPOT_ID = Column("hotspot_id", _ID, "hotspot: HS-<area>-<number>, never reused")

RECORDS = Schema(
    "records",
    "a located record as read, before it is placed on the map",
    ("incident_id",),
    (
        _INCIDENT_ID,
        Column("crime_id", "str", "Crime ID as published", nullable=True),
        _month("month", "month of the record"),
        _CRIME_TYPE,
        Column("longitude", "float64", "as published", unit="degrees", low=-180, high=180),
        Column("latitude", "float64", "as published", unit="degrees", low=-90, high=90),
        Column("location", "str", "text of the place, as published ('On or near …')"),
        _LSOA_CODE,
        _OUTCOME,
        _REPORTED_BY,
        _FILE,
        _LINE,
    ),
)

SET_ASIDE = Schema(
    "set_aside",
    "a published row that is not analysed, and why",
    ("file", "line"),
    (
        _FILE,
        _LINE,
        Column(
            "status",
            "str",
            "the part of the row account it counts under",
            values=("unlocated", "excluded", "duplicate", "quarantined"),
        ),
        Column("reason", "str", "why, in words"),
        Column("column", "str", "the column at fault", nullable=True),
        Column("value", "str", "the value at fault", nullable=True),
        _month("month", "month of the record", nullable=True),
        Column("crime_type", "str", "crime type as published", nullable=True),
    ),
)

ACCOUNT = Schema(
    "account",
    "one member of one input file: rows in and what became of them",
    ("file", "member"),
    (
        Column("file", "str", "input file name"),
        Column("member", "str", "member of the zip, or empty for a plain file"),
        Column("rows_in", "int64", "rows read", unit="rows", low=0),
        Column("kept", "int64", "rows kept for analysis", unit="rows", low=0),
        Column("unlocated", "int64", "rows without coordinates", unit="rows", low=0),
        Column(
            "excluded", "int64", "rows outside the area or of another force", unit="rows", low=0
        ),
        Column("duplicate", "int64", "rows published again later", unit="rows", low=0),
        Column("quarantined", "int64", "rows that could not be read", unit="rows", low=0),
    ),
)

INCIDENTS = Schema(
    "incidents",
    "a published record kept for analysis",
    ("incident_id",),
    (
        _INCIDENT_ID,
        Column("crime_id", "str", "Crime ID as published; never leaves this store", nullable=True),
        _month("month", "month of the record"),
        _CRIME_TYPE,
        _POINT_ID,
        _LSOA_CODE,
        _OUTCOME,
        _REPORTED_BY,
        _FILE,
        _LINE,
    ),
)

POINTS = Schema(
    "points",
    "a map point of one point list",
    ("point_id",),
    (
        _POINT_ID,
        _LIST_ID,
        Column("location", "str", "most frequent published text of the place, may be empty"),
        Column("longitude", "float64", "as published", unit="degrees", low=-180, high=180),
        Column("latitude", "float64", "as published", unit="degrees", low=-90, high=90),
        Column("district_code", "str", "district it lies in or nearest to"),
        Column("ward_code", "str", "ward it lies in", nullable=True),
        Column("lsoa11_code", "str", "LSOA of 2011", nullable=True),
        Column("lsoa21_code", "str", "LSOA of 2021", nullable=True),
        _month("first_month", "first month with a record"),
    ),
    frozenset({"Point"}),
)

COUNTS = Schema(
    "counts",
    "incidents at a point in a month of a type",
    ("point_id", "month", "crime_type"),
    (_POINT_ID, _month("month", "month of the records"), _CRIME_TYPE, _count("n", "incidents")),
)

COVERAGE = Schema(
    "coverage",
    "a month of one crime type, or of all; months without any file are rows too",
    ("force", "month", "crime_type"),
    (
        Column("force", "str", "police force id, or the area id"),
        _month("month", "month of the records"),
        _CRIME_TYPE,
        Column("is_missing", "bool", "no file for this month: unknown, not zero"),
        Column("rows_in", "int64", "rows read", unit="rows", low=0),
        Column("kept", "int64", "rows kept", unit="rows", low=0),
        Column("unlocated", "int64", "rows without coordinates", unit="rows", low=0),
        Column("list_id", "str", "list of map points in force that month", nullable=True),
    ),
)

AREAS = Schema(
    "areas",
    "a district, ward, LSOA or force area",
    ("level", "area_code"),
    (
        Column(
            "level",
            "str",
            "kind of area",
            values=("district", "ward", "lsoa11", "lsoa21", "force"),
        ),
        Column("area_code", "str", "ONS code"),
        Column("name", "str", "name"),
        Column("district_code", "str", "district that holds it", nullable=True),
        Column("area_m2", "float64", "area", unit="m²", low=0),
    ),
    frozenset({"Polygon", "MultiPolygon"}),
)

DEPRIVATION = Schema(
    "deprivation",
    "one domain of deprivation of one LSOA",
    ("lsoa_code", "domain"),
    (
        Column("lsoa_code", "str", "LSOA"),
        Column("vintage", "str", "LSOA vintage", values=("lsoa11", "lsoa21")),
        Column(
            "domain",
            "str",
            "overall index or domain",
            values=(
                "imd",
                "income",
                "employment",
                "education",
                "health",
                "crime",
                "housing",
                "environment",
            ),
        ),
        Column("rank", "int64", "national rank, 1 most deprived", unit="rank", low=1),
        Column(
            "decile", "int64", "national decile, 1 most deprived", unit="decile", low=1, high=10
        ),
    ),
)

LAMPS = Schema(
    "lamps",
    "a street light",
    ("lamp_id",),
    (
        Column("lamp_id", _ID, "authority's own id, made unique by authority"),
        Column("authority", "str", "lighting authority"),
        Column("road_name", "str", "road, as supplied", nullable=True),
        Column("lamp_type", "str", "light source, as supplied", nullable=True),
        Column("wattage_w", "float64", "lamp wattage", unit="W", nullable=True, low=0),
        Column("height_m", "float64", "mounting height", unit="m", nullable=True, low=0),
        Column("dimming", "str", "dimming or part-night regime, as supplied", nullable=True),
        Column("condition", "str", "condition or fault, as supplied", nullable=True),
    ),
    frozenset({"Point"}),
)

PLACES = Schema(
    "places",
    "a pub, shop, school, station or other place",
    ("place_id",),
    (
        Column("place_id", _ID, "source's own id, made unique by kind"),
        Column("kind", "str", "kind of place, from the settings"),
        Column("name", "str", "name", nullable=True),
    ),
    frozenset({"Point"}),
)

ENVIRONMENT = Schema(
    "environment",
    "one measure of what stands at a hotspot",
    ("subject", "subject_id", "measure"),
    (
        Column("subject", "str", "what was measured", values=("hotspot", "point")),
        Column("subject_id", _ID, "its id"),
        Column("measure", "str", "name of the measure, its unit in the name"),
        Column("value", "float64", "value; missing where the data was not supplied", nullable=True),
        Column("unit", "str", "unit of the value"),
        Column("source", "str", "where it comes from, or 'not supplied'"),
    ),
)

HOTSPOTS = Schema(
    "hotspots",
    "a hotspot in the latest window for a crime group",
    ("crime_group", "hotspot_id"),
    (
        _HOTSPOT_ID,
        _CRIME_GROUP,
        _month("window_start", "first month of the window"),
        _month("window_end", "last month of the window"),
        Column("months_observed", "int64", "months of the window with data", unit="months", low=1),
        Column("rank", "int64", "rank by count within the group, 1 is most", low=1),
        Column("score", "float64", "expected incidents in the window (EB-mix)", low=0),
        Column(
            "label",
            "str",
            "how sure: tested, or chosen by score only",
            values=("strong", "supported", "watch"),
        ),
        Column(
            "class",
            "str",
            "recurrence class over the history analysed",
            values=(
                "persistent",
                "intermittent",
                "emerging",
                "former",
                "no pattern",
                "too short to say",
            ),
        ),
        _count("n", "incidents in the window"),
        Column("n_points", "int64", "map points in it", unit="map points", low=1),
        Column("area_m2", "float64", "area of the polygon", unit="m²", low=0),
        Column("width_m", "float64", "greatest distance between its corners", unit="m", low=0),
        Column("name", "str", "streets it is near, and the district"),
        Column("streets", "str", "streets near it, most frequent first, parted by ' / '"),
        Column("district_code", "str", "district"),
        Column("district", "str", "name of the district"),
        _LIST_ID,
        Column("is_rebased", "bool", "its window straddles a change of the point list"),
        _share("own_share", "part of the score that is its own record; the rest is neighbours"),
        Column("harm", "float64", "category-level harm proxy in the window", unit="days", low=0),
        Column("rank_harm", "int64", "rank by harm within the group", low=1),
        Column("rank_sqrt_harm", "int64", "rank by the square root of harm, summed", low=1),
        Column("is_one_event", "bool", "over half of its harm is a single incident"),
        _month("born", "window end in which it first was a hotspot"),
        Column("windows_hot", "int64", "non-overlapping windows in which it was hot", low=0),
        Column("windows_seen", "int64", "non-overlapping windows with data", low=0),
        Column("window_months", "int64", "length of those windows", unit="months", low=1),
        Column("is_recurring", "bool", "hot in at least half of at least three such windows"),
        Column(
            "trend_per_year",
            "float64",
            "change a year of its share of the area's incidents (Theil-Sen)",
            unit="share",
            nullable=True,
        ),
        Column("trend_low", "float64", "95 % interval of it, low", unit="share", nullable=True),
        Column("trend_high", "float64", "95 % interval of it, high", unit="share", nullable=True),
        _share("trend_p", "two-sided Mann-Kendall p-value", nullable=True),
    ),
    frozenset({"Polygon", "MultiPolygon"}),
)

MEMBERS = Schema(
    "members",
    "a map point that belongs to a hotspot of the latest window",
    ("crime_group", "hotspot_id", "point_id"),
    (_HOTSPOT_ID, _CRIME_GROUP, _POINT_ID, _count("n", "incidents of the group at the point")),
)

HISTORY = Schema(
    "history",
    "one event in a hotspot's life",
    ("crime_group", "hotspot_id", "window_end"),
    (
        _HOTSPOT_ID,
        _CRIME_GROUP,
        _month("window_end", "last month of the window"),
        Column(
            "event",
            "str",
            "what happened",
            values=("born", "continued", "split", "merged", "ended"),
        ),
        Column("related_id", "str", "hotspot it split from or merged into", nullable=True),
        _count("n", "incidents in the window"),
    ),
)

SERIES = Schema(
    "series",
    "incidents of a hotspot's group in its area, in one observed month",
    ("crime_group", "hotspot_id", "month"),
    (
        _HOTSPOT_ID,
        _CRIME_GROUP,
        _month("month", "observed month; a missing month has no row"),
        _count("n", "incidents"),
        Column("is_rebased", "bool", "from an earlier point list, moved to the nearest new point"),
    ),
)

MIX = Schema(
    "mix",
    "incidents of one crime type in a hotspot's area in the latest window",
    ("crime_group", "hotspot_id", "crime_type"),
    (_HOTSPOT_ID, _CRIME_GROUP, _CRIME_TYPE, _count("n", "incidents")),
)

STORED = (
    INCIDENTS, SET_ASIDE, ACCOUNT, POINTS, COUNTS, COVERAGE, AREAS, DEPRIVATION, LAMPS, PLACES,
    ENVIRONMENT, HOTSPOTS, MEMBERS, HISTORY, SERIES, MIX,
)  # fmt: skip
"""Every table of ``data/processed/<area>/``."""
