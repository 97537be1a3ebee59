"""The settings file: what is accepted, what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hotspots import schema, settings
from hotspots.errors import DataMissingError, SettingsError

if TYPE_CHECKING:
    from pydantic import BaseModel

SHARED = Path(__file__).resolve().parents[2] / "shared" / "settings"

SMALL = """
[area]
id = "anytown"
name = "Anytown"

[[boundaries]]
level = "district"
file = "districts.geojson"
code = "code"
name = "name"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "hotspots.toml"
    path.write_bytes(text.encode())
    return path


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings.load(written(folder, text))
    return str(caught.value)


@pytest.mark.parametrize("area", ["lancashire", "barnet"])
def test_reference_settings_load_as_they_stand(area: str) -> None:
    path = SHARED / f"{area}.toml"
    if not path.exists():
        pytest.skip(f"needs {path.name} of the reference settings, kept beside the checkout")
    found = settings.load(path)
    assert found.area.id == area
    assert {boundary.level for boundary in found.boundaries} >= {"district", "lsoa21"}
    for boundary in found.boundaries:
        assert settings.expand(settings.local_pattern(boundary))[0].is_absolute()
    assert settings.police_files(found)


def test_defaults_are_those_of_the_method(tmp_path: Path) -> None:
    found = settings.load(written(tmp_path, SMALL))
    assert found.police_uk.months == 36
    assert found.clustering.model_dump() == {
        "method": "excess-mass",
        "area_budget_share": 0.001,
        "allow_any_eps": False,
        "eps_m": 100.0,
        "min_incidents": 10,
        "max_width_m": 400.0,
        "max_area_m2": 250_000.0,
        "min_year_incidents": 300,
        "most_hotspots": None,
        "exposure": None,
        "simulations": 999,
    }
    assert found.crime_groups == settings.CRIME_GROUPS
    assert found.publish.stale_after_days == 90
    assert (found.deprivation, found.lighting, found.places) == (None, (), ())


def test_default_groups_hold_known_types_once() -> None:
    types = [name for group in settings.CRIME_GROUPS.values() for name in group]
    assert len(types) == len(set(types))
    assert set(types) <= set(schema.CRIME_TYPES)


def test_settings_cannot_be_changed_after_loading(tmp_path: Path) -> None:
    found = settings.load(written(tmp_path, SMALL))
    with pytest.raises(ValueError, match="frozen"):
        found.clustering.eps_m = 50.0


def test_every_field_says_what_it_is() -> None:
    sections: list[type[BaseModel]] = [
        settings.Settings, settings.Area, settings.PoliceUk, settings.Boundary,
        settings.Deprivation, settings.Lighting, settings.Places, settings.Clustering,
        settings.Publish, settings.Fetch, settings.Layer,
    ]  # fmt: skip
    silent = [
        f"{section.__name__}.{name}"
        for section in sections
        for name, field in section.model_fields.items()
        if not field.description
    ]
    assert not silent


# Paths


def test_paths_are_relative_to_the_settings_file(tmp_path: Path) -> None:
    folder = tmp_path / "settings"
    folder.mkdir()
    text = SMALL.replace("districts.geojson", "../data/./districts.geojson")
    found = settings.load(written(folder, text))
    assert found.boundaries[0].file == str(tmp_path / "data" / "districts.geojson")


def test_absolute_paths_stay(tmp_path: Path) -> None:
    elsewhere = (tmp_path / "elsewhere.gpkg").as_posix()
    found = settings.load(written(tmp_path, SMALL.replace("districts.geojson", elsewhere)))
    assert Path(settings.local_pattern(found.boundaries[0])) == Path(elsewhere)


def test_globs_work_below_a_folder_with_glob_characters(tmp_path: Path) -> None:
    folder = tmp_path / "county [new]"
    (folder / "raw").mkdir(parents=True)
    for name in ("b.zip", "a.zip", "c.txt"):
        (folder / "raw" / name).touch()
    text = SMALL + '[police_uk]\nfiles = ["raw/*.zip", "raw/a.zip"]\n'
    found = settings.load(written(folder, text))
    assert settings.police_files(found) == [folder / "raw" / name for name in ("a.zip", "b.zip")]


def test_expand_reaches_into_folders_and_takes_a_folder_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "raw" / "2025-01").mkdir(parents=True)
    (tmp_path / "raw" / "2025-01" / "x.csv").touch()
    assert settings.expand(str(tmp_path / "**" / "*.csv")) == [
        tmp_path / "raw" / "2025-01" / "x.csv"
    ]
    assert settings.expand(str(tmp_path / "raw")) == [tmp_path / "raw"]


