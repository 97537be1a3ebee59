"""Runs that are killed, starved or disturbed: the last good outputs stay, the next run is whole.

Runs are killed for real, in processes of their own. Run as a script, this file starts them: it
imports what a refresh needs once and forks for each run, so that a kill costs no new start.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import importlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import traceback
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, NoReturn

import pandas as pd
import pytest
from typer.testing import CliRunner

from hotspots import cli, errors, pipeline
from hotspots.pipeline import run as running
from hotspots.pipeline import stages
from hotspots.publish import documents

AREA = "kelderwick"
LAST_GOOD = "2024-02"
"""The last good outputs end with this month; the runs that are disturbed add one more."""

SETTINGS = f"""
crime_groups = {{}}

[area]
id = "{AREA}"
name = "Kelderwick"
police_force = "saltmarrow"

[police_uk]
files = ["police.zip"]

[[boundaries]]
level = "district"
file = "districts.geojson"
code = "LAD24CD"
name = "LAD24NM"

[clustering]
min_year_incidents = 10
"""


# Processes that die ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Kill:
    """
    The moment at which a run dies.

    Attributes
    ----------
    function : str
        ``module:name`` of the function whose call is fatal.
    moment : str
        ``before`` or ``after`` the call, or ``halfway``: with half of what it wrote.
    call : int
        Which call, from 1.
    of : str
        Only calls with a path that has this in it count.
    """

    function: str
    moment: str
    call: int = 1
    of: str = ""

    def __str__(self) -> str:
        name = self.function.partition(":")[2]
        return " ".join(filter(None, [self.moment, name, self.of, str(self.call)]))


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def _arm(kill: Kill) -> None:
    """Make one call of a function fatal, in this process."""
    module, _, dotted = kill.function.partition(":")
    *owners, name = dotted.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    real = getattr(owner, name)
    calls = itertools.count(1)

    def deadly(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - stands in for any function
        paths = [each for each in args if isinstance(each, Path)]
        counts = not kill.of or any(kill.of in path.as_posix() for path in paths)
        if not counts or next(calls) != kill.call:
            return real(*args, **kwargs)
        if kill.moment != "before":
            real(*args, **kwargs)
        if kill.moment == "halfway":
            os.truncate(paths[0], paths[0].stat().st_size // 2)
        _die()

    setattr(owner, name, deadly)


def _die_at_operation(fatal: int) -> None:
    """Make the ``fatal``-th change to the disk from now on the one before which we die."""
    operations = itertools.count(1)
    writing = os.O_WRONLY | os.O_RDWR

    def watch(event: str, args: tuple[Any, ...]) -> None:
        is_change = event in {"os.rename", "os.remove", "os.rmdir", "os.mkdir"}
        is_change = is_change or (event == "open" and bool(args[2] & writing))
        if is_change and next(operations) == fatal:
            _die()

    sys.addaudithook(watch)


def _do(job: dict[str, Any]) -> None:
    """Do one job of the script, in a process of its own."""
    settings_file, out = Path(job["settings"]), Path(job["out"])
    if "kill" in job:
        _arm(Kill(**job["kill"]))
        pipeline.refresh(settings_file, out=out, force=job["force"], say=lambda _: None)
        return
    with pipeline.session(settings_file, out=out) as run:
        running.begin(run)
        for folder in (run.draft_tables, run.draft_maps):
            _fill(folder, "new")
        _die_at_operation(job["operation"])
        running.complete(run)


def _serve() -> None:
    """Fork for each line of standard input; answer with the exit code, negative if killed."""
    for heavy in ("environment", "pipeline.assemble", "pipeline.ingest", "publish.page"):
        importlib.import_module(f"hotspots.{heavy}")
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                _do(json.loads(line))
            except BaseException:  # noqa: BLE001 - a fork must never run on into the loop
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


class Killer:
    """Starts runs that die."""

    def __init__(self, requests: IO[str], answers: IO[str]) -> None:
        self._requests, self._answers = requests, answers

    def refresh(self, settings_file: Path, out: Path, kill: Kill, *, force: bool = False) -> None:
        """Start a refresh and make sure that it died where it should."""
        code = self._ask(settings_file, out, kill=asdict(kill), force=force)
        assert code == -signal.SIGKILL, f"the run was to die {kill}, but ended with {code}"

    def complete(self, settings_file: Path, out: Path, operation: int) -> bool:
        """Put made-up outputs in place, to die before a change to the disk; say if it did."""
        code = self._ask(settings_file, out, operation=operation)
        assert code in {0, -signal.SIGKILL}
        return code != 0

    def _ask(self, settings_file: Path, out: Path, **job: object) -> int:
        request = {"settings": str(settings_file), "out": str(out), **job}
        self._requests.write(json.dumps(request) + "\n")
        self._requests.flush()
        return int(self._answers.readline())


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    if not hasattr(signal, "SIGKILL") or not hasattr(os, "fork"):
        pytest.skip("this system has no SIGKILL and no fork")
    command = [sys.executable, __file__]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Killer(process.stdin, process.stdout)
        process.stdin.close()


# A small county --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings file of one district of the sample county, four months and two crime types."""
    inputs, folder = county.parent / "inputs", tmp_path_factory.mktemp("small")
    layer = json.loads((inputs / "boundaries" / "districts.geojson").read_text("utf-8"))
    layer["features"] = [f for f in layer["features"] if f["properties"]["LAD24NM"] == "Kelderwick"]
    (folder / "districts.geojson").write_text(json.dumps(layer), encoding="utf-8")
    with (
        zipfile.ZipFile(inputs / "police_uk" / "2024-03.zip") as whole,
        zipfile.ZipFile(folder / "police.zip", "w") as part,
    ):
        for name in sorted(whole.namelist())[-4:]:
            head, *rows = whole.read(name).decode().splitlines(keepends=True)
            wanted = (",Burglary,", ",Vehicle crime,")
            kept = [row for row in rows if "Kelderwick" in row and any(w in row for w in wanted)]
            part.writestr(name, head + "".join(kept))
    settings_file = folder / "hotspots.toml"
    settings_file.write_text(SETTINGS, encoding="utf-8")
    return settings_file


