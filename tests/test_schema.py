from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import builders
from hotspots import schema
from hotspots.errors import CRSError, SchemaError
from immutable import changeable


@pytest.mark.parametrize("table", schema.STORED, ids=lambda table: table.name)
def test_every_table_has_an_empty_form_that_keeps_to_it(table: schema.Schema) -> None:
    assert schema.check(schema.empty(table), table).empty


@pytest.mark.parametrize("table", schema.STORED, ids=lambda table: table.name)
def test_every_column_says_what_it_means(table: schema.Schema) -> None:
    assert set(table.key) <= set(table.names)
    assert all(column.meaning for column in table.columns)
    assert len(set(table.names)) == len(table.names)


def test_all_faults_are_reported_at_once() -> None:
    counts = pd.DataFrame(
        {
            "point_id": ["a", "a", None],
            "month": pd.to_datetime(["2024-01-01"] * 3).as_unit("ms"),
            "crime_type": ["Burglary", "Burglary", "Burglary"],
            "n": [1, -2, 3],
        }
    ).astype({"point_id": "str", "crime_type": "str"})
    with pytest.raises(SchemaError) as caught:
        schema.check(counts, schema.COUNTS)
    message = str(caught.value)
    assert message.startswith("counts: ")
    assert "1 of 3 values of point_id are missing" in message
    assert "n falls below 0" in message
    assert "1 rows repeat the key ('point_id', 'month', 'crime_type')" in message


def test_of_very_many_faults_the_first_are_listed_and_all_counted() -> None:
    odd = pd.DataFrame({f"column {n}": [n] for n in range(60)})
    with pytest.raises(SchemaError, match=r"and \d+ more$") as caught:
        schema.check(odd, schema.COUNTS)
    assert str(caught.value).count(";") == 12


def test_columns_and_dtypes_are_held_to() -> None:
    counts = schema.empty(schema.COUNTS).drop(columns="n").assign(extra=1.0, crime_type=1)
    with pytest.raises(SchemaError, match=r"column n is missing.*column extra is unknown"):
        schema.check(counts, schema.COUNTS)


@pytest.mark.parametrize("as_categories", [False, True])
def test_rows_in_order_ascend_by_their_key(*, as_categories: bool) -> None:
    table = pd.DataFrame({"kind": ["a", "b", "b"], "n": [2, 1, 3]}).astype({"kind": "str"})
    if as_categories:  # in an order of their own, and one that is not used
        table["kind"] = pd.Categorical(table["kind"], ["b", "z", "a"])
    key = ("kind", "n")
    assert schema.is_in_order(table, key)
    assert schema.is_in_order(table.iloc[:0], key)
    assert not schema.is_in_order(table.iloc[[0, 2, 1]], key)
    assert not schema.is_in_order(table.iloc[[0, 1, 1]], key), "a key that repeats"
    assert not schema.is_in_order(table.assign(kind=table["kind"].where(table["n"] > 1)), key)


def test_text_may_be_held_as_categories_of_text() -> None:
    table = schema.empty(schema.COUNTS)
    schema.check(table.astype({"crime_type": "category"}), schema.COUNTS)
    numbers = pd.Categorical.from_codes([], pd.Index([1, 2]))
    with pytest.raises(SchemaError, match="crime_type is int64, expected str"):
        schema.check(table.assign(crime_type=numbers), schema.COUNTS)


def test_values_outside_the_list_are_named() -> None:
    table = schema.empty(schema.SET_ASIDE)
    table.loc[0] = ["f", 1, "lost", "because", None, None, pd.NaT, None]
    table = table.astype({column.name: column.dtype for column in schema.SET_ASIDE.columns})
    with pytest.raises(SchemaError, match="status holds \\['lost'\\]"):
        schema.check(table, schema.SET_ASIDE)


def test_degrees_are_refused() -> None:
    points = builders.points_table(builders.street_points(3, seed=1)).to_crs("EPSG:4326")
    with pytest.raises(CRSError, match="points: expected EPSG:27700, got EPSG:4326"):
        schema.check(points, schema.POINTS)


def test_missing_and_wrong_geometries_are_counted() -> None:
    points = builders.points_table(builders.street_points(3, seed=1))
    points.loc[0, "geometry"] = None
    points.loc[1, "geometry"] = points.geometry[1].buffer(5)
    with pytest.raises(SchemaError, match=r"1 of 3 geometries are missing.*Polygon"):
        schema.check(points, schema.POINTS)


def test_the_manual_of_tables_is_this_schema(request: pytest.FixtureRequest) -> None:
    page = Path(__file__).resolve().parents[1] / "docs" / "tables.md"
    if request.config.getoption("--write-golden"):
        page.write_text(schema.to_markdown(), encoding="utf-8", newline="\n")
    assert page.read_text(encoding="utf-8") == schema.to_markdown(), (
        "docs/tables.md is out of date; run pytest --write-golden"
    )


def test_a_record_may_lack_what_is_not_always_published() -> None:
    missing = {c.name for c in schema.RECORDS.columns if c.nullable}
    assert missing == {"lsoa_code", "outcome", "reported_by"}
    bounds = {c.name: (c.low, c.high) for c in schema.RECORDS.columns if c.low is not None}
    assert bounds == {"longitude": (-180, 180), "latitude": (-90, 90), "line": (1, None)}


def test_contracts_cannot_be_changed() -> None:
    assert changeable(schema) == set()
