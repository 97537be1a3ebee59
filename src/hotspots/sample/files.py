"""Write files so that the same content always gives the same bytes."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_DATE = (2024, 4, 1, 0, 0, 0)
_UNIX = 3


def write_zip(path: Path, members: Mapping[str, bytes]) -> None:
    """Write ``members`` (name to content) in name order, every one dated alike."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, _DATE)
            # Otherwise the archive would say which system made it.
            entry.create_system = _UNIX
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, members[name])


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with the line ends it has, on every system."""
    path.write_bytes(text.encode())


def csv_bytes(table: pd.DataFrame, *, line_end: str = "\n", tab: bool = False) -> bytes:
    """Return ``table`` as CSV, or tab separated without a header; missing values are empty."""
    text = table.to_csv(
        index=False, lineterminator=line_end, sep="\t" if tab else ",", header=not tab
    )
    return text.encode()


def write_geojson(path: Path, name: str, table: pd.DataFrame, shapes: NDArray[np.object_]) -> None:
    """Write one feature per row; ``shapes`` are in longitude and latitude, already rounded."""
    features = [
        {"type": "Feature", "properties": properties, "geometry": json.loads(shape)}
        for properties, shape in zip(
            table.to_dict("records"), shapely.to_geojson(shapes), strict=True
        )
    ]
    head = json.dumps({"type": "FeatureCollection", "name": name})[:-1]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    lines = ",\n".join(json.dumps(feature) for feature in features)
    write_text(path, f'{head}, "crs": {json.dumps(crs)}, "features": [\n{lines}\n]}}\n')


def write_shapefile(path: Path, table: pd.DataFrame, shapes: NDArray[np.object_]) -> None:
    """Write a zipped shapefile in longitude and latitude; ``table`` has short column names."""
    layer = gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / f"{path.name.removesuffix('.zip')}.shp"
        # The attribute table holds a date of its own, today's unless told.
        layer.to_file(draft, engine="pyogrio", DBF_DATE_LAST_UPDATE="2024-04-01", ENCODING="UTF-8")
        write_zip(path, {part.name: part.read_bytes() for part in draft.parent.iterdir()})
