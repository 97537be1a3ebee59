"""Reading street CSVs: what is kept, what is set aside and why, and that nothing gets lost."""

from __future__ import annotations

import io
import operator
import zipfile
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotspots import schema
from hotspots.errors import DataMissingError, InputError
from hotspots.sources.police_uk import PoliceRecords, read
from hotspots.sources.police_uk.forces import is_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
ASB = "Anti-social behaviour"


class Row(NamedTuple):
    """One line of a street CSV."""

    crime_id: str = ""
    month: str = "2025-01"
    reported_by: str = "Mannin Police"
    falls_within: str = "Mannin Police"
    longitude: str = "-4.500000"
    latitude: str = "54.200000"
    location: str = "On or near Quay Street"
    lsoa_code: str = "E01000001"
    lsoa_name: str = "Mannin 001A"
    crime_type: str = ASB
    outcome: str = ""
    context: str = ""


def crime(crime_id: str, **other: str) -> Row:
    return Row(crime_id, **({"crime_type": "Burglary"} | other))


def csv_text(rows: Iterable[Row | str], *, eol: str = "\n") -> bytes:
    lines = [HEADER, *(row if isinstance(row, str) else ",".join(row) for row in rows)]
    return "".join(line + eol for line in lines).encode()


def street(month: str = "2025-01", force: str = "mannin") -> str:
    return f"{month}/{month}-{force}-street.csv"


def zipped(path: Path, members: Mapping[str, bytes]) -> Path:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    path.write_bytes(packed.getvalue())
    return path


def read_rows(tmp_path: Path, rows: Iterable[Row | str], *, eol: str = "\n") -> PoliceRecords:
    path = tmp_path / "2025-01-mannin-street.csv"
    path.write_bytes(csv_text(rows, eol=eol))
    return read([path], force="mannin")


def assert_sound(found: PoliceRecords) -> None:
    """Every table keeps its schema and order, and every row is in one place only."""
    for table, contract in (
        (found.records, schema.RECORDS),
        (found.set_aside, schema.SET_ASIDE),
        (found.account, schema.ACCOUNT),
    ):
        schema.check(table, contract)
        pd.testing.assert_frame_equal(
            table, table.sort_values(list(contract.key), ignore_index=True)
        )
    account = found.account
    parts = account[["kept", "unlocated", "excluded", "duplicate", "quarantined"]]
    assert (parts.sum(axis=1) == account["rows_in"]).all()
    places = pd.concat([table[["file", "line"]] for table in (found.records, found.set_aside)])
    assert len(places) == account["rows_in"].sum()
    assert not places.duplicated().any()
    assert account["kept"].sum() == len(found.records)


def the_fault(found: PoliceRecords) -> pd.Series:
    assert_sound(found)
    assert len(found.set_aside) == 1
    return found.set_aside.iloc[0]


def lines_by_id(found: PoliceRecords) -> dict[str, int]:
    return dict(zip(found.incident_ids(), found.records["line"], strict=True))


# --- what a row becomes ---------------------------------------------------------------------


def test_a_located_row_is_kept_as_published(tmp_path: Path) -> None:
    found = read_rows(tmp_path, [crime("c1", outcome="Under investigation")])
    assert_sound(found)
    assert list(found.incident_ids()) == ["c1"]
    assert found.records.iloc[0].to_dict() == {
        "month": pd.Timestamp("2025-01-01"),
        "crime_type": "Burglary",
        "longitude": -4.5,
        "latitude": 54.2,
        "location": "On or near Quay Street",
        "lsoa_code": "E01000001",
        "outcome": "Under investigation",
        "reported_by": "Mannin Police",
        "file": "2025-01-mannin-street.csv",
        "line": 2,
    }


def test_empty_fields_are_missing_but_an_empty_place_stays_text(tmp_path: Path) -> None:
    found = read_rows(tmp_path, [crime("c1", location="", lsoa_code="", reported_by="")])
    kept = found.records.iloc[0]
    assert kept["location"] == ""
    assert found.records[["lsoa_code", "outcome", "reported_by"]].isna().all(axis=None)


