"""What several tables share: names of crime groups, and columns that mean the same."""

from __future__ import annotations

from hotspots.schema.contract import Column

ALL_CRIME = "All crime and ASB"
"""The crime group that holds every published record."""

ASB = "Anti-social behaviour"

CRIME_TYPES = (
    ASB,
    "Bicycle theft",
    "Burglary",
    "Criminal damage and arson",
    "Drugs",
    "Other crime",
    "Other theft",
    "Possession of weapons",
    "Public order",
    "Robbery",
    "Shoplifting",
    "Theft from the person",
    "Vehicle crime",
    "Violence and sexual offences",
)
"""The fourteen types of police.uk since May 2013, as its CSV files spell them."""

OBSERVED = (
    "recessed doorway",
    "alley",
    "overgrowth",
    "broken light",
    "graffiti",
    "litter",
    "poor sight line",
    "escape route",
    "easy access",
    "damage",
    "broken lock",
    "empty building",
)
"""What a visit may note of a place, in the words of the visual audit."""

MONTH = "datetime64[ms]"
"""Dtype of months: their first days."""

ID = "str"
"""Dtype of ids."""


def month_column(name: str, meaning: str, *, nullable: bool = False) -> Column:
    """Return a column of first days of months."""
    return Column(name, MONTH, meaning, unit="first day of the month", nullable=nullable)


def count_column(name: str, meaning: str) -> Column:
    """Return a column of counts of incidents."""
    return Column(name, "int64", meaning, unit="incidents", low=0)


def share_column(name: str, meaning: str, *, nullable: bool = False) -> Column:
    """Return a column of shares from 0 to 1."""
    return Column(name, "float64", meaning, unit="share", low=0, high=1, nullable=nullable)


CRIME_TYPE = Column("crime_type", "str", "police.uk crime type, as its CSV files spell it")
CRIME_GROUP = Column(
    "crime_group", "str", "a crime type, a group of the settings, or all crime and ASB"
)
POINT_ID = Column("point_id", ID, "map point: list and published coordinates")
LIST_ID = Column("list_id", "str", "list of map points, named by the first month it was seen")
INCIDENT_ID = Column(
    "incident_id",
    ID,
    "Crime ID, which ends in a number where offences share one; made if there is none",
)
FILE = Column("file", "str", "input file and member")
LINE = Column("line", "int64", "line in the file, or number of the record in a JSON answer", low=1)
LSOA_CODE = Column("lsoa_code", "str", "LSOA as published, of either vintage", nullable=True)
OUTCOME = Column("outcome", "str", "last outcome category", nullable=True)
REPORTED_BY = Column("reported_by", "str", "force that reported it", nullable=True)
HOTSPOT_ID = Column("hotspot_id", ID, "hotspot: HS-<area>-<number>, never reused")
