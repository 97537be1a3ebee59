"""
A small area, and refreshes of it in processes of their own that a test may kill and starve.

Each run is the command line itself, forked from a process that has imported what a run needs: a
run costs a second and not four, is killed for real, and what was done to it dies with it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

AREA = "kelderwick"
FORCE = "saltmarrow"
LAST_GOOD = "2024-02"
"""The last good outputs end with this month; the runs that are disturbed add one more."""

NEWEST = "2024-03"

SETTINGS = f"""
crime_groups = {{}}

[area]
id = "{AREA}"
name = "Kelderwick"
police_force = "{FORCE}"

[police_uk]
files = ["*.zip"]

[[boundaries]]
level = "district"
file = "districts.geojson"
code = "LAD24CD"
name = "LAD24NM"

[[lighting]]
authority = "Kelderwick Borough Council"
file = "lights.csv"
licence = "made up"

[clustering]
min_year_incidents = 10
"""

Step = tuple[str, Mapping[str, Any]]
"""Name of a function of ``disturbances`` and its arguments: what happens to a run."""


_FUNCTIONS = {
    "Stage.run": "hotspots.pipeline.stages:Stage.run",
    "Run.mark_done": "hotspots.pipeline.run:Run.mark_done",
    "complete": "hotspots.pipeline.stages:complete",
    "documents.write": "hotspots.publish.documents:write",
    "documents._write": "hotspots.publish.documents:_write",
    "Archive.read": "hotspots.sources.zips:Archive.read",
    "write_json": "hotspots.store:write_json",
    "write_table": "pyarrow.parquet:write_table",
    "GeoDataFrame.to_parquet": "geopandas:GeoDataFrame.to_parquet",
    "write_dataframe": "pyogrio:write_dataframe",
    "Path.replace": "pathlib:Path.replace",
    "unlink": "os:unlink",
}
"""Functions at whose calls something may happen."""


def at(function: str, moment: str, call: int = 1, *, act: str = "die", **more: object) -> Step:
    """Let something happen at one moment of a run: see ``disturbances.happen``."""
    arguments = {"act": act, "function": _FUNCTIONS[function], "moment": moment, "call": call}
    return ("happen", arguments | more)


# Runs -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ended:
    """
    How a run ended.

    Attributes
    ----------
    code : int
        Its exit code; the number of the signal, negative, if one ended it.
    words : str
        All it said.
    """

    code: int
    words: str

    @property
    def complaint(self) -> str:
        """The one line that says what went wrong: the last one, and no traceback."""
        lines = self.words.splitlines()
        found = [line for line in lines if line.startswith("error:")]
        assert found == lines[-1:], self.words
        assert "Traceback" not in self.words
        assert "unexpected" not in found[0]
        return found[0]


class Runs:
    """Starts refreshes, each forked from one process; one at a time."""

    def __init__(self, settings_file: Path) -> None:
        here = Path(__file__).parent
        paths = [str(here.parent), str(here.parents[1]), os.environ.get("PYTHONPATH", "")]
        command = "import sys; from faults import harness; harness.serve(sys.argv[1])"
        self._folder = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [sys.executable, "-c", command, str(settings_file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
        )
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._folder.cleanup()

    def refresh(
        self,
        settings_file: Path,
        out: Path | None = None,
        *options: str,
        first: Sequence[Step] = (),
        signal_after_s: float | None = None,
        with_signal: int = signal.SIGKILL,
    ) -> Ended:
        """Refresh an area by the command line; ``first`` is done to the process before."""
        arguments = ["refresh", "--settings", str(settings_file)]
        arguments += [] if out is None else ["--out", str(out)]
        return self.run(
            *arguments,
            *options,
            first=first,
            signal_after_s=signal_after_s,
            with_signal=with_signal,
        )

    def run(
        self,
        *arguments: str,
        first: Sequence[Step] = (),
        signal_after_s: float | None = None,
        with_signal: int = signal.SIGKILL,
    ) -> Ended:
        """Run the command line with ``arguments``; signal it after a while if it still runs."""
        words = Path(self._folder.name) / "words"
        job = {
            "arguments": arguments, "words": str(words), "first": first,
            "signal_after_s": signal_after_s, "with_signal": int(with_signal),
        }  # fmt: skip
        with self._turn:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
            code = int(self._process.stdout.readline())
            return Ended(code, words.read_text("utf-8", "replace"))


def serve(settings_file: str) -> None:
    """Fork for each line of standard input; answer with how the fork ended."""
    _import_what_a_run_needs(settings_file)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if not child:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            os._exit(_do(job))
        if job["signal_after_s"] is not None:
            signal.sigtimedwait({signal.SIGCHLD}, job["signal_after_s"])
            os.kill(child, job["with_signal"])  # one that ended already takes no notice
        ended = os.waitpid(child, 0)[1]
        signal.sigtimedwait({signal.SIGCHLD}, 0)
        print(os.waitstatus_to_exitcode(ended), flush=True)  # noqa: T201


def _import_what_a_run_needs(settings_file: str) -> None:
    """Let a fork make a run and tell what it imported: a process that ran may have threads."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["refresh", "--settings", settings_file, "--out", folder]
            job = {"arguments": arguments, "words": os.devnull, "first": []}
            code = _do(job)
        os.write(writing, json.dumps(sorted(sys.modules)).encode())
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as names:
        wanted = json.load(names)
    os.waitpid(child, 0)
    for name in wanted:
        with contextlib.suppress(Exception):  # a module of the fork's own making is no matter
            importlib.import_module(name)


