"""The register of interventions of the sample county, as an analyst would keep it."""

from __future__ import annotations

import pandas as pd

from hotspots.sample.truth import INTERVENTIONS, PLANTED


def interventions() -> pd.DataFrame:
    """Return the register: one row for each action, its area a circle about a point."""
    places = {each.name: each for each in PLANTED}
    return pd.DataFrame(
        [
            {
                "intervention_id": each.intervention_id,
                "name": each.name,
                "what was done": each.what,
                "start": each.start,
                "end": each.end,
                "crime groups": each.crime_group,
                "easting": round(places[each.planted].easting),
                "northing": round(places[each.planted].northing),
                "radius_m": round(each.radius_m),
            }
            for each in INTERVENTIONS
        ]
    )
