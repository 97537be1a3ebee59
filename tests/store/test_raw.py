"""Raw files: kept once, never written to again, and never half kept."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hotspots.errors import InputError
from hotspots.store import Origin, RawFile, RawStore, lock

ORIGIN = Origin("https://data.example/2025-06.zip", "2025-08-01T02:00:00Z", "OGL v3.0", "Police")


@pytest.fixture
def raw(tmp_path: Path) -> RawStore:
    return RawStore(tmp_path / "an area" / "data raw")


def keep(
    raw: RawStore, content: bytes, *, label: str = "2025-06-anytown", source: str = "police_uk"
) -> RawFile:
    draft = raw.draft("download.zip")
    draft.write_bytes(content)
    return raw.keep(draft, source=source, label=label, suffix=".zip", origin=ORIGIN)


def everything(raw: RawStore) -> dict[str, bytes]:
    return {
        path.relative_to(raw.folder).as_posix(): path.read_bytes()
        for path in sorted(raw.folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


def test_a_kept_file_says_what_it_is_and_where_it_came_from(raw: RawStore) -> None:
    kept = keep(raw, b"content")
    assert kept.path.read_bytes() == b"content"
    assert kept.path == raw.folder / "police_uk" / f"2025-06-anytown-01-{kept.sha256[:12]}.zip"
    assert (kept.source, kept.label, kept.edition) == ("police_uk", "2025-06-anytown", 1)
    assert (kept.size_bytes, kept.origin) == (7, ORIGIN)
    assert raw.files("police_uk") == (kept,)
    raw.require_whole()


def test_kept_files_are_read_only(raw: RawStore) -> None:
    assert keep(raw, b"content").path.stat().st_mode & 0o777 == 0o444


def test_keeping_moves_the_draft(raw: RawStore) -> None:
    keep(raw, b"content")
    assert not [name for name in everything(raw) if name.startswith(".drafts")]


def test_the_same_content_is_kept_once(raw: RawStore) -> None:
    first = keep(raw, b"content")
    before = everything(raw)
    assert keep(raw, b"content") == first
    assert everything(raw) == before


def test_other_content_is_the_next_edition_and_the_last_stays(raw: RawStore) -> None:
    editions = [keep(raw, content) for content in (b"one", b"two", b"one")]
    assert [file.edition for file in editions] == [1, 2, 3]
    assert [file.path.read_bytes() for file in editions] == [b"one", b"two", b"one"]
    assert raw.newest("police_uk", "2025-06-anytown") == editions[2]


def test_files_come_by_label_then_edition(raw: RawStore) -> None:
    july = keep(raw, b"1", label="2025-07-anytown")
    june = keep(raw, b"2", label="2025-06-anytown")
    again = keep(raw, b"3", label="2025-06-anytown")
    keep(raw, b"4", source="layers")
    assert raw.files("police_uk") == (june, again, july)
    assert raw.files("police_uk", "2025-06-anytown") == (june, again)


def test_an_empty_raw_store_holds_nothing(raw: RawStore) -> None:
    assert raw.files("police_uk") == ()
    assert raw.newest("police_uk", "2025-06-anytown") is None
    raw.require_whole()
    assert not raw.folder.exists()


def test_a_draft_survives_until_it_is_kept(raw: RawStore) -> None:
    raw.draft("2025-06.zip").write_bytes(b"half")
    assert RawStore(raw.folder).draft("2025-06.zip").read_bytes() == b"half"


# Killed


class KilledError(BaseException):
    """Stands for the end of the process."""


def patched(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """End the process instead of the ``after``-th change of the disk."""
    left = [after]

    def killing(change: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            if not left[0]:
                raise KilledError
            left[0] -= 1
            return change(*args, **kwargs)

        return call

    for name in ("replace", "chmod", "unlink", "fsync", "mkdir"):
        monkeypatch.setattr(os, name, killing(getattr(os, name)))


@pytest.mark.parametrize("after", range(10))
def test_a_kill_while_keeping_leaves_nothing_half_kept(
    raw: RawStore, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    keep(raw, b"one")
    draft = raw.draft("download.zip")
    draft.write_bytes(b"two")
    with monkeypatch.context() as patch:
        patched(patch, after)
        try:
            raw.keep(
                draft, source="police_uk", label="2025-06-anytown", suffix=".zip", origin=ORIGIN
            )
        except KilledError:
            assert [file.edition for file in raw.files("police_uk")] == [1]
    raw.require_whole()
    keep(raw, b"two")
    raw.require_whole()
    assert [file.path.read_bytes() for file in raw.files("police_uk")] == [b"one", b"two"]
    assert len(everything(raw)) == 4, "two files, their two records and nothing else"


def test_a_record_torn_by_a_kill_is_dropped(raw: RawStore) -> None:
    raw.draft("police_uk-x.zip.origin.json").write_text("{")
    keep(raw, b"one")
    assert len(everything(raw)) == 2


# Damage


def test_a_deleted_raw_file_is_missed(raw: RawStore) -> None:
    kept = keep(raw, b"content")
    kept.path.unlink()
    with pytest.raises(InputError, match="missing") as caught:
        raw.require_whole()
    assert str(kept.path) in str(caught.value)
    assert "fetch it again" in str(caught.value)


@pytest.mark.parametrize("content", [b"c0ntent", b"content and more"])
def test_an_altered_raw_file_is_found(raw: RawStore, content: bytes) -> None:
    kept = keep(raw, b"content")
    kept.path.chmod(0o644)
    kept.path.write_bytes(content)
    with pytest.raises(InputError, match="not as it was received"):
        raw.require_whole()


def test_a_deleted_raw_file_comes_back_with_the_same_content(raw: RawStore) -> None:
    kept = keep(raw, b"content")
    kept.path.unlink()
    assert keep(raw, b"content") == kept
    raw.require_whole()


def test_a_deleted_record_is_missed(raw: RawStore) -> None:
    kept = keep(raw, b"content")
    kept.path.with_name(kept.path.name + ".origin.json").unlink()
    with pytest.raises(InputError, match="record of"):
        raw.require_whole()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"file": "other.zip"}'])
def test_a_damaged_record_is_named(raw: RawStore, text: str) -> None:
    kept = keep(raw, b"content")
    record = kept.path.with_name(kept.path.name + ".origin.json")
    record.write_text(text)
    with pytest.raises(InputError, match="damaged") as caught:
        raw.files("police_uk")
    assert str(record) in str(caught.value)


def test_files_of_others_beside_the_raw_files_are_let_be(raw: RawStore) -> None:
    keep(raw, b"content")
    (raw.folder / "README.md").write_text("mine")
    (raw.folder / "police_uk" / "2025-06.zip").write_bytes(b"mine")
    raw.require_whole()
    assert len(raw.files("police_uk")) == 1


# Names


@pytest.mark.parametrize("name", ["../../up", "/etc/x", "..", ".", "", "a/../b", "\\\\h\\s", "C:x"])
def test_no_name_leaves_the_folder(raw: RawStore, name: str) -> None:
    kept = keep(raw, b"content", source=name, label=name)
    draft = raw.draft(name)
    raw.note(name, {"a": 1})
    for path in (kept.path, draft):
        assert path.resolve().is_relative_to(raw.folder.resolve())
        assert path.relative_to(raw.folder).parts[0] != ".."
    assert kept.path.parent.parent == raw.folder
    assert raw.noted(name) == {"a": 1}
    assert raw.files(name, name) == (kept,)
    raw.require_whole()


def test_a_suffix_cannot_leave_the_folder_either(raw: RawStore) -> None:
    draft = raw.draft("x")
    draft.write_bytes(b"1")
    kept = raw.keep(draft, source="s", label="l", suffix="/../../Zip", origin=ORIGIN)
    assert kept.path.parent == raw.folder / "s"


def test_names_that_look_alike_stay_apart(raw: RawStore) -> None:
    names = ("a b", "a-b", "A-b", "a/b", "x" * 300, "x" * 301)
    assert len({raw.draft(name) for name in names}) == len(names)
    assert max(len(raw.draft(name).name) for name in names) < 100


# Notes


def test_a_note_is_read_again_until_the_next(raw: RawStore) -> None:
    key = "https://data.example/2025-06.zip?x=1"
    assert raw.noted(key) is None
    raw.note(key, {"etag": '"1"'})
    raw.note(key, {"etag": '"2"'})
    assert raw.noted(key) == {"etag": '"2"'}


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe"])
def test_a_damaged_note_counts_as_none(raw: RawStore, content: bytes) -> None:
    raw.note("key", {"etag": "1"})
    (raw.folder / ".notes" / "key.json").write_bytes(content)
    assert raw.noted("key") is None


@pytest.mark.parametrize(("n", "is_plain"), [(80, True), (81, False)])
def test_a_part_of_a_path_has_eighty_letters_and_a_mark(
    raw: RawStore, n: int, *, is_plain: bool
) -> None:
    name = raw.draft("x" * n).name
    if is_plain:
        assert name == "x" * 80
    else:
        mark = hashlib.sha256(b"x" * n).hexdigest()[:8]
        assert name == "x" * 80 + "-" + mark


def test_of_a_deleted_newest_edition_the_content_comes_back_to_it(raw: RawStore) -> None:
    one, two = keep(raw, b"one"), keep(raw, b"two")
    two.path.unlink()
    assert keep(raw, b"two") == two
    assert (one.path.read_bytes(), two.path.read_bytes()) == (b"one", b"two")
    assert two.path.stat().st_mode & 0o777 == 0o444


def test_only_the_files_asked_for_are_looked_at(raw: RawStore) -> None:
    one, two = keep(raw, b"one", label="a"), keep(raw, b"two", label="b")
    two.path.chmod(0o644)
    two.path.write_bytes(b"owt")
    raw.require_whole([one.path])
    with pytest.raises(InputError, match="not as it was received"):
        raw.require_whole([two.path])
    two.path.with_name(two.path.name + ".origin.json").unlink()
    raw.require_whole([one.path])
    with pytest.raises(InputError, match="record of"):
        raw.require_whole([two.path])


def test_folders_with_a_point_are_no_sources(raw: RawStore) -> None:
    keep(raw, b"one")
    (raw.folder / ".cache").mkdir()
    (raw.folder / "a").mkdir()
    assert [path.name for path in raw._sources()] == ["a", "police_uk"]


# Two that share a store


def test_two_that_keep_files_at_once_lose_nothing(raw: RawStore) -> None:
    code = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from hotspots.store import Origin, RawStore
        raw, who = RawStore(Path({str(raw.folder)!r})), sys.argv[1]
        for number in range(25):
            draft = raw.draft(f"{{who}}.zip")
            draft.write_text(f"{{who}} {{number}}")
            raw.keep(draft, source="police_uk", label="shared", suffix=".zip",
                     origin=Origin("https://example.org", "2025-08-01T00:00:00+00:00", "x"))
            raw.require_whole()
    """)
    command = [sys.executable, "-W", "error", "-c", code]
    both = [subprocess.Popen([*command, who], stderr=subprocess.PIPE) for who in ("a", "b")]
    said = [each.communicate(timeout=120)[1] for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    kept = raw.files("police_uk", "shared")
    assert [file.edition for file in kept] == list(range(1, 51))
    texts = {file.path.read_text() for file in kept}
    assert texts == {f"{who} {number}" for who in "ab" for number in range(25)}
    raw.require_whole()


def test_waiting_for_a_lock_ends_when_it_is_let_go(tmp_path: Path) -> None:
    order: list[str] = []
    with ThreadPoolExecutor(1) as pool:

        def second() -> None:
            with lock(tmp_path / "x.lock", waits=True):
                order.append("second")

        with lock(tmp_path / "x.lock"):
            waiting = pool.submit(second)
            time.sleep(0.2)
            order.append("first")
        waiting.result(timeout=20)
    assert order == ["first", "second"]


def test_to_look_tells_every_fault_and_writes_nothing(raw: RawStore) -> None:
    good, bad = keep(raw, b"content"), keep(raw, b"other", label="2025-05-anytown")
    bad.path.chmod(0o644)
    bad.path.write_bytes(b"OTHER")
    (bad.path.parent / "mine.csv").write_text("x", encoding="utf-8")
    before = everything(raw)

    found = list(raw.look())

    assert [file for file, fault in found if not fault] == [good]
    assert [(file, "not as it was received" in fault) for file, fault in found if file == bad] == [
        (bad, True)
    ]
    assert [fault for file, fault in found if file is None and "mine.csv" in fault]
    assert everything(raw) == before
