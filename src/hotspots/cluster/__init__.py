"""Weighted DBSCAN on map points, and drawing hotspots with it."""

from hotspots.cluster.dbscan import NOISE, weighted_dbscan, within
from hotspots.cluster.draw import DrawRules, Maps, draw_excess_mass, draw_textbook
from hotspots.cluster.engine import Links, label_windows, lay_out
from hotspots.cluster.width import DIRECTIONS, disc_reaches, reaches, widths

__all__ = [
    "DIRECTIONS",
    "NOISE",
    "DrawRules",
    "Links",
    "Maps",
    "disc_reaches",
    "draw_excess_mass",
    "draw_textbook",
    "label_windows",
    "lay_out",
    "reaches",
    "weighted_dbscan",
    "widths",
    "within",
]
