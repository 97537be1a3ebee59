"""What each report says and draws: sentences and charts of one place, from the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.pipeline.quarters import MONTHS
from hotspots.publish import actions, report_words, words
from hotspots.publish.charts import Bars, Curve, Series
from hotspots.publish.report import Sentence
from hotspots.schema import ALL_CRIME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from hotspots.pipeline.quarter_hotspots import MapThen
    from hotspots.pipeline.quarters import Quarter
    from hotspots.publish.charts import Chart

DEFINITIONS = (
    ("Incident", "A record of a crime or of anti-social behaviour, as the police published it."),
    (
        "Quarter",
        "Three months. A quarter is compared only if all three months have data.",
    ),
    (
        "What a place usually sees",
        (
            "Control limits from up to eight complete earlier quarters: their mean, and a range "
            "that a quarter like them keeps to 19 times in 20. The range allows for chance and for "
            "how much the quarters differ from each other, seasons included. Outside it does not "
            "mean better or worse work by anyone."
        ),
    ),
    (
        "Hotspot",
        (
            "A small area where most incidents are reported for its size, in the twelve months "
            "to the "
            "end of the quarter. It is an area to visit, not a house."
        ),
    ),
    (
        "Rank",
        (
            "1 is the highest rate for residents, or the highest count where residents were not "
            "supplied. Only districts whose figure is shown are ranked."
        ),
    ),
    (
        "PAI",
        "Prediction accuracy index: share of the incidents held, for the share of the ground.",
    ),
    (
        "[c]",
        (
            "A small number is not shown: violence and sexual offences under five, other kinds "
            "under "
            "three, and further numbers that would give one of these away."
        ),
    ),
    ("[x]", "Not available: some or all of the months have no data."),
    ("[z]", "Not applicable."),
)


def _records(data: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in data.to_dict("records")]


def headlines(
    tables: Mapping[str, pd.DataFrame],
    quarter: Quarter,
    months: Sequence[pd.Timestamp | None],
    area: str,
) -> tuple[Sentence, ...]:
    """
    Say on one page what a partnership should know of a place.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Rows of this place.
    quarter : Quarter
    months : sequence of two Timestamps or None
        Of the map of the quarter and of the one before.
    area : str
        Name of the whole area.
    """
    rows = _records(tables["crime"])
    whole = next(row for row in rows if row["crime_group"] == ALL_CRIME)
    before, year = quarter.before(1), quarter.before(4)
    told = [
        report_words.total(whole, title=quarter.title),
        report_words.rank(whole),
        report_words.usual(whole),
        report_words.last_year(whole, title=year.title, before=before.title),
        report_words.most_frequent(rows),
        *report_words.unusual_kinds(rows),
        *hotspots_said(tables, quarter, months),
        *foretold_said(tables, quarter, area)[:1],
        *report_words.data(_records(tables["quality"])[0], title=quarter.title)[:1],
    ]
    return tuple(each for each in told if each is not None)


def hotspots_said(
    tables: Mapping[str, pd.DataFrame], quarter: Quarter, months: Sequence[pd.Timestamp | None]
) -> tuple[Sentence, ...]:
    """Say how many hotspots a place has, and what became of those before."""
    row = next(
        each for each in _records(tables["hotspot_changes"]) if each["crime_group"] == ALL_CRIME
    )
    now, before = months
    return report_words.hotspots(
        row,
        now=words.month(now if now is not None else quarter.end),
        before=words.month(before if before is not None else quarter.before(1).end),
    )


def foretold_said(
    tables: Mapping[str, pd.DataFrame], quarter: Quarter, area: str
) -> tuple[Sentence, ...]:
    """Say how well the hotspots of the quarter before foretold this one."""
    return report_words.foretold(
        _records(tables["foretold"]),
        area=area,
        before=words.month(quarter.before(1).end),
        title=quarter.title,
    )


def charts(
    tables: Mapping[str, pd.DataFrame], quarter: Quarter, now: MapThen | None, code: str, name: str
) -> dict[str, Chart]:
    """Draw what the tables of a place hold: control chart, comparison, concentration."""
    found: dict[str, Chart] = {"control": _control(tables, quarter, name)}
    found["comparison"] = _comparison(tables["crime"], quarter, name)
    held = None if now is None else now.curve.get(code)
    if held is not None and len(held):
        found["concentration"] = _concentration(held, name)
    return found


def _counts(tables: Mapping[str, pd.DataFrame], group: str) -> pd.DataFrame:
    own = tables["quarters"]
    is_whole = own["months_observed"] == MONTHS
    return own[(own["crime_group"] == group) & is_whole].sort_values("quarter_start")


def sparklines(tables: Mapping[str, pd.DataFrame]) -> dict[str, tuple[int | None, ...]]:
    """Return the quarters of each crime group, hidden ones left out."""
    return {
        str(group): tuple(_known(_counts(tables, str(group))["count"]))
        for group in tables["quarters"]["crime_group"].unique()
    }


def _known(counts: pd.Series) -> list[int | None]:
    return [None if pd.isna(value) else int(value) for value in counts]


def _control(tables: Mapping[str, pd.DataFrame], quarter: Quarter, name: str) -> Series:
    own = _counts(tables, ALL_CRIME)
    crime = tables["crime"]
    row = crime[crime["crime_group"] == ALL_CRIME].iloc[0]
    has_limits = pd.notna(row["usual_low"])
    values = _known(own["count"])
    told = f"All incidents in {name} in each of {words.many(len(own), 'quarter')} with full data"
    if has_limits:
        told += (
            f". {quarter.title}: {row['count']:,}; usually between {row['usual_low']:,} and "
            f"{row['usual_high']:,}"
        )
    return Series(
        title=f"All incidents in {name}, quarter by quarter",
        words=f"{told}. Quarters without full data are left out.",
        labels=tuple(own["quarter"]),
        values=tuple(values),
        low=float(row["usual_low"]) if has_limits else None,
        high=float(row["usual_high"]) if has_limits else None,
        mean=float(row["usual_mean"]) if has_limits else None,
    )


def _comparison(crime: pd.DataFrame, quarter: Quarter, name: str) -> Bars:
    """Set the quarter beside the same one last year, or else beside the one before."""
    types = crime[crime["kind"] == "type"]
    has_year = bool(types["last_year"].notna().any())
    has_before = bool(types["before"].notna().any())
    column = "last_year" if has_year else "before"
    is_whole = bool((types["months_observed"] == MONTHS).all())
    has_two = (has_year or has_before) and is_whole
    other = quarter.before(4 if has_year else 1)
    order = types.assign(by=types["count"].fillna(0)).sort_values(
        ["by", "crime_group"], ascending=[False, True]
    )
    rows = tuple(
        (str(row["crime_group"]), _one(row["count"]), _one(row[column]) if has_two else None)
        for row in _records(order)
    )
    beside = f" beside {other.title}" if has_two else ""
    return Bars(
        title=f"Kinds of crime in {name}",
        words=f"Reports of each kind of crime, {quarter.title}{beside}; the table has the figures.",
        rows=rows,
        names=(quarter.title, other.title if has_two else ""),
    )


def _one(value: Any) -> int | None:  # noqa: ANN401 - a cell of a table
    return None if pd.isna(value) else int(value)


def _concentration(held: NDArray[np.float64], name: str) -> Curve:
    x = np.linspace(0, 1, len(held))
    half = float(np.interp(0.5, held, x))
    return Curve(
        title=f"How concentrated incidents are in {name}",
        words=(
            f"Half of the incidents of a year lie on {words.percent(half)} of the map points that "
            "were ever used; a straight line would mean that all points had as many."
        ),
        x=tuple(x.round(3).tolist()),
        y=tuple(held.round(4).tolist()),
        half=half,
    )


def data_said(tables: Mapping[str, pd.DataFrame], quarter: Quarter) -> tuple[Sentence, ...]:
    """Say how complete the records are."""
    row = _records(tables["quality"])[0]
    told = list(report_words.data(row, title=quarter.title))
    odd = tables["coverage"]
    revised = odd[odd["state"].str.contains("published again")]
    if revised.empty:
        told.append(Sentence("No month shown was published again with other records."))
    else:
        months = words.spans(sorted(revised["month"]))
        told.append(Sentence(f"Published again with changes: {months}."))
    return tuple(told)


def actions_said(own: pd.DataFrame) -> tuple[Sentence, ...]:
    """Say what became of each intervention, with its interval and what happens anyway."""
    told = []
    for row in _records(own):
        group, since = report_words.kind(row["crime_group"]), words.month(row["start"])
        lead = f"{row['name']} ({group}, since {since}): "
        told.append(Sentence(lead + " ".join(actions.paragraph(row))))
    judged = int((own["verdict"] != "cannot be judged").sum())
    return (*told, *([Sentence(actions.caution(judged))] if judged else []))
