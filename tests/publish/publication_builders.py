"""A made-up publication in the Irish Sea, small or as large as a county, plain or hostile."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots import schema
from hotspots.publish.publication import Publication
from hotspots.schema import CRIME_TYPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

CORNER = (270_000.0, 440_000.0)
DISTRICT_M = 12_000.0
MONTHS = pd.date_range("2022-07-01", periods=36, freq="MS", unit="ms")
MISSING = (8, 30)
LIST_CHANGE = 12
SHORT, REVISED = 5, 33
GROUPS = {"people": "group", "business": "group", "Burglary": "type", "Shoplifting": "type"}

HOSTILE = (
    "<script>window.hacked=1</script>",
    "</script><script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    '"><svg onload=window.hacked=1>',
    "'-window.hacked-'",
    "{{7*7}}{% raw %}",
    '=HYPERLINK("https://example.invalid","x")',
    "+1+1",
    "@SUM(A1)",
    "line\u2028sep\u2029arator",
    "<!--<script>",
    "javascript:window.hacked=1//&amp;\\u003cb\\u003e",
)
"""Texts that would do something if any of them were taken for code, a formula or a template."""

NAMED = (
    "St Anne's",
    "O`Brien",
    "${window.x=1}",
    "{{7*7}}",
    "<img src=x onerror=window.hacked=1>",
    "C:\\20190221",
    "</script>",
    "=1+1",
    "Quay \u202eteertS",
    "Endless Lane " * 770,
    "Mill\x00Street",
    "Lobster \U0001f99e Row",
)
"""Names as they come: an apostrophe, a path, letters turned round, one without end, a NUL."""


def publication(
    *,
    n_districts: int = 3,
    n_hotspots: int = 24,
    groups: dict[str, str] | None = None,
    n_lamps: int = 200,
    n_corners: int = 16,
    lsoas_across: int = 3,
    seed: int = 7,
) -> Publication:
    """Make a publication with ``n_hotspots`` hotspots in each crime group."""
    chance = np.random.default_rng(seed)
    names = {schema.ALL_CRIME: "all"} | (GROUPS if groups is None else groups)
    areas = _areas(n_districts, lsoas_across)
    points = _points(areas, n_hotspots * len(names) * 3, chance)
    hotspots, members = _hotspots(list(names), n_hotspots, points, areas, n_corners, chance)
    mix = _mix(hotspots, names, chance)
    hotspots["n"] = hotspots["hotspot_id"].map(mix.groupby("hotspot_id")["n"].sum())
    hotspots["rank"] = _rank(hotspots, "n")
    hotspots["harm"] = hotspots["n"] * 3.6
    ordered = hotspots.sort_values(["crime_group", "hotspot_id"], ignore_index=True)
    return Publication(
        area_id="made-up",
        area_name="Made-up County",
        data_months=(MONTHS[0], MONTHS[-1]),
        window_start=MONTHS[-12],
        window_end=MONTHS[-1],
        months_observed=11,
        least_months=3,
        made_on=dt.date(2025, 8, 3),
        stale_after_days=90,
        hotspots=ordered[schema.HOTSPOTS.names],
        members=members.sort_values(list(schema.MEMBERS.key), ignore_index=True),
        history=_history(ordered),
        series=_series(ordered, chance),
        mix=mix,
        points=points,
        areas=areas,
        lamps=_lamps(points, n_lamps, chance),
        places=_places(points),
        streets=_streets(points),
        environment=_environment(ordered, chance, is_lit=n_lamps > 0),
        unusual=_unusual(ordered),
        factors=_factors(ordered),
        actions=_actions(),
        interventions=_interventions(),
        action_areas=_action_areas(ordered),
        action_chart=_action_chart(),
        coverage=_coverage(),
        revisions=_revisions(),
        alerts=_alerts(),
        account=_account(),
        quarantine=_quarantine(),
        untested=(("wattage_w", "all", "not supplied"),),
        not_refreshed=("data.police.uk: no answer within 20 seconds. Run it again later.",),
        crime_groups=(*names, "Possession of weapons"),
        group_kinds=names | {"Possession of weapons": "type"},
        not_drawn={"Possession of weapons": 212},
        district_totals={
            (code, name): 40_000
            for code in areas.loc[areas["level"] == "district", "area_code"]
            for name in (*names, *CRIME_TYPES)
        },
        street_counts=_street_counts(areas, ordered),
        method=(
            ("Data", "police.uk, July 2022 to June 2025"),
            ("Clustering", "excess mass, 100 m, 0.1 % of the area"),
        ),
        notices=(
            "Contains public sector information licensed under the Open Government Licence v3.0.",
            "Counts are incidents recorded by the police.",
        ),
    )


def hostile(texts: tuple[str, ...] = HOSTILE, **settings: int) -> Publication:
    """Make a publication in which every text is one of twelve."""
    plain = publication(**settings)  # type: ignore[arg-type]  # sizes only
    given = itertools.cycle(texts)

    def spoil(table: pd.DataFrame, *columns: str) -> gpd.GeoDataFrame:
        made = {name: list(itertools.islice(given, len(table))) for name in columns}
        return table.assign(**made).astype(dict.fromkeys(columns, "str"))

    areas, ward_codes = _with_wards(plain)
    areas = spoil(areas, "name")
    district = plain.districts["area_code"]
    names = dict(zip(district, itertools.cycle(texts), strict=False))
    areas["name"] = areas["name"].where(areas["level"] != "district", areas["area_code"].map(names))
    hotspots = spoil(plain.hotspots, "name", "streets")
    hotspots["district"] = hotspots["district_code"].map(names).astype("str")
    old = plain.crime_groups[1]
    group = texts[1]
    tables = {
        name: getattr(plain, name).assign(
            crime_group=getattr(plain, name)["crime_group"].replace({old: group})
        )
        for name in ("members", "history", "series", "mix", "unusual")
    }
    stood_out = tables["unusual"]["measure"].replace({"nearest_pub_m": f"nearest_{texts[3]}_m"})
    tables["unusual"] = tables["unusual"].assign(measure=stood_out)
    hotspots["crime_group"] = hotspots["crime_group"].replace({old: group})
    mix = tables["mix"]
    mix["crime_type"] = mix["crime_type"].replace({"Drugs": texts[2]})
    measures = plain.environment["measure"].replace(
        {"lamps_n": f"nearest_{texts[0]}_m", "pub_within_100m": f"{texts[2]}_within_100m"}
    )
    return replace(
        plain,
        area_name=texts[0],
        areas=areas,
        hotspots=hotspots,
        **{name: table for name, table in tables.items() if name != "mix"},
        mix=mix,
        points=spoil(plain.points, "location").assign(ward_code=ward_codes),
        lamps=spoil(plain.lamps, "road_name", "condition").assign(
            lamp_id=[f"{texts[i % 12]} {i}" for i in range(len(plain.lamps))]
        ),
        places=spoil(plain.places, "name").assign(
            kind=plain.places["kind"].replace({"pub": texts[2]})
        ),
        street_counts=spoil(plain.street_counts, "street"),
        environment=spoil(plain.environment.assign(measure=measures), "source"),
        revisions=spoil(plain.revisions, "force", "older", "newer"),
        alerts=spoil(plain.alerts, "subject", "words"),
        account=plain.account.assign(file=texts[2]),
        quarantine=spoil(plain.quarantine, "file", "column", "reason"),
        factors=plain.factors.assign(
            crime_group=plain.factors["crime_group"].replace({old: group}),
            control=texts[4],
            unit=texts[5],
        ),
        actions=spoil(plain.actions, "name", "what"),
        interventions=spoil(plain.interventions, "notes", "comparison"),
        untested=tuple((texts[6], "all", text) for text in texts),
        not_refreshed=texts,
        crime_groups=tuple(group if name == old else name for name in plain.crime_groups),
        group_kinds={group if k == old else k: v for k, v in plain.group_kinds.items()},
        not_drawn={"Possession of weapons": 212},
        method=tuple(itertools.pairwise(texts)),
        notices=texts,
    )


def _with_wards(plain: Publication) -> tuple[gpd.GeoDataFrame, pd.Series[str]]:
    """Make every small area a ward as well, and put each map point into one of its district."""
    wards = plain.areas[plain.areas["level"] == "lsoa21"]
    wards = wards.assign(level="ward", area_code=wards["area_code"].str.replace("E01", "E05"))
    areas = pd.concat([plain.areas, wards.astype({"level": "str", "area_code": "str"})])
    of_district = wards.groupby("district_code")["area_code"].agg(list)
    codes = [
        of_district[code][number % len(of_district[code])]
        for number, code in enumerate(plain.points["district_code"])
    ]
    found = areas.sort_values(["level", "area_code"], ignore_index=True)
    return found, pd.Series(codes, index=plain.points.index, dtype="str")


def _areas(n_districts: int, across: int) -> gpd.GeoDataFrame:
    wide = int(np.ceil(np.sqrt(n_districts)))
    rows: list[tuple[str, str, str, str | None, shapely.Polygon]] = []
    for i in range(n_districts):
        west = CORNER[0] + (i % wide) * DISTRICT_M
        south = CORNER[1] + (i // wide) * DISTRICT_M
        code = f"E070{i:05d}"
        rows.append(("district", code, f"Isle {i + 1}", None, _square(west, south, DISTRICT_M)))
        step = DISTRICT_M / across
        for k in range(across * across):
            x, y = west + (k % across) * step, south + (k // across) * step
            name = f"Isle {i + 1} {k:03d}"
            rows.append(("lsoa21", f"E01{i:03d}{k:03d}", name, code, _square(x, y, step)))
    table = gpd.GeoDataFrame(
        rows, columns=["level", "area_code", "name", "district_code", "geometry"], crs="EPSG:27700"
    )
    table["area_m2"] = table.area
    table = table.sort_values(["level", "area_code"], ignore_index=True)
    return table.astype({"district_code": "str"})[schema.AREAS.names]


def _square(west: float, south: float, side: float) -> shapely.Polygon:
    return shapely.box(west, south, west + side, south + side)


def _points(areas: gpd.GeoDataFrame, n: int, chance: np.random.Generator) -> gpd.GeoDataFrame:
    """Three points to a hotspot, 70 m apart, the threes spread over the middle of the districts."""
    districts = areas[areas["level"] == "district"]
    pick = np.repeat(chance.integers(len(districts), size=n // 3), 3)
    bounds = districts.bounds.to_numpy()[pick, :2]
    centre = np.repeat(chance.uniform(600, DISTRICT_M - 600, size=(n // 3, 2)), 3, axis=0)
    xy = np.round(bounds + centre + np.tile([[0.0, 0.0], [70.0, 0.0], [20.0, 65.0]], (n // 3, 1)))
    geometry = gpd.GeoSeries(gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs="EPSG:27700")
    degrees = geometry.to_crs("EPSG:4326")
    words = np.resize(["Church", "Harbour", "Mill", "Lord"], n)
    street = [f"On or near {word} Street" for word in words]
    table = gpd.GeoDataFrame(
        {
            "point_id": [f"P{i:06d}" for i in range(n)],
            "list_id": "2022-07",
            "location": street,
            "longitude": degrees.x,
            "latitude": degrees.y,
            "district_code": districts["area_code"].to_numpy()[pick],
            "ward_code": pd.Series([None] * n, dtype="str"),
            "lsoa11_code": pd.Series([None] * n, dtype="str"),
            "lsoa21_code": pd.Series([None] * n, dtype="str"),
            "first_month": pd.Series(MONTHS[0], index=range(n)),
        },
        geometry=geometry,
    )
    kinds = {c.name: c.dtype for c in schema.POINTS.columns}
    return gpd.GeoDataFrame(table.astype(kinds))


def _hotspots(
    groups: list[str],
    n_hotspots: int,
    points: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    n_corners: int,
    chance: np.random.Generator,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    n = len(groups) * n_hotspots
    first = 3 * np.arange(n)
    threes = points.geometry.to_numpy().reshape(-1, 3)[:n]
    shapes = shapely.union_all(shapely.buffer(threes, 60, quad_segs=max(1, n_corners // 4)), axis=1)
    code = points["district_code"].to_numpy()[first]
    names = areas.set_index("area_code")["name"]
    number = np.arange(n)
    ids = np.array([f"HS-made-up-{i + 1:04d}" for i in number], dtype=object)
    group = np.repeat(groups, n_hotspots).astype(object)
    street = _cycle(n, "Church Street", "Harbour Road / Mill Lane", "Lord Street / Quay Side")
    classes = ("persistent", "intermittent", "emerging", "former", "too short to say")
    window = {"window_start": MONTHS[-12], "window_end": MONTHS[-1], "born": MONTHS[-20]}
    trend = chance.normal(0, 0.0004, n)
    table = gpd.GeoDataFrame(
        {
            "hotspot_id": ids,
            "crime_group": group,
            **{key: pd.Series(month, index=range(n)) for key, month in window.items()},
            "months_observed": 11,
            "rank": 1,
            "score": chance.uniform(5, 400, n).round(2),
            "label": _cycle(n, "watch", "supported", "strong"),
            "class": _cycle(n, *classes),
            "n": 1,
            "n_points": np.resize([3, 2, 1], n),
            "area_m2": shapely.area(shapes),
            "width_m": chance.uniform(100, 390, n),
            "name": [f"{s}, {names[c]}" for s, c in zip(street, code, strict=True)],
            "streets": street,
            "district_code": code,
            "district": names.reindex(code).to_numpy(),
            "list_id": "2022-07",
            "is_rebased": number % 7 == 0,
            "own_share": chance.uniform(0.3, 0.99, n),
            "harm": 0.0,
            "rank_harm": np.tile(np.arange(n_hotspots)[::-1] + 1, len(groups)),
            "rank_sqrt_harm": np.tile(np.roll(np.arange(n_hotspots), 3) + 1, len(groups)),
            "is_one_event": number % 11 == 0,
            "is_frequency_desert": number % 13 == 0,
            "expected": np.resize([1.25, 8.5, 40.0], n),
            "llr": np.resize([0.0, 6.5, 60.25], n),
            "p_family": np.resize([0.4, 0.2, 0.01], n),
            "q": np.resize([0.3, 0.08, 0.01], n),
            "chance_hot": np.where(number % 4 == 0, np.nan, 0.05),
            "windows_hot": number % 6,
            "windows_seen": 6,
            "window_months": 6,
            "is_recurring": number % 6 >= 3,
            "trend_per_year": np.where(number % 5 == 0, np.nan, trend),
            "trend_low": np.where(number % 5 == 0, np.nan, trend - 0.0005),
            "trend_high": np.where(number % 5 == 0, np.nan, trend + 0.0005),
            "trend_p": np.where(number % 5 == 0, np.nan, 0.4),
        },
        geometry=shapes,
        crs="EPSG:27700",
    )
    texts = [c.name for c in schema.HOTSPOTS.columns if c.dtype == "str"]
    table = table.astype(dict.fromkeys(texts, "str") | dict.fromkeys(window, schema.MONTH))
    members = pd.DataFrame(
        {
            "hotspot_id": np.repeat(ids, 3),
            "crime_group": np.repeat(group, 3),
            "point_id": points["point_id"].to_numpy()[: 3 * n],
            "n": chance.integers(1, 260, 3 * n),
        }
    ).astype({"hotspot_id": "str", "crime_group": "str", "point_id": "str"})
    return table, members


def _cycle(n: int, *values: str) -> NDArray[np.object_]:
    return np.resize(np.array(values, dtype=object), n)


def _mix(
    hotspots: gpd.GeoDataFrame, names: dict[str, str], chance: np.random.Generator
) -> pd.DataFrame:
    """All fourteen types in most groups, small ones among them; one type in a type's own group."""
    keys = hotspots[["hotspot_id", "crime_group"]]
    every = keys.merge(pd.DataFrame({"crime_type": schema.CRIME_TYPES}), how="cross")
    every["n"] = np.floor(chance.lognormal(1.6, 1.4, len(every))).astype("int64")
    is_type = every["crime_group"].map(names) == "type"
    every = every[(every["n"] > 0) & ~is_type]
    only = keys[keys["crime_group"].map(names) == "type"]
    own = only.assign(crime_type=only["crime_group"], n=chance.integers(10, 60, len(only)))
    whole = pd.concat([every, own], ignore_index=True)[schema.MIX.names]
    whole = whole.astype({"crime_type": "str", "n": "int64"})
    return _by_key(whole, schema.MIX)


