"""How much crime to expect at each map point: EB-mix, the smooth background, Gi* and KDE."""

from hotspots.intensity.background import BANDWIDTH_M, N_CORRECTIONS, Neighbourhood, background
from hotspots.intensity.eb_mix import (
    RADII_M,
    EbMix,
    biweight_kernels,
    eb_mix,
    neighbour_means,
)
from hotspots.intensity.fixed_mix import FixedMix
from hotspots.intensity.surfaces import gi_star, kernel_density

__all__ = [
    "BANDWIDTH_M",
    "N_CORRECTIONS",
    "RADII_M",
    "EbMix",
    "FixedMix",
    "Neighbourhood",
    "background",
    "biweight_kernels",
    "eb_mix",
    "gi_star",
    "kernel_density",
    "neighbour_means",
]
