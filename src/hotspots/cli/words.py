"""What commands found, laid out for people to read and as plain values for JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hotspots.pipeline import Outcome
    from hotspots.pipeline.check import Record

VERDICTS = {
    "accept": "can be used as it is",
    "repair": "can be used; something is put right on the way",
    "quarantine": "can be used but for the rows named below",
    "refuse": "refused",
}
"""What each verdict on a file means."""


def outcome_record(outcome: Outcome) -> dict[str, object]:
    """Give an outcome as plain values for JSON."""
    account = outcome.account
    return {
        "area_id": outcome.area_id,
        "is_new": outcome.is_new,
        "maps_folder": str(outcome.maps_folder),
        "to_open": [str(path) for path in outcome.to_open],
        "rows": outcome.rows_by_file().loc["total"].to_dict(),
        "account": json.loads(account.to_json(orient="records")),
        "hotspots": dict(outcome.hotspots),
        "notes": list(outcome.notes),
        "not_refreshed": list(outcome.not_refreshed),
    }


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """Give an outcome as lines for a person to read."""
    if outcome.is_new:
        yield f"New maps of {outcome.area_id} in {outcome.maps_folder}"
    else:
        yield f"Nothing new for {outcome.area_id}: nothing was done."
    if len(outcome.account):
        by_file = outcome.rows_by_file()
        rows = [(str(file), *map(_thousands, counts)) for file, *counts in by_file.itertuples()]
        yield "\nRows (in = kept + unlocated + excluded + duplicate + quarantined)"
        yield aligned([("file", *by_file.columns), *rows], numbers=True)
    if outcome.hotspots:
        yield "\nHotspots"
        counts = [(group, _thousands(n)) for group, n in outcome.hotspots.items()]
        yield aligned(counts, numbers=True)
    if outcome.notes:
        yield "\nNotes"
        yield from (f"  {note}" for note in outcome.notes)
    if outcome.to_open:
        yield "\nOpen"
        yield from (f"  {path.resolve().as_uri()}" for path in outcome.to_open)


def check_lines(record: Record) -> Iterator[str]:
    """Give what was found of one file as lines for a person to read."""
    kind = "" if record.kind == "unknown" else f"{record.kind}, "
    yield f"{record.file}: {kind}{VERDICTS[record.verdict]}"
    if record.verdict == "refuse":
        yield from (f"  {problem['reason']} {problem['fix']}" for problem in record.problems)
        return
    yield "\nRows (in = kept + unlocated + excluded + duplicate + quarantined)"
    yield aligned([tuple(record.rows), tuple(map(_thousands, record.rows.values()))])
    if record.columns:
        yield "\nColumns"
        table = [(column["name"], column["found"], column["sure"]) for column in record.columns]
        yield aligned([("here", "in the file", "how sure"), *table])
    if record.repairs:
        yield "\nPut right"
        yield aligned((_thousands(each["count"]), each["what"]) for each in record.repairs)
    if record.dropped:
        yield "\nNot used"
        yield aligned((_thousands(n), status, reason) for status, reason, n in record.dropped)
        yield from (f"  {words}" for words in _examples(record))
        yield "  --json lists the first rows of each reason"
    if record.warnings:
        yield "\nLook at"
        yield from (f"  {warning}" for warning in record.warnings)
    if record.settings:
        yield "\nTo use it, paste this into the settings (paths count from the settings file)"
        yield from (f"  {line}" for line in record.settings)


def _examples(record: Record) -> Iterator[str]:
    """Give the first row for each reason, so that a person can look at it."""
    for problem in record.examples:
        where = f", column {problem['column']!r}" if problem["column"] else ""
        found = "" if problem["found"] is None else f": found {problem['found']!r}"
        reason = problem["reason"].removesuffix(f" ({record.row_is} {problem['line']})")
        yield f"for example {record.row_is} {problem['line']}{where}{found}; {reason}"


def _thousands(n: int) -> str:
    return f"{n:,}"


def plain(value: object) -> str:
    """Write a setting's value as the settings file would."""
    return "not set" if value is None else json.dumps(value, ensure_ascii=False)


def aligned(rows: Iterable[Sequence[str]], *, numbers: bool = False) -> str:
    """Lay rows out in columns; all but the first are flush right if they are ``numbers``."""
    table = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if numbers and column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in table
    )
    return "\n".join(f"  {line}".rstrip() for line in lines)
