"""What goes with crime in an area, and what became of what was done there, as its pages say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely
from markupsafe import Markup

from hotspots.publish import actions, charts, evidence

if TYPE_CHECKING:
    from hotspots.publish.publication import Publication


def associations(publication: Publication) -> dict[str, Any]:
    """
    Say what was tested of the surroundings, and what was found.

    Returns
    -------
    dict
        ``associated`` and ``not_established``, sentences; ``untested``, sentences on what could
        not be tested for any crime.
    """
    graded = publication.factors.drop_duplicates(["crime_group", "factor"])
    keys = zip(graded["crime_group"], graded["factor"], strict=True)
    grade = dict(zip(keys, graded["evidence"], strict=True))
    said: dict[str, list[str]] = {"associated": [], "not established": []}
    for group, factor, text in evidence.factor_sentences(publication.factors):
        said[grade[group, factor]].append(text)
    return {
        "associated": said["associated"],
        "not_established": said["not established"],
        "untested": [
            evidence.untested_sentence(factor, group, reason)
            for factor, group, reason in publication.untested
            if group == "all"
        ],
        "months_only": evidence.MONTHS_ONLY,
    }


def interventions(publication: Publication, district: shapely.Geometry | None) -> dict[str, Any]:
    """
    Say what was done, and what the records say of it.

    Parameters
    ----------
    publication : Publication
    district : shapely geometry or None
        Only what was done in it, EPSG:27700; all if None.

    Returns
    -------
    dict
        ``told``, a dict with ``title``, ``what``, ``sentences`` and ``charts`` for each, the
        oldest first; ``caution``, what to know of all of them.
    """
    if publication.actions.empty:
        return {"told": [], "caution": ""}
    ground = publication.action_areas
    ground = ground[ground["role"] == "action"]
    near = ground if district is None else ground[shapely.intersects(ground.geometry, district)]
    register = publication.actions
    if district is not None:  # one whose ground is not known is told for the whole area only
        register = register[register["intervention_id"].isin(near["intervention_id"])]
    judged = publication.interventions
    told: list[dict[str, Any]] = []
    n_judged = 0
    for row in register.sort_values(["start", "intervention_id"]).to_dict("records"):
        plain = {str(name): value for name, value in row.items()}
        counts = judged[
            (judged["intervention_id"] == plain["intervention_id"]) & (judged["measure"] == "count")
        ]
        n_judged += int((counts["verdict"] != actions.NOT_JUDGED).sum())
        told.append(
            {
                "title": actions.title(plain),
                "what": plain["what"],
                "sentences": actions.sentences(counts),
                "charts": _charts(publication, plain, len(told)),
            }
        )
    return {"told": told, "caution": actions.caution(n_judged) if n_judged else ""}


def _charts(publication: Publication, action: dict[str, Any], number: int) -> list[Markup]:
    """Draw the cumulative control chart of each crime group that an intervention aimed at."""
    mine = publication.action_chart
    mine = mine[mine["intervention_id"] == action["intervention_id"]]
    drawn = []
    for place, (group, months) in enumerate(mine.groupby("crime_group", sort=True)):
        ordered = months.sort_values("month")
        is_after = ordered["is_after"].to_numpy()
        if not is_after.any() or is_after.all():
            continue
        chart = charts.Cumulative(
            title=f"{action['name']}: {evidence.crime_words(str(group))}, observed less expected",
            words="Incidents observed less those expected, added up month by month, and anew from "
            f"the start. At the end it stands at {_signed(ordered['total'].iloc[-1])}; chance "
            f"alone would keep it within {ordered['limit'].iloc[-1]:,.0f} of zero.",
            labels=tuple(f"{month:%b %Y}" for month in ordered["month"]),
            totals=tuple(ordered["total"].tolist()),
            limits=tuple(ordered["limit"].tolist()),
            start=int(is_after.argmax()),
        )
        drawn.append(Markup(charts.svg(chart, name=f"action-{number}-{place}")))  # noqa: S704 -- svg escapes all words
    return drawn


def _signed(total: float) -> str:
    way = "fewer" if total < 0 else "more"
    return f"{abs(total):,.0f} {way} than expected"
