"""A made-up county in the Irish Sea, in published formats, with hotspots planted on purpose."""

from hotspots.sample.county import write_county
from hotspots.sample.truth import (
    FIRST_MONTH,
    LSOA21_MONTH,
    MISSING_MONTHS,
    N_MONTHS,
    NEW_LIST_MONTH,
    PLANTED,
    POORLY_LIT,
    Planted,
    Quarter,
)

__all__ = [
    "FIRST_MONTH",
    "LSOA21_MONTH",
    "MISSING_MONTHS",
    "NEW_LIST_MONTH",
    "N_MONTHS",
    "PLANTED",
    "POORLY_LIT",
    "Planted",
    "Quarter",
    "write_county",
]