@pytest.mark.parametrize("pattern", ["*.zip", "archive.zip"])
def test_expand_names_what_it_does_not_find(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(DataMissingError) as caught:
        settings.expand(str(tmp_path / pattern))
    assert str(tmp_path / pattern) in str(caught.value)


def test_crime_files_that_are_not_named_are_fetched(tmp_path: Path) -> None:
    found = settings.load(written(tmp_path, SMALL))
    assert settings.police_files(found) == []
    assert found.police_uk.source == "archive"
    assert found.police_uk.url == "https://data.police.uk"


# Layers by address

URL = "https://opendata.example.gov.uk/layers/FeatureServer/0"
FETCHED = SMALL.replace('file = "districts.geojson"', f'url = "{URL}"')


def test_a_layer_may_be_fetched_from_an_address(tmp_path: Path) -> None:
    text = FETCHED + "where = \"code = 'E07999001'\"\n[fetch]\nlayers_every_days = 0\n"
    found = settings.load(written(tmp_path, text))
    (layer,) = found.boundaries
    assert (layer.file, layer.url, layer.where) == (None, URL, "code = 'E07999001'")
    assert found.fetch.layers_every_days == 0
    with pytest.raises(DataMissingError, match="run `hotspots refresh`") as caught:
        settings.local_pattern(layer)
    assert URL in str(caught.value)


def test_a_query_may_go_over_lines_and_end_its_list_with_a_comma(tmp_path: Path) -> None:
    text = FETCHED + 'where = """\ncode IN (\n\'a  b\',\n\'c\',\n)"""\n'
    assert settings.load(written(tmp_path, text)).boundaries[0].where == "code IN ( 'a  b', 'c')"


def test_a_list_may_be_said_to_be_whole(tmp_path: Path) -> None:
    text = SMALL + '[[places]]\nkind = "pub"\nfile = "a.csv"\nlicence = "x"\nis_whole = true\n'
    assert settings.load(written(tmp_path, text)).places[0].is_whole


def test_hosts_allowed_are_those_of_the_catalogue_and_of_the_settings(tmp_path: Path) -> None:
    text = FETCHED + '[police_uk]\nurl = "http://127.0.0.1:81/"\n[fetch]\nhosts = ["a.example"]\n'
    found = settings.load(written(tmp_path, text))
    assert found.police_uk.url == "http://127.0.0.1:81"
    assert settings.allowed_hosts(found) == settings.catalogue.hosts() | {
        "opendata.example.gov.uk", "127.0.0.1:81", "a.example",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://opendata.example.gov.uk/x", "begins with https://"),
        ("ftp://opendata.example.gov.uk/x", "begins with https://"),
        ("file:///etc/passwd", "a whole address"),
        ("opendata.example.gov.uk/x", "a whole address"),
        ("https:///x", "a whole address"),
        ("https://a.example:port/x", "a whole address"),
        ("https://[::1/x", "a whole address"),
        ("https://a.example/a b", "a whole address"),
        ("https://a.example/a\\u0007", "a whole address"),
        ("https://a.example\\\\@b.example/", "a whole address"),
        ("https://me:secret@a.example/x", "no user name or password"),
        ("http://127.0.0.1.example/x", "begins with https://"),
        ("", "expected text that is not empty"),
    ],
)
def test_addresses_that_are_not_safe_are_refused(tmp_path: Path, url: str, words: str) -> None:
    said = refusal(tmp_path, FETCHED.replace(URL, url))
    assert "line 8: [[boundaries]] entry 1, url" in said
    assert words in said


@pytest.mark.parametrize("url", ["http://localhost:8000/x", "http://127.0.0.1/x", "http://[::1]/x"])
def test_this_machine_may_be_asked_without_encryption(tmp_path: Path, url: str) -> None:
    assert settings.load(written(tmp_path, FETCHED.replace(URL, url))).boundaries[0].url == url


# Refusals


def test_unknown_keys_are_refused_with_the_nearest_known(tmp_path: Path) -> None:
    said = refusal(tmp_path, SMALL + "[clustering]\nepsm = 100\n")
    assert said.startswith(f"{tmp_path / 'hotspots.toml'}: line 12: [clustering] epsm is unknown")
    assert 'did you mean "eps_m"?' in said


