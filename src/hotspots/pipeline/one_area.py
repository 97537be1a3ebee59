"""
One area of a country in a process of its own: a job on stdin, what came of it on stdout.

What a force takes of memory goes when its process ends, and a process that dies takes no other
force along.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from hotspots.errors import HotspotsError, cut

LAST_OF_TABLES = "detect"
"""The stage after which tables and hotspots are there, and no pages."""

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Forces run side by side, so within one of them libraries do not; sums are the same everywhere."""

LIMIT_S = 3 * 3600.0
"""The largest force takes minutes; one that takes hours hangs, and is ended."""

_PIECE_BYTES = 65_536


@dataclass(frozen=True)
class Job:
    """
    What is to be done for one area; plain values, so that it can be sent anywhere.

    Attributes
    ----------
    area_id, name : str
    settings_file : str
        Absolute path.
    out : str or None
        Absolute path of the base of the outputs; beside the settings file if None.
    until : str or None
    offline, force : bool
    tables_only : bool
        Stop when the hotspots are drawn; the next run goes on from there.
    not_refreshed : tuple of str
        What the look at the sources could not have.
    n_bytes : int
        Size of the police.uk files, by which the work is known beforehand.
    """

    area_id: str
    name: str
    settings_file: str
    out: str | None = None
    until: str | None = None
    offline: bool = False
    force: bool = False
    tables_only: bool = False
    not_refreshed: tuple[str, ...] = ()
    n_bytes: int = 0


@dataclass(frozen=True)
class Result:
    """
    What a job came to.

    Attributes
    ----------
    area_id : str
    state : str
        ``new``, ``current`` (nothing had changed), ``tables`` (drawn, not published) or ``failed``.
    message : str
        Why it failed; otherwise empty.
    exit_code : int
        Of the failure, as `hotspots refresh` gives it.
    not_refreshed : tuple of str
        Sources that could not be used, and why.
    """

    area_id: str
    state: str
    message: str = ""
    exit_code: int = 0
    not_refreshed: tuple[str, ...] = ()

    @property
    def is_failed(self) -> bool:
        """Whether nothing came of it; the last good outputs stay."""
        return self.state == "failed"


def refresh_apart(job: Job) -> Result:
    """
    Do a job in a process of its own, and wait for it.

    Parameters
    ----------
    job : Job

    Returns
    -------
    Result
        Failed where the process died; nothing is raised.
    """
    command = [sys.executable, "-m", "hotspots.pipeline.one_area"]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        bufsize=0,  # nothing is left to be written to a process that has died
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_surroundings(),
    ) as process:
        # Its stdin stays open: that it closes tells the child that we are gone.
        assert process.stdin  # noqa: S101 - both are pipes
        assert process.stdout  # noqa: S101
        limit = threading.Timer(LIMIT_S, process.kill)
        limit.start()
        with contextlib.suppress(BrokenPipeError):  # it died at once; its words say why
            process.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
        said = process.stdout.read().decode(errors="replace").strip().splitlines()
        code = process.wait()
        limit.cancel()
    return _result(job, said, code)


def _surroundings() -> dict[str, str]:
    """Give the environment variables of a child, whoever starts it."""
    # Dask has its workers hand back every freed page at once, which doubles the work of large sums.
    kept = {name: text for name, text in os.environ.items() if name != "MALLOC_TRIM_THRESHOLD_"}
    return kept | _ONE_THREAD


def refresh_or_raise(job: Job) -> Result:
    """
    Do a job as ``refresh_apart`` does, for a scheduler that tells failures by exceptions.

    Raises
    ------
    HotspotsError
        If it failed, with its message.
    """
    result = refresh_apart(job)
    if result.is_failed:
        raise HotspotsError(result.message)
    return result


def _result(job: Job, said: list[str], code: int) -> Result:
    try:
        found = json.loads(said[-1])
        return Result(**found | {"not_refreshed": tuple(found["not_refreshed"])})
    except (IndexError, KeyError, TypeError, ValueError):
        last = cut(said[-1]) if said else "it said nothing"
        ended = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        msg = (
            f"Its process {ended} ({last}). It may have had too little memory, or taken longer "
            f"than {LIMIT_S / 3600:g} hours: run it again with fewer workers."
        )
        return Result(job.area_id, "failed", msg, 1, job.not_refreshed)


def refresh_here(job: Job) -> Result:
    """
    Do a job in this process.

    Parameters
    ----------
    job : Job

    Returns
    -------
    Result
        Failed where anything was raised.
    """
    try:
        return Result(job.area_id, _done(job), not_refreshed=job.not_refreshed)
    except HotspotsError as error:
        return Result(job.area_id, "failed", str(error), error.exit_code, job.not_refreshed)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one force, others go on
        words = " ".join(str(error).split()) or "no further words"
        msg = (
            f"unexpected {type(error).__name__}: {cut(words)}. See where with "
            f"`hotspots refresh --debug --settings {job.settings_file}`, and report that."
        )
        return Result(job.area_id, "failed", msg, 1, job.not_refreshed)


def _done(job: Job) -> str:
    from hotspots.pipeline import notifying
    from hotspots.pipeline.raw_inputs import News
    from hotspots.pipeline.run import session
    from hotspots.pipeline.stages import STAGES

    file, out = Path(job.settings_file), Path(job.out) if job.out else None
    with (
        notifying.watched(file, out=out, warn=_no_words) as notify,
        session(
            file,
            out=out,
            until=job.until,
            force=job.force,
            offline=job.offline,
            news=None if job.offline else News(not_refreshed=list(job.not_refreshed)),
        ) as run,
    ):
        for stage in () if run.is_current else STAGES:
            stage.run(run)
            if job.tables_only and stage.name == LAST_OF_TABLES:
                return "tables"
        outcome = run.outcome()
    if job.until is None:  # else old data is what was asked for
        notify(outcome)
    return "new" if outcome.is_new else "current"


def _no_words(words: str) -> None:
    """Leave out that a notification could not be sent."""


def main() -> None:
    """Read a job, do it, and write what came of it; end at once if whoever asked is gone."""
    text = b""
    while not text.endswith(b"\n"):
        piece = os.read(0, _PIECE_BYTES)
        if not piece:
            return
        text += piece
    threading.Thread(target=_end_with_parent, daemon=True).start()
    job = json.loads(text)
    result = refresh_here(Job(**job | {"not_refreshed": tuple(job["not_refreshed"])}))
    sys.stdout.write(json.dumps(asdict(result)) + "\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    # Not through sys.stdin: its lock would be held when the interpreter ends.
    while os.read(0, _PIECE_BYTES):
        pass
    os._exit(1)  # as a kill, after which the next run takes up what is there


if __name__ == "__main__":
    main()
