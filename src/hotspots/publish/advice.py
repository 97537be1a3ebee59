"""What a profile says beyond its figures: what is unusual there, and what to look at on a visit."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hotspots.publish.explained import unusual_sentence
from hotspots.publish.prompts import PROMPTS, prompts_for

if TYPE_CHECKING:
    import pandas as pd

    from hotspots.publish.publication import Publication

    Key = tuple[str, str]

QUESTIONS = [[prompt.heading, prompt.question] for prompt in PROMPTS]
"""Every question with its heading; a page names them by their place here."""


def unusual(publication: Publication, hotspots: pd.DataFrame) -> list[list[str]]:
    """
    Say what is unusual about each hotspot, the most unusual first.

    Parameters
    ----------
    publication : Publication
    hotspots : DataFrame
        ``schema.HOTSPOTS``.

    Returns
    -------
    list of list of str
        Sentences for each row; none where nothing is unusual or nothing was supplied.
    """
    keys = list(zip(hotspots["crime_group"], hotspots["hotspot_id"], strict=True))
    districts = dict(zip(keys, hotspots["district"], strict=True))
    said: dict[Key, list[str]] = {key: [] for key in keys}
    for key, row in _ranked(publication):
        if key in said:
            text = unusual_sentence(row, district=districts[key], area=publication.area_name)
            said[key].append(text)
    return [said[key] for key in keys]


def questions(publication: Publication, hotspots: pd.DataFrame) -> list[list[int]]:
    """
    Choose questions for a visit to each hotspot, by its crime types and what is unusual there.

    Parameters
    ----------
    publication : Publication
    hotspots : DataFrame
        ``schema.HOTSPOTS``.

    Returns
    -------
    list of list of int
        Places in ``QUESTIONS``, for each row.
    """
    measures: dict[Key, list[str]] = {}
    for key, row in _ranked(publication):
        measures.setdefault(key, []).append(str(row["measure"]))
    mix = publication.mix.sort_values(["n", "crime_type"], ascending=[False, True])
    types: dict[Key, list[str]] = {}
    for group, hotspot_id, kind in zip(
        mix["crime_group"], mix["hotspot_id"], mix["crime_type"], strict=True
    ):
        types.setdefault((group, hotspot_id), []).append(kind)
    place = {(heading, question): i for i, (heading, question) in enumerate(QUESTIONS)}
    keys = zip(hotspots["crime_group"], hotspots["hotspot_id"], strict=True)
    ask = cache(prompts_for)  # all hotspots of one crime type without more are asked the same
    return [
        [place[each] for each in ask(tuple(types.get(key, ())), tuple(measures.get(key, ())))]
        for key in keys
    ]


def _ranked(publication: Publication) -> list[tuple[Key, dict[str, object]]]:
    table = publication.unusual.sort_values(["crime_group", "hotspot_id", "rank"])
    keys = zip(table["crime_group"], table["hotspot_id"], strict=True)
    return [
        (key, {str(name): value for name, value in row.items()})
        for key, row in zip(keys, table.to_dict("records"), strict=True)
    ]
