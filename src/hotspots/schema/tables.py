"""The tables that reading makes, and the list of every table that is stored."""

from __future__ import annotations

from hotspots.schema.actions import ACTION_AREAS, ACTION_CHART, ACTIONS, INTERVENTIONS
from hotspots.schema.contract import Column, Schema
from hotspots.schema.findings import (
    ENVIRONMENT,
    FACTORS,
    HISTORY,
    HOTSPOTS,
    MEMBERS,
    MIX,
    PAST_MAPS,
    SCORES,
    SERIES,
    UNUSUAL,
)
from hotspots.schema.shared import (
    CRIME_TYPE,
    FILE,
    ID,
    INCIDENT_ID,
    LINE,
    LIST_ID,
    LSOA_CODE,
    OBSERVED,
    OUTCOME,
    POINT_ID,
    REPORTED_BY,
    count_column,
    month_column,
)

RECORDS = Schema(
    "records",
    "a located record as read, before it is placed on the map",
    ("file", "line"),
    (
        month_column("month", "month of the record"),
        CRIME_TYPE,
        Column("longitude", "float64", "as published", unit="degrees", low=-180, high=180),
        Column("latitude", "float64", "as published", unit="degrees", low=-90, high=90),
        Column("location", "str", "text of the place, as published ('On or near …')"),
        LSOA_CODE,
        OUTCOME,
        REPORTED_BY,
        FILE,
        LINE,
    ),
)

SET_ASIDE = Schema(
    "set_aside",
    "a published row that is not analysed, and why",
    ("file", "line"),
    (
        FILE,
        LINE,
        Column(
            "status",
            "str",
            "the part of the row account it counts under",
            values=("unlocated", "excluded", "duplicate", "quarantined"),
        ),
        Column("reason", "str", "why, in words"),
        Column("column", "str", "the column at fault", nullable=True),
        Column("value", "str", "the value at fault", nullable=True),
        month_column("month", "month of the record", nullable=True),
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
        INCIDENT_ID,
        month_column("month", "month of the record"),
        CRIME_TYPE,
        POINT_ID,
        LSOA_CODE,
        OUTCOME,
        REPORTED_BY,
        FILE,
        LINE,
    ),
)

POINTS = Schema(
    "points",
    "a map point of one point list",
    ("point_id",),
    (
        POINT_ID,
        LIST_ID,
        Column("location", "str", "most frequent published text of the place, may be empty"),
        Column("longitude", "float64", "as published", unit="degrees", low=-180, high=180),
        Column("latitude", "float64", "as published", unit="degrees", low=-90, high=90),
        Column("district_code", "str", "district it lies in or nearest to"),
        Column("ward_code", "str", "ward it lies in", nullable=True),
        Column("lsoa11_code", "str", "LSOA of 2011", nullable=True),
        Column("lsoa21_code", "str", "LSOA of 2021", nullable=True),
        month_column("first_month", "first month with a record"),
    ),
    frozenset({"Point"}),
)

COUNTS = Schema(
    "counts",
    "incidents at a point in a month of a type",
    ("point_id", "month", "crime_type"),
    (
        POINT_ID,
        month_column("month", "month of the records"),
        CRIME_TYPE,
        count_column("n", "incidents"),
    ),
)

COVERAGE = Schema(
    "coverage",
    "a month of one crime type, or of all; months without any file are rows too",
    ("force", "month", "crime_type"),
    (
        Column("force", "str", "police force id, or the area id"),
        month_column("month", "month of the records"),
        CRIME_TYPE,
        Column("is_missing", "bool", "no file for this month: unknown, not zero"),
        Column("is_header_only", "bool", "a file without any row: unknown, not zero"),
        Column("is_short", "bool", "far fewer rows than the months around it: perhaps cut"),
        Column("is_revised", "bool", "published again with more than outcomes changed"),
        Column("rows_in", "int64", "rows read", unit="rows", low=0),
        Column("kept", "int64", "rows kept", unit="rows", low=0),
        Column("unlocated", "int64", "rows without coordinates", unit="rows", low=0),
        Column("list_id", "str", "list of map points in force that month", nullable=True),
    ),
)

