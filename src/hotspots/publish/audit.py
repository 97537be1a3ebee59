"""The environmental visual audit form: what to look at on a visit, heading by heading."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """
    One line to tick.

    Attributes
    ----------
    words : str
        What it says.
    kind : str
        Kind of ``schema.OBSERVED`` that a tick stands for; empty where a tick is only a note.
    """

    words: str
    kind: str = ""


@dataclass(frozen=True)
class Heading:
    """
    One part of the form.

    Attributes
    ----------
    key, title : str
    prompts : tuple of str
        What to ask oneself there, at any place.
    items : tuple of Item
        Lines to tick.
    asked : tuple of str
        Headings of ``prompts.PROMPTS`` whose questions belong here.
    """

    key: str
    title: str
    prompts: tuple[str, ...]
    items: tuple[Item, ...]
    asked: tuple[str, ...] = ()


HEADINGS = (
    Heading(
        "access",
        "Access and movement",
        (
            "Who passes through, by which ways, and does every way need to be open?",
            "Where could someone leave quickly and unseen?",
        ),
        (
            Item("A way through that gives an easy escape", "escape route"),
            Item("Low wall, open gate or climbing aid", "easy access"),
            Item("Paths are overlooked and lead where people want to go"),
        ),
        ("Access and movement",),
    ),
    Heading(
        "sight",
        "Surveillance and sight lines",
        (
            "Stand at each entrance. What can you see, and who can see you?",
            "Do windows look onto the space, and are they in use?",
        ),
        (
            Item("A corner, wall or planting blocks the view", "poor sight line"),
            Item("Overgrown planting", "overgrowth"),
            Item("Windows or people overlook most of the space"),
        ),
        ("Surveillance",),
    ),
    Heading(
        "recesses",
        "Recesses and alleys",
        (
            "Where could someone stand without being seen from the street?",
            "Is each alley gated, lit and looked after?",
        ),
        (
            Item("Recessed doorway", "recessed doorway"),
            Item("Alley or passage without a gate", "alley"),
            Item("Alleys here are gated, or there is none"),
        ),
    ),
    Heading(
        "lighting",
        "Lighting and dark spots",
        (
            "Which lights are out, hidden by leaves or pointing the wrong way?",
            "Come back after dark: can you make out a face at ten metres?",
        ),
        (
            Item("Light out or broken", "broken light"),
            Item("Light is even, without dark patches between lamps"),
            Item("Seen after dark"),
        ),
        ("Lighting",),
    ),
    Heading(
        "security",
        "Physical security",
        (
            "Look at doors, locks, windows, shutters and bicycle stands. What would you try first?",
            "What has been forced before, and was it mended to a better standard?",
        ),
        (
            Item("Broken or weak lock or door", "broken lock"),
            Item("Damage to a building, fence or vehicle", "damage"),
            Item("Doors and windows here look sound"),
        ),
        ("Physical security",),
    ),
    Heading(
        "care",
        "Ownership and maintenance",
        (
            "Whose is each piece of ground, and does it show?",
            "How soon is damage mended and litter cleared?",
        ),
        (
            Item("Graffiti", "graffiti"),
            Item("Litter or dumped rubbish", "litter"),
            Item("Empty or derelict building", "empty building"),
            Item("The place looks cared for"),
        ),
        ("Ownership", "Maintenance"),
    ),
)
"""The six headings (PAGES); every kind of ``schema.OBSERVED`` is a tick under one of them."""
