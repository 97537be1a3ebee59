"""Coordinates as people and spreadsheets write them: a number only where it is certain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

_THOUSANDS = r"\d{1,3}(?:[, \u00a0]\d{3})+(?:\.\d+)?"
# Three figures after one to three may part thousands; any other comma can only be a decimal one.
_DECIMAL_COMMA = r"-?(?:\d+,(?:\d{1,2}|\d{4,})|\d{4,},\d{3})"
_SIGNED = r"(?P<number>\d{1,2}(?:\.\d+)?)\s*°?\s*(?P<side>[NSEWnsew])"
_METRES = r"(?P<number>\d{4,7}(?:\.\d+)?)\s*[mM]"
_DEGREES = r"-?\d{1,2}(?:\.\d+)?\s*°"
_TYPED_AS_TEXT = r"'-?\d+(?:\.\d+)?"
_POWER = r"-?\d(?:\.(?P<figures>\d+))?[eE][+-]?\d+"
_FIGURES = 5
_SIGN: Mapping[str, float] = {"n": 1.0, "e": 1.0, "s": -1.0, "w": -1.0}


@dataclass(frozen=True)
class Figures:
    """
    A column of coordinates as numbers.

    Attributes
    ----------
    number : Series of float64
        Missing where the text is no finite number.
    is_mended : Series of bool
        Whether separators or signs of the text were read away, as in "353,000" or "2.7 W".
    is_rounded : Series of bool
        Whether a spreadsheet rounded it, as in "3.53E+05": the place is lost.
    """

    number: pd.Series[float]
    is_mended: pd.Series[bool]
    is_rounded: pd.Series[bool]


def figures(values: pd.Series[str]) -> Figures:
    """
    Read a column of coordinates.

    Parameters
    ----------
    values : Series of str
        Text without blanks around it; an empty value is ``""``.
    """
    number = pd.to_numeric(values, errors="coerce").astype("float64")
    number = number.where(np.isfinite(number))
    powers = values[values.str.fullmatch(_POWER) & number.ne(0)]
    short = powers.str.extract(f"^{_POWER}$", expand=False).fillna("").str.len().lt(_FIGURES)
    is_rounded = short.reindex(values.index, fill_value=False).astype("bool")
    odd = values[number.isna() & values.ne("")]
    mended = _mended(odd).dropna() if len(odd) else odd.astype("float64")
    is_mended = pd.Series(values.index.isin(mended.index), values.index)
    return Figures(number.fillna(mended), is_mended, is_rounded)


def _mended(text: pd.Series[str]) -> pd.Series[float]:
    bare = text.where(
        ~text.str.fullmatch(_THOUSANDS), text.str.replace(r"[, \u00a0]", "", regex=True)
    )
    bare = bare.where(~text.str.fullmatch(_DECIMAL_COMMA), text.str.replace(",", "."))
    bare = bare.where(~text.str.fullmatch(_TYPED_AS_TEXT), text.str.slice(1))
    bare = bare.where(~text.str.fullmatch(_DEGREES), text.str.rstrip("° "))
    for pattern in (_METRES, _SIGNED):
        number = text.str.extract(f"^{pattern}$")["number"]
        bare = number.fillna(bare)
    side = text.str.extract(f"^{_SIGNED}$")["side"].str.lower().map(_SIGN).fillna(1.0)
    found = pd.to_numeric(bare, errors="coerce").astype("float64") * side.astype("float64")
    return found.where(np.isfinite(found))
