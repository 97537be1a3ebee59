"""Street CSVs whose name does not say their month and force: told by their rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.sources.police_uk.find import Member
    from hotspots.sources.police_uk.rows import Batch


def by_month(member: Member, batch: Batch) -> list[tuple[Member, Batch]]:
    """
    Part the rows of a file without a name of its own into its months.

    So each month can be superseded by, or supersede, another publication of it.

    Parameters
    ----------
    member : Member
        What was read.
    batch : Batch
        Its rows.

    Returns
    -------
    list of (Member, Batch)
        The pair itself if the name of the file says its month, or if it is an API answer; else
        one a month, each called by its month if there are several. Rows without a month go with
        the first.
    """
    if member.is_named:
        return [(member, batch)]
    readable = _months(batch.readable)
    aside = _months(batch.aside)
    found = np.unique(np.concatenate([readable, aside]))
    found = found[~np.isnat(found)]
    named = replace(member, force=batch.force)
    if len(found) < 2:  # noqa: PLR2004 - a single month needs no parting
        month = str(found[0]) if len(found) else None
        return [(replace(named, month=month), batch)]
    parts = []
    for place, month in enumerate(found):
        of_month = aside == month
        if place == 0:
            of_month |= np.isnat(aside)
        part = replace(
            batch,
            readable=batch.readable.filter(pa.array(readable == month)).combine_chunks(),
            aside=batch.aside.filter(pa.array(of_month)),
            rows_in=int((readable == month).sum() + of_month.sum()),
            repairs=batch.repairs if place == 0 else (),
            warnings=batch.warnings if place == 0 else (),
            breaks_off=batch.breaks_off and place == 0,
        )
        name = "/".join(filter(None, [member.name, str(month)]))
        parts.append((replace(named, month=str(month), name=name), part))
    # What the file held beyond its parts would show as an account that does not balance.
    rest = batch.rows_in - sum(part.rows_in for _, part in parts)
    first, rows = parts[0]
    return [(first, replace(rows, rows_in=rows.rows_in + rest)), *parts[1:]]


def _months(table: pa.Table) -> NDArray[np.datetime64]:
    months: NDArray[np.datetime64] = table["month"].to_numpy().astype("datetime64[M]")
    return months
