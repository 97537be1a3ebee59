"""Weighted DBSCAN on map points, and drawing hotspots with it."""

from hotspots.cluster.dbscan import NOISE, weighted_dbscan, within
from hotspots.cluster.draw import (
    DrawRules,
    draw_excess_mass,
    draw_textbook,
    keep_by_value,
    split_wide,
)
from hotspots.cluster.engine import Links, label_windows, lay_out
from hotspots.cluster.many import ManyDrawn, draw_excess_mass_many, draw_textbook_many
from hotspots.cluster.width import DIRECTIONS, disc_reaches, reaches, widths

__all__ = [
    "DIRECTIONS",
    "NOISE",
    "DrawRules",
    "Links",
    "ManyDrawn",
    "disc_reaches",
    "draw_excess_mass",
    "draw_excess_mass_many",
    "draw_textbook",
    "draw_textbook_many",
    "keep_by_value",
    "label_windows",
    "lay_out",
    "reaches",
    "split_wide",
    "weighted_dbscan",
    "widths",
    "within",
]
