"""Which column of a council's file holds what: by its heading, by the settings, by its values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hotspots.errors import InputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

_FOREIGN = (
    (frozenset({"crimeid", "fallswithin"}), "police.uk crime or outcome records"),
    (frozenset({"crimetype", "month"}), "police.uk crime records"),
    (frozenset({"objectofsearch"}), "police.uk stop-and-search records"),
    (frozenset({"lsoacode2011"}), "statistics of LSOAs"),
    (frozenset({"lsoacode2021"}), "statistics of LSOAs"),
)
_NO_LETTERS = re.compile(r"[\W_]+")
_MOSTLY = 0.9
_LONGEST_SHOWN = 60
_MOST_SHOWN = 24
_IRISH_GRID = re.compile(
    r"irish[\W_]*(?:national[\W_]*)?grid|irish[\W_]*transverse|(?:^|[\W_])(?:itm|ing)(?:[\W_]|$)|"
    r"(?:tm65|tm75|29901|29902|29903|2157)(?!\d)",
    re.IGNORECASE,
)
_IRISH_FILE = re.compile(
    r"northern[\W_]*ireland|irish(?![\W_]*sea)|(?:^|[\W_])(?:dfi|dfini|itm)(?:[\W_]|$)|opendatani",
    re.IGNORECASE,
)
_PLACE_COLUMNS = (
    "postcode", "town", "city", "county", "council", "district", "lgd", "division", "area",
    "section", "sectionoffice", "authority", "region", "country",
)  # fmt: skip
_IRISH_PLACE = (
    r"(?i:^BT\d{1,2}\b)|(?i:\b(?:Belfast|Derry|Londonderry|Antrim|Armagh|Tyrone|Fermanagh|"
    r"Co(?:unty|\.)? Down|"
    r"Lisburn|Newry|Omagh|Enniskillen|Coleraine|Ballymena|Craigavon|Newtownabbey|"
    r"Newtownards|Strabane|Dungannon|Cookstown|Northern Ireland)\b)"
)
_IRISH_SHARE = 0.5


def plain(heading: str) -> str:
    """Return a heading in small letters and digits only: "Unit_Type " and "UNIT TYPE" agree."""
    return _NO_LETTERS.sub("", heading.casefold())


def listed(headings: Iterable[str]) -> str:
    """Return headings as words for a message, not more and not longer ones than can be read."""
    words = [
        repr(heading if len(heading) <= _LONGEST_SHOWN else heading[:_LONGEST_SHOWN] + "…")
        for heading in map(str, headings)
    ]
    more = [f"and {len(words) - _MOST_SHOWN:,} more"] if len(words) > _MOST_SHOWN else []
    return ", ".join(words[:_MOST_SHOWN] + more) or "none"


def candidates(headings: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the headings that match one of the plain ``names``, in the order of the names."""
    by_name = by_plain_name(headings)
    return [by_name[name] for name in names if name in by_name]


def by_plain_name(headings: Sequence[str]) -> dict[str, str]:
    """Return the first heading of each plain name; one such as "#" has no plain name."""
    by_name: dict[str, str] = {}
    for heading in headings:
        by_name.setdefault(plain(heading), heading)
    by_name.pop("", None)
    return by_name


def telling(table: pd.DataFrame, found: Sequence[str]) -> str | None:
    """
    Return the column of ``found`` that serves as an id: the first that hardly repeats.

    Parameters
    ----------
    table : DataFrame of str
        Values of the file.
    found : sequence of str
        Columns, the preferred one first.

    Returns
    -------
    str or None
        The first column with nine in ten values filled and different, or else the one with
        most different values; None if ``found`` is empty.
    """
    distinct = {name: table[name].loc[table[name].ne("")].nunique() for name in found}
    sure = (name for name in found if distinct[name] >= _MOSTLY * len(table))
    return next(sure, max(distinct, key=lambda name: distinct[name], default=None))


def chosen(
    file: str, headings: Sequence[str], columns: Mapping[str, str], allowed: Sequence[str]
) -> dict[str, str]:
    """
    Return the columns that the settings name, as the file spells them.

    Raises
    ------
    SettingsError
        If ``columns`` has a key that is not ``allowed``.
    InputError
        If the file has no such column.
    """
    unknown = [key for key in columns if key not in allowed]
    if unknown:
        msg = (
            f"columns for {file}: unknown key {listed(unknown)}; the keys are {', '.join(allowed)}."
        )
        raise SettingsError(msg)
    found = {}
    for key, wanted in columns.items():
        exact = [wanted] if wanted in headings else candidates(headings, [plain(wanted)])
        if not exact:
            msg = (
                f"{file}: found no column {wanted!r}, which the settings name as {key}; "
                f"the file has {listed(headings)}. Correct `columns` in the settings."
            )
            raise InputError(msg)
        found[key] = exact[0]
    return found


def refuse_foreign(file: str, headings: Sequence[str], *, expected: str) -> None:
    """
    Refuse a file whose headings say that it is something else altogether.

    Raises
    ------
    InputError
        Naming what it seems to be.
    """
    names = {plain(heading) for heading in headings}
    for signature, kind in _FOREIGN:
        if signature <= names:
            msg = (
                f"{file}: expected {expected}, found {kind} (columns {listed(headings[:6])}); "
                "name the right file in the settings."
            )
            raise InputError(msg)


def is_named_irish(file: str) -> bool:
    """Say whether the name of a file is of Northern Ireland; the Irish Sea is not."""
    return _IRISH_FILE.search(file) is not None


def irish_words(table: pd.DataFrame) -> str:
    """
    Return the words by which a table says that it is of Northern Ireland or on an Irish grid.

    Parameters
    ----------
    table : DataFrame of str
        Values of the file.

    Returns
    -------
    str
        A clause for a message; empty if nothing says so.
    """
    headings = [str(heading) for heading in table.columns]
    told = next((heading for heading in headings if _IRISH_GRID.search(heading)), None)
    if told:
        return f"the heading {told!r} names an Irish grid"
    for column in candidates(headings, _PLACE_COLUMNS):
        values = table[column].loc[table[column].ne("")]
        if len(values) and values.str.contains(_IRISH_PLACE).mean() > _IRISH_SHARE:
            return f"most values of {column!r}, such as {values.iloc[0]!r}, are in Northern Ireland"
    return ""
