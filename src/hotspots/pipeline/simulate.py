"""What the test of hotspots can and cannot see at an area's volume: planted hotspots, and none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from hotspots import schema, settings, significance, store
from hotspots.errors import DataMissingError, SettingsError
from hotspots.pipeline.assemble import detect_rules, exposed_xy
from hotspots.pipeline.drawing import draw_counts, draw_sets
from hotspots.pipeline.frames import frames, point_lists
from hotspots.pipeline.judge import background, judge_set
from hotspots.pipeline.run import processed_folder
from hotspots.pipeline.tables import WINDOW_MONTHS, crime_sets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from hotspots.pipeline.drawing import DetectRules, Drawn
    from hotspots.pipeline.frames import Frame
    from hotspots.pipeline.tables import CrimeSet

APART_M = 600.0
"""Planted hotspots stand at least so far apart, so that each is found or missed by itself."""


class Planted(NamedTuple):
    """How many hotspots are planted on a map, how far each reaches, and how hot it is."""

    n_hotspots: int = 40
    radius_m: float = 150.0
    ratio: float = 5.0


class MapVerdict(NamedTuple):
    """
    What the test made of one simulated map.

    Attributes
    ----------
    n_drawn, n_strong, n_supported : int
        Hotspots drawn on it, and those labelled so.
    n_true : int
        Strong and supported ones that touch a planted hotspot.
    n_found : int
        Planted hotspots that a strong or supported one touches.
    """

    n_drawn: int
    n_strong: int
    n_supported: int
    n_true: int
    n_found: int


@dataclass(frozen=True)
class Detectability:
    """
    What simulated maps of one crime group came to.

    Attributes
    ----------
    area_name, crime_group : str
    n_incidents : int
        On each map: those of the last window.
    n_simulations : int
        Maps that each map was tested against.
    without, planted : tuple of MapVerdict
        One for each map without hotspots, and for each with planted ones.
    plan : Planted
    """

    area_name: str
    crime_group: str
    n_incidents: int
    n_simulations: int
    without: tuple[MapVerdict, ...]
    planted: tuple[MapVerdict, ...]
    plan: Planted

    @property
    def precision(self) -> float:
        """Share of strong and supported hotspots that touch a planted one; NaN without any."""
        named = sum(each.n_strong + each.n_supported for each in self.planted)
        return sum(each.n_true for each in self.planted) / named if named else float("nan")

    @property
    def recall(self) -> float:
        """Share of planted hotspots that a strong or supported one touches."""
        n_planted = len(self.planted) * self.plan.n_hotspots
        return sum(each.n_found for each in self.planted) / n_planted if n_planted else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return all figures as plain values."""
        return {
            "area": self.area_name,
            "crime_group": self.crime_group,
            "incidents": self.n_incidents,
            "simulations": self.n_simulations,
            "planted": self.plan._asdict(),
            "without_hotspots": [each._asdict() for each in self.without],
            "with_planted_hotspots": [each._asdict() for each in self.planted],
            "precision": None if np.isnan(self.precision) else round(self.precision, 4),
            "recall": round(self.recall, 4),
        }