def test_equal_rows_of_anti_social_behaviour_are_separate_incidents(tmp_path: Path) -> None:
    found = read_rows(tmp_path, [Row(), Row(), Row(), Row(location="On or near Pier Road")])
    assert_sound(found)
    assert len(found.records) == 4
    ids = found.incident_ids()
    assert ids.str.fullmatch(r"asb-2025-01-[0-9a-f]{16}-[012]").all()
    assert Counter(ids.str.rsplit("-", n=1).str[0].value_counts()) == {3: 1, 1: 1}


def test_ids_of_rows_without_one_do_not_hang_on_the_order_of_rows(tmp_path: Path) -> None:
    rows = [Row(), crime("c1"), Row(location="On or near Pier Road"), Row(), Row(lsoa_code="")]
    there = read_rows(tmp_path, rows).incident_ids()
    back = read_rows(tmp_path, rows[::-1]).incident_ids()
    assert sorted(there) == sorted(back)


def test_a_crime_without_id_is_kept_under_a_made_one(tmp_path: Path) -> None:
    found = read_rows(tmp_path, [crime(""), crime("")])
    assert_sound(found)
    assert found.incident_ids().str.startswith("crime-2025-01-").all()


def test_a_row_without_coordinates_is_unlocated(tmp_path: Path) -> None:
    fault = the_fault(
        read_rows(tmp_path, [crime("c1", longitude="", latitude="", location="No Location")])
    )
    assert fault["status"] == "unlocated"
    assert fault["month"] == pd.Timestamp("2025-01-01")
    assert fault["crime_type"] == "Burglary"


@pytest.mark.parametrize(
    ("changed", "column", "value"),
    [
        ({"month": "2025-02"}, "Month", "2025-02"),
        ({"month": "2025-13"}, "Month", "2025-13"),
        ({"month": "Jan-25"}, "Month", "Jan-25"),
        ({"crime_type": "Piracy"}, "Crime type", "Piracy"),
        ({"longitude": "0.000000", "latitude": "0.000000"}, "Latitude", "0.000000"),
        ({"longitude": "54.2", "latitude": "-4.5"}, "Longitude", "54.2"),
        ({"longitude": "3.0001"}, "Longitude", "3.0001"),
        ({"latitude": "48.9"}, "Latitude", "48.9"),
        ({"latitude": "nan"}, "Latitude", "nan"),
        ({"latitude": "54;2"}, "Latitude", "54;2"),
        ({"longitude": "0x1"}, "Longitude", "0x1"),
    ],
)
def test_a_value_out_of_order_is_quarantined(
    tmp_path: Path, changed: dict[str, str], column: str, value: str
) -> None:
    found = read_rows(tmp_path, [crime("c1"), crime("c2", **changed), crime("c3")])
    fault = the_fault(found)
    assert (fault["status"], fault["line"]) == ("quarantined", 3)
    assert (fault["column"], fault["value"]) == (column, value)
    assert list(found.incident_ids()) == ["c1", "c3"]


@pytest.mark.parametrize("column", ["month", "crime_type", "longitude", "latitude"])
def test_a_missing_value_is_quarantined(tmp_path: Path, column: str) -> None:
    fault = the_fault(read_rows(tmp_path, [crime("c1"), crime("c2", **{column: ""})]))
    assert fault["status"] == "quarantined"
    assert fault["column"].lower().replace(" ", "_") == column
    assert pd.isna(fault["value"])


def test_bounds_of_coordinates_are_inclusive(tmp_path: Path) -> None:
    rows = [crime("c1", longitude="-9", latitude="49"), crime("c2", longitude="3", latitude="61")]
    assert len(read_rows(tmp_path, rows).records) == 2


def test_an_old_type_is_renamed_but_a_type_that_was_split_is_not_guessed(tmp_path: Path) -> None:
    rows = [
        crime("c1", crime_type="Violent crime"),
        crime("c2", crime_type="Public disorder and weapons"),
    ]
    found = read_rows(tmp_path, rows)
    fault = the_fault(found)
    assert list(found.records["crime_type"]) == ["Violence and sexual offences"]
    assert "split since" in fault["reason"]
    assert fault["crime_type"] == "Public disorder and weapons"


def test_british_transport_police_is_excluded(tmp_path: Path) -> None:
    fault = the_fault(read_rows(tmp_path, [crime("c1", reported_by="British Transport Police")]))
    assert (fault["status"], fault["column"]) == ("excluded", "Reported by")


