"""What goes with crime in an area, and what became of what was done there, as its pages say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from hotspots.publish import actions, evidence

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
        ``told``, a dict with ``title``, ``what`` and ``sentences`` for each, the oldest first;
        ``caution``, what to know of all of them.
    """
    ground = publication.action_areas
    ground = ground[ground["role"] == "action"]
    near = ground if district is None else ground[shapely.intersects(ground.geometry, district)]
    register = publication.actions
    if district is not None:  # one whose ground is not known is told for the whole area only
        register = register[register["intervention_id"].isin(near["intervention_id"])]
    judged = publication.interventions
    told = []
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
            }
        )
    return {"told": told, "caution": actions.caution(n_judged) if n_judged else ""}
