"""The settings of an area (`hotspots.toml`): typed, bounded, and clear about every fault."""

from hotspots.settings.model import (
    CRIME_GROUPS,
    EPS_BOUNDS_M,
    Area,
    Boundary,
    Clustering,
    Deprivation,
    Lighting,
    Places,
    PoliceUk,
    Publish,
    Settings,
)
from hotspots.settings.reading import (
    DEFAULT_FILE,
    Origin,
    expand,
    explain,
    load,
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
    "Lighting",
    "Origin",
    "Places",
    "PoliceUk",
    "Publish",
    "Settings",
    "expand",
    "explain",
    "load",
    "police_files",
]
