"""Weighted DBSCAN on map points, and drawing hotspots with it."""

from hotspots.cluster.dbscan import NOISE, weighted_dbscan, within
from hotspots.cluster.draw import DrawRules, draw_excess_mass, draw_textbook
from hotspots.cluster.width import DIRECTIONS, disc_reaches, reaches, widths

__all__ = [
    "DIRECTIONS",
    "NOISE",
    "DrawRules",
    "disc_reaches",
    "draw_excess_mass",
    "draw_textbook",
    "reaches",
    "weighted_dbscan",
    "widths",
    "within",
]
