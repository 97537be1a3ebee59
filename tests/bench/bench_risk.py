"""
What the estimators of association do where the truth is known: coverage, false finds, power.

``python tests/bench/bench_risk.py [TABLES] [--runs 200]``: on a made-up county and, if TABLES, the
folder of tables that a refresh wrote, is given, on its map points and its recorded crime too.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots import risk, schema, store
from hotspots.risk import planted, rtm

N_NOISE = 20
N_STEPWISE = 10
"""Runs in which stepwise Poisson is tried as well: it takes longer than all the rest."""

COUNTY_POINTS, COUNTY_M = 5000, 25_000.0


class Run(NamedTuple):
    """One map: both logarithms against the truth, whether their intervals hold it, the verdict."""

    matched_off: float
    case_off: float
    matched_holds: bool
    case_holds: bool
    is_found: bool


def one_run(
    xy: NDArray[np.float64], plan: planted.Plan, *, is_smooth: bool, seed: tuple[int, ...]
) -> Run:
    """Plant a ratio and estimate it; a find is one beside 20 more tests."""
    chance = np.random.default_rng(seed)
    made = planted.plant(xy, plan, is_smooth=is_smooth, chance=chance)
    blocks = risk.Blocks.of(xy)
    cases, controls = made.cases[:, None], made.controls[:, None]
    first = risk.matched(made.factor, cases, blocks)
    second = risk.case_case(made.factor, risk.CasePairs.of(cases, controls, blocks))
    found = risk.is_associated(first, second, first.p * (1 + N_NOISE))
    truth = np.log(plan.ratio)
    holds = [bool(e.low[0] <= plan.ratio <= e.high[0]) for e in (first, second)]
    off = [float(e.log_ratio[0] - truth) for e in (first, second)]
    return Run(off[0], off[1], holds[0], holds[1], bool(found[0]))


def planted_table(xy: NDArray[np.float64], n_runs: int, n_cases: int) -> pd.DataFrame:
    """Coverage and power by ratio, kind of factor and confounding."""
    rows = []
    for is_rough, scale_m in ((False, 2000.0), (False, 500.0), (True, 2000.0), (True, 500.0)):
        for is_smooth in (False, True):
            for ratio in (2.0,) if is_rough else (1.0, 1.2, 1.5, 2.0):
                plan = planted.Plan(
                    ratio=ratio, n_cases=n_cases, n_controls=n_cases, confounded_m=scale_m,
                    is_rough=is_rough,
                )  # fmt: skip
                runs = pd.DataFrame(
                    [one_run(xy, plan, is_smooth=is_smooth, seed=(i, 5)) for i in range(n_runs)]
                )
                mean = runs.astype(float).mean().round(3)
                kind = "smooth" if is_smooth else "yes or no"
                field = "rough" if is_rough else "smooth"
                rows.append({"field": f"{field} {scale_m:g} m", "factor": kind, "ratio": ratio,
                             **mean.to_dict()})  # fmt: skip
    return pd.DataFrame(rows)


def noise_run(
    xy: NDArray[np.float64],
    cases: NDArray[np.float64],
    controls: NDArray[np.float64],
    chance: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count the associations among 20 noise factors by set; give the factors too."""
    blocks = risk.Blocks.of(xy)
    pairs = risk.CasePairs.of(cases, controls, blocks)
    factors = planted.noise_factors(xy, N_NOISE, chance=chance)
    first = [risk.matched(each, cases, blocks) for each in factors.T]
    second = [risk.case_case(each, pairs) for each in factors.T]
    q = risk.false_discovery(np.array([each.p for each in first]))
    verdicts = [risk.is_associated(a, b, c) for a, b, c in zip(first, second, q, strict=True)]
    return np.sum(verdicts, axis=0), factors


def noise_table(xy: NDArray[np.float64], n_runs: int, n_cases: int) -> pd.DataFrame:
    """Run 20 noise factors beside made-up crime."""
    rows = []
    for scale_m in (500.0, 2000.0):
        plan = planted.Plan(ratio=1.0, n_cases=n_cases, n_controls=n_cases, confounded_m=scale_m)
        any_found: int = 0
        picked: list[int] = []
        for i in range(n_runs):
            chance = np.random.default_rng((i, 6))
            made = planted.plant(xy, plan, is_smooth=True, chance=chance)
            found, factors = noise_run(xy, made.cases[:, None], made.controls[:, None], chance)
            any_found += int(found[0] > 0)
            if i < N_STEPWISE:
                names = [str(number) for number in range(N_NOISE)]
                picked.append(len(rtm.stepwise(names, factors, made.cases)))
        rows.append({"baseline": f"made up, {scale_m:g} m", "any associated": any_found / n_runs,
                     "picked by stepwise Poisson": np.mean(picked)})  # fmt: skip
    return pd.DataFrame(rows)


def real_noise_table(tables: Path, n_runs: int) -> pd.DataFrame:
    """Run 20 noise factors beside recorded crime, which cannot go with them."""
    xy, of_type = recorded(tables)
    types = list(of_type)
    cases = np.column_stack([of_type[each] for each in types])
    controls = np.column_stack(
        [sum((of_type[c] for c in risk.control_of([each])), np.zeros(len(xy))) for each in types]
    )
    found = np.array(
        [noise_run(xy, cases, controls, np.random.default_rng((i, 7)))[0] for i in range(n_runs)]
    )
    mean = (found > 0).mean(axis=0)
    return pd.DataFrame(
        {"crime": [*types, "any of them"],
         "incidents": [*cases.sum(axis=0).astype(int), int(cases.sum())],
         "any associated": [*mean, (found.sum(axis=1) > 0).mean()]}
    )  # fmt: skip


def recorded(tables: Path) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Map points in force and the incidents of each type at them, all months."""
    points, counts = (store.read_table(each, tables) for each in (schema.POINTS, schema.COUNTS))
    own = points[points["list_id"] == points["list_id"].max()]
    wide = counts.pivot_table(index="point_id", columns="crime_type", values="n", aggfunc="sum")
    wide = wide.reindex(own["point_id"]).fillna(0.0)
    return own.get_coordinates().to_numpy(), {
        str(name): wide[name].to_numpy(dtype=np.float64) for name in wide
    }


def tell(words: str) -> None:
    """Write words, and at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> None:
    """Print the tables."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("tables", type=Path, nargs="?")
    asked.add_argument("--runs", type=int, default=200)
    asked.add_argument("--cases", type=int, default=8000)
    given = asked.parse_args()
    began = time.perf_counter()
    grounds = {
        "county": planted.county(COUNTY_POINTS, side_m=COUNTY_M, chance=np.random.default_rng(1))
    }
    if given.tables:
        grounds["real points"] = recorded(given.tables)[0]
    for name, xy in grounds.items():
        n_cases = round(given.cases * len(xy) / COUNTY_POINTS)
        tell(f"\n{name}: {len(xy):,} map points, {n_cases:,} cases and as many controls")
        tell(planted_table(xy, given.runs, n_cases).to_string(index=False))
        tell(noise_table(xy, given.runs, n_cases).to_string(index=False))
    if given.tables:
        tell("\nrecorded crime")
        tell(real_noise_table(given.tables, given.runs).to_string(index=False))
    tell(f"\n{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
