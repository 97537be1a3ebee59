"""
What the test against chance does on real ground: false alarms, planted hotspots, hold rates.

``python tests/bench/bench_significance.py SETTINGS TABLES [--maps 1000]``: TABLES is the folder of
tables that a refresh wrote. Prints one table for each of three questions.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import poisson

from hotspots import points, schema, settings, store
from hotspots.pipeline.assemble import detect_rules
from hotspots.pipeline.drawing import DetectRules, draw_sets
from hotspots.pipeline.frames import Frame, PointList, frames, point_lists
from hotspots.pipeline.judge import background, judge_set
from hotspots.pipeline.simulate import Bench, Planted
from hotspots.pipeline.tables import WINDOW_MONTHS, CrimeSet, crime_sets, is_enough

N_SIMULATIONS = 99
CATCHMENT_M = 100.0


def _load(
    settings_file: Path, tables: Path
) -> tuple[tuple[PointList, ...], list[CrimeSet], DetectRules]:
    chosen = settings.load(settings_file)
    wanted = (schema.POINTS, schema.COUNTS, schema.COVERAGE, schema.AREAS)
    table, counts, coverage, areas = (store.read_table(each, tables) for each in wanted)
    rules = detect_rules(chosen, areas)
    lists = point_lists(table, counts, coverage, eps_m=rules.draw.eps_m)
    sets = {each.types: each for each in reversed(crime_sets(chosen.crime_groups))}
    return lists, list(sets.values())[::-1], rules


def _origins(lists: tuple[PointList, ...]) -> list[pd.Timestamp]:
    """The last three months of each list that have three observed months behind them."""
    found = []
    for at in lists:
        months = at.counts.months
        after = [m for m in months if all(m + pd.DateOffset(months=i) in months for i in (1, 2, 3))]
        found += after[-3:]
    return found


def false_alarms(
    lists: tuple[PointList, ...], sets: list[CrimeSet], rules: DetectRules, n_maps: int
) -> pd.DataFrame:
    """Draw and test maps dealt out over the background of the last window of each list."""
    rows = []
    ends = [at.counts.months[-1] for at in lists]
    for frame in frames(lists, wanted=set(ends)):
        drawn, observed, _ = draw_sets(frame, WINDOW_MONTHS, sets, rules)
        total = np.array([drawn[each].count.sum() for each in sets])
        enough = is_enough(total, observed, per_year=rules.min_year_incidents)
        tested = [each for each, is_enough_ in zip(sets, enough, strict=True) if is_enough_]
        for crime_set in tested:
            bench = Bench(frame, crime_set, drawn[crime_set], rules, n_simulations=N_SIMULATIONS)
            n = -(-n_maps // (len(tested) * len(ends)))
            start = time.process_time()
            maps = list(bench.try_maps(None, n, seed=2026, say=lambda _: None))
            rows.append(
                {
                    "list": frame.at.list_id, "set": crime_set.name,
                    "incidents": int(drawn[crime_set].count.sum()), "maps": n,
                    "drawn a map": np.mean([each.n_drawn for each in maps]),
                    "strong": sum(each.n_strong for each in maps),
                    "supported": sum(each.n_supported for each in maps),
                    "CPU s": time.process_time() - start,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def planted(
    lists: tuple[PointList, ...], sets: list[CrimeSet], rules: DetectRules, n_maps: int
) -> pd.DataFrame:
    """Plant hotspots among the burglaries of the last window of each list."""
    burglary = next(each for each in sets if each.types == ("Burglary",))
    rows = []
    for frame in frames(lists, wanted={at.counts.months[-1] for at in lists}):
        drawn = draw_sets(frame, WINDOW_MONTHS, [burglary], rules)[0][burglary]
        for plan in (
            Planted(40, 100.0),
            Planted(40, 150.0),
            Planted(20, 150.0),
            Planted(40, 150.0, 3),
        ):
            bench = Bench(frame, burglary, drawn, rules, n_simulations=N_SIMULATIONS)
            maps = list(bench.try_maps(plan, n_maps, seed=2026, say=lambda _: None))
            named = sum(each.n_strong + each.n_supported for each in maps)
            rows.append(
                {
                    "list": frame.at.list_id, "incidents": int(drawn.count.sum()), **plan._asdict(),
                    "named a map": named / n_maps,
                    "precision": sum(each.n_true for each in maps) / max(named, 1),
                    "recall": sum(each.n_found for each in maps) / (n_maps * plan.n_hotspots),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _next_quarter(frame: Frame, crime_set: CrimeSet) -> np.ndarray:
    """Count the next three months, points first seen then at the nearest one known."""
    months = points.window_months(
        frame.at.counts.months, end=frame.month + pd.DateOffset(months=3), length=3
    )
    came = frame.at.counts.sums(months, [crime_set.types])[:, 0].astype(np.float64)
    seen, new = np.flatnonzero(frame.seen), np.flatnonzero(~frame.seen & (came > 0))
    near = points.nearest_within(frame.at.xy[new], frame.at.xy[seen], reach_m=CATCHMENT_M)
    np.add.at(came, seen[near[near >= 0]], came[new[near >= 0]])
    return np.where(frame.seen, came, 0.0)


def hold_rates(
    lists: tuple[PointList, ...], sets: list[CrimeSet], rules: DetectRules
) -> pd.DataFrame:
    """Share of hotspots whose next quarter exceeds the background at a one-sided 5 %."""
    rows = []
    for frame in frames(lists, wanted=set(_origins(lists))):
        drawn, _, _ = draw_sets(frame, WINDOW_MONTHS, sets, rules)
        for crime_set in sets:
            one = drawn[crime_set]
            if not (one.labels >= 0).any():
                continue
            expected = background(frame, one.count)
            judged = judge_set(frame, crime_set, one, expected, rules, n_simulations=N_SIMULATIONS)
            came, inside = _next_quarter(frame, crime_set), one.labels >= 0
            n = np.bincount(one.labels[inside], came[inside], minlength=len(judged))
            usual = expected * (came.sum() / one.count.sum())
            held = n > poisson.ppf(
                0.95, np.bincount(one.labels[inside], usual[inside], minlength=len(judged))
            )
            rows += [
                (crime_set.name, label, is_held)
                for label, is_held in zip(judged["label"], held, strict=True)
            ]
    table = pd.DataFrame(rows, columns=["set", "label", "held"])
    return table.pivot_table("held", "set", "label", aggfunc=["size", "mean"], sort=False)


def _say(title: str, table: pd.DataFrame) -> None:
    text = table.to_string(float_format=lambda value: f"{value:.2f}")
    sys.stdout.write(f"\n{title}\n\n{text}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("settings", type=Path)
    parser.add_argument("tables", type=Path)
    parser.add_argument("--maps", type=int, default=1000)
    parser.add_argument("--planted-maps", type=int, default=20)
    asked = parser.parse_args()
    loaded = _load(asked.settings, asked.tables)
    none = false_alarms(*loaded, asked.maps)
    _say(f"{none['strong'].sum()} strong on {none['maps'].sum()} maps without hotspots", none)
    if asked.planted_maps:
        found = planted(*loaded, asked.planted_maps)
        _say("Planted among burglaries: strong and supported", found)
        _say("Hold rate of the next quarter, by label", hold_rates(*loaded))


if __name__ == "__main__":
    main()
