"""Files of police.uk at the bounds of what is believed, joined, told and shown."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from hotspots.errors import DataMissingError, InputError, SchemaError
from hotspots.sources.police_uk import PoliceRecords, read
from hotspots.sources.police_uk.account import balance
from hotspots.sources.police_uk.duplicates import Reading, Repeats, without_rows
from hotspots.sources.police_uk.find import Member
from hotspots.sources.police_uk.pasted import by_month
from hotspots.sources.police_uk.rows import ASIDE, READABLE, Batch
from hotspots.sources.police_uk.texts import last_equal

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
NAME = "2025-01-mannin-street.csv"


def row(crime_id: str = "", **changes: str) -> str:
    values = {
        "Crime ID": crime_id, "Month": "2025-01", "Reported by": "Mannin Police",
        "Falls within": "Mannin Police", "Longitude": "-4.500000", "Latitude": "54.200000",
        "Location": "On or near Quay Street", "LSOA code": "E01000001", "LSOA name": "Mannin 001A",
        "Crime type": "Burglary" if crime_id else "Anti-social behaviour",
        "Last outcome category": "", "Context": "",
    }  # fmt: skip
    return ",".join((values | changes).values())


def of(tmp_path: Path, rows: Iterable[str], name: str = NAME) -> PoliceRecords:
    path = tmp_path / name
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return read([path], force=None if name != NAME else "mannin")


def ids(n: int) -> list[str]:
    return [f"{number:064x}" for number in range(n)]


# What is looked at and kept


@pytest.mark.parametrize(("n_letters", "is_told"), [(64, False), (63, True), (65, True)])
def test_a_crime_id_has_sixty_four_letters(
    tmp_path: Path, n_letters: int, *, is_told: bool
) -> None:
    found = of(tmp_path, [row("a" * n_letters), row("b" * 64)])
    words = "1 crime with a Crime ID that has not the usual 64 letters; kept"
    assert found.warnings == ((words,) if is_told else ())
    assert len(found.records) == 2


def test_crimes_without_an_id_are_counted_and_anti_social_behaviour_is_not(tmp_path: Path) -> None:
    crime = row(**{"Crime type": "Drugs"})
    found = of(tmp_path, [crime, crime, row(), row("a" * 64)])
    assert found.warnings == ("2 crimes without a Crime ID, which police.uk always gives; kept",)


@pytest.mark.parametrize(
    ("code", "is_told"),
    [("E01000001", False), ("W01000001", False), ("S01000001", False), ("95AA01S1", False),
     ("N00000001", False), ("", False), ("E0100001", True), ("E02000001", True)],
)  # fmt: skip
def test_lsoa_codes_are_like_those_of_the_census(
    tmp_path: Path, code: str, *, is_told: bool
) -> None:
    found = of(tmp_path, [row("a" * 64, **{"LSOA code": code}), row("b" * 64)])
    words = "1 row with an LSOA code that is not like E01000001; kept"
    assert found.warnings == ((words,) if is_told else ())


def test_rows_that_name_no_force_are_counted(tmp_path: Path) -> None:
    found = of(tmp_path, [row("a" * 64), *[row(each, **{"Falls within": ""}) for each in ids(2)]])
    assert found.warnings == ("2 rows that name no force under Falls within; kept",)


@pytest.mark.parametrize(
    ("longitude", "is_kept"),
    [("-2.71234E+00", True), ("-2.7123E+00", False), ("-27.1234E-1", True), ("-2.7E+00", False)],
)
def test_a_coordinate_with_a_power_of_ten_keeps_five_decimals(
    tmp_path: Path, longitude: str, *, is_kept: bool
) -> None:
    found = of(tmp_path, [row("a" * 64, Longitude=longitude), row("b" * 64)])
    assert len(found.records) == 1 + is_kept


@pytest.mark.parametrize(
    ("longitude", "latitude", "is_kept"),
    [
        ("-9", "49", True),
        ("3", "61", True),
        ("-9.000001", "49", False),
        ("3.000001", "61", False),
        ("3", "48.999999", False),
        ("3", "61.000001", False),
    ],
)
def test_coordinates_lie_in_great_britain(
    tmp_path: Path, longitude: str, latitude: str, *, is_kept: bool
) -> None:
    found = of(tmp_path, [row("a" * 64, Longitude=longitude, Latitude=latitude), row("b" * 64)])
    assert len(found.records) == 1 + is_kept


# Lines


@pytest.mark.parametrize(("n_more", "is_joined"), [(1, True), (3, True), (4, False)])
def test_a_value_goes_over_four_lines_at_most(
    tmp_path: Path, n_more: int, *, is_joined: bool
) -> None:
    broken = row("a" * 64, Location='"' + "\n".join(["x"] * (n_more + 1)) + '"')
    found = of(tmp_path, [broken, row("b" * 64)])
    assert len(found.records) == 1 + is_joined
    assert found.records["line"].max() == 3 + n_more
    if is_joined:
        assert set(found.records["location"]) == {
            " ".join(["x"] * (n_more + 1)), "On or near Quay Street",
        }  # fmt: skip
        assert found.repairs == ("1 row with a line break in quotation marks, read as one row",)
    else:
        assert "quotation marks that do not pair" in set(found.set_aside["reason"])


def test_two_rows_that_each_lost_a_mark_are_still_two(tmp_path: Path) -> None:
    one, other = (row(each, Location='"x') for each in ids(2))
    found = of(tmp_path, [one, other, row("b" * 64)])
    assert found.set_aside["line"].tolist() == [2, 3]
    assert set(found.set_aside["reason"]) == {"quotation marks that do not pair"}


def test_fields_are_counted(tmp_path: Path) -> None:
    found = of(tmp_path, ["x", "a,b", row("b" * 64) + ",more", row("c" * 64)])
    assert found.set_aside["reason"].tolist() == [
        "1 field where the header has 12",
        "2 fields where the header has 12",
        "13 fields where the header has 12",
    ]


@pytest.mark.parametrize("line", ["x" * 300, row(**{"Crime type": "x" * 300})])
def test_two_hundred_letters_of_a_value_at_fault_are_shown(tmp_path: Path, line: str) -> None:
    found = of(tmp_path, [line, row("b" * 64)])
    assert found.set_aside["value"].tolist() == ["x" * 200]


# Doubts


@pytest.mark.parametrize(
    ("n_ids", "n_again", "n_asb", "is_told"),
    [
        (10, 9, 1, True),
        (10, 8, 1, False),
        (10, 10, 0, False),
        (2, 2, 1, True),
        (1, 1, 1, False),
        (40, 36, 3, True),
        (40, 35, 3, False),
    ],
)
def test_a_file_was_pasted_twice_if_nearly_all_of_it_comes_again(
    tmp_path: Path, n_ids: int, n_again: int, n_asb: int, *, is_told: bool
) -> None:
    rows = [row(each) for each in ids(n_ids)]
    found = of(tmp_path, [*rows, *[row()] * n_asb, *rows[:n_again]])
    assert bool(found.warnings) is is_told
    if is_told:
        assert found.warnings[0].startswith(f"{NAME}: {n_again} of {n_ids} Crime IDs come again in")


def test_a_month_to_come_is_told_and_this_one_is_not(tmp_path: Path) -> None:
    found = of(tmp_path, [row("a" * 64, Month="2099-01")], "2099-01-mannin-street.csv")
    words = "2099-01-mannin-street.csv: 2099-01 lies in the future; check the name of the file"
    assert found.warnings == (words,)


def test_months_of_only_a_heading_are_told_beside_others(tmp_path: Path) -> None:
    for month, rows in (("2025-01", [row("a" * 64)]), ("2025-02", []), ("2025-03", [])):
        path = tmp_path / f"{month}-mannin-street.csv"
        path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    found = read([tmp_path], force="mannin")
    assert found.warnings == ("no rows, only a heading, for mannin in 2025-02, 2025-03",)


# Pasted files


def test_what_is_said_of_a_pasted_file_is_said_of_its_first_month() -> None:
    months = pa.array([20_089, 20_120], pa.date32()).cast(pa.timestamp("ms"))
    readable = pa.table(
        [months if each.name == "month" else pa.nulls(2, each.type) for each in READABLE],
        schema=READABLE,
    )
    aside = pa.table(
        [pa.nulls(3, each.type) for each in ASIDE],
        schema=ASIDE,
    )
    batch = Batch(
        readable, aside, 6, repairs=("1 x",), warnings=("1 y",), force="mannin", breaks_off=True
    )
    member = Member(Path("a.csv"), "a.csv", "", "p", "p", is_named=False)
    (first, january), (second, february) = by_month(member, batch)
    assert (first.month, first.name, first.force) == ("2025-01", "2025-01", "mannin")
    assert (second.month, second.name) == ("2025-02", "2025-02")
    assert (january.repairs, january.warnings, january.breaks_off) == (("1 x",), ("1 y",), True)
    assert (february.repairs, february.warnings, february.breaks_off) == ((), (), False)
    assert (january.rows_in, february.rows_in) == (5, 1)
    assert (january.aside.num_rows, february.aside.num_rows) == (3, 0)


# What was left alone


def archive(path: Path, names: Iterable[str]) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name in names:
            made.writestr(name, "\n".join([HEADER, row("a" * 64), ""]))
    return path


@pytest.mark.parametrize(
    ("forces", "words"),
    [
        ("a", "1 street file of a"),
        ("abcde", "5 street files of a, b, c, d, e"),
        ("abcdef", "6 street files of 6 other forces"),
    ],
)
def test_five_other_forces_are_named(tmp_path: Path, forces: str, words: str) -> None:
    names = [f"2025-01/2025-01-{force}-street.csv" for force in forces]
    path = archive(tmp_path / "x.zip", [f"2025-01/{NAME}", *names])
    assert read([path], force="mannin").ignored == (f"x.zip: {words}",)


def test_other_files_are_counted_by_kind(tmp_path: Path) -> None:
    names = ["2025-01-mannin-outcomes.csv", "2025-02-mannin-outcomes.csv", "a.txt", "b.bin",
             "2025-01-mannin-stop-and-search.csv", "a.json"]  # fmt: skip
    path = archive(tmp_path / "x.zip", [NAME, *names])
    assert read([path], force="mannin").ignored == (
        "x.zip: 1 JSON file, which names no force",
        "x.zip: 1 stop-and-search file",
        "x.zip: 2 other files",
        "x.zip: 2 outcomes files",
    )
    path = archive(tmp_path / "y.zip", [NAME, "a.json", "b.json"])
    words = "y.zip: 2 JSON files, which name no force"
    assert read([path], force="mannin").ignored == (words,)


def test_files_of_other_kinds_are_told_by_their_heading(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("\n".join([HEADER, row("a" * 64), ""]))
    (tmp_path / "a.csv").write_text("Crime ID,Outcome type\n1,2\n")
    (tmp_path / "b.csv").write_text("Type,Object of search\n1,2\n")
    (tmp_path / "c.csv").write_text('[{"category": 1, "month": 2}]')
    (tmp_path / "d.csv").write_text("a,b\n1,2\n")
    assert read([tmp_path], force="mannin").ignored == (
        "a.csv: 1 outcomes file",
        "b.csv: 1 stop-and-search file",
        "c.csv: 1 JSON file, which names no force",
        "d.csv: 1 other file",
    )


@pytest.mark.parametrize(
    ("n_zips", "words"),
    [
        (1, "0.zip, a zip inside the zip, not opened; unpack it to use it"),
        (5, "0.zip, 1.zip, 2.zip, 3.zip, 4.zip, zips inside the zip, not opened; unpack them to "),
        (7, "0.zip, 1.zip, 2.zip, 3.zip, 4.zip and 2 more, zips inside the zip, not opened; "),
    ],
)
def test_zips_inside_a_zip_are_named(tmp_path: Path, n_zips: int, words: str) -> None:
    path = archive(tmp_path / "x.zip", [NAME, *(f"{n}.zip" for n in range(n_zips))])
    (told,) = read([path], force="mannin").ignored
    assert told.startswith(f"x.zip: {words}")


def test_what_was_found_in_place_of_records_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Crime ID,Outcome type\n1,2\n")
    (tmp_path / "b.csv").write_text("Crime ID,Outcome type\n1,2\n")
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataMissingError, match="found 1 other file, 2 outcomes files, but no YYYY"):
        read([tmp_path], force=None)
    with pytest.raises(DataMissingError, match="nor of any other force"):
        read([tmp_path], force="mannin")


# The account


def test_an_account_that_does_not_balance_names_the_first_file() -> None:
    def reading(label: str, rows_in: int) -> Reading:
        batch = Batch(READABLE.empty_table(), ASIDE.empty_table(), rows_in)
        return Reading(Member(Path(label), label, "m", "p", "p", month="2025-01"), batch)

    nothing = pa.table({"source": pa.array([], pa.int32())})
    aside = pa.table({"source": pa.array([0, 1], pa.int32()), "status": ["excluded"] * 2})
    found = balance(nothing, aside, [reading("b", 1), reading("a", 1)])
    assert found["file"].tolist() == ["a", "b"]
    assert found["excluded"].tolist() == [1, 1]
    with pytest.raises(SchemaError, match="account of b m does not balance: 2 rows read, 1 acc"):
        balance(nothing, aside, [reading("b", 2), reading("a", 3)])


def test_only_the_rows_of_superseded_members_are_held_twice() -> None:
    rows = pa.table([pa.nulls(2, each.type) for each in READABLE], schema=READABLE)
    member = Member(Path("a"), "a", "m", "p", "p", month="2025-01")
    members = [Reading(member, Batch(rows, ASIDE.empty_table(), 2, warnings=("2 x",)))] * 2
    old, new = without_rows(members, {0: 1})
    assert old is members[0]
    assert (new.member, new.batch.rows_in, new.batch.warnings) == (member, 2, ("2 x",))
    assert new.batch.readable.equals(READABLE.empty_table())


@pytest.mark.parametrize(
    ("given", "before"),
    [
        (["a", "b"], []),
        ([None, "b", "b"], [(1, 2)]),
        (["a", "b", "a", "b", "a"], [(0, 4), (1, 3), (2, 4)]),
    ],
)
def test_of_ids_that_come_again_the_first_row_counts_as_well(
    given: list[str | None], before: list[tuple[int, int]]
) -> None:
    last = last_equal(pa.array(given, pa.string()))
    assert [(row, int(to)) for row, to in enumerate(last) if to >= 0] == before
    nothing = np.full(len(given), -1)
    for one, other in ((last, nothing), (nothing, last)):
        repeats = Repeats(one, other, np.zeros(len(given), bool))
        assert np.flatnonzero(repeats.is_repeat).tolist() == [row for row, _ in before]


@pytest.mark.parametrize(
    ("longitude", "latitude", "words"),
    [("-9.1", "54", "outside -9 to 3 degrees"), ("-4", "61.5", "outside 49 to 61 degrees")],
)
def test_the_bounds_of_a_coordinate_are_told(
    tmp_path: Path, longitude: str, latitude: str, words: str
) -> None:
    found = of(tmp_path, [row("a" * 64, Longitude=longitude, Latitude=latitude), row("b" * 64)])
    assert found.set_aside["reason"].tolist() == [words]


def test_a_workbook_is_no_zip_of_police_uk(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("[Content_Types].xml", "")
        made.writestr("_rels/.rels", "")
    with pytest.raises(InputError, match=r"x\.zip is an Excel workbook, no zip of police\.uk"):
        read([path], force="mannin")


def test_answers_left_alone_are_counted_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt.json").write_text("[]")
    (tmp_path / "b.csv").write_text('[{"category": 1, "month": 2}]')
    with pytest.raises(DataMissingError, match="only JSON files, which name no force"):
        read([tmp_path], force="mannin")


def test_gzipped_files_are_told_by_their_heading(tmp_path: Path) -> None:
    text = "\n".join([HEADER, *(row(each) for each in ids(3)), ""])
    (tmp_path / "odd.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    assert len(read([tmp_path], force="mannin").records) == 3


def test_a_row_that_does_not_say_who_reported_it_is_kept(tmp_path: Path) -> None:
    found = of(tmp_path, [row("a" * 64, **{"Reported by": ""}), row("b" * 64)])
    assert found.records["reported_by"].isna().tolist() == [True, False]
    assert found.set_aside.empty
