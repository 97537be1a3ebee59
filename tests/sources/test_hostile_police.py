"""Police files that are odd, damaged or meant to do harm, each in its right class."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import shapely

from hotspots.errors import InputError
from hotspots.pipeline.check import check
from hotspots.pipeline.understood import ROWS
from hotspots.sources.layer import Given
from hotspots.sources.police_uk import read
from hotspots.sources.police_uk.forces import BTP, IDS, force_id, is_of
from hotspots.sources.police_uk.headers import kind_of_head

if TYPE_CHECKING:
    from pathlib import Path

NAME = "2024-01-anytown-street.csv"
HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
OUTCOMES = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Outcome type"
)
SEARCHES = "Type,Date,Part of a policing operation,Latitude,Longitude,Gender,Object of search"
ASB = "Anti-social behaviour"


def crime(number: int = 1, **other: str) -> str:
    """One line; ``number`` makes its Crime ID."""
    fields = {
        "crime_id": f"{number:064x}",
        "month": "2024-01",
        "reported_by": "Anytown Police",
        "falls_within": other.get("reported_by", "Anytown Police"),
        "longitude": "-2.700000",
        "latitude": "53.760000",
        "location": "On or near High Street",
        "lsoa_code": "E01012571",
        "lsoa_name": "Anytown 001A",
        "crime_type": "Burglary",
        "outcome": "Under investigation",
        "context": "",
    }
    return ",".join((fields | other).values())


def asb(**other: str) -> str:
    return crime(0, **({"crime_id": "", "outcome": "", "crime_type": ASB} | other))


def street(*rows: str, header: str = HEADER, end: str = "\n") -> bytes:
    return "".join(row + end for row in (header, *rows)).encode()


def answer(*records: Any) -> bytes:  # noqa: ANN401 - any JSON
    return json.dumps(records).encode()


def record(number: int = 1, **other: object) -> dict[str, object]:
    location = {"latitude": "53.76", "longitude": "-2.7", "street": {"id": 1, "name": "High St"}}
    found = {"category": "burglary", "location_type": "Force", "location": location, "id": number}
    return found | {"persistent_id": f"{number:064x}", "month": "2024-01", **other}


def place(latitude: object, longitude: object) -> dict[str, object]:
    return {"latitude": latitude, "longitude": longitude, "street": {"id": 1, "name": "A"}}


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


class Case(NamedTuple):
    """A file, and what is to become of it and its rows."""

    title: str
    data: bytes
    verdict: str
    rows: tuple[int, int, int, int, int, int] = (0, 0, 0, 0, 0, 0)
    name: str = NAME
    says: str = ""
    repaired: int = 0


GOOD = (crime(1), crime(2), asb())
KEPT = (3, 3, 0, 0, 0, 0)
ONE_BAD = (4, 3, 0, 0, 0, 1)
ONE = (1, 1, 0, 0, 0, 0)
ONE_MORE = (4, 4, 0, 0, 0, 0)
EMPTY = NAME.replace("01", "02")
PADDED = {
    "Crime ID": " " + crime(3),
    "Month": crime(3, month="2024-01 "),
    "the force": crime(3, reported_by="Anytown Police "),
    "Falls within": crime(3, falls_within=" Anytown Police"),
    "Longitude": crime(3, longitude=" -2.7"),
    "Latitude": crime(3, latitude="53.7\u00a0"),
    "LSOA code": crime(3, lsoa_code=" E01012571"),
    "Crime type": crime(3, crime_type="Burglary "),
}
OTHER_FORCE = crime(3, falls_within="Nextown Police")
OLD_TYPES = (crime(1, crime_type="Violent crime"), crime(2))

CASES = (
    # What is sound, or says the same in another form
    Case("clean", street(*GOOD), "accept", KEPT),
    Case("byte order mark", b"\xef\xbb\xbf" + street(*GOOD), "accept", KEPT),
    Case("windows line ends", street(*GOOD, end="\r\n"), "accept", KEPT),
    Case("old mac line ends", street(*GOOD, end="\r"), "accept", KEPT),
    Case("mixed line ends", street(*GOOD).replace(b"\n", b"\r\n", 2), "accept", KEPT),
    Case("no end on the last line", street(*GOOD)[:-1], "accept", KEPT),
    Case("the end mark of DOS", street(*GOOD) + b"\x1a", "accept", KEPT),
    Case("blank lines", street(crime(1), "", crime(2), "", ""), "accept", (2, 2, 0, 0, 0, 0)),
    Case("heading only", street(), "accept", says="holds no rows"),
    Case(
        "a new column",
        street(*(row + ",x" for row in GOOD), header=HEADER + ",Severity"),
        "accept",
        KEPT,
        says="new columns, which are not read: 'Severity'",
    ),
    Case(
        "columns in another order",
        street(
            *(",".join(reversed(row.split(","))) for row in GOOD),
            header=",".join(reversed(HEADER.split(","))),
        ),
        "accept",
        KEPT,
    ),
    Case("headings in capitals", street(*GOOD, header=HEADER.upper()), "accept", KEPT),
    Case(
        "every value in quotation marks",
        street(*(",".join(f'"{value}"' for value in row.split(",")) for row in GOOD)),
        "accept",
        KEPT,
    ),
    Case("gzipped", gzip.compress(street(*GOOD), mtime=0), "accept", KEPT, NAME + ".gz"),
    Case("gzipped without saying so", gzip.compress(street(*GOOD), mtime=0), "accept", KEPT),
    Case("a name in capitals", street(*GOOD), "accept", KEPT, NAME.upper(), '"warnings": []'),
    Case("another name", street(*GOOD), "accept", KEPT, "lancs june.csv", "2024-01 of anytown"),
    Case("another ending", street(*GOOD), "accept", KEPT, "crimes.txt", "2024-01 of anytown"),
    Case(
        "two months in one file",
        street(*GOOD, crime(3, month="2024-02")),
        "accept",
        (4, 4, 0, 0, 0, 0),
        "pasted.csv",
        "2024-01 of anytown, 2024-02 of anytown",
    ),
    Case(
        "another name in a zip",
        zipped({"a/june.csv": street(*GOOD), "a/README.txt": b"words"}),
        "accept",
        KEPT,
        "june.zip",
        "2024-01 of anytown",
    ),
    Case(
        "a zip as published",
        zipped({f"2024-01/{NAME}": street(*GOOD), "2024-01/2024-01-anytown-outcomes.csv": b""}),
        "accept",
        KEPT,
        "2024-01.zip",
        "1 outcomes file",
    ),
    # Rows that count elsewhere
    Case("equal rows of ASB", street(asb(), asb(), asb()), "accept", KEPT),
    Case("ASB with an id", street(asb(crime_id="b" * 64)), "accept", (1, 1, 0, 0, 0, 0)),
    Case("the same Crime ID again", street(crime(1), crime(1)), "accept", (2, 1, 0, 0, 1, 0)),
    Case(
        "no coordinates",
        street(*GOOD, crime(3, longitude="", latitude="", location="No Location")),
        "accept",
        (4, 3, 1, 0, 0, 0),
    ),
    Case(
        "British Transport Police",
        street(*GOOD, crime(3, reported_by="British Transport Police")),
        "accept",
        (4, 3, 0, 1, 0, 0),
    ),
    Case("another force", street(*GOOD, OTHER_FORCE), "accept", (4, 3, 0, 1, 0, 0)),
    Case(
        "all of another force than the name says",
        street(crime(1, reported_by="Kent Police"), crime(2, reported_by="Kent Police")),
        "accept",
        (2, 0, 0, 2, 0, 0),
        "2024-01-essex-street.csv",
    ),
    Case(
        "a crime without an id",
        street(*GOOD, crime(crime_id="")),
        "accept",
        (4, 4, 0, 0, 0, 0),
        says="1 crime without a Crime ID",
    ),
    Case(
        "a Crime ID cut short",
        street(*GOOD, crime(crime_id="ab12")),
        "accept",
        (4, 4, 0, 0, 0, 0),
        says="1 crime with a Crime ID that has not the usual 64 letters",
    ),
    # What is put right
    Case(
        "semicolons",
        street(*GOOD).replace(b",", b";"),
        "repair",
        KEPT,
        says="rows parted by semicolons",
        repaired=3,
    ),
    Case("tabs", street(*GOOD).replace(b",", b"\t"), "repair", KEPT, "a.csv", "rows parted by", 3),
    Case(
        "bars",
        street(*GOOD).replace(b",", b"|"),
        "repair",
        KEPT,
        says="rows parted by bars",
        repaired=3,
    ),
    Case(
        "UTF-16",
        street(*GOOD).decode().encode("utf-16"),
        "repair",
        KEPT,
        says="rows of UTF-16",
        repaired=3,
    ),
    Case(
        "UTF-16, another name",
        street(*GOOD).decode().encode("utf-16"),
        "repair",
        KEPT,
        "u.csv",
        repaired=3,
    ),
    Case(
        "a type's old name",
        street(*OLD_TYPES),
        "repair",
        (2, 2, 0, 0, 0, 0),
        says="row of the type 'Violent crime', read as 'Violence and sexual offences'",
        repaired=1,
    ),
    Case(
        "types in capitals",
        street(crime(1, crime_type="BURGLARY"), crime(2)),
        "repair",
        (2, 2, 0, 0, 0, 0),
        says="row of the type 'BURGLARY'",
        repaired=1,
    ),
    *(
        Case(
            f"blanks around {column}",
            street(*GOOD, PADDED[column]),
            "repair",
            ONE_MORE,
            says="blanks around values",
            repaired=1,
        )
        for column in PADDED
    ),
    Case(
        "blanks around every value",
        street(*(re.sub("(^|,)([^,]+)", r"\1 \2 ", row) for row in GOOD)),
        "repair",
        KEPT,
        says="rows with blanks around values",
        repaired=3,
    ),
    Case("no blanks but in the place", street(crime(location="On or near ")), "accept", ONE),
    Case(
        "a line break in quotation marks",
        street(*GOOD, crime(3, location='"On or near, the\n\nHigh ""Street"""')),
        "repair",
        ONE_MORE,
        says="row with a line break in quotation marks",
        repaired=1,
    ),
    Case(
        "a line break in quotation marks at the very end",
        street(*GOOD, crime(3, context='"a\nb"'), end="\r\n")[:-2],
        "repair",
        ONE_MORE,
        repaired=1,
    ),
    Case(
        "a line break in quotation marks, in a row that cannot be used",
        street(*GOOD, crime(3, location='"a\nb"', month="x")),
        "quarantine",
        ONE_BAD,
    ),
    Case(
        "Windows-1252",
        street(*GOOD, crime(3, location="Château")).decode().encode("cp1252"),
        "repair",
        ONE_MORE,
        says="row of Windows-1252 text",
        repaired=1,
    ),
    # What is kept, and doubtful
    Case(
        "a month to come",
        street(asb(month="2099-01")),
        "accept",
        ONE,
        "2099-01-anytown-street.csv",
        "2099-01 lies in the future",
    ),
    Case("a small number with a power", street(crime(longitude="-5.1e-05")), "accept", ONE),
    Case("a whole number with a power", street(crime(longitude="-2.70123E+00")), "accept", ONE),
    Case("a strange LSOA code", street(crime(lsoa_code="E0101")), "accept", ONE, says="LSOA code"),
    Case("no force", street(*GOOD, crime(3, falls_within="")), "accept", ONE_MORE, says="no force"),
    Case(
        "pasted twice",
        street(*GOOD, *GOOD),
        "accept",
        (6, 4, 0, 0, 2, 0),
        says="2 of 2 Crime IDs come again in the same file",
    ),
    Case(
        "a month without rows among others",
        zipped({NAME: street(*GOOD), EMPTY: street()}),
        "accept",
        KEPT,
        "a.zip",
        "no rows, only a heading, for anytown in 2024-02",
    ),
    Case(
        "a zip beside good months",
        zipped({NAME: street(*GOOD), "older.zip": b"PK"}),
        "accept",
        KEPT,
        "a.zip",
        "older.zip, a zip inside the zip",
    ),
    Case(
        "headings without a name",
        street(*(row + ",," for row in GOOD), header=HEADER + ",,"),
        "accept",
        KEPT,
        says='"warnings": []',
    ),
    # Rows that cannot be used
    Case(
        "a member cut short",
        zipped({NAME: street(*GOOD, crime(3))[:-90]}),
        "quarantine",
        ONE_BAD,
        "a.zip",
        "most likely cut short",
    ),
    Case("the last line cut", street(*GOOD, crime(3)[:90])[:-1], "quarantine", ONE_BAD),
    Case("a line with a field more", street(*GOOD, crime(3) + ",x"), "quarantine", ONE_BAD),
    Case("a stray quotation mark", street(*GOOD, '"' + crime(3)), "quarantine", ONE_BAD),
    Case(
        "two lines that each lost a mark",
        street(crime(1), crime(2, location='"On'), crime(3, location='near"'), crime(4)),
        "quarantine",
        (4, 2, 0, 0, 0, 2),
    ),
    Case(
        "a quoted row over more lines than an address has",
        street(crime(1), crime(2, location='"a\nb\nc\nd\ne"')),
        "quarantine",
        (6, 1, 0, 0, 0, 5),
    ),
    Case("bytes of another encoding", street(*GOOD) + b"\xe9\xff\n", "quarantine", ONE_BAD),
    Case("bytes of no encoding", street(*GOOD) + b"\xe9\x81\n", "quarantine", ONE_BAD),
    *(
        Case(
            f"the longitude {x!r}, as a spreadsheet shows it",
            street(*GOOD, crime(3, longitude=x)),
            "quarantine",
            ONE_BAD,
            says="damaged by a spreadsheet",
        )
        for x in ("-2.7E+00", "-2.70E-01", " -3E+00", "-2e+0")
    ),
    Case(
        "a padded row of another month",
        street(*GOOD, crime(3, month=" 2024-02 ")),
        "quarantine",
        ONE_BAD,
    ),
    Case("a zero byte", street(*GOOD, crime(3, location="A\0B")), "quarantine", ONE_BAD),
    Case("the heading again", street(*GOOD, HEADER), "quarantine", ONE_BAD),
    Case("the heading again, other name", street(*GOOD, HEADER), "quarantine", ONE_BAD, "p.csv"),
    *(
        Case(f"the month {month!r}", street(*GOOD, crime(3, month=month)), "quarantine", ONE_BAD)
        for month in ("2024-02", "Jan-24", "01/01/2024", "2024-13", "2024-1", "")
    ),
    *(
        Case(
            f"the type {name!r}",
            street(*GOOD, crime(3, crime_type=name)),
            "quarantine",
            ONE_BAD,
            says=says,
        )
        for name, says in (
            ("Cyber crime", "new crime types, whose rows are not used: 'Cyber crime'"),
            ("Public disorder and weapons", ""),
            ("", ""),
        )
    ),
    *(
        Case(
            f"the coordinates {x!r}, {y!r}",
            street(*GOOD, crime(3, longitude=x, latitude=y)),
            "quarantine",
            ONE_BAD,
        )
        for x, y in (
            ("0", "0"),
            ("53.76", "-2.7"),
            ("-2.7", ""),
            ("", "53.76"),
            ("-2.7", "fifty"),
            ("-2.7x", "53.76"),
            ("nan", "inf"),
            ("353000", "429000"),
            ("2.7", "53.76W"),
        )
    ),
    Case(
        "a Crime ID that a spreadsheet damaged",
        street(*GOOD, crime(crime_id="1.2E+63")),
        "quarantine",
        ONE_BAD,
    ),
    Case(
        "decimal commas",
        street(*GOOD).replace(b",", b";").replace(b"53.76", b"53,76"),
        "quarantine",
        (3, 0, 0, 0, 0, 3),
        says="no row of the file would be on the map",
    ),
    # Files that cannot be used
    Case("empty", b"", "refuse", says="the file is empty"),
    Case("a column missing", street(header=HEADER.replace(",Latitude", "")), "refuse"),
    Case(
        "a column missing, other name",
        street(header=HEADER.replace(",Latitude", "")),
        "refuse",
        name="x.csv",
        says="no column Latitude",
    ),
    Case("a column there twice", street(header=HEADER + ",Month"), "refuse", says="there twice"),
    Case("a workbook", zipped({"[Content_Types].xml": b"", "_rels/.rels": b""}), "refuse"),
    Case("bytes that are no text", b"\x06\x16\x17\xff" * 99, "refuse", says="no text"),
    Case("a heading of nothing", street(header=""), "refuse"),
    Case("a web page", b"<!DOCTYPE html><html>503</html>", "refuse", says="found a web page"),
    Case("an error of the server", b'{"error": "no"}', "refuse", says="found JSON"),
    Case("outcomes as street", street(header=OUTCOMES), "refuse", says="columns of outcomes"),
    Case("searches as street", street(header=SEARCHES), "refuse", says="columns of stop-and"),
    Case(
        "outcomes",
        street(header=OUTCOMES),
        "refuse",
        name="2024-01-a-outcomes.csv",
        says="found 1 outcomes file",
    ),
    Case("outcomes, other name", street(header=OUTCOMES), "refuse", name="o.csv", says="outcomes"),
    Case("searches, other name", street(header=SEARCHES), "refuse", name="s.csv", says="stop-and"),
    Case("UTF-16 without a mark", street(*GOOD).decode().encode("utf-16-le"), "refuse"),
    Case("half of UTF-16", b"\xff\xfe" + b"a" * 7, "refuse", says="Save it as UTF-8"),
    Case("no heading", "\n".join(GOOD).encode(), "refuse", says="no column"),
    Case(
        "a gzip cut short", gzip.compress(street(*GOOD), mtime=0)[:-9], "refuse", says="cut short"
    ),
    Case("a gzip bomb", gzip.compress(bytes(2**22), mtime=0), "refuse", says="the limit is 100"),
    Case("zeros", bytes(5_000), "refuse", says="zero bytes"),
    # Answers of the API
    Case("an answer", answer(record(1), record(2)), "accept", (2, 2, 0, 0, 0, 0), "a.json"),
    Case("an answer, other ending", answer(record(1)), "accept", (1, 1, 0, 0, 0, 0), "a.txt"),
    Case("an answer without records", b"[]", "accept", name="a.json", says="holds no rows"),
    Case("the same id", answer(record(1), record(1)), "accept", (2, 1, 0, 0, 1, 0), "a.json"),
    Case("no place", answer(record(location=None)), "accept", (1, 0, 1, 0, 0, 0), "a.json"),
    *(
        Case(
            title,
            answer(record(1), bad),
            "quarantine",
            (2, 1, 0, 0, 0, 1),
            "a.json",
        )
        for title, bad in (
            ("a coordinate that is no number", record(2, location=place("NaN", "-2.7"))),
            ("a coordinate that is endless", record(2, location=place(float("inf"), "-2.7"))),
            ("half a place", record(2, location=place("53.76", None))),
            ("a place of another shape", record(2, location="here")),
            ("a list for a record", [1, 2]),
            ("no id", record(2, id=None)),
            ("a category of another kind", record(2, category=7)),
            ("half a letter", record(2, category="\ud800")),
            ("a new category", record(2, category="cyber-crime")),
            ("a month in words", record(2, month="January 2024")),
        )
    ),
    Case("an answer cut", answer(record(1))[:-9], "refuse", name="a.json", says="column"),
    Case("an error object", b'{"error": "busy"}', "refuse", name="a.json", says="error message"),
    Case("a page for an answer", b"<html>503</html>", "refuse", name="a.json"),
    Case("deep nesting", b"[" * 100_000, "refuse", name="a.json"),
)


