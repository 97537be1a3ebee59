"""Files in, records and a balanced account out."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import pandas as pd

from hotspots import schema
from hotspots.errors import DataMissingError, InputError
from hotspots.sources.police_uk import account, revisions
from hotspots.sources.police_uk.api_json import read_answer
from hotspots.sources.police_uk.archive import read_plain, unpacked
from hotspots.sources.police_uk.doubts import of_files, of_repeats
from hotspots.sources.police_uk.duplicates import (
    Reading,
    find_repeats,
    needed,
    oldest_first,
    superseded,
    together,
    without_rows,
)
from hotspots.sources.police_uk.find import find
from hotspots.sources.police_uk.pasted import by_month
from hotspots.sources.police_uk.street_csv import read_street

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from hotspots.sources.police_uk.account import Kept
    from hotspots.sources.police_uk.find import Found, Member
    from hotspots.sources.police_uk.rows import Batch

_THREADS_MAX = 4


@dataclass(frozen=True)
class Supply:
    """
    A street CSV that was read.

    Attributes
    ----------
    file, force, month : str
        As records name it; force id and ``YYYY-MM`` of its name.
    rows_in : int
        Rows read; none if it holds nothing but its header.
    is_newest : bool
        No later publication of the same force-month took its place.
    new_columns : tuple of str
        Columns that police.uk has not published before.
    """

    file: str
    force: str
    month: str
    rows_in: int
    is_newest: bool
    new_columns: tuple[str, ...]


@dataclass(frozen=True)
class PoliceRecords:
    """
    Records of police.uk and what became of every row.

    Attributes
    ----------
    kept : Kept
        Located records as they were published.
    records : DataFrame
        The same, row by row, as ``schema.RECORDS``.
    set_aside : DataFrame
        Rows unlocated, excluded, duplicate or quarantined, ``schema.SET_ASIDE``.
    account : DataFrame
        A row a member read, ``schema.ACCOUNT``; exact.
    revisions : DataFrame
        What changed where a force-month was published again, ``schema.REVISIONS``.
    supplies : tuple of Supply
        The street CSVs, oldest publication first.
    other_months : frozenset of str
        Months, ``YYYY-MM``, for which other forces have a street CSV in the files.
    ignored : tuple of str
        What was left alone, in words: members of other forces, outcomes, unknown files.
    repairs : tuple of str
        What was put right, in words with counts.
    warnings : tuple of str
        What a person should look at, in words.
    """

    kept: Kept
    records: pd.DataFrame
    set_aside: pd.DataFrame
    account: pd.DataFrame
    revisions: pd.DataFrame
    supplies: tuple[Supply, ...]
    other_months: frozenset[str]
    ignored: tuple[str, ...]
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def incident_ids(self) -> pd.Series[str]:
        """Make the id of each record, which takes long enough to be done beside other work."""
        ids: pd.Series[str] = pd.Series(self.kept.incident_ids(), dtype="str")
        return ids


def read(
    files: Sequence[Path], *, force: str | None, publications: int | None = None
) -> PoliceRecords:
    """
    Read police.uk records from local files.

    Parameters
    ----------
    files : sequence of Path
        Any mix of zips, street CSVs, saved ``crimes-street`` answers, and folders of these,
        searched to any depth. The order does not matter; a file given twice is read once.
    force : str or None
        Force id as in police.uk file names, such as ``lancashire``: only its street CSVs are read.
        None reads the street CSVs of every force and every API answer.
    publications : int, optional
        Read so many of the newest publications of each force-month; older ones are left alone
        and said to be. All are read if it is not given.

    Returns
    -------
    PoliceRecords
        The module ``duplicates`` says which of several publications is kept. A row is
        quarantined before it is excluded, excluded before it is a duplicate, and a duplicate
        before it is unlocated; in a superseded file every row is a duplicate.

    Raises
    ------
    DataMissingError
        If a path is not there, or the files hold nothing of ``force``.
    InputError
        If a file is unsafe, damaged, not of police.uk or lacks a column, or if a month is there
        both as CSV and as API answers of the same place.
    """
    with ExitStack() as opened:
        found = find(files, force=force, opened=opened)
        wanted = needed(found.members, each=publications) if publications else found.members
        passed = len(found.members) - len(wanted)
        readings, strangers = _read_all(replace(found, members=tuple(wanted)), force)
    if not readings:
        raise DataMissingError(
            f"No street-level records, only {'; '.join(strangers[:5])}. "
            "Add a download from data.police.uk to police_uk.files."
        )
    ordered = oldest_first(readings)
    del readings
    newer = superseded(ordered)
    revised = revisions.compare(ordered)
    doubts = [*of_files(ordered, newer, today=dt.datetime.now(dt.UTC).date())]
    rows = together(ordered, newer)
    ordered = without_rows(ordered, newer)
    repeats = find_repeats(rows, ordered)
    doubts += of_repeats(rows, repeats, ordered)
    aside = account.aside(rows, repeats, ordered, newer)
    kept = account.kept(rows, repeats)
    del rows, repeats
    balanced = account.balance(kept.rows, aside, ordered)
    return PoliceRecords(
        kept=kept,
        records=schema.check(account.records_table(kept.rows, ordered), schema.RECORDS),
        set_aside=schema.check(account.set_aside_table(aside, ordered), schema.SET_ASIDE),
        account=schema.check(balanced, schema.ACCOUNT),
        revisions=schema.check(revised, schema.REVISIONS),
        supplies=_supplies(ordered, newer),
        other_months=found.other_months,
        ignored=tuple(sorted((*found.ignored, *strangers, *_outdated(passed, publications)))),
        repairs=_words(ordered, "repairs"),
        warnings=(*doubts, *_words(ordered, "warnings")),
    )


def _outdated(n: int, publications: int | None) -> Iterator[str]:
    if n:
        files = "street file" if n == 1 else "street files"
        yield f"{n:,} {files} of months that came again in {publications} later publications"


def _supplies(ordered: Sequence[Reading], newer: Mapping[int, int]) -> tuple[Supply, ...]:
    return tuple(
        Supply(
            file=each.member.file,
            force=each.member.force or "",
            month=each.member.month,
            rows_in=each.batch.rows_in,
            is_newest=place not in newer,
            new_columns=each.batch.new_columns,
        )
        for place, each in enumerate(ordered)
        if each.member.is_street and each.member.month
    )


def _words(ordered: Sequence[Reading], kind: Literal["repairs", "warnings"]) -> tuple[str, ...]:
    """Put together what is to be said of the members, the same words of several counted once."""
    counts: Counter[str] = Counter()
    for reading in ordered:
        for said in getattr(reading.batch, kind):
            number, _, words = said.partition(" ")
            counts[words] += int(number.replace(",", ""))
    return tuple(f"{n:,} {_singular(words) if n == 1 else words}" for words, n in counts.items())


def _singular(words: str) -> str:
    things, _, rest = words.partition(" ")
    return f"{things.removesuffix('s')} {rest}"


def _read_all(found: Found, force: str | None) -> tuple[list[Reading], list[str]]:
    """Read the members side by side; return them, and in words the JSON that was no answer."""

    def read_one(member: Member) -> Batch | None:
        if member.name:
            data = unpacked(found.archives[member.label].read(member.name), member.shown)
        else:
            data = read_plain(member.path, member.shown)
        if member.is_answer:
            return read_answer(data, file=member.shown)
        return read_street(data, file=member.shown, month=member.month, force=member.force or force)

    threads = min(_THREADS_MAX, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads) as pool:
        batches = list(pool.map(read_one, found.members))
    pairs = list(zip(found.members, batches, strict=True))
    readings = [
        Reading(*part)
        for member, batch in pairs
        if batch is not None
        for part in by_month(member, batch)
    ]
    return readings, _strangers([member for member, batch in pairs if batch is None], readings)


def _strangers(members: Sequence[Member], readings: Sequence[Reading]) -> list[str]:
    """Say in words which JSON was no answer; refuse a file given by name that had nothing else."""
    useful = {reading.member.label for reading in readings}
    for member in members:
        if member.is_given and member.label not in useful:
            raise InputError(
                f"{member.shown_path} holds JSON, but no answer of crimes-street, which is an "
                "array of records with category, location and month. Take it out of "
                "police_uk.files."
            )
    found = Counter(member.label for member in members)
    return [f"{label}: {n:,} JSON, no answer of crimes-street" for label, n in found.items()]
