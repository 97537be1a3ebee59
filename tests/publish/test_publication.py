"""What is handed over to be published."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import publication_builders as builders
import pytest

from hotspots.errors import PublishError, SchemaError
from hotspots.publish.publication import check, slugs


def test_a_good_publication_passes() -> None:
    check(builders.publication())
    check(builders.hostile())


def test_slugs_are_plain_and_all_different() -> None:
    names = pd.Series(["Blackburn with Darwen", "Ynys Môn", "Index", "!!!", "Ynys Mon", "x" * 90])
    codes = pd.Series(["E1", "W1", "E2", "E3", "W2", "E4"])
    found = slugs(names, codes)
    assert found[:5] == ["blackburn-with-darwen", "ynys-mon", "index-e2", "e3", "ynys-mon-w2"]
    assert len(found[5]) == 60


def test_a_publication_without_districts_says_what_to_add() -> None:
    plain = builders.publication()
    areas = plain.areas[plain.areas["level"] != "district"]
    with pytest.raises(PublishError, match="boundaries of level 'district'"):
        check(replace(plain, areas=areas))


def test_a_hotspot_in_an_unknown_district_is_refused() -> None:
    plain = builders.publication()
    hotspots = plain.hotspots.assign(district_code="E99")
    with pytest.raises(PublishError, match="E99"):
        check(replace(plain, hotspots=hotspots))


def test_an_unlisted_crime_group_is_refused() -> None:
    plain = builders.publication()
    with pytest.raises(PublishError, match="Burglary"):
        check(replace(plain, crime_groups=tuple(g for g in plain.crime_groups if g != "Burglary")))


def test_a_broken_table_is_refused() -> None:
    plain = builders.publication()
    with pytest.raises(SchemaError, match="hotspots"):
        check(replace(plain, hotspots=plain.hotspots.drop(columns="rank")))


def test_names_that_agree_in_all_are_numbered() -> None:
    names, codes = pd.Series(["York"] * 4), pd.Series(["E1"] * 4)
    assert slugs(names, codes) == ["york", "york-e1", "york-e1-2", "york-e1-2-2"]
    assert slugs(pd.Series(["!"]), pd.Series(["?"])) == ["district"]


def test_three_strange_districts_and_groups_are_named() -> None:
    plain = builders.publication()
    names = [f"E{n % 5}" for n in range(len(plain.hotspots))]
    hotspots = plain.hotspots.assign(district_code=names).astype({"district_code": "str"})
    with pytest.raises(PublishError, match=r"districts \['E0', 'E1', 'E2'\] that"):
        check(replace(plain, hotspots=hotspots))
    groups = sorted(set(plain.hotspots["crime_group"]))
    assert len(groups) > 3
    with pytest.raises(PublishError, match=re.escape(f"crime groups {groups[:3]} have hotspots")):
        check(replace(plain, crime_groups=()))


def test_months_and_districts_come_in_order() -> None:
    plain = builders.publication()
    first, last = plain.data_months
    assert plain.months[0] == first
    assert plain.months[-1] == last
    assert (plain.months.to_period("M").asi8[1:] - plain.months.to_period("M").asi8[:-1] == 1).all()
    assert plain.districts["name"].is_monotonic_increasing
    assert plain.districts.index.tolist() == list(range(len(plain.districts)))
