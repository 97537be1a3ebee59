"""A month of an area out of the API, split where an answer would be too big."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hotspots.errors import SourceError
from hotspots.sources.police_uk.live import areas
from hotspots.sources.web import JSON, StatusError
from hotspots.sources.web.trouble import AGAIN, address

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from shapely.geometry import Polygon
    from shapely.geometry.base import BaseGeometry

    from hotspots.sources.web import Web

FLOOR_M = 250.0
"""Areas that would be smaller than this are not asked about."""

CORNERS_MAX = 200
"""Corners of an area that the API is asked about."""

_ASKS_MAX = 400
_FEW_CORNERS = 8
_TRIES = 2
_BUSY = 503
_TOO_LONG = frozenset({400, 413, 414})
_MARKS = frozenset({"category", "location", "month"})
_NEVER = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class AnswersFetched:
    """
    What the API answered.

    Attributes
    ----------
    month : str
        Data month, YYYY-MM.
    n_records : int
        Records written, each ``id`` once.
    n_repeated : int
        Records that came again at the edge of two areas.
    n_areas : int
        Areas that the polygon was split into.
    """

    month: str
    n_records: int
    n_repeated: int
    n_areas: int


@dataclass
class _Asking:
    """Questions about one month, and what was answered so far."""

    web: Web
    url: str
    month: str
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    nameless: list[dict[str, Any]] = field(default_factory=list)
    n_repeated: int = 0
    n_areas: int = 0
    n_asks: int = 0
    works: bool = False

    def about(self, area: Polygon) -> None:
        """Ask about an area, or about its parts if that is too much."""
        try:
            records = self._answer(area)
        except StatusError as error:
            if error.status != _BUSY and error.status not in _TOO_LONG:
                raise
            for part in self._parts(area, error):
                self.about(part)
            return
        self.n_areas += 1
        self._take(records)

    def _parts(self, area: Polygon, error: StatusError) -> Iterable[Polygon]:
        """Return the areas to ask about instead, once it is certain that the API works at all."""
        if not self.works:
            self._require_up(area, error)
        corners = areas.n_corners(area)
        if error.status in _TOO_LONG and corners > _FEW_CORNERS:
            return areas.outlines(area, max_corners=corners // 2)
        size_m = areas.size_m(area)
        if size_m < 2 * FLOOR_M:
            msg = (
                f"{address(self.url)}: the API refuses even an area of {size_m:.0f} m "
                f"(status {error.status}); parts under {FLOOR_M:.0f} m are not asked for. {AGAIN}"
            )
            raise SourceError(msg) from error
        return areas.quarters(area)

    def _require_up(self, area: Polygon, error: StatusError) -> None:
        """Tell "too big" from "down" by a tiny question."""
        try:
            self._answer(areas.probe(area))
        except StatusError as again:
            if again.status != error.status:
                raise
            msg = (
                f"{address(self.url)}: the API is down or refuses the question: even a tiny area "
                f"gives status {again.status}. {AGAIN}"
            )
            raise SourceError(msg) from again
        self.works = True

    def _answer(self, area: Polygon) -> list[dict[str, Any]]:
        self.n_asks += 1
        if self.n_asks > _ASKS_MAX:
            msg = (
                f"{address(self.url)}: over {_ASKS_MAX} questions for one month; the area is too "
                'large for the API. Use the archives: source = "archive" under [police_uk].'
            )
            raise SourceError(msg)
        form = {"poly": areas.as_text(area), "date": self.month}
        found = self.web.post(self.url, form, expect=JSON, tries=_TRIES).json()
        self._require_records(found)
        self.works = True
        return list(found)

    def _require_records(self, found: Any) -> None:  # noqa: ANN401
        shaped = isinstance(found, list) and all(
            isinstance(one, dict) and one.keys() >= _MARKS for one in found
        )
        if not shaped:
            msg = (
                f"{address(self.url)}: expected a list of records with category, location and "
                f"month, found something else. {AGAIN}"
            )
            raise SourceError(msg)
        other = next((one["month"] for one in found if one["month"] != self.month), None)
        if other is not None:
            msg = (
                f"{address(self.url)}: asked for {self.month}, found records of {other!r:.20}. "
                f"{AGAIN}"
            )
            raise SourceError(msg)

    def _take(self, records: list[dict[str, Any]]) -> None:
        for record in records:
            name = record.get("id")
            if name is None or name == "":
                self.nameless.append(record)  # the reader says what becomes of it
            elif str(name) in self.records:
                self.n_repeated += 1
            else:
                self.records[str(name)] = record


def fetch_answers(
    web: Web, base_url: str, *, polygon: BaseGeometry, month: str, into: Path
) -> AnswersFetched:
    """
    Fetch a month's crimes in an area.

    Parameters
    ----------
    web : Web
        Asks.
    base_url : str
        Where police.uk is.
    polygon : polygon or multipolygon, EPSG:4326
        The area. Records from just outside it may come too.
    month : str
        Data month, YYYY-MM.
    into : Path
        The zip to write, with one file ``YYYY-MM.json``; the same records give the same bytes.

    Raises
    ------
    SourceError
        If the API is down, refuses small areas, or answers with something else; then nothing
        is written.
    """
    asking = _Asking(web, f"{base_url}/api/crimes-street/all-crime", month)
    for part in areas.outlines(polygon, max_corners=CORNERS_MAX):
        asking.about(part)
    records = [asking.records[name] for name in sorted(asking.records, key=_by_number)]
    # In ASCII, for JSON can write half a letter, which UTF-8 cannot.
    text = json.dumps(records + asking.nameless, sort_keys=True, indent=0)
    _write(into, f"{month}.json", text.encode())
    n_records = len(records) + len(asking.nameless)
    return AnswersFetched(month, n_records, asking.n_repeated, asking.n_areas)


def _by_number(name: str) -> tuple[int, str]:
    return (int(name) if name.isdecimal() else -1, name)


def _write(into: Path, name: str, data: bytes) -> None:
    draft = into.with_name(into.name + ".partial")
    draft.parent.mkdir(parents=True, exist_ok=True)
    info = zipfile.ZipInfo(name, _NEVER)
    info.create_system = 3
    info.external_attr = 0o100644 << 16
    try:
        with zipfile.ZipFile(draft, "w") as target:
            target.writestr(info, data, zipfile.ZIP_DEFLATED)
        draft.replace(into)
    finally:
        draft.unlink(missing_ok=True)
