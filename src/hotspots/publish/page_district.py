"""What a district page sets beside its hotspots: the district as a whole, and its streets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotspots.publish import masking, words
from hotspots.publish.site_words import PURPOSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hotspots.publish.cells import Cells
    from hotspots.publish.publication import Publication

STREETS_MOST = 12
"""Streets that each list of a district page has room for."""

LISTS = ("target-hardening", "business")
"""Purposes of a site sheet whose streets a district page lists."""

_STREET_COLUMNS = ("street", "street_number", "crime_type", "year", "whole", "hotspot_id")

STREET_TYPES = tuple(kind for key in LISTS for kind in PURPOSES[key].types)
"""Crime types that the lists of streets count."""


def totals(publication: Publication, ready: Cells) -> list[dict[str, list[int | None]]]:
    """
    Count the incidents of each district in the window, where that gives no small number away.

    Parameters
    ----------
    publication : Publication
    ready : Cells

    Returns
    -------
    list of dict
        For each district ``groups`` and ``types``, in the order of the page; None where the
        number is small, or what a hotspot leaves of it.
    """
    kept = _told(publication, ready)
    held = publication.district_totals

    def told(code: str, names: Sequence[str]) -> list[int | None]:
        return [held.get((code, name)) if (code, name) in kept else None for name in names]

    return [
        {"groups": told(code, publication.crime_groups), "types": told(code, ready.types)}
        for code in publication.districts["area_code"]
    ]


def _told(publication: Publication, ready: Cells) -> set[tuple[str, str]]:
    """Name the totals that may be printed beside every hotspot's own count."""
    held = publication.district_totals
    limits = {name: masking.limit_of(name) for name in ready.types}
    kept = {key for key, n in held.items() if n >= limits.get(key[1], masking.VIOLENCE_LIMIT)}
    for code, name, n in _printed(ready):
        rest = held.get((code, name), 0) - n
        if rest < 0 or 0 < rest < limits.get(name, masking.VIOLENCE_LIMIT):
            kept.discard((code, name))
    return kept


def _printed(ready: Cells) -> list[tuple[str, str, int]]:
    """List every count of a hotspot that pages print: its own, and those of its types."""
    table = ready.hotspots
    found = list(zip(table["district_code"], table["crime_group"], table["n"], strict=True))
    for code, mix in zip(table["district_code"], ready.mix, strict=True):
        found += [
            (code, ready.types[kind], n)
            for kind, n in zip(mix[::2], mix[1::2], strict=True)
            if n > 0
        ]
    return [(str(code), str(name), int(n)) for code, name, n in found]


def street_lists(publication: Publication, district_code: str) -> list[dict[str, Any]]:
    """
    List the streets of a district to start with, one list for each purpose.

    Parameters
    ----------
    publication : Publication
    district_code : str

    Returns
    -------
    list of dict
        ``key``, ``title``, ``words``, ``types`` and ``rows``: street, a pair of texts for each
        type (window, all months), and id and crime group of its hotspot, empty if none. Streets
        with a small number only are left out, and so is a list without streets.
    """
    table = publication.street_counts
    table = table[table["district_code"] == district_code]
    found = []
    for key in LISTS:
        purpose = PURPOSES[key]
        own = table.loc[table["crime_type"].isin(purpose.types), list(_STREET_COLUMNS)]
        rows = _street_rows(own, purpose.types)
        if rows:
            about = {"title": purpose.streets, "words": purpose.streets_words}
            found.append({"key": key, "types": purpose.types, "rows": rows} | about)
    return found


def _street_rows(table: pd.DataFrame, types: tuple[str, ...]) -> list[dict[str, Any]]:
    """Lay out the streets with most incidents of all months; hidden numbers do not order them."""
    shown = table[table["whole"] >= masking.OTHER_LIMIT]
    held: dict[tuple[str, int], list[dict[Any, Any]]] = {}
    for each in shown.to_dict("records"):
        held.setdefault((each["street"], each["street_number"]), []).append(each)
    most = sorted(held.items(), key=lambda own: (-sum(each["whole"] for each in own[1]), own[0]))
    return [_street_row(street, own, types) for (street, _), own in most[:STREETS_MOST]]


def _street_row(
    street: str, own: Sequence[dict[Any, Any]], types: tuple[str, ...]
) -> dict[str, Any]:
    counts = {(each["crime_type"], span): each[span] for each in own for span in ("year", "whole")}
    linked = [each for each in own if each["hotspot_id"]]
    return {
        "street": street,
        "counts": [
            _cell(counts.get((kind, span), 0)) for kind in types for span in ("year", "whole")
        ],
        "hotspot_id": linked[0]["hotspot_id"] if linked else "",
        "crime_group": linked[0]["crime_type"] if linked else "",
    }


def _cell(n: int) -> str:
    if 0 < n < masking.OTHER_LIMIT:
        return f"under {words.number(masking.OTHER_LIMIT)}"
    return f"{n:,}"


def hectares(publication: Publication) -> list[int]:
    """Give the ground of each district in hectares."""
    return [round(area / 1e4) for area in publication.districts["area_m2"]]