def test_unknown_sections_are_refused_with_the_nearest_known(tmp_path: Path) -> None:
    said = refusal(tmp_path, SMALL + "[Lighting_]\n")
    assert 'line 11: [Lighting_] is unknown; did you mean "lighting"?' in said


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    said = refusal(
        tmp_path,
        SMALL.replace('"anytown"', '"Any Town"')
        + '[clustering]\nmin_incidents = "10"\n[police_uk]\nmonths = 6\n[publish]\nx = 1\n',
    )
    assert said.splitlines()[0].endswith("hotspots.toml: 4 faults")
    assert 'line 3: [area] id: found "Any Town"; not allowed' in said
    assert 'line 12: [clustering] min_incidents: found "10"; expected a whole number' in said
    assert "line 14: [police_uk] months: found 6; expected at least 12 and at most 240" in said
    assert "line 16: [publish] x is unknown" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "[area] is missing"),
        (SMALL.replace('name = "Anytown"\n', ""), 'add for example name = "Lancashire"'),
        (SMALL.replace('"district"', '"ward"'), 'none has level = "district"'),
        (SMALL.replace('"district"', '"town"'), "expected 'district', 'ward', 'lsoa11'"),
        (SMALL.replace('code = "code"\n', ""), "line 6: [[boundaries]] entry 1, code is missing"),
        (SMALL.replace("[[boundaries]]", "[boundaries]"), "expected [[boundaries]], in double"),
        (SMALL.replace("[area]", "[[area]]"), "expected one section [area], in single brackets"),
        (SMALL + "[police_uk]\nmonths = 241\n", "found 241; expected at least 12 and at most 240"),
        (SMALL + "[police_uk]\nmonths = 12.5\n", "found 12.5; expected a whole number"),
        (SMALL + '[police_uk]\nfiles = "a.zip"\n', "expected a list in [brackets]"),
        (SMALL + "[police_uk]\nfiles = [1]\n", "files item 1: found 1; expected text in quotes"),
        (SMALL + "[clustering]\neps_m = 126\n", "set allow_any_eps = true"),
        (SMALL + "[clustering]\neps_m = 39.9\n", "expected 40 to 125 metres"),
        (SMALL + "[clustering]\neps_m = nan\n", "expected a finite number"),
        (SMALL + "[clustering]\narea_budget_share = 0\n", "expected above 0 and at most 0.05"),
        (SMALL + '[clustering]\nmethod = "kmeans"\n', "expected 'excess-mass' or 'dbscan'"),
        (SMALL + "[crime_groups]\nempty = []\n", 'group "empty" holds no crime type'),
        (SMALL + '[crime_groups]\nx = ["Burglry"]\n', 'did you mean "Burglary"?'),
        (SMALL + '[crime_groups]\nx = ["Drugs", "Drugs"]\n', 'names "Drugs" 2 times'),
        (SMALL + '[crime_groups]\nburglary = ["Drugs"]\n', 'is taken by "Burglary"'),
        (SMALL + '[crime_groups]\n"all crime and ASB" = ["Drugs"]\n', "is taken by"),
        (SMALL + '[crime_groups]\na = ["Drugs"]\nA = ["Robbery"]\n', '"A" is taken by "a"'),
        (SMALL + '[crime_groups]\n" " = ["Drugs"]\n', "give it a printable name"),
        (
            SMALL + "[crime_groups]\n" + "".join(f'g{n} = ["Drugs"]\n' for n in range(101)),
            "there are 101 groups; name at most 100",
        ),
        (
            SMALL + '[clustering]\nexposure = "home"\n',
            "'home' is no kind of [[places]] (known: none",
        ),
        (SMALL + "[area]\n", "not valid TOML: Cannot declare"),
        (SMALL + 'x = "C:\\Data"\n', "forward slashes"),
        (SMALL.replace("districts", "C:\\raw"), "line 8: [[boundaries]] entry 1, file: found"),
        (SMALL + "x = \n", "line 11"),
        (FETCHED + 'file = "a.gpkg"\n', "line 6: [[boundaries]] entry 1: names both a file and"),
        (
            SMALL.replace('file = "districts.geojson"\n', ""),
            'entry 1: names neither a file nor a url; give one: file = "data/raw/districts.gpkg"',
        ),
        (SMALL + "[deprivation]\n", "line 11: [deprivation]: names neither a file nor a url"),
        (SMALL + 'where = "1=1"\n', 'where: found "1=1"; only an address can be asked'),
        (SMALL + '[police_uk]\nsource = "web"\n', "expected 'archive' or 'api'"),
        (SMALL + '[fetch]\nhosts = ["https://a.example"]\n', "the name of a host alone"),
        (SMALL + "[fetch]\nlayers_every_days = -1\n", "expected at least 0 and at most 365"),
    ],
)
def test_refusals_say_what_was_found_and_what_to_do(tmp_path: Path, text: str, words: str) -> None:
    assert words in refusal(tmp_path, text)