def simulate(
    settings_file: Path,
    *,
    crime_group: str,
    plan: Planted,
    out: Path | None = None,
    n_maps: int = 10,
    n_simulations: int = 199,
    seed: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> Detectability:
    """
    Deal out a crime group's incidents of the last window anew, with and without hotspots.

    Parameters
    ----------
    settings_file : Path
        Of an area that was refreshed before.
    crime_group : str
    plan : Planted
    out : Path, optional
        As for a refresh.
    n_maps : int
        Maps of either kind.
    n_simulations : int
        Maps that each of them is tested against.
    seed : int
        The same seed gives the same maps.
    say : callable
        Told how far it has come.

    Raises
    ------
    DataMissingError
        If there was no refresh, or the window holds no incident of the group.
    SettingsError
        If there is no such crime group.
    """
    chosen = settings.load(settings_file)
    sets = {each.name: each for each in crime_sets(chosen.crime_groups)}
    if crime_group not in sets:
        msg = f"--crime-group {crime_group!r} is none of {', '.join(sets)}."
        raise SettingsError(msg)
    folder = processed_folder(chosen, settings_file, out)
    wanted = (schema.POINTS, schema.COUNTS, schema.COVERAGE, schema.AREAS, schema.PLACES)
    points, counts, coverage, areas, places = (store.read_table(t, folder) for t in wanted)
    rules = detect_rules(chosen, areas)
    lists = point_lists(
        points, counts, coverage, eps_m=rules.draw.eps_m, exposed_xy=exposed_xy(chosen, places)
    )
    (frame,) = frames(lists, wanted={lists[-1].counts.months[-1]})
    crime_set = sets[crime_group]
    real = draw_sets(frame, WINDOW_MONTHS, [crime_set], rules)[0][crime_set]
    if not real.count.any():
        msg = f"The last {WINDOW_MONTHS} months hold no incident of {crime_group!r} to deal out."
        raise DataMissingError(msg)
    bench = Bench(frame, crime_set, real, rules, n_simulations=n_simulations)
    without, planted = (
        tuple(bench.try_maps(each, n_maps, seed=seed, say=say)) for each in (None, plan)
    )
    return Detectability(
        chosen.area.name, crime_group, int(real.count.sum()), n_simulations, without, planted, plan
    )


@dataclass(frozen=True)
class Bench:
    """
    Where maps are made and tested.

    Attributes
    ----------
    frame : Frame
    crime_set : CrimeSet
    real : Drawn
        The map whose incidents are dealt out anew.
    rules : DetectRules
    n_simulations : int
    """

    frame: Frame
    crime_set: CrimeSet
    real: Drawn
    rules: DetectRules
    n_simulations: int

    def try_maps(
        self, plan: Planted | None, n_maps: int, *, seed: int, say: Callable[[str], None]
    ) -> Iterator[MapVerdict]:
        """Make and test several maps, each with chance numbers of its own."""
        kind = "without hotspots" if plan is None else "with planted hotspots"
        for i in range(n_maps):
            say(f"map {i + 1} of {n_maps} {kind}")
            yield self.try_map(plan, np.random.default_rng((seed, i, int(plan is not None))))

    def try_map(self, plan: Planted | None, chance: np.random.Generator) -> MapVerdict:
        """Make one map over the smooth background, draw it, test it, and look what was found."""
        risk = background(self.frame, self.real.count, is_plain=True)
        zone = np.full(len(risk), -1, dtype=np.int64)
        if plan is not None:
            zone = self._zones(risk, plan, chance)
            risk = significance.plant(risk, zone >= 0, ratio=plan.ratio)
        count = self._deal(risk, self.real.count, chance)
        # Hotspots that are planted were there before the window too.
        earlier = tuple(self._deal(risk, record, chance) for record in self.real.earlier)
        drawn = draw_counts(self.frame, count, self.real.other, earlier, self.rules)
        expected = background(self.frame, count)
        judged = judge_set(
            self.frame, self.crime_set, drawn, expected, self.rules,
            n_simulations=self.n_simulations,
        )  # fmt: skip
        return _verdict(judged, drawn.labels, zone)

    def _deal(
        self, risk: NDArray[np.float64], like: NDArray[np.float64], chance: np.random.Generator
    ) -> NDArray[np.float64]:
        """Deal out as many incidents as a record has."""
        return chance.multinomial(round(like.sum()), risk / risk.sum()).astype(np.float64)

    def _zones(
        self, risk: NDArray[np.float64], plan: Planted, chance: np.random.Generator
    ) -> NDArray[np.int64]:
        """Choose where to plant, more likely where crime is dense, and number the points there."""
        seen = np.flatnonzero(self.frame.seen & (risk > 0))
        dense = risk[seen] / self.frame.area_m2[seen]
        order = seen[np.argsort(-np.log(chance.random(len(seen))) / dense)]
        xy = self.frame.at.xy
        centres: list[int] = []
        for point in order.tolist():
            if len(centres) == plan.n_hotspots:
                break
            if np.hypot(*(xy[centres] - xy[point]).T).min(initial=np.inf) > APART_M:
                centres.append(point)
        zone = np.full(len(xy), -1, dtype=np.int64)
        for number, inside in enumerate(cKDTree(xy).query_ball_point(xy[centres], plan.radius_m)):
            zone[inside] = number
        return np.where(self.frame.seen, zone, -1)


def _verdict(
    judged: pd.DataFrame, labels: NDArray[np.int64], zone: NDArray[np.int64]
) -> MapVerdict:
    is_named = (judged["label"] != "watch").to_numpy()
    inside = labels >= 0
    named = np.zeros(len(labels), dtype=bool)
    named[inside] = is_named[labels[inside]]
    hit = named & (zone >= 0)
    return MapVerdict(
        n_drawn=len(judged),
        n_strong=int((judged["label"] == "strong").sum()),
        n_supported=int((judged["label"] == "supported").sum()),
        n_true=len(np.unique(labels[hit])),
        n_found=len(np.unique(zone[hit])),
    )