# --- lines ----------------------------------------------------------------------------------


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_numbers_hold_through_blank_and_bad_lines(
    tmp_path: Path, eol: str, mark: bytes
) -> None:
    rows: list[Row | str]
    rows = [crime("c2"), "", "too,few", crime("c5"), ",".join(crime("c6")) + ",more", crime("c7")]
    path = tmp_path / "2025-01-mannin-street.csv"
    path.write_bytes(mark + csv_text(rows, eol=eol))
    found = read([path], force="mannin")
    assert_sound(found)
    assert lines_by_id(found) == {"c2": 2, "c5": 5, "c7": 7}
    assert list(found.set_aside["line"]) == [4, 6]
    assert list(found.set_aside["reason"]) == [
        "2 fields where the header has 12",
        "13 fields where the header has 12",
    ]
    assert found.account["rows_in"].item() == 5


def test_line_numbers_hold_where_coordinates_are_read_as_text(tmp_path: Path) -> None:
    rows: list[Row | str] = [crime("c2", latitude="north"), "", "too,few", crime("c5")]
    found = read_rows(tmp_path, rows)
    assert_sound(found)
    assert lines_by_id(found) == {"c5": 5}
    assert list(found.set_aside["line"]) == [2, 4]


def test_quoted_commas_and_marks_are_text(tmp_path: Path) -> None:
    rows = [crime("c1", location='"On or near Smith, Son ""and"" Co"')]
    found = read_rows(tmp_path, rows, eol="\r\n")
    assert list(found.records["location"]) == ['On or near Smith, Son "and" Co']


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_a_stray_quotation_mark_costs_its_own_line_only(tmp_path: Path, eol: str) -> None:
    rows = [crime("c2"), crime("c3", location='"On or near Quay Street'), crime("c4"), crime("c5")]
    found = read_rows(tmp_path, rows, eol=eol)
    fault = the_fault(found)
    assert (fault["line"], fault["reason"]) == (3, "quotation marks that do not pair")
    assert list(found.incident_ids()) == ["c2", "c4", "c5"]


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
def test_a_quoted_line_break_is_one_row(tmp_path: Path, eol: str) -> None:
    rows = [crime("c2", location=f'"On or near{eol}Quay Street"'), crime("c4"), crime("c5")]
    found = read_rows(tmp_path, rows, eol=eol)
    assert_sound(found)
    assert lines_by_id(found) == {"c2": 2, "c4": 4, "c5": 5}
    assert found.records["location"].iloc[0] == "On or near Quay Street"
    assert found.account["rows_in"].item() == 3
    assert found.repairs == ("1 row with a line break in quotation marks, read as one row",)


def test_a_bad_last_line_without_an_end_counts(tmp_path: Path) -> None:
    path = tmp_path / "2025-01-mannin-street.csv"
    path.write_bytes(csv_text([crime("c2")]) + b'"no end')
    fault = the_fault(read([path], force=None))
    assert fault["line"] == 3


def test_text_of_another_encoding_is_read_by_line(tmp_path: Path) -> None:
    path = tmp_path / "2025-01-mannin-street.csv"
    strange = csv_text([crime("c2"), crime("c3", location="On or near Ynys Môn")])
    path.write_bytes(strange.decode().encode("cp1252") + ",".join(crime("c4")).encode())
    found = read([path], force="mannin")
    assert list(found.incident_ids()) == ["c2", "c3", "c4"]
    assert found.records["location"].iloc[1] == "On or near Ynys Môn"
    assert found.repairs == ("1 row of Windows-1252 text, which is no UTF-8",)


def test_text_of_no_encoding_is_quarantined_by_line(tmp_path: Path) -> None:
    path = tmp_path / "2025-01-mannin-street.csv"
    text = csv_text([crime("c2"), crime("c3", location="\x81")])
    path.write_bytes(text.decode().encode("latin-1"))
    found = read([path], force="mannin")
    fault = the_fault(found)
    assert (fault["line"], fault["reason"]) == (3, "neither UTF-8 nor Windows-1252 text")
    assert list(found.incident_ids()) == ["c2"]