@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_each_police_file_gets_its_class(tmp_path: Path, case: Case) -> None:
    path = tmp_path / case.name
    path.write_bytes(case.data)
    (found,) = check(path)
    assert (found.verdict, found.rows) == (case.verdict, dict(zip(ROWS, case.rows, strict=True)))
    assert sum(repair["count"] for repair in found.repairs) == case.repaired
    words = json.dumps(found.as_json(), ensure_ascii=False)
    assert case.says in words.replace("\\\\", "\\")
    if case.verdict == "refuse":
        assert all(problem["fix"] for problem in found.problems)
    else:
        assert found.kind == "police"
    (told,) = check(path, kind="police")
    assert (told.verdict, told.rows) == (found.verdict, found.rows)


def test_a_pasted_month_takes_the_place_of_no_other(tmp_path: Path) -> None:
    (tmp_path / "pasted.csv").write_bytes(street(asb(), asb(month="2024-02")))
    (tmp_path / NAME.replace("01", "02")).write_bytes(street(asb(month="2024-02")))
    found = read([tmp_path], force="anytown")
    assert found.account[["kept", "duplicate"]].sum().tolist() == [2, 1]
    assert found.account["rows_in"].sum() == 3


def test_rows_of_a_force_that_is_not_asked_for_are_excluded(tmp_path: Path) -> None:
    path = tmp_path / "both.csv"
    path.write_bytes(street(crime(1), crime(2, reported_by="Nextown Police")))
    found = read([path], force="nextown")
    assert found.records["reported_by"].tolist() == ["Nextown Police"]
    assert found.account["excluded"].tolist() == [1]


