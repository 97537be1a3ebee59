"""
What a lighting register says of a lamp's regime and faults: only what is certain.

Registers have words of their own. What cannot be told for certain counts neither way: a blank, a
code, and a grade such as "Level 3" or "Poor", which speaks of the column and not of its light.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_I = re.IGNORECASE
_YES = re.compile(r"\s*(?:y|yes|true)\s*", _I)
_NO = re.compile(r"\s*(?:n|no|none|nil|false|not applicable)\s*", _I)
_PART_NIGHT = re.compile(r"\bpart[\s_-]*nights?\b|\bmidnight\b|\bPNL?\b", _I)
_ALL_NIGHT = re.compile(r"\b(?:all|full)[\s_-]*nights?\b|\bdusk (?:to|till|until|-) dawn\b", _I)
_DENIED = re.compile(r"\b(?:no|not|non|never|without)\b|\bun-?dim|\bremoved\b", _I)
_DIMMED = re.compile(r"\bdim(?:s|med|ming)?\b", _I)
_SHARE = re.compile(r"\b(\d{1,3})\s*%")
_FULL = 100
_FAULT = re.compile(
    r"\b(?:open ?)?(?:defects?|defective|faults?|faulty)\b|\bopendefects?\b|\bnot working\b|"
    r"\bday ?burn(?:er|ing)?\b|\blamps? out\b|\bout of (?:light|order)\b|\bfailed\b",
    _I,
)
_NO_FAULT = re.compile(
    r"\b(?:no|nil|none|without|zero|cleared|closed|repaired|fixed|resolved)\b|\bnon-", _I
)
_WORKS = re.compile(r"\s*(?:working|in light|in working order|operational|ok)\s*", _I)


def is_dimmed(text: str) -> float:
    """Say whether a regime dims the lamp: 1 or 0, missing where the words do not tell."""
    if _YES.fullmatch(text):
        return 1.0
    if _NO.fullmatch(text) or _ALL_NIGHT.search(text) or _PART_NIGHT.search(text):
        return 1.0 if _DIMMED.search(text) and not _DENIED.search(text) else 0.0
    shares = [int(share) for share in _SHARE.findall(text)]
    if shares and not _DENIED.search(text):
        return float(min(shares) < _FULL)
    if not _DIMMED.search(text):
        return 0.0 if re.search(r"\bundimmed\b", text, _I) else float("nan")
    return 0.0 if _DENIED.search(text) else 1.0


def is_part_night(text: str) -> float:
    """Say whether a lamp is out part of the night: 1 or 0, missing where the words do not tell."""
    if _YES.fullmatch(text):
        return 1.0
    if _NO.fullmatch(text) or _ALL_NIGHT.search(text):
        return 0.0
    if not _PART_NIGHT.search(text):
        return float("nan")
    return 0.0 if _DENIED.search(text) else 1.0


def is_faulty(text: str) -> float:
    """Say whether a lamp has a fault: 1 or 0, missing for a grade of the column's condition."""
    if _FAULT.search(text):
        return 0.0 if _NO_FAULT.search(text) else 1.0
    return 0.0 if _WORKS.fullmatch(text) or _NO.fullmatch(text) else float("nan")


def dimmed(lamps: pd.DataFrame) -> NDArray[np.float64]:
    """Say of each lamp of ``schema.LAMPS`` whether it is dimmed: 1, 0 or missing."""
    return _told(lamps["dimming"], is_dimmed)


def part_night(lamps: pd.DataFrame) -> NDArray[np.float64]:
    """
    Say of each lamp of ``schema.LAMPS`` whether it is lit part of the night: 1, 0 or missing.

    A column of its own is believed. Without one the regime is read: where a register names
    part-night lamps there, its lamps of other regimes are not.
    """
    own = _told(lamps["part_night"], is_part_night)
    text = lamps["dimming"].mask(lamps["dimming"].str.fullmatch(_YES.pattern, flags=_I))
    regime = _told(text, is_part_night)
    named = pd.Series(regime == 1, lamps.index).groupby(lamps["authority"].astype("str"))
    is_named = named.transform("any").to_numpy(dtype=bool)
    # "No" in a column of regimes may only deny dimming: it counts beside part-night lamps alone.
    told = np.where(np.isnan(regime) & ~np.isnan(dimmed(lamps)), 0.0, regime)
    return np.where(np.isnan(own), np.where(is_named, told, np.nan), own)


def faulty(lamps: pd.DataFrame) -> NDArray[np.float64]:
    """Say of each lamp of ``schema.LAMPS`` whether it has a fault: 1, 0 or missing."""
    own = _told(lamps["fault"], is_faulty)
    return np.where(np.isnan(own), _told(lamps["condition"], is_faulty), own)


def _told(texts: pd.Series, tell: Callable[[str], float]) -> NDArray[np.float64]:
    """Apply ``tell`` to the different texts, of which a register has few."""
    known = {text: tell(str(text)) for text in texts.dropna().unique()}
    return texts.map(known).to_numpy(dtype=float)
