"""Files in, records and a balanced account out."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotspots import schema
from hotspots.errors import DataMissingError, InputError
from hotspots.sources.police_uk import account
from hotspots.sources.police_uk.api_json import read_answer
from hotspots.sources.police_uk.archive import read_plain
from hotspots.sources.police_uk.duplicates import (
    Reading,
    find_repeats,
    oldest_first,
    superseded,
    together,
)
from hotspots.sources.police_uk.find import find
from hotspots.sources.police_uk.street_csv import read_street

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from hotspots.sources.police_uk.find import Found, Member
    from hotspots.sources.police_uk.rows import Batch

_THREADS_MAX = 4


@dataclass(frozen=True)
class PoliceRecords:
    """
    Records of police.uk and what became of every row.

    Attributes
    ----------
    records : DataFrame
        Located records, ``schema.RECORDS``.
    set_aside : DataFrame
        Rows unlocated, excluded, duplicate or quarantined, ``schema.SET_ASIDE``.
    account : DataFrame
        A row a member read, ``schema.ACCOUNT``; exact.
    ignored : tuple of str
        What was left alone, in words: members of other forces, outcomes, unknown files.
    """

    records: pd.DataFrame
    set_aside: pd.DataFrame
    account: pd.DataFrame
    ignored: tuple[str, ...]


def read(files: Sequence[Path], *, force: str | None) -> PoliceRecords:
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
        readings, strangers = _read_all(found)
    if not readings:
        raise DataMissingError(
            f"No street-level records, only {'; '.join(strangers[:5])}. "
            "Add a download from data.police.uk to police_uk.files."
        )
    ordered = oldest_first(readings)
    newer = superseded(ordered)
    rows = together(ordered, newer)
    repeats = find_repeats(rows, ordered)
    aside = account.aside(rows, repeats, ordered, newer)
    records = account.kept(rows, repeats)
    del rows, repeats
    balanced = account.balance(records, aside, ordered)
    return PoliceRecords(
        records=schema.check(account.records_table(records, ordered), schema.RECORDS),
        set_aside=schema.check(account.set_aside_table(aside, ordered), schema.SET_ASIDE),
        account=schema.check(balanced, schema.ACCOUNT),
        ignored=tuple(sorted((*found.ignored, *strangers))),
    )


def _read_all(found: Found) -> tuple[list[Reading], list[str]]:
    """Read the members side by side; return them, and in words the JSON that was no answer."""

    def read_one(member: Member) -> Batch | None:
        if member.name:
            data = found.archives[member.label].read(member.name)
        else:
            data = read_plain(member.path, member.label)
        if member.month is None:
            return read_answer(data, file=member.file)
        return read_street(data, file=member.file, month=member.month)

    threads = min(_THREADS_MAX, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads) as pool:
        batches = list(pool.map(read_one, found.members))
    pairs = list(zip(found.members, batches, strict=True))
    readings = [Reading(member, batch) for member, batch in pairs if batch is not None]
    return readings, _strangers([member for member, batch in pairs if batch is None], readings)


def _strangers(members: Sequence[Member], readings: Sequence[Reading]) -> list[str]:
    """Say in words which JSON was no answer; refuse a file given by name that had nothing else."""
    useful = {reading.member.label for reading in readings}
    for member in members:
        if member.is_given and member.label not in useful:
            raise InputError(
                f"{member.label} holds JSON, but no answer of crimes-street, which is an array of "
                "records with category, location and month. Take it out of police_uk.files."
            )
    found = Counter(member.label for member in members)
    return [f"{label}: {n:,} JSON, no answer of crimes-street" for label, n in found.items()]
