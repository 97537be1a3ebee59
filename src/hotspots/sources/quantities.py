"""Wattages and heights as councils write them: a number only where it is certain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_WATTS = 2_000.0
"""Largest wattage of a street lamp that is believed, watts, inclusive."""

HEIGHT_M = (1.0, 45.0)
"""Mounting heights that are believed, metres, inclusive."""

_SAME_M = 0.001
_UNKNOWN_HEIGHTS = r"(?:99|999|9999)(?:\.0+)?"
"""What registers write for a height that nobody knows."""
_DECIMAL_COMMA = r"\d+,\d{1,2}(?!\d).*"
_NUMBER = r"(\d+(?:\.\d+)?)"
_LAMP_CODE = (
    r"(?:SON|SOX|SLI|LED|CDO|CDM|CPO|COSMO|CMH|CMT|PLL|PLT|PLS|PL|MBF|MBI|MH|HPS|LPS|HPM|HQI|HQL|"
    r"MCF|CFL|TUNG|GLS|QL|SL|FLUO|HIGH PRESSURE SODIUM|LOW PRESSURE SODIUM|METAL HALIDE|MERCURY)"
)
_PLAIN_WATTS = rf"{_NUMBER}\s*(?:W|WATTS?)?\.?"
_CODED_WATTS = rf"{_NUMBER}\s*-?\s*(?:W|WATTS?)?\s*-?\s*{_LAMP_CODE}[A-Z\-/+ ]*"
_CODE_FIRST = rf"{_LAMP_CODE}[A-Z\-/+ ]*?\s*-?\s*{_NUMBER}\s*(?:W|WATTS?)"

_METRES_PER_UNIT = {"": float("nan"), "m": 1.0, "cm": 0.01, "mm": 0.001, "ft": 0.3048}
_HEIGHT = r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>mm|cm|ft|m)?"
_UNIT_WORDS: Mapping[str, str] = {
    r"\bmillimet(?:re|er)s?\b|\bmms\b": "mm",
    r"\bcentimet(?:re|er)s?\b|\bcms\b": "cm",
    r"\bmet(?:re|er)s?\b|\bmtrs?\b": "m",
    r"\bfeet\b|\bfoot\b": "ft",
}
# 200 to 2,000 can only be centimetres and 5,000 and more only millimetres; between the two,
# 3,000 may be a mast of 30 m or a lamp at 3 m.
_CM_ONLY = (200.0, 2_000.0)
_MM_ONLY = (5_000.0, 45_000.0)


def wattage_w(values: pd.Series[str]) -> pd.Series[float]:
    """
    Return wattages as numbers.

    Parameters
    ----------
    values : Series of str
        A number, with or without "W" or "watts", or one run together with a lamp code,
        such as "70SONT" or "SON 70W".

    Returns
    -------
    Series of float64, watts, indexed like ``values``
        Missing where the text says something else, such as "2 x 36W" or "70/100", and
        where the number is zero or over ``MOST_WATTS``.
    """
    text = values.str.strip().str.upper().str.replace(r"^1\s*[X*]\s*", "", regex=True)
    found = pd.Series(float("nan"), text.index)
    for pattern in (_PLAIN_WATTS, _CODED_WATTS, _CODE_FIRST):
        number = text.str.extract(f"^{pattern}$", expand=False)
        found = found.fillna(pd.to_numeric(number, errors="coerce").astype("float64"))
    return found.where(found.gt(0) & found.le(MOST_WATTS))


def is_merged(values: pd.Series[str], watts: pd.Series[float]) -> pd.Series[bool]:
    """Say which ``watts`` stood in ``values`` together with other things, such as a lamp code."""
    is_plain = values.str.strip().str.upper().str.fullmatch(_PLAIN_WATTS)
    return watts.notna() & ~is_plain


def is_rescaled(values: pd.Series[str], height: pd.Series[float]) -> pd.Series[bool]:
    """Say which heights in metres are another number than the one that stands in ``values``."""
    number = _with_points(values.str.strip()).str.extract(rf"^{_NUMBER}", expand=False)
    stated = pd.to_numeric(number, errors="coerce").astype("float64")
    return height.notna() & (height - stated).abs().gt(_SAME_M)


def height_m(values: pd.Series[str], heading: str) -> pd.Series[float]:
    """
    Return mounting heights in metres.

    Parameters
    ----------
    values : Series of str
        A number with a unit (m, cm, mm, ft) or without one; "6,5" is six and a half.
    heading : str
        Heading of the column, which may name the unit, as in "Height (mm)".

    Returns
    -------
    Series of float64, metres, indexed like ``values``
        A number without a unit is metres up to ``HEIGHT_M``, and centimetres or
        millimetres where it can be nothing else, judged by the other values of the column
        if need be. Missing where that is not certain, and for 99, 999 and 9999, which
        stand for "unknown".
    """
    text = _with_points(values.str.strip().str.casefold())
    text = text.mask(text.str.fullmatch(_UNKNOWN_HEIGHTS), "")
    parts = _with_unit_signs(text).str.extract(f"^{_HEIGHT}$")
    number = pd.to_numeric(parts["number"], errors="coerce").astype("float64")
    unit = parts["unit"].fillna(_unit_of(heading))
    stated = number * unit.map(_METRES_PER_UNIT).astype("float64")
    bare = unit.eq("") & number.notna()
    found = stated.where(~bare, _without_unit(number.where(bare)))
    return found.where(found.between(*HEIGHT_M)).round(3)


def has_comma(values: pd.Series[str], height: pd.Series[float]) -> pd.Series[bool]:
    """Say which heights were written with a decimal comma."""
    return height.notna() & values.str.strip().str.fullmatch(_DECIMAL_COMMA)


def _with_points(text: pd.Series[str]) -> pd.Series[str]:
    is_comma = text.str.fullmatch(_DECIMAL_COMMA)
    return text.where(~is_comma, text.str.replace(",", "."))


def _with_unit_signs(text: pd.Series[str]) -> pd.Series[str]:
    spaced = text.str.replace(r"(?<=\d)(?=[a-z])", " ", regex=True)
    for word, sign in _UNIT_WORDS.items():
        spaced = spaced.str.replace(word, sign, regex=True)
    return spaced.str.rstrip(".")


def _unit_of(heading: str) -> str:
    words = _with_unit_signs(pd.Series([heading.casefold()], dtype="str"))
    found = words.str.extract(r"(?:[\s_(\[]|^)(mm|cm|m|ft)(?:[)\]]|$)", expand=False).iloc[0]
    return "" if pd.isna(found) else str(found)


def _without_unit(number: pd.Series[float]) -> pd.Series[float]:
    is_cm = number.between(*_CM_ONLY, inclusive="left")
    is_mm = number.between(*_MM_ONLY)
    between = number.ge(_CM_ONLY[1]) & number.lt(_MM_ONLY[0])
    if is_cm.any() != is_mm.any():
        is_cm, is_mm = (is_cm | between, is_mm) if is_cm.any() else (is_cm, is_mm | between)
    is_m = number.between(*HEIGHT_M)
    return (
        number.where(is_m).fillna((number / 100).where(is_cm)).fillna((number / 1_000).where(is_mm))
    )
