"""What scores say: figures pooled over the last origins, and plain sentences about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.pipeline.ranking import (
    BUDGETS,
    DBSCAN,
    GI_STAR,
    HDBSCAN_10,
    HOTSPOTS,
    KDE,
    LSOA,
    METHODS,
    OWN,
    POINTS,
    POLYGONS,
    RAW_COUNT,
)
from hotspots.schema import ALL_CRIME

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hotspots.forecast import Unused

SAID = {
    HOTSPOTS: "the hotspots",
    POINTS: "single points",
    RAW_COUNT: "raw count",
    KDE: "kernel density",
    GI_STAR: "Gi*",
    "grid 150 m": "squares of 150 m",
    "grid 200 m": "squares of 200 m",
    LSOA: "LSOAs",
    DBSCAN: "DBSCAN",
    HDBSCAN_10: "HDBSCAN",
    POLYGONS: "your polygons",
}
"""What a sentence calls each method."""

_AHEAD = {1: "the next month", 3: "the next three months"}

OWN_GROUND = OWN[HOTSPOTS]

NOT_TESTED = (
    "Not tested yet: a test needs three months with data, and after them at least one more on "
    "the same list of map points."
)

_FIGURES = (
    "hit", "hit_low", "hit_high", "area_share", "pai", "pei", "hold_rate", "kept_excess",
)  # fmt: skip

NEARLY_ALL = 0.95
"""A baseline with less than this of the hotspots' ground is said to have less."""


def pooled(scores: pd.DataFrame, *, horizon_months: int | None = None) -> pd.DataFrame:
    """
    Pool the tests of each crime group at the last origins of the latest list that has any.

    Parameters
    ----------
    scores : DataFrame
        ``schema.SCORES``.
    horizon_months : int, optional
        The longest that was tested for the group if not given.

    Returns
    -------
    DataFrame
        One row for each ``crime_group``, ``method`` and ``budget``, methods and budgets in the
        order of ``ranking``: ``horizon_months``, ``n_origins``, ``first_origin``,
        ``last_origin``, ``hit`` and its interval, ``area_share``, ``pai``, ``pei``,
        ``hold_rate``, ``kept_excess``, ``is_filled``.
    """
    full = _last_origins(scores, horizon_months)
    means = ["hit_low", "hit_high", "area_share", "pei", "hold_rate", "kept_excess"]
    keys = ["crime_group", "method", "budget"]
    by_key = full.groupby(keys, sort=False, observed=True)
    table = by_key[means].mean()
    for name in ("n", "n_all"):
        table[name] = by_key[name].sum()
    table["horizon_months"] = by_key["horizon_months"].first()
    table["n_origins"] = by_key["origin"].nunique()
    table["first_origin"], table["last_origin"] = by_key["origin"].min(), by_key["origin"].max()
    table["is_filled"] = by_key["is_filled"].all()
    table["hit"] = table["n"] / table["n_all"].where(table["n_all"] > 0)
    table["pai"] = table["hit"] / table["area_share"].where(table["area_share"] > 0)
    found = table.reset_index()
    order = {name: i for i, name in enumerate((*METHODS, *BUDGETS))}
    found["_method"], found["_budget"] = found["method"].map(order), found["budget"].map(order)
    return found.sort_values(["crime_group", "_budget", "_method"], ignore_index=True).drop(
        columns=["_method", "_budget"]
    )


def _last_origins(scores: pd.DataFrame, horizon_months: int | None) -> pd.DataFrame:
    """Keep the tests of every method on the latest list of each group, at one horizon."""
    tested = scores[scores["method"] == POINTS]
    if horizon_months is not None:
        tested = tested[tested["horizon_months"] == horizon_months]
    tested = tested.sort_values(["origin", "horizon_months"])
    newest = tested.drop_duplicates("crime_group", keep="last")
    longest = (
        tested.merge(newest[["crime_group", "list_id"]])
        .groupby("crime_group")["horizon_months"]
        .max()
    )
    wanted = newest[["crime_group", "list_id"]].assign(
        horizon_months=longest.reindex(newest["crime_group"]).to_numpy()
    )
    origins = tested.merge(wanted)[["crime_group", "origin", "horizon_months"]].drop_duplicates()
    return scores.merge(origins)


