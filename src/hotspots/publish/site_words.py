"""The words of a site sheet: what it is for, what it says first, what it does not show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotspots.publish import masking, words
from hotspots.publish.site import LEAST_ALIKE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hotspots.publish.publication import Publication
    from hotspots.publish.site import Site

OUTSIDE_MOST = 0.02
"""Share of the vicinity outside the area above which a sheet warns; less is a rough outline."""

_ALL_BUT_NONE = 99.5


@dataclass(frozen=True)
class Purpose:
    """
    What a sheet is used for, and the wording that follows from it.

    Attributes
    ----------
    title : str
        What the sheet is.
    opening : str
        What it is for, in a sentence or two.
    streets : str
        Heading of the table of streets; empty where there is none.
    streets_words : str
        What that table is, and is not.
    types : tuple of str
        Crime types that the table of streets counts.
    """

    title: str
    opening: str
    streets: str = ""
    streets_words: str = ""
    types: tuple[str, ...] = ()


_LIMITS = (
    (
        "Addresses. The police move each record to the nearest of a fixed list of map points, and "
        "each stands for a group of addresses. “Near” means near, never at; nothing here is about "
        "one house, shop or person."
    ),
    (
        "Hours. Records are published by the month, so nothing here says at what time of day "
        "things happened or what darkness has to do with it."
    ),
    (
        "Crime that nobody reported. Recorded crime is not all crime, and counts of drugs, weapons "
        "and public order follow where police are active."
    ),
    (
        "Reasons. Lighting, places and deprivation are described because a visitor will see them. "
        "Nothing here says that they brought the incidents about."
    ),
)
"""What no sheet shows."""

PURPOSES = {
    "planning": Purpose(
        "Section of a Crime Impact Statement: crime and disorder in the vicinity",
        "For a planning application. It sets out what has been reported near the site, beside the "
        "district and places like it, so that design can answer it.",
    ),
    "grant": Purpose(
        "Evidence annex of a small-grant application",
        "For an application for a small grant. It sets out what has been reported here and how "
        "that compares, so that those who decide can see the need and check the figures.",
    ),
    "target-hardening": Purpose(
        "Evidence for a target-hardening bid",
        "For a bid to make homes harder to break into. It lists the streets near which most "
        "burglary was reported, as the places to make an offer first.",
        "Streets to offer target hardening first",
        "Burglary reported near each street, most first. Offer help to the whole street: the "
        "records do not say which address, and a street without a line here is not safe for it.",
        ("Burglary",),
    ),
    "business": Purpose(
        "Shop theft and robbery on shopping streets",
        "For shops, a business crime partnership or a town-centre manager. It lists the streets "
        "near which most shop theft and robbery were reported.",
        "Shopping streets",
        "Shop theft (police.uk calls it shoplifting) and robbery reported near each street, most "
        "first. Much shop theft is never reported, and some shops report more of it than others.",
        ("Shoplifting", "Robbery"),
    ),
}
"""Names of the purposes of a sheet, the first by default."""


def place_words(site: Site) -> str:
    """Say what ground is counted."""
    radius = f"{site.place.radius_m:g} m"
    if site.place.kind == "area":
        return f"within {radius} of the edge of the site"
    about = "the middle of the hotspot" if site.place.kind == "hotspot" else "the point"
    return f"within {radius} of {about}"


def summary(publication: Publication, site: Site) -> str:
    """Say in two or three sentences what was reported, and how that compares."""
    year, whole, below = (site.crime[name].tolist()[0] for name in ("year", "whole", "below"))
    window = _window_words(publication)
    if not site.n_points:
        return (
            f"There is no map point {place_words(site)}. The police place every record on the "
            "nearest of a fixed list of points, so nothing could be shown here whatever happened."
        )
    if not whole:
        return f"Nothing was reported near here {_shown_words(publication)}."
    number = _few(year, masking.VIOLENCE_LIMIT)
    incidents = "incident was" if year == 1 else "incidents were"
    told = [f"{words.sentence(window)}, {number} {incidents} reported near here"]
    if not math.isnan(below) and year >= masking.VIOLENCE_LIMIT:
        told.append(
            f", {_share_words(below)} of {site.n_alike:,} similar places in {site.district}"
        )
    told.append(".")
    most = main_types(site)[:3]
    if len(most) > 1:
        told.append(f" Most often: {', '.join(_lower(name) for name in most)}.")
    return "".join(told)


def _window_words(publication: Publication) -> str:
    span = words.span(publication.window_start, publication.window_end)
    observed = publication.months_observed
    total = len(publication.months[publication.months >= publication.window_start])
    if observed < total:
        months = words.number(observed)
        return (
            f"in the {months} months with data from {span}"
            if observed > 1
            else f"in the one month with data from {span}"
        )
    return f"in the {total} months from {span}"


def _shown_words(publication: Publication) -> str:
    return f"from {words.span(*publication.data_months)}"


def _few(value: int, limit: int) -> str:
    return (
        words.number(value) if value >= limit or not value else f"fewer than {words.number(limit)}"
    )


def _share_words(below: float) -> str:
    share = 100 * below
    if share >= _ALL_BUT_NONE:
        return "more than in nearly all"
    if share <= 100 - _ALL_BUT_NONE:
        return "fewer than in nearly all"
    return f"more than in {share:.0f} %"


def main_types(site: Site) -> list[str]:
    """List the types with a number that is printed, most frequent first."""
    counts = zip(site.crime.index.tolist()[1:], site.crime["year"].tolist()[1:], strict=True)
    large = [(-n, str(name)) for name, n in counts if n >= masking.limit_of(str(name))]
    return [name for _, name in sorted(large, key=lambda each: each[0])]


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def compared(site: Site) -> str:
    """Say what the last columns of the table compare with."""
    first = (
        f"“{site.district} average” is what as many map points have on average anywhere in "
        f"{site.district}."
    )
    if site.n_alike >= LEAST_ALIKE:
        return (
            f"{first} “Similar places” are {site.n_alike:,} circles as large as this vicinity, "
            f"about other map points of {site.district}, that hold from half to one and a half "
            "times as many map points; the figure is the middle one. They overlap each other. "
            "“Higher than” is the share of them with fewer."
        )
    return (
        f"{first} Only {words.number(site.n_alike)} places of {site.district} are similar, under "
        f"the {LEAST_ALIKE} that a comparison needs, so there is none."
    )


def warnings(publication: Publication, site: Site) -> list[str]:
    """Say at the top what keeps the figures from telling of the whole vicinity."""
    found = []
    outside = 1 - site.covered
    if outside > OUTSIDE_MOST:
        found.append(
            f"{words.percent(outside)} of the vicinity lies outside {publication.area_name}. "
            "Records from there are not counted, so the figures may be too low."
        )
    if site.n_points in {1, 2}:
        found.append(
            f"All of it rests on {words.many(site.n_points, 'map point')}, which may stand for "
            "addresses outside the vicinity as well: the place is uncertain."
        )
    return found


def limits(changes: Sequence[pd.Timestamp], missing: Sequence[pd.Timestamp]) -> list[str]:
    """
    List what a sheet does not show.

    Parameters
    ----------
    changes : sequence of Timestamp
        Months in which a new list of map points began.
    missing : sequence of Timestamp
        Months without data.
    """
    found = list(_LIMITS)
    if missing:
        found.append(
            f"Months without data: {words.spans(list(missing))}. A missing month is unknown, not "
            "free of crime."
        )
    found += [
        f"A steady map: the police changed their list of map points in {words.month(month)}. "
        "Counts before and after differ for that reason too."
        for month in changes
    ]
    found.append(
        "Small numbers. Violence and sexual offences under five and other types under three are "
        "hidden, and a second number where a total would give the first away."
    )
    return found
