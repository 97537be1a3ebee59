from __future__ import annotations

import errno
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import builders
from hotspots import schema, store
from hotspots.errors import DataMissingError, HotspotsError, LockedError, SchemaError
from immutable import changeable


def test_what_is_written_is_read(tmp_path: Path) -> None:
    points = builders.points_table(builders.street_points(40, seed=1))
    shuffled = points.sample(frac=1, random_state=2)
    store.write_table(shuffled, schema.POINTS, tmp_path)
    pd.testing.assert_frame_equal(store.read_table(schema.POINTS, tmp_path), points)


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1]])
def test_categories_are_written_as_text(order: list[int], tmp_path: Path) -> None:
    counts = pd.DataFrame(
        {
            "point_id": ["a", "a", "b"],
            "month": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-01-01"]).as_unit("ms"),
            "crime_type": ["Robbery", "Drugs", "Drugs"],
            "n": [1, 2, 3],
        }
    ).astype({"point_id": "str", "crime_type": "str"})
    held = counts.assign(
        point_id=pd.Categorical(counts["point_id"], ["b", "a"]),
        crime_type=counts["crime_type"].astype("category"),
    )
    store.write_table(held.iloc[order], schema.COUNTS, tmp_path)
    pd.testing.assert_frame_equal(store.read_table(schema.COUNTS, tmp_path), counts)


def test_a_key_is_written_without_a_dictionary_and_no_column_with_statistics(
    tmp_path: Path,
) -> None:
    points = builders.points_table(builders.street_points(40, seed=1))
    counts = builders.counts_table(["a", "b"], ["2024-01-01"], np.array([[1], [2]]), "Burglary")
    for table, kept, plain in (
        (points, schema.POINTS, {"point_id"}),
        (counts, schema.COUNTS, set()),
    ):
        file = pq.ParquetFile(store.write_table(table, kept, tmp_path))
        group = file.metadata.row_group(0)
        columns = [group.column(place) for place in range(group.num_columns)]
        assert not any(column.is_stats_set for column in columns)
        told_apart = {each.path_in_schema for each in columns if not each.has_dictionary_page}
        assert told_apart == plain


def test_a_bad_table_leaves_the_last_good_one(tmp_path: Path) -> None:
    points = builders.points_table(builders.street_points(4, seed=1))
    path = store.write_table(points, schema.POINTS, tmp_path)
    before = path.read_bytes()
    with pytest.raises(SchemaError):
        store.write_table(points.drop(columns="location"), schema.POINTS, tmp_path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["points.parquet"]


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataMissingError, match="hotspots refresh"):
        store.read_table(schema.COUNTS, tmp_path)


def test_a_table_that_was_damaged_or_is_another_is_told_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "counts.parquet"
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(
        SchemaError, match=r"counts\.parquet: the table counts is damaged .*--force"
    ):
        store.read_table(schema.COUNTS, tmp_path)
    pd.DataFrame({"n": [1]}).to_parquet(path)
    with pytest.raises(SchemaError, match=r"counts\.parquet: counts: .*column point_id.*--force"):
        store.read_table(schema.COUNTS, tmp_path)


def test_json_is_sorted_and_survives(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.json"
    store.write_json({"b": 1, "a": "é"}, path)
    assert path.read_text(encoding="utf-8") == '{\n "a": "é",\n "b": 1\n}\n'
    assert store.read_json(path) == {"a": "é", "b": 1}
    path.write_text("{")
    assert store.read_json(path) is None
    assert store.read_json(tmp_path / "none.json") is None


def test_a_number_that_json_does_not_know_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        store.write_json({"share": float("nan")}, tmp_path / "a.json")
    assert not list(tmp_path.glob("*.json"))


def test_a_second_run_is_told_to_wait(tmp_path: Path) -> None:
    path = tmp_path / "area.lock"
    other = textwrap.dedent(f"""
        from pathlib import Path
        from hotspots import errors, store
        try:
            with store.lock(Path({str(path)!r})): print("got it")
        except errors.LockedError as busy: print("busy:", busy)
    """)
    with store.lock(path):
        found = subprocess.run(
            [sys.executable, "-c", other], capture_output=True, text=True, check=False
        )
    assert found.stdout.startswith("busy: Another run"), found.stderr
    with store.lock(path):
        pass
    with pytest.raises(LockedError), store.lock(path), store.lock(path):
        pass


def test_a_folder_is_replaced_at_once(tmp_path: Path) -> None:
    for name in ("final", "draft"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f.txt").write_text(name)
    store.replace_folders({tmp_path / "draft": tmp_path / "final"})
    assert (tmp_path / "final" / "f.txt").read_text() == "draft"
    assert [p.name for p in tmp_path.iterdir()] == ["final"]


def test_of_several_folders_all_are_replaced_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("one", "two")
    for name in names:
        for folder, words in ((name, "old"), (f"{name}.draft", "new")):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "f.txt").write_text(words)
    finals = {tmp_path / f"{name}.draft": tmp_path / name for name in names}
    real = Path.replace

    def refuse_the_last(path: Path, target: Path) -> Path:
        if path.name == "two.draft":
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse_the_last)
        with pytest.raises(OSError, match="No space left"):
            store.replace_folders(finals)
    assert [(tmp_path / name / "f.txt").read_text() for name in names] == ["old", "old"]
    store.replace_folders(finals)
    assert [(tmp_path / name / "f.txt").read_text() for name in names] == ["new", "new"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "not enough memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied"), "cannot be written"),
    ],
    ids=["memory", "disk", "rights"],
)
def test_what_the_system_refuses_is_said_in_plain_words(
    error: Exception, words: str, tmp_path: Path
) -> None:
    with pytest.raises(HotspotsError, match=words), store.plain_errors(tmp_path):
        raise error


