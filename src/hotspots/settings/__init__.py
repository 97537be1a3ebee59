"""The settings of an area (`hotspots.toml`): typed, bounded, and clear about every fault."""

from hotspots.settings import catalogue, writing
from hotspots.settings.model import (
    CRIME_GROUPS,
    EPS_BOUNDS_M,
    Area,
    Boundary,
    Clustering,
    Deprivation,
    Fetch,
    Layer,
    Lighting,
    Places,
    PoliceUk,
    Publish,
    Settings,
)
from hotspots.settings.reading import (
    DEFAULT_FILE,
    Origin,
    allowed_hosts,
    expand,
    explain,
    load,
    local_pattern,
    police_files,
)

__all__ = [
    "CRIME_GROUPS",
    "DEFAULT_FILE",
    "EPS_BOUNDS_M",
    "Area",
    "Boundary",
    "Clustering",
    "Deprivation",
    "Fetch",
    "Layer",
    "Lighting",
    "Origin",
    "Places",
    "PoliceUk",
    "Publish",
    "Settings",
    "allowed_hosts",
    "catalogue",
    "expand",
    "explain",
    "load",
    "local_pattern",
    "police_files",
    "writing",
]
