"""Sentences of reports: true to their tables, singular and plural, nothing, and what is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import report_builders as built
from hotspots.publish import report_words, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotspots.publish.report import Figure, Quarterly, Sentence

ROW = {
    "area_code": "E1", "area_name": "Ashby", "crime_group": "All crime and ASB", "kind": "all",
    "months_observed": 3, "count": 0, "count_state": "", "rate_per_1000": None,
    "change": None, "change_state": "x", "change_low": None, "change_high": None,
    "last_year": None, "before": None, "verdict": "in line", "quarters_compared": 4,
    "usual_low": 1, "usual_high": 9,
}  # fmt: skip
CHANGED = {
    "area_code": "E1", "area_name": "Ashby", "crime_group": "All crime and ASB", "hotspots": 0,
    "hotspots_before": 0, "new": 0, "there_before": 0, "gone": 0, "compared": "same list",
}  # fmt: skip
SPELT = {word: i for i, word in enumerate(
    ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))}  # fmt: skip
ORDINALS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
            "eighth": 8, "ninth": 9}  # fmt: skip


def value_of(shown: str) -> float:
    """Read a figure as a sentence has it."""
    plain = shown.removesuffix(" %").replace(",", "").lower()
    if plain in SPELT:
        return SPELT[plain]
    if plain in ORDINALS:
        return ORDINALS[plain]
    number = float(re.sub("(th|st|nd|rd)$", "", plain))
    return number / 100 if shown.endswith("%") else number


def holds(quarterly: Quarterly, figure: Figure) -> bool:
    """Say whether a figure is what its table holds, as rounded."""
    data = quarterly.tables[figure.table].data
    for column, value in figure.row:
        data = data[data[column] == value]
    assert len(data) == 1, figure
    held = abs(float(data[figure.column].iloc[0]))
    if figure.shown.endswith("%"):
        return words.percent(held) == figure.shown
    return abs(value_of(figure.shown) - held) < 0.0501


def sentences(quarterly: Quarterly) -> Iterator[Sentence]:
    """Walk every sentence of every report."""
    for report in quarterly.reports:
        yield from report.headlines
        for part in report.sections.values():
            yield from part
        for place in report.places:
            yield from place.sentences


def unaccounted(sentence: Sentence, titles: list[str]) -> list[str]:
    """List the numbers in a sentence that are no figure, no month and no fixed phrase."""
    text = sentence.text
    for fixed in (*titles, "1,000 residents", "one kind in 20", "95 %", "200 m", "150 m"):
        text = text.replace(fixed, "")
    text = re.sub(r"(January|February|March|April|May|June|July|August|September|October|November|"
                  r"December) (19|20)\d\d", "", text)  # fmt: skip
    for figure in sorted(sentence.figures, key=lambda each: -len(each.shown)):
        text = re.sub(rf"(?i)(?<![\d,.]){re.escape(figure.shown)}(?![\d])", "", text, count=1)
    return re.findall(r"\d[\d,.]*", text)


@pytest.mark.parametrize("residents", [None, {"E07000001": 5000, "E07000002": 7000,
                                              "E07000003": 9000, "anyshire": 21_000}])  # fmt: skip
def test_every_figure_of_every_sentence_is_in_its_table(residents: dict[str, int] | None) -> None:
    made = built.quarterly(residents=residents)
    titles = [made.title, built.QUARTER.before(4).title, built.QUARTER.before(1).title]

    told = list(sentences(made))

    assert sum(len(each.figures) for each in told) > 20
    for sentence in told:
        assert unaccounted(sentence, titles) == [], sentence.text
        for figure in sentence.figures:
            assert holds(made, figure), (sentence.text, figure)


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "No incident was reported in Ashby from April to June 2025."),
        (1, "One incident was reported in Ashby from April to June 2025."),
        (2, "Two incidents were reported in Ashby from April to June 2025."),
        (1234, "1,234 incidents were reported in Ashby from April to June 2025."),
    ],
)
def test_none_one_and_many_are_told_apart(n: int, text: str) -> None:
    assert report_words.total(ROW | {"count": n}, title="April to June 2025").text == text


def test_some_months_are_told_as_such_and_compared_with_nothing() -> None:
    row = ROW | {"count": 20, "months_observed": 1, "before": 90}

    told = report_words.total(row, title="April to June 2025")

    assert told.text == (
        "20 incidents were reported in Ashby in one month of April to June 2025, the only one with "
        "data."
    )
    assert report_words.last_year(row, title="", before="") is None


@pytest.mark.parametrize(
    ("place", "said"),
    [(1, "the highest rate"), (2, "the second highest"), (12, "the 12th"), (21, "the 21st"),
     (40, "the lowest")],
)  # fmt: skip
def test_ranks_are_told_in_words(place: int, said: str) -> None:
    told = report_words.rank(ROW | {"rank": place, "ranked_areas": 40, "ranked_by": "rate"})

    assert told is not None
    assert said in told.text


def test_a_hidden_total_is_not_told() -> None:
    hidden = ROW | {"count": None, "count_state": "c"}

    assert "is not shown" in report_words.total(hidden, title="April to June 2025").text


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"verdict": "above"}, "above what Ashby usually sees: between 1 and 9"),
        ({"verdict": "in line"}, "in line with what Ashby usually sees"),
        ({"verdict": "too few quarters to say", "quarters_compared": 1}, "only one complete"),
        ({"verdict": "too few quarters to say", "quarters_compared": 0}, "no complete earlier"),
        ({"verdict": "too few incidents to say"}, "too little to say"),
        ({"verdict": "not a whole quarter", "months_observed": 1}, "Only one month has data"),
    ],
)
def test_what_is_usual_is_said_or_why_not(row: dict[str, object], said: str) -> None:
    assert said in report_words.usual(ROW | row).text


def test_a_clear_change_has_its_interval() -> None:
    row = ROW | {"count": 50, "last_year": 90, "change": -40, "change_low": -60, "change_high": -20,
                 "change_state": ""}  # fmt: skip

    told = report_words.last_year(row, title="April to June 2024", before="")

    assert told is not None
    text = told.text
    assert "40 fewer now (between 20 and 60 fewer" in text


def test_a_change_that_chance_brings_is_called_so() -> None:
    row = ROW | {"count": 50, "last_year": 55, "change": -5, "change_low": -25, "change_high": 15,
                 "change_state": ""}  # fmt: skip

    told = report_words.last_year(row, title="", before="")

    assert told is not None
    assert "usual ups and downs" in told.text


def test_no_last_year_makes_no_comparison() -> None:
    told = report_words.last_year(ROW, title="April to June 2024", before="")

    assert told is not None
    text = told.text
    assert "no comparison with a year earlier is made" in text


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, "no hotspot stood out in Ashby. There was none at the end of March 2025 either."),
        ({"hotspots": 1, "new": 1}, "All are new: there was none at the end of March 2025."),
        ({"hotspots": 2, "hotspots_before": 3, "new": 1, "there_before": 1, "gone": 2},
         "one is new, one was there before, and two of those before have gone"),
        ({"new": None}, "no map of three months earlier"),
        ({"hotspots": None}, "No map was drawn"),
        ({"compared": "re-based", "hotspots_before": 1, "gone": 1}, "compared by area"),
    ],
)  # fmt: skip
def test_hotspots_that_came_stayed_and_went_are_told(row: dict[str, object], said: str) -> None:
    told = report_words.hotspots(CHANGED | row, now="June 2025", before="March 2025")

    assert said in " ".join(each.text for each in told)


def test_no_scores_are_said_to_be_missing() -> None:
    told = report_words.foretold([], area="Anyshire", before="March 2025", title="April")

    assert "was not tested" in told[0].text


def test_no_sentence_says_why_or_frightens() -> None:
    text = " ".join(each.text for each in sentences(built.quarterly())).lower()

    for word in ("because", "caused", "due to", "surge", "soar", "risk", "committed", "!"):
        assert word not in text


def test_missing_months_of_the_quarter_are_told() -> None:
    made = built.quarterly(missing=("2025-05", "2025-06"))

    text = " ".join(each.text for each in made.reports[0].headlines)

    assert "Only one of the three months of April to June 2025 has data" in text
    assert "compared with no other" in text
    assert pd.isna(made.reports[0].tables["crime"].data["usual_low"]).all()