def history(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of the hotspots of every month on their own ground, oldest first."""
    own = scores[(scores["method"] == HOTSPOTS) & (scores["budget"] == OWN_GROUND)]
    return own.sort_values(["crime_group", "horizon_months", "origin"], ignore_index=True)


def sentence(table: pd.DataFrame, crime_group: str, *, lead: str = HOTSPOTS) -> str:
    """
    Say how much of the crime of the months after lay in the hotspots, beside other choices.

    Parameters
    ----------
    table : DataFrame
        Of ``pooled``.
    crime_group : str
    lead : str
        The method that the sentence is about, on its own ground: hotspots, or polygons.
    """
    rows = table[(table["crime_group"] == crime_group) & (table["budget"] == OWN[lead])]
    rows = rows.set_index("method")
    if lead not in rows.index:
        return f"{crime_group}: not tested, for there is too little of it or too short a record."
    ours = rows.loc[lead]
    what = "recorded crimes" if crime_group == ALL_CRIME else f"records of {_lower(crime_group)}"
    when = _AHEAD[int(rows["horizon_months"].max())]
    if pd.isna(ours["hit"]):
        return f"No {what} came in {when}, so there is nothing to test."
    if not ours["area_share"]:
        return f"No hotspots were drawn from {_span(ours)}, so there is nothing to test."
    where = "the hotspots drawn before" if lead == HOTSPOTS else "your polygons"
    # A method that was tried from fewer origins was tested on other months: no fair comparison.
    as_often = rows["n_origins"] == ours["n_origins"]
    others = ", ".join(
        f"{SAID[name]} {_per_hundred(row, ours)}"
        for name, row in rows[as_often].iterrows()
        if name != lead and not pd.isna(row["hit"])
    )
    return (
        f"Of every 100 {what} of {when}, {_of_100(ours['hit'])} ({_of_100(ours['hit_low'])} to "
        f"{_of_100(ours['hit_high'])}) lay in {where}, on {_percent(ours['area_share'])} of the "
        f"area. As much ground chosen another way held: {others}. {_held(ours, lead)}"
        f"Tested from {_span(ours)}."
    )


def card(scores: pd.DataFrame, groups: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """
    Return the rows of the method card that say how well hotspots foretold.

    Parameters
    ----------
    scores : DataFrame
        ``schema.SCORES``.
    groups : sequence of str
        Crime groups in the order of the page.
    """
    label = "How well it foretold"
    table = pooled(scores)
    tested = [each for each in groups if (table["crime_group"] == each).any()]
    if not tested:  # maps of earlier months alone are history, not a test beside other methods
        return ((label, NOT_TESTED),)
    lead = ALL_CRIME if ALL_CRIME in tested else tested[0]
    lines = [(label, f"{sentence(table, lead)} {_at_share(table, lead)}".strip())]
    short = [each for each in (short_line(table, name) for name in tested if name != lead) if each]
    rest = [name for name in groups if name not in tested]
    if short:
        words = "of 100 records, in brackets by raw count on as much ground: " + "; ".join(short)
        lines.append(("How well, by kind of crime", words))
    if rest:
        lines.append(
            ("Not tested", f"for too little crime or too short a record: {', '.join(rest)}")
        )
    return tuple(lines)


def record(scores: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the figures of each crime group for the manifest, on two budgets."""
    if scores.empty:
        return []
    table = pooled(scores)
    rows = table[table["budget"].isin([OWN_GROUND, "0.1 %"])].to_dict("records")
    held: dict[tuple[str, str], dict[str, float | None]] = {}
    for row in rows:
        by_method = held.setdefault((row["crime_group"], row["budget"]), {})
        by_method[row["method"]] = _number(row["hit"])
    ours = [row for row in rows if row["method"] == HOTSPOTS]
    return [
        {
            "crime_group": row["crime_group"],
            "budget": row["budget"],
            "horizon_months": row["horizon_months"],
            "origins": [f"{row['first_origin']:%Y-%m}", f"{row['last_origin']:%Y-%m}"],
            **{name: _number(row[name]) for name in _FIGURES},
            "hit_by_method": held[row["crime_group"], row["budget"]],
        }
        for row in ours
    ]


def notes(unused: Iterable[Unused], coverage: pd.DataFrame, *, is_tested: bool) -> tuple[str, ...]:
    """
    Say which tests could not be made on the list in force.

    Parameters
    ----------
    unused : iterable of Unused
        Those whose months are yet to come go without saying.
    coverage : DataFrame
        ``schema.COVERAGE``.
    is_tested : bool
        Whether there are any scores.
    """
    known = coverage.dropna(subset="list_id").sort_values("month")
    last = known["month"].max()
    first = known.loc[known["list_id"] == known["list_id"].iloc[-1], "month"].min()
    reasons: dict[str, list[pd.Timestamp]] = {}
    for each in unused:
        if each.origin >= first and each.origin + pd.DateOffset(months=each.horizon_months) <= last:
            reasons.setdefault(each.reason, []).append(each.origin)
    found = [
        f"no test of the hotspots of {_months(min(origins), max(origins))}: {reason}"
        for reason, origins in reasons.items()
    ]
    return (*found, *(() if is_tested else (NOT_TESTED,)))


def _at_share(table: pd.DataFrame, group: str) -> str:
    rows = table[(table["crime_group"] == group) & (table["budget"] == "0.1 %")]
    ours = rows[rows["method"] == HOTSPOTS]
    if ours.empty or not ours["is_filled"].all():
        return ""
    return f"On exactly 0.1 % of the area they held {_of_100(ours['hit'].iloc[0])}."


def short_line(table: pd.DataFrame, group: str) -> str:
    """Say how much of 100 records lay in hotspots, and in brackets by raw count."""
    rows = table[(table["crime_group"] == group) & (table["budget"] == OWN_GROUND)]
    by_method = rows.set_index("method")["hit"]
    if pd.isna(by_method[HOTSPOTS]):
        return ""
    return f"{group} {_of_100(by_method[HOTSPOTS])} ({_of_100(by_method[RAW_COUNT])})"


def _held(row: pd.Series[Any], lead: str) -> str:
    """Say how many were above their surroundings again, and how much of the excess came again."""
    if pd.isna(row["hold_rate"]):
        return ""
    kept = row["kept_excess"]
    again = (
        "" if pd.isna(kept) else f"; {_of_100(max(kept, 0.0))} % of their excess came again"
    )  # fmt: skip
    places = "hotspots" if lead == HOTSPOTS else "polygons"
    held = _of_100(row["hold_rate"])
    return f"{held} % of the {places} were above their surroundings again{again}. "


def _per_hundred(row: pd.Series[Any], ours: pd.Series[Any]) -> str:
    has_less = row["area_share"] < NEARLY_ALL * ours["area_share"]
    less = f" on {_percent(row['area_share'])}" if has_less else ""
    return f"{_of_100(row['hit'])}{less}"


def _of_100(share: float) -> str:
    """Write a share of 100: no decimals from ten, one below."""
    shown = f"{100 * share:.1f}"
    return shown if len(shown) < len("10.0") else f"{100 * share:.0f}"


def _percent(share: float) -> str:
    return f"{_of_100(share)} %" if share >= 1 / 100 else f"{100 * share:.2g} %"


def _span(row: pd.Series[Any]) -> str:
    return _months(row["first_origin"], row["last_origin"])


def _months(first: pd.Timestamp, last: pd.Timestamp) -> str:
    return f"{first:%B %Y}" if first == last else f"{first:%B %Y} to {last:%B %Y}"


def _lower(group: str) -> str:
    return group[:1].lower() + group[1:]


def _number(value: float) -> float | None:
    return None if pd.isna(value) else round(float(value), 4)
