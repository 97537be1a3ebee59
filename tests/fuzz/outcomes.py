"""What reading a damaged file may come to: an exact account, or a message that helps."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fuzz.brought import BROUGHT
from fuzz.from_web import HOST, read_web
from fuzz.mutate import Chance
from hotspots import settings, store
from hotspots.errors import DataMissingError, HotspotsError
from hotspots.pipeline.check import check
from hotspots.pipeline.understand import KINDS
from hotspots.schema import COUNTS, POINTS
from hotspots.sources import boundaries, deprivation, lighting, places, police_uk
from hotspots.store import RawStore

LONGEST_MESSAGE = 2_000
LETTERS_OF_AN_ID = 8
_CRIME_ID = re.compile(r"(?=\d*[a-f])[0-9a-f]{40,}", re.IGNORECASE)
_PARTS = ("kept", "unlocated", "excluded", "duplicate", "quarantined")
_VERDICTS = ("accept", "repair", "quarantine", "refuse")

Read = Callable[[Path, Chance], bool]
"""Reads a file; says whether it was used, raises a HotspotsError or the promise it breaks."""


class BrokenPromiseError(Exception):
    """What was made of a file is not what may be made of one."""


def holds(fact: object, words: str) -> None:
    """Make sure of a promise."""
    if not fact:
        raise BrokenPromiseError(words)


def has_crime_id(text: str) -> bool:
    """Say whether a text holds what may be a Crime ID; a few letters again and again are none."""
    return any(len(set(found.lower())) >= LETTERS_OF_AN_ID for found in _CRIME_ID.findall(text))


def is_plain(message: str, path: Path | None, *, may_hold_ids: bool = False) -> None:
    """Make sure that a message is one: it names the file, is not endless, and gives no id away."""
    holds(message.strip(), "the message is empty")
    n_parts = 1 + message.count("\n")  # settings tell every fault, one a line
    holds(len(message) <= LONGEST_MESSAGE * n_parts, f"the message has {len(message):,} letters")
    holds(path is None or path.name in message, f"the message names no file: {message}")
    holds(may_hold_ids or not has_crime_id(message), f"the message holds a Crime ID: {message}")


def read_checked(path: Path, chance: Chance) -> bool:
    """Read as ``hotspots check`` does, mostly without being told what the file is."""
    told = chance.choice((None, None, None, chance.choice(KINDS)))
    (record,) = check(path, kind=told)
    rows = record.rows
    holds(rows["in"] == sum(rows[part] for part in _PARTS), f"the account is {rows}")
    holds(min(rows.values()) >= 0, f"the account is {rows}")
    holds(record.verdict in _VERDICTS, record.verdict)
    is_used = record.verdict != "refuse"
    holds(is_used or record.problems, "refused without a reason")
    holds(is_used or not rows["in"], "refused with rows")
    for problem in record.problems:
        for part in ("reason", "fix"):
            holds(problem[part], f"a problem without {part}")
            is_plain(problem[part], None)
        holds(not has_crime_id(problem["found"] or ""), "a problem holds a Crime ID")
    n_aside = sum(n for _, _, n in record.dropped)
    holds(n_aside == rows["in"] - rows["kept"], f"{n_aside} rows are said to be dropped: {rows}")
    for repair in record.repairs:
        holds(repair["count"] >= 0, f"a repair of {repair['count']}")
    return is_used


def read_police(path: Path, chance: Chance) -> bool:
    """Read as a refresh reads police.uk files."""
    found = police_uk.read([path], force=chance.choice((None, "lancashire")))
    _is_exact(found.account, found.set_aside)
    kept = int(found.account["kept"].sum())
    holds(len(found.records) == kept, f"{len(found.records)} records, {kept} kept")
    holds(found.incident_ids().is_unique, "two records of one id")
    return True


def read_lighting(path: Path, _: Chance) -> bool:
    """Read as a refresh reads street lights."""
    found = lighting.read(path, authority="Anytown", columns={})
    _is_exact(found.account, found.set_aside)
    holds(len(found.table) == int(found.account["kept"].sum()), "the lamps are not those kept")
    return True


def read_places(path: Path, _: Chance) -> bool:
    """Read as a refresh reads places."""
    found = places.read(path, kind="pub", columns=None)
    _is_exact(found.account, found.set_aside)
    holds(len(found.table) == int(found.account["kept"].sum()), "the places are not those kept")
    return True


def read_areas(path: Path, _: Chance) -> bool:
    """Read as a refresh reads boundaries."""
    found = boundaries.read(path, level="district", code="LAD24CD", name="LAD24NM")
    _is_exact(found.account, found.set_aside)
    holds(len(found.table), "no areas")
    return True


def read_deprivation(path: Path, _: Chance) -> bool:
    """Read as a refresh reads the Indices of Deprivation."""
    found = deprivation.read(path)
    _is_exact(found.account, found.set_aside)
    return True


def read_settings(path: Path, _: Chance) -> bool:
    """Read settings, and look for what they name."""
    found = settings.load(path)
    holds(settings.explain(path), "nothing is explained")
    settings.allowed_hosts(found)
    with contextlib.suppress(DataMissingError):  # none of the files it names is here
        settings.police_files(found)
    return True


def read_force(path: Path, _: Chance) -> bool:
    """Find a force by what somebody typed."""
    try:
        settings.catalogue.force(path.read_bytes().decode("utf-8", "replace"))
    except HotspotsError as error:
        is_plain(str(error), None, may_hold_ids=True)  # what was typed is shown again
        return False
    return True


def read_stored(path: Path, _: Chance) -> bool:
    """Read what a run noted for the next one; damage is as if nothing had been noted."""
    raw = RawStore(path.parent / "raw")
    raw.note("x", {})
    (note,) = (path.parent / "raw" / ".notes").iterdir()
    note.write_bytes(path.read_bytes())
    found = raw.noted("x")
    store.read_json(path)
    return found is not None


def read_raw(path: Path, chance: Chance) -> bool:
    """Read the record of a raw file, kept or left behind by a kill."""
    name = "2024-01-anytown-01-0123456789ab.zip"
    folder = path.parent / "raw"
    place = folder / chance.choice(("police_uk", ".drafts"))
    place.mkdir(parents=True)
    (place / f"{name}.origin.json").write_bytes(path.read_bytes())
    (folder / "police_uk").mkdir(exist_ok=True)
    (folder / "police_uk" / name).write_bytes(b"x")
    try:
        raw = RawStore(folder)
        for file in raw.files("police_uk"):
            holds(file.path.parent == folder / "police_uk", f"a raw file at {file.path}")
        raw.newest("police_uk", "2024-01-anytown")
        raw.require_whole()
    except HotspotsError as error:
        is_plain(str(error), folder / "police_uk" / name, may_hold_ids=True)  # a hash is none
        return False
    return True


def read_table(path: Path, _: Chance) -> bool:
    """Read a table of an earlier run."""
    found = {each.name: each for each in (COUNTS, POINTS)}[path.stem]
    store.read_table(found, path.parent)
    return True


def read_brought(name: str) -> Read:
    """Return what reads a file that a partnership brings along, its account held to be exact."""

    def read(path: Path, chance: Chance) -> bool:
        found = BROUGHT[name](path, chance)
        if found is not None:
            _is_exact(found.account, found.set_aside)
        return True

    return read


def _is_exact(account: Any, set_aside: Any) -> None:  # noqa: ANN401 - pandas tables
    parts = account[list(_PARTS)].sum(axis=1)
    holds((parts == account["rows_in"]).all(), f"the account is {account.to_dict('records')}")
    for status in _PARTS[1:]:
        n = int((set_aside["status"] == status).sum())
        told = int(account[status].sum())
        holds(n == told, f"{n} rows are set aside as {status}, {told} in the account")


READERS: Mapping[str, Read] = {
    "check": read_checked,
    "police": read_police,
    "lighting": read_lighting,
    "places": read_places,
    "areas": read_areas,
    "deprivation": read_deprivation,
    "settings": read_settings,
    "force": read_force,
    "stored": read_stored,
    "raw": read_raw,
    "table": read_table,
    "web": read_web,
    **{name: read_brought(name) for name in BROUGHT},
}


def try_to_read(reader: str, path: Path, chance: Chance) -> bool:
    """
    Read a file, and say whether it was used rather than refused.

    Raises
    ------
    Exception
        Whatever a reader may not raise, and ``BrokenPromiseError``.
    """
    before = path.read_bytes()
    try:
        is_used = READERS[reader](path, chance)
    except HotspotsError as error:
        # What comes from the network is named by its address.
        is_plain(str(error), None if HOST in str(error) else path)
        is_used = False
    holds(path.read_bytes() == before, "the input file was changed")
    return is_used
