from __future__ import annotations

import dataclasses
import re

import pytest

from hotspots.publish.ward_messages import TELL, WardFacts, message
from hotspots.schema import ASB

FACTS = WardFacts(
    "Mill Ward", "January to March 2024", "January to March 2023", "as many",
    is_quiet=False, kinds=("Burglary", ASB, "Drugs"), part="north",
)  # fmt: skip


def test_a_message_is_calm_and_says_what_helps_and_whom_to_tell() -> None:
    said = message(FACTS)
    assert said.startswith("Mill Ward, January to March 2024: About as many incidents")
    assert "Reported most: burglary and anti-social behaviour." in said
    assert "in the north of the ward" in said
    assert "What helps: locking doors" in said
    assert said.endswith(TELL)


def test_a_message_holds_no_number_but_of_years_and_telephones() -> None:
    numbers = re.findall(r"\d+", message(FACTS).removesuffix(TELL))
    assert set(numbers) == {"2023", "2024"}


@pytest.mark.parametrize(
    ("change", "words"),
    [("more", "More incidents"), ("fewer", "Fewer incidents"), (None, "no records of a year")],
)
def test_each_change_has_its_words(change: str | None, words: str) -> None:
    assert words in message(dataclasses.replace(FACTS, change=change))


def test_a_quiet_ward_is_told_no_more_than_that() -> None:
    said = message(dataclasses.replace(FACTS, is_quiet=True))
    assert (
        said
        == f"Mill Ward, January to March 2024: few incidents were reported to the police. {TELL}"
    )


def test_a_ward_without_a_busiest_part_and_a_kind_without_advice() -> None:
    said = message(dataclasses.replace(FACTS, part=None, kinds=("Drugs",)))
    assert "from all over the ward" in said
    assert "What helps" not in said
    assert "Reported most: drugs offences." in said
