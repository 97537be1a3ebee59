"""What to call a hotspot: the streets it is near, never a property."""

from __future__ import annotations

import pandas as pd

PREFIX = "On or near "

GENERIC = frozenset(
    {
        "ferry terminal", "hospital", "motorway service area", "nightclub", "no location",
        "parking area", "pedestrian subway", "petrol station", "pier", "police station", "prison",
        "public convenience", "shopping area", "supermarket",
    }
)  # fmt: skip
"""Names that police.uk gives to kinds of place, in lower case; about 12 % of records bear one of
these or one with a slash, such as "Park/Open Space" (FACTS §1)."""


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
    name = location.str.removeprefix(PREFIX.strip()).str.strip()
    # Some months are published with a capital after every apostrophe: "St John'S Place".
    is_odd = name.str.contains("'S", regex=False, na=False)
    name = name.mask(is_odd, name[is_odd].str.replace(r"(?<=\w)'S\b", "'s", regex=True))
    plain = name.str.casefold()
    is_kind = plain.isin(GENERIC) | plain.str.contains("/", regex=False)
    is_station = plain.str.endswith((" station", "(station)"))
    return name.where((name != "") & ~is_kind & ~is_station)


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