@pytest.mark.parametrize("eps_m", ["40", "125", "99.5"])
def test_bounds_of_eps_are_inclusive(tmp_path: Path, eps_m: str) -> None:
    found = settings.load(written(tmp_path, SMALL + f"[clustering]\neps_m = {eps_m}\n"))
    assert found.clustering.eps_m == float(eps_m)


@pytest.mark.parametrize(
    ("section", "key", "low", "high"),
    [
        ("police_uk", "months", 12, 240),
        ("police_uk", "publications", 1, 100),
        ("clustering", "min_incidents", 1, None),
        ("clustering", "max_width_m", 100, 5_000),
        ("clustering", "max_area_m2", 10_000, 10_000_000),
        ("clustering", "min_year_incidents", 1, None),
        ("clustering", "most_hotspots", 1, None),
        ("clustering", "simulations", 99, 9_999),
        ("publish", "stale_after_days", 1, 3_650),
        ("fetch", "layers_every_days", 0, 365),
    ],
)
def test_bounds_of_numbers_are_inclusive(
    tmp_path: Path, section: str, key: str, low: int, high: int | None
) -> None:
    for good in (each for each in (low, high) if each is not None):
        found = settings.load(written(tmp_path, f"{SMALL}\n[{section}]\n{key} = {good}\n"))
        assert getattr(getattr(found, section), key) == good
    for bad in (low - 1, *([] if high is None else [high + 1])):
        assert key in refusal(tmp_path, f"{SMALL}\n[{section}]\n{key} = {bad}\n")


def test_the_short_name_of_an_area_has_forty_letters_at_most(tmp_path: Path) -> None:
    longest = "a" * 40
    found = settings.load(written(tmp_path, SMALL.replace("anytown", longest)))
    assert found.area.id == longest
    assert "id" in refusal(tmp_path, SMALL.replace("anytown", longest + "a"))


def test_a_radius_is_more_than_nothing_even_on_purpose(tmp_path: Path) -> None:
    any_eps = f"{SMALL}\n[clustering]\nallow_any_eps = true\neps_m = "
    for radius_m in (0.5, 1_000):
        found = settings.load(written(tmp_path, f"{any_eps}{radius_m}\n"))
        assert found.clustering.eps_m == radius_m
    for radius_m in (0, 1_001):
        assert "eps_m" in refusal(tmp_path, f"{any_eps}{radius_m}\n")


def test_hotspots_cover_a_twentieth_of_the_area_at_most(tmp_path: Path) -> None:
    text = SMALL + "[clustering]\narea_budget_share = "
    assert settings.load(written(tmp_path, text + "0.05\n")).clustering.area_budget_share == 0.05
    assert "area_budget_share" in refusal(tmp_path, text + "0.051\n")


def test_an_address_has_two_thousand_letters_at_most(tmp_path: Path) -> None:
    for n_letters, is_read in ((2_000, True), (2_001, False)):
        url = URL + "?" + "x" * (n_letters - len(URL) - 1)
        text = FETCHED.replace(URL, url)
        if is_read:
            assert settings.load(written(tmp_path, text)).boundaries[0].url == url
        else:
            assert "url" in refusal(tmp_path, text)


def test_a_group_may_hold_any_types_once_each(tmp_path: Path) -> None:
    found = settings.load(written(tmp_path, SMALL + '[crime_groups]\nx = ["Drugs", "Robbery"]\n'))
    assert found.crime_groups == {"x": ("Drugs", "Robbery")}


def test_nothing_is_said_to_be_whole_that_the_settings_do_not_say() -> None:
    layers = (settings.Boundary, settings.Lighting, settings.Places)
    assert [layer.model_fields["is_whole"].default for layer in layers] == [False] * 3


def test_any_eps_may_be_had_on_purpose(tmp_path: Path) -> None:
    # The order in the file must not matter.
    text = SMALL + "[clustering]\neps_m = 150\nallow_any_eps = true\n"
    assert settings.load(written(tmp_path, text)).clustering.eps_m == 150


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no such settings file"):
        settings.load(tmp_path / "none.toml")


def test_a_folder_is_not_a_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        settings.load(tmp_path)