def _by_key(table: pd.DataFrame, wanted: schema.Schema) -> pd.DataFrame:
    ordered: pd.DataFrame = table[wanted.names].sort_values(list(wanted.key), ignore_index=True)
    return ordered


def _rank(hotspots: gpd.GeoDataFrame, by: str) -> pd.Series[int]:
    ranks = hotspots.groupby("crime_group")[by].rank(method="first", ascending=False)
    found: pd.Series[int] = ranks.astype("int64")
    return found


def _history(hotspots: gpd.GeoDataFrame) -> pd.DataFrame:
    born = hotspots[["hotspot_id", "crime_group", "n"]].assign(
        window_end=MONTHS[-20], event="born", related_id=None
    )
    split = born.iloc[::4].assign(
        window_end=MONTHS[-6], event="split", related_id="HS-made-up-9999"
    )
    table = pd.concat([born, split], ignore_index=True)
    table = table.astype({"event": "str", "related_id": "str", "window_end": schema.MONTH})
    return _by_key(table, schema.HISTORY)


def _series(hotspots: gpd.GeoDataFrame, chance: np.random.Generator) -> pd.DataFrame:
    """The window's months add up to n; earlier ones are of the same size."""
    seen = [i for i in range(len(MONTHS)) if i not in MISSING]
    window = [i for i in seen if i >= len(MONTHS) - 12]
    before = [i for i in seen if i < len(MONTHS) - 12]
    n = hotspots["n"].to_numpy()
    inside = np.vstack([chance.multinomial(total, [1 / len(window)] * len(window)) for total in n])
    earlier = chance.poisson(np.repeat(n[:, None] / 12, len(before), axis=1))
    keys = hotspots[["hotspot_id", "crime_group"]]
    long = keys.loc[keys.index.repeat(len(seen))].reset_index(drop=True)
    long["month"] = np.tile(MONTHS[before + window].to_numpy(), len(keys))
    long["n"] = np.hstack([earlier, inside]).ravel()
    long["is_rebased"] = long["month"] < MONTHS[LIST_CHANGE]
    return _by_key(long.astype({"month": schema.MONTH, "n": "int64"}), schema.SERIES)


