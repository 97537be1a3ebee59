"""
How long a whole country takes, and how the time grows with the number of forces.

Run as ``python tests/bench/bench_national.py FOLDER``: a made-up country of 43 forces, 36 months
and 18 million records is written to the folder once (1.2 GB, beside what is made of it), which
does not count. Then tables and hotspots of 1, 4, 11 and 43 forces are made with the settings that
`hotspots init` writes, each time from nothing. With ``--publish`` the maps are made too.

- ``seconds`` and ``s per M rows``: from reading settings to the last table, on the wall clock.
- ``CPU s``: what all processes together had of the processors, which other work on the machine
  changes little.
- ``peak memory``: of this process and all that it started, shared pages counted once, looked at
  twice a second.

With ``--damaged`` there is a 44th force whose zip was cut short, which must be reported and stop no
other. With ``--dask`` the last step is done again on a Dask cluster of this machine, and every byte
compared.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pandas as pd
import psutil
from made_up_country import SIZES, MadeUp, sizes, write_force

from hotspots.pipeline.national import Country, finish, plan, refresh_country
from hotspots.pipeline.one_area import refresh_apart
from hotspots.settings.writing import SIMULATIONS_OF_MANY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

LOOKS_A_SECOND = 2
_ASKED = "\n[clustering]\n"


class Watched:
    """Watches the memory of this process and all below it, and the time, while in its context."""

    def __init__(self) -> None:
        self.peak_bytes = 0
        self.seconds = self.cpu_seconds = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self.seconds, self.cpu_seconds = -time.perf_counter(), -sum(os.times()[:4])
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.seconds += time.perf_counter()
        self.cpu_seconds += sum(os.times()[:4])
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        here = psutil.Process()
        while not self._over.wait(1 / LOOKS_A_SECOND):
            found = [_memory(each) for each in (here, *here.children(recursive=True))]
            self.peak_bytes = max(self.peak_bytes, sum(found))


def _memory(process: psutil.Process) -> int:
    """Return what a process takes, shared pages by halves where the system can tell."""
    try:
        found = process.memory_full_info()
    except psutil.Error:  # it has ended, or may not be looked at
        return 0
    return int(getattr(found, "pss", 0) or found.rss)


def written(folder: Path, *, rows: int, points: int, months: int) -> list[MadeUp]:
    """Write the country, unless it is there already."""
    note = folder / "country.json"
    if not note.exists():
        shares = sizes(rows, points)
        made = []
        for number, (n_rows, n_points) in enumerate(shares, start=1):
            made.append(write_force(folder, number, rows=n_rows, points=n_points, months=months))
            sys.stderr.write(f"\rwritten {number} of {len(shares)} forces")
        sys.stderr.write("\n")
        table = pd.DataFrame([asdict(each) | {"settings": str(each.settings)} for each in made])
        table.to_json(note, orient="records")
    found = pd.read_json(note, orient="records").to_dict("records")
    return [MadeUp(**{str(k): v for k, v in each.items()}) for each in found]


def set_simulations(every: Sequence[MadeUp], n: int) -> None:
    """Let the settings of each force ask for so many simulated maps."""
    for made in every:
        file = Path(made.settings)
        text = file.read_text(encoding="utf-8").split(_ASKED)[0]
        file.write_text(f"{text}{_ASKED}simulations = {n}\n", encoding="utf-8")


def damaged(folder: Path) -> str:
    """Write one more force, its zip cut short; give its id."""
    made = write_force(folder, len(SIZES) + 1, rows=50_000, points=2_000, months=12)
    archive = folder / "source" / f"{made.id}.zip"
    archive.write_bytes(archive.read_bytes()[: made.zip_bytes // 2])
    return made.id


def spread(n: int, total: int) -> list[int]:
    """Choose ``n`` of the forces, of all sizes alike."""
    return [int((i + 0.5) * total / n) for i in range(n)]


def on_dask(
    folder: Path, ids: Sequence[str], out: Path, *, workers: int, tables_only: bool
) -> Country:
    """Do the same on a Dask cluster of this machine."""
    from distributed import Client, LocalCluster

    made = plan(folder, forces=ids, out=out, tables_only=tables_only)
    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):
        results = client.gather(client.map(refresh_apart, made.jobs, pure=False))
    return finish(folder, made, results, out=out)


def digest(out: Path) -> str:
    """Condense every file that was made."""
    whole = hashlib.sha256()
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.suffix != ".lock":
            whole.update(path.relative_to(out).as_posix().encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()


def told(title: str, made: Sequence[MadeUp], watched: Watched, country: Country) -> str:
    """Give one line of the table."""
    rows = sum(each.rows for each in made)
    failed = len(country.of_state("failed"))
    done = len(country.results) - failed
    per = watched.seconds / (rows / 1e6)
    return (
        f"{title:<18}{done:>6}{failed:>8}{rows:>12,}{watched.seconds:>10.1f}{per:>14.1f}"
        f"{watched.cpu_seconds:>9.0f}"
        f"{watched.peak_bytes / 1e9:>13.2f} GB\n"
    )


def main(arguments: Sequence[str]) -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description="Time a made-up country.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=18_000_000)
    parser.add_argument("--points", type=int, default=731_000)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--steps", default="1,4,11,43", help="numbers of forces")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument(
        "--simulations", type=int, default=SIMULATIONS_OF_MANY, help="maps simulated for each set"
    )
    parser.add_argument("--publish", action="store_true", help="make the maps too")
    parser.add_argument("--damaged", action="store_true", help="one more force, its zip cut short")
    parser.add_argument("--dask", action="store_true", help="the last step on a cluster too")
    given = parser.parse_args(arguments)
    every = written(given.folder, rows=given.rows, points=given.points, months=given.months)
    set_simulations(every, given.simulations)
    bad = [damaged(given.folder)] if given.damaged else []
    size = sum(each.zip_bytes for each in every)
    sys.stdout.write(
        f"{len(every)} forces, {sum(each.rows for each in every):,} rows, "
        f"{sum(each.points for each in every):,} map points, {size / 1e9:.2f} GB of zips; "
        f"{given.workers} workers, {os.cpu_count()} cores; "
        f"{given.simulations} simulated maps a set\n"
        f"{'':<18}{'forces':>6}{'failed':>8}{'rows':>12}{'seconds':>10}{'s per M rows':>14}"
        f"{'CPU s':>9}{'peak memory':>16}\n"
    )
    out = given.folder / "out"
    for step in map(int, given.steps.split(",")):
        made = [every[i] for i in spread(step, len(every))]
        ids = [*(each.id for each in made), *bad]
        shutil.rmtree(out, ignore_errors=True)
        with Watched() as watched:
            country = refresh_country(
                given.folder,
                forces=ids,
                workers=given.workers,
                out=out,
                tables_only=not given.publish,
            )
        sys.stdout.write(told("processes", made, watched, country))
        sys.stdout.flush()
    for each in country.of_state("failed"):
        sys.stdout.write(f"failed: {each.area_id}: {each.message}\n")
    if given.dask:
        first = digest(out)
        shutil.rmtree(out)
        with Watched() as watched:
            country = on_dask(
                given.folder, ids, out, workers=given.workers, tables_only=not given.publish
            )
        sys.stdout.write(told("Dask cluster", made, watched, country))
        sys.stdout.write(f"same bytes: {'yes' if digest(out) == first else 'NO'}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
