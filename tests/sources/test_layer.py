from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point

from hotspots.errors import DataMissingError, InputError, SettingsError
from hotspots.schema import ACCOUNT, PLACES, SET_ASIDE, check, empty
from hotspots.sources import layer
from hotspots.sources.layer import Features, Given, LayerFile
from hotspots.sources.rows import aside

E, N = 350_000, 430_000


def load(path: Path, text: str | None = None, **columns: str) -> Features:
    if text is not None:
        path.write_text(text, encoding="utf-8")
    allowed = ("nr", "easting", "northing")
    return layer.load(path, expected="wells", fix="Mend it.", allowed=allowed, columns=columns)


@pytest.fixture
def wells(tmp_path: Path) -> Features:
    """Lines 2 to 6, of which line 4 cannot be placed."""
    pairs = [(E, N), (E + 1, N), (0, 0), (E + 3, N), (E + 4, N)]
    text = "".join(f"{i},{x},{y}\n" for i, (x, y) in zip("dcbae", pairs, strict=True))
    return load(tmp_path / "wells.csv", "id,x,y\n" + text)


# Reading


def test_rows_keep_their_line_though_some_never_become_one(tmp_path: Path) -> None:
    found = load(tmp_path / "wells.csv", f"id,x,y\n1,{E},{N}\n\n2,0,0\n3\n4,{E},{N}\n")
    assert found.file == "wells.csv"
    assert found.line.tolist() == [2, 4, 6]
    assert found.table["id"].tolist() == ["1", "2", "4"]
    assert found.located.reason.notna().tolist() == [False, True, False]
    assert found.set_aside["line"].tolist() == [5]
    assert found.rows_in == 4


def test_the_settings_name_columns_and_those_come_back_as_the_file_spells_them(
    tmp_path: Path,
) -> None:
    text = f"No.,Across,Up\n1,{E},{N}\n"
    found = load(tmp_path / "wells.csv", text, nr="no", easting="ACROSS", northing="up")
    assert found.named == {"nr": "No.", "easting": "Across", "northing": "Up"}
    assert found.located.columns == {"easting": "Across", "northing": "Up"}


def test_without_a_heading_the_given_ones_count_and_the_first_line_is_a_row(
    tmp_path: Path,
) -> None:
    path = tmp_path / "wells.tsv"
    path.write_text(f"a\t{E}\t{N}\nb\t{E}\t{N}\n", encoding="utf-8")
    found = layer.load(path, expected="wells", fix="Mend it.", headings=["id", "x", "y"])
    assert found.line.tolist() == [1, 2]
    assert found.table["id"].tolist() == ["a", "b"]


def test_repairs_of_the_text_and_of_the_coordinates_are_both_told(tmp_path: Path) -> None:
    path = tmp_path / "wells.csv"
    path.write_bytes("name,lat,lon\nCafé,-2.7,53.7\n".encode("cp1252"))
    text, axes = load(path).repairs
    assert "Windows-1252" in text
    assert "the wrong way round" in axes


def test_what_cannot_be_used_is_refused_with_the_words_of_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "wells.csv"
    with pytest.raises(DataMissingError):
        load(path)
    with pytest.raises(InputError, match=r"tell which columns .* Mend it\."):
        load(path, "id,here\n1,2\n")
    with pytest.raises(InputError, match=r"expected wells, found police\.uk crime records"):
        load(path, f"Month,Crime type,x,y\n2024-01,Drugs,{E},{N}\n")
    with pytest.raises(SettingsError, match="unknown key 'depth'; the keys are nr, easting"):
        load(path, f"id,x,y\n1,{E},{N}\n", depth="x")


def shapes_file(path: Path, shapes: list[Point | LineString | None], **values: list[str]) -> Path:
    gpd.GeoDataFrame(values, geometry=shapes, crs="EPSG:27700").to_file(path)
    return path


