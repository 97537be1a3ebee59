"""Which control crime each crime is held against, unless told otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_THEFTS = ("Burglary", "Other theft", "Vehicle crime")

CONTROLS: dict[str, tuple[str, ...]] = {
    "Anti-social behaviour": _THEFTS,
    "Bicycle theft": ("Other theft",),
    "Burglary": ("Other theft",),
    "Criminal damage and arson": _THEFTS,
    "Drugs": _THEFTS,
    "Other crime": ("Other theft",),
    "Other theft": ("Criminal damage and arson",),
    "Possession of weapons": _THEFTS,
    "Public order": _THEFTS,
    "Robbery": _THEFTS,
    "Shoplifting": ("Other theft",),
    "Theft from the person": _THEFTS,
    "Vehicle crime": ("Other theft",),
    "Violence and sexual offences": _THEFTS,
}
"""
Crime type to the types it is compared with.

Thefts are compared with other theft, what people do to each other and to the street with thefts of
things that stand about: recorded at the same places, often enough, and for other reasons.
"""


def control_of(types: Sequence[str]) -> tuple[str, ...]:
    """
    Name the control of a set of crime types: those of its members that are no members.

    Parameters
    ----------
    types : sequence of str

    Returns
    -------
    tuple of str, sorted
        Empty if nothing is left, as for all crime.
    """
    wanted = {control for each in types for control in CONTROLS.get(each, ())}
    return tuple(sorted(wanted - set(types)))
