"""The district beside its hotspots: no total that gives a small number away, streets in order."""

from __future__ import annotations

from dataclasses import replace

import publication_builders as builders
import pytest

from hotspots.publish import cells, page_district
from hotspots.schema import ALL_CRIME


def told(total: int | None, name: str = ALL_CRIME) -> int | None:
    """Publish one district's total and give it back as its page has it."""
    plain = builders.publication()
    code = plain.districts["area_code"].iloc[0]
    held = dict(plain.district_totals)
    own = plain.hotspots[
        (plain.hotspots["district_code"] == code) & (plain.hotspots["crime_group"] == name)
    ]
    most = int(own["n"].max())
    if total is None:
        del held[code, name]
    else:
        held[code, name] = most + total
    changed = replace(plain, district_totals=held)
    found = page_district.totals(changed, cells.prepare(changed))
    value = found[0]["groups"][plain.crime_groups.index(name)]
    return None if value is None else value - most


def test_a_large_total_is_told() -> None:
    assert told(5_000) == 5_000


@pytest.mark.parametrize("rest", [1, 4, -3, None])
def test_a_total_that_leaves_a_small_number_or_none_is_not_told(rest: int | None) -> None:
    assert told(rest) is None


def test_streets_come_by_all_months_and_small_numbers_are_hidden() -> None:
    plain = builders.publication()
    code = plain.districts["area_code"].iloc[0]
    homes, shops = page_district.street_lists(plain, code)
    assert (homes["key"], shops["key"]) == page_district.LISTS
    assert [row["street"] for row in homes["rows"]] == ["Quay Street", "Harbour Road"]
    assert homes["rows"][0]["counts"] == ["8", "19"]
    small = plain.street_counts.assign(year=2, whole=3)
    (first, *_), _ = (
        each["rows"]
        for each in page_district.street_lists(replace(plain, street_counts=small), code)
    )
    assert first["counts"] == ["under three", "3"]


def test_a_street_of_a_hotspot_links_to_it() -> None:
    plain = builders.publication()
    code = plain.districts["area_code"].iloc[0]
    table = plain.street_counts
    busy = table.assign(whole=table["whole"].where(table["street_number"] > 0, 90))
    homes, _ = page_district.street_lists(replace(plain, street_counts=busy), code)
    first = homes["rows"][0]
    known = plain.hotspots.set_index("hotspot_id")["crime_group"]
    assert (first["street"], known[first["hotspot_id"]]) == ("Mill Lane", first["crime_group"])


def test_a_district_without_such_streets_has_no_lists() -> None:
    plain = builders.publication()
    assert page_district.street_lists(plain, "nowhere") == []