def test_features_are_numbered_from_one_and_need_no_coordinate_columns(tmp_path: Path) -> None:
    path = shapes_file(tmp_path / "wells.gpkg", [None, Point(E, N)], Code=["a", "b"])
    found = load(path, nr="code", easting="east", northing="north")
    assert found.line.tolist() == [1, 2]
    assert found.rows_in == 2
    assert found.named == {"nr": "Code"}
    assert found.located.reason.isna().tolist() == [False, True]
    assert check(found.set_aside, SET_ASIDE).empty


def test_features_without_attributes_are_rows_all_the_same(tmp_path: Path) -> None:
    found = load(shapes_file(tmp_path / "wells.gpkg", [Point(E, N), Point(E, N)]))
    assert found.table.shape == (2, 0)
    assert found.line.tolist() == [1, 2]


def test_a_geographic_file_is_held_to_the_same_rules(tmp_path: Path) -> None:
    line = LineString([(E, N), (E, N + 1)])
    path = shapes_file(tmp_path / "wells.gpkg", [Point(E, N)], code=["a"])
    with pytest.raises(InputError, match="no column 'ref', which the settings name as nr"):
        load(path, nr="ref")
    with pytest.raises(SettingsError, match="unknown key 'depth'"):
        load(path, depth="code")
    with pytest.raises(InputError, match=r"expected wells as points .* not a point \(LineString\)"):
        load(shapes_file(tmp_path / "paths.gpkg", [line], code=["a"]))
    foreign = {"Month": ["2024-01"], "Crime type": ["Drugs"]}
    with pytest.raises(InputError, match=r"expected wells, found police\.uk crime records"):
        load(shapes_file(tmp_path / "crimes.gpkg", [Point(E, N)], **foreign))


# Ids


def with_ids(features: Features, ids: list[str]) -> Features:
    return replace(features, table=pd.DataFrame({"id": ids}, dtype="str"))


def test_without_a_column_of_ids_the_line_serves(wells: Features) -> None:
    ids, notes, warnings = layer.identify(wells, None, "well", wells.located.reason.isna())
    assert ids.to_dict() == {0: "well:line-2", 1: "well:line-3", 3: "well:line-5", 4: "well:line-6"}
    assert notes == ()
    assert warnings == ("no column of ids was recognised; 4 rows are numbered by their line",)


def test_good_ids_need_no_note(wells: Features) -> None:
    ids, notes, _ = layer.identify(wells, "id", "well", wells.located.reason.isna())
    assert ids.to_dict() == {0: "well:d", 1: "well:c", 3: "well:a", 4: "well:e"}
    assert notes == ()


def test_empty_and_repeated_ids_are_made_up_for_and_counted(wells: Features) -> None:
    every = pd.Series(True, wells.table.index)
    ids, notes, _ = layer.identify(with_ids(wells, ["A", "", "A", "A", "line-3"]), "id", "w", every)
    assert ids.tolist() == ["w:A", "w:line-3", "w:A#2", "w:A#3", "w:line-3#2"]
    assert [note[:17] for note in notes] == ["1 ids in 'id' are", "3 ids in 'id' rep"]


def test_rows_left_out_take_no_number(wells: Features) -> None:
    kept = wells.located.reason.isna()
    features = with_ids(wells, ["A", "B", "A", "C", "D"])
    ids, notes, _ = layer.identify(features, "id", "w", kept)
    assert ids.tolist() == ["w:A", "w:B", "w:C", "w:D"]
    assert notes == ()


@pytest.mark.parametrize("damaged", ["1.00E+12", "1E+12", "4.5E10", "03-Jan", "Mar-12", "#REF!"])
def test_ids_that_a_spreadsheet_damaged_are_counted_and_numbered(
    wells: Features, damaged: str
) -> None:
    features = with_ids(wells, [damaged, "1.5", "1E12", "1E", "1.00E+12-7"])
    ids, notes, _ = layer.identify(features, "id", "w", pd.Series(True, wells.table.index))
    assert ids.tolist() == ["w:line-2", "w:1.5", "w:1E12", "w:1E", "w:1.00E+12-7"]
    assert [note.split(",")[0] for note in notes] == ["1 ids in 'id' were damaged by a spreadsheet"]


