"""
The account of rows against one worked out by hand from how each row was made.

Files are put together of rows whose fate is known; what is expected of them is counted here, row
by row and in plain Python, by the written rules and not by the code that is tested.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.errors import InputError
from hotspots.sources import lighting
from hotspots.sources.police_uk import PoliceRecords, read

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
FORCE = "cumbria"
PARTS = ("kept", "unlocated", "excluded", "duplicate", "quarantined")
MONTHS = ("2025-01", "2025-02")
ASB = "Anti-social behaviour"


# police.uk --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """
    A line of a street CSV and what it is by itself.

    ``fate`` is ``located``, ``unlocated``, ``excluded``, ``quarantined`` or ``blank``; a
    located or unlocated one with a ``crime_id`` may yet turn out to be a duplicate.
    """

    data: bytes
    fate: str
    crime_id: str = ""
    crime_type: str = ""


@dataclass(frozen=True)
class Publication:
    """A zip: its name, the lines of each month in it, and how they end."""

    name: str
    months: dict[str, list[Line]]
    ends: tuple[bytes, ...]
    is_ended: bool


@dataclass(frozen=True)
class Row:
    """A row on its way through the rules."""

    place: tuple[int, str, int]  # publication, month, line
    line: Line


def crime(crime_id: str, crime_type: str, **other: str) -> bytes:
    """Write a row; ``other`` replaces columns by their names without blanks."""
    columns = {
        "id": crime_id, "month": "", "by": "Cumbria Constabulary",
        "within": "Cumbria Constabulary", "longitude": "-2.7", "latitude": "54.6",
        "location": "On or near Quay Street", "lsoa": "E01019083", "name": "Eden 001A",
        "type": crime_type, "outcome": "", "context": "",
    }  # fmt: skip
    return ",".join((columns | other).values()).encode()


ids = st.integers(1, 6).map(lambda number: f"{number:064x}")
crime_types = st.sampled_from(["Burglary", "Robbery"])


@st.composite
def lines(draw: st.DrawFn, month: str) -> Line:
    """Draw a line of any fate."""
    crime_id, crime_type = draw(ids), draw(crime_types)

    def made(fate: str, **other: str) -> Line:
        data = crime(crime_id, crime_type, **({"month": month} | other))
        return Line(data, fate, crime_id, crime_type)

    whole = crime(crime_id, crime_type, month=month)
    return draw(
        st.sampled_from(
            [
                made("located"),
                made("located", longitude=" -2.7 ", location='"Quay Street, ""The"" Hard"'),
                made("unlocated", longitude="", latitude=""),
                Line(crime("", ASB, month=month), "located"),
                Line(crime("", ASB, month=month, longitude="", latitude=""), "unlocated"),
                Line(crime("", "Drugs", month=month), "located"),
                made("excluded", by="British Transport Police", within="British Transport Police"),
                made("excluded", within="Kent Police"),
                made("quarantined", month="2024-12"),
                made("quarantined", month="Jan-25"),
                made("quarantined", month=""),
                made("quarantined", type="Witchcraft"),
                made("quarantined", type=""),
                made("quarantined", longitude=""),
                made("quarantined", longitude="54.6", latitude="-2.7"),
                made("quarantined", longitude="nowhere"),
                made("quarantined", longitude="0", latitude="0"),
                made("quarantined", id="1.2E+63"),
                made("quarantined", by="British Transport Police", month="2024-12"),
                Line(whole + b",", "quarantined"),
                Line(whole.rpartition(b",")[0], "quarantined"),
                Line(whole + b'"', "quarantined"),
                Line(whole.replace(b"Quay", b'"Quay'), "quarantined"),
                Line(whole.replace(b"Quay", b"Qu\xe4y"), "located", crime_id, crime_type),
                Line(whole.replace(b"Quay", b"Qu\x81y"), "quarantined"),
                Line(whole.replace(b"Quay", b"Qu\x00y"), "quarantined"),
                Line(HEADER.encode(), "quarantined"),
                Line(b"", "blank"),
            ]
        )
    )


@st.composite
def publications(draw: st.DrawFn) -> list[Publication]:
    """Draw one to three publications of overlapping months."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        chosen = draw(st.sets(st.sampled_from(MONTHS), min_size=1))
        found.append(
            Publication(
                f"2025-0{4 + number}.zip",
                {month: draw(st.lists(lines(month), max_size=20)) for month in sorted(chosen)},
                draw(st.sampled_from([(b"\n",), (b"\r\n",), (b"\r",), (b"\n", b"\r\n")])),
                draw(st.booleans()),
            )
        )
    return found