def test_text_must_be_utf8_and_may_begin_with_a_mark(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeff" + SMALL.replace("\n", "\r\n").replace("Anytown", "Môn"))
    assert settings.load(path).area.name == "Môn"
    path.write_bytes(path.read_text("utf-8-sig").encode("cp1252"))
    with pytest.raises(SettingsError, match="is not UTF-8"):
        settings.load(path)


# Where a value came from


def test_explain_says_where_each_value_came_from(tmp_path: Path) -> None:
    text = (
        SMALL
        + """
[[boundaries]]
level = "ward"
file = "wards.geojson"
code = "code"
name = "name"
[police_uk]
files = [    # goes on
  "a.zip",
  "b.zip",
]
months = 24
[[lighting]]
authority = "Anytown Borough Council"
file = "lights.csv"
licence = "OGL"
columns = { lamp_id = "unit" }
[publish]
"""
    )
    found = {o.key: o for o in settings.explain(written(tmp_path, text))}
    assert found["area.id"] == ("area.id", "anytown", "hotspots.toml line 3")
    assert found["boundaries.1.level"].source == "hotspots.toml line 7"
    assert found["boundaries.2.level"] == ("boundaries.2.level", "ward", "hotspots.toml line 13")
    assert found["police_uk.files"].value == [str(tmp_path / "a.zip"), str(tmp_path / "b.zip")]
    assert found["police_uk.files"].source == "hotspots.toml line 18"
    assert found["police_uk.months"].source == "hotspots.toml line 22"
    assert found["lighting.1.columns.lamp_id"].source == "hotspots.toml line 27"
    assert found["publish.stale_after_days"].source == "default"
    assert found["area.police_force"] == ("area.police_force", None, "default")
    assert found["crime_groups.people"].source == "default"


def test_explain_knows_entries_written_in_one_line(tmp_path: Path) -> None:
    text = SMALL.split("[[", maxsplit=1)[0] + 'police_force = "anytown"\n'
    inline = 'boundaries = [{level="district", file="d.gpkg", code="c", name="n"}]\n'
    found = {o.key: o for o in settings.explain(written(tmp_path, inline + text))}
    assert found["boundaries.1.level"].source == "hotspots.toml line 1"
    assert found["area.police_force"].source == "hotspots.toml line 7"


@pytest.mark.parametrize("n_faults", [12, 13, 14])
def test_twelve_faults_are_listed_and_the_others_counted(tmp_path: Path, n_faults: int) -> None:
    text = SMALL + "[publish]\n" + "".join(f"x{n} = 1\n" for n in range(n_faults))
    said = refusal(tmp_path, text).splitlines()
    assert said[0].endswith(f": {n_faults} faults")
    assert sum("is unknown" in line for line in said) == 12
    assert said[13:] == ([f"  and {n_faults - 12} more"] if n_faults > 12 else [])


def test_long_keys_and_values_are_cut(tmp_path: Path) -> None:
    long = "x" * 90
    assert f"[publish] {'x' * 80} is unknown" in refusal(
        tmp_path, SMALL + f"[publish]\n{long} = 1\n"
    )
    said = refusal(tmp_path, SMALL + f'[publish]\nstale_after_days = "{long}"\n')
    assert f'found "{"x" * 79}; expected a whole number' in said


def test_two_faults_are_told_by_entry_and_item(tmp_path: Path) -> None:
    text = SMALL + '[[places]]\nkind = "a"\nfile = "a"\nlicence = "a"\ncolumns = ["a", 1, "b", 2]\n'
    said = refusal(tmp_path, text)
    assert "line 15: [[places]] entry 1, columns item 2: found 1; expected text" in said
    assert "[[places]] entry 1, columns item 4: found 2" in said


def test_a_number_may_be_above_or_at_a_bound(tmp_path: Path) -> None:
    said = refusal(tmp_path, SMALL + "[clustering]\neps_m = 0\n")
    assert "expected above 0 and at most 1000" in said
    said = refusal(tmp_path, SMALL + "[clustering]\nmin_incidents = 0\n")
    assert "expected at least 1 (" in said


def test_a_ring_is_fifty_metres_to_two_kilometres_wide(tmp_path: Path) -> None:
    text = SMALL + '[interventions]\nfile = "a.csv"\n'
    told = settings.load(written(tmp_path, text)).interventions
    assert told is not None
    assert told.ring_m == 300
    for width_m, is_taken in ((50, True), (2_000, True), (49, False), (2_001, False)):
        ringed = f"{text}ring_m = {width_m}\n"
        if is_taken:
            found = settings.load(written(tmp_path, ringed)).interventions
            assert found is not None
            assert found.ring_m == width_m
        else:
            assert "ring_m" in refusal(tmp_path, ringed)
