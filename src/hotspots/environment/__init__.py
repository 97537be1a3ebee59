"""
What stands at a place: lights, deprivation, places, streets and what a visit noted.

These are descriptions, each with its unit and source. Whether any of them goes with crime is a
question for ``risk``. A measure whose data was not supplied, or does not reach the place, is
missing and says so.
"""

from hotspots.environment.lighting import lighting_values
from hotspots.environment.measure import measure_hotspots, measure_points
from hotspots.environment.supplied import NOT_SUPPLIED, Measure, Surroundings

__all__ = [
    "NOT_SUPPLIED",
    "Measure",
    "Surroundings",
    "lighting_values",
    "measure_hotspots",
    "measure_points",
]
