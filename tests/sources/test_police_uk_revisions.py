"""What changed where a force-month was published again."""

from __future__ import annotations

import zipfile
from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots import schema
from hotspots.sources.police_uk import read
from hotspots.sources.police_uk.revisions import differences
from hotspots.sources.police_uk.rows import READABLE

if TYPE_CHECKING:
    from pathlib import Path

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context\n"
)
ASB = schema.ASB
Row = tuple[str | None, str, float | None, str | None]


def batch(rows: list[Row]) -> pa.Table:
    """Rows of (Crime ID, type, longitude, outcome)."""
    n = len(rows)
    ids, types, longitudes, outcomes = zip(*rows, strict=True) if rows else ((), (), (), ())
    columns = {name: pa.nulls(n, READABLE.field(name).type) for name in READABLE.names}
    columns |= {
        "crime_id": pa.array(ids, pa.string()),
        "crime_type": pa.array(types, pa.string()).dictionary_encode(),
        "longitude": pa.array(longitudes, pa.float64()),
        "latitude": pa.array([None if x is None else 54.0 for x in longitudes], pa.float64()),
        "location": pa.array(["On or near Quay"] * n, pa.string()).dictionary_encode(),
        "outcome": pa.array(outcomes, pa.string()).dictionary_encode(),
    }
    return pa.table(columns).cast(READABLE)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([], [], (0, 0, 0, 0)),
        ([("a", "Drugs", -4.5, None)], [("a", "Drugs", -4.5, None)], (0, 0, 0, 0)),
        ([("a", "Drugs", -4.5, None)], [("a", "Drugs", -4.5, "Charged")], (0, 0, 0, 1)),
        ([("a", "Drugs", -4.5, None)], [("a", "Drugs", -4.6, "Charged")], (0, 0, 1, 0)),
        ([("a", "Drugs", -4.5, None)], [("a", "Robbery", -4.5, None)], (0, 0, 1, 0)),
        ([("a", "Drugs", None, None)], [("a", "Drugs", None, None)], (0, 0, 0, 0)),
        ([("a", "Drugs", None, None)], [("a", "Drugs", -4.5, None)], (0, 0, 1, 0)),
        ([("a", "Drugs", -4.5, None)], [("b", "Drugs", -4.5, None)], (1, 1, 0, 0)),
        ([(None, ASB, -4.5, None)] * 3, [(None, ASB, -4.5, None)] * 2, (0, 1, 0, 0)),
        ([(None, ASB, -4.5, None)], [(None, ASB, -4.6, None)], (1, 1, 0, 0)),
        ([("a", "Drugs", -4.5, None)] * 2, [("a", "Drugs", -4.5, None)], (0, 1, 0, 0)),
    ],
)
def test_a_revision_is_counted_by_what_moved(
    before: list[Row], after: list[Row], found: tuple[int, ...]
) -> None:
    counts = differences(batch(before), batch(after))
    names = ("added", "removed", "changed", "outcome_changed")
    assert tuple(counts[name] for name in names) == found


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", None]),
        st.sampled_from(["Drugs", "Robbery"]),
        st.sampled_from([-4.5, -4.6, None]),
        st.sampled_from(["Charged", None]),
    ),
    max_size=12,
)


@given(ROWS, ROWS)
def test_a_revision_reconciles_and_row_order_does_not_matter(
    before: list[Row],
    after: list[Row],
) -> None:
    counts = differences(batch(before), batch(after))
    assert counts["rows_after"] == counts["rows_before"] + counts["added"] - counts["removed"]
    assert min(counts.values()) >= 0
    turned = differences(batch(before[::-1]), batch(after[::-1]))
    assert turned == counts
    back = differences(batch(after), batch(before))
    assert (back["added"], back["removed"]) == (counts["removed"], counts["added"])
    assert back["changed"] == counts["changed"]
    shared = Counter(row[0] for row in before) & Counter(row[0] for row in after)
    assert counts["changed"] + counts["outcome_changed"] <= sum(shared.values())
    assert not any(differences(batch(before), batch(before))[name] for name in list(counts)[2:])


def publish(folder: Path, name: str, rows: list[str]) -> None:
    with zipfile.ZipFile(folder / f"{name}.zip", "w") as target:
        target.writestr("2025-01/2025-01-mannin-street.csv", HEADER + "".join(rows))


def test_each_publication_is_held_against_the_one_before(tmp_path: Path) -> None:
    row = "{},2025-01,M,M,-4.5,54.2,Quay,,,Burglary,{},\n"
    publish(tmp_path, "2025-01-mannin-01", [row.format("a", ""), row.format("b", "")])
    publish(tmp_path, "2025-02-mannin-01", [row.format("a", "Charged")])
    publish(tmp_path, "2025-03-mannin-01", [row.format("a", "Charged"), row.format("c", "")])
    found = read([tmp_path], force="mannin")
    columns = ["rows_before", "rows_after", "added", "removed", "changed", "outcome_changed"]
    assert found.revisions[columns].to_numpy().tolist() == [[2, 1, 0, 1, 0, 1], [1, 2, 1, 0, 0, 0]]
    assert found.revisions["newer"].str[:7].tolist() == ["2025-02", "2025-03"]
    assert [each.is_newest for each in found.supplies] == [False, False, True]
    assert sorted(found.incident_ids()) == ["a", "c"]


def test_a_month_published_once_has_no_revision(tmp_path: Path) -> None:
    publish(tmp_path, "2025-01", [])
    found = read([tmp_path], force="mannin")
    assert schema.check(found.revisions, schema.REVISIONS).empty
    assert [(each.month, each.rows_in) for each in found.supplies] == [("2025-01", 0)]
