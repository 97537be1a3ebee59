"""What police.uk has published, and which of its archives hold the months that are wanted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hotspots.errors import SourceError
from hotspots.sources.web import JSON
from hotspots.sources.web.trouble import AGAIN, address

if TYPE_CHECKING:
    from hotspots.sources.web import Web

_DATE = re.compile(r"(20\d\d-(?:0[1-9]|1[0-2]))(?:-\d\d)?")
_MONTHS_HELD = 36
_HOLDS_EVERYTHING = "2017-04"
_FIRST_MONTH = "2010-12"


def last_updated(web: Web, base_url: str) -> str:
    """
    Return the newest month that police.uk has data of, as YYYY-MM.

    Raises
    ------
    SourceError
        If it cannot be told.
    """
    url = f"{base_url}/api/crime-last-updated"
    found = web.get(url, expect=JSON).json()
    return _month(url, found.get("date") if isinstance(found, dict) else found)


def months_available(web: Web, base_url: str) -> tuple[str, ...]:
    """
    Return the months that the API can be asked about, as YYYY-MM, newest first.

    Raises
    ------
    SourceError
        If they cannot be told.
    """
    url = f"{base_url}/api/crimes-street-dates"
    dates = _field_of_each(url, web.get(url, expect=JSON).json(), "date")
    return tuple(sorted({_month(url, date) for date in dates}, reverse=True))


def forces(web: Web, base_url: str) -> dict[str, str]:
    """
    Return the forces that police.uk names: id to name.

    Raises
    ------
    SourceError
        If they cannot be told.
    """
    url = f"{base_url}/api/forces"
    found = web.get(url, expect=JSON).json()
    ids, names = _field_of_each(url, found, "id"), _field_of_each(url, found, "name")
    return {str(force): str(name) for force, name in zip(ids, names, strict=True)}


def publications_for(newest: str, months: int) -> tuple[str, ...]:
    """
    Return the fewest archives that hold the last months, newest first.

    From May 2017 an archive holds 36 months, its own the last; that of April 2017 holds all
    from December 2010.

    Parameters
    ----------
    newest : str
        Newest month there is, YYYY-MM.
    months : int
        How many months are wanted, the newest one included.
    """
    first = max(_number(newest) - months + 1, _number(_FIRST_MONTH))
    found = [newest]
    while found[-1] > _HOLDS_EVERYTHING and _number(found[-1]) - _MONTHS_HELD >= first:
        before = _text(_number(found[-1]) - _MONTHS_HELD)
        found.append(max(before, _HOLDS_EVERYTHING))
    return tuple(found)


def _field_of_each(url: str, found: Any, name: str) -> list[Any]:  # noqa: ANN401
    if not isinstance(found, list) or not all(
        isinstance(one, dict) and name in one for one in found
    ):
        msg = f"{address(url)}: expected a list with a {name!r} in each entry. {AGAIN}"
        raise SourceError(msg)
    return [one[name] for one in found]


def _month(url: str, found: Any) -> str:  # noqa: ANN401
    match = _DATE.fullmatch(found) if isinstance(found, str) else None
    if match is None:
        msg = f"{address(url)}: expected a date such as 2026-07-01, found {found!r:.60}. {AGAIN}"
        raise SourceError(msg)
    return match[1]


def _number(month: str) -> int:
    year, number = month.split("-")
    return int(year) * 12 + int(number) - 1


def _text(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
