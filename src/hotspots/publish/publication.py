"""What is to be published: tables that are ready, and the words and dates that go with them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from hotspots import schema
from hotspots.errors import PublishError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import geopandas as gpd

_TABLES = {
    "hotspots": schema.HOTSPOTS,
    "members": schema.MEMBERS,
    "history": schema.HISTORY,
    "series": schema.SERIES,
    "mix": schema.MIX,
    "points": schema.POINTS,
    "areas": schema.AREAS,
    "lamps": schema.LAMPS,
    "places": schema.PLACES,
    "streets": schema.STREETS,
    "environment": schema.ENVIRONMENT,
    "unusual": schema.UNUSUAL,
    "factors": schema.FACTORS,
    "actions": schema.ACTIONS,
    "interventions": schema.INTERVENTIONS,
    "action_areas": schema.ACTION_AREAS,
    "action_chart": schema.ACTION_CHART,
    "coverage": schema.COVERAGE,
    "revisions": schema.REVISIONS,
    "alerts": schema.ALERTS,
    "account": schema.ACCOUNT,
}

_RESERVED_SLUGS = frozenset({"index", "changes", "sites", "reports", "manifest", "hotspots"})


@dataclass(frozen=True)
class Publication:
    """
    One area, ready to be published; nothing in it is read from a clock or a disk.

    Parameters
    ----------
    area_id, area_name : str
        The id of the settings, and the name people know.
    data_months : tuple of two Timestamps
        First and last month analysed, both included; first days of months.
    window_start, window_end : Timestamp
        First and last month of the latest window, both included.
    months_observed : int
        Months of the window that have data.
    made_on : date
        The day printed as "made on", and the only date in any file.
    stale_after_days : int
        Age in days, counted from the end of the last data month, above which pages warn.
    hotspots, members, history, series, mix, points, areas, lamps, places, streets, environment, \
    unusual, factors, actions, interventions, action_areas, action_chart, coverage, revisions, \
    alerts, account : DataFrame or GeoDataFrame
        As ``hotspots.schema`` declares them; those with geometry in EPSG:27700.
    quarantine : DataFrame
        ``n`` rows that could not be read, by ``file``, ``column`` and ``reason``.
    untested : tuple of (str, str, str)
        Measures that could not be tested: name, crime group or ``all``, and why.
    not_refreshed : tuple of str
        Sources that could not be looked at, and why.
    crime_groups : tuple of str
        Every crime group in the order of the filter, those without hotspots too.
    group_kinds : mapping of str to str
        Kind of each crime group: ``all``, ``group`` or ``type``.
    months_observed, least_months : int
        Months with data in the window, and how many hotspots need.
    not_drawn : mapping of str to int
        Crime groups with too few incidents for hotspots, and their incidents in the window.
    district_totals : mapping of (str, str) to int
        Incidents of the window by district code and crime group or type.
    street_counts : DataFrame
        ``district_code``, ``street``, ``street_number``, ``crime_type``, ``year``, ``whole`` and
        ``hotspot_id``: incidents of the window and of all months near streets that have a name,
        and the hotspot for that type that a street runs through.
    method : tuple of (str, str)
        Label and value of each row of the method card.
    notices : tuple of str
        Licence lines and caveats, printed as they stand.
    """

    area_id: str
    area_name: str
    data_months: tuple[pd.Timestamp, pd.Timestamp]
    window_start: pd.Timestamp
    window_end: pd.Timestamp
    months_observed: int
    least_months: int
    made_on: dt.date
    stale_after_days: int
    hotspots: gpd.GeoDataFrame
    members: pd.DataFrame
    history: pd.DataFrame
    series: pd.DataFrame
    mix: pd.DataFrame
    points: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    lamps: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    environment: pd.DataFrame
    unusual: pd.DataFrame
    factors: pd.DataFrame
    actions: pd.DataFrame
    interventions: pd.DataFrame
    action_areas: gpd.GeoDataFrame
    action_chart: pd.DataFrame
    coverage: pd.DataFrame
    revisions: pd.DataFrame
    alerts: pd.DataFrame
    account: pd.DataFrame
    quarantine: pd.DataFrame
    untested: tuple[tuple[str, str, str], ...]
    not_refreshed: tuple[str, ...]
    crime_groups: tuple[str, ...]
    group_kinds: Mapping[str, str]
    not_drawn: Mapping[str, int]
    district_totals: Mapping[tuple[str, str], int]
    street_counts: pd.DataFrame
    method: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]

    @cached_property
    def months(self) -> pd.DatetimeIndex:
        """Every month from the first to the last analysed, missing ones too, in order."""
        first, last = self.data_months
        return pd.date_range(first, last, freq="MS", unit="ms")

    @cached_property
    def coverage_by_month(self) -> pd.DataFrame:
        """
        The coverage of all forces and types, summed by month.

        Indexed by month, in the order of ``months``: ``is_missing`` (no file, or one without any
        row), ``is_header_only``, ``is_short``, ``is_revised``, ``rows_in``, ``kept``,
        ``unlocated`` and ``list_id`` (missing if none).
        """
        whole = self.coverage[~self.coverage["crime_type"].isin(schema.CRIME_TYPES)]
        # A force-month is given by type, or as one row for all; never count it twice.
        coverage = whole if len(whole) else self.coverage
        coverage = coverage.assign(is_missing=coverage["is_missing"] | coverage["is_header_only"])
        by_month = coverage.groupby("month").agg(
            is_missing=("is_missing", "all"),
            is_header_only=("is_header_only", "all"),
            is_short=("is_short", "any"),
            is_revised=("is_revised", "any"),
            rows_in=("rows_in", "sum"),
            kept=("kept", "sum"),
            unlocated=("unlocated", "sum"),
            list_id=("list_id", "first"),
        )
        found = by_month.reindex(self.months)
        for flag in ("is_missing", "is_header_only", "is_short", "is_revised"):
            found[flag] = found[flag].astype("boolean").fillna(flag == "is_missing").astype(bool)
        counts = ["rows_in", "kept", "unlocated"]
        return found.fillna(dict.fromkeys(counts, 0)).astype(dict.fromkeys(counts, "int64"))

    @cached_property
    def districts(self) -> gpd.GeoDataFrame:
        """Districts by name, with the ``slug`` their page is named by; EPSG:27700."""
        found = self.areas[self.areas["level"] == "district"]
        found = found.sort_values(["name", "area_code"], ignore_index=True)
        return found.assign(slug=slugs(found["name"], found["area_code"]))


def check(publication: Publication) -> None:
    """
    Hold every table against its schema, and the tables against each other.

    Raises
    ------
    SchemaError
        If a table breaks its schema.
    CRSError
        If a table with geometry is not in EPSG:27700.
    PublishError
        If there is no district, or hotspots name a district or crime group that is not listed.
    """
    given = {field.name: getattr(publication, field.name) for field in fields(publication)}
    for name, wanted in _TABLES.items():
        schema.check(given[name], wanted)
    districts = set(publication.districts["area_code"])
    if not districts:
        raise PublishError(
            f"{publication.area_id}: no area has the level 'district', so there is no page to "
            "make; add boundaries of level 'district' to the settings."
        )
    strange = sorted(set(publication.hotspots["district_code"]) - districts)
    if strange:
        raise PublishError(
            f"{publication.area_id}: hotspots lie in districts {strange[:3]} that the boundaries "
            "do not hold; use the boundaries the hotspots were placed with."
        )
    unlisted = sorted(set(publication.hotspots["crime_group"]) - set(publication.crime_groups))
    if unlisted:
        raise PublishError(
            f"{publication.area_id}: crime groups {unlisted[:3]} have hotspots but are not in the "
            "order of the filter; list every crime group."
        )


def slugs(names: pd.Series[str], codes: pd.Series[str]) -> list[str]:
    """
    Name the page of each district: lower-case ASCII letters, digits and hyphens, all different.

    Parameters
    ----------
    names, codes : Series of str, shape (n,)
        Name and ONS code of each district, in order.

    Returns
    -------
    list of str, length n
        The name alone where that is unused, else the name with the code.
    """
    taken: set[str] = set(_RESERVED_SLUGS)
    found = []
    for name, code in zip(names, codes, strict=True):
        slug = _plain(name)
        if not slug or slug in taken:
            slug = _plain(f"{name} {code}") or "district"
        while slug in taken:
            slug += "-2"
        taken.add(slug)
        found.append(slug)
    return found


def _plain(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    # Windows refuses long paths, and the longest district name is far shorter than this.
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:60].strip("-")
