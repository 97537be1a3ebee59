"""Deprivation of the LSOA that a place lies in: described, never ranked as a factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hotspots.environment.supplied import NOT_SUPPLIED, Measure, missing

if TYPE_CHECKING:
    import geopandas as gpd

DOMAIN_SOURCE = "English Indices of Deprivation"
UNIT = "decile, 1 most deprived"


def deciles(lsoa_code: pd.Series, deprivation: pd.DataFrame) -> list[Measure]:
    """
    Give the decile of each domain of LSOAs.

    Parameters
    ----------
    lsoa_code : Series of str
        LSOA of each place, of the vintage of the table; may be missing.
    deprivation : DataFrame
        ``schema.DEPRIVATION``.

    Returns
    -------
    list of Measure
        ``<domain>_decile`` for each domain of the table, or a missing ``imd_decile``.
    """
    if deprivation.empty:
        return [Measure("imd_decile", UNIT, NOT_SUPPLIED, missing(len(lsoa_code)))]
    year = vintage(deprivation).removeprefix("lsoa")
    source = f"{DOMAIN_SOURCE}, LSOAs of 20{year}"
    table = deprivation.pivot_table(index="lsoa_code", columns="domain", values="decile")
    return [
        Measure(
            f"{domain}_decile", UNIT, source, lsoa_code.map(table[domain]).to_numpy(dtype=float)
        )
        for domain in table.columns
    ]


def vintage(deprivation: pd.DataFrame) -> str:
    """Return the vintage of LSOAs that the table is of."""
    return str(deprivation["vintage"].iloc[0]) if len(deprivation) else "lsoa21"


def main_lsoa(
    hotspot_ids: pd.Series,
    members: pd.DataFrame,
    points: gpd.GeoDataFrame,
    deprivation: pd.DataFrame,
) -> pd.Series:
    """
    Find the LSOA in which most of a hotspot's incidents lie.

    Parameters
    ----------
    hotspot_ids : Series of str
    members, points : DataFrame
        ``schema.MEMBERS`` and ``schema.POINTS``.
    deprivation : DataFrame
        Says the vintage.

    Returns
    -------
    Series of str, in the order of ``hotspot_ids``
        Missing where none of its points lies in an LSOA.
    """
    lsoa = points.set_index("point_id")[f"{vintage(deprivation)}_code"]
    where = members.assign(lsoa_code=members["point_id"].map(lsoa))
    total = where.groupby(["hotspot_id", "lsoa_code"])["n"].sum().reset_index()
    ordered = total.sort_values(by=["hotspot_id", "n", "lsoa_code"], ascending=[True, False, True])
    top = ordered.drop_duplicates("hotspot_id").set_index("hotspot_id")["lsoa_code"]
    return pd.Series(hotspot_ids.map(top).array, dtype="str")