def csv_bytes(publication: Publication, month: str) -> bytes:
    """Write the lines of a month with their ends, the last one perhaps without."""
    ends = publication.ends
    held = [HEADER.encode(), *(line.data for line in publication.months[month])]
    text = b"".join(line + ends[at % len(ends)] for at, line in enumerate(held))
    last = ends[(len(held) - 1) % len(ends)]
    return text if publication.is_ended else text.removesuffix(last)


def write_zips(folder: Path, held: Sequence[Publication]) -> list[Path]:
    """Write the publications as zips, as police.uk does."""
    paths = []
    for publication in held:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for month in publication.months:
                name = f"{month}/{month}-{FORCE}-street.csv"
                archive.writestr(name, csv_bytes(publication, month))
        paths.append(folder / publication.name)
        paths[-1].write_bytes(whole.getvalue())
    return paths


def expected_fates(held: Sequence[Publication]) -> dict[tuple[int, str, int], str]:
    """Work out the fate of each row, by where it stands."""
    newest = {month: number for number, each in enumerate(held) for month in each.months}
    fates: dict[tuple[int, str, int], str] = {}
    by_id: dict[str, list[Row]] = {}
    for number, publication in enumerate(held):
        for month, found in publication.months.items():
            for at, line in enumerate(found, start=2):
                row = Row((number, month, at), line)
                if line.fate == "blank":
                    continue
                if newest[month] != number:
                    fates[row.place] = "duplicate"
                    continue
                fates[row.place] = "kept" if line.fate == "located" else line.fate
                if line.crime_id and line.fate in {"located", "unlocated"}:
                    by_id.setdefault(line.crime_id, []).append(row)
    for rows in by_id.values():
        holds = max(row.place[:2] for row in rows)
        last = {row.line.crime_type: row.place for row in rows if row.place[:2] == holds}
        for row in rows:
            if row.place != last.get(row.line.crime_type):
                fates[row.place] = "duplicate"
    return fates


def member(place: tuple[int, str, int]) -> tuple[str, str]:
    number, month, _ = place
    return f"2025-0{4 + number}.zip", f"{month}/{month}-{FORCE}-street.csv"


def accounted(held: Sequence[Publication]) -> dict[tuple[str, str], dict[str, int]]:
    """Count the fates of each member, and the rows that went in."""
    counts = {
        member((number, month, 0)): dict.fromkeys(["rows_in", *PARTS], 0)
        for number, publication in enumerate(held)
        for month in publication.months
    }
    for place, fate in expected_fates(held).items():
        counts[member(place)][fate] += 1
        counts[member(place)]["rows_in"] += 1
    return counts


def account_of(found: PoliceRecords) -> dict[tuple[str, str], dict[str, int]]:
    """Give the account as the oracle does."""
    return {
        (row["file"], row["member"]): {name: row[name] for name in ("rows_in", *PARTS)}
        for row in found.account.to_dict("records")
    }


@contextmanager
def folder(name: str = "files") -> Iterator[Path]:
    """Give a new folder to each example."""
    with tempfile.TemporaryDirectory() as base:
        made = Path(base) / name
        made.mkdir()
        yield made


@settings(max_examples=100, deadline=None)
@given(publications())
def test_account_of_street_files_is_that_of_an_oracle(held: list[Publication]) -> None:
    with folder() as here:
        found = read(write_zips(here, held), force=FORCE)
    assert account_of(found) == accounted(held)
    assert (found.account["rows_in"] == found.account[list(PARTS)].sum(axis=1)).all()
    aside = {
        (*member(place), place[2], fate)
        for place, fate in expected_fates(held).items()
        if fate != "kept"
    }
    told = {
        (*str(file).split("/", 1), line, status)
        for file, line, status in found.set_aside[["file", "line", "status"]].itertuples(
            index=False
        )
    }
    assert told == aside
    assert len(found.set_aside) == len(aside)
    assert len(found.records) == found.account["kept"].sum()


