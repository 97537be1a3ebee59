"""Whether places can be where their coordinates say, by all that a file and the settings tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hotspots.errors import InputError
from hotspots.sources.british_isles import (
    IRISH_GRIDS,
    from_irish,
    in_northern_ireland,
    on_isle_of_man,
    on_land,
)

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

NEAR_M = 5_000.0
"""How far outside the area of the settings a place may lie, metres."""

APART_M = 30_000.0
"""How far the two places that a row gives may lie apart, metres: one of a real council's two
pairs of columns is wrong by up to 16 km; Irish Grid read as British is wrong by over 100."""

FAR_M = 150_000.0
"""How far from the median of its file a place may lie, metres, if others are not as far."""

FAR_OF_ONE_M = 60_000.0
"""The same in the file of one authority, metres."""

EXCHANGED_M = 20_000.0
"""The same for a row that would lie among the others with its axes exchanged, metres."""

AT_SEA = 0.2
"""Share of the rows of a file beyond which places at sea are no slips: the file is refused."""

_SLIPS = 2
_SOME_AT_SEA = 0.05
_MOST = 0.95
_HALF = 0.5
_FEW_FAR = 0.2
_FEW_OF_ONE = 0.05
_NEARLY_ALL = 0.9
_TIMES_FARTHER = 4
_TIMES_EXCHANGED = 3
_LEAST_ROWS = 5
_NOTED_M = 100.0
_IRISH_E, _IRISH_N = (10_000.0, 370_000.0), (10_000.0, 470_000.0)


@dataclass(frozen=True)
class Evidence:
    """
    What else tells where the rows of a file lie.

    Attributes
    ----------
    other : tuple of two Series of float64, or None
        Easting and northing in metres, EPSG:27700, by another pair of columns.
    near : shapely geometry or None
        The area of the settings, EPSG:27700.
    irish : str
        Words by which the file says that it is Irish; empty if it does not.
    is_named_irish : bool
        The name of the file says so, which by itself proves nothing.
    is_local : bool
        The file is of one authority.
    """

    other: tuple[pd.Series[float], pd.Series[float]] | None = None
    near: BaseGeometry | None = None
    irish: str = ""
    is_named_irish: bool = False
    is_local: bool = False


@dataclass
class Judged:
    """
    Places, and what is wrong with those that cannot be where they say.

    Attributes
    ----------
    x, y : Series of float64
        Easting and northing in metres, EPSG:27700, put right where that is certain.
    status, reason : Series of str, indexed like ``x``
        Part of the row account and words for a row that is not used; missing for the others.
    repairs, warnings : list of str
        What was put right, with counts, and what a person should look at.
    """

    x: pd.Series[float]
    y: pd.Series[float]
    status: pd.Series[str] = field(init=False)
    reason: pd.Series[str] = field(init=False)
    repairs: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.status = pd.Series(pd.NA, self.x.index, dtype="str")
        self.reason = self.status.copy()

    @property
    def fine(self) -> pd.Series[bool]:
        """Rows with a place and nothing wrong with it."""
        return self.x.notna() & self.reason.isna()

    def turn(self, rows: pd.Series[bool], why: str) -> None:
        """Exchange easting and northing of ``rows``."""
        self.x, self.y = self.x.mask(rows, self.y), self.y.mask(rows, self.x)
        self.repairs.append(
            f"{int(rows.sum()):,} rows have easting and northing the wrong way round, as {why}"
        )

    def drop(self, rows: pd.Series[bool], status: str, reason: str) -> None:
        """Note why ``rows`` are not used."""
        self.status = self.status.mask(rows, status)
        self.reason = self.reason.mask(rows, reason)


def judge(
    file: str,
    x: pd.Series[float],
    y: pd.Series[float],
    is_grid: pd.Series[bool],
    evidence: Evidence,
) -> Judged:
    """
    Judge places by the file's other coordinates, the area of the settings, and the coast.

    Parameters
    ----------
    file : str
        The file, for messages.
    x, y : Series of float64
        Easting and northing in metres, EPSG:27700; missing where there is no place.
    is_grid : Series of bool
        Rows that give metres, whose axes or grid may be others than their headings say.
    evidence : Evidence
        What else is known.

    Returns
    -------
    Judged
        Exchanged axes are put right where it is certain; rows that contradict themselves, lie at
        sea or far from all others are quarantined; rows outside the area are excluded.

    Raises
    ------
    InputError
        If the file as a whole cannot be where it says.
    """
    found = Judged(x, y)
    if not found.fine.any():
        return found
    if evidence.irish and (evidence.other is None or not on_land(*evidence.other).any()):
        msg = f"{file}: {evidence.irish}, so its coordinates are Irish, not of the British Grid"
        raise InputError(f"{msg}; supply a file of an area in England or Wales.")
    if evidence.is_named_irish and evidence.other is None and is_grid[found.fine].all():
        _refuse_irish_like(file, found, "the name of the file says so")
    _by_other(file, found, is_grid, evidence)
    _by_area(file, found, is_grid, evidence.near)
    _by_coast(file, found, is_grid)
    _by_others(found, is_grid, is_local=evidence.is_local)
    return found


def _by_other(file: str, found: Judged, is_grid: pd.Series[bool], evidence: Evidence) -> None:
    """Compare metres with the place that another pair of columns gives."""
    if evidence.other is None:
        return
    east, north = evidence.other
    both = found.fine & is_grid & east.notna() & north.notna()

    def apart_m(x: pd.Series[float], y: pd.Series[float]) -> pd.Series[float]:
        return pd.Series(np.hypot(x - east, y - north), x.index)

    apart = apart_m(found.x, found.y)
    agrees = both & (apart <= APART_M)
    turned = both & ~agrees & (apart_m(found.y, found.x) <= APART_M)
    if (agrees | turned).sum() < both.sum() * _HALF:
        for grid, name in IRISH_GRIDS.items():
            if (apart_m(*from_irish(found.x, found.y, grid)) <= APART_M).sum() >= (
                both.sum() * _HALF
            ):
                _refuse_irish(file, f"its other coordinates agree with them as {name}")
        msg = (
            f"{file}: its two pairs of coordinates are more than {APART_M / 1_000:.0f} km apart in "
            "most rows; name the right pair under `columns` in the settings, or ask the publisher."
        )
        raise InputError(msg)
    if turned.any():
        found.turn(turned, "the other coordinates of the row show")
    off = both & ~agrees & ~turned
    found.drop(off, "quarantined", "the two pairs of coordinates of the row are far apart")
    if agrees.any() and apart[agrees].median() > _NOTED_M:
        found.warnings.append(
            "the file's other coordinates lie elsewhere, half of them by more than "
            f"{apart[agrees].median():,.0f} m; they are not used"
        )


def _by_area(file: str, found: Judged, is_grid: pd.Series[bool], area: BaseGeometry | None) -> None:
    """Compare the places with the area of the settings."""
    if area is None:
        return
    wide = shapely.buffer(area, NEAR_M)
    shapely.prepare(wide)

    def inside(x: pd.Series[float], y: pd.Series[float]) -> pd.Series[bool]:
        return pd.Series(shapely.contains_xy(wide, x.to_numpy(), y.to_numpy()), x.index)

    fine = found.fine
    near = fine & inside(found.x, found.y)
    turned = fine & ~near & is_grid & inside(found.y, found.x)
    if near.any() or turned.sum() >= fine.sum() * _MOST:
        if turned.any() and (near | turned).sum() >= fine.sum() * _HALF:
            found.turn(turned, "the area of the settings shows")
            near |= turned
        found.drop(fine & ~near, "excluded", "outside the area")
        return
    for grid, name in IRISH_GRIDS.items():
        if (is_grid & inside(*from_irish(found.x, found.y, grid))).any():
            _refuse_irish(file, f"read as {name} they lie in the area of the settings")
    hint = ", though some would with easting and northing exchanged" if turned.any() else ""
    msg = (
        f"{file}: no row lies in the area of the settings or within {NEAR_M / 1_000:.0f} km of "
        f"it{hint}; supply the file of that area."
    )
    raise InputError(msg)


def _by_coast(file: str, found: Judged, is_grid: pd.Series[bool]) -> None:
    """Compare the places with the outline of Great Britain."""
    fine = found.fine
    at_sea = fine & ~on_land(found.x, found.y)
    if at_sea.sum() > max(_SLIPS, fine.sum() * _SOME_AT_SEA) and is_grid[fine].all():
        _refuse_irish_like(file, found, "read as British some of them lie at sea")
    if at_sea.sum() > fine.sum() * AT_SEA and (at_sea.sum() > _SLIPS or at_sea[fine].all()):
        metres = fine & is_grid
        could_be_irish = found.x.between(*_IRISH_E) & found.y.between(*_IRISH_N)
        would = metres & on_land(found.y, found.x)
        if (
            min(metres.sum(), at_sea.sum()) >= fine.sum() * _MOST
            and would.sum() >= metres.sum() * _MOST
            and not (metres & (could_be_irish | on_isle_of_man(found.x, found.y))).any()
        ):
            found.turn(metres, "they lie at sea otherwise")
            at_sea = fine & ~on_land(found.x, found.y)
        else:
            _refuse_at_sea(file, found, is_grid, at_sea)
    found.drop(at_sea, "quarantined", "the coordinate is outside Great Britain, in the sea")
    found.drop(
        at_sea & on_isle_of_man(found.x, found.y),
        "quarantined",
        "the coordinate is outside Great Britain, on the Isle of Man",
    )


def _refuse_at_sea(
    file: str, found: Judged, is_grid: pd.Series[bool], at_sea: pd.Series[bool]
) -> None:
    where, perhaps = "in the sea", ""
    if (at_sea & is_grid).sum() > at_sea.sum() * _HALF:
        perhaps = "; perhaps they are Irish Grid, or easting and northing are exchanged"
    for name, here in (
        ("in Northern Ireland", in_northern_ireland(found.x, found.y)),
        ("on the Isle of Man", on_isle_of_man(found.x, found.y)),
    ):
        if (at_sea & here).sum() > at_sea.sum() * _HALF:
            where, perhaps = name, ""
    msg = (
        f"{file}: {int(at_sea.sum()):,} of {int(found.fine.sum()):,} rows lie {where}, so these "
        f"are no coordinates of Great Britain{perhaps}. Ask the publisher which coordinates they "
        "are, or supply the file of another area."
    )
    raise InputError(msg)


def _refuse_irish_like(file: str, found: Judged, why: str) -> None:
    """Refuse metres for a reason that is none by itself, if an Irish grid bears it out."""
    fine = found.fine
    for grid, name in IRISH_GRIDS.items():
        there = in_northern_ireland(*from_irish(found.x, found.y, grid))
        if (fine & there).sum() >= fine.sum() * _MOST:
            _refuse_irish(file, f"{why}, and read as {name} they all lie in Northern Ireland")


def _refuse_irish(file: str, why: str) -> None:
    msg = (
        f"{file}: the coordinates are Irish, not of the British Grid: {why}; "
        "supply a file of an area in England or Wales."
    )
    raise InputError(msg)


def _by_others(found: Judged, is_grid: pd.Series[bool], *, is_local: bool) -> None:
    """Quarantine the few places that lie far from all others."""
    fine = found.fine
    if fine.sum() < _LEAST_ROWS:
        return
    x, y = found.x[fine], found.y[fine]
    middle = (float(x.median()), float(y.median()))
    apart = _from(middle, x, y)
    if is_local:
        _drop_strays(found, apart, _from(middle, y, x).where(is_grid[fine]))
        fine = found.fine
        apart = apart[fine[fine].index]
    # Thrice what all but a fifth keep to: never more than that fifth is beyond it.
    limit = max(FAR_M, 3 * float(apart.quantile(1 - _FEW_FAR)))
    far = (apart > limit).reindex(found.x.index, fill_value=False)
    if far.any():
        found.drop(
            far, "quarantined", f"more than {FAR_M / 1_000:.0f} km from the other rows of the file"
        )


def _from(
    middle: tuple[float, float], x: pd.Series[float], y: pd.Series[float]
) -> pd.Series[float]:
    return pd.Series(np.hypot(x - middle[0], y - middle[1]), x.index)


def _drop_strays(found: Judged, apart: pd.Series[float], exchanged: pd.Series[float]) -> None:
    """
    Quarantine the very few rows of one authority that lie beyond it.

    Whether a row that would lie among the others with its axes exchanged really has them so
    is likely, not certain, so it is not put right.
    """
    usual = float(apart.quantile(_NEARLY_ALL))
    mirrored = (exchanged <= usual) & (apart > max(EXCHANGED_M, _TIMES_EXCHANGED * usual))
    strays = mirrored | (apart > max(FAR_OF_ONE_M, _TIMES_FARTHER * usual))
    if not strays.any() or strays.sum() >= len(apart) * _FEW_OF_ONE:
        return
    every = found.x.index
    far = "far from all other rows of the file"
    found.drop(strays.reindex(every, fill_value=False), "quarantined", far)
    found.drop(
        mirrored.reindex(every, fill_value=False),
        "quarantined",
        f"{far}, but among them if easting and northing are exchanged",
    )
