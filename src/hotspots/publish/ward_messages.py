"""A short public message for each ward: calm, without numbers, without any precise place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotspots.publish.actions import listed
from hotspots.publish.evidence import crime_words

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_KINDS = 2
"""Kinds of crime that a message names."""

_HELPS: Mapping[str, str] = {
    "Anti-social behaviour": "telling the council or the police each time lets them see where "
    "help is needed",
    "Bicycle theft": "locking the frame and a wheel to something fixed, and registering the frame",
    "Burglary": "locking doors and windows even when at home, and leaving a light on a timer",
    "Criminal damage and arson": "reporting damage soon, so that it can be put right soon",
    "Other theft": "keeping tools and parcels out of sight",
    "Robbery": "keeping phones and bags close, and walking where others are about",
    "Shoplifting": "saying hello to people who come in, and telling the police each time",
    "Theft from the person": "keeping phones and purses in an inside pocket in busy places",
    "Vehicle crime": "locking up, closing windows and leaving nothing on show",
    "Violence and sexual offences": "looking out for each other; support is there for anybody who "
    "was harmed, whether or not they tell the police",
}

TELL = (
    "To tell the police, call 101 or use the police website; in an emergency call 999. "
    "Crimestoppers (0800 555 111) takes what you know without your name."
)


@dataclass(frozen=True)
class WardFacts:
    """
    What a message rests on; none of its numbers is printed.

    Attributes
    ----------
    ward : str
    span, year_before : str
        The months told of and those of the year before, in words.
    change : str or None
        ``more``, ``fewer`` or ``as many``; None where nothing can be compared.
    is_quiet : bool
        Whether too few incidents were reported to say more.
    kinds : tuple of str
        Most frequent crime types, the first first.
    part : str or None
        Part of the ward with at least half of the incidents, such as ``north``.
    """

    ward: str
    span: str
    year_before: str
    change: str | None
    is_quiet: bool
    kinds: tuple[str, ...]
    part: str | None


def message(facts: WardFacts) -> str:
    """Write the message of a ward."""
    if facts.is_quiet:
        return f"{facts.ward}, {facts.span}: few incidents were reported to the police. {TELL}"
    change = {
        "more": f"More incidents were reported to the police than in {facts.year_before}.",
        "fewer": f"Fewer incidents were reported to the police than in {facts.year_before}.",
        "as many": "About as many incidents were reported to the police as in "
        f"{facts.year_before}.",
        None: "There are no records of a year earlier to compare with.",
    }[facts.change]
    kinds = listed([crime_words(each) for each in facts.kinds[:MOST_KINDS]])
    where = (
        f"More of them were reported in the {facts.part} of the ward than elsewhere."
        if facts.part
        else "They were reported from all over the ward."
    )
    said = [f"{facts.ward}, {facts.span}: {change}", f"Reported most: {kinds}. {where}"]
    helps = [_HELPS[each] for each in facts.kinds[:MOST_KINDS] if each in _HELPS]
    if helps:
        said.append(f"What helps: {'; '.join(helps)}.")
    return " ".join([*said, TELL])
