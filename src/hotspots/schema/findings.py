"""The tables that analysis makes: hotspots, their lives, and what stands around them."""

from __future__ import annotations

from hotspots.schema.contract import Column, Schema
from hotspots.schema.shared import (
    CRIME_GROUP,
    CRIME_TYPE,
    HOTSPOT_ID,
    ID,
    LIST_ID,
    POINT_ID,
    count_column,
    month_column,
    share_column,
)

ENVIRONMENT = Schema(
    "environment",
    "one measure of what stands at a hotspot",
    ("subject", "subject_id", "measure"),
    (
        Column("subject", "str", "what was measured", values=("hotspot", "point")),
        Column("subject_id", ID, "its id"),
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
        HOTSPOT_ID,
        CRIME_GROUP,
        month_column("window_start", "first month of the window"),
        month_column("window_end", "last month of the window"),
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
        count_column("n", "incidents in the window"),
        Column("n_points", "int64", "map points in it", unit="map points", low=1),
        Column("area_m2", "float64", "area of the polygon", unit="m²", low=0),
        Column("width_m", "float64", "greatest distance between its corners", unit="m", low=0),
        Column("name", "str", "streets it is near, and the district"),
        Column("streets", "str", "streets near it, most frequent first, parted by ' / '"),
        Column("district_code", "str", "district"),
        Column("district", "str", "name of the district"),
        LIST_ID,
        Column("is_rebased", "bool", "its window straddles a change of the point list"),
        share_column(
            "own_share", "part of the score that is its own record; the rest is neighbours"
        ),
        Column("harm", "float64", "category-level harm proxy in the window", unit="days", low=0),
        Column("rank_harm", "int64", "rank by harm within the group", low=1),
        Column("rank_sqrt_harm", "int64", "rank by the square root of harm, summed", low=1),
        Column("is_one_event", "bool", "over half of its harm is a single incident"),
        month_column("born", "window end in which it first was a hotspot"),
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
        share_column("trend_p", "two-sided Mann-Kendall p-value", nullable=True),
    ),
    frozenset({"Polygon", "MultiPolygon"}),
)

MEMBERS = Schema(
    "members",
    "a map point that belongs to a hotspot of the latest window",
    ("crime_group", "hotspot_id", "point_id"),
    (HOTSPOT_ID, CRIME_GROUP, POINT_ID, count_column("n", "incidents of the group at the point")),
)

HISTORY = Schema(
    "history",
    "one event in a hotspot's life",
    ("crime_group", "hotspot_id", "window_end"),
    (
        HOTSPOT_ID,
        CRIME_GROUP,
        month_column("window_end", "last month of the window"),
        Column(
            "event",
            "str",
            "what happened",
            values=("born", "continued", "split", "merged", "ended"),
        ),
        Column("related_id", "str", "hotspot it split from or merged into", nullable=True),
        count_column("n", "incidents in the window"),
    ),
)

SERIES = Schema(
    "series",
    "incidents of a hotspot's group in its area, in one observed month",
    ("crime_group", "hotspot_id", "month"),
    (
        HOTSPOT_ID,
        CRIME_GROUP,
        month_column("month", "observed month; a missing month has no row"),
        count_column("n", "incidents"),
        Column("is_rebased", "bool", "from an earlier point list, moved to the nearest new point"),
    ),
)

MIX = Schema(
    "mix",
    "incidents of one crime type in a hotspot's area in the latest window",
    ("crime_group", "hotspot_id", "crime_type"),
    (HOTSPOT_ID, CRIME_GROUP, CRIME_TYPE, count_column("n", "incidents")),
)
