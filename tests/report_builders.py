"""The reports of a made-up county of three districts, small enough to check by hand."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.pipeline import quarter_counts as counting
from hotspots.pipeline import quarter_hotspots as places
from hotspots.pipeline import report_said, report_tables
from hotspots.pipeline.quarters import Quarter
from hotspots.pipeline.tables import crime_sets
from hotspots.publish.charts import PlaceMap, Series
from hotspots.publish.report import Place, Quarterly, Report, Sentence
from hotspots.schema import ALL_CRIME, COVERAGE, CRIME_TYPES, HISTORY, INTERVENTIONS, empty

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from hotspots.pipeline.quarter_hotspots import MapThen

NAMES = {"E07000001": "Ashby", "E07000002": "Brook", "E07000003": "Combe"}
WHOLE = ("anyshire", "Anyshire")
SETS = crime_sets({"people": ("Violence and sexual offences", "Robbery")})
MONTHS = pd.date_range("2022-01-01", "2025-06-01", freq="MS", unit="ms")
QUARTER = Quarter(pd.Timestamp("2025-04-01"))


def ground(
    *,
    missing: Collection[str] = (),
    seed: int = 3,
    residents: Mapping[str, int] | None = None,
    mean: float = 12.0,
) -> counting.Ground:
    """Make the counts of every month but the missing ones; the rarer a type the later it stands."""
    chance = np.random.default_rng(seed)
    counts: dict[pd.Timestamp, NDArray[np.int64]] = {}
    rates = mean / np.arange(1, len(CRIME_TYPES) + 1)
    for month in MONTHS:
        drawn = chance.poisson(rates, size=(len(NAMES), len(CRIME_TYPES)))
        if f"{month:%Y-%m}" not in missing:
            counts[month] = drawn.astype(np.int64)
    return counting.Ground(
        (*NAMES, WHOLE[0]), (*NAMES.values(), WHOLE[1]), SETS, counts, residents or {}
    )


def coverage(at: counting.Ground, *, list_change: str = "2022-01") -> pd.DataFrame:
    """Make the coverage that goes with counts, a tenth of the records without a place."""
    rows = []
    for month in MONTHS:
        is_known = month in at.counts
        kept = at.counts[month].sum(axis=0) if is_known else np.zeros(len(CRIME_TYPES), dtype=int)
        lost = kept // 10
        for name, a, b in zip((*CRIME_TYPES, ALL_CRIME), (*kept, kept.sum()), (*lost, lost.sum()),
                              strict=True):  # fmt: skip
            rows.append(
                {
                    "force": "anyshire", "month": month, "crime_type": name,
                    "is_missing": not is_known, "is_header_only": False, "is_short": False,
                    "is_revised": False, "rows_in": int(a + b), "kept": int(a),
                    "unlocated": int(b),
                    "list_id": (
                        f"list-{list_change}" if f"{month:%Y-%m}" >= list_change else "list-2010-12"
                    ) if is_known else None,
                }
            )  # fmt: skip
    return pd.DataFrame(rows).astype({each.name: each.dtype for each in COVERAGE.columns})


def map_then(month: str, ids: Sequence[str], *, list_id: str = "list-2022-01") -> MapThen:
    """Make a map with hotspots of all crime, the first in Ashby and the others in Brook."""
    codes = list(NAMES)
    table = pd.DataFrame(
        {
            "crime_group": ALL_CRIME,
            "hotspot_id": list(ids),
            "district_code": [codes[0] if i == 0 else codes[1] for i in range(len(ids))],
            "n": [50 - i for i in range(len(ids))],
            "n_points": 2,
            "rank": range(1, len(ids) + 1),
            "streets": "High Street",
            "district": [NAMES[codes[0 if i == 0 else 1]] for i in range(len(ids))],
            "name": "High Street, Ashby",
        }
    )
    return places.MapThen(
        pd.Timestamp(month), list_id, 12, table, None, pd.DataFrame(), {}, {}
    )  # fmt: skip  # type: ignore[arg-type] -- shapes are not looked at here


def quarterly(
    *,
    missing: Collection[str] = (),
    residents: Mapping[str, int] | None = None,
    name: str = "",
    mean: float = 12.0,
) -> Quarterly:
    """Make the reports of a quarter; ``name`` takes the place of the first district's."""
    at = ground(missing=missing, residents=residents, mean=mean)
    if name:
        at = counting.Ground((*at.codes,), (name, *at.names[1:]), at.sets, at.counts, at.residents)
    past = counting.history(at, QUARTER)
    now, before = map_then("2025-06", ["HS-a-1", "HS-a-2"]), map_then("2025-03", ["HS-a-1"])
    known = coverage(at)
    data = {
        "crime": counting.crime_table(at, past, QUARTER),
        "quarters": counting.quarters_table(at, past),
        "months": counting.months_table(at, QUARTER.end, months=24),
        "hotspot_changes": places.changes(
            now, before, SETS, list(zip(at.codes, at.names, strict=True))
        ),
        "hotspots": _hotspots(at.names[0]),
        "gone": places.gone_table(now, before, empty(HISTORY)),
        "foretold": _foretold(),
        "actions": empty(INTERVENTIONS).assign(area_codes=""),
        "quality": report_tables.quality(known, QUARTER),
        "unlocated": report_tables.unlocated(known, QUARTER, []),
        "coverage": report_tables.monthly_coverage(known, QUARTER.end, months=24),
        "wards": pd.DataFrame({"area_code": [], "ward": [], "crime_group": [], "count": []}),
        "ward_messages": pd.DataFrame({"area_code": [], "ward": [], "message": []}),
    }  # fmt: skip
    reports = tuple(
        _report(data, code, place, is_force=code == WHOLE[0])
        for code, place in zip(at.codes[-1:] + at.codes[:-1], at.names[-1:] + at.names[:-1],
                               strict=True)
    )  # fmt: skip
    return Quarterly(
        area_id=WHOLE[0], area_name=WHOLE[1], quarter=QUARTER.name, title=QUARTER.title,
        end=QUARTER.end, made_on=dt.date(2025, 8, 20), data_months="January 2022 to June 2025",
        cautions=("The police changed their list of map points in July 2022.",),
        tables={key: report_tables.table(key, data[key]) for key in report_tables.TITLES},
        reports=reports, definitions=report_said.DEFINITIONS,
        method=(("Neighbourhood radius", "100 m"),), notices=("Open Government Licence v3.0.",),
    )  # fmt: skip


