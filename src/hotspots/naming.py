"""What to call a hotspot: the streets it is near, never a property."""

from __future__ import annotations

import pandas as pd

PREFIX = "On or near "

GENERIC = frozenset(
    {
        "Airport/airfield", "Bus/coach Station", "Conference/exhibition Centre", "Ferry Terminal",
        "Further/higher Educational Building", "Hospital", "Motorway Service Station",
        "Nightclub", "No Location", "Park/open Space", "Parking Area", "Pedestrian Subway",
        "Petrol Station", "Pier", "Police Station", "Prison", "Public Convenience",
        "Race Track", "Shopping Area", "Sports/recreation Area", "Supermarket",
        "Theatre/concert Hall", "Tram/metro Station", "Underground Station",
    }
)  # fmt: skip
"""Names that police.uk gives to kinds of place; about 12 % of records bear one (FACTS §1)."""


def street_names(location: pd.Series) -> pd.Series:
    """
    Reduce published place texts to street names.

    Parameters
    ----------
    location : Series of str
        Such as "On or near Church Street".

    Returns
    -------
    Series of str, indexed like ``location``
        Missing where the text names a kind of place, a station or nothing.
    """
    name = location.str.removeprefix(PREFIX).str.strip()
    is_street = (name != "") & ~name.isin(GENERIC) & ~name.str.endswith("(Station)")
    return name.where(is_street)


def name_hotspots(streets: pd.DataFrame, near: pd.DataFrame, *, most: int = 2) -> pd.DataFrame:
    """
    Name hotspots by their most frequent streets.

    Parameters
    ----------
    streets : DataFrame
        Columns ``hotspot`` (any label), ``street`` (missing allowed), ``n`` incidents: one row
        per member point.
    near : DataFrame
        The same for points around each hotspot, used where no member names a street; ``n`` is
        the weight.
    most : int
        Streets in a name.

    Returns
    -------
    DataFrame indexed by hotspot
        ``streets``, most frequent first and parted by " / " (ties in alphabetical order). A
        hotspot with no street in or around it has no row.
    """
    named = streets.dropna(subset="street")
    around = near.dropna(subset="street")
    around = around[~around["hotspot"].isin(named["hotspot"])]
    both = pd.concat([named, around], ignore_index=True)
    total = both.groupby(["hotspot", "street"])["n"].sum().reset_index()
    ordered = total.sort_values(by=["hotspot", "n", "street"], ascending=[True, False, True])
    top = ordered.groupby("hotspot").head(most)
    return top.groupby("hotspot").agg(streets=("street", " / ".join))
