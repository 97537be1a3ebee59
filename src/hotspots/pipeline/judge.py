"""Test the hotspots of the last window against simulated maps that have none."""

from __future__ import annotations

import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hotspots import cluster, intensity, significance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hotspots.cluster import Maps
    from hotspots.pipeline.detect import Detection, ShortWindow
    from hotspots.pipeline.drawing import DetectRules, Drawn
    from hotspots.pipeline.frames import Frame
    from hotspots.pipeline.tables import CrimeSet

N_RECURRENCE_MAPS = 199
"""Simulated short windows for each set: enough for a share to within a few percent."""

N_WORKERS = 2
"""Sets tested at the same time; each keeps to its own chance numbers, whoever comes first."""


def judge(
    found: Detection, sets: Sequence[CrimeSet], rules: DetectRules, *, n_simulations: int
) -> dict[str, pd.DataFrame]:
    """
    Test every set's hotspots of the last window.

    Parameters
    ----------
    found : Detection
    sets : sequence of CrimeSet
    rules : DetectRules
    n_simulations : int
        Maps simulated for each set.

    Returns
    -------
    dict of set name to DataFrame, one row for each hotspot in order of number
        Of ``significance.judge_groups``, and ``chance_hot``.
    """
    drawn = [each for each in sets if (found.drawn[each].labels >= 0).any()]
    # A group of one type is tested once.
    by_types = {each.types: each for each in drawn}

    def work(crime_set: CrimeSet) -> pd.DataFrame:
        one = found.drawn[crime_set]
        at = found.frame, crime_set, one, background(found.frame, one.count)
        judged = judge_set(*at, rules, n_simulations=n_simulations)
        chance = chance_hot(*at, found.short[crime_set.name], rules)
        return judged.assign(chance_hot=chance)

    with ThreadPoolExecutor(N_WORKERS) as pool:
        judged = dict(zip(by_types, pool.map(work, by_types.values()), strict=True))
    return {each.name: judged[each.types] for each in drawn}


def judge_set(
    frame: Frame,
    crime_set: CrimeSet,
    drawn: Drawn,
    expected: NDArray[np.float64],
    rules: DetectRules,
    *,
    n_simulations: int,
) -> pd.DataFrame:
    """
    Test one set's hotspots against simulated maps that are drawn alike.

    Parameters
    ----------
    frame : Frame
    crime_set : CrimeSet
        With the month of the frame it settles the chance numbers, so that a set's verdict does
        not depend on which other sets there are.
    drawn : Drawn
    expected : array of float64, shape (n_points,)
        The background of its counts.
    rules : DetectRules
    n_simulations : int

    Returns
    -------
    DataFrame
        Of ``significance.judge_groups``.
    """
    null = significance.simulate_null(
        expected,
        background(frame, expected),
        frame.at.xy,
        redraw(frame, drawn, expected, drawn.other, rules),
        n_incidents=int(drawn.count.sum()),
        n_simulations=n_simulations,
        seed=_seed(frame, crime_set),
    )
    return significance.judge_groups(drawn.labels, drawn.count, expected, null)


def chance_hot(
    frame: Frame,
    crime_set: CrimeSet,
    drawn: Drawn,
    expected: NDArray[np.float64],
    windows: Sequence[ShortWindow],
    rules: DetectRules,
) -> NDArray[np.float64]:
    """
    How often each hotspot would be hot in a short window if there were no hotspots.

    Parameters
    ----------
    frame : Frame
    crime_set : CrimeSet
    drawn : Drawn
        Of the last window.
    expected : array of float64, shape (n_points,)
        The background of its counts: at the mean volume of the short windows it is what the
        simulated ones are dealt out over.
    windows : sequence of ShortWindow
    rules : DetectRules

    Returns
    -------
    array of float64, shape (n_hotspots,)
        Share of simulated short windows; missing without any window.
    """
    n_hotspots = int(drawn.labels.max(initial=-1)) + 1
    if not windows:
        return np.full(n_hotspots, np.nan)
    n_incidents = round(np.mean([window.drawn.count.sum() for window in windows]))
    expected = expected * (n_incidents / drawn.count.sum())
    counts = significance.simulate_counts(
        expected, frame.at.xy, n_incidents=n_incidents,
        n_maps=N_RECURRENCE_MAPS, chance=np.random.default_rng((*_seed(frame, crime_set), 1)),
    )  # fmt: skip
    usual = [each.drawn for each in windows if each.at is frame.at]
    rule = usual[-1] if usual else drawn
    # Where there are no hotspots other crime has none either.
    other = background(frame, rule.other)
    draw = redraw(frame, rule, expected, other, rules)
    at_once = significance.maps_at_once(len(expected))
    n_hot = np.zeros(n_hotspots, dtype=np.int64)
    for start in range(0, N_RECURRENCE_MAPS, at_once):
        some = np.ascontiguousarray(counts[:, start : start + at_once])
        n_hot += significance.times_hot(
            drawn.labels, some, expected, draw(some), n_hotspots=n_hotspots
        )
    return n_hot / N_RECURRENCE_MAPS


def redraw(
    frame: Frame,
    drawn: Drawn,
    expected: NDArray[np.float64],
    other: NDArray[np.float64],
    rules: DetectRules,
) -> Callable[[NDArray[np.float32]], Maps]:
    """
    Return what draws simulated counts by the rule that a map was drawn by.

    Parameters
    ----------
    frame : Frame
    drawn : Drawn
        The map whose rule it is.
    expected, other : array of float64, shape (n_points,)
        The background that counts are dealt out over, and all other incidents.
    rules : DetectRules
    """
    ground = (frame.area_m2, frame.reach, frame.at.near)
    if rules.method == "dbscan":
        # However many are kept, each is compared with all that chance draws.
        every = replace(rules.draw, most=None)
        return lambda counts: cluster.draw_textbook(
            counts, *ground, every, min_incidents=rules.min_incidents, seen=frame.seen
        )
    total = expected.sum()
    # On a map without hotspots the record before the window had none either.
    earlier = tuple(expected * (record.sum() / total) for record in drawn.earlier)
    fixed = intensity.FixedMix.of(
        drawn.mix, frame.at.kernels, frame.seen,
        mean=total / max(int(frame.seen.sum()), 1), other=other, earlier=earlier,
    )  # fmt: skip
    return lambda counts: cluster.draw_excess_mass(
        fixed.scores(counts), counts, *ground, rules.draw
    )


def background(
    frame: Frame, count: NDArray[np.float64], *, is_plain: bool = False
) -> NDArray[np.float64]:
    """
    Smooth a record over the points seen, and over what is exposed there if that is supplied.

    Parameters
    ----------
    frame : Frame
    count : array of float64, shape (n_points,)
    is_plain : bool
        By the kernel alone, without correction: a county as smooth as can be.
    """
    expected = np.zeros_like(count)
    n_corrections = 0 if is_plain else intensity.N_CORRECTIONS
    expected[frame.seen] = frame.neighbourhood.background(
        count[frame.seen], n_corrections=n_corrections
    )
    return expected


def _seed(frame: Frame, crime_set: CrimeSet) -> tuple[int, ...]:
    """Return chance numbers' seed: sets of the same types get the same verdict."""
    types = "|".join(crime_set.types)
    return zlib.crc32(types.encode()), frame.month.year, frame.month.month