def test_what_the_system_refuses_elsewhere_is_not_laid_on_the_folder(tmp_path: Path) -> None:
    elsewhere = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "other" / "a"))
    with pytest.raises(PermissionError), store.plain_errors(tmp_path / "out"):
        raise elsewhere
    inside = OSError(errno.EISDIR, "Is a directory", str(tmp_path / "out" / "a"))
    with pytest.raises(IsADirectoryError), store.plain_errors(tmp_path / "out"):
        raise inside


def test_a_run_killed_between_two_renames_is_mended(tmp_path: Path) -> None:
    final = tmp_path / "final"
    final.mkdir()
    (final / "f.txt").write_text("good")
    final.replace(tmp_path / ".final.last")
    store.restore_folder(final)
    assert (final / "f.txt").read_text() == "good"


def test_a_folder_marked_read_only_counts_as_such_for_everyone(tmp_path: Path) -> None:
    assert not store.is_read_only(tmp_path)
    tmp_path.chmod(0o555)
    assert store.is_read_only(tmp_path)
    tmp_path.chmod(0o755)


def test_words_that_were_read_and_not_kept_leave_no_trace(tmp_path: Path) -> None:
    counts = builders.counts_table(["a", "b"], ["2024-01"], np.ones((2, 1)), "Burglary")
    bytes_of = []
    for words in (["Burglary"], ["Drugs", "Burglary"], ["Burglary", "Robbery", "Drugs"]):
        table = counts.assign(crime_type=counts["crime_type"].astype(pd.CategoricalDtype(words)))
        bytes_of.append(store.write_table(table, schema.COUNTS, tmp_path).read_bytes())
    assert bytes_of[0] == bytes_of[1] == bytes_of[2]
    pd.testing.assert_frame_equal(store.read_table(schema.COUNTS, tmp_path), counts)


def test_tables_are_written_while_others_are_made(tmp_path: Path) -> None:
    points = builders.points_table(builders.street_points(4, seed=1))
    counts = builders.counts_table(["a", "b"], ["2024-01"], np.ones((2, 1)), "Burglary")
    with store.Writing() as writing:
        writing.write(counts, schema.COUNTS, tmp_path)
        writing.write(points, schema.POINTS, tmp_path)
    pd.testing.assert_frame_equal(store.read_table(schema.COUNTS, tmp_path), counts)
    pd.testing.assert_frame_equal(store.read_table(schema.POINTS, tmp_path), points)


def test_table_that_cannot_be_written_is_told_of_at_the_end(tmp_path: Path) -> None:
    counts = builders.counts_table(["a"], ["2024-01"], np.ones((1, 1)), "Burglary")
    with pytest.raises(SchemaError, match="column n is missing"), store.Writing() as writing:
        writing.write(counts.drop(columns="n"), schema.COUNTS, tmp_path)


def test_error_between_two_tables_is_not_hidden_by_one_in_writing(tmp_path: Path) -> None:
    counts = builders.counts_table(["a"], ["2024-01"], np.ones((1, 1)), "Burglary")

    def make() -> None:
        with store.Writing() as writing:
            writing.write(counts.drop(columns="n"), schema.COUNTS, tmp_path)
            raise DataMissingError("no records")

    with pytest.raises(DataMissingError, match="no records"):
        make()


def test_what_is_stored_cannot_be_changed() -> None:
    assert changeable(store) == set()


def test_a_lock_is_held_only_while_somebody_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    assert not store.is_locked(path)
    assert not path.exists(), "to ask makes no lock"
    with store.lock(path):
        assert store.is_locked(path)
    assert path.exists()
    assert not store.is_locked(path)
    with store.lock(path):
        pass
