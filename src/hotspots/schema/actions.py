"""The tables of interventions: the register as read, what became of each action, its ground."""

from __future__ import annotations

from hotspots.schema.contract import Column, Schema
from hotspots.schema.shared import CRIME_GROUP, FILE, ID, LINE, count_column, month_column

INTERVENTION_ID = Column("intervention_id", ID, "the register's own id")

_POLYGONS = frozenset({"Polygon", "MultiPolygon"})


def _number(name: str, meaning: str, unit: str = "incidents or days") -> Column:
    return Column(name, "float64", meaning, unit=unit, nullable=True)


ACTIONS = Schema(
    "actions",
    "an intervention as its register has it",
    ("intervention_id",),
    (
        INTERVENTION_ID,
        Column("name", "str", "its name"),
        Column("what", "str", "what was done"),
        month_column("start", "first month of it"),
        month_column("end", "last month of it; missing while it runs", nullable=True),
        Column(
            "crime_groups", "str", "groups it aimed at, parted by '; '; all crime if none is named"
        ),
        Column("area_wkt", "str", "its area, EPSG:27700", nullable=True),
        Column("hotspot_id", "str", "the hotspot that is its area", nullable=True),
        Column("comparison_wkt", "str", "the area to compare with, EPSG:27700", nullable=True),
        Column("comparison_hotspot_id", "str", "the hotspot to compare with", nullable=True),
        FILE,
        LINE,
    ),
)

INTERVENTIONS = Schema(
    "interventions",
    "an intervention judged for a crime group by count or harm",
    ("intervention_id", "crime_group", "measure"),
    (
        INTERVENTION_ID,
        CRIME_GROUP,
        Column("measure", "str", "what is counted", values=("count", "harm")),
        Column("name", "str", "its name"),
        month_column("start", "first month of it"),
        month_column("end", "last month of it; missing while it runs", nullable=True),
        Column("months_before", "int64", "months compared before", unit="months", low=0),
        Column("months_after", "int64", "months compared after", unit="months", low=0),
        _number("before", "in its area in the months before"),
        _number("after", "in its area in the months after"),
        _number("control_before", "in the comparison before"),
        _number("control_after", "in the comparison after"),
        _number("control_weight", "what the comparison is multiplied by", "share"),
        _number("displacement_before", "in the ring around its area before"),
        _number("displacement_after", "in the ring around its area after"),
        _number("wdd", "weighted displacement difference, rings left out; below zero is fewer"),
        _number("wdd_low", "95 % interval of it, low"),
        _number("wdd_high", "95 % interval of it, high"),
        _number("wdd_total", "the same with the rings around the area and the comparison"),
        _number("total_low", "95 % interval of it, low"),
        _number("total_high", "95 % interval of it, high"),
        _number("wdq", "weighted displacement quotient, where it can be read", "ratio"),
        Column(
            "spread",
            "float64",
            "variance of the changes of like places for that of chance; the interval allows for it",
            unit="ratio",
            low=1,
        ),
        _number("expected_anyway", "change expected with nothing done, area trend in it"),
        _number(
            "anyway_low", "the same with the least excess that came again, of 95 % of the origins"
        ),
        _number("anyway_high", "the same with the most of it"),
        Column(
            "verdict",
            "str",
            "what the difference and its interval come to",
            values=("fewer", "more", "no clear change", "cannot be judged"),
        ),
        Column("reason", "str", "why it cannot be judged, in words", nullable=True),
        Column("notes", "str", "what to know of the figures, in words", nullable=True),
        Column("comparison", "str", "what it is compared with", nullable=True),
        Column("is_rebased", "bool", "the months straddle a change of the point list"),
    ),
)

ACTION_AREAS = Schema(
    "action_areas",
    "the ground of an intervention, of the ring around it or of what it is compared with",
    ("intervention_id", "crime_group", "role"),
    (
        INTERVENTION_ID,
        CRIME_GROUP,
        Column("role", "str", "what the ground is", values=("action", "comparison", "ring")),
    ),
    _POLYGONS,
)

ACTION_CHART = Schema(
    "action_chart",
    "an observed month of the cumulative control chart of an intervention",
    ("intervention_id", "crime_group", "month"),
    (
        INTERVENTION_ID,
        CRIME_GROUP,
        month_column("month", "observed month; a missing month has no row"),
        Column("is_after", "bool", "from the start of the intervention on"),
        count_column("n", "incidents in its area"),
        Column("expected", "float64", "incidents expected there", unit="incidents", low=0),
        Column(
            "total",
            "float64",
            "observed less expected, added up; anew from the start of the intervention",
            unit="incidents",
        ),
        Column("limit", "float64", "95 % limit to both sides of zero", unit="incidents", low=0),
        Column("is_rebased", "bool", "of another point list than the start, moved by area"),
    ),
)
