"""Write the settings of a force: commented in plain words, ready for a connected machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hotspots.errors import SettingsError, cut
from hotspots.settings import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hotspots.settings.catalogue import Force

_HEAD = """\
# Settings of {area}: {n} district{s}, {name}.
# Lines that begin with # are notes. Change what you need; `hotspots settings show` prints every
# setting in force. Paths count from the folder of this file; a path may be a glob.
"""

_AREA = """
# id is for folder names and hotspot ids, name for the pages; police_force is as in the file names
# of data.police.uk.
[area]
id = {id}
name = {area}
police_force = {id}
"""

_POLICE = """
# Crime records are fetched from data.police.uk: of each archive, only the files of this force.
# An archive holds 36 months; what was fetched stays in data/raw for good, so the history grows.
# Licence line: {licence}
[police_uk]
months = 36 # history to analyse, in months up to the latest
# To use downloads of your own, name them and nothing is fetched:
# files = ["data/raw/*.zip"]
"""

_DISTRICTS = """
# The districts that are analysed and reported on; take out the lines of those you do not want:
# {names}
# Licence line: {licence}
[[boundaries]]
level = "district"
url = {url}
where = \"\"\"
LAD24CD IN (
{codes}
)\"\"\"
code = "LAD24CD"
name = "LAD24NM"
"""

_LSOAS = """
# {title}.
# Crime records carry the codes of 2011 up to May 2023 and those of 2021 after.
# Fetched for the districts above only.
# Licence line: {licence}
[[boundaries]]
level = {level}
url = {url}
code = {code}
name = {name}
"""

_DEPRIVATION = """
# {title}, {page}
# Licence line: {licence}
[deprivation]
url = {url}
# If you have the file already: file = "data/raw/File_7.csv" in place of url
"""

_NO_DEPRIVATION = """
# Deprivation: only the English indices can be read, so there is none for Wales.
"""

_COUNCIL = """
# Street lights: there is no national list. Ask the lighting authority (the county or unitary
# council) or look at its open data page, and see what a file is with `hotspots check FILE`, which
# prints the lines to paste here. One entry for each lighting authority, by file or by url:
# [[lighting]]
# authority = "Anytown County Council"
# file = "data/raw/anytown_lights.csv"
# licence = "Anytown County Council, Open Government Licence v3.0"
#
# [[lighting]]
# authority = "Othertown Borough Council"
# url = "https://opendata.example.gov.uk/lights.csv"
# licence = "Othertown Borough Council, Open Government Licence v3.0"
# is_whole = true # only if the list really has exactly 1,000 or 2,000 rows

# Places of one kind: pubs, shops, schools, stations. One entry for each list:
# [[places]]
# kind = "pub"
# file = "data/raw/pubs.csv"
# licence = "© OpenStreetMap contributors (ODbL)"

# What was done in answer to crime, drawn and counted but never tested for what goes with crime:
# [[places]]
# kind = "Neighbourhood Watch"
# file = "data/raw/watch_schemes.csv"
# licence = "Anytown Community Safety Partnership"
# is_response = true

# Streets as lines, such as OS Open Roads: street metres, and the longest gaps between lights:
# [[streets]]
# file = "data/raw/roads.gpkg"
# licence = "Contains OS data © Crown copyright and database right"

# What people noted on visits, a kind and a place for each; free text is not kept:
# [[field_observations]]
# file = "data/raw/observations.csv"
# source = "Street audit team"
"""

_FETCH = """
[fetch]
layers_every_days = 30 # how often boundaries, deprivation and lists by url are asked for changes
# Some councils hand a download on to another host. A refused redirect names it; allow it here:
# hosts = ["opendata-files.example.gov.uk"]