@pytest.mark.parametrize(
    ("name", "force"),
    [
        ("Lancashire Constabulary", "lancashire"),
        ("Metropolitan Police Service", "metropolitan"),
        ("Devon & Cornwall Police", "devon-and-cornwall"),
        ("Dyfed-Powys Police", "dyfed-powys"),
        ("City of London Police", "city-of-london"),
        ("Police Service of Northern Ireland", "northern-ireland"),
    ],
)
def test_forces_are_told_by_their_name(name: str, force: str) -> None:
    assert force_id(name) == force
    assert force in IDS
    assert is_of(name, force)
    assert not is_of(name, "kent")


def test_kinds_are_told_by_the_heading() -> None:
    assert kind_of_head(street()) == "street"
    assert kind_of_head(street(header=OUTCOMES)) == "outcomes"
    assert kind_of_head(street(header=SEARCHES)) == "stop-and-search"
    assert kind_of_head(answer(record())) == "answer"
    assert kind_of_head(b"unit,easting,northing\n") is None


def test_a_refusal_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"<html>")
    with pytest.raises(InputError, match=rf"^{re.escape(str(path))}, line 1"):
        read([path], force=None)


def test_rows_set_aside_for_their_force_name_it(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(street(*GOOD, OTHER_FORCE, crime(1), crime(4, reported_by=BTP)))
    (found,) = check(path)
    told = {problem["column"]: problem["found"] for problem in found.problems}
    assert told == {"Falls within": "Nextown Police", "Reported by": BTP, "Crime ID": None}


def test_rows_far_from_the_area_are_excluded_as_a_refresh_does(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(street(*GOOD, crime(3, longitude="-1.9", latitude="52.5")))
    near = shapely.box(350_000, 425_000, 360_000, 435_000)
    (found,) = check(path, given=Given(near))
    assert found.rows["kept"] == 3
    assert found.rows["excluded"] == 1
    (problem,) = found.problems
    assert (problem["line"], problem["found"]) == (5, "-1.900000, 52.500000")
    assert problem["reason"] == "more than 250 m outside the districts"


def test_doubts_are_of_the_newest_publication_only(tmp_path: Path) -> None:
    for month, rows in (("2024-02", (asb(),)), ("2024-01", ())):
        data = zipped({f"{month}/{NAME}": street(*rows), f"{month}/{EMPTY}": street()})
        (tmp_path / f"{month}.zip").write_bytes(data)
    found = read([tmp_path], force="anytown")
    assert found.warnings == ("no rows, only a heading, for anytown in 2024-02",)
