"""Put tables and settings together into what the analysis and the pages ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots import schema, store
from hotspots.cluster import DrawRules
from hotspots.errors import SettingsError
from hotspots.pipeline import foretold, local_counts, past_maps
from hotspots.pipeline.coverage import observed
from hotspots.pipeline.describe import describe, hotspot_id
from hotspots.pipeline.detect import detect
from hotspots.pipeline.drawing import DetectRules
from hotspots.pipeline.frames import point_lists
from hotspots.pipeline.judge import judge
from hotspots.pipeline.over_time import season_rows
from hotspots.pipeline.score import Polygons, Scored, score
from hotspots.pipeline.tables import LEAST_MONTHS, WINDOW_MONTHS, CrimeSet, crime_sets, is_enough
from hotspots.publish import Publication
from hotspots.publish.page_district import STREET_TYPES
from hotspots.settings import expand
from hotspots.sources import harm

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.settings import Settings

LARGEST_PART = 1 / 4
"""No hotspot takes more of the budget than this, so that a small area has several to compare."""

WIDE_BUDGET_SHARE = 0.0025
"""From this share of the area on, fewer points are taken for each budget (METHODS §4)."""


def detect_tables(
    settings: Settings,
    points: gpd.GeoDataFrame,
    counts: pd.DataFrame,
    coverage: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
) -> dict[str, pd.DataFrame]:
    """
    Detect the hotspots of every crime set of the settings.

    Parameters
    ----------
    settings : Settings
    points, counts, coverage, areas, places : DataFrame
        Each to its schema.

    Returns
    -------
    dict of table name to DataFrame
        ``hotspots``, ``members``, ``history``, ``series``, ``mix`` and ``past_maps``.
    """
    rules = detect_rules(settings, areas)
    lists = point_lists(
        points, counts, coverage, eps_m=rules.draw.eps_m, exposed_xy=exposed_xy(settings, places)
    )
    sets = crime_sets(settings.crime_groups)
    found = detect(lists, sets, rules)
    judged = judge(found, sets, rules, n_simulations=settings.clustering.simulations)
    districts = areas[areas["level"] == "district"].set_index("area_code")["name"]
    described = describe(
        found, judged, lists, points, districts,
        area_id=settings.area.id, history_months=settings.police_uk.months,
        harm_weights=harm_weights(settings),
    )  # fmt: skip
    maps = past_maps.to_table(found.maps, lambda n: hotspot_id(settings.area.id, n))
    return described | {schema.PAST_MAPS.name: maps}


def exposed_xy(settings: Settings, places: gpd.GeoDataFrame) -> NDArray[np.float64] | None:
    """Return where the places stand that crime is measured against, metres; None if none are."""
    kind = settings.clustering.exposure
    if kind is None:
        return None
    found: NDArray[np.float64] = places[places["kind"] == kind].get_coordinates().to_numpy()
    return found


def harm_weights(settings: Settings) -> dict[str, float]:
    """Read the harm weights of the settings, or those that come with the package."""
    pattern = settings.harm.weights
    if pattern is None:
        return harm.read()
    found = expand(pattern)
    if len(found) > 1:
        msg = f"harm.weights: {pattern} finds {len(found)} files; name one."
        raise SettingsError(msg)
    return harm.read(found[0])


def score_tables(
    settings: Settings,
    folder: Path,
    *,
    crime_group: str | None = None,
    polygons: Polygons | None = None,
) -> Scored:
    """
    Score the hotspots of a run beside the baselines.

    Parameters
    ----------
    settings : Settings
    folder : Path
        Tables of the run.
    crime_group : str, optional
        Only this one; all of them if not given.
    polygons : Polygons, optional
        Places to score beside the others, without the history.
    """
    wanted = (schema.POINTS, schema.COUNTS, schema.COVERAGE, schema.AREAS, schema.PAST_MAPS)
    points, counts, coverage, areas, past = (store.read_table(each, folder) for each in wanted)
    rules = detect_rules(settings, areas)
    sets = [
        each for each in crime_sets(settings.crime_groups) if crime_group in {None, each.name}
    ]  # fmt: skip
    levels = [each for each in ("lsoa21", "lsoa11") if (areas["level"] == each).any()]
    return score(
        point_lists(points, counts, coverage, eps_m=rules.draw.eps_m),
        sets,
        rules,
        past,
        areas[areas["level"] == (levels[0] if levels else "lsoa21")].reset_index(drop=True),
        study_area_m2=float(areas.loc[areas["level"] == "district", "area_m2"].sum()),
        with_history=polygons is None,
        polygons=polygons,
    )


def detect_rules(settings: Settings, areas: gpd.GeoDataFrame) -> DetectRules:
    """Turn the settings and the size of the area into the rules of detection."""
    chosen = settings.clustering
    area_m2 = float(areas.loc[areas["level"] == "district", "area_m2"].sum())
    budget_m2 = chosen.area_budget_share * area_m2
    is_textbook = chosen.method == "dbscan"
    draw = DrawRules(
        budget_m2=budget_m2,
        eps_m=chosen.eps_m,
        max_width_m=chosen.max_width_m,
        max_area_m2=(
            chosen.max_area_m2 if is_textbook else min(chosen.max_area_m2, LARGEST_PART * budget_m2)
        ),
        reach=1.5 if chosen.area_budget_share >= WIDE_BUDGET_SHARE else 2.0,
        most=chosen.most_hotspots,
    )
    return DetectRules(
        draw, chosen.method, chosen.min_incidents, chosen.min_year_incidents,
        settings.police_uk.months,
    )  # fmt: skip


def publication(
    settings: Settings,
    folder: Path,
    *,
    made_on: dt.date,
    untested: tuple[tuple[str, str, str], ...] = (),
    not_refreshed: tuple[str, ...] = (),
) -> Publication:
    """Read the tables of a run and add the words that go with them."""
    named = {
        each.name: store.read_table(each, folder)
        for each in schema.STORED
        if each.name in Publication.__dataclass_fields__
    }
    counts = store.read_table(schema.COUNTS, folder)
    coverage = named["coverage"]
    # Months without a record may follow the last one that was analysed.
    analysed = coverage.loc[coverage["list_id"].notna(), "month"]
    last = analysed.max()
    start = max(last - pd.DateOffset(months=settings.police_uk.months - 1), analysed.min())
    window_start = last - pd.DateOffset(months=WINDOW_MONTHS - 1)
    known = coverage[observed(coverage) & coverage["month"].between(window_start, last)]
    months_observed = int(known["month"].nunique())
    sets = crime_sets(settings.crime_groups)
    named["coverage"] = coverage[coverage["month"] >= start].reset_index(drop=True)
    in_window = counts["month"].between(window_start, last)
    return Publication(
        area_id=settings.area.id,
        area_name=settings.area.name,
        data_months=(start, last),
        window_start=window_start,
        window_end=last,
        months_observed=months_observed,
        least_months=LEAST_MONTHS,
        made_on=made_on,
        stale_after_days=settings.publish.stale_after_days,
        crime_groups=tuple(each.name for each in sets),
        group_kinds={each.name: each.kind for each in sets},
        not_drawn=_not_drawn(settings, sets, counts[in_window], months_observed),
        district_totals=local_counts.district_totals(counts[in_window], named["points"], sets),
        street_counts=local_counts.street_counts(
            counts[counts["month"].between(start, last)], named["points"], named["hotspots"],
            named["members"], types=STREET_TYPES, window_start=window_start,
        ),
        method=(
            *_method(settings, named),
            *foretold.card(store.read_table(schema.SCORES, folder), [each.name for each in sets]),
            *season_rows(counts[counts["month"].between(start, last)]),
        ),
        notices=_notices(settings, (start, last), made_on),
        quarantine=_quarantine(store.read_table(schema.SET_ASIDE, folder)),
        untested=untested,
        not_refreshed=not_refreshed,
        **named,
    )  # fmt: skip


def _not_drawn(
    settings: Settings, sets: tuple[CrimeSet, ...], counts: pd.DataFrame, months_observed: int
) -> dict[str, int]:
    """Name the sets with too few incidents for hotspots, and count those in the window."""
    by_type = counts.groupby("crime_type")["n"].sum()
    totals = np.array([by_type.reindex(each.types).sum() for each in sets], dtype=float)
    enough = is_enough(totals, months_observed, per_year=settings.clustering.min_year_incidents)
    enough &= months_observed >= LEAST_MONTHS
    return {
        each.name: int(total)
        for each, total, is_drawn in zip(sets, totals, enough, strict=True)
        if not is_drawn
    }


def _method(settings: Settings, tables: dict[str, pd.DataFrame]) -> tuple[tuple[str, str], ...]:
    """Rows of the method card."""
    chosen = settings.clustering
    areas, coverage = tables["areas"], tables["coverage"]
    area_km2 = areas.loc[areas["level"] == "district", "area_m2"].sum() / 1e6
    total = coverage[coverage["crime_type"] == schema.ALL_CRIME]
    unlocated = total["unlocated"].sum() / max(total["rows_in"].sum(), 1)
    lists = coverage["list_id"].dropna().drop_duplicates()
    if chosen.method == "dbscan":
        choice = f"plain weighted DBSCAN, {chosen.min_incidents} incidents within the radius"
    else:
        choice = (
            f"map points with most expected incidents for their area (EB-mix), joined by weighted "
            f"DBSCAN, kept until they fill {chosen.area_budget_share:.2%} of {area_km2:,.0f} km²"
        )
    if chosen.most_hotspots:
        choice += f", at most {chosen.most_hotspots} of each group"
    return (
        ("How hotspots are chosen", choice),
        (
            "What crime is measured against",
            f"{chosen.exposure} supplied, in the catchment of each map point"
            if chosen.exposure
            else "no addresses or residents supplied, so each map point counts as one",
        ),
        ("Neighbourhood radius", f"{chosen.eps_m:g} m"),
        (
            "Largest hotspot",
            f"{chosen.max_width_m:g} m wide, {chosen.max_area_m2 / 1e6:g} km²",
        ),
        ("Window", f"{WINDOW_MONTHS} months; months without data are missing, not zero"),
        ("Least volume", f"{chosen.min_year_incidents} incidents a year in the area"),
        ("Records without a location", f"{unlocated:.1%} of the records of the months shown"),
        ("Point lists", ", ".join(f"since {name.removeprefix('list-')}" for name in lists)),
        (
            "How sure",
            (
                f"each hotspot is compared with those of {chosen.simulations:,} maps on which "
                "incidents follow only their wider surroundings (1.5 km), drawn in the same way"
            ),
        ),
        (
            "Recurrence",
            (
                "quarters for all crime, anti-social behaviour, violence and shoplifting; "
                "half-years for the rest; a window counts if two thirds of its months were observed"
            ),
        ),
    )


def _quarantine(set_aside: pd.DataFrame) -> pd.DataFrame:
    """Count the rows that could not be read, by file, column and reason; no value leaves."""
    rows = set_aside[set_aside["status"] == "quarantined"].fillna({"column": ""})
    counts = rows.groupby(["file", "column", "reason"]).size().rename("n").reset_index()
    return counts.astype({"file": "str", "column": "str", "reason": "str"})


def _notices(
    settings: Settings, months: tuple[pd.Timestamp, pd.Timestamp], made_on: dt.date
) -> tuple[str, ...]:
    """Licence lines and caveats of every page (FACTS §6)."""
    first, last = months
    licences = [layer.licence for layer in settings.lighting]
    licences += [layer.licence for layer in settings.places]
    licences += [layer.licence for layer in settings.streets]
    supplied = list(dict.fromkeys(licences))
    return (
        (
            "Contains public sector information licensed under the Open Government Licence v3.0. "
            f"Crime records: data.police.uk, {first:%B %Y} to {last:%B %Y}."
        ),
        "Source: Office for National Statistics licensed under the Open Government Licence v.3.0.",
        f"Contains OS data © Crown copyright and database right {made_on.year}.",
        *supplied,
        (
            "Locations are approximate: each is the nearest of a fixed list of map points, not "
            "where an incident took place."
        ),
        "Counts are incidents recorded by the police. Recorded crime is not all crime.",
        (
            "Counts of drugs, weapons and public order offences follow police activity as well "
            "as crime."
        ),
    )