# To be told when a refresh fails, data grows old or a source is down; e-mail and webhooks too:
# [notify]
# file = "data/notifications.jsonl"
"""

SIMULATIONS_OF_MANY = 199
"""Simulated maps for each set where many forces are refreshed together (decision 7)."""

_OF_MANY = f"""
# With the default of 999 a whole country takes about half as long again. Labels of a few hotspots
# near a threshold may differ; take these lines out where one force matters more to you.
[clustering]
simulations = {SIMULATIONS_OF_MANY}
"""


def settings_text(force: Force, *, is_one_of_many: bool = False) -> str:
    """
    Write the settings of a force as text.

    Parameters
    ----------
    force : Force
        From the catalogue.
    is_one_of_many : bool
        Whether it is refreshed together with many others, so that time counts more.

    Returns
    -------
    str
        TOML with notes for the analyst; it loads as it stands.
    """
    return "".join(
        [
            _head(force),
            _AREA.format(id=_quoted(force.id), area=_quoted(force.area)),
            _POLICE.format(licence=catalogue.source("police-uk").licence),
            _districts(force),
            _lsoas("lsoa21"),
            _lsoas("lsoa11"),
            _deprivation() if force.is_in_england else _NO_DEPRIVATION,
            _COUNCIL,
            _FETCH,
            _OF_MANY if is_one_of_many else "",
        ]
    )


def write_settings(
    force: Force, path: Path, *, replace: bool = False, is_one_of_many: bool = False
) -> None:
    """
    Write the settings file of a force.

    Parameters
    ----------
    force : Force
    path : Path
        Folders that are missing are made.
    replace : bool
        Whether a file that is there may be replaced.
    is_one_of_many : bool
        As for ``settings_text``.

    Raises
    ------
    SettingsError
        If the file is there already, or cannot be written.
    """
    if path.exists() and not replace:
        msg = (
            f"{path}: there is a settings file already; name another with --settings or --out, or "
            "replace it with --force."
        )
        raise SettingsError(msg)
    draft = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = settings_text(force, is_one_of_many=is_one_of_many)
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}); choose another folder with --out."
        raise SettingsError(msg) from error


def write_many(forces: Iterable[Force], folder: Path, *, replace: bool = False) -> list[Path]:
    """
    Write a settings file for each of many forces into one folder, all of them or none.

    Parameters
    ----------
    forces : iterable of Force
    folder : Path
        Each file is ``<id>.toml``; what is fetched for them is shared, in ``data/raw``.
    replace : bool
        Whether files that are there may be replaced.

    Returns
    -------
    list of Path
        The files, by name.

    Raises
    ------
    SettingsError
        If a file is there already, or cannot be written.
    """
    paths = {folder / f"{force.id}.toml": force for force in forces}
    there = sorted(path.name for path in paths if path.exists())
    if there and not replace:
        msg = (
            f"{folder}: there are settings files already ({cut(', '.join(there), 60)}); choose "
            "another folder, or replace them with --force."
        )
        raise SettingsError(msg)
    for path, force in paths.items():
        write_settings(force, path, replace=replace, is_one_of_many=True)
    return sorted(paths)


def _head(force: Force) -> str:
    n = len(force.districts)
    head = _HEAD.format(area=force.area, n=n, s="" if n == 1 else "s", name=force.name)
    return head + (f"#\n# Note: {force.note}\n" if force.note else "")


def _districts(force: Force) -> str:
    source = catalogue.source("districts")
    return _DISTRICTS.format(
        licence=source.licence,
        url=_quoted(source.url),
        codes="\n".join(f"'{code}'," for code in force.districts),
        names="\n# ".join(f"{code} {name}" for code, name in force.districts.items()),
    )


def _lsoas(level: str) -> str:
    source = catalogue.source(level)
    code, name = source.columns
    return _LSOAS.format(
        title=source.title,
        licence=source.licence,
        level=_quoted(level),
        url=_quoted(source.url),
        code=_quoted(code),
        name=_quoted(name),
    )


def _deprivation() -> str:
    source = catalogue.source("deprivation")
    return _DEPRIVATION.format(
        title=source.title, page=source.page, licence=source.licence, url=_quoted(source.url)
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
