"""
How long reading takes beside unzipping and parsing the same bytes.

Run as ``python tests/bench/bench_ingest.py SETTINGS``: the settings name zips of police.uk
and the layers of an area. Each round does all three in turn in this one process; the table shows
medians. The first round warms caches and is not counted.
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.csv as pa_csv

from hotspots import schema, store
from hotspots.pipeline.ingest import ingest
from hotspots.settings import load, police_files
from hotspots.sources import police_uk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hotspots.settings import Settings


def parse_only(files: Sequence[Path], force: str) -> None:
    """Unzip the street CSVs of a force and parse them with pyarrow's defaults."""
    for file in files:
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if name.endswith(f"-{force}-street.csv"):
                    pa_csv.read_csv(io.BytesIO(archive.read(name)))


def ingest_and_write(settings: Settings) -> None:
    """Do all that the stage ``ingest`` does: read, place, count, write."""
    by_name = {each.name: each for each in schema.STORED}
    with tempfile.TemporaryDirectory() as folder:
        tables, _ = ingest(settings, until=None)
        for name, table in tables.items():
            store.write_table(table, by_name[name], Path(folder))


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(arguments: Sequence[str]) -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description="Time reading against unzipping and parsing.")
    parser.add_argument("settings", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args(arguments)
    settings = load(given.settings)
    force = str(settings.area.police_force)
    files = police_files(settings)
    works: dict[str, Callable[[], object]] = {
        "unzip and parse (pyarrow)": lambda: parse_only(files, force),
        "police_uk.read": lambda: police_uk.read(files, force=force),
        "stage ingest, tables written": lambda: ingest_and_write(settings),
    }
    rounds = [
        {name: seconds(work) for name, work in works.items()} for _ in range(given.rounds + 1)
    ]
    medians = {name: statistics.median(each[name] for each in rounds[1:]) for name in works}
    base = next(iter(medians.values()))
    sys.stdout.write(f"{'median of ' + str(given.rounds):<32}{'seconds':>9}{'ratio':>8}\n")
    for name, median in medians.items():
        sys.stdout.write(f"{name:<32}{median:>9.2f}{median / base:>8.2f}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
