"""A quarter's reports from the published tables: nothing in them was known only later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from hotspots import schema, store
from hotspots.pipeline import quarter_counts as counting
from hotspots.pipeline import quarter_hotspots as places
from hotspots.pipeline import report_places, report_said
from hotspots.pipeline import report_tables as tabled
from hotspots.pipeline.assemble import detect_rules, exposed_xy
from hotspots.pipeline.coverage import observed
from hotspots.pipeline.frames import point_lists
from hotspots.pipeline.quarter_known import Known, cautions, known_at, residents
from hotspots.pipeline.quarters import MONTHS
from hotspots.pipeline.ranking import HOTSPOTS, OWN
from hotspots.pipeline.tables import crime_sets
from hotspots.pipeline.ward_facts import ward_messages
from hotspots.publish import words
from hotspots.publish.report import HIDDEN, MOST_PLACES, Quarterly, Report, Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotspots.pipeline.quarter_hotspots import MapThen
    from hotspots.pipeline.run import Published
    from hotspots.publish.report import Place

_LATER = frozenset(
    {"How well it foretold", "How well, by kind of crime", "Not tested",
     "Records without a location", "Point lists", "Time of the year"}
)  # fmt: skip
"""Rows of the method card that tell of months after an earlier quarter."""

_JUDGED_BY = "count"


def quarterly(at: Published, *, quarter: str | None = None, revised: bool = False) -> Quarterly:
    """
    Make the reports of a quarter: one for the whole area and one for each district.

    Parameters
    ----------
    at : Published
    quarter : str, optional
        Such as ``2025-Q1``; the last complete one if not given.
    revised : bool
        Whether an earlier quarter may be told with records as they were corrected later.

    Raises
    ------
    SettingsError
        If ``quarter`` is no name of a quarter.
    DataMissingError
        If it has no data, or had other records then and ``revised`` is not given.
    """
    known = known_at(at, quarter, revised=revised)
    settings, then = at.settings, known.quarter
    sets = crime_sets(settings.crime_groups)
    districts = known.districts
    whole = (settings.area.id, settings.area.name)
    ground = counting.ground(
        known.counts, known.points, known.coverage, districts, sets, whole=whole,
        residents=residents(known),
    )  # fmt: skip
    past = counting.history(ground, then)
    months = places.map_months(known.past_maps, then)
    now, before = _maps(known, months)
    codes = list(zip(ground.codes, ground.names, strict=True))
    data = {
        "crime": counting.crime_table(ground, past, then),
        "quarters": counting.quarters_table(ground, past),
        "months": counting.months_table(ground, then.end, months=settings.police_uk.months),
        "hotspot_changes": places.changes(now, before, sets, codes),
        "hotspots": places.hotspots_table(now, before, known.publication.hotspots, known.history),
        "gone": places.gone_table(now, before, known.history),
        "foretold": _foretold(known, months),
        "actions": _actions(known),
        "quality": tabled.quality(known.coverage, then),
        "coverage": tabled.monthly_coverage(
            known.coverage, then.end, months=settings.police_uk.months
        ),
    }
    hidden = {
        (str(code), str(group)): state == HIDDEN
        for code, group, state in zip(
            *(data["crime"][name] for name in ("area_code", "crime_group", "count_state")),
            strict=True,
        )
    }
    data["unlocated"] = tabled.unlocated(
        known.coverage, then, [g for (code, g), out in hidden.items() if out and code == whole[0]]
    )
    data["wards"] = tabled.wards(
        known.counts, known.points, known.publication.areas, sets, then, hidden
    )
    data["ward_messages"] = ward_messages(
        known.counts, known.points, known.publication.areas, known.coverage, then
    )
    return Quarterly(
        area_id=whole[0],
        area_name=whole[1],
        quarter=then.name,
        title=then.title,
        end=then.end,
        made_on=known.publication.made_on,
        data_months=words.span(*known.publication.data_months),
        cautions=cautions(known, revised=revised),
        tables={name: tabled.table(name, data[name]) for name in tabled.TITLES},
        reports=_reports(known, data, months, now),
        definitions=report_said.DEFINITIONS,
        method=tuple(
            row for row in known.publication.method if known.is_latest or row[0] not in _LATER
        ),
        notices=known.publication.notices,
    )


def _maps(
    known: Known, months: tuple[pd.Timestamp | None, ...]
) -> tuple[MapThen | None, MapThen | None]:
    wanted = [month for month in months if month is not None]
    if not wanted:
        return None, None
    settings, content = known.at.settings, known.publication
    rules = detect_rules(settings, content.areas)
    lists = point_lists(
        content.points, known.counts, known.coverage, eps_m=rules.draw.eps_m,
        exposed_xy=exposed_xy(settings, content.places),
    )  # fmt: skip
    found = places.maps_then(
        lists, known.past_maps, content.points, crime_sets(settings.crime_groups),
        content.districts.set_index("area_code")["name"], wanted,
    )  # fmt: skip
    now, before = (None if month is None else found.get(month) for month in months)
    return now, before


def _foretold(known: Known, months: tuple[pd.Timestamp | None, ...]) -> pd.DataFrame:
    """Return the scores of the maps at the end of the quarter before, by this whole quarter."""
    quarter = known.quarter
    origin = quarter.before(1).end
    is_whole = known.coverage.loc[observed(known.coverage), "month"].isin(quarter.months)
    n_months = known.coverage.loc[observed(known.coverage), "month"][is_whole].nunique()
    usable = months[1] == origin and n_months == MONTHS
    return places.foretold_table(
        known.scores if usable else known.scores.iloc[:0], origin, own_ground=OWN[HOTSPOTS],
        horizon_months=MONTHS,
    )  # fmt: skip


def _actions(known: Known) -> pd.DataFrame:
    """Return the interventions as judged by the last refresh, with the districts they touch."""
    folder = known.at.processed_folder
    path = folder / f"{schema.INTERVENTIONS.name}.parquet"
    if not (known.is_latest and path.exists()):
        return schema.empty(schema.INTERVENTIONS).assign(area_codes="")
    judged = store.read_table(schema.INTERVENTIONS, folder)
    judged = judged[judged["measure"] == _JUDGED_BY].reset_index(drop=True)
    shapes = store.read_table(schema.ACTION_AREAS, folder)
    shapes = shapes[shapes["role"] == "action"]
    pairs = gpd.sjoin(
        shapes[["intervention_id", "geometry"]],
        known.districts[["area_code", "geometry"]],
        predicate="intersects",
    )
    codes = pd.Series(
        {
            each: " ".join(sorted(set(own["area_code"])))
            for each, own in pairs.groupby("intervention_id")
        },
        dtype="object",
    )
    return judged.assign(area_codes=judged["intervention_id"].map(codes).fillna(""))


def _reports(
    known: Known,
    data: Mapping[str, pd.DataFrame],
    months: tuple[pd.Timestamp | None, ...],
    now: MapThen | None,
) -> tuple[Report, ...]:
    districts = known.districts
    area = known.at.settings.area
    pages = _places(known, data["hotspots"], now)
    whole = (area.id, area.name, area.id, True)
    each = [
        (code, name, slug, False)
        for code, name, slug in zip(
            districts["area_code"], districts["name"], districts["slug"], strict=True
        )
    ]
    return tuple(_report(known, data, months, now, pages, *one) for one in (whole, *each))


def _places(known: Known, hotspots: pd.DataFrame, now: MapThen | None) -> dict[str, Place]:
    """Make the pages of the hotspots that any report has room for."""
    if now is None or hotspots.empty:
        return {}
    content = known.publication
    lines, are_streets = report_places.lines_of(content.areas, _streets(known))
    is_last = now.month == content.window_end
    unusual = schema.empty(schema.UNUSUAL)
    if is_last and (known.at.processed_folder / "unusual.parquet").exists():
        unusual = store.read_table(schema.UNUSUAL, known.at.processed_folder)
    around = report_places.Around(
        now=now,
        history=known.history,
        environment=content.environment if is_last else content.environment.iloc[:0],
        unusual=unusual,
        lines=lines,
        are_streets=are_streets,
        area_name=content.area_name,
        months=pd.DatetimeIndex(known.coverage.loc[observed(known.coverage), "month"].unique()),
    )
    top = pd.concat(
        [
            hotspots.head(MOST_PLACES),
            hotspots.groupby("district_code", sort=True).head(MOST_PLACES),
        ]
    ).drop_duplicates("hotspot_id")
    return {
        str(row["hotspot_id"]): report_places.place(
            {str(name): value for name, value in row.items()}, around
        )
        for row in top.to_dict("records")
    }


def _streets(known: Known) -> gpd.GeoDataFrame:
    found: gpd.GeoDataFrame = store.read_table(schema.STREETS, known.at.processed_folder)
    return found


def _report(
    known: Known,
    data: Mapping[str, pd.DataFrame],
    months: tuple[pd.Timestamp | None, ...],
    now: MapThen | None,
    pages: Mapping[str, Place],
    code: str,
    name: str,
    slug: str,
    is_force: bool,  # noqa: FBT001 - private, and unpacked from a row
) -> Report:
    own = {key: _own(each, key, code, is_force=is_force) for key, each in data.items()}
    quarter, area = known.quarter, known.publication.area_name
    return Report(
        area_code=code,
        name=name,
        slug=slug,
        is_force=is_force,
        headlines=report_said.headlines(own, quarter, months, area),
        sections={
            "hotspots": report_said.hotspots_said(own, quarter, months),
            "foretold": report_said.foretold_said(own, quarter, area),
            "actions": _actions_said(known, own["actions"]),
            "wards": _wards_said(known),
            "data": report_said.data_said(own, quarter),
        },
        tables={key: tabled.table(key, each) for key, each in own.items()},
        charts=report_said.charts(own, quarter, now, "" if is_force else code, name),
        places=tuple(
            pages[each] for each in own["hotspots"].get("hotspot_id", pd.Series(dtype="str"))
            if each in pages
        )[:MOST_PLACES],
        sparklines=report_said.sparklines(own),
    )  # fmt: skip


def _own(data: pd.DataFrame, key: str, code: str, *, is_force: bool) -> pd.DataFrame:
    """Keep the rows of a table that are of one place."""
    if key == "actions":
        has = data["area_codes"].map(lambda each: code in each.split())
        return data if is_force else data[has.astype(bool)]
    if key in {"hotspots", "gone"}:
        return data if is_force or data.empty else data[data["district_code"] == code]
    if key in {"wards", "ward_messages"}:
        return data.iloc[:0] if is_force else data[data["area_code"] == code]
    if "area_code" not in data:
        return data
    return data[data["area_code"] == code]


def _actions_said(known: Known, own: pd.DataFrame) -> tuple[Sentence, ...]:
    if known.at.settings.interventions is None:
        return (Sentence("No register of interventions was supplied."),)
    if not known.is_latest:
        return (
            Sentence(
                "Interventions are judged with all the data there is, so they stand in the report "
                "of the latest quarter only."
            ),
        )
    if own.empty:
        return (Sentence("The register holds no intervention here."),)
    return report_said.actions_said(own)


def _wards_said(known: Known) -> tuple[Sentence, ...]:
    if (known.publication.areas["level"] == "ward").any():
        return ()
    return (Sentence("Ward boundaries were not supplied, so there is no table by ward."),)
