"""The crime sets of an area, and small steps that several stages share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hotspots.schema import ALL_CRIME, ASB, CRIME_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

QUARTERLY = frozenset({ALL_CRIME, ASB, "Violence and sexual offences", "Shoplifting"})
"""Sets whose recurrence is read in quarters; the rest need half-years (METHODS §6)."""

WINDOW_MONTHS = 12
"""Length of the window of a hotspot, missing months included (METHODS §2)."""

LEAST_MONTHS = 3
"""A window with fewer observed months is not drawn: less than a quarter's record."""


@dataclass(frozen=True)
class CrimeSet:
    """
    A set of crime types analysed together.

    Attributes
    ----------
    name : str
        The value of ``crime_group``.
    kind : str
        ``all``, ``group`` or ``type``.
    types : tuple of str
    recurrence_months : int
        Length of its non-overlapping windows.
    """

    name: str
    kind: str
    types: tuple[str, ...]

    @property
    def recurrence_months(self) -> int:
        """Length of the non-overlapping windows of recurrence, in months."""
        return 3 if self.name in QUARTERLY else 6


def crime_sets(groups: Mapping[str, tuple[str, ...]]) -> tuple[CrimeSet, ...]:
    """Return all crime, the groups of the settings and the fourteen types, in that order."""
    return (
        CrimeSet(ALL_CRIME, "all", CRIME_TYPES),
        *(CrimeSet(name, "group", tuple(types)) for name, types in groups.items()),
        *(CrimeSet(name, "type", (name,)) for name in CRIME_TYPES),
    )


def is_enough(
    total: NDArray[np.float64], months_observed: int, *, per_year: int
) -> NDArray[np.bool_]:
    """Say which sets have enough incidents, at a rate per month observed, for hotspots."""
    return np.asarray(total * 12 / max(months_observed, 1) >= per_year)


def month_numbers(months: pd.DatetimeIndex) -> NDArray[np.int64]:
    """Count calendar months from the year 0."""
    return np.asarray(months.year * 12 + months.month, dtype=np.int64)
