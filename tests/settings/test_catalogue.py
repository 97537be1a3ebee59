"""The catalogue: every force, its districts, and sources that can be asked."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hotspots import settings
from hotspots.errors import SettingsError
from hotspots.settings import catalogue
from immutable import changeable


def test_the_catalogue_has_the_43_territorial_forces() -> None:
    forces = catalogue.forces()
    assert len(forces) == 43
    assert len({each.code for each in forces}) == 43
    assert sum(not each.is_in_england for each in forces) == 4


@pytest.mark.parametrize("force", catalogue.forces(), ids=lambda force: force.id)
def test_every_force_has_codes_of_the_right_form(force: catalogue.Force) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", force.id)
    assert re.fullmatch(r"E230000\d\d|W1500000\d", force.code)
    district = r"E0[6-9]0000\d\d|E07000\d{3}" if force.is_in_england else r"W060000\d\d"
    assert force.districts
    assert all(re.fullmatch(district, code) for code in force.districts)
    assert all(force.districts.values())
    assert list(force.districts) == sorted(force.districts)


def test_every_district_of_2024_has_one_force() -> None:
    codes = [code for force in catalogue.forces() for code in force.districts]
    assert len(codes) == len(set(codes)) == 318
    kinds = ("E06", "E07", "E08", "E09", "W06")
    assert [sum(code.startswith(kind) for code in codes) for kind in kinds] == [63, 164, 36, 33, 22]


def test_districts_of_lancashire_are_those_of_the_lookup(shared: Path) -> None:
    path = shared / "data" / "boundaries" / "lookup_lad24_csp24_pfa24_lancashire.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    force = catalogue.force("lancashire")
    assert force.districts == {row["ltla24_code"]: row["ltla24_name"] for row in rows}
    assert {row["pfa24_code"] for row in rows} == {force.code}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("lancashire", "lancashire"),
        ("LANCASHIRE CONSTABULARY", "lancashire"),
        ("Devon & Cornwall Police", "devon-and-cornwall"),
        ("devon and cornwall", "devon-and-cornwall"),
        ("Hampshire and Isle of Wight Constabulary", "hampshire"),
        ("the Metropolitan Police", "metropolitan"),
        ("Dyfed_Powys", "dyfed-powys"),
    ],
)
def test_a_force_is_found_by_id_or_name(words: str, found: str) -> None:
    assert catalogue.force(words).id == found


def test_every_force_is_found_by_each_of_its_names() -> None:
    for force in catalogue.forces():
        assert [catalogue.force(name) for name in (force.id, force.area, force.name)] == [force] * 3


@pytest.mark.parametrize("words", ["lancasheer", "lancs"])
def test_an_unknown_force_brings_the_nearest(words: str) -> None:
    with pytest.raises(SettingsError, match="did you mean lancashire"):
        catalogue.force(words)


@pytest.mark.parametrize("words", ["", "????", "police-scotland"])
def test_what_is_no_force_brings_the_list(words: str) -> None:
    with pytest.raises(SettingsError, match="init --list"):
        catalogue.force(words)


def test_greater_manchester_is_there_with_a_warning() -> None:
    assert "July 2019" in catalogue.force("greater-manchester").note


def test_every_source_can_be_asked_and_says_its_licence() -> None:
    for source in catalogue.sources():
        assert urlsplit(source.url).scheme == "https"
        assert urlsplit(source.url).netloc in catalogue.hosts()
        assert "Open Government Licence" in source.licence
        assert source.title
        assert source.publisher
        assert source.page.startswith("https://")
        assert source.columns
        assert catalogue.source(source.id) == source


def test_an_address_is_known_by_its_source() -> None:
    source = catalogue.source("lsoa21")
    assert catalogue.source_of(f"{source.url}/query?where=1%3D1") == source
    assert catalogue.source_of("https://opendata.example.gov.uk/x") is None


def test_sources_of_the_catalogue_cannot_be_changed() -> None:
    assert changeable(settings) == set()


def test_a_long_name_that_is_no_force_is_cut() -> None:
    with pytest.raises(
        SettingsError, match=rf"^'{'x' * 60}': no such force; `hotspots init --list"
    ):
        catalogue.force("x" * 70)


def test_three_forces_that_come_near_are_named() -> None:
    with pytest.raises(SettingsError, match=r"did you mean [a-z-]+ or [a-z-]+ or [a-z-]+\? `hot"):
        catalogue.force("shire")
