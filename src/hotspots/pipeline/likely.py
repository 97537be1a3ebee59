"""Which columns are likely to hold what, where a reader must be told: guesses, and how sure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.errors import InputError
from hotspots.sources import coordinates, table_file, tabular, vector
from hotspots.sources.columns import listed, plain, telling
from hotspots.sources.pairs import is_heading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

RECOGNISED = "recognised"
"""Told by its heading and borne out by its values."""

LIKELY = "likely"
"""A guess that a person should confirm."""

_CODE_HEADING = re.compile(r"(?P<stem>.*?)(?:cd|code)")
_NAME_ENDINGS = ("nm", "name")
_DBASE_LETTERS = 10
_CUT_WORD = re.compile(r"(?:c|co|cod|n|na|nam)$")
_ONS_CODE = r"[A-Z]\d{8}"
_LEVEL_OF_CODE: Mapping[str, str] = {
    "E01": "lsoa", "W01": "lsoa", "E05": "ward", "W05": "ward", "E06": "district",
    "E07": "district", "E08": "district", "E09": "district", "W06": "district",
    "E23": "force", "W15": "force",
}  # fmt: skip
_LEVEL_OF_HEADING: Mapping[str, str] = {
    "lsoa": "lsoa", "wd": "ward", "ward": "ward", "lad": "district", "ltla": "district",
    "district": "district", "pfa": "force", "force": "force",
}  # fmt: skip
_MOST = 0.9
_HALF = 0.5
_LIGHTS = r"(?i)\b(?:street ?light|lamp|lantern|light(?:ing)? column)"


@dataclass(frozen=True)
class AreaColumns:
    """
    A code and a name column of a boundary file.

    Attributes
    ----------
    level : str
        Kind of area, as ``[[boundaries]]`` spells it.
    code, name : str
        Columns of the file.
    n_areas : int
        Different codes.
    sure : str
        ``RECOGNISED`` if headings and ONS codes agree, else ``LIKELY``.
    """

    level: str
    code: str
    name: str
    n_areas: int
    sure: str


def area_columns(path: Path, shapes: gpd.GeoDataFrame) -> list[AreaColumns]:
    """
    Find the columns of code and name in a file of areas.

    Parameters
    ----------
    path : Path
        The file, for messages.
    shapes : GeoDataFrame
        Its features.

    Returns
    -------
    list of AreaColumns
        The one with most areas first; districts, say, can be dissolved from a file of LSOAs.

    Raises
    ------
    InputError
        If no two columns pair as code and name.
    """
    table = pd.DataFrame(shapes.drop(columns=shapes.geometry.name)).apply(vector.text)
    found: list[AreaColumns] = []
    for code in table.columns:
        heading = _CODE_HEADING.fullmatch(_whole(str(code)))
        if heading:
            name, is_own = _name_column(list(table.columns), heading["stem"])
            if name is not None:
                found += _judged(table[code], heading["stem"], name, is_own=is_own)
    if not found:
        msg = (
            f"{path}: cannot tell which columns hold the ONS code and the name; the file has "
            f"{listed(table.columns)}. Head them like LAD24CD and LAD24NM, or name them as `code` "
            "and `name` under [[boundaries]] in the settings."
        )
        raise InputError(msg)
    return sorted(found, key=lambda columns: (-columns.n_areas, columns.sure != RECOGNISED))


def _whole(heading: str) -> str:
    """Return a plain heading, with the word whole that dBASE cut after ten letters."""
    name = plain(heading)
    cut = _CUT_WORD.search(name) if len(heading) == _DBASE_LETTERS else None
    if cut is None:
        return name
    return name[: cut.start()] + ("code" if cut[0].startswith("c") else "name")


def _name_column(headings: Sequence[str], stem: str) -> tuple[str | None, bool]:
    """Return the column of names that goes with a stem, and whether it bears the same stem."""
    by_name = {_whole(heading): heading for heading in reversed(headings)}
    by_name |= {plain(heading): heading for heading in reversed(headings)}
    for start in (stem, stem.rstrip("0123456789"), ""):  # LAD13CD also goes with LADNM
        for end in _NAME_ENDINGS:
            if start + end in by_name:
                return by_name[start + end], bool(start) or not stem
    return None, False


def _judged(codes: pd.Series[str], stem: str, name: str, *, is_own: bool) -> list[AreaColumns]:
    """Return what a pair of columns holds; none if its ONS codes are of a kind without a level."""
    by_heading = next((kind for word, kind in _LEVEL_OF_HEADING.items() if word in stem), None)
    by_code = None
    if codes.str.fullmatch(_ONS_CODE).all():
        kinds = codes.str.slice(0, 3).map(_LEVEL_OF_CODE)
        by_code = kinds.iloc[0] if kinds.notna().all() and len(kinds.unique()) == 1 else None
        if kinds.isna().all() and by_heading is None:
            return []
    level = by_code or by_heading or "district"
    is_sure = is_own and by_code is not None
    if level == "lsoa":
        is_sure &= stem.endswith(("11", "21"))
        level = "lsoa11" if stem.endswith("11") else "lsoa21"
    sure = RECOGNISED if is_sure else LIKELY
    return [AreaColumns(level, str(codes.name), name, int(codes.nunique()), sure)]


def columns_without_heading(path: Path) -> list[str] | None:
    """
    Name the columns of a list of places that has no heading, by their values.

    Returns
    -------
    list of str or None
        Names in order, as ``columns`` of ``[[places]]`` wants them; None if the file has a
        heading, or no neighbouring columns with coordinates, or no column of words.

    Raises
    ------
    InputError
        If the file is no delimited text.
    """
    if table_file.is_packed_table(path):
        return None
    first_row = pd.Series(tabular.read(path, is_heading=is_heading).table.columns, dtype="str")
    if coordinates.numbers(first_row).isna().all():
        return None
    names = [f"column {number}" for number in range(1, len(first_row) + 1)]
    table = tabular.read(path, columns=names).table
    if any(table[name].str.contains(_LIGHTS).mean() > _HALF for name in names):
        return None  # a register of lights is never guessed at: its columns are too many alike
    found = _coordinate_columns(path, table)
    rest = [name for name in names if name not in found]
    words = [name for name in rest if table[name].str.contains("[A-Za-z]").mean() >= _MOST]
    if not found or not words:
        return None
    found[words[0]] = "name"
    unbroken = [name for name in rest if name not in found and not _has_blanks(table[name])]
    identifying = telling(table, unbroken)
    if identifying and table[identifying].nunique() >= _MOST * len(table):
        found[identifying] = "id"
    return [found.get(name, name) for name in names]


def _has_blanks(values: pd.Series[str]) -> bool:
    return bool(values.str.contains(" ").any())


def _coordinate_columns(path: Path, table: pd.DataFrame) -> dict[str, str]:
    """Return the neighbouring columns that place most rows, and what each of them holds."""
    best: dict[str, str] = {}
    most = _MOST
    headings = list(table.columns)
    for pair in pairwise(headings):
        try:
            located = coordinates.locate(
                str(path), table[[*pair]].set_axis(["x", "y"], axis=1), {}, fix=""
            )
        except InputError:
            continue
        share = float(located.reason.isna().mean())
        if share >= most and not (best and share == most):
            most = share
            of_axis = dict(zip(("x", "y"), pair, strict=True))
            best = {of_axis[axis]: key for key, axis in located.columns.items()}
    return best
