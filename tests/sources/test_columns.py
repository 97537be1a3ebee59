from __future__ import annotations

import pandas as pd
import pytest

from hotspots.errors import InputError, SettingsError
from hotspots.sources.columns import (
    by_plain_name,
    candidates,
    chosen,
    irish_words,
    is_named_irish,
    listed,
    plain,
    refuse_foreign,
    telling,
)


@pytest.mark.parametrize("heading", ["Unit_Type ", "UNIT TYPE", "unit-type", "(Unit) Type:"])
def test_a_plain_heading_is_its_letters_and_digits(heading: str) -> None:
    assert plain(heading) == "unittype"


def test_letters_beyond_english_and_digits_stay() -> None:
    assert plain("HÖHE 2 (m)") == "höhe2m"


def test_headings_in_a_message() -> None:
    assert listed(["a", "b c"]) == "'a', 'b c'"
    assert listed([]) == "none"


def test_candidates_come_in_the_order_of_the_names_as_the_file_spells_them() -> None:
    assert candidates(["Asset ID", "x", "OBJECTID"], ["objectid", "fid", "assetid"]) == [
        "OBJECTID",
        "Asset ID",
    ]


def test_of_two_headings_with_one_plain_form_the_first_counts() -> None:
    assert candidates(["Unit ID", "UNIT_ID"], ["unitid"]) == ["Unit ID"]


def tale(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype="str")


@pytest.mark.parametrize(("n_different", "expected"), [(9, "often"), (8, "always")])
def test_an_id_is_told_by_nine_in_ten_values_that_differ(n_different: int, expected: str) -> None:
    values = [str(min(i, n_different - 1)) for i in range(10)]
    table = tale(often=values, always=[str(i) for i in range(10)])
    assert telling(table, ["often", "always"]) == expected


def test_empty_values_are_no_ids() -> None:
    full = [str(i) for i in range(10)]
    table = tale(holes=[*full[:8], "", ""], full=full)
    assert telling(table, ["holes", "full"]) == "full"


def test_without_a_sure_id_the_column_with_most_different_values_serves() -> None:
    table = tale(a=["1"] * 4, b=["1", "1", "2", "2"], c=["3", "4", "3", "4"])
    assert telling(table, ["a", "b", "c"]) == "b"
    assert telling(table, ["a", "c", "b"]) == "c"
    assert telling(table, []) is None


def test_a_column_spelt_exactly_goes_before_one_spelt_alike() -> None:
    headings = ["UNIT ID", "unit_id"]
    assert chosen("f.csv", headings, {"lamp_id": "unit_id"}, ["lamp_id"]) == {"lamp_id": "unit_id"}
    assert chosen("f.csv", headings, {"lamp_id": "Unit-Id"}, ["lamp_id"]) == {"lamp_id": "UNIT ID"}


def test_a_key_that_is_not_allowed_is_a_fault_of_the_settings() -> None:
    with pytest.raises(SettingsError, match=r"f\.csv: unknown key 'b', 'c'; the keys are a, d\."):
        chosen("f.csv", ["x"], {"a": "x", "b": "x", "c": "x"}, ["a", "d"])


@pytest.mark.parametrize("wanted", ["unit", "", "№"])
def test_a_column_that_is_not_there_is_refused_with_those_that_are(wanted: str) -> None:
    with pytest.raises(InputError, match=r"f\.csv: found no column .* the file has '#', 'unit id'"):
        chosen("f.csv", ["#", "unit id"], {"lamp_id": wanted}, ["lamp_id"])


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        (["Crime ID", "Month", "Falls within"], "police.uk crime or outcome records"),
        (["MONTH", "crime_type"], "police.uk crime records"),
        (["Type", "Object of search"], "police.uk stop-and-search records"),
        (["LSOA code (2011)", "Rank"], "statistics of LSOAs"),
        (["LSOA code (2021)", "Rank"], "statistics of LSOAs"),
    ],
)
def test_what_is_something_else_is_refused_by_name(headings: list[str], kind: str) -> None:
    with pytest.raises(InputError, match=r"f\.csv: expected lamps, found ") as caught:
        refuse_foreign("f.csv", headings, expected="lamps")
    assert f"found {kind} (columns {listed(headings)})" in str(caught.value)


def test_one_heading_of_two_is_not_enough_to_refuse() -> None:
    refuse_foreign("f.csv", ["Month", "LSOA code", "Falls within"], expected="lamps")
    with pytest.raises(InputError):
        refuse_foreign("f.csv", ["Month", "LSOA code", "Crime type"], expected="lamps")


@pytest.mark.parametrize(
    ("name", "is_irish"),
    [
        ("Northern Ireland.csv", True),
        ("dfi_lights.csv", True),
        ("Irish lights.csv", True),
        ("Irish Sea promenade lights.csv", False),
        ("lights.csv", False),
    ],
)
def test_the_name_of_a_file_may_be_irish_but_the_irish_sea_is_not(
    name: str, *, is_irish: bool
) -> None:
    assert is_named_irish(name) == is_irish


@pytest.mark.parametrize(("n", "ends_in"), [(24, "'c23'"), (25, "'c23', and 1 more")])
def test_of_very_many_headings_the_first_are_shown(n: int, ends_in: str) -> None:
    words = listed([f"c{number}" for number in range(n)])
    assert words.endswith(ends_in)
    assert words.count("'") == 48


@pytest.mark.parametrize(("n_irish", "is_told"), [(1, False), (2, True)])
def test_most_values_have_to_be_places_in_northern_ireland(n_irish: int, *, is_told: bool) -> None:
    towns = [*["Preston"] * (3 - n_irish), *["Belfast"] * n_irish, ""]
    words = irish_words(tale(town=towns))
    assert bool(words) is is_told
    if is_told:
        assert words == "most values of 'town', such as 'Preston', are in Northern Ireland"
    assert irish_words(tale(town=["Preston", "Belfast"])) == ""
    assert irish_words(tale(town=["", ""])) == ""


def test_a_heading_may_name_an_irish_grid() -> None:
    assert irish_words(tale(x=["1"], ITM=["2"])) == "the heading 'ITM' names an Irish grid"


@pytest.mark.parametrize(("n_letters", "shown"), [(60, "x" * 60), (61, "x" * 60 + "…")])
def test_long_headings_are_cut(n_letters: int, shown: str) -> None:
    assert listed(["x" * n_letters]) == f"'{shown}'"


def test_of_a_file_of_another_kind_six_columns_are_shown() -> None:
    headings = ["Crime type", "Month", "c", "d", "e", "f", "g"]
    words = r"\(columns 'Crime type', 'Month', 'c', 'd', 'e', 'f'\); name"
    with pytest.raises(InputError, match=words):
        refuse_foreign("f.csv", headings, expected="lights")


def test_a_heading_without_letters_has_no_plain_name() -> None:
    assert by_plain_name(["#", "a", "A "]) == {"a": "a"}


def test_of_headings_spelt_alike_the_first_is_the_one_named() -> None:
    headings = ["a", "UNIT ID", "unit_id"]
    assert chosen("f.csv", headings, {"x": "Unit-Id", "y": "a"}, ["x", "y"]) == {
        "x": "UNIT ID", "y": "a",
    }  # fmt: skip
