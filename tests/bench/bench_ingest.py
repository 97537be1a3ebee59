"""
How long reading takes beside unzipping and parsing the same bytes.

Run as ``python tests/bench/bench_ingest.py SETTINGS``: the settings name zips of police.uk
and the layers of an area. Each round does all of these in turn in this one process; the table
shows medians. The first round warms caches and is not counted.

- ``unzip and parse``: the base; ``zipfile``, and ``pyarrow.csv`` with its defaults, which uses
  every core.
- ``police_uk.read``: records without their ids, rows set aside and their account, in memory.
- ``police.uk zip to written tables``: incidents, points, counts, coverage, revisions, alerts, rows
  set aside and account, checked and on disk; the outlines of the area are at hand. What is to
  take no more than three times as long as the base.
- ``whole stage with council files``: all that the stage ``ingest`` does; outlines, places, lights
  and deprivation are no part of the base.
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

import pandas as pd
import pyarrow.csv as pa_csv
import shapely

from hotspots import schema, store
from hotspots.pipeline import ingest, placing
from hotspots.pipeline.memory import few_looks
from hotspots.settings import load, police_files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd

    from hotspots.pipeline.ingest import Done
    from hotspots.settings import Settings


def parse_only(files: Sequence[Path], force: str) -> None:
    """Unzip the street CSVs of a force and parse them with pyarrow's defaults."""
    for file in files:
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if name.endswith(f"-{force}-street.csv"):
                    pa_csv.read_csv(io.BytesIO(archive.read(name)))


def write_all(work: Callable[[Done], object]) -> None:
    """Do what makes tables, and write them as the stage ``ingest`` does."""
    by_name = {each.name: each for each in (*schema.STORED, schema.ALERTS)}
    with tempfile.TemporaryDirectory() as folder, store.Writing() as writing:
        work(lambda name, table: writing.write(table, by_name[name], Path(folder)))


def police_tables(settings: Settings, areas: gpd.GeoDataFrame, done: Done) -> None:
    """Read the police.uk files and make of them all tables that hold nothing else."""
    police = ingest.read_police(settings)
    near = shapely.union_all(areas.geometry[areas["level"] == "district"].to_numpy())
    made = ingest.mapped(settings, police, areas, near, until=None, done=done)
    done("account", placing.recount(police.account, made.excluded))
    set_aside = pd.concat([police.set_aside, made.excluded], ignore_index=True)
    done("set_aside", set_aside)


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
    areas = ingest.read_areas(settings)
    works: dict[str, Callable[[], object]] = {
        "unzip and parse (pyarrow)": lambda: parse_only(files, force),
        "police_uk.read": lambda: ingest.read_police(settings),
        "police.uk zip to written tables": lambda: write_all(
            lambda done: police_tables(settings, areas, done)
        ),
        "whole stage with council files": lambda: write_all(
            lambda done: ingest.ingest(settings, until=None, done=done)
        ),
    }
    with few_looks():  # as in a refresh
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