@pytest.mark.parametrize("text", [HEADER, HEADER + "\n", HEADER + "\n\n\n", HEADER + "\r\n\r\n"])
def test_a_file_of_only_a_header_has_no_rows(tmp_path: Path, text: str) -> None:
    path = tmp_path / "2025-01-mannin-street.csv"
    path.write_text(text, newline="")
    found = read([path], force="mannin")
    assert_sound(found)
    assert list(found.account["rows_in"]) == [0]
    assert list(found.records.columns) == schema.RECORDS.names


def test_a_missing_column_is_refused_by_name(tmp_path: Path) -> None:
    text = csv_text([]).replace(b"Latitude", b"Lat").replace(b",Context", b"")
    path = zipped(tmp_path / "a.zip", {street(): text})
    with pytest.raises(InputError, match=r"a\.zip/2025-01/.*csv, line 1: no column Latitude, Con"):
        read([path], force="mannin")


def test_an_empty_file_and_a_column_there_twice_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "2025-01-mannin-street.csv"
    path.write_bytes(b"")
    with pytest.raises(InputError, match="the file is empty"):
        read([path], force="mannin")
    path.write_text(HEADER + ",Month\n")
    with pytest.raises(InputError, match="Month is there twice"):
        read([path], force="mannin")


def test_more_columns_in_another_order_are_read_by_name(tmp_path: Path) -> None:
    names = HEADER.split(",")[::-1]
    path = tmp_path / "2025-01-mannin-street.csv"
    path.write_text(",".join([*names, "Note"]) + "\n" + ",".join([*crime("c1")[::-1], "x"]) + "\n")
    assert list(read([path], force="mannin").incident_ids()) == ["c1"]


# --- several files --------------------------------------------------------------------------


def test_only_the_newest_publication_of_a_month_is_kept(tmp_path: Path) -> None:
    old = zipped(
        tmp_path / "2025-01.zip",
        {street(): csv_text([Row(), crime("c1"), crime("gone"), "bad", crime("c9", longitude="")])},
    )
    new = zipped(
        tmp_path / "2025-02.zip",
        {street(): csv_text([Row(), Row(), crime("c1", outcome="Under investigation")])},
    )
    for files in ([old, new], [new, old], [old, new, old]):
        found = read(files, force="mannin")
        assert_sound(found)
        assert set(found.records["file"]) == {"2025-02.zip/2025-01/2025-01-mannin-street.csv"}
        assert len(found.records) == 3
        assert set(found.set_aside["status"]) == {"duplicate"}
        assert list(found.set_aside["line"]) == [2, 3, 4, 5, 6]
        assert found.set_aside["reason"].str.contains("again in 2025-02.zip/2025-01/").all()


def test_a_publication_is_as_new_as_the_newest_month_it_holds(tmp_path: Path) -> None:
    mine = {street(): csv_text([crime("c1", outcome="newer")])}
    newer = zipped(tmp_path / "a.zip", mine | {street("2025-03"): csv_text([])})
    older = zipped(tmp_path / "b.zip", {street(): csv_text([crime("c1", outcome="older")])})
    assert list(read([newer, older], force="mannin").records["outcome"]) == ["newer"]


def test_of_equally_new_publications_the_last_name_is_the_newest(tmp_path: Path) -> None:
    first = zipped(tmp_path / "a.zip", {street(): csv_text([crime("c1", outcome="a")])})
    last = zipped(tmp_path / "b.zip", {street(): csv_text([crime("c1", outcome="b")])})
    assert list(read([last, first], force="mannin").records["outcome"]) == ["b"]


