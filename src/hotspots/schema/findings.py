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
            "how sure, by comparison with maps that have no hotspots: strong at a family-wise 5 %, "
            "supported at a false discovery rate of 10 %, else watch",
            values=("strong", "supported", "watch"),
        ),
        Column(
            "expected",
            "float64",
            "incidents in the window if they only followed their wider surroundings (1.5 km)",
            unit="incidents",
            low=0,
        ),
        Column("llr", "float64", "log-likelihood ratio of the scan statistic", low=0),
        share_column("p_family", "share of maps without hotspots on which any stands out as much"),
        share_column("q", "false discovery rate of the list down to this hotspot"),
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
        Column(
            "is_frequency_desert",
            "bool",
            "few incidents but much harm: lower half of the group by count, top fifth by harm",
        ),
        month_column("born", "window end in which it first was a hotspot"),
        Column("windows_hot", "int64", "non-overlapping windows in which it was hot", low=0),
        Column("windows_seen", "int64", "non-overlapping windows with data", low=0),
        Column("window_months", "int64", "length of those windows", unit="months", low=1),
        share_column(
            "chance_hot",
            "chance of being hot in such a window if there were no hotspots",
            nullable=True,
        ),
        Column(
            "is_recurring",
            "bool",
            "hot in at least half of at least three such windows, and not by chance (5 %)",
        ),
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

PAST_MAPS = Schema(
    "past_maps",
    "a map point that lay in a hotspot of a window, of every window drawn",
    ("crime_group", "window_end", "point_id"),
    (
        CRIME_GROUP,
        month_column("window_end", "last month of the window; what came later was not known"),
        POINT_ID,
        HOTSPOT_ID,
    ),
)

SCORES = Schema(
    "scores",
    "forward validation: what one method, given so much ground at an origin, held of the "
    "incidents of the months after",
    ("crime_group", "origin", "horizon_months", "method", "budget"),
    (
        CRIME_GROUP,
        month_column("origin", "last month of the training window; nothing later was known"),
        Column("horizon_months", "int64", "months tested after it", unit="months", low=1),
        Column("method", "str", "how places were chosen: hotspots as drawn then, or a baseline"),
        Column(
            "budget",
            "str",
            "how much was flagged: a share of the area, so many places, or as much as another "
            "method's own ground; the place that crosses it counts in part",
        ),
        LIST_ID,
        Column("months_observed", "int64", "months of training with data", unit="months", low=1),
        Column("is_rebased", "bool", "some of them are of an earlier point list"),
        Column("n", "float64", "incidents of the test in flagged ground", unit="incidents", low=0),
        count_column("n_all", "incidents of the test in the area"),
        Column(
            "charged_area_m2",
            "float64",
            "flagged ground, and the catchment of every map point in it",
            unit="m²",
            low=0,
        ),
        Column("area_share", "float64", "that ground for the area", unit="share", low=0),
        Column("is_filled", "bool", "the method had places enough for the budget"),
        Column("n_units", "float64", "places flagged", unit="places", low=0),
        share_column("hit", "share of the incidents that lay in flagged ground", nullable=True),
        share_column(
            "hit_low", "95 % bootstrap interval, low; not worked out for history", nullable=True
        ),
        share_column("hit_high", "95 % bootstrap interval, high", nullable=True),
        Column(
            "pai", "float64", "prediction accuracy index: hit for area_share", low=0, nullable=True
        ),
        Column(
            "pei",
            "float64",
            "prediction efficiency index: n for the most that as much ground could hold",
            low=0,
            nullable=True,
        ),
        Column(
            "rri",
            "float64",
            "recapture rate index: the change there for the change everywhere",
            low=0,
            nullable=True,
        ),
        Column(
            "ser",
            "float64",
            "search efficiency rate",
            unit="incidents per km²",
            low=0,
            nullable=True,
        ),
        share_column(
            "hold_rate",
            "share of the places above their background again (Poisson, 5 %)",
            nullable=True,
        ),
        Column(
            "kept_excess",
            "float64",
            "how much of the excess over the background came again",
            unit="share",
            nullable=True,
        ),
    ),
)

UNUSUAL = Schema(
    "unusual",
    "a measure by which a hotspot stands out among places like it",
    ("crime_group", "hotspot_id", "measure"),
    (
        HOTSPOT_ID,
        CRIME_GROUP,
        Column("measure", "str", "name of the measure, its unit in the name"),
        Column("rank", "int64", "1 is the most unusual of the hotspot", low=1),
        Column("value", "float64", "value at the hotspot"),
        Column("typical", "float64", "median of the matched places"),
        share_column("percentile", "share of the matched places below it, ties counted half"),
        Column("n_matched", "int64", "matched places with a value", unit="map points", low=1),
        Column(
            "matched",
            "str",
            "where the matched places lie",
            values=("same district", "whole area"),
        ),
        Column(
            "evidence",
            "str",
            "whether the measure goes with this crime group in the area",
            values=("associated", "not established", "not tested"),
        ),
    ),
)

FACTORS = Schema(
    "factors",
    "how much a crime group goes with one measure of a place, by one estimator",
    ("crime_group", "factor", "estimator"),
    (
        CRIME_GROUP,
        Column("factor", "str", "name of the measure"),
        Column(
            "estimator",
            "str",
            "matched: places of the same 250 m with each other; case_case: the crime with a "
            "control crime at the same places",
            values=("matched", "case_case"),
        ),
        Column("ratio", "float64", "incidents for one more of the factor, times", low=0),
        Column("low", "float64", "95 % interval, low", low=0),
        Column("high", "float64", "95 % interval, high", low=0),
        count_column("n", "incidents of blocks in which the factor varies, controls included"),
        Column("n_clusters", "int64", "squares of 2 km with such a block", low=1),
        share_column("q", "false discovery rate among all tests of the estimator"),
        Column(
            "evidence",
            "str",
            "associated if both estimators agree in direction, both intervals exclude 1 and the "
            "matched q is at most 5 %",
            values=("associated", "not established"),
        ),
        Column("unit", "str", "what one more of the factor is"),
        Column("held_constant", "str", "what the places compared have in common"),
        Column("control", "str", "crime types it was compared with", nullable=True),
        Column(
            "smallest",
            "float64",
            "smallest ratio above 1 that this volume would have shown four times in five, as a "
            "single test",
            low=1,
        ),
    ),
)
