"""Tables of exactly as many rows as a server or program gives before it stops."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hotspots.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hotspots.sources.sheet import Sheet

_SIZES: Mapping[int, str] = {
    1_000: "an ArcGIS server", 2_000: "an ArcGIS server", 65_535: "an old spreadsheet",
    65_536: "an old spreadsheet", 1_048_575: "a spreadsheet", 1_048_576: "a spreadsheet",
}  # fmt: skip
_LAST_LINES = 3
_TOTAL = re.compile(
    r"\W*(?:(?:grand|sub)[\s-]?)?(?:totals?|sum|count|number of|end of)\b|"
    r"\W*[\d,]+ (?:rows?|records?|features?)\b",
    re.IGNORECASE,
)


def n_totals(sheet: Sheet) -> int:
    """Count the last lines of a table that are no rows but a total of them."""
    last = sheet.table.tail(_LAST_LINES)
    first = [next(filter(None, values), "") for values in last.itertuples(index=False)]
    after = sheet.set_aside["line"].gt(sheet.line.max())
    broken = sheet.set_aside.loc[after, "value"].dropna()  # lines of another width than the rows
    return sum(_TOTAL.match(value) is not None for value in [*first, *broken])


def refuse(path: Path, n_rows: int, *, is_whole: bool) -> None:
    """
    Refuse a file of exactly as many rows as a download that was cut short has.

    Parameters
    ----------
    path : Path
        The file, for messages.
    n_rows : int
        Its rows, totals not counted.
    is_whole : bool
        Somebody made sure that it is whole all the same.

    Raises
    ------
    InputError
        If it is likely cut short.
    """
    if n_rows in _SIZES and not is_whole:
        msg = (
            f"{path}: found exactly {n_rows:,} rows, as files have that {_SIZES[n_rows]} cut "
            "short; download it whole, or say is_whole = true in the settings (--whole to "
            "`hotspots check`) if it is."
        )
        raise InputError(msg)
