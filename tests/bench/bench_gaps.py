"""
What missing months cost: how well the last months of a full record foretell, with gaps cut into it.

Run as ``python tests/bench/bench_gaps.py SETTINGS TABLES``: the settings of an area and the tables
that `hotspots refresh` made of it (`data/processed/AREA`). For every list of map points the table
shows the share of the next three months' crime on 0.5 % of the area (EB-mix, mean of the last three
origins); and for the first list, whose year is whole, the same with only those months of the
training year left that the last list has. What is lost by that is the price of the gaps alone: the
points, the crime and what came after are the same.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from hotspots import schema, store
from hotspots.pipeline.assemble import detect_rules
from hotspots.pipeline.frames import point_lists
from hotspots.pipeline.ranking import GI_STAR, POINTS
from hotspots.pipeline.score import score
from hotspots.pipeline.tables import WINDOW_MONTHS, crime_sets
from hotspots.settings import Settings, load

if TYPE_CHECKING:
    from collections.abc import Sequence

BUDGET, HORIZON_MONTHS = "0.5 %", 3

WANTED = {
    "All crime and ASB": 0.339,
    "Anti-social behaviour": 0.370,
    "Violence and sexual offences": 0.322,
    "Criminal damage and arson": 0.297,
    "Burglary": 0.252,
    "Vehicle crime": 0.192,
    "Shoplifting": 0.928,
}
"""Hit rates of METHODS §7 for Lancashire; with another area only the columns are of use."""


def hits(scores: pd.DataFrame) -> pd.Series:
    """Average the hit rates over origins, by list and crime."""
    asked = (
        (scores["method"] == POINTS)
        & (scores["budget"] == BUDGET)
        & (scores["horizon_months"] == HORIZON_MONTHS)
        & scores["crime_group"].isin(WANTED)
    )
    return scores[asked].groupby(["list_id", "crime_group"])["hit"].mean()


def origins(scores: pd.DataFrame, list_id: str) -> list[pd.Timestamp]:
    """Give the origins of a list on which every method was tried."""
    own = scores[(scores["list_id"] == list_id) & (scores["method"] == POINTS)]
    return sorted(own["origin"].unique())


def gaps(months: pd.DatetimeIndex, origin: pd.Timestamp) -> list[int]:
    """Say how many months before an origin each observed month of its year lies."""
    behind = [(origin.year - m.year) * 12 + origin.month - m.month for m in months]
    return [n for n in behind if 0 <= n < WINDOW_MONTHS]


def scored_with(
    settings: Settings, folder: Path, origin: pd.Timestamp, behind: Sequence[int]
) -> pd.DataFrame:
    """Score one origin as if only some months before it had been observed."""
    wanted = (schema.POINTS, schema.COUNTS, schema.COVERAGE, schema.AREAS, schema.PAST_MAPS)
    points, counts, coverage, areas, past = (store.read_table(each, folder) for each in wanted)
    lags = [*(-n for n in behind), *range(1, HORIZON_MONTHS + 1)]
    kept = [origin + pd.DateOffset(months=lag) for lag in lags]
    rules = detect_rules(settings, areas)
    lists = point_lists(
        points,
        counts[counts["month"].isin(kept)],
        coverage[coverage["month"].isin(kept)],
        eps_m=rules.draw.eps_m,
    )
    scores = score(
        lists,
        [each for each in crime_sets(settings.crime_groups) if each.name in WANTED],
        rules,
        past,
        areas[:0],
        study_area_m2=float(areas.loc[areas["level"] == "district", "area_m2"].sum()),
        with_history=False,
    ).table
    return scores[scores["origin"] == origin]


def main(arguments: Sequence[str]) -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description="What missing months cost.")
    parser.add_argument("settings", type=Path)
    parser.add_argument("tables", type=Path)
    given = parser.parse_args(arguments)
    settings = load(given.settings)
    scores = store.read_table(schema.SCORES, given.tables)
    coverage = store.read_table(schema.COVERAGE, given.tables)
    as_found = hits(scores)
    every = sorted(set(scores.loc[scores["method"] == GI_STAR, "list_id"]))
    first, last = every[0], every[-1]
    months = pd.DatetimeIndex(coverage.loc[coverage["list_id"] == last, "month"].unique())
    behind = [gaps(months, origin) for origin in origins(scores, last)]
    cut = [
        scored_with(settings, given.tables, origin, left)
        for origin, left in zip(origins(scores, first), behind, strict=True)
    ]
    with_gaps = hits(pd.concat(cut))
    table = pd.DataFrame({"METHODS": WANTED})
    table[first] = as_found[first] / table["METHODS"]
    table["with gaps"] = with_gaps[first] / table["METHODS"]
    table[last] = as_found[last] / table["METHODS"]
    table["without them"] = table[last] * table[first] / table["with gaps"]
    sys.stdout.write(
        f"observed months of the year before each origin of {last}, by age: {behind}\n"
    )
    sys.stdout.write(table.to_string(float_format="{:.3f}".format) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