def _lamps(points: gpd.GeoDataFrame, n: int, chance: np.random.Generator) -> gpd.GeoDataFrame:
    if not n:
        return gpd.GeoDataFrame(schema.empty(schema.LAMPS), geometry="geometry", crs="EPSG:27700")
    base = np.column_stack([points.geometry.x, points.geometry.y])
    xy = base[chance.integers(len(base), size=n)] + chance.normal(0, 120, (n, 2))
    table = gpd.GeoDataFrame(
        {
            "lamp_id": [f"Made-up {i:07d}" for i in range(n)],
            "authority": "Made-up Council",
            "road_name": "Mill Lane",
            "lamp_type": "LED",
            "wattage_w": 24.0,
            "height_m": 6.0,
            "dimming": pd.Series([None] * n, dtype="str"),
            "condition": pd.Series([None] * n, dtype="str"),
            "fault": pd.Series([None] * n, dtype="str"),
            "part_night": pd.Series([None] * n, dtype="str"),
            "installed": pd.Series([None] * n, dtype=schema.MONTH),
        },
        geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1]),
        crs="EPSG:27700",
    )
    return table.astype(dict.fromkeys(["authority", "road_name", "lamp_type"], "str"))


def _places(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make a place beside every ninth map point: pubs, and a watch of the neighbours."""
    near = points.iloc[::9]
    n = len(near)
    table = gpd.GeoDataFrame(
        {
            "place_id": [f"P{i:05d}" for i in range(n)],
            "kind": ["pub" if i % 2 else "Neighbourhood Watch" for i in range(n)],
            "name": [f"The Lobster {i}" if i % 3 else None for i in range(n)],
        },
        geometry=near.geometry.translate(8, 8).to_numpy(),
        crs="EPSG:27700",
    )
    return table.astype({"place_id": "str", "kind": "str", "name": "str"})


def _streets(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make a street of 200 m through every fifth map point."""
    near = points.iloc[::5]
    xy = near.get_coordinates().to_numpy()
    half = np.array([100.0, 0.0])
    ends = np.stack([xy - half, xy + half], axis=1)
    table = gpd.GeoDataFrame(
        {"street_id": [f"S{i:05d}" for i in range(len(near))], "name": "Mill Lane"},
        geometry=shapely.linestrings(ends),
        crs="EPSG:27700",
    )
    return table.astype({"street_id": "str", "name": "str"})


def _street_counts(areas: gpd.GeoDataFrame, hotspots: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count burglary and shop theft near three streets of each district."""
    first = hotspots.drop_duplicates(["crime_group", "district_code"])
    ids = first.set_index(["crime_group", "district_code"])["hotspot_id"]
    rows = []
    for code in areas.loc[areas["level"] == "district", "area_code"]:
        for number, street in enumerate(("Mill Lane", "Harbour Road", "Quay Street")):
            for kind in ("Burglary", "Shoplifting"):
                linked = ids.get((kind, code), "") if number == 0 else ""
                rows.append((code, street, number, kind, 4 * number, 9 * number + 1, linked))
    names = [
        "district_code", "street", "street_number", "crime_type", "year", "whole", "hotspot_id",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _environment(
    hotspots: gpd.GeoDataFrame, chance: np.random.Generator, *, is_lit: bool
) -> pd.DataFrame:
    measures = {
        "lamps_n": ("lamps", (0, 40)),
        "lamps_per_ha": ("lamps/ha", (0, 12)),
        "nearest_lamp_m": ("m", (5, 60)),
        "dark_share": ("share", (0, 1)),
        "imd_decile": ("decile, 1 most deprived", (1, 10)),
        "nearest_pub_m": ("m", (0, 900)),
        "pub_within_100m": ("places", (0, 2)),
        "pub_within_250m": ("places", (0, 9)),
        "Neighbourhood Watch_within_100m": ("places", (0, 2)),
    }
    parts = []
    for name, (unit, (low, high)) in measures.items():
        value = chance.uniform(low, high, len(hotspots))
        is_lighting = name in ("lamps_n", "lamps_per_ha", "nearest_lamp_m", "dark_share")
        whole = name in ("lamps_n", "imd_decile") or "_within_" in name
        part = pd.DataFrame({"subject": "hotspot", "subject_id": hotspots["hotspot_id"]})
        known = is_lit or not is_lighting
        part["measure"] = name
        part["value"] = (np.round(value) if whole else value) if known else np.nan
        part["unit"] = unit
        part["source"] = "Made-up Council" if known else "not supplied"
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    texts = [column.name for column in schema.ENVIRONMENT.columns if column.dtype == "str"]
    table = table.astype(dict.fromkeys(texts, "str"))
    return _by_key(table, schema.ENVIRONMENT)


def _unusual(hotspots: pd.DataFrame) -> pd.DataFrame:
    """Give every third hotspot two measures by which it stands out."""
    some = hotspots.iloc[::3]
    parts = [
        pd.DataFrame(
            {
                "hotspot_id": some["hotspot_id"],
                "crime_group": some["crime_group"],
                "measure": measure,
                "rank": rank,
                "value": 45.0,
                "typical": 28.0,
                "percentile": percentile,
                "n_matched": 212,
                "matched": "same district",
                "evidence": "not established",
            }
        )
        for rank, (measure, percentile) in enumerate(
            [("lamp_spacing_m", 0.96), ("nearest_pub_m", 0.04)], start=1
        )
    ]
    table = pd.concat(parts, ignore_index=True)
    table = table.astype({column.name: column.dtype for column in schema.UNUSUAL.columns})
    return _by_key(table, schema.UNUSUAL)


def _factors(hotspots: pd.DataFrame) -> pd.DataFrame:
    """Give two crime groups a factor that goes with one of them, told by both estimators."""
    groups = sorted(hotspots["crime_group"].unique())[:2]
    rows = [
        {
            "crime_group": group,
            "factor": factor,
            "estimator": estimator,
            "ratio": ratio,
            "low": ratio - 0.3,
            "high": ratio + 0.4,
            "n": 2200,
            "n_clusters": 41,
            "q": 0.01,
            "evidence": evidence,
            "unit": "one standard deviation",
            "held_constant": "all that places of the same 250 m have in common",
            "control": None if estimator == "matched" else "Other theft",
            "smallest": 1.2,
        }
        for group, ratio, evidence in zip(
            groups, (1.6, 1.1), ("associated", "not established"), strict=False
        )
        for factor in ("nearest_pub_m", "lamps_per_ha")
        for estimator in ("case_case", "matched")
    ]
    table = pd.DataFrame(rows, columns=schema.FACTORS.names)
    table = table.astype({column.name: column.dtype for column in schema.FACTORS.columns})
    return _by_key(table, schema.FACTORS)


def _actions() -> pd.DataFrame:
    row = {
        "intervention_id": "A-1",
        "name": "Lamps in Mill Street",
        "what": "twelve lamps renewed",
        "start": MONTHS[-9],
        "end": pd.NaT,
        "crime_groups": schema.ALL_CRIME,
        "area_wkt": None,
        "hotspot_id": "HS-made-up-0001",
        "comparison_wkt": None,
        "comparison_hotspot_id": None,
        "file": "interventions.csv",
        "line": 2,
    }
    table = pd.DataFrame([row], columns=schema.ACTIONS.names)
    return table.astype({column.name: column.dtype for column in schema.ACTIONS.columns})


def _interventions() -> pd.DataFrame:
    figures: dict[str, object] = dict.fromkeys(schema.INTERVENTIONS.names)
    figures |= {
        "intervention_id": "A-1",
        "crime_group": schema.ALL_CRIME,
        "measure": "count",
        "name": "Lamps in Mill Street",
        "start": MONTHS[-9],
        "end": pd.NaT,
        "months_before": 9,
        "months_after": 9,
        "before": 120.0,
        "after": 60.0,
        "control_before": 118.0,
        "control_after": 98.0,
        "control_weight": 1.0,
        "wdd": -40.0,
        "wdd_low": -75.0,
        "wdd_high": -5.0,
        "spread": 1.2,
        "expected_anyway": -30.0,
        "verdict": "fewer",
        "comparison": "HS-made-up-0002",
        "is_rebased": False,
    }
    table = pd.DataFrame([figures], columns=schema.INTERVENTIONS.names)
    return table.astype({column.name: column.dtype for column in schema.INTERVENTIONS.columns})


def _action_areas(hotspots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    table = gpd.GeoDataFrame(
        {
            "intervention_id": ["A-1"],
            "crime_group": [schema.ALL_CRIME],
            "role": ["action"],
            "geometry": [hotspots.geometry.iloc[0]] if len(hotspots) else [shapely.box(0, 0, 9, 9)],
        },
        crs=hotspots.crs,
    )
    return table.astype({"intervention_id": "str", "crime_group": "str", "role": "str"})


def _action_chart() -> pd.DataFrame:
    months = MONTHS[-18:]
    is_after = np.arange(18) >= 9
    table = pd.DataFrame(
        {
            "intervention_id": "A-1",
            "crime_group": schema.ALL_CRIME,
            "month": months,
            "is_after": is_after,
            "n": np.where(is_after, 6, 13),
            "expected": 13.0,
            "total": np.where(is_after, -7.0 * (np.arange(18) - 8), 0.0),
            "limit": np.where(is_after, 7.0 * np.sqrt(np.abs(np.arange(18) - 8)), 9.0),
            "is_rebased": False,
        }
    )
    table = table.astype({column.name: column.dtype for column in schema.ACTION_CHART.columns})
    return _by_key(table, schema.ACTION_CHART)


def _coverage() -> pd.DataFrame:
    missing = np.isin(np.arange(len(MONTHS)), MISSING)
    lists = pd.Series("2020-01", index=range(len(MONTHS)), dtype="object")
    lists.iloc[LIST_CHANGE:] = "2023-07"
    table = pd.DataFrame(
        {
            "force": "made-up",
            "month": MONTHS.to_numpy(),
            "crime_type": schema.ALL_CRIME,
            "is_missing": missing,
            "is_header_only": False,
            "is_short": np.arange(len(MONTHS)) == SHORT,
            "is_revised": np.arange(len(MONTHS)) == REVISED,
            "rows_in": np.where(missing, 0, 4000),
            "kept": np.where(missing, 0, 3700),
            "unlocated": np.where(missing, 0, 260),
            "list_id": lists.where(~missing, None),
        }
    )
    kinds = {column.name: column.dtype for column in schema.COVERAGE.columns}
    return table.astype(kinds)


def _account() -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "file": ["made-up.zip", "made-up.zip"],
            "member": ["2025-05.csv", "2025-06.csv"],
            "rows_in": [4000, 4000],
            "kept": [3700, 3700],
            "unlocated": [260, 260],
            "excluded": [30, 30],
            "duplicate": [8, 8],
            "quarantined": [2, 2],
        }
    )
    return table.astype({"file": "str", "member": "str"})


def _revisions() -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "force": "made-up",
            "month": MONTHS[[REVISED, REVISED - 1]].to_numpy(),
            "older": "2025-05.zip/street.csv",
            "newer": "2025-06.zip/street.csv",
            "rows_before": [4000, 4000],
            "rows_after": [4003, 4000],
            "added": [12, 0],
            "removed": [9, 0],
            "changed": [7, 0],
            "outcome_changed": [820, 640],
        }
    )
    table = table.astype({column.name: column.dtype for column in schema.REVISIONS.columns})
    return _by_key(table, schema.REVISIONS)


def _alerts() -> pd.DataFrame:
    rows = [
        ("point list", MONTHS[LIST_CHANGE], "2023-07", "The list of map points changes."),
        ("short", MONTHS[SHORT], "made-up", "December 2022: far fewer records than around it."),
    ]
    table = pd.DataFrame(rows, columns=schema.ALERTS.names)
    table = table.astype({column.name: column.dtype for column in schema.ALERTS.columns})
    return _by_key(table, schema.ALERTS)


def _quarantine() -> pd.DataFrame:
    rows = [
        ("made-up.zip/2025-06.csv", "Longitude", "not a number", 2),
        ("made-up.zip/2025-05.csv", "", "quotation marks that do not pair", 1234),
    ]
    table = pd.DataFrame(rows, columns=["file", "column", "reason", "n"])
    return table.astype({"file": "str", "column": "str", "reason": "str"})