REVISIONS = Schema(
    "revisions",
    "a publication of a force-month held against the one before it",
    ("force", "month", "newer"),
    (
        Column("force", "str", "police force id"),
        month_column("month", "month of the records"),
        Column("older", "str", "file and member published before"),
        Column("newer", "str", "file and member published again"),
        Column("rows_before", "int64", "rows of the older one", unit="rows", low=0),
        Column("rows_after", "int64", "rows of the newer one", unit="rows", low=0),
        Column("added", "int64", "rows that came", unit="rows", low=0),
        Column("removed", "int64", "rows that went", unit="rows", low=0),
        Column("changed", "int64", "same Crime ID, another place or type", unit="rows", low=0),
        Column("outcome_changed", "int64", "another outcome and nothing else", unit="rows", low=0),
    ),
)

ALERTS = Schema(
    "alerts",
    "something to know before a trend is read",
    ("kind", "month", "subject"),
    (
        Column(
            "kind",
            "str",
            "what was noticed",
            values=(
                "volume",
                "new type",
                "vanished type",
                "new column",
                "stale",
                "unlocated",
                "lsoa vintage",
                "point list",
                "force absent",
                "header only",
                "short",
                "revised",
            ),
        ),
        month_column("month", "month it was noticed in"),
        Column("subject", "str", "crime type, force, column or list it is about"),
        Column("words", "str", "the same in a sentence"),
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
        Column("lamp_id", ID, "authority's own id, made unique by authority"),
        Column("authority", "str", "lighting authority"),
        Column("road_name", "str", "road, as supplied", nullable=True),
        Column("lamp_type", "str", "light source, as supplied", nullable=True),
        Column("wattage_w", "float64", "lamp wattage", unit="W", nullable=True, low=0),
        Column("height_m", "float64", "mounting height", unit="m", nullable=True, low=0),
        Column("dimming", "str", "dimming or part-night regime, as supplied", nullable=True),
        Column("condition", "str", "condition or fault, as supplied", nullable=True),
        Column("fault", "str", "open defect, as supplied, or 'none' beside others", nullable=True),
        Column("part_night", "str", "lit part of the night, as supplied", nullable=True),
        month_column(
            "installed",
            "month it was installed, January where only the year is known",
            nullable=True,
        ),
    ),
    frozenset({"Point"}),
)

PLACES = Schema(
    "places",
    "a pub, shop, school, station or other place",
    ("place_id",),
    (
        Column("place_id", ID, "source's own id, made unique by kind"),
        Column("kind", "str", "kind of place, from the settings"),
        Column("name", "str", "name", nullable=True),
    ),
    frozenset({"Point"}),
)

STREETS = Schema(
    "streets",
    "a length of street",
    ("street_id",),
    (
        Column("street_id", ID, "source's own id, made unique"),
        Column("name", "str", "name of the street", nullable=True),
    ),
    frozenset({"LineString", "MultiLineString"}),
)

OBSERVATIONS = Schema(
    "observations",
    "something that a person noted on a visit; its free text is not kept",
    ("observation_id",),
    (
        Column("observation_id", ID, "source's own id, made unique"),
        Column("kind", "str", "what was noted", values=OBSERVED),
        month_column("noted", "month in which it was noted", nullable=True),
        Column("source", "str", "who noted it, from the settings"),
    ),
    frozenset({"Point"}),
)

STORED = (
    INCIDENTS, SET_ASIDE, ACCOUNT, POINTS, COUNTS, COVERAGE, REVISIONS, ALERTS, AREAS, DEPRIVATION,
    LAMPS, PLACES, STREETS, OBSERVATIONS, ENVIRONMENT, HOTSPOTS, MEMBERS, HISTORY, SERIES, MIX,
    PAST_MAPS, SCORES, UNUSUAL, FACTORS,
    ACTIONS, INTERVENTIONS, ACTION_AREAS, ACTION_CHART,
)  # fmt: skip
"""Every table of ``data/processed/<area>/``."""
