from __future__ import annotations

import dataclasses

import publication_builders as builders
import shapely

from hotspots.publish import findings


def test_associations_are_parted_by_their_grade() -> None:
    found = findings.associations(builders.publication())
    assert len(found["associated"]) == len(found["not_established"]) == 2
    assert all("association" in said for said in found["associated"])
    assert all("not established" in said for said in found["not_established"])
    assert found["untested"] == ["Not tested: wattage (not supplied)."]


def test_nothing_supplied_gives_no_association() -> None:
    ready = builders.publication()
    bare = dataclasses.replace(ready, factors=ready.factors.iloc[:0], untested=())
    found = findings.associations(bare)
    assert not found["associated"]
    assert not found["not_established"]


def test_an_intervention_is_told_where_it_lies_and_for_the_whole_area() -> None:
    ready = builders.publication()
    ground = ready.action_areas.geometry.iloc[0]
    everywhere = findings.interventions(ready, None)
    (told,) = everywhere["told"]
    assert told["title"].startswith("Lamps in Mill Street, since ")
    assert told["sentences"][0].startswith("About 40 fewer incidents than expected were reported")
    (chart,) = told["charts"]
    assert "63 fewer than expected" in chart
    assert chart.count("polyline") == 2, "the sum begins anew at the start"
    assert "a difference says that something changed there" in everywhere["caution"]
    assert findings.interventions(ready, ground)["told"] == [told]
    far_away = shapely.box(0, 0, 1, 1)
    assert findings.interventions(ready, far_away) == {"told": [], "caution": ""}
