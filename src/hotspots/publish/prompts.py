"""
Questions for a site visit, for a Designing Out Crime officer.

They ask what is there and say nothing of why crime is reported. Which ones are put depends on the
crime types of the place and on what is unusual about it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotspots.explain import family
from hotspots.schema import ASB

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 8
"""Questions for one place."""

MOST_OF_ONE = 2
"""Questions under one heading for one place."""

_BURGLARY, _VEHICLES, _CYCLES = "Burglary", "Vehicle crime", "Bicycle theft"
_SHOPS, _VIOLENCE, _ROBBERY = "Shoplifting", "Violence and sexual offences", "Robbery"
_SNATCH, _DAMAGE, _ORDER = "Theft from the person", "Criminal damage and arson", "Public order"
_DRUGS, _OTHER_THEFT = "Drugs", "Other theft"


@dataclass(frozen=True)
class Prompt:
    """A question, the crime types it is for (none: any) and what being unusual it is for."""

    heading: str
    question: str
    types: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()


def _of(heading: str, *asked: tuple[str, tuple[str, ...], tuple[str, ...]]) -> tuple[Prompt, ...]:
    return tuple(Prompt(heading, text, frozenset(t), frozenset(about)) for text, t, about in asked)


PROMPTS = (
    *_of(
        "Access and movement",
        ("Can the rear of the homes or shops be reached without being seen?",
         (_BURGLARY, _SHOPS), ()),
        ("Which ways lead out of sight within a minute's walk, and who uses them otherwise?",
         (_ROBBERY, _SNATCH, _DRUGS), ("gap",)),
        ("Where do people wait, queue or gather, and is there room for others to pass?",
         (_VIOLENCE, ASB, _ORDER), ("near pub", "near station")),
        ("Can a vehicle be driven up to, or away from, the place without slowing down?",
         (_VEHICLES, _OTHER_THEFT), ("street",)),
        ("Which paths and alleys run through, and is each of them needed?", (), ()),
    ),
    *_of(
        "Surveillance",
        ("Which windows and counters look onto the place at the times it is used?",
         (_BURGLARY, _SHOPS, _ROBBERY), ()),
        ("Where could somebody stand without being seen from the street?",
         (_ROBBERY, _SNATCH, _VIOLENCE), ()),
        ("Are parked vehicles and cycles in view of homes, shops or passers-by?",
         (_VEHICLES, _CYCLES), ()),
        ("Do signs, shutters, walls or planting stand in the line of sight?", (), ()),
    ),
    *_of(
        "Lighting",
        ("Walked after dark, can a face be made out at ten paces all the way?",
         (_VIOLENCE, _ROBBERY, _SNATCH), ("light",)),
        ("Where does light from lamps, shops and homes leave a gap, and what is there?",
         (_BURGLARY, _VEHICLES, _DAMAGE), ("light", "gap")),
        ("Which lamps are out, masked by leaves, dimmed or off for part of the night?",
         (), ("faults", "regime")),
        ("What kind of light do the lamps give, and how even is it?", (), ("lamps",)),
    ),
    *_of(
        "Ownership",
        ("Is it plain where public ground ends and private ground begins?", (_BURGLARY, ASB), ()),
        ("Who looks after this ground, and do they know what is reported here?", (), ()),
        ("What do shopkeepers, landlords and door staff say, and who do they tell?",
         (_SHOPS, _VIOLENCE, _ORDER), ("near pub", "near shop")),
        ("Is any ground or building here nobody's in practice?", (ASB, _DAMAGE, _DRUGS), ()),
    ),
    *_of(
        "Maintenance",
        ("Is there damage, graffiti or litter that has been there for some time?",
         (_DAMAGE, ASB), ()),
        ("Does planting cover windows, paths or lamps?", (_BURGLARY, _ROBBERY), ("light",)),
        ("How soon are faults put right, and who reports them?", (), ("faults",)),
        ("Are bins, pallets or low roofs within reach of a wall or window?", (_BURGLARY,), ()),
    ),
    *_of(
        "Physical security",
        ("How sound are doors, locks, windows and side gates, and are the gates shut?",
         (_BURGLARY,), ()),
        ("How are goods of value shown and watched, above all near the doors?", (_SHOPS,), ()),
        ("Are there stands to which a frame and a wheel can be locked, and are they used?",
         (_CYCLES,), ()),
        ("What is there to keep vehicles, tools and loads out of sight or locked in?",
         (_VEHICLES, _OTHER_THEFT), ()),
        ("What would stand up to a second attempt at the same spot?", (_DAMAGE,), ()),
    ),
)  # fmt: skip
"""Every question, by heading."""


def prompts_for(types: Sequence[str], unusual: Sequence[str]) -> list[tuple[str, str]]:
    """
    Choose questions for one place.

    Parameters
    ----------
    types : sequence of str
        Its crime types, the most frequent first.
    unusual : sequence of str
        Measures by which it is unusual, the strongest first.

    Returns
    -------
    list of (heading, question)
        At most eight and two of a heading, in the order of ``PROMPTS``.
    """
    families = [family(name) for name in unusual]
    fits = [_fit(prompt, types, families) for prompt in PROMPTS]
    order = sorted(range(len(PROMPTS)), key=lambda i: (-fits[i], i))
    chosen: list[int] = []
    taken: Counter[str] = Counter()
    for i in order:
        heading = PROMPTS[i].heading
        is_apt = fits[i] > 0 or not (PROMPTS[i].types or PROMPTS[i].about)
        if is_apt and taken[heading] < MOST_OF_ONE and len(chosen) < MOST:
            chosen.append(i)
            taken[heading] += 1
    return [(PROMPTS[i].heading, PROMPTS[i].question) for i in sorted(chosen)]


def _fit(prompt: Prompt, types: Sequence[str], families: Sequence[str]) -> float:
    """Weigh a question: what is unusual and the first crime type count most."""
    places = (place for place, kind in enumerate(types, start=1) if kind in prompt.types)
    by_type = 1 / next(places, float("inf"))
    return by_type + sum(each in prompt.about for each in families)