def _report(data: Mapping[str, pd.DataFrame], code: str, name: str, *, is_force: bool) -> Report:
    own = {
        key: each[each["area_code"] == code] if "area_code" in each else each
        for key, each in data.items()
    }
    months = (QUARTER.end, QUARTER.before(1).end)
    return Report(
        area_code=code, name=name, slug=code.lower(), is_force=is_force,
        headlines=report_said.headlines(own, QUARTER, months, WHOLE[1]),
        sections={
            "hotspots": report_said.hotspots_said(own, QUARTER, months),
            "foretold": report_said.foretold_said(own, QUARTER, WHOLE[1]),
            "actions": (Sentence("No register of interventions was supplied."),),
            "wards": (Sentence("Ward boundaries were not supplied."),),
            "data": report_said.data_said(own, QUARTER),
        },
        tables={key: report_tables.table(key, each) for key, each in own.items()},
        charts=report_said.charts(own, QUARTER, None, code, name),
        places=(_place(name),),
        sparklines=report_said.sparklines(own),
    )  # fmt: skip


def _hotspots(name: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rank": [1], "hotspot_id": ["HS-a-1"], "name": [f"High Street, {name}"], "n": [50],
            "months_observed": [12], "most": ["Burglary 40; Drugs [c]"],
            "since": [pd.Timestamp("2022-12-01")], "status": ["there before"], "label": ["strong"],
            "recurrence": ["persistent"], "n_points": [2], "district_code": ["E07000001"],
        }
    )  # fmt: skip


def _foretold() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "crime_group": ALL_CRIME, "method": ["hotspots", "raw count"], "hit": [0.141, 0.13],
            "hit_low": [0.12, 0.11], "hit_high": [0.16, 0.15], "area_share": 0.0009,
            "pai": [156.0, 144.0], "hold_rate": [0.85, np.nan], "kept_excess": [0.9, np.nan],
        }
    )  # fmt: skip


def _place(name: str) -> Place:
    square = ((0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0), (0.0, 0.0))
    return Place(
        hotspot_id="HS-a-1", name=f"High Street, {name}", rank=1, facts=(("Size", "1.0 hectares"),),
        sentences=(Sentence("It stood out three months earlier too."),),
        surroundings=(("Street lights inside", "12", "Anytown council"),), unusual=(),
        questions=(("Access and movement", "Which paths run through?"),),
        map=PlaceMap(f"Map of High Street, {name}", "Outline of the hotspot.",
                     (-200.0, -100.0, 300.0, 233.0), (square,), (square,),
                     (((-200.0, 0.0), (300.0, 50.0)),), ((50.0, 50.0),)),
        history=Series("Incidents a month", "From 3 to 5 a month.", ("May 2025", "June"), (3, 5)),
    )  # fmt: skip
