"""The lines to paste: what is sure stands as it is, what is likely says so."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from hotspots.pipeline import paste
from hotspots.pipeline.likely import AreaColumns

PATH = Path('raw/areas "new".gpkg')


def test_the_first_areas_are_a_block_and_the_coarser_ones_a_comment() -> None:
    wards = AreaColumns("ward", "WD24CD", "WD24NM", 40, "recognised")
    districts = AreaColumns("district", "LAD", "LADNM", 1_200, "likely")
    lines = [*paste.boundaries(PATH, [wards, districts])]
    block = tomllib.loads("\n".join(lines))["boundaries"]
    assert block == [{"level": "ward", "file": PATH.as_posix(), "code": "WD24CD", "name": "WD24NM"}]
    assert lines[5] == "# or, dissolved from the same file into 1,200:"
    assert lines[6] == "# [[boundaries]]"
    assert lines[7] == '# level = "district"      # likely: make sure'
    assert all(line.startswith("# ") for line in lines[5:])
    assert not any("make sure" in line for line in lines[:5])


def test_records_name_the_forces_they_are_of() -> None:
    assert len([*paste.police(PATH, [])]) == 2
    lines = [*paste.police(PATH, ["kent", "essex"])]
    assert lines[2] == '# under [area]: police_force = "kent" or "essex"'


@pytest.mark.parametrize("is_whole", [False, True])
def test_a_list_that_is_whole_says_so(*, is_whole: bool) -> None:
    lamps = tomllib.loads("\n".join(paste.lighting(PATH, is_whole=is_whole)))["lighting"][0]
    pubs = tomllib.loads("\n".join(paste.places(PATH, ["a"], is_whole=is_whole)))["places"][0]
    assert lamps.get("is_whole", False) is pubs.get("is_whole", False) is is_whole
    assert pubs["columns"] == ["a"]
    bare = tomllib.loads("\n".join(paste.places(PATH, None)))["places"][0]
    assert "columns" not in bare
    assert "is_whole" not in tomllib.loads("\n".join(paste.lighting(PATH)))["lighting"][0]
