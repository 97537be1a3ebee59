"""Invented names: no county, force, district, town or ward of these names exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORCE = "Saltmarrow Constabulary"
FORCE_ID = "saltmarrow"
NEIGHBOUR = "Wrackholm Police"
NEIGHBOUR_ID = "wrackholm"

_STEMS = (
    "Dulse", "Marram", "Kelp", "Cockle", "Whelk", "Sallow", "Ling", "Fulmar", "Dunlin", "Skerry",
    "Teasel", "Samphire", "Curlew", "Sorrel", "Thrift", "Gannet", "Plover", "Mallow", "Sedge",
    "Turnstone", "Limpet", "Heron", "Osier", "Bracket", "Tiller", "Cooper", "Chandler", "Netter",
    "Saltern", "Wicker", "Lantern", "Ember", "Flint", "Aldern", "Rushy", "Tarn", "Yarrow", "Wrack",
)  # fmt: skip
_TAILS = ("", "rigg", "wray", "croft", "holt", "mere", "bank", "garth")
_TOWN_KINDS = ("Street", "Road", "Avenue", "Close", "Lane", "Terrace", "Drive", "Way")
_COUNTRY_KINDS = ("Lane", "Road")

_PUB_FIRST = ("Gilded", "Salty", "Merry", "Tilted", "Old", "Three-Legged", "Patient", "Blue")
_PUB_LAST = ("Whelk", "Cormorant", "Anchorite", "Ropemaker", "Lamplighter", "Eel", "Limpet")
_SHOP_FIRST = ("Mabbin", "Ostrel", "Tunnoch", "Quillet", "Pargeter", "Wenlow", "Drabble")
_SHOP_LAST = ("Stores", "Bakery", "Hardware", "Grocers", "News", "Chemist", "Fashions", "Shoes")


def street_names(n: int, rng: np.random.Generator, *, is_country: bool) -> NDArray[np.object_]:
    """Return ``n`` different street names, or lane names, in the manner of an English town."""
    kinds = _COUNTRY_KINDS if is_country else _TOWN_KINDS
    every = np.array(
        [f"{stem}{tail} {kind}" for stem in _STEMS for tail in _TAILS for kind in kinds],
        dtype=object,
    )
    return rng.choice(every, size=n, replace=False)


def ward_names(n: int, rng: np.random.Generator) -> list[str]:
    """Return ``n`` different ward names."""
    every = [f"{stem}{tail}" for stem in _STEMS for tail in _TAILS if tail]
    return [str(name) for name in rng.choice(every, size=n, replace=False)]


def pub_names(n: int, rng: np.random.Generator) -> list[str]:
    """Return ``n`` names of pubs; a name may recur, as it does in life."""
    every = [f"The {first} {last}" for first in _PUB_FIRST for last in _PUB_LAST]
    return [str(name) for name in rng.choice(every, size=n)]


def shop_names(n: int, rng: np.random.Generator) -> list[str]:
    """Return ``n`` names of shops; a name may recur, as it does in life."""
    every = [f"{first} {last}" for first in _SHOP_FIRST for last in _SHOP_LAST]
    return [str(name) for name in rng.choice(every, size=n)]
