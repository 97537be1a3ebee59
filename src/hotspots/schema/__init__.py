"""What each table must look like: every column declared once, every fault reported at once."""

from hotspots.schema.contract import Column, Schema, check, empty, is_in_order
from hotspots.schema.findings import ENVIRONMENT, HISTORY, HOTSPOTS, MEMBERS, MIX, SERIES
from hotspots.schema.manual import to_markdown
from hotspots.schema.shared import ALL_CRIME, ASB, CRIME_TYPES, MONTH
from hotspots.schema.tables import (
    ACCOUNT,
    ALERTS,
    AREAS,
    COUNTS,
    COVERAGE,
    DEPRIVATION,
    INCIDENTS,
    LAMPS,
    PLACES,
    POINTS,
    RECORDS,
    REVISIONS,
    SET_ASIDE,
    STORED,
)

__all__ = [
    "ACCOUNT",
    "ALERTS",
    "ALL_CRIME",
    "AREAS",
    "ASB",
    "COUNTS",
    "COVERAGE",
    "CRIME_TYPES",
    "DEPRIVATION",
    "ENVIRONMENT",
    "HISTORY",
    "HOTSPOTS",
    "INCIDENTS",
    "LAMPS",
    "MEMBERS",
    "MIX",
    "MONTH",
    "PLACES",
    "POINTS",
    "RECORDS",
    "REVISIONS",
    "SERIES",
    "SET_ASIDE",
    "STORED",
    "Column",
    "Schema",
    "check",
    "empty",
    "is_in_order",
    "to_markdown",
]
