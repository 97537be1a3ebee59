"""Publish hotspots: pages that open offline, and files for QGIS, spreadsheets and other maps."""

from hotspots.publish.documents import write
from hotspots.publish.publication import Publication

__all__ = ["Publication", "write"]
