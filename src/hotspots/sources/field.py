"""What people noted on visits: a kind and a place for each; free text is not kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.errors import InputError
from hotspots.schema import OBSERVATIONS, OBSERVED
from hotspots.sources import dates, layer
from hotspots.sources.columns import candidates, listed, telling
from hotspots.sources.layer import Given
from hotspots.sources.rows import aside, together

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from hotspots.sources.layer import LayerFile

_KIND_HEADINGS = (
    "observation", "observed", "kind", "type", "category", "feature", "issue", "finding", "what",
)  # fmt: skip
_DATE_HEADINGS = (
    "datenoted", "noted", "date", "visitdate", "dateofvisit", "surveydate", "surveyed", "visited",
    "day", "month",
)  # fmt: skip
_IDS = ("observationid", "recordid", "id", "ref", "reference", "globalid", "objectid", "fid")

_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "recessed doorway": ("recess", "recessed door", "recessed entrance", "doorway", "alcove"),
    "alley": ("alleyway", "ginnel", "snicket", "passage", "passageway", "back alley", "rear alley"),
    "overgrowth": (
        "overgrown", "overgrown vegetation", "vegetation", "hedge", "overgrown hedge", "bush",
        "tree", "foliage",
    ),
    "broken light": (
        "broken lamp", "light out", "lamp out", "street light out", "faulty light", "dark spot",
        "no light", "poor lighting", "unlit",
    ),
    "graffiti": ("tagging", "tags"),
    "litter": ("rubbish", "fly tipping", "flytipping", "waste", "dumped rubbish", "drug litter"),
    "poor sight line": (
        "sight line", "sightline", "poor sightline", "poor visibility", "blind corner",
        "blind spot", "hidden corner", "concealment", "hiding place", "lack of surveillance",
    ),
    "escape route": ("escape", "escape path", "cut through", "rat run"),
    "easy access": ("open access", "low wall", "low fence", "climbing aid", "unlocked gate"),
    "damage": (
        "vandalism", "criminal damage", "broken window", "broken fence", "damaged fence",
        "broken glass",
    ),
    "broken lock": ("poor lock", "damaged lock", "insecure door", "insecure window", "broken door"),
    "empty building": ("vacant building", "derelict", "derelict building", "vacant", "void",
                       "empty property"),
}  # fmt: skip
"""Kind of ``schema.OBSERVED`` to other words that are read as it, in the singular."""


def read(
    path: Path, *, source: str, near: BaseGeometry | None = None, is_whole: bool = False
) -> LayerFile:
    """
    Read field observations.

    Parameters
    ----------
    path : Path
        Delimited text, a workbook, or points in GeoJSON, GeoPackage or shapefile; a column says
        what was noted, and one may say when. All other text, such as notes, is left out.
    source : str
        Who noted it, from the settings.
    near : shapely geometry or None
        The area of the settings, EPSG:27700; rows more than 5 km outside it are excluded.
    is_whole : bool, default False
        Somebody made sure that a file of exactly 1,000 or 2,000 rows is not cut short.

    Returns
    -------
    LayerFile
        Table ``schema.OBSERVATIONS``. A row of another kind than ``schema.OBSERVED`` and the
        words that are read as one, or without a believable place, is quarantined; the account is
        exact.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged, of another kind, no column says what was noted, or its coordinates are
        not recognised.
    """
    features = layer.load(
        path,
        expected="field observations",
        fix="Head the columns observation, easting and northing (or longitude and latitude).",
        given=Given(near, is_whole),
    )
    headings = list(features.table.columns)
    kind_column = next(iter(candidates(headings, _KIND_HEADINGS)), None)
    if kind_column is None:
        msg = (
            f"{path}: found no column that says what was noted; the file has {listed(headings)}. "
            f"Head it observation; known are {', '.join(OBSERVED)}."
        )
        raise InputError(msg)
    given = features.table[kind_column]
    kinds = known_kinds(given)
    placed = features.located.reason.isna()
    unknown = kinds.isna() & placed
    id_column = telling(features.table, candidates(headings, _IDS))
    again = layer.repeats(features, id_column, placed & ~unknown)
    kept = placed & ~unknown & ~again
    ids, repairs, warnings = layer.identify(features, id_column, "seen", kept)
    date_column = next(iter(candidates(headings, _DATE_HEADINGS)), None)
    noted = features.table[date_column] if date_column else pd.Series("", given.index, dtype="str")
    values: dict[str, pd.Series[Any] | str] = {
        "observation_id": ids,
        "kind": kinds[kept],
        "noted": dates.months(noted[kept]),
        "source": source,
    }
    columns = {"kind": kind_column} | ({"noted": date_column} if date_column else {})
    strange = aside(
        features.file,
        features.line[unknown],
        status="quarantined",
        reason=f"no kind of observation that is known; write one of: {', '.join(OBSERVED)}",
        column=kind_column,
        value=given[unknown].str.slice(0, 40),
    )
    return layer.finish(
        features,
        OBSERVATIONS,
        values,
        excluded=together([strange, layer.duplicates(features, again)]),
        repairs=repairs,
        columns=columns,
        warnings=warnings,
    )


def known_kinds(given: pd.Series[str]) -> pd.Series[str]:
    """
    Say which kind of ``schema.OBSERVED`` each text is.

    Parameters
    ----------
    given : Series of str
        A kind or a word that is read as it; capitals, hyphens and the plural do not matter.

    Returns
    -------
    Series of str, indexed like ``given``
        Missing where it is none.
    """
    by_words = {_plain(kind): kind for kind in OBSERVED}
    by_words |= {_plain(word): kind for kind, words in _SYNONYMS.items() for word in words}
    found = {text: by_words.get(_plain(str(text))) for text in given.unique()}
    return given.map(found).astype("str")


def _plain(text: str) -> str:
    words = re.sub(r"[^a-z]+", " ", text.casefold()).strip()
    return re.sub(r"(?:(?<=[sh])es|(?<=[^s])s)$", "", words)