def test_of_a_crime_id_that_comes_again_the_latest_is_kept(tmp_path: Path) -> None:
    february = [
        crime("c1", month="2025-02", outcome="later month"),
        crime("c3", month="2025-02", outcome="newer publication"),
    ]
    january = [
        crime("c1"),
        crime("c2"),
        crime("c2", outcome="later line"),
        crime("c3"),
    ]
    new = zipped(tmp_path / "2025-02.zip", {street("2025-02"): csv_text(february)})
    old = zipped(tmp_path / "2025-01.zip", {street(): csv_text(january)})
    found = read([old, new], force="mannin")
    assert_sound(found)
    assert list(found.records["outcome"]) == ["later line", "later month", "newer publication"]
    assert list(found.set_aside["line"]) == [2, 3, 5]
    assert found.set_aside["reason"].str.startswith("the same Crime ID comes again in ").all()
    assert found.set_aside["reason"].iloc[1].endswith("2025-01-mannin-street.csv, line 4")
    assert list(found.set_aside["value"]) == ["c1", "c2", "c3"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_told_from_zero_bytes(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "2025-01-mannin-street.csv"
    path.write_bytes(csv_text([crime("c1")]).decode().encode(encoding))
    with pytest.raises(InputError, match="it is UTF-16 text without a mark"):
        read([path], force="mannin")
    path.write_bytes(b"\0\0\0" + csv_text([crime("c1")]))
    with pytest.raises(InputError, match="so this is no text"):
        read([path], force="mannin")


@pytest.mark.parametrize(
    ("name", "force", "is_it"),
    [
        ("Kent Police", "kent", True),
        ("Kent Police", "essex", False),
        ("Police Service of Kent and Medway", "kent", True),  # of no id that is known
        ("Kent and Medway Police", "kent-and-medway", True),
        ("Kent and Medway Police", "medway-essex", False),
        ("Medway Police", "kent-and-medway", False),
        ("South Yorkshire Police", "yorkshire", False),  # an id that is known is that one
    ],
)
def test_names_go_with_ids(name: str, force: str, *, is_it: bool) -> None:
    assert is_of(name, force) is is_it


def test_another_type_in_an_earlier_month_is_the_same_offence(tmp_path: Path) -> None:
    rows = {"2025-01": "Drugs", "2025-02": "Burglary"}
    members = {
        street(month): csv_text([crime("c1", month=month, crime_type=kind)])
        for month, kind in rows.items()
    }
    found = read([zipped(tmp_path / "2025-02.zip", members)], force="mannin")
    assert_sound(found)
    assert found.records["crime_type"].tolist() == ["Burglary"]
    assert found.set_aside["status"].tolist() == ["duplicate"]


def test_another_type_under_one_crime_id_is_another_offence(tmp_path: Path) -> None:
    drugs = crime("c1", crime_type="Drugs")
    found = read_rows(tmp_path, [crime("c1"), drugs, crime("c1"), crime("c2")])
    kept = found.records.assign(incident_id=found.incident_ids()).set_index("line")
    assert kept.loc[[3, 4], "crime_type"].tolist() == ["Drugs", "Burglary"]
    assert kept["incident_id"].str.startswith("c1-type").to_dict() == {3: True, 4: True, 5: False}
    assert kept["incident_id"].is_unique
    assert kept.loc[5, "incident_id"] == "c2"
    assert found.set_aside["line"].tolist() == [2]


def test_a_newer_publication_beats_a_later_month(tmp_path: Path) -> None:
    later = {street("2025-02"): csv_text([crime("c1", month="2025-02", outcome="later month")])}
    newer = {street(): csv_text([crime("c1", outcome="newer publication")])}
    files = [zipped(tmp_path / "2025-02.zip", later), zipped(tmp_path / "2025-03.zip", newer)]
    assert list(read(files, force="mannin").records["outcome"]) == ["newer publication"]


def test_a_repeat_without_coordinates_is_a_duplicate_not_unlocated(tmp_path: Path) -> None:
    found = read_rows(tmp_path, [crime("c1", longitude="", latitude=""), crime("c1")])
    assert the_fault(found)["status"] == "duplicate"


def test_a_force_is_read_alone_and_the_rest_named(tmp_path: Path) -> None:
    outcomes = "2025-01/2025-01-mannin-outcomes.csv"
    path = zipped(
        tmp_path / "2025-01.zip",
        {
            street(): csv_text([crime("c1")]),
            street(force="west-mannin"): csv_text([crime("c2")]),
            street("2024-12", "west-mannin"): b"not read, so never a fault",
            outcomes: b"",
            "readme.txt": b"",
        },
    )
    found = read([path], force="mannin")
    assert list(found.incident_ids()) == ["c1"]
    assert list(found.account["member"]) == [street()]
    assert found.ignored == (
        "2025-01.zip: 1 other file",
        "2025-01.zip: 1 outcomes file",
        "2025-01.zip: 2 street files of west-mannin",
    )


def test_without_a_force_every_force_is_read(tmp_path: Path) -> None:
    members = {street(force=name): csv_text([crime(name)]) for name in ("mannin", "west-mannin")}
    found = read([zipped(tmp_path / "2025-01.zip", members)], force=None)
    assert list(found.incident_ids()) == ["mannin", "west-mannin"]


def test_a_force_that_is_not_there_is_missing_data(tmp_path: Path) -> None:
    members = {street(force=name): csv_text([]) for name in ("mannin", "west-mannin")}
    path = zipped(tmp_path / "2025-01.zip", members)
    with pytest.raises(DataMissingError, match=r"'east-mannin'.*there: mannin, west-mannin"):
        read([path], force="east-mannin")


def test_folders_are_searched_to_any_depth(tmp_path: Path) -> None:
    folder = tmp_path / "raw" / "download" / "2025-01"
    folder.mkdir(parents=True)
    (folder / "2025-01-mannin-street.csv").write_bytes(csv_text([crime("c1")]))
    (folder / "notes.csv").write_text("a,b\n")
    zipped(tmp_path / "raw" / "2025-02.zip", {street("2025-02"): csv_text([])})
    found = read([tmp_path / "raw"], force="mannin")
    assert_sound(found)
    assert list(found.account["file"]) == [
        "2025-02.zip",
        "download/2025-01/2025-01-mannin-street.csv",
    ]
    assert list(found.records["file"]) == ["download/2025-01/2025-01-mannin-street.csv"]
    assert found.ignored == ("download/2025-01/notes.csv: 1 other file",)


def test_an_unpacked_download_is_as_new_as_its_zip(tmp_path: Path) -> None:
    folder = tmp_path / "2025-03 download" / "2025-01"
    folder.mkdir(parents=True)
    plain = folder / "2025-01-mannin-street.csv"
    plain.write_bytes(csv_text([crime("c1", outcome="unpacked")]))
    older = zipped(tmp_path / "2025-02.zip", {street(): csv_text([crime("c1")])})
    assert list(read([plain, older], force="mannin").records["outcome"]) == ["unpacked"]


def test_files_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    paths = [tmp_path / name / "2025-01.zip" for name in ("east", "west")]
    for path, month in zip(paths, ("2025-01", "2024-12"), strict=True):
        path.parent.mkdir()
        zipped(path, {street(month): csv_text([Row(month=month)])})
    found = read(paths, force="mannin")
    assert_sound(found)
    assert list(found.account["file"]) == ["east/2025-01.zip", "west/2025-01.zip"]


def test_a_path_that_is_not_there_is_missing_data(tmp_path: Path) -> None:
    with pytest.raises(DataMissingError, match=r"gone\.zip is not there"):
        read([tmp_path / "gone.zip"], force=None)
    with pytest.raises(DataMissingError, match="No police"):
        read([], force=None)


@pytest.mark.parametrize("name", ["crime.csv", "2025-01-mannin-street (1).csv", "note.txt"])
def test_a_street_csv_is_told_by_its_heading_whatever_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(csv_text([crime("c1")]))
    found = read([path], force="mannin")
    assert_sound(found)
    assert found.records["file"].tolist() == [name]
    assert found.warnings[0].endswith("the rows say 2025-01 of mannin")


def test_of_a_file_without_a_force_in_its_name_the_wanted_one_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "crime.csv"
    other = {"falls_within": "Westin Police"}
    path.write_bytes(csv_text([crime("c1"), crime("c2", **other), crime("c3", **other)]))
    found = read([path], force="mannin")
    assert_sound(found)
    assert found.incident_ids().tolist() == ["c1"]
    assert found.set_aside["reason"].unique().tolist() == [
        "falls within Westin Police, another force than mannin"
    ]


def test_a_file_of_a_month_to_come_is_told_even_if_it_is_empty(tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "2025-01-mannin-street.csv").write_bytes(csv_text([crime("c1")]))
    (folder / "2099-02-mannin-street.csv").write_bytes(csv_text([]))
    warnings = read([folder], force="mannin").warnings
    assert any("2099-02 lies in the future; check the name" in each for each in warnings)


def test_rows_without_a_value_are_none_with_blanks_around_it(tmp_path: Path) -> None:
    codes = (" E01000001", "E01000001", "", "")
    found = read_rows(tmp_path, [crime(f"c{n}", lsoa_code=o) for n, o in enumerate(codes)])
    assert found.records["lsoa_code"].notna().tolist() == [True, True, False, False]
    assert found.repairs == ("1 row with blanks around values, which were taken off",)


def test_types_that_are_spelt_another_way_are_repaired_with_a_count(tmp_path: Path) -> None:
    found = read_rows(tmp_path, [crime(c, crime_type="BURGLARY ") for c in ("c1", "c2")])
    assert found.records["crime_type"].tolist() == ["Burglary"] * 2
    assert any("2 rows of the type 'BURGLARY" in each for each in found.repairs), found.repairs
    same = read_rows(tmp_path, [crime("c1")])
    assert not same.repairs


def test_a_file_given_by_name_must_be_of_police_uk(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("Some words.\n")
    with pytest.raises(InputError, match="not recognised"):
        read([path], force=None)


# --- properties -----------------------------------------------------------------------------

_ROWS = st.one_of(
    st.builds(
        Row()._replace,
        crime_id=st.sampled_from(["", "", "c1", "c2", "c3"]),
        month=st.sampled_from(["2025-01"] * 5 + ["2025-02", ""]),
        reported_by=st.sampled_from(["Mannin Police"] * 4 + ["British Transport Police"]),
        longitude=st.sampled_from(["-4.5"] * 4 + ["", "east", "99"]),
        latitude=st.sampled_from(["54.2"] * 4 + ["", " ", "0"]),
        location=st.sampled_from(["On or near Quay Street", '"A, B"', '"', ""]),
        crime_type=st.sampled_from([ASB, ASB, "Burglary", "Violent crime", "Piracy", ""]),
        context=st.text('a, "é\x00', max_size=3),
    ),
    st.sampled_from(["", "a,b", '"', "," * 11, "," * 12]),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(_ROWS, max_size=12),
    more=st.lists(_ROWS, max_size=6),
    eol=st.sampled_from(["\n", "\r\n"]),
)
def test_any_mix_of_rows_is_accounted_for(
    tmp_path: Path, rows: list[Row | str], more: list[Row | str], eol: str
) -> None:
    files = [
        zipped(tmp_path / "2025-01.zip", {street(): csv_text(rows, eol=eol)}),
        zipped(
            tmp_path / "2025-02.zip",
            {street(): csv_text(more, eol=eol), street("2025-02"): csv_text(rows, eol=eol)},
        ),
    ]
    found = read(files, force="mannin")
    assert_sound(found)
    lines, more_lines = (sum(row != "" for row in each) for each in (rows, more))
    n_rows = found.account["rows_in"].tolist()
    if any("".join(row).count('"') % 2 for row in rows + more):
        # One that a quotation mark leaves open can take in the lines after it.
        assert all(map(operator.le, n_rows, [lines, more_lines, lines]))
    else:
        assert n_rows == [lines, more_lines, lines]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(places=st.lists(st.sampled_from(["Quay", "Pier", "Mill"]), max_size=20))
def test_anti_social_behaviour_is_conserved(tmp_path: Path, places: list[str]) -> None:
    found = read_rows(tmp_path, [Row(location=place) for place in places])
    assert Counter(found.records["location"]) == Counter(places)
    assert found.incident_ids().is_unique


def test_of_many_publications_only_the_newest_few_need_be_read(tmp_path: Path) -> None:
    for number, newest in enumerate(("2025-01", "2025-02", "2025-03"), start=1):
        members = {street(): csv_text([crime("a" * 64)] * number), street(newest): csv_text([])}
        zipped(tmp_path / f"{newest}-mannin.zip", members)
    found = read([tmp_path], force="mannin", publications=2)
    assert found.account["file"].unique().tolist() == ["2025-02-mannin.zip", "2025-03-mannin.zip"]
    assert found.account["rows_in"].sum() == 2 + 3
    assert found.revisions["rows_after"].tolist() == [3]
    assert any(
        words.startswith("1 street file of months that came again") for words in found.ignored
    )
    assert len(read([tmp_path], force="mannin").account) == 5
