"""The published files themselves: the counts their description states, and the rows they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotspots.sources.police_uk import PoliceRecords, read

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
CRIME = DATA / "police_uk"
BARNET = DATA / "api" / "barnet_crimes-street_wards_2016-01_2018-06.zip"

needs_data = pytest.mark.skipif(not CRIME.is_dir(), reason="the published files are not here")


@pytest.fixture(scope="module")
def lancashire() -> PoliceRecords:
    return read(sorted(CRIME.glob("*.zip")), force="lancashire")


@needs_data
def test_lancashire_rows_add_up(lancashire: PoliceRecords) -> None:
    account = lancashire.account.drop(columns="member").groupby("file").sum()
    assert account["rows_in"].to_dict() == {
        "2022-10.zip": 564_082,
        "2024-04.zip": 58_881,
        "2025-06.zip": 91_993,
    }
    assert list(account["duplicate"]) == [6_791, 1, 8]
    share = (account["unlocated"] / account["rows_in"]).round(3)
    assert list(share) == [0.061, 0.031, 0.031]
    assert not account[["excluded", "quarantined"]].any(axis=None)
    assert len(lancashire.account) == 42


@needs_data
def test_lancashire_anti_social_behaviour_is_whole(lancashire: PoliceRecords) -> None:
    asb = lancashire.records["crime_type"] == "Anti-social behaviour"
    ids = lancashire.incident_ids()
    assert (ids.str.startswith("asb-") == asb).all()
    assert (lancashire.set_aside["crime_type"] != "Anti-social behaviour").all()
    assert ids[asb].str.startswith("asb-20").all()
    assert ids[~asb].str.fullmatch("[0-9a-f]{64}(-type.*)?").all()


@needs_data
def test_cumbria_is_named_not_read(lancashire: PoliceRecords) -> None:
    assert lancashire.ignored == ("2025-06.zip: 6 street files of cumbria",)
    cumbria = read([CRIME / "2025-06.zip"], force="cumbria")
    assert cumbria.account["rows_in"].sum() == 19_361
    assert cumbria.account["unlocated"].sum() == 0


@pytest.mark.skipif(not BARNET.is_file(), reason="the saved answers are not here")
def test_barnet_answers_add_up() -> None:
    found = read([BARNET], force=None)
    account = found.account.drop(columns=["file", "member"]).sum()
    assert len(found.account) == 629
    assert account["rows_in"] == 87_816
    assert account["excluded"] == 947
    again = found.set_aside.loc[found.set_aside["status"] == "duplicate", "column"].value_counts()
    # Ids come again 4,093 times, 182 of them in records of British Transport Police, which are
    # excluded first. Crimes under one Crime ID with several ids are offences of their own.
    assert again.to_dict() == {"id": 3_911}
    assert account["kept"] == len(found.records) == 87_816 - 947 - 3_911
    shared = found.incident_ids().str.extract(r"^([0-9a-f]{64})-", expand=False).dropna()
    assert shared.duplicated().sum() == 2_871
