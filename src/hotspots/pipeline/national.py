"""
Many forces from one folder of settings files, side by side, and the page that leads to them.

Sources are looked at once for all of them, one force after the other, so that they share what is
downloaded and no source is asked faster than for one. Then each force is refreshed in a process
of its own, without network: what is held in memory is bounded by the forces at work, not by the
country. A force that fails stops no other.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hotspots.errors import DataMissingError, HotspotsError, SettingsError
from hotspots.pipeline.one_area import Job, Result, refresh_apart
from hotspots.settings import load, police_files

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from hotspots.pipeline.fetch import Shared
    from hotspots.settings import Settings

WORKER_BYTES = 2 * 2**30
"""Memory that a worker is given by default: what a large force takes while it is refreshed."""

PARTLY_DONE = 5


@dataclass(frozen=True)
class Plan:
    """
    What a run over many forces has to do.

    Attributes
    ----------
    jobs : tuple of Job
        The largest force first, so that none is left alone at the end.
    refused : tuple of Result
        Forces whose settings or sources cannot be used.
    """

    jobs: tuple[Job, ...]
    refused: tuple[Result, ...] = ()


@dataclass(frozen=True)
class Country:
    """
    What a run over many forces came to.

    Attributes
    ----------
    results : tuple of Result
        By area id.
    index : Path or None
        The page that leads to all forces; None where only tables were made.
    """

    results: tuple[Result, ...]
    index: Path | None

    def of_state(self, state: str) -> list[Result]:
        """Return what came to a state."""
        return [each for each in self.results if each.state == state]

    @property
    def exit_code(self) -> int:
        """0 if all is well, 5 if something failed or was not refreshed, 1 if everything failed."""
        failed = len(self.of_state("failed"))
        if failed == len(self.results):
            return 1
        is_partial = failed or any(each.not_refreshed for each in self.results)
        return PARTLY_DONE if is_partial else 0


def refresh_country(
    folder: Path,
    *,
    forces: Collection[str] | None = None,
    workers: int | None = None,
    out: Path | None = None,
    until: str | None = None,
    offline: bool = False,
    force: bool = False,
    tables_only: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Country:
    """
    Refresh every force of a folder on this machine, without a server.

    Parameters
    ----------
    folder : Path
        Holds a settings file for each force.
    forces : collection of str, optional
        Ids of areas; the others are left as they are.
    workers : int, optional
        Forces at work at once; `default_workers` if not given.
    out, until, offline, force
        As for ``session``.
    tables_only : bool
        Stop when the hotspots are drawn; nothing is published, and the next run goes on there.
    say : callable
        Told what is being done.

    Raises
    ------
    SettingsError
        If a force is asked for that has no settings file there.
    DataMissingError
        If there is no settings file.
    """
    made = plan(
        folder, forces=forces, out=out, until=until, offline=offline, force=force,
        tables_only=tables_only, say=say,
    )  # fmt: skip
    workers = workers or default_workers()
    say(f"refreshing {len(made.jobs)} forces, {workers} at a time")
    results: list[Result] = []
    with ThreadPoolExecutor(workers) as pool:  # each thread waits for a process
        try:
            for future in as_completed([pool.submit(refresh_apart, job) for job in made.jobs]):
                results.append(future.result())
                say(f"{len(results)} of {len(made.jobs)}: {told(results[-1])}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return finish(folder, made, results, out=out)


def plan(
    folder: Path,
    *,
    forces: Collection[str] | None = None,
    out: Path | None = None,
    until: str | None = None,
    offline: bool = False,
    force: bool = False,
    tables_only: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Plan:
    """
    Read the settings of every force, and fetch what is new for all of them.

    Parameters
    ----------
    folder, forces, out, until, offline, force, tables_only, say
        As for ``refresh_country``.

    Raises
    ------
    SettingsError, DataMissingError
        As for ``refresh_country``.
    """
    from hotspots.pipeline.fetch import Shared

    jobs: dict[str, Job] = {}
    refused: list[Result] = []
    wanted = _wanted(settings_files(folder), forces)
    with Shared() as shared:
        for file in wanted:
            area_id = file.stem
            try:
                settings = load(file)
                area_id = settings.area.id
                if area_id in jobs:
                    raise SettingsError(_twice(area_id, file, jobs[area_id]))
                job = Job(
                    area_id, settings.area.name, str(file), str(out.resolve()) if out else None,
                    until, offline, force, tables_only,
                )  # fmt: skip
                jobs[area_id] = job if offline else _looked(job, file, out, shared, say)
            except HotspotsError as error:
                refused.append(Result(area_id, "failed", str(error), error.exit_code))
    sized = [_sized(job) for job in jobs.values()]
    sized.sort(key=lambda job: (-job.n_bytes, job.area_id))
    return Plan(tuple(sized), tuple(refused))


def finish(
    folder: Path, made: Plan, results: Sequence[Result], *, out: Path | None = None
) -> Country:
    """
    Put the results in order and write the page that leads to all forces.

    Parameters
    ----------
    folder : Path
    made : Plan
    results : sequence of Result
        Of its jobs, in any order.
    out : Path, optional
    """
    from hotspots.pipeline.country_page import write_index

    every = tuple(sorted([*made.refused, *results], key=lambda each: each.area_id))
    is_published = not any(each.state == "tables" for each in every)
    index = write_index(settings_files(folder), every, out=out) if is_published else None
    return Country(every, index)


def settings_files(folder: Path) -> list[Path]:
    """
    List the settings files of a folder, by name.

    Raises
    ------
    DataMissingError
        If there is none.
    """
    found = sorted(folder.resolve().glob("*.toml"))
    if not found:
        msg = (
            f"{folder}: there is no settings file; write them with "
            f"`hotspots init --all-forces {folder}`."
        )
        raise DataMissingError(msg)
    return found


def default_workers() -> int:
    """Return as many workers as there are cores, and no more than memory is there for."""
    cores = os.cpu_count() or 1
    if not hasattr(os, "sysconf"):  # Windows: whoever has little memory says so
        return cores
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(cores, memory // WORKER_BYTES))


def told(result: Result) -> str:
    """Say in one line what a job came to."""
    words = {"new": "new maps", "current": "nothing new", "tables": "tables and hotspots"}
    line = f"{result.area_id}: {words.get(result.state, f'failed: {result.message}')}"
    missed = len(result.not_refreshed)
    return f"{line}; {missed} not refreshed" if missed else line


def _wanted(files: Sequence[Path], forces: Collection[str] | None) -> list[Path]:
    if forces is None:
        return list(files)
    unknown = sorted(set(forces) - {file.stem for file in files})
    if unknown:
        msg = (
            f"{files[0].parent}: there is no settings file of {', '.join(unknown)}; write one with "
            f"`hotspots init --forces {','.join(unknown)} {files[0].parent}`."
        )
        raise SettingsError(msg)
    return [file for file in files if file.stem in set(forces)]


def _twice(area_id: str, file: Path, job: Job) -> str:
    return (
        f"{file}: the area id {area_id!r} is that of {job.settings_file} too, and one would write "
        "over the other; change one of them or move the file away."
    )


def _looked(
    job: Job, file: Path, out: Path | None, shared: Shared, say: Callable[[str], None]
) -> Job:
    """Fetch what is new for one force; note what could not be had."""
    from hotspots.pipeline import notifying
    from hotspots.pipeline.run import look

    def own(words: str) -> None:
        say(f"{job.area_id}: {words}")

    with notifying.watched(file, out=out, warn=own):
        news = look(file, out=out, shared=shared, say=own)
    return replace(job, not_refreshed=tuple(news.not_refreshed))


def _sized(job: Job) -> Job:
    """Note how much there is to read; nothing where that cannot be told yet."""
    from hotspots.pipeline.folders import Folders
    from hotspots.pipeline.raw_inputs import resolve
    from hotspots.store import RawStore

    file, out = Path(job.settings_file), Path(job.out) if job.out else None
    settings = load(file)
    try:
        local: Settings = resolve(settings, RawStore(Folders.of(file, job.area_id, out).raw))
        return replace(job, n_bytes=sum(path.stat().st_size for path in police_files(local)))
    except (HotspotsError, OSError):
        return job  # its own refresh says what is the matter
