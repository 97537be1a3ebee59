"""What was planted in the sample county, so that a test can ask whether it is found again."""

from __future__ import annotations

from dataclasses import dataclass

from hotspots.schema import ASB

FIRST_MONTH = "2021-04"
"""First month of the sample county."""

N_MONTHS = 36

MISSING_MONTHS = ("2021-09", "2022-05")
"""Months for which no file was ever published."""

NEW_LIST_MONTH = "2022-07"
"""First month on the second list of map points."""

LSOA21_MONTH = "2023-06"
"""First month whose rows carry LSOA codes of 2021; earlier ones carry those of 2011."""

_LAST_MONTH = "2024-03"


@dataclass(frozen=True)
class Planted:
    """
    A hotspot put into the sample county on purpose.

    Attributes
    ----------
    name, street : str
        What it is called here, and the street that its map points are named after.
    district : str
        District it lies in.
    easting, northing : float
        Centre, metres, EPSG:27700.
    radius_m : float
        Every map point of either list within it (and no other) has the planted rate.
    crime_types : tuple of str
        police.uk crime types that are raised there; the others follow the background.
    ratio : float
        Rate of each planted map point over the smooth background of its surroundings.
    spells : tuple of (first, last)
        Months ``YYYY-MM``, both included, in which it is hot.
    landmark : str
        Generic police.uk name of its middle map point; empty where it bears the street name.
    recurrence : str
        Class it was drawn to be: persistent, emerging, former or intermittent.
    """

    name: str
    street: str
    district: str
    easting: float
    northing: float
    radius_m: float
    crime_types: tuple[str, ...]
    ratio: float
    spells: tuple[tuple[str, str], ...]
    landmark: str
    recurrence: str

    @property
    def first_month(self) -> str:
        """First month in which it is hot, ``YYYY-MM``."""
        return self.spells[0][0]

    @property
    def last_month(self) -> str:
        """Last month in which it is hot, ``YYYY-MM``, included."""
        return self.spells[-1][1]


_ALWAYS = ((FIRST_MONTH, _LAST_MONTH),)

PLANTED = (
    Planted(
        "Kelderwick night-time economy",
        "Tallow Row",
        "Kelderwick",
        231_900.0,
        428_350.0,
        120.0,
        ("Violence and sexual offences", ASB),
        9.0,
        _ALWAYS,
        "Nightclub",
        "persistent",
    ),
    Planted(
        "Kelderwick shopping street",
        "Fulmar Parade",
        "Kelderwick",
        231_350.0,
        428_600.0,
        105.0,
        ("Shoplifting",),
        25.0,
        _ALWAYS,
        "Shopping Area",
        "persistent",
    ),
    Planted(
        "Harrowstrand bus station",
        "Cartwheel Lane",
        "Thrimsey Vale",
        234_850.0,
        434_300.0,
        90.0,
        (ASB, "Public order"),
        12.0,
        _ALWAYS,
        "Bus/Coach Station",
        "persistent",
    ),
    Planted(
        "Gloamside burglaries",
        "Gloamside Road",
        "Samphire Coast",
        223_250.0,
        428_350.0,
        130.0,
        ("Burglary",),
        16.0,
        _ALWAYS,
        "",
        "persistent",
    ),
    Planted(
        "Peatcutter Street car park",
        "Peatcutter Street",
        "Brackenskerry",
        225_450.0,
        435_800.0,
        90.0,
        ("Vehicle crime",),
        40.0,
        (("2023-10", _LAST_MONTH),),
        "Parking Area",
        "emerging",
    ),
    Planted(
        "Whelk Green",
        "Whelk Green",
        "Samphire Coast",
        221_700.0,
        427_150.0,
        100.0,
        (ASB,),
        34.0,
        (("2021-07", "2023-06"),),
        "Park/Open Space",
        "former",
    ),
    Planted(
        "Brinepan estate in winter",
        "Brinepan Close",
        "Kelderwick",
        232_900.0,
        427_150.0,
        115.0,
        ("Criminal damage and arson",),
        26.0,
        (("2021-10", "2022-03"), ("2022-10", "2023-03"), ("2023-10", _LAST_MONTH)),
        "",
        "intermittent",
    ),
)
"""Everything planted; all else is background and chance."""


@dataclass(frozen=True)
class Quarter:
    """A quarter of a town whose street lighting is poor; metres, EPSG:27700."""

    name: str
    easting: float
    northing: float
    radius_m: float


POORLY_LIT = Quarter("Gloamside", 223_250.0, 428_350.0, 430.0)
"""Most lamps here are missing, and of the others every third is faulty."""


@dataclass(frozen=True)
class Intervention:
    """
    An action in the sample county's register.

    Attributes
    ----------
    intervention_id, name, what : str
        As the register has them.
    planted : str
        Name of the planted hotspot that is its place.
    radius_m : float
        Of its area, about the middle of that hotspot.
    crime_group : str
        What it aimed at.
    start, end : str
        Months ``YYYY-MM``; no end while it runs.
    fell : bool or None
        Whether crime of that kind falls there when it starts; None where it started too late to
        be judged.
    """

    intervention_id: str
    name: str
    what: str
    planted: str
    radius_m: float
    crime_group: str
    start: str
    end: str
    fell: bool | None


INTERVENTIONS = (
    Intervention(
        "A1",
        "Whelk Green opened up",
        "hedges cut back, broken lamps renewed, a youth worker on site in the evenings",
        "Whelk Green",
        130.0,
        ASB,
        "2023-07",
        "",
        fell=True,
    ),
    Intervention(
        "A2",
        "Tallow Row taxi marshals",
        "marshals at the taxi rank on weekend nights",
        "Kelderwick night-time economy",
        150.0,
        ASB,
        "2022-01",
        "2022-06",
        fell=False,
    ),
    Intervention(
        "A3",
        "Cartwheel Lane stewards",
        "stewards at the bus station on Friday and Saturday evenings",
        "Harrowstrand bus station",
        120.0,
        ASB,
        "2024-02",
        "",
        fell=None,
    ),
)
"""The register. Whelk Green is quiet from July 2023 on, the others stay as they were."""