def _refresh(settings_file: Path, out: Path, **options: Any) -> pipeline.Outcome:  # noqa: ANN401
    return pipeline.refresh(settings_file, out=out, say=lambda _: None, **options)


def _files(out: Path) -> dict[str, str]:
    """Every file under a folder and the hash of its bytes, except the lock."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


def _published(out: Path) -> dict[str, str]:
    """Files where people and programs look for outputs: not the drafts."""
    return {name: digest for name, digest in _files(out).items() if "/." not in name}


@dataclass(frozen=True)
class Outputs:
    """Settings, last good outputs to copy and disturb, and what an undisturbed run gives."""

    settings_file: Path
    last_good: Path
    undisturbed: Path
    before: dict[str, str]
    after: dict[str, str]

    def copy(self, folder: Path) -> Path:
        """Copy the last good outputs for a test to disturb."""
        shutil.copytree(self.last_good, folder)
        return folder


@pytest.fixture(scope="module")
def outputs(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    base = tmp_path_factory.mktemp("outputs")
    last_good, undisturbed = base / "last_good", base / "undisturbed"
    _refresh(small, last_good, until=LAST_GOOD)
    shutil.copytree(last_good, undisturbed)
    _refresh(small, undisturbed)
    before, after = _files(last_good), _files(undisturbed)
    assert not any("/." in name for name in (*before, *after)), "an undisturbed run tidies up"
    # A test of "the old or the new" needs the two to differ, in maps and in tables.
    for name in (f"maps/{AREA}/index.html", f"data/processed/{AREA}/incidents.parquet"):
        assert before[name] != after[name]
    return Outputs(small, last_good, undisturbed, before, after)


@pytest.fixture(scope="module")
def measured(outputs: Outputs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Last good outputs, and the draft of a run that was interrupted before it published."""
    out = outputs.copy(tmp_path_factory.mktemp("measured") / "out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stages, "STAGES", _with_an_act("publish", _interrupt))
        with pytest.raises(KeyboardInterrupt):
            _refresh(outputs.settings_file, out)
    return out


# Killed ----------------------------------------------------------------------------------------

STAGE, RENAME = "hotspots.pipeline.stages:Stage.run", "pathlib:Path.replace"
REPLACE = "hotspots.store:replace_folder"

KILLS = [
    Kill(STAGE, "before"),
    *(Kill("hotspots.pipeline.run:Run.mark_done", "before", n) for n in (1, 2, 3, 4)),
    *(Kill(STAGE, "after", n) for n in (2, 3, 4)),
    Kill("pandas:DataFrame.to_parquet", "halfway"),
    Kill("geopandas:GeoDataFrame.to_parquet", "halfway"),
    Kill(RENAME, "after", of="hotspots.partial"),
]

IN_PUBLISH = [
    Kill("hotspots.publish.documents:_write", "halfway", 2),
    Kill("pyogrio:write_dataframe", "halfway", 2),
    Kill(RENAME, "before", of="manifest.json.partial"),
    Kill("hotspots.pipeline.stages:complete", "before"),
]

LAST_STEP = [
    Kill(RENAME, "after", of=f"processed/{AREA}"),  # between the two renames of the tables
    Kill(REPLACE, "after"),  # between tables and maps
    Kill(RENAME, "after", of=f"maps/{AREA}"),  # between the two renames of the maps
    Kill("hotspots.pipeline.stages:complete", "after"),
]


class TestKilled:
    @pytest.mark.parametrize("kill", KILLS, ids=str)
    def test_the_last_good_stays_and_the_next_run_is_whole(
        self, kill: Kill, killer: Killer, outputs: Outputs, tmp_path: Path
    ) -> None:
        out = outputs.copy(tmp_path / "out")
        killer.refresh(outputs.settings_file, out, kill)
        assert _published(out) == outputs.before
        _refresh(outputs.settings_file, out)
        assert _files(out) == outputs.after

    @pytest.mark.parametrize("kill", IN_PUBLISH, ids=str)
    def test_killed_again_while_publishing(
        self, kill: Kill, killer: Killer, outputs: Outputs, measured: Path, tmp_path: Path
    ) -> None:
        out = shutil.copytree(measured, tmp_path / "out")
        killer.refresh(outputs.settings_file, out, kill)
        assert _published(out) == outputs.before
        _refresh(outputs.settings_file, out)
        assert _files(out) == outputs.after

    @pytest.mark.parametrize("kill", LAST_STEP, ids=str)
    def test_in_the_last_step_the_next_start_has_all_old_or_all_new(
        self, kill: Kill, killer: Killer, outputs: Outputs, measured: Path, tmp_path: Path
    ) -> None:
        out = shutil.copytree(measured, tmp_path / "out")
        killer.refresh(outputs.settings_file, out, kill)
        # Even a start that then finds an input missing puts the outputs in order.
        absent = outputs.settings_file.with_name("absent.toml")
        absent.write_text(SETTINGS.replace("police.zip", "absent.zip"), encoding="utf-8")
        with pytest.raises(errors.DataMissingError):
            _refresh(absent, out)
        assert _files(out) == outputs.after
        _refresh(outputs.settings_file, out)
        assert _files(out) == outputs.after

    def test_a_draft_that_was_being_thrown_away_is_not_taken_up(
        self, killer: Killer, outputs: Outputs, measured: Path, tmp_path: Path
    ) -> None:
        for removal in range(2, 9):
            out = shutil.copytree(measured, tmp_path / str(removal))
            kill = Kill("os:unlink", "before", removal)
            killer.refresh(outputs.settings_file, out, kill, force=True)
            with pipeline.session(outputs.settings_file, out=out) as run:
                assert not run.draft_folder.exists(), f"killed before removal {removal}"

    def test_the_first_run_of_all(self, killer: Killer, outputs: Outputs, tmp_path: Path) -> None:
        killer.refresh(outputs.settings_file, tmp_path, Kill(STAGE, "after", 3))
        assert _published(tmp_path) == {}
        _refresh(outputs.settings_file, tmp_path)
        assert _files(tmp_path) == outputs.after

    def test_other_inputs_next_time_take_up_nothing(
        self, outputs: Outputs, measured: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        shutil.copytree(measured, out, ignore=shutil.ignore_patterns("maps"))
        _refresh(outputs.settings_file, out, until=LAST_GOOD)
        assert _files(out) == outputs.before

    def test_a_run_that_could_not_say_what_it_came_to_is_done_again(
        self, killer: Killer, outputs: Outputs, measured: Path, tmp_path: Path
    ) -> None:
        out = shutil.copytree(measured, tmp_path / "out")
        killer.refresh(outputs.settings_file, out, Kill(REPLACE, "after"))
        assert _refresh(outputs.settings_file, out).is_new
        assert _files(out) == outputs.after

    def test_a_forced_run_leaves_nothing_for_a_run_with_nothing_to_do(
        self, killer: Killer, outputs: Outputs, tmp_path: Path
    ) -> None:
        out = shutil.copytree(outputs.undisturbed, tmp_path / "out")
        killer.refresh(outputs.settings_file, out, Kill(STAGE, "after", 2), force=True)
        assert not _refresh(outputs.settings_file, out).is_new
        assert _files(out) == outputs.after


def _fill(folder: Path, words: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("a", "b"):
        (folder / name).write_text(words, encoding="utf-8")


def _words(out: Path) -> dict[str, list[str]]:
    folders = {"tables": out / "data" / "processed" / AREA, "maps": out / "maps" / AREA}
    return {
        name: [path.read_text("utf-8") for path in sorted(folder.glob("*"))]
        for name, folder in folders.items()
    }


@pytest.mark.parametrize("has_last_good", [True, False])
def test_killed_before_any_change_to_the_disk_of_the_last_step(
    killer: Killer, small: Path, tmp_path: Path, *, has_last_good: bool
) -> None:
    old = ["old", "old"] if has_last_good else []
    whole: list[dict[str, list[str]]] = [
        {"tables": words, "maps": words} for words in (old, ["new", "new"])
    ]
    for operation in itertools.count(1):
        out = tmp_path / str(operation)
        if has_last_good:
            for folder in (out / "data" / "processed" / AREA, out / "maps" / AREA):
                _fill(folder, "old")
        died = killer.complete(small, out, operation)
        for words in _words(out).values():
            assert words in (old, ["new", "new"], []), "never half a folder"
        with pipeline.session(small, out=out) as run:
            assert _words(out) in whole, f"killed before operation {operation}"
            assert not run.is_current
            hidden = {name.split("/")[-2] for name in _files(out) if "/." in name}
        assert not any(name.endswith(".last") for name in hidden)
        if not died:
            break
    assert _words(out) == whole[1]
    assert not hidden
    assert operation > 10, "the last step has more changes than that"


# Starved and disturbed -------------------------------------------------------------------------


def _refused(settings_file: Path, out: Path) -> tuple[int, str]:
    """Refresh by the command line; return the exit code and the one line that says why."""
    result = CliRunner().invoke(
        cli.app, ["refresh", "--settings", str(settings_file), "--out", str(out)]
    )
    lines = [line for line in result.stderr.splitlines() if line.startswith("error:")]
    assert result.stderr.splitlines()[-1:] == lines, "one line, and it is the last"
    assert "unexpected" not in lines[0]
    return result.exit_code, lines[0]


def _full(*_: object, **__: object) -> NoReturn:
    # The words of pyarrow, which names no file.
    raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: No space left on device")


class TestStarved:
    @pytest.mark.parametrize(
        ("owner", "name"),
        [(pd.DataFrame, "to_parquet"), (documents, "_write")],
        ids=["tables", "pages"],
    )
    def test_a_full_disk(
        self,
        owner: object,
        name: str,
        outputs: Outputs,
        measured: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        source = measured if owner is documents else outputs.last_good
        out = shutil.copytree(source, tmp_path / "out")
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, _full)
            code, words = _refused(outputs.settings_file, out)
        assert code == 1
        assert "disk is full" in words
        assert str(out) in words
        assert _published(out) == outputs.before
        _refresh(outputs.settings_file, out)
        assert _files(out) == outputs.after

    def test_a_folder_that_may_not_be_written_to(
        self, outputs: Outputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        out = outputs.copy(tmp_path / "out")
        real = Path.mkdir

        def mkdir(path: Path, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as pathlib's
            # Permission bits would not stop the superuser, as whom tests may run.
            if path.is_relative_to(out) and not path.exists():
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            real(path, *args, **kwargs)

        monkeypatch.setattr(Path, "mkdir", mkdir)
        code, words = _refused(outputs.settings_file, out)
        assert code == 1
        assert str(out / "data" / "processed") in words
        assert "--out" in words
        assert _files(out) == outputs.before


class TestDisturbed:
    @pytest.fixture
    def own(self, small: Path, tmp_path: Path) -> Path:
        """Settings file of a county whose inputs a test may change."""
        shutil.copytree(small.parent, tmp_path / "own")
        return tmp_path / "own" / small.name

    @pytest.mark.parametrize("stage", ["ingest", "measure"])
    def test_an_input_replaced_under_way(
        self,
        stage: str,
        own: Path,
        outputs: Outputs,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        out = outputs.copy(tmp_path / "out")
        archive = own.parent / "police.zip"
        first = archive.read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(stages, "STAGES", _with_an_act(stage, lambda: _drop_a_month(archive)))
            code, words = _refused(own, out)
        assert code == errors.InputError.exit_code
        assert str(archive) in words
        assert "run again" in words
        assert _published(out) == outputs.before
        # The first file is back: nothing read from the other one may pass for it.
        archive.write_bytes(first)
        _refresh(own, out)
        assert _files(out) == outputs.after

    @pytest.mark.parametrize("share", [0.0, 0.5])
    def test_a_damaged_manifest_means_doing_it_again(
        self, share: float, outputs: Outputs, tmp_path: Path
    ) -> None:
        out = shutil.copytree(outputs.undisturbed, tmp_path / "out")
        _cut(out / "maps" / AREA / "manifest.json", share)
        assert _refresh(outputs.settings_file, out).is_new
        assert _files(out) == outputs.after

    @pytest.mark.parametrize("name", ["run.json", "measure.done", "processed/points.parquet"])
    def test_a_damaged_draft(
        self, name: str, outputs: Outputs, measured: Path, tmp_path: Path
    ) -> None:
        out = shutil.copytree(measured, tmp_path / "out")
        _cut(out / "data" / "processed" / f".{AREA}.draft" / name, 0.5)
        _refresh(outputs.settings_file, out)
        assert _files(out) == outputs.after


def _with_an_act(stage: str, act: Callable[[], None]) -> tuple[pipeline.Stage, ...]:
    """Return the stages, with something happening right before one of them."""

    def acting(each: pipeline.Stage) -> pipeline.Stage:
        def work(run: pipeline.Run) -> None:
            act()
            each.work(run)

        return replace(each, work=work) if each.name == stage else each

    return tuple(acting(each) for each in stages.STAGES)


def _drop_a_month(archive: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        members = {name: file.read(name) for name in sorted(file.namelist())[:-1]}
    with zipfile.ZipFile(archive, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)


def _interrupt() -> NoReturn:
    raise KeyboardInterrupt


def _cut(path: Path, share: float) -> None:
    os.truncate(path, int(path.stat().st_size * share))


# Two at once -----------------------------------------------------------------------------------

HOLDER = """
import sys
from pathlib import Path
from hotspots import pipeline
with pipeline.session(Path(sys.argv[1]), out=Path(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def _held(settings_file: Path, out: Path) -> Iterator[None]:
    """Let another process hold the lock of the area, and kill it."""
    command = [sys.executable, "-c", HOLDER, str(settings_file), str(out)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        process.kill()


def test_a_lock_held_by_another_process_and_let_go_by_its_death(
    outputs: Outputs, tmp_path: Path
) -> None:
    out = outputs.copy(tmp_path / "out")
    with _held(outputs.settings_file, out):
        code, words = _refused(outputs.settings_file, out)
        assert code == 1
        assert "Another run" in words
        assert "wait" in words
        assert _files(out) == outputs.before
    _refresh(outputs.settings_file, out)
    assert _files(out) == outputs.after


if __name__ == "__main__":
    _serve()