def _do(job: dict[str, Any]) -> int:
    """Run the command line in this process; return its exit code."""
    with Path(job["words"]).open("wb") as words:
        os.dup2(words.fileno(), 1)
        os.dup2(words.fileno(), 2)
    try:
        from faults import disturbances
        from hotspots import cli

        for name, arguments in job["first"]:
            getattr(disturbances, name)(**arguments)
        sys.argv = ["hotspots", *job["arguments"]]
        cli.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - a fork must never run on into the loop
        traceback.print_exc()
        return 99
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


# Files ------------------------------------------------------------------------------------------


def files(out: Path) -> dict[str, str]:
    """Every output below a folder and the hash of its bytes, except locks and raw files."""
    found = [path for part in ("data/processed", "maps") for path in (out / part).rglob("*")]
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(found)
        if path.is_file() and path.suffix != ".lock"
    }


def published(out: Path) -> dict[str, str]:
    """Files where people and programs look for outputs: not the drafts."""
    return {name: digest for name, digest in files(out).items() if "/." not in name}


def differing(found: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """Names of the files that two sets do not have alike."""
    names = found.keys() | wanted.keys()
    return sorted(name for name in names if found.get(name) != wanted.get(name))


def read_zip(archive: Path) -> dict[str, bytes]:
    """Members of a zip by name."""
    with zipfile.ZipFile(archive) as file:
        return {name: file.read(name) for name in sorted(file.namelist())}


def write_zip(archive: Path, members: Mapping[str, bytes]) -> None:
    """Write a zip: the same bytes for the same members."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(members):
            file.writestr(zipfile.ZipInfo(name), members[name])
    archive.write_bytes(content.getvalue())


def street(month: str) -> str:
    """Name of the street CSV of a month."""
    return f"{month}/{month}-{FORCE}-street.csv"


# The area ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Area:
    """
    A small area, its last good outputs, and what an undisturbed run makes of them.

    Attributes
    ----------
    folder : Path
        ``inputs``, with the settings, and ``out``, with the last good outputs.
    undisturbed : Path
        Outputs after one more month.
    before, after : dict of file to hash
        The outputs in ``folder`` and in ``undisturbed``.
    runs : Runs
    options : tuple of str
        Of every refresh.
    """

    folder: Path
    undisturbed: Path
    before: dict[str, str]
    after: dict[str, str]
    runs: Runs
    options: tuple[str, ...] = ()

    @property
    def settings_file(self) -> Path:
        """Settings of the area."""
        return self.folder / "inputs" / "hotspots.toml"

    @property
    def archive(self) -> Path:
        """The police file."""
        return self.folder / "inputs" / "police.zip"

    @property
    def out(self) -> Path:
        """Outputs that a test may disturb, if the area is a copy of its own."""
        return self.folder / "out"

    @property
    def last_good(self) -> Path:
        """The last good outputs, which no test disturbs."""
        return self.undisturbed.with_name("last_good") / "out"

    @property
    def tables(self) -> Path:
        """Tables of the area."""
        return self.out / "data" / "processed" / AREA

    @property
    def maps(self) -> Path:
        """Pages of the area."""
        return self.out / "maps" / AREA

    def copy(self, folder: Path) -> Area:
        """Copy inputs and last good outputs for a test to disturb."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return replace(self, folder=folder)

    def fresh(self, folder: Path) -> Area:
        """Copy the inputs, and the last good outputs as they were before any test."""
        made = self.copy(folder)
        shutil.rmtree(made.out)
        shutil.copytree(self.last_good, made.out)
        return made

    def refresh(self, *options: str, **disturbed: Any) -> Ended:  # noqa: ANN401 - as Runs.refresh
        """Refresh this copy."""
        return self.runs.refresh(self.settings_file, self.out, *self.options, *options, **disturbed)

    def edit(self, month: str, change: Callable[[list[str]], list[str]]) -> None:
        """Change the lines of one month of the police file, the header among them."""
        members = read_zip(self.archive)
        lines = members[street(month)].decode().splitlines()
        members[street(month)] = "".join(f"{line}\n" for line in change(lines)).encode()
        write_zip(self.archive, members)

    def manifest(self) -> dict[str, Any]:
        """What the published manifest says."""
        found: dict[str, Any] = json.loads((self.maps / "manifest.json").read_text("utf-8"))
        return found

    def rows(self) -> dict[str, int]:
        """The published row account, of which the parts add up."""
        total: dict[str, int] = self.manifest()["row_account"]["total"]
        assert total["in"] == sum(n for part, n in total.items() if part != "in")
        return total

    def alerts(self) -> str:
        """All that the published manifest warns of, in words."""
        return "\n".join(alert["words"] for alert in self.manifest()["alerts"])


def make_area(county_inputs: Path, folder: Path) -> Path:
    """Write one district of the sample county, four months, two crime types; give the settings."""
    folder.mkdir(parents=True)
    _write_districts(county_inputs / "boundaries" / "districts.geojson", folder)
    _write_lights(county_inputs / "lighting" / "kelderwick_lights.csv", folder)
    whole = read_zip(county_inputs / "police_uk" / f"{NEWEST}.zip")
    few = {name: _few_rows(whole[name]) for name in sorted(whole)[-4:]}
    write_zip(folder / "police.zip", few)
    settings_file = folder / "hotspots.toml"
    settings_file.write_text(SETTINGS, encoding="utf-8")
    return settings_file


def _write_districts(source: Path, folder: Path) -> None:
    layer = json.loads(source.read_text("utf-8"))
    layer["features"] = [f for f in layer["features"] if f["properties"]["LAD24NM"] == "Kelderwick"]
    (folder / "districts.geojson").write_text(json.dumps(layer), encoding="utf-8")


def _write_lights(source: Path, folder: Path) -> None:
    lines = source.read_bytes().splitlines(keepends=True)
    (folder / "lights.csv").write_bytes(b"".join([lines[0], *lines[1::20]]))


def _few_rows(data: bytes) -> bytes:
    head, *rows = data.decode().splitlines(keepends=True)
    types = (",Burglary,", ",Vehicle crime,")
    kept = [row for row in rows if "Kelderwick" in row and any(each in row for each in types)]
    return (head + "".join(kept)).encode()


# What every fault is survived by ----------------------------------------------------------------


def survives(
    area: Area,
    *,
    says: Sequence[str],
    code: int = 1,
    first: Sequence[Step] = (),
    break_it: Callable[[], object] | None = None,
    mend_it: Callable[[], object] | None = None,
) -> None:
    """
    Make sure that a fault costs nothing.

    Parameters
    ----------
    area : Area
        A copy of its own.
    says : sequence of str
        What the one message must name: the file and the fix.
    code : int
        Exit code of the run that meets the fault.
    first : sequence of Step
        What is done to the process of that run.
    break_it, mend_it : callable, optional
        Bring about the fault before that run, and end it after.
    """
    if break_it is not None:
        break_it()
    ended = area.refresh(first=first)
    assert ended.code == code, ended.words
    for words in says:
        assert words in ended.complaint
    assert published(area.out) == area.before, "the last good outputs stay"
    if mend_it is not None:
        mend_it()
    next_is_whole(area)


def next_is_whole(area: Area) -> None:
    """Make sure that the next good run makes what an undisturbed one does, byte for byte."""
    again = area.refresh()
    assert again.code == 0, again.words
    others = differing(files(area.out), area.after)
    assert not others, f"not as an undisturbed run makes them: {others}"


@contextlib.contextmanager
def small_disk(folder: Path, size_kib: int) -> Iterator[None]:
    """Make a folder a disk of its own, so small that it can be filled."""
    options = ["-o", f"size={size_kib}k"]
    subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)