# Putting together


def finish(features: Features, excluded: pd.DataFrame | None = None) -> LayerFile:
    excluded = empty(SET_ASIDE) if excluded is None else excluded
    kept = features.located.reason.isna() & ~features.line.isin(excluded["line"])
    ids = features.table.loc[kept, "id"]
    return layer.finish(
        features,
        PLACES,
        {"place_id": ids, "kind": "well", "name": ids.where(ids.ne("a"))},
        excluded=excluded,
        repairs=["mended"],
        columns={"place_id": "id"},
    )


def test_the_table_is_sorted_by_key_and_every_row_keeps_its_place(wells: Features) -> None:
    found = finish(wells)
    table = check(found.table, PLACES)
    assert table.index.tolist() == [0, 1, 2, 3]
    assert table["place_id"].tolist() == ["a", "c", "d", "e"]
    assert table.geometry.x.tolist() == [E + 3, E + 1, E, E + 4]
    assert table["name"].fillna("none").tolist() == ["none", "c", "d", "e"]


def test_the_account_adds_up_and_tells_each_row_left_out_once(wells: Features) -> None:
    # Line 4 is both excluded for what it is and without a place.
    lines = pd.Series([6, 4])
    excluded = aside("wells.csv", lines, status="excluded", reason="dry")
    before = aside("wells.csv", pd.Series([7]), status="quarantined", reason="misshapen")
    found = finish(replace(wells, set_aside=before, rows_in=6), excluded)
    row = check(found.account, ACCOUNT).iloc[0]
    assert row[["rows_in", "kept", "excluded", "quarantined"]].tolist() == [6, 3, 2, 1]
    told = check(found.set_aside, SET_ASIDE)[["line", "reason"]]
    assert told.to_numpy().tolist() == [[4, "dry"], [6, "dry"], [7, "misshapen"]]


def test_a_row_without_a_place_is_told_with_what_stood_there(wells: Features) -> None:
    told = finish(wells).set_aside.iloc[0]
    assert told[["file", "line", "status", "reason", "column", "value"]].tolist() == [
        "wells.csv",
        4,
        "quarantined",
        "the coordinate is zero",
        "x",
        "0",
    ]


def test_repairs_and_columns_are_those_of_all_steps(wells: Features) -> None:
    found = finish(replace(wells, repairs=("read",)))
    assert found.repairs == ("read", "mended")
    assert found.columns == {"easting": "x", "northing": "y", "place_id": "id"}


@pytest.mark.parametrize(("n", "is_cut"), [(999, False), (1_000, True), (2_000, True)])
@pytest.mark.parametrize("name", ["wells.csv", "wells.gpkg"])
def test_a_download_of_exactly_one_page_is_refused_unless_it_is_whole(
    tmp_path: Path, name: str, n: int, *, is_cut: bool
) -> None:
    path = tmp_path / name
    if name.endswith("csv"):
        path.write_text("id,x,y\n" + "".join(f"{i},{E + i},{N}\n" for i in range(n)))
    else:
        shapes_file(path, [Point(E + i, N) for i in range(n)], code=[str(i) for i in range(n)])
    whole = layer.load(path, expected="wells", fix="Mend it.", given=Given(is_whole=True))
    assert whole.rows_in == n
    if is_cut:
        with pytest.raises(InputError, match=rf"wells.* exactly {n:,} rows, .* is_whole = true"):
            load(path)
    else:
        assert load(path).rows_in == n


