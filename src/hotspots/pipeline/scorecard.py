"""What ``hotspots score`` tells: the scores of the last refresh, and of polygons brought to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from hotspots import schema, settings, store
from hotspots.errors import SettingsError
from hotspots.pipeline import foretold
from hotspots.pipeline.assemble import score_tables
from hotspots.pipeline.ranking import HOTSPOTS, POLYGONS
from hotspots.pipeline.run import processed_folder
from hotspots.pipeline.score import Polygons
from hotspots.pipeline.tables import crime_sets
from hotspots.schema import ALL_CRIME
from hotspots.sources import polygons as polygon_files

if TYPE_CHECKING:
    from pathlib import Path

KNOWLEDGE = (
    "Polygons drawn with records of the tested months look better than they are: compare only "
    "those drawn by the first month named."
)
"""What cannot be seen of polygons, and must be said of their score."""


SHORTER = "Of 100 records of each other kind, in brackets by raw count on as much ground:"


@dataclass(frozen=True)
class Scorecard:
    """
    Scores, ready to be told.

    Attributes
    ----------
    area_name : str
    groups : tuple of str
        Crime groups that were tested, in their order.
    sentences : tuple of str
        What they come to, words first.
    table : DataFrame
        Of ``foretold.pooled``: at the last origins of the latest list.
    history : DataFrame
        ``schema.SCORES``: the hotspots of every month on their own ground.
    notes : tuple of str
        What could not be tested, and what a person should know.
    """

    area_name: str
    groups: tuple[str, ...]
    sentences: tuple[str, ...]
    table: pd.DataFrame
    history: pd.DataFrame
    notes: tuple[str, ...]


def scorecard(
    settings_file: Path,
    *,
    out: Path | None = None,
    polygons: Path | None = None,
    crime_group: str | None = None,
    horizon_months: int | None = None,
) -> Scorecard:
    """
    Read the scores of the last refresh; score polygons beside them if there are any.

    Parameters
    ----------
    settings_file : Path
    out : Path, optional
        As for a refresh.
    polygons : Path, optional
        A file of polygons, in their order.
    crime_group : str, optional
        Only this one.
    horizon_months : int, optional
        The longest tested if not given.

    Raises
    ------
    DataMissingError
        If there was no refresh before, or the file of polygons is not there.
    SettingsError
        If there is no such crime group.
    InputError
        If the polygons cannot be used.
    """
    chosen = settings.load(settings_file)
    groups = [each.name for each in crime_sets(chosen.crime_groups)]
    if crime_group is not None and crime_group not in groups:
        msg = f"--crime-group {crime_group!r} is none of {', '.join(groups)}."
        raise SettingsError(msg)
    folder = processed_folder(chosen, settings_file, out)
    scores = store.read_table(schema.SCORES, folder)
    notes: tuple[str, ...] = ()
    if polygons is not None:
        crime_group = crime_group or ALL_CRIME
        areas = store.read_table(schema.AREAS, folder)
        area = shapely.union_all(areas.loc[areas["level"] == "district", "geometry"].to_numpy())
        brought = polygon_files.read(polygons, area=area)
        beside = Polygons(brought.shapes, is_ranked=brought.order_column is not None)
        found = score_tables(chosen, folder, crime_group=crime_group, polygons=beside).table
        notes = (*brought.notes, _order_said(brought), KNOWLEDGE)
    else:
        found = scores
    if crime_group is not None:
        found, scores = (t[t["crime_group"] == crime_group] for t in (found, scores))
        groups = [crime_group]
    table = foretold.pooled(found, horizon_months=horizon_months)
    past = foretold.history(scores)
    if horizon_months is not None:
        past = past[past["horizon_months"] == horizon_months]
    return Scorecard(
        chosen.area.name,
        tuple(each for each in groups if (table["crime_group"] == each).any()),
        _sentences(table, groups, with_polygons=polygons is not None),
        table,
        past,
        notes,
    )


def _order_said(brought: polygon_files.PolygonFile) -> str:
    if brought.order_column is not None:
        return f"polygons in the order of {brought.order_column!r}"
    return "no column rank, order or priority: polygons with most incidents in training come first"


def _sentences(table: pd.DataFrame, groups: list[str], *, with_polygons: bool) -> tuple[str, ...]:
    if table.empty:
        return (foretold.NOT_TESTED,)
    tested = set(table["crime_group"])
    leads = (POLYGONS, HOTSPOTS) if with_polygons else (HOTSPOTS,)
    told = [each for each in groups if each in tested]
    rest = [each for each in groups if each not in tested]
    first = told[:1] if len(told) > 1 else told
    lines = [foretold.sentence(table, each, lead=lead) for each in first for lead in leads]
    shorter = [foretold.short_line(table, each) for each in told[len(first) :]]
    lines += [SHORTER, *shorter] if any(shorter) else []
    if rest:
        lines.append(f"Not tested, for too little crime or too short a record: {', '.join(rest)}.")
    return tuple(line for line in lines if line)


def as_json(card: Scorecard) -> dict[str, Any]:
    """Give a scorecard as plain values for JSON."""
    return {
        "area": card.area_name,
        "sentences": list(card.sentences),
        "scores": _records(card.table),
        "history": _records(card.history),
        "notes": list(card.notes),
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    months = {
        str(name): table[name].dt.strftime("%Y-%m")
        for name in table.columns
        if pd.api.types.is_datetime64_dtype(table[name])
    }
    plain = table.assign(**months).astype(object)
    records = plain.where(plain.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in records]
