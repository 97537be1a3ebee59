"""What a person should look at in files of police.uk, though their rows are sound."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from hotspots.schema import ASB, CRIME_TYPES
from hotspots.sources.police_uk.texts import whole

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from hotspots.sources.police_uk.duplicates import Reading, Repeats

_MOST = 0.9  # of the Crime IDs of a file come again in it: it was pasted twice
_PASTED_MIN = 2


def of_files(
    ordered: Sequence[Reading], newer: Mapping[int, int], *, today: dt.date
) -> Iterator[str]:
    """
    Say which files are empty, of the future or cut short, and which have no month in their name.

    Parameters
    ----------
    ordered : sequence of Reading
        The members, oldest publication first.
    newer : mapping of int to int
        Superseded members, of which nothing is said.
    today : date
        The day of which later months lie in the future.
    """
    used = [reading for place, reading in enumerate(ordered) if place not in newer]
    yield from _untold(ordered)
    yield from _header_only(used, n_files=len(ordered))
    yield from _future(used, today)
    for member in (reading.member for reading in used if reading.batch.breaks_off):
        yield (
            f"{member.file}: the last row breaks off, so the file is most likely cut short; "
            "download it again"
        )


def of_repeats(rows: pa.Table, repeats: Repeats, ordered: Sequence[Reading]) -> Iterator[str]:
    """
    Say which files hold nearly every Crime ID twice.

    Parameters
    ----------
    rows : pyarrow.Table
        As ``duplicates.together`` gives it.
    repeats : Repeats
        Which of them come again.
    ordered : sequence of Reading
        The members.
    """
    again = np.flatnonzero(repeats.by_crime_id >= 0)
    if not len(again):
        return
    source = rows["source"].to_numpy()
    here = source[again] == source[repeats.by_crime_id[again]]
    n_again = np.bincount(source[again[here]], minlength=len(ordered))
    has_id = whole(rows["crime_id"]).is_valid().to_numpy(zero_copy_only=False)
    n_ids = np.bincount(source[has_id], minlength=len(ordered)) - n_again
    is_asb = whole(rows["crime_type"]).indices.to_numpy() == CRIME_TYPES.index(ASB)
    n_asb = np.bincount(source[is_asb & ~has_id], minlength=len(ordered))
    is_pasted = (n_again >= np.maximum(_PASTED_MIN, _MOST * n_ids)) & (n_asb > 0)
    for place in np.flatnonzero(is_pasted).tolist():
        yield (
            f"{ordered[place].member.file}: {n_again[place]:,} of {n_ids[place]:,} Crime IDs come "
            "again in the same file, so it was most likely pasted twice; its anti-social "
            "behaviour, which has no Crime ID, is counted twice"
        )


def _untold(ordered: Sequence[Reading]) -> Iterator[str]:
    """Say what the rows of files told whose names do not."""
    told: dict[str, set[str]] = {}
    for member in (each.member for each in ordered):
        if not member.is_named:
            words = f"{member.month} of {member.force}" if member.month else "no month"
            told.setdefault(member.label, set()).add(words)
    for label, parts in told.items():
        words = ", ".join(sorted(parts))
        yield f"{label}: a name that says neither month nor force; the rows say {words}"


def _header_only(used: Sequence[Reading], *, n_files: int) -> Iterator[str]:
    """Say which months have a heading only; of a single file that is said elsewhere."""
    if n_files == 1:
        return
    months: dict[str, set[str]] = defaultdict(set)
    for reading in used:
        member = reading.member
        if member.is_street and member.month and not reading.batch.rows_in:
            months[member.force or "a force"].add(member.month)
    for force, empty in sorted(months.items()):
        yield f"no rows, only a heading, for {force} in {', '.join(sorted(empty))}"


def _future(used: Sequence[Reading], today: dt.date) -> Iterator[str]:
    months: dict[str, set[str]] = defaultdict(set)
    for reading in used:
        last = _last_month(reading)
        if last > f"{today:%Y-%m}":
            months[reading.member.label].add(last)
    for label, late in sorted(months.items()):
        named = ", ".join(sorted(late))
        lie = "lies" if len(late) == 1 else "lie"
        yield f"{label}: {named} {lie} in the future; check the name of the file"


def _last_month(reading: Reading) -> str:
    if reading.member.month:
        return reading.member.month
    last = pc.max(reading.batch.readable["month"]).as_py()
    return "" if last is None else f"{last:%Y-%m}"
