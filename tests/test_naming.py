from __future__ import annotations

import pandas as pd

from hotspots import naming


def test_generic_places_and_stations_are_no_streets() -> None:
    texts = pd.Series(
        [
            "On or near Heron Street",
            "On or near Station Road",
            "On or near St John'S Place",
            "On or near Supermarket",
            "On or near Park/Open Space",
            "On or near Park/open Space",
            "On or near ",
            "On or near",
            "On or near Tern Bay Bus Station",
            "Tern Bay (Station)",
        ]
    )
    names = naming.street_names(texts)
    assert names[:3].tolist() == ["Heron Street", "Station Road", "St John's Place"]
    assert names[3:].isna().all()


def _streets(*rows: tuple[int, str | None, int]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["hotspot", "street", "n"])
    return table.astype({"street": "str"})


def test_the_two_most_frequent_streets_name_a_hotspot() -> None:
    streets = _streets((0, "Tern Row", 3), (0, "Gull Lane", 9), (0, "Auk Way", 3), (0, None, 99))
    named = naming.name_hotspots(streets, _streets())
    assert named.loc[0, "streets"] == "Gull Lane / Auk Way"


def test_streets_around_help_only_where_none_is_inside() -> None:
    streets = _streets((0, "Tern Row", 3), (1, None, 5))
    near = _streets((0, "Wrong Street", 50), (1, "Gull Lane", 1))
    named = naming.name_hotspots(streets, near)
    assert named["streets"].to_dict() == {0: "Tern Row", 1: "Gull Lane"}


def test_a_hotspot_without_any_street_has_no_row() -> None:
    assert naming.name_hotspots(_streets((0, None, 5)), _streets()).empty
