"""The map: drawn by folium, fed from the page's data, with nothing loaded from elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import folium
from branca.element import MacroElement
from folium.map import FitBounds
from folium.template import Template

if TYPE_CHECKING:
    from collections.abc import Sequence

_FOLIUM_ID = re.compile(r"[0-9a-f]{32}")
_PAN_MARGIN = 0.6
"""How far beyond the area the map may be moved, as a part of the area's size."""


@dataclass(frozen=True)
class MapParts:
    """The pieces of a map: its container, its script, and the libraries the script calls."""

    html: str
    script: str
    libraries: tuple[str, ...]


class HotspotLayers(MacroElement):
    """
    Hands the finished map to the page's own script, which draws the layers from the page's data.

    No value of the data passes through here, so nothing in the data can become code.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            hotspotsPage.start({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca types only parts of itself
        self._name = "HotspotLayers"


def draw(bounds: Sequence[Sequence[float]]) -> MapParts:
    """
    Draw an empty map that shows ``bounds``.

    Parameters
    ----------
    bounds : sequence of two (latitude, longitude)
        South-west and north-east corner, degrees.

    Returns
    -------
    MapParts
        The same for the same bounds: folium's random ids are numbered instead.
    """
    (south, west), (north, east) = bounds
    high, wide = _PAN_MARGIN * (north - south), _PAN_MARGIN * (east - west)
    view = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        control_scale=True,
        max_bounds=True,
        min_lat=south - high,
        max_lat=north + high,
        min_lon=west - wide,
        max_lon=east + wide,
        zoom_snap=0.25,
        # The licence lines stand in words under the map; this control would put them in as HTML.
        attribution_control=False,
    )
    # Folium's own lists name files of other hosts; the page brings the two libraries itself.
    view.default_js, view.default_css = [], []
    fit = FitBounds([[south, west], [north, east]], padding=(12, 12))
    # Leaflet drops a move that is asked for while an earlier one is still gliding.
    fit.options["animate"] = False
    fit.add_to(view)
    HotspotLayers().add_to(view)
    figure = view.get_root()
    figure.render()
    return _parts(figure)


def _parts(figure: Any) -> MapParts:  # noqa: ANN401 -- branca calls a Figure an Element
    html, script = figure.html.render(), figure.script.render()
    found = dict.fromkeys(_FOLIUM_ID.findall(html + script))
    number = {name: str(i) for i, name in enumerate(found, start=1)}
    html, script = (
        _FOLIUM_ID.sub(lambda match: number[match[0]], text).strip() for text in (html, script)
    )
    # Folium calls jQuery for a few of its features only, so the page carries it only then.
    calls_jquery = "$(" in script or "jQuery" in script
    return MapParts(html, script, ("leaflet", "jquery") if calls_jquery else ("leaflet",))
