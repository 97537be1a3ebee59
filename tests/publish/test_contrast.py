"""Colours of the style sheets: words, controls and marks stand out, by day, by night, on paper."""

from __future__ import annotations

import re
from itertools import product

import pytest

from hotspots.publish import assets

SCHEMES = ("light", "dark", "paper")
SHEETS = ("page", "site", "report")
ALL = list(product(SHEETS, SCHEMES))
WORDS, MARKS = 4.5, 3.0
"""Least contrast of WCAG 2.2 AA: of words (1.4.3), and of controls and marks (1.4.11)."""


def palette(sheet: str, scheme: str) -> dict[str, str]:
    """Return the colours of a scheme by name; those it does not change are the light ones."""
    blocks = re.findall(r":root \{(.*?)\}", assets.static(f"{sheet}.css"), re.DOTALL)
    assert len(blocks) == len(SCHEMES)
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in blocks]
    return found[0] | found[SCHEMES.index(scheme)]


def channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def luminance(colour: str) -> float:
    parts = [each / 255 for each in channels(colour)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def over(colour: str, ground: str, opacity: float) -> str:
    """Return the colour seen where one lies thinly over another."""
    mixed = [
        round(opacity * top + (1 - opacity) * below)
        for top, below in zip(channels(colour), channels(ground), strict=True)
    ]
    return "#" + "".join(f"{each:02x}" for each in mixed)


def fills(colours: dict[str, str]) -> list[str]:
    """Return the map's ground bare, and below the hotspot first in rank and the last."""
    said = re.search(r"drawn\.setStyle\(\{ fillOpacity: ([\d.]+) - ([\d.]+) \* share", script())
    assert said is not None
    most, step = float(said[1]), float(said[2])
    ground, accent = colours["ground"], colours["accent"]
    return [ground, over(accent, ground, most - step), over(accent, ground, most)]


def script() -> str:
    return assets.static("page_map.js")


def test_contrast_is_reckoned_as_the_guidelines_do() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert over("#000000", "#ffffff", 0.5) == "#808080"


@pytest.mark.parametrize(("sheet", "scheme"), ALL)
def test_words_stand_out_from_what_they_are_written_on(sheet: str, scheme: str) -> None:
    colours = palette(sheet, scheme)
    grounds = {
        name: colours[name] for name in ("paper", "band", "warn-band", "hover") if name in colours
    }
    for word, (name, ground) in product(("ink", "soft", "accent"), grounds.items()):
        assert contrast(colours[word], ground) >= WORDS, (word, name)
    ink = colours.get("accent-ink", colours["paper"])
    assert contrast(ink, colours["accent"]) >= WORDS


@pytest.mark.parametrize(("sheet", "scheme"), ALL)
def test_controls_focus_and_charts_stand_out_from_the_page(sheet: str, scheme: str) -> None:
    colours = palette(sheet, scheme)
    for name, ground in product(("edge", "warn", "mark"), ("paper", "band", "ground")):
        assert contrast(colours[name], colours[ground]) >= MARKS, (name, ground)
    for name in {"pale", "before"} & colours.keys():
        assert contrast(colours[name], colours["paper"]) >= MARKS, name


@pytest.mark.parametrize("scheme", SCHEMES)
def test_marks_stand_out_from_the_map_and_from_every_hotspot(scheme: str) -> None:
    colours = palette("page", scheme)
    for name, ground in product(("spot", "lamp", "unlit", "ink", "mark"), fills(colours)):
        assert contrast(colours[name], ground) >= MARKS, (name, ground)
    for ground in fills(colours):
        assert contrast(colours["ink"], ground) >= WORDS
        assert contrast(colours["accent"], ground) >= MARKS
    for name in ("road", "edge-soft"):
        assert contrast(colours["spot"], colours[name]) >= MARKS


@pytest.mark.parametrize("scheme", SCHEMES)
def test_marks_of_a_sheet_stand_out_from_its_map(scheme: str) -> None:
    colours = palette("site", scheme)
    ground = colours["ground"]
    inside = over(colours["mark"], over(colours["accent"], ground, 0.06), 0.12)
    for name, below in product(("spot", "lamp", "ink", "accent", "mark"), (ground, inside)):
        assert contrast(colours[name], below) >= MARKS, (name, below)


def test_no_mark_is_thinner_than_its_colour_says() -> None:
    style = assets.static("page.css")
    for name in ("lamp", "dark-line", "spot", "mark", "done"):
        rule = re.search(rf"^\.{name} \{{(.*?)\}}", style, re.MULTILINE)
        assert rule is not None
        opacities = re.findall(r"(?:stroke|fill)-opacity: ([\d.]+)", rule[1])
        assert opacities
        assert set(opacities) == {"1"}, name
