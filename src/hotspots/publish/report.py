"""A quarterly report, ready to be written: its tables, its pictures and its sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import pandas as pd

    from hotspots.publish.charts import Chart, PlaceMap

SHOWN, HIDDEN, NO_DATA, NOT_APPLICABLE = "", "c", "x", "z"
"""Why a figure is there or not, in the shorthand of the Government Analysis Function."""

PROPERTY_MOST = 255
"""Letters that a property of an office document, such as its title, can hold."""

SHORTHAND = {
    HIDDEN: "a small number, or one that would give a small number away",
    NO_DATA: "not available: some or all of the months have no data",
    NOT_APPLICABLE: "not applicable",
}

MOST_PLACES = 5
"""Hotspots that get a page of their own in one report."""


class Figure(NamedTuple):
    """
    A number of a sentence, and where it comes from.

    Attributes
    ----------
    shown : str
        As the sentence has it.
    table : str
        Name of a table of the report.
    row : tuple of (column, value)
        What picks its row out.
    column : str
    """

    shown: str
    table: str
    row: tuple[tuple[str, object], ...]
    column: str


@dataclass(frozen=True)
class Sentence:
    """A sentence and every figure in it."""

    text: str
    figures: tuple[Figure, ...] = ()

    def __str__(self) -> str:
        """Return the words."""
        return self.text


@dataclass(frozen=True)
class Table:
    """
    A table of the reports of a quarter: tidy, small numbers hidden, the same for all documents.

    Attributes
    ----------
    name : str
        Of its file and sheet.
    title : str
        What a row is, in words.
    data : DataFrame
        One row of it each; in a column ``<name>_state`` stands why ``<name>`` is missing.
    words : mapping of str to str
        Heading of each column that people see, in order; the others are in CSV and Parquet only.
    """

    name: str
    title: str
    data: pd.DataFrame
    words: Mapping[str, str]


@dataclass(frozen=True)
class Place:
    """
    A hotspot that gets a page of its own.

    Attributes
    ----------
    hotspot_id, name : str
    rank : int
    facts : tuple of (str, str)
        Label and value, in order.
    sentences : tuple of Sentence
    surroundings : tuple of (str, str, str)
        Measure in words, value with its unit, source.
    unusual : tuple of str
        What is unusual about it, with its evidence.
    questions : tuple of (str, str)
        Heading and question for a visit.
    map : PlaceMap
    history : Chart
    """

    hotspot_id: str
    name: str
    rank: int
    facts: tuple[tuple[str, str], ...]
    sentences: tuple[Sentence, ...]
    surroundings: tuple[tuple[str, str, str], ...]
    unusual: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]
    map: PlaceMap
    history: Chart


@dataclass(frozen=True)
class Report:
    """
    The report of one district, or of the whole area.

    Attributes
    ----------
    area_code, name, slug : str
        Code and name of the place, and the name of its files.
    is_force : bool
        Whether it is the whole area.
    headlines : tuple of Sentence
    sections : mapping of str to tuple of Sentence
        What is said in each part: ``crime``, ``hotspots``, ``foretold``, ``actions``, ``wards``
        and ``data``.
    tables : mapping of str to Table
        Its own rows of the tables of the quarter, ready to be printed.
    charts : mapping of str to Chart
    places : tuple of Place
        The first hotspots, each on a page.
    sparklines : mapping of str to tuple of (int or None)
        The earlier quarters of each crime group.
    """

    area_code: str
    name: str
    slug: str
    is_force: bool
    headlines: tuple[Sentence, ...]
    sections: Mapping[str, tuple[Sentence, ...]]
    tables: Mapping[str, Table]
    charts: Mapping[str, Chart]
    places: tuple[Place, ...]
    sparklines: Mapping[str, tuple[int | None, ...]]


@dataclass(frozen=True)
class Quarterly:
    """
    All reports of a quarter, and what they share.

    Attributes
    ----------
    area_id, area_name : str
    quarter, title : str
        Name of the quarter and its months in words.
    end : Timestamp
        Its last month.
    made_on : date
        Day of the refresh that it was made from; the only date in any file.
    data_months : str
        First and last month analysed, in words.
    cautions : tuple of str
        What a reader must know before any comparison.
    tables : mapping of str to Table
        All rows, of every place.
    reports : tuple of Report
        The whole area first, then the districts by name.
    definitions : tuple of (str, str)
    method : tuple of (str, str)
    notices : tuple of str
    """

    area_id: str
    area_name: str
    quarter: str
    title: str
    end: pd.Timestamp
    made_on: dt.date
    data_months: str
    cautions: tuple[str, ...]
    tables: Mapping[str, Table]
    reports: tuple[Report, ...]
    definitions: tuple[tuple[str, str], ...]
    method: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