@settings(max_examples=25, deadline=None)
@given(publications(), st.randoms(use_true_random=False))
def test_order_and_place_of_files_change_nothing(held: list[Publication], chance: object) -> None:
    with folder() as here, folder("other ordner") as there:
        paths = write_zips(here, held)
        first = read(paths, force=FORCE)
        again = write_zips(there, held)
        chance.shuffle(again)  # type: ignore[attr-defined]
        second = read(again, force=FORCE)
    for name in ("records", "set_aside", "account", "revisions"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))


# Street lights ----------------------------------------------------------------------------------

LAMP_HEADER = "asset_id,unit_type,easting,northing,road_name"


@st.composite
def registers(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Draw rows of a register, each with its fate; ``lamp`` is kept unless it comes again."""
    n = draw(st.integers(1, 30))
    lamps = [
        (f"L{number},Street Light,{353_000 + 10 * number},{429_000 + 7 * number},Mill Lane", "lamp")
        for number in range(n)
    ]
    odd = st.sampled_from(
        [
            lamps[0],
            ("L0,Street Light,353500,429500,Mill Lane", "lamp"),
            ('L1,Street Light,353501,429501,"Mill Lane, North"', "lamp"),
            ('L2,Lamp column,353502,429502,"Mill ""Old"" Lane"', "lamp"),
            (",Street Light,353503,429503,", "lamp"),
            ("S1,Illuminated sign,353500,429500,Mill Lane", "excluded"),
            ("S2,Bollard,,,Mill Lane", "excluded"),
            (",,,,", "excluded"),
            ("L3,Street Light,,,Mill Lane", "quarantined"),
            ("L3,Street Light,0,0,Mill Lane", "quarantined"),
            ("L3,Street Light,353000,,Mill Lane", "quarantined"),
            ("L3,Street Light,353000,north,Mill Lane", "quarantined"),
            ("L3,Street Light,9999999,9999999,Mill Lane", "quarantined"),
            ("L3,Street Light,353000", "quarantined"),
            ("L3,Street Light,353000,429000,Mill Lane,more", "quarantined"),
            (LAMP_HEADER, "quarantined"),
            ("", "blank"),
        ]
    )
    return draw(st.permutations([*lamps, *draw(st.lists(odd, max_size=n))]))


@settings(max_examples=40, deadline=None)
@given(registers(), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_account_of_street_lights_is_that_of_an_oracle(
    rows: list[tuple[str, str]],
    end: str,
    is_marked: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    seen: set[str] = set()
    fates = {}
    for line, (text, fate) in enumerate(rows, start=2):
        has_id = not text.startswith(",")
        if fate == "lamp":
            fates[line] = "duplicate" if text in seen and has_id else "kept"
            seen.add(text)
        elif fate != "blank":
            fates[line] = fate
    text = "".join(each + end for each in (LAMP_HEADER, *(row for row, _ in rows)))
    with folder() as here:
        path = here / "lights.csv"
        path.write_bytes(text.encode("utf-8-sig" if is_marked else "utf-8"))
        found = lighting.read(path, authority="Anytown", columns={})
    (account,) = found.account.to_dict("records")
    counts = Counter(fates.values())
    assert {name: account[name] for name in PARTS} == {name: counts[name] for name in PARTS}
    assert account["rows_in"] == len(fates)
    told = dict(zip(found.set_aside["line"], found.set_aside["status"], strict=True))
    assert told == {line: fate for line, fate in fates.items() if fate != "kept"}
    assert len(found.table) == counts["kept"]
    assert found.table["lamp_id"].is_unique


def test_register_of_no_lamps_is_refused_not_accounted() -> None:
    with folder() as here:
        path = here / "lights.csv"
        path.write_text(f"{LAMP_HEADER}\nS1,Bollard,353500,429500,Mill Lane\n")
        try:
            lighting.read(path, authority="Anytown", columns={})
        except InputError as error:
            assert "Bollard" in str(error)  # noqa: PT017 - one file, no fixture
        else:
            raise AssertionError
