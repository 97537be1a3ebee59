"""Forward validation: how much of the crime that came after lay on the ground flagged before."""

from hotspots.forecast.folds import Fold, Unused, plan_folds
from hotspots.forecast.ground import NOWHERE, MapPoints
from hotspots.forecast.measures import Budget, Flagged, Resamples, Trial, measure
from hotspots.forecast.rims import Rims
from hotspots.forecast.units import (
    Tiles,
    Units,
    area_tiles,
    by_count,
    polygon_units,
    ranked_points,
    square_tiles,
)

__all__ = [
    "NOWHERE",
    "Budget",
    "Flagged",
    "Fold",
    "MapPoints",
    "Resamples",
    "Rims",
    "Tiles",
    "Trial",
    "Units",
    "Unused",
    "area_tiles",
    "by_count",
    "measure",
    "plan_folds",
    "polygon_units",
    "ranked_points",
    "square_tiles",
]