def test_a_row_that_comes_again_in_all_is_told_only_where_it_has_an_id(tmp_path: Path) -> None:
    text = f"id,x,y\n1,{E},{N}\n1,{E},{N}\n1,{E + 1},{N}\n,{E},{N}\n,{E},{N}\n"
    found = load(tmp_path / "wells.csv", text)
    every = pd.Series(True, found.table.index)
    assert layer.repeats(found, "id", every).tolist() == [False, True, False, False, False]
    assert not layer.repeats(found, None, every).any()
    told = check(layer.duplicates(found, layer.repeats(found, "id", every)), SET_ASIDE)
    assert told[["line", "status"]].to_numpy().tolist() == [[3, "duplicate"]]


def test_blanks_taken_off_are_counted_in_columns_that_are_used(tmp_path: Path) -> None:
    found = load(tmp_path / "wells.csv", f"id,x,y,z\na  ,{E},{N},q  \nb,{E},{N},q  \n")
    ids = found.table["id"]
    done = layer.finish(
        found,
        PLACES,
        {"place_id": ids, "kind": "well", "name": ids},
        excluded=empty(SET_ASIDE),
        repairs=(),
        columns={"place_id": "id"},
    )
    assert done.repairs == ("1 rows have values padded with blanks in 'id'; taken off",)


def test_rows_outside_the_area_are_excluded_in_the_account(tmp_path: Path) -> None:
    near = Point(E, N).buffer(9_000)
    path = tmp_path / "wells.csv"
    path.write_text(f"id,x,y\na,{E},{N}\nb,{E + 20_000},{N}\n")
    found = layer.load(path, expected="wells", fix="Mend it.", given=Given(near=near))
    done = finish(found)
    assert done.set_aside[["line", "status", "reason"]].to_numpy().tolist() == [
        [3, "excluded", "outside the area"]
    ]
    assert check(done.account, ACCOUNT)["excluded"].tolist() == [1]


def test_an_id_that_a_spreadsheet_damaged_is_shown_as_it_stands(wells: Features) -> None:
    _, notes, _ = layer.identify(
        with_ids(wells, ["a", "03-Jan", "x", "b", "c"]), "id", "well", pd.Series([True] * 5)
    )
    assert "such as '03-Jan'" in notes[0]


def test_a_few_rows_far_off_are_wrong_only_in_the_file_of_one_authority(tmp_path: Path) -> None:
    path = tmp_path / "wells.csv"
    rows = [f"{n},{E + n},{N}" for n in range(60)] + [f"60,{E},{N + 90_000}"]
    path.write_text("\n".join(["id,x,y", *rows, ""]))
    assert load(path).located.reason.isna().all()
    local = layer.load(path, expected="wells", fix="Mend it.", is_local=True)
    assert local.located.reason.notna().tolist() == [False] * 60 + [True]
    shapes = shapes_file(
        tmp_path / "wells.gpkg", [*(Point(E + n, N) for n in range(60)), Point(E, N + 90_000)]
    )
    assert load(shapes).located.reason.isna().all()
    local = layer.load(shapes, expected="wells", fix="Mend it.", is_local=True)
    assert local.located.reason.notna().sum() == 1


def test_a_long_damaged_id_is_cut(wells: Features) -> None:
    features = with_ids(wells, ["1E+" + "1" * 60, "a", "b", "c", "d"])
    _, notes, _ = layer.identify(features, "id", "w", pd.Series(True, wells.table.index))
    assert f"such as '1E+{'1' * 37}'; those" in notes[0]


def test_of_shapes_that_are_no_points_the_first_is_told(tmp_path: Path) -> None:
    lines = [None, LineString([(E, N), (E, N + 1)])]
    with pytest.raises(InputError, match=r"of the first, there is no coordinate \(nothing\)\."):
        load(shapes_file(tmp_path / "wells.gpkg", lines, code=["a", "b"]))


def test_rows_that_are_not_kept_come_again_nowhere(tmp_path: Path) -> None:
    found = load(tmp_path / "wells.csv", f"id,x,y\n1,{E},{N}\n1,0,0\n1,{E},{N}\n1,0,0\n")
    placed = found.located.reason.isna()
    assert layer.repeats(found, "id", placed).tolist() == [False, False, True, False]
