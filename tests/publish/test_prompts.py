"""Questions for the visit: few, apt, worded as questions."""

from __future__ import annotations

from collections import Counter

from hotspots.explain import family
from hotspots.publish.prompts import MOST, MOST_OF_ONE, PROMPTS, prompts_for
from hotspots.schema import CRIME_TYPES

HEADINGS = (
    "Access and movement", "Surveillance", "Lighting", "Ownership", "Maintenance",
    "Physical security",
)  # fmt: skip


def test_every_heading_has_three_to_five_questions() -> None:
    number = Counter(prompt.heading for prompt in PROMPTS)
    assert tuple(number) == HEADINGS
    assert all(3 <= n <= 5 for n in number.values())
    assert all(prompt.question.endswith("?") for prompt in PROMPTS)
    assert len({prompt.question for prompt in PROMPTS}) == len(PROMPTS)


def test_questions_are_for_types_and_measures_that_exist() -> None:
    assert {kind for prompt in PROMPTS for kind in prompt.types} <= set(CRIME_TYPES)
    known = {"light", "gap", "faults", "regime", "lamps", "street"}
    about = {each for prompt in PROMPTS for each in prompt.about if not each.startswith("near ")}
    assert about <= known
    assert family("nearest_pub_m") == "near pub"


def test_a_place_gets_few_questions_under_several_headings() -> None:
    for types in ((), ("Burglary",), tuple(CRIME_TYPES)):
        for unusual in ((), ("dark_share", "faulty_share", "nearest_pub_m")):
            found = prompts_for(types, unusual)
            assert 3 <= len(found) <= MOST
            assert max(Counter(heading for heading, _ in found).values()) <= MOST_OF_ONE
            order = [HEADINGS.index(heading) for heading, _ in found]
            assert order == sorted(order)


def test_what_is_asked_follows_the_crime_and_what_is_unusual() -> None:
    burglary = [question for _, question in prompts_for(["Burglary"], [])]
    assert any("rear of the homes" in question for question in burglary)
    cycles = [question for _, question in prompts_for(["Bicycle theft"], [])]
    assert any("a frame and a wheel" in question for question in cycles)
    assert not any("goods of value" in question for question in cycles)
    faults = [question for _, question in prompts_for(["Other crime"], ["faulty_share"])]
    assert any("Which lamps are out" in question for question in faults)
