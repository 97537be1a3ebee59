from __future__ import annotations

import numpy as np
import pytest

import builders
from hotspots import crs
from hotspots.errors import CRSError


def test_projection_agrees_with_a_known_place() -> None:
    # The false origin of the grid lies at 49 N, 2 W, 400 km west and -100 km north of itself.
    xy = crs.lonlat_to_bng(np.array([-2.0]), np.array([49.766809]))
    assert xy[0, 0] == pytest.approx(400_000, abs=150)


def test_there_and_back() -> None:
    points = builders.points_table(builders.street_points(20, seed=1))
    back = crs.to_bng(crs.to_display(points))
    assert back.distance(points).max() < 0.01


def test_shapes_alone_are_projected_as_a_table_is() -> None:
    points = builders.points_table(builders.street_points(20, seed=1))
    shapes = points.geometry.to_numpy()
    found = crs.shapes_to_display(shapes)
    assert (found == crs.to_display(points).geometry.to_numpy()).all()
    assert (shapes == points.geometry.to_numpy()).all()
    assert len(crs.shapes_to_display(shapes[:0])) == 0


def test_a_table_without_a_system_is_refused() -> None:
    points = builders.points_table(builders.street_points(2, seed=1)).set_crs(
        None, allow_override=True
    )
    with pytest.raises(CRSError, match="no coordinate reference system"):
        crs.to_bng(points)
    with pytest.raises(CRSError, match="lamps: expected EPSG:27700, got none"):
        crs.require_bng(points, "lamps")
