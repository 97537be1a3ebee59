"""Draw the hotspots of crime sets in one window, as known in a frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hotspots import cluster, intensity
from hotspots.pipeline.tables import is_enough

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hotspots.pipeline.frames import Frame
    from hotspots.pipeline.tables import CrimeSet


@dataclass(frozen=True)
class DetectRules:
    """What the settings say about detection; see ``settings.Clustering`` for the meanings."""

    draw: cluster.DrawRules
    method: str
    min_incidents: int
    min_year_incidents: int
    history_months: int


@dataclass(frozen=True)
class Drawn:
    """
    One set's hotspots in one window.

    Attributes
    ----------
    count, other : array of float64, shape (n_points,)
        Incidents of the set in the window, and all others.
    earlier : tuple of array of float64, shape (n_points,)
        Records of the set from before the window that the score uses.
    mix : EbMix
        Of the points seen.
    score, own_share : array of float64, shape (n_points,)
        Of all points; zero at those not seen.
    labels : array of int64, shape (n_points,)
        Hotspots numbered from 0; -1 elsewhere.
    """

    count: NDArray[np.float64]
    other: NDArray[np.float64]
    earlier: tuple[NDArray[np.float64], ...]
    mix: intensity.EbMix
    score: NDArray[np.float64]
    own_share: NDArray[np.float64]
    labels: NDArray[np.int64]


def draw_sets(
    frame: Frame,
    length: int,
    sets: Sequence[CrimeSet],
    rules: DetectRules,
    *,
    end: pd.Timestamp | None = None,
    with_earlier: bool = True,
    last_map: Mapping[CrimeSet, Drawn] | None = None,
) -> tuple[dict[CrimeSet, Drawn], int, bool]:
    """
    Draw the hotspots of several sets in one window, as known in a frame.

    Parameters
    ----------
    frame : Frame
    length : int
        Calendar months in the window.
    sets : sequence of CrimeSet
    rules : DetectRules
    end : Timestamp, optional
        Last month of the window; the month of the frame if not given.
    with_earlier : bool
        Let the score use what was recorded before the window; a window that has to speak for
        itself alone must not.
    last_map : mapping of CrimeSet to Drawn, optional
        The map before this one, on the same list: its hotspots stay a little more easily.

    Returns
    -------
    drawn : dict of CrimeSet to Drawn
        Sets with too few incidents have no hotspots.
    months_observed : int
    is_rebased : bool
    """
    # The last column is all crime, for the part of the score that other crime speaks to.
    groups = [*(crime_set.types for crime_set in sets), frame.at.counts.types]
    counts, observed, is_rebased = frame.window_counts(length, groups, end=end)
    means = [intensity.neighbour_means(k, counts, frame.seen) for k in frame.at.kernels]
    records = _earlier_records(frame, length, groups) if with_earlier else ()
    scored = []
    for j, _ in enumerate(sets):
        count, other = counts[:, j], counts[:, -1] - counts[:, j]
        around, earlier = (tuple(each[:, j] for each in many) for many in (means, records))
        scored.append(_scored(frame, count, other, around, earlier))
    enough = is_enough(counts.sum(axis=0), observed, per_year=rules.min_year_incidents)
    asked = [one if enough[j] else None for j, one in enumerate(scored)]
    last = [None if last_map is None else last_map[each].labels for each in sets]
    labels = _labels(frame, asked, last, rules)
    drawn = [replace(one, labels=own) for one, own in zip(scored, labels, strict=True)]
    return dict(zip(sets, drawn, strict=True)), observed, is_rebased


def draw_counts(
    frame: Frame,
    count: NDArray[np.float64],
    other: NDArray[np.float64],
    earlier: tuple[NDArray[np.float64], ...],
    rules: DetectRules,
) -> Drawn:
    """
    Draw the hotspots of counts that are not in the data, such as simulated ones.

    Parameters
    ----------
    frame : Frame
    count, other : array of float64, shape (n_points,)
        Incidents, and all others; zero at points not seen.
    earlier : tuple of array of float64, shape (n_points,)
        Records from before the window.
    rules : DetectRules
        The least volume is not asked.
    """
    around = tuple(
        intensity.neighbour_means(k, count[:, None], frame.seen)[:, 0] for k in frame.at.kernels
    )
    one = _scored(frame, count, other, around, earlier)
    return replace(one, labels=_labels(frame, [one], [None], rules)[0])


def _earlier_records(
    frame: Frame, length: int, groups: Sequence[Sequence[str]]
) -> tuple[NDArray[np.float64], ...]:
    """
    Return what was recorded before a window, as far as it helps to foretell (decision 5).

    Each of shape (n_points, n_groups): a point's own record on the list in force, the record that
    lands on it from earlier lists, and the mean of that over the point and those within the
    smallest radius of the score, for a re-based place is only nearly the same place.
    """
    own, rebased = frame.earlier_counts(length, groups)
    kernel, seen = frame.at.kernels[0], frame.seen.astype(np.float64)
    weight = kernel @ seen + seen
    total = kernel @ rebased + rebased
    around = np.divide(total, weight[:, None], out=np.zeros_like(total), where=weight[:, None] > 0)
    return own, rebased, around


def _scored(
    frame: Frame,
    count: NDArray[np.float64],
    other: NDArray[np.float64],
    around: tuple[NDArray[np.float64], ...],
    earlier: tuple[NDArray[np.float64], ...],
) -> Drawn:
    """Score the points seen; the others have no score, and nothing is drawn yet."""
    seen = frame.seen
    mix = intensity.eb_mix(
        count[seen], tuple(a[seen] for a in around), other[seen], tuple(e[seen] for e in earlier)
    )
    score, own_share = np.zeros_like(count), np.zeros_like(count)
    score[seen], own_share[seen] = mix.score, mix.own_share
    nothing = np.full(len(count), cluster.NOISE, dtype=np.int64)
    return Drawn(count, other, earlier, mix, score, own_share, nothing)


def _labels(
    frame: Frame,
    asked: Sequence[Drawn | None],
    last: Sequence[NDArray[np.int64] | None],
    rules: DetectRules,
) -> list[NDArray[np.int64]]:
    """Draw all that is asked for as one batch, by the method of the settings."""
    n_points = len(frame.seen)
    nothing = np.full(n_points, cluster.NOISE, dtype=np.int64)
    labels = [nothing] * len(asked)
    some = {j: one for j, one in enumerate(asked) if one is not None}
    if not some:
        return labels
    count = np.column_stack([one.count for one in some.values()]).astype(np.float32)
    ground = (frame.area_m2, frame.reach, frame.at.near, rules.draw)
    if rules.method == "dbscan":
        drawn = cluster.draw_textbook(
            count, *ground, min_incidents=rules.min_incidents, seen=frame.seen
        )
    else:
        score = np.column_stack([one.score for one in some.values()]).astype(np.float32)
        known = (last[j] for j in some)
        before = np.column_stack([nothing if each is None else each for each in known])
        drawn = cluster.draw_excess_mass(score, count, *ground, last=before)
    found = drawn.labels(n_points, len(some))
    for column, j in enumerate(some):
        labels[j] = found[:, column].copy()
    return labels
