"""Reading saved answers of the API: records by number, repeats by id, coordinates as text."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from hotspots import schema
from hotspots.errors import DataMissingError, InputError
from hotspots.sources.police_uk import PoliceRecords, read
from hotspots.sources.police_uk.api_json import CATEGORIES

if TYPE_CHECKING:
    from pathlib import Path

CSV_HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context\n"
)


def record(number: int, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    plain = {
        "category": "anti-social-behaviour",
        "location_type": "Force",
        "location": {
            "latitude": "54.200000",
            "street": {"id": 7, "name": "On or near Quay Street"},
            "longitude": "-4.500000",
        },
        "context": "",
        "outcome_status": None,
        "persistent_id": "",
        "id": number,
        "location_subtype": "",
        "month": "2025-01",
    }
    return plain | changed


def crime(number: int, persistent_id: str, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    status = {"category": "Under investigation", "date": "2025-02"}
    plain = {"category": "burglary", "persistent_id": persistent_id, "outcome_status": status}
    return record(number, **(plain | changed))


def saved(path: Path, answer: object) -> Path:
    path.write_text(json.dumps(answer))
    return path


def read_one(tmp_path: Path, answer: list[Any]) -> PoliceRecords:
    found = read([saved(tmp_path / "answer.json", answer)], force=None)
    account = found.account.iloc[0]
    assert account["rows_in"] == len(answer) == account.iloc[3:].sum()
    schema.check(found.records, schema.RECORDS)
    schema.check(found.set_aside, schema.SET_ASIDE)
    return found


def test_a_record_is_kept_as_published(tmp_path: Path) -> None:
    found = read_one(tmp_path, [record(1), crime(2, "p2")])
    kept = found.records.set_index(found.incident_ids()).loc["p2"]
    assert (kept["longitude"], kept["latitude"]) == (-4.5, 54.2)
    assert kept["month"] == pd.Timestamp("2025-01-01")
    assert (kept["crime_type"], kept["outcome"]) == ("Burglary", "Under investigation")
    assert (kept["location"], kept["line"]) == ("On or near Quay Street", 2)
    assert found.records[["lsoa_code", "reported_by"]].isna().all(axis=None)
    assert list(found.incident_ids()) == ["api-1", "p2"]


def test_every_category_is_a_crime_type() -> None:
    assert sorted(CATEGORIES.values()) == sorted(schema.CRIME_TYPES)


def test_an_id_that_comes_again_is_the_same_incident(tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    folder.mkdir()
    saved(folder / "ward_a.json", [record(1), record(2), crime(3, "p3")])
    saved(folder / "ward_b.json", [crime(3, "p3"), record(2)])
    found = read([folder], force=None)
    assert sorted(found.incident_ids()) == ["api-1", "api-2", "p3"]
    assert list(found.set_aside["file"]) == ["ward_a.json", "ward_a.json"]
    assert list(found.set_aside["line"]) == [2, 3]
    assert found.set_aside["reason"].iloc[0].endswith("id comes again in ward_b.json, line 2")
    assert list(found.account["duplicate"]) == [2, 0]


def test_a_crime_published_in_two_months_is_kept_once(tmp_path: Path) -> None:
    found = read_one(tmp_path, [crime(9, "p", month="2025-02"), crime(8, "p"), crime(7, "q")])
    assert list(found.incident_ids()) == ["q", "p"], "by month"
    assert list(found.records["line"]) == [3, 1], "the later month wins over the later line"
    assert found.set_aside["column"].item() == "Crime ID"


def test_offences_under_one_crime_id_are_all_kept(tmp_path: Path) -> None:
    answer = [
        crime(5, "p", category="violent-crime"),
        crime(6, "p", category="violent-crime"),
        crime(7, "p", category="public-order"),
        crime(8, "q"),
    ]
    found = read_one(tmp_path, answer)
    assert list(found.incident_ids()) == ["p-5", "p-6", "p-7", "q"]
    assert found.set_aside.empty


def test_of_offences_published_twice_those_of_the_newest_answer_are_kept(tmp_path: Path) -> None:
    for folder, ids in (("2025-01", (1, 2)), ("2025-02", (8, 9))):
        (tmp_path / folder).mkdir()
        answer = [crime(number, "p") for number in ids]
        with zipfile.ZipFile(tmp_path / folder / f"{folder}-answers.zip", "w") as target:
            target.writestr("answer.json", json.dumps(answer))
    found = read([tmp_path], force=None)
    assert list(found.incident_ids()) == ["p-8", "p-9"]
    assert found.set_aside["column"].tolist() == ["Crime ID", "Crime ID"]


def test_rows_set_aside_say_why(tmp_path: Path) -> None:
    place = record(0)["location"]
    answer = [
        record(1, location_type="BTP"),
        record(2, location=None, location_type=None),
        record(3, category="piracy"),
        record(4, month="January"),
        record(5, location=place | {"latitude": "0"}),
        record(6, category="public-disorder-weapons"),
        record(7, id=None),
        record(8, location="Quay Street"),
        "record",
        record(10),
    ]
    found = read_one(tmp_path, answer)
    aside = found.set_aside.set_index("line")
    assert list(aside["status"]) == ["excluded", "unlocated", *["quarantined"] * 7]
    assert aside["column"].fillna("").to_dict() == {
        1: "location_type",
        2: "",
        3: "category",
        4: "month",
        5: "location.latitude",
        6: "category",
        7: "id",
        8: "",
        9: "",
    }
    assert aside.loc[5, "value"] == "0"
    assert list(found.records["line"]) == [10]


def test_numbers_and_text_are_read_alike(tmp_path: Path) -> None:
    place = record(0)["location"]
    found = read_one(tmp_path, [record(1, id="1", location=place | {"longitude": -4.5})])
    assert list(found.records["longitude"]) == [-4.5]
    assert list(found.incident_ids()) == ["api-1"]


def test_an_empty_answer_has_no_rows(tmp_path: Path) -> None:
    assert read_one(tmp_path, []).records.empty


def test_answers_in_a_zip_stand_beside_other_json(tmp_path: Path) -> None:
    path = tmp_path / "saved.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("2025-01/ward.json", json.dumps([record(1)]))
        target.writestr("categories.json", json.dumps([{"url": "drugs", "name": "Drugs"}]))
    found = read([path], force=None)
    assert list(found.account["member"]) == ["2025-01/ward.json"]
    assert list(found.records["file"]) == ["saved.zip/2025-01/ward.json"]
    assert found.ignored == ("saved.zip: 1 JSON, no answer of crimes-street",)


@pytest.mark.parametrize("answer", [{"error": "x"}, [{"url": "drugs"}], "text", None, [1]])
def test_json_that_is_no_answer_is_refused_if_given_by_name(tmp_path: Path, answer: object) -> None:
    with pytest.raises(InputError, match=r"answer\.json holds JSON, but no answer of"):
        read([saved(tmp_path / "answer.json", answer)], force=None)
    with pytest.raises(DataMissingError, match=r"only answer\.json: 1 JSON, no answer"):
        read([tmp_path], force=None)


def test_of_many_files_without_an_answer_five_are_named(tmp_path: Path) -> None:
    for n in range(6):
        saved(tmp_path / f"answer {n}.json", [n])
    with pytest.raises(DataMissingError) as caught:
        read([tmp_path], force=None)
    assert str(caught.value).count("1 JSON, no answer") == 5


@pytest.mark.parametrize("text", ["", '[{"category": ', "<html>", "[" * 100_000])
def test_broken_json_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "answer.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"answer\.json.* not "):
        read([path], force=None)


def test_with_a_force_answers_are_left_alone_since_they_name_none(tmp_path: Path) -> None:
    answer = saved(tmp_path / "answer.json", [record(1)])
    with pytest.raises(DataMissingError, match="only JSON files, which name no force"):
        read([answer], force="mannin")
    street = tmp_path / "2025-01-mannin-street.csv"
    street.write_text(CSV_HEADER)
    found = read([answer, street], force="mannin")
    assert found.ignored == ("answer.json: 1 JSON file, which names no force",)


@pytest.mark.parametrize("shared", [True, False])
def test_a_month_in_both_forms_of_one_place_would_count_twice(tmp_path: Path, shared: bool) -> None:  # noqa: FBT001 - a case of the test
    answer = saved(tmp_path / "answer.json", [record(1), crime(2, "p")])
    street = tmp_path / "2025-01-mannin-street.csv"
    asb = ",2025-01,M,M,-4.5,54.2,Quay,,,Anti-social behaviour,,\n"
    row = f"{'p' if shared else 'q'},2025-01,M,M,-4.5,54.2,Quay,,,Burglary,,\n"
    street.write_text(CSV_HEADER + asb + row)
    if shared:
        with pytest.raises(InputError, match=r"2025-01 is there both in .* in one form only"):
            read([answer, street], force=None)
    else:
        assert len(read([answer, street], force=None).records) == 4


def test_crimes_in_both_forms_count_once(tmp_path: Path) -> None:
    answer = saved(tmp_path / "answer.json", [crime(2, "p")])
    street = tmp_path / "2025-01-mannin-street.csv"
    street.write_text(CSV_HEADER + "p,2025-01,M,M,-4.5,54.2,Quay,,,Burglary,,\n")
    found = read([answer, street], force=None)
    assert list(found.incident_ids()) == ["p"]
    assert list(found.set_aside["status"]) == ["duplicate"]
