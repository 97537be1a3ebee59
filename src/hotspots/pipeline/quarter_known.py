"""What was known of an area at the end of a quarter: its tables with later months cut off."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from hotspots import schema, store
from hotspots.errors import DataMissingError
from hotspots.pipeline.assemble import publication
from hotspots.pipeline.coverage import observed
from hotspots.pipeline.quarters import Quarter, chosen
from hotspots.publish import Publication, words
from hotspots.schema import ALL_CRIME
from hotspots.settings import expand
from hotspots.sources import population

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.pipeline.run import Published

_LOST_MOST = 0.05
"""Share of records without a place above which a report warns."""


@dataclass(frozen=True)
class Known:
    """The tables of an area with all months after the quarter cut off."""

    at: Published
    quarter: Quarter
    is_latest: bool
    publication: Publication
    counts: pd.DataFrame
    coverage: pd.DataFrame
    history: pd.DataFrame
    past_maps: pd.DataFrame
    scores: pd.DataFrame

    @property
    def points(self) -> gpd.GeoDataFrame:
        """Every map point, of every list."""
        return self.publication.points

    @property
    def districts(self) -> gpd.GeoDataFrame:
        """Districts by name, with their slugs."""
        return self.publication.districts


def known_at(at: Published, name: str | None, *, revised: bool) -> Known:
    """
    Read the tables of the last refresh and choose the quarter.

    Parameters
    ----------
    at : Published
    name : str or None
        Of the quarter; the last complete one if None.
    revised : bool
        Whether an earlier quarter may be told with corrected records.

    Raises
    ------
    SettingsError, DataMissingError
        As for ``quarterly``.
    """
    folder = at.processed_folder
    content = publication(
        at.settings, folder, made_on=dt.date.fromisoformat(at.manifest["made_on"])
    )
    counts, coverage, past_maps, scores = (
        store.read_table(each, folder)
        for each in (schema.COUNTS, schema.COVERAGE, schema.PAST_MAPS, schema.SCORES)
    )
    seen = coverage[observed(coverage)]
    quarter = chosen(seen["month"], name, at.settings.report.quarters)
    last = seen["month"].max()
    is_latest = bool(quarter.end >= last)
    coverage = coverage[coverage["month"] <= quarter.end].reset_index(drop=True)
    if not (is_latest or revised):
        _require_as_published(coverage, quarter)
    return Known(
        at,
        quarter,
        is_latest,
        content,
        counts[counts["month"] <= quarter.end].reset_index(drop=True),
        coverage,
        content.history[content.history["window_end"] <= quarter.end],
        past_maps[past_maps["window_end"] <= quarter.end].reset_index(drop=True),
        scores,
    )


def _require_as_published(coverage: pd.DataFrame, quarter: Quarter) -> None:
    """Refuse an earlier quarter whose records were corrected: the first ones are not kept."""
    months = sorted(coverage.loc[coverage["is_revised"], "month"].unique())
    if months:
        told = words.spans([pd.Timestamp(month) for month in months])
        msg = (
            f"{quarter.name}: records of {told} were published again with changes, and only the "
            "newest are kept, so what was known then cannot be told. Add --revised to make the "
            "report with the corrected records."
        )
        raise DataMissingError(msg)


def residents(known: Known) -> dict[str, int]:
    """Sum the residents of districts and of the whole area; empty if none were supplied."""
    settings = known.at.settings
    if settings.population is None:
        return {}
    areas = known.publication.areas
    found: dict[str, int] = {}
    for path in expand(settings.population.file):
        held = population.read(path)
        level = areas[areas["level"] == held.vintage].set_index("area_code")["district_code"]
        code = held.table["lsoa_code"].map(level)
        if code.isna().all():
            msg = (
                f"{path}: none of its areas lies in the districts; supply residents of LSOAs here, "
                f"and boundaries of level {held.vintage}."
            )
            raise DataMissingError(msg)
        sums = held.table.groupby(code)["residents"].sum()
        found |= {str(each): int(n) for each, n in sums.items()}
    missing = set(known.districts["area_code"]) - set(found)
    if not missing:
        found[settings.area.id] = sum(found[each] for each in known.districts["area_code"])
    return found


def cautions(known: Known, *, revised: bool) -> tuple[str, ...]:
    """Say what a reader must know before any comparison."""
    quarter = known.quarter
    own = known.coverage[
        (known.coverage["crime_type"] == ALL_CRIME) & known.coverage["month"].isin(quarter.months)
    ]
    bare = sorted(set(quarter.months) - set(own.loc[observed(own), "month"]))
    told = []
    if bare:
        told.append(
            f"No data for {words.spans(bare)}. A missing month is unknown, not free of crime, so "
            "this quarter is compared with no other."
        )
    lists = known.coverage.dropna(subset="list_id").groupby("month")["list_id"].first()
    changed = lists.index[(lists != lists.shift()) & lists.shift().notna()]
    recent = [m for m in changed if quarter.before(1).end < m <= quarter.end]
    told += [
        f"The police changed their list of map points in {words.month(m)}. Counts of districts "
        "hardly change with it; hotspots before and after were compared by area."
        for m in recent
    ]
    for flag, state in (("is_short", "far fewer records than the months around it"),
                        ("is_revised", "was published again with changes")):  # fmt: skip
        months = sorted(own.loc[own[flag], "month"].unique())
        verb = "has " if flag == "is_short" else ""
        told += [f"{words.month(pd.Timestamp(m))} {verb}{state}." for m in months]
    rows, lost = int(own["rows_in"].sum()), int(own["unlocated"].sum())
    if rows and lost / rows > _LOST_MOST:
        told.append(
            f"{words.percent(lost / rows)} of the quarter's records have no place and are in no "
            "count here, so counts are too low and comparisons with other quarters uncertain."
        )
    if revised and not known.is_latest:
        told.append(
            "This report of an earlier quarter was made with records as they were corrected later "
            "(--revised), not as they were known then."
        )
    return tuple(told)
