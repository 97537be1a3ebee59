"""What may be printed about a hotspot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import publication_builders as builders
import pytest

from hotspots.publish import cells
from hotspots.publish.masking import VIOLENCE
from hotspots.schema import ALL_CRIME, CRIME_TYPES

if TYPE_CHECKING:
    from hotspots.publish.publication import Publication


@pytest.fixture(scope="module")
def publication() -> Publication:
    return builders.publication()


def with_mix(publication: Publication, counts: dict[str, int]) -> cells.Cells:
    """Give the first hotspot of all crime exactly these types."""
    hotspot = publication.hotspots.iloc[0]
    mix = publication.mix
    is_first = (mix["hotspot_id"] == hotspot["hotspot_id"]) & mix["crime_type"].isin(counts)
    others = mix[mix["hotspot_id"] != hotspot["hotspot_id"]]
    row = mix[mix["hotspot_id"] == hotspot["hotspot_id"]].iloc[[0] * len(counts)]
    row = row.assign(crime_type=list(counts), n=list(counts.values()))
    assert is_first.any()
    return cells.prepare(replace(publication, mix=pd.concat([row, others], ignore_index=True)))


def first(ready: cells.Cells, publication: Publication) -> int:
    ids: list[str] = ready.hotspots["hotspot_id"].tolist()
    return ids.index(publication.hotspots["hotspot_id"].iloc[0])


def test_hotspots_come_by_group_in_the_order_of_the_filter_then_by_rank(
    publication: Publication,
) -> None:
    table = cells.prepare(publication).hotspots
    assert table["crime_group"].drop_duplicates().tolist() == list(publication.crime_groups[:-1])
    assert table.groupby("crime_group")["rank"].apply(lambda r: r.is_monotonic_increasing).all()


def test_small_types_are_hidden_and_a_second_cell_with_them(publication: Publication) -> None:
    ready = with_mix(publication, {VIOLENCE: 4, "Burglary": 50, "Drugs": 9})
    words = ready.hotspots["types"].iloc[first(ready, publication)]
    assert words == f"Burglary 50; Drugs not shown; {VIOLENCE} fewer than 5"


def test_the_order_of_hidden_types_does_not_tell_their_size(publication: Publication) -> None:
    some = with_mix(publication, {"Burglary": 1, "Drugs": 2, "Robbery": 1, "Shoplifting": 30})
    other = with_mix(publication, {"Burglary": 2, "Drugs": 1, "Robbery": 1, "Shoplifting": 30})
    at = first(some, publication)
    assert some.mix[at] == other.mix[at]


def test_harm_is_coarse_beside_a_hidden_type_and_exact_otherwise(publication: Publication) -> None:
    hotspots = publication.hotspots.copy()
    hotspots.loc[0, "harm"] = 4321.0
    changed = replace(publication, hotspots=hotspots)
    hidden = with_mix(changed, {VIOLENCE: 3, "Burglary": 50, "Drugs": 9})
    shown = with_mix(changed, {VIOLENCE: 30, "Burglary": 50, "Drugs": 9})
    at = first(hidden, publication)
    assert hidden.hotspots["harm"].iloc[at] == 4000
    assert hidden.hotspots["is_harm_rounded"].iloc[at]
    assert shown.hotspots["harm"].iloc[at] == 4321


def test_a_type_s_own_hotspot_prints_its_count(publication: Publication) -> None:
    ready = cells.prepare(publication)
    of_type = ready.hotspots["crime_group"] == "Burglary"
    number = ready.types.index("Burglary")
    mixes = [mix for mix, is_type in zip(ready.mix, of_type, strict=True) if is_type]
    assert mixes == [[number, n] for n in ready.hotspots.loc[of_type, "n"]]


def test_missing_months_are_missing_and_not_zero(publication: Publication) -> None:
    series = np.array(cells.prepare(publication).series)
    assert (series[:, list(builders.MISSING)] == cells.MISSING).all()
    others = np.delete(series, list(builders.MISSING), axis=1)
    assert (others != cells.MISSING).all()


def test_no_small_month_is_printed(publication: Publication) -> None:
    ready = cells.prepare(publication)
    for group, series in zip(ready.hotspots["crime_group"], ready.series, strict=True):
        limit = ready.series_limits[group]
        assert not set(series) & set(range(1, limit))
    assert ready.series_limits["people"] == 5
    assert ready.series_limits[ALL_CRIME] == 3


def test_large_months_are_printed_as_they_are(publication: Publication) -> None:
    ready = cells.prepare(publication)
    top = publication.hotspots.sort_values("n").iloc[-1]
    own = publication.series[publication.series["hotspot_id"] == top["hotspot_id"]]
    at = ready.hotspots["hotspot_id"].tolist().index(top["hotspot_id"])
    shown = np.array(ready.series[at])[publication.months.get_indexer(own["month"])]
    assert shown.tolist() == own["n"].tolist()


def test_the_change_of_list_is_found(publication: Publication) -> None:
    assert cells.list_changes(publication) == [builders.LIST_CHANGE]


def test_coverage_is_not_counted_twice_where_types_are_given_too(publication: Publication) -> None:
    burglary = publication.coverage.assign(crime_type="Burglary")
    both = replace(publication, coverage=pd.concat([publication.coverage, burglary]))
    assert both.coverage_by_month["rows_in"].max() == 4000


def test_a_month_that_nothing_is_known_of_is_missing_and_nothing_else(
    publication: Publication,
) -> None:
    last = publication.months[-1]
    known = publication.coverage[publication.coverage["month"] != last]
    found = replace(publication, coverage=known).coverage_by_month
    flags = ["is_missing", "is_header_only", "is_short", "is_revised"]
    assert found.iloc[-1:][flags].to_numpy().tolist() == [[True, False, False, False]]
    assert found[flags].dtypes.astype("str").tolist() == ["bool"] * 4
    assert found.iloc[-1:][["rows_in", "kept", "unlocated"]].to_numpy().tolist() == [[0, 0, 0]]


def test_months_outside_the_window_need_no_second_hidden_month(publication: Publication) -> None:
    ready = cells.prepare(publication)
    months = publication.months
    outside = (months < publication.window_start) | (months > publication.window_end)
    codes = np.array(ready.series)[:, outside]
    assert (codes == cells.FEWER).any()
    assert not (codes == cells.NOT_SHOWN).any()


def test_codes_are_those_that_the_pages_know() -> None:
    assert (cells.MISSING, cells.FEWER, cells.NOT_SHOWN) == (-1, -2, -3)


@pytest.mark.parametrize(("harm", "shown"), [(4_499.0, 4_000), (4_501.0, 5_000)])
def test_harm_is_rounded_to_thousands(publication: Publication, harm: float, shown: float) -> None:
    changed = replace(publication, hotspots=publication.hotspots.assign(harm=harm))
    hidden = with_mix(changed, {VIOLENCE: 3, "Burglary": 50, "Drugs": 9})
    assert hidden.hotspots["harm"].iloc[first(hidden, publication)] == shown


def test_harm_beside_shown_types_is_whole(publication: Publication) -> None:
    changed = replace(publication, hotspots=publication.hotspots.assign(harm=4_321.6))
    shown = with_mix(changed, {VIOLENCE: 30, "Burglary": 50, "Drugs": 9})
    assert shown.hotspots["harm"].iloc[first(shown, publication)] == 4_322


def test_types_come_in_the_order_of_police_uk_and_others_after_them(
    publication: Publication,
) -> None:
    mix = publication.mix
    odd = mix.iloc[[0, 0]].assign(crime_type=["Piracy", "Arson"], n=[9, 9])
    odd = odd.astype(mix.dtypes.to_dict())
    both = replace(publication, mix=pd.concat([mix, odd], ignore_index=True))
    types = cells.prepare(both).types
    assert types[-2:] == ["Arson", "Piracy"]
    known = [name for name in CRIME_TYPES if name in types]
    assert types[:-2] == known


def test_rows_of_hotspots_that_are_not_published_count_nowhere(publication: Publication) -> None:
    ghost = publication.mix.iloc[[0]].assign(hotspot_id="nobody", n=999)
    later = publication.series.iloc[[0]].assign(hotspot_id="nobody", n=999)
    more = replace(
        publication,
        mix=pd.concat([publication.mix, ghost], ignore_index=True),
        series=pd.concat([publication.series, later], ignore_index=True),
    )
    plain, found = cells.prepare(publication), cells.prepare(more)
    assert (found.mix, found.series) == (plain.mix, plain.series)


def test_one_hidden_month_of_the_window_takes_another_with_it(publication: Publication) -> None:
    hotspot = publication.hotspots.iloc[0]["hotspot_id"]
    months = publication.months[publication.months >= publication.window_start]
    months = months[months <= publication.window_end]
    others = publication.series[publication.series["hotspot_id"] != hotspot]
    row = publication.series[publication.series["hotspot_id"] == hotspot].iloc[[0] * len(months)]
    counts = np.full(len(months), 9)
    counts[3], counts[7] = 1, 8
    own = row.assign(month=months, n=counts)
    changed = replace(publication, series=pd.concat([own, others], ignore_index=True))
    ready = cells.prepare(changed)
    shown = np.array(ready.series[first(ready, publication)])
    place = publication.months.get_indexer(months)
    expected = np.where(counts == 1, cells.FEWER, np.where(counts == 8, cells.NOT_SHOWN, counts))
    known = shown[place] != cells.MISSING
    assert known.sum() > 8
    assert shown[place][known].tolist() == expected[known].tolist()


def test_every_hotspot_has_its_types_and_months(publication: Publication) -> None:
    ready = cells.prepare(publication)
    assert all(ready.mix)
    assert all(set(months) - {cells.MISSING, 0} for months in ready.series)
