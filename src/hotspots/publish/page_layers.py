"""Layers that a partnership brings, on a page: places of each kind, and what was done where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hotspots.publish import actions, shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hotspots.publish.publication import Publication

NEAR_M = 100
"""A place counts as near a hotspot within this distance of its edge, as its measure has it."""

DONE = "action on the register"
"""What an intervention is called where it is one layer among others."""

PLACES_MOST = 4_000
PLACE_REACHES_M = (1_000, 250, NEAR_M)
"""Above so many places of a kind, a district page keeps those this near to its hotspots."""

_REGISTER = -1


def layers(publication: Publication, measures: Sequence[str]) -> list[list[Any]]:
    """
    List the layers of an area that hotspots can have near them or not.

    Parameters
    ----------
    publication : Publication
    measures : sequence of str
        Names of the measures in the order of the page.

    Returns
    -------
    list of [str, int]
        Name, and the measure that counts it near a hotspot; -1 for the register of interventions,
        which is the last.
    """
    place = {name: i for i, name in enumerate(measures)}
    kinds = sorted(publication.places["kind"].unique())
    counted = [(str(kind), place.get(f"{kind}_within_{NEAR_M}m")) for kind in kinds]
    found: list[list[Any]] = [[kind, at] for kind, at in counted if at is not None]
    return found + ([[DONE, _REGISTER]] if _ground(publication)[0] else [])


def done(publication: Publication) -> list[list[Any]]:
    """Give the title and shape of every intervention whose ground is known, the oldest first."""
    titles, ground = _ground(publication)
    return [
        [title, shape]
        for title, shape in zip(titles, shapes.encode_polygons(ground, tolerance_m=1), strict=True)
    ]


def done_near(publication: Publication, hotspots: NDArray[np.object_]) -> list[list[int]]:
    """Find the interventions near each hotspot, by their place in ``done``; EPSG:27700."""
    return _near(hotspots, _ground(publication)[1])


def places(
    publication: Publication,
    kinds: Sequence[str],
    district: shapely.Geometry,
    hotspots: NDArray[np.object_],
) -> tuple[list[dict[str, Any]], list[list[int]]]:
    """
    Choose the places of a district page, and find those near each of its hotspots.

    Parameters
    ----------
    publication : Publication
    kinds : sequence of str
        In the order of the page.
    district : shapely geometry
        EPSG:27700.
    hotspots : array of Polygon, shape (n,)
        EPSG:27700.

    Returns
    -------
    list of dict
        For each kind ``at`` (as ``shapes.encode_points``) and ``names``, empty where unknown;
        ``all`` in and about the district, and ``reach_m``, 0 if none was left out.
    list of list of int, length n
        Numbers of the places near each hotspot, counted through all kinds.
    """
    table = publication.places.sort_values("place_id", ignore_index=True)
    chosen: list[dict[str, Any]] = []
    ground: list[NDArray[np.object_]] = [np.array([], dtype=object)]
    shapely.prepare(district)
    about = district.buffer(NEAR_M)
    for kind in kinds:
        own = table[table["kind"] == kind]
        own = own[shapely.intersects(about, own.geometry.to_numpy())]
        kept, reach_m = nearest_hotspots(
            own.geometry.to_numpy(), hotspots, most=PLACES_MOST, reaches_m=PLACE_REACHES_M
        )
        places_xy = shapely.get_coordinates(shapes.degrees(own.geometry.to_numpy()[kept]))
        order = shapes.near_first(*places_xy.T)
        chosen.append(
            {
                "at": shapes.encode_points(*places_xy[order].T),
                "names": own["name"].fillna("").iloc[kept].iloc[order].tolist(),
                "all": len(own),
                "reach_m": reach_m,
            }
        )
        ground.append(own.geometry.to_numpy()[kept][order])
    return chosen, _near(hotspots, np.concatenate(ground))


def nearest_hotspots(
    points: NDArray[np.object_],
    hotspots: NDArray[np.object_],
    *,
    most: int,
    reaches_m: Sequence[float],
) -> tuple[NDArray[np.int64], float]:
    """
    Keep what a page has room for: everything, or what lies near to a hotspot.

    Parameters
    ----------
    points, hotspots : array of shapely geometry
        EPSG:27700.
    most : int
        How many there is room for.
    reaches_m : sequence of float
        Distances to try, the widest first; the last is kept to even if it holds more.

    Returns
    -------
    array of int64
        Rows of ``points`` to keep, in order.
    float
        The distance that was kept to; 0 if all are there.
    """
    kept, reach_m = np.arange(len(points)), 0.0
    if len(points) <= most:
        return kept, reach_m
    tree = shapely.STRtree(points)
    for reach_m in reaches_m:
        kept = np.unique(tree.query(hotspots, predicate="dwithin", distance=reach_m)[1])
        if len(kept) <= most:
            break
    return kept, reach_m


def _near(hotspots: NDArray[np.object_], ground: NDArray[np.object_]) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(len(hotspots))]
    if len(ground):
        pairs = shapely.STRtree(ground).query(hotspots, predicate="dwithin", distance=NEAR_M)
        row, place = pairs[:, np.lexsort(pairs[::-1])]
        for at, number in zip(row.tolist(), place.tolist(), strict=True):
            found[at].append(number)
    return found


def _ground(publication: Publication) -> tuple[list[str], NDArray[np.object_]]:
    """Give titles and shapes of the interventions whose ground is known, the oldest first."""
    known = publication.action_areas
    known = known[known["role"] == "action"].sort_values(["intervention_id", "crime_group"])
    known = known.drop_duplicates("intervention_id").set_index("intervention_id")
    register = publication.actions.sort_values(["start", "intervention_id"])
    register = register[register["intervention_id"].isin(known.index)]
    titles = [
        actions.title({str(name): value for name, value in row.items()})
        for row in register.to_dict("records")
    ]
    return titles, known.geometry.reindex(register["intervention_id"]).to_numpy()
