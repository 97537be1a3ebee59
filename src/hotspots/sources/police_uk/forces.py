"""Names of police forces in records, and their ids in file names."""

from __future__ import annotations

import re

BTP = "British Transport Police"

IDS = frozenset(
    [
        "avon-and-somerset",
        "bedfordshire",
        "cambridgeshire",
        "cheshire",
        "city-of-london",
        "cleveland",
        "cumbria",
        "derbyshire",
        "devon-and-cornwall",
        "dorset",
        "durham",
        "dyfed-powys",
        "essex",
        "gloucestershire",
        "greater-manchester",
        "gwent",
        "hampshire",
        "hertfordshire",
        "humberside",
        "kent",
        "lancashire",
        "leicestershire",
        "lincolnshire",
        "merseyside",
        "metropolitan",
        "norfolk",
        "north-wales",
        "north-yorkshire",
        "northamptonshire",
        "northern-ireland",
        "northumbria",
        "nottinghamshire",
        "south-wales",
        "south-yorkshire",
        "staffordshire",
        "suffolk",
        "surrey",
        "sussex",
        "thames-valley",
        "warwickshire",
        "west-mercia",
        "west-midlands",
        "west-yorkshire",
        "wiltshire",
    ]
)
"""The forces that police.uk publishes."""

_AFFIXES = re.compile(r"^police service of | (?:police(?: service)?|constabulary)$")


def force_id(name: str) -> str:
    """Return the id of a force by its name: "Lancashire Constabulary" is ``lancashire``."""
    words = " ".join(name.casefold().replace("&", " and ").replace("-", " ").split())
    return _AFFIXES.sub("", words).replace(" ", "-")


def is_of(name: str, force: str) -> bool:
    """Say whether a force's name goes with an id, as "Kent Police" does with ``kent``."""
    found = force_id(name)
    return found == force or (found not in IDS and set(force.split("-")) <= set(found.split("-")))
