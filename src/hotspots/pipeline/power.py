"""How large a ratio has to be to be found, at an area's own map points and volumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots import intensity, points, risk, schema, settings, store
from hotspots.errors import DataMissingError, SettingsError
from hotspots.pipeline.associate import Ground
from hotspots.pipeline.run import processed_folder
from hotspots.pipeline.tables import crime_sets
from hotspots.risk import planted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

RATIOS = (1.2, 1.5, 2.0, 3.0)
"""Planted ratios."""

KINDS = ("yes or no", "smooth")
"""Kinds of factor: within 100 m of a place, and one told in standard deviations."""


@dataclass(frozen=True)
class Power:
    """
    How often a planted ratio was called associated.

    Attributes
    ----------
    area_name : str
    n_maps : int
        For each ratio and kind of factor.
    n_tests : int
        Tests that each is taken to stand among.
    share_near : float
        Of the map points that the yes-or-no factor is true of.
    crime_groups, control_names : tuple of str
    n_cases, n_controls : array of int64, shape (n_sets,)
        Incidents of the last 36 months.
    found : array of float64, shape (n_kinds, n_ratios, n_sets)
        Shares of the maps.
    """

    area_name: str
    n_maps: int
    n_tests: int
    share_near: float
    crime_groups: tuple[str, ...]
    control_names: tuple[str, ...]
    n_cases: NDArray[np.int64]
    n_controls: NDArray[np.int64]
    found: NDArray[np.float64]

    def as_json(self) -> dict[str, Any]:
        """Return all figures as plain values."""
        groups = [
            {
                "crime_group": name,
                "control": self.control_names[i],
                "incidents": int(self.n_cases[i]),
                "control_incidents": int(self.n_controls[i]),
                "found": {
                    kind: {f"{r:g}": float(self.found[k, j, i]) for j, r in enumerate(RATIOS)}
                    for k, kind in enumerate(KINDS)
                },
            }
            for i, name in enumerate(self.crime_groups)
        ]
        return {
            "area": self.area_name,
            "maps": self.n_maps,
            "tests": self.n_tests,
            "share_near": self.share_near,
            "crime_groups": groups,
        }


def power(
    settings_file: Path,
    *,
    crime_group: str | None = None,
    out: Path | None = None,
    share_near: float = 0.1,
    n_factors: int = 10,
    n_maps: int = 20,
    seed: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> Power:
    """
    Plant ratios on maps like an area's own, and see how often they are called associated.

    Every map is dealt out over rates that the record of the last 36 months allows at each point,
    the control crime's too; the factor is made up and has nothing else to do with either.

    Parameters
    ----------
    settings_file : Path
        Of an area that was refreshed before.
    crime_group : str, optional
        All that have a control crime, if not given.
    out : Path, optional
        As for a refresh.
    share_near : float
        Of the map points that lie near a place of the yes-or-no factor.
    n_factors : int
        Factors tested beside each other, each for all crime groups.
    n_maps : int
    seed : int
        The same seed gives the same maps.
    say : callable
        Told how far it has come.

    Raises
    ------
    DataMissingError
        If there was no refresh, or too little is recorded.
    SettingsError
        If there is no such crime group, or nothing to compare it with.
    """
    chosen = settings.load(settings_file)
    sets = crime_sets(chosen.crime_groups)
    names = [each.name for each in sets]
    if crime_group is not None and crime_group not in names:
        msg = f"--crime-group {crime_group!r} is none of {', '.join(names)}."
        raise SettingsError(msg)
    folder = processed_folder(chosen, settings_file, out)
    table, counts = (store.read_table(each, folder) for each in (schema.POINTS, schema.COUNTS))
    if table.empty or counts.empty:
        msg = "No incident is recorded, so there is no volume to judge by."
        raise DataMissingError(msg)
    wanted = [each for each in sets if crime_group in {None, each.name}]
    ground = Ground.of(table, counts, wanted)
    both = (ground.cases.sum(axis=0) > 0) & (ground.controls.sum(axis=0) > 0)
    if not both.any():
        msg = f"There is no control crime to hold {crime_group or 'any crime group'!r} against."
        raise SettingsError(msg)
    n_tests = n_factors * len({each.types for each in sets})
    bench = _Bench.of(ground, np.flatnonzero(both), n_tests=n_tests, share_near=share_near)
    found = np.zeros((len(KINDS), len(RATIOS), int(both.sum())))
    for number in range(n_maps):
        say(f"map {number + 1} of {n_maps}")
        found += bench.try_map(np.random.default_rng((seed, number)))
    columns = np.flatnonzero(both)
    return Power(
        chosen.area.name, n_maps, n_tests, share_near,
        tuple(ground.sets[i].name for i in columns),
        tuple(ground.control_names[i] for i in columns),
        ground.cases[:, both].sum(axis=0).astype(np.int64),
        ground.controls[:, both].sum(axis=0).astype(np.int64),
        found / max(n_maps, 1),
    )  # fmt: skip


@dataclass(frozen=True)
class _Bench:
    """Where maps are made and tested: points, blocks, and what may be expected at each point."""

    xy: NDArray[np.float64]
    blocks: risk.Blocks
    cases: tuple[risk.Rates, ...]
    controls: tuple[risk.Rates, ...]
    n_tests: int
    share_near: float

    @classmethod
    def of(
        cls, ground: Ground, columns: NDArray[np.int64], *, n_tests: int, share_near: float
    ) -> _Bench:
        """Learn from the record what to expect at each point."""
        distances = points.neighbour_distances(ground.xy, radius_m=max(intensity.RADII_M))
        kernels = intensity.biweight_kernels(distances)
        seen = np.ones(len(ground.xy), dtype=bool)

        def rates(count: NDArray[np.float64]) -> risk.Rates:
            around = (intensity.neighbour_means(k, count[:, None], seen)[:, 0] for k in kernels)
            mix = intensity.eb_mix(count, tuple(around), np.zeros(len(count)))
            return risk.Rates(count, mix.prior_mean, mix.strength)

        cases, controls = (
            tuple(rates(counts[:, i]) for i in columns)
            for counts in (ground.cases, ground.controls)
        )
        blocks = risk.Blocks.of(ground.xy)
        return cls(ground.xy, blocks, cases, controls, n_tests, share_near)

    def try_map(self, chance: np.random.Generator) -> NDArray[np.float64]:
        """Plant every ratio by every kind of factor; say which were found, by kind, ratio, set."""
        no_field = np.zeros(len(self.xy))
        near = planted.near_places(self.xy, no_field, share=self.share_near, chance=chance)
        smooth = planted.smooth_factor(self.xy, no_field, confounding=0.0, chance=chance)
        return np.array([[self._found(x, r, chance) for r in RATIOS] for x in (near, smooth)])

    def _found(
        self, factor: NDArray[np.float64], ratio: float, chance: np.random.Generator
    ) -> NDArray[np.float64]:
        cases, controls = (
            np.column_stack(
                [risk.planted_counts(one, factor, ratio=times, chance=chance) for one in many]
            )
            for many, times in ((self.cases, ratio), (self.controls, 1.0))
        )
        found = risk.found_on_map(cases, controls, factor, self.blocks, n_tests=self.n_tests)
        return found.astype(np.float64)
