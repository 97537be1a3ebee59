"""The charts of a report as PNG pictures, for documents that cannot hold SVG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline

from hotspots.publish.charts import Bars, Curve, PlaceMap, Series, shown_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from hotspots.publish.charts import Chart

BLUE, TURQUOISE, PINK, GREY, PURPLE = "#12436D", "#28A197", "#801650", "#3D3D3D", "#A285D1"
_USUAL, _GRID, _GROUND, _EDGE = "#d9e6ea", "#c9ced6", "#f6f6f2", "#8d949e"
_DPI = 130
_WIDTH_IN, _HEIGHT_IN = 6.4, 2.5
_ROW_IN, _HEAD_IN = 0.3, 0.55
_SMALL = 8


def png(chart: Chart | PlaceMap) -> bytes:
    """Draw a chart or a map: the same bytes for the same data."""
    height = _HEIGHT_IN
    if isinstance(chart, Bars):
        height = _HEAD_IN + _ROW_IN * len(chart.rows)
    elif isinstance(chart, PlaceMap):
        west, south, east, north = chart.frame
        height = _WIDTH_IN * (north - south) / (east - west)
    figure = Figure(figsize=(_WIDTH_IN, height), dpi=_DPI)
    FigureCanvasAgg(figure)
    if isinstance(chart, PlaceMap):
        _map(figure.add_axes((0.0, 0.0, 1.0, 1.0)), chart)
    elif isinstance(chart, Series):
        _series(figure.add_axes((0.09, 0.13, 0.69, 0.83)), chart)
    elif isinstance(chart, Bars):
        _bars(figure.add_axes((0.32, 0.01, 0.58, 1 - 0.5 / height)), chart)
    else:
        _curve(figure.add_axes((0.09, 0.13, 0.69, 0.83)), chart)
    made = io.BytesIO()
    figure.savefig(made, format="png", metadata={"Software": None})
    return made.getvalue()


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_EDGE)
    axes.tick_params(length=0, labelsize=_SMALL, colors=GREY)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=_GRID, linewidth=0.7)


def _series(axes: Axes, chart: Series) -> None:
    _plain(axes)
    values = [float("nan") if value is None else float(value) for value in chart.values]
    x = list(range(len(values)))
    known = [value for value in chart.values if value is not None]
    top = max([*known, chart.high or 0, 1]) * 1.12
    last = len(values) - 1
    if chart.low is not None and chart.high is not None and chart.mean is not None:
        axes.axhspan(chart.low, chart.high, color=_USUAL, zorder=0)
        axes.axhline(chart.mean, color=_EDGE, linewidth=1, linestyle=(0, (5, 4)))
        ends = ((chart.high, "usually up to"), (chart.mean, "middle"), (chart.low, "usually from"))
        for value, words in ends:
            axes.text(
                1.01, value / top, f"{words} {value:,.0f}", transform=axes.transAxes,
                va="center", fontsize=_SMALL, color=GREY,
            )  # fmt: skip
    axes.plot(x, values, color=BLUE, linewidth=1.6, marker="o", markersize=3.2)
    if values and known and chart.values[-1] is not None:
        axes.plot([last], [values[-1]], color=PINK, marker="o", markersize=6)
        axes.annotate(
            f"{chart.values[-1]:,}", (last, values[-1]), xytext=(-4, 7), ha="right",
            textcoords="offset points", fontsize=_SMALL + 1, fontweight="bold", color="black",
        )  # fmt: skip
    axes.set_ylim(0, top)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    places = sorted(shown_labels(chart.labels, most=6))
    axes.set_xticks(places, [chart.labels[i] for i in places])


def _bars(axes: Axes, chart: Bars) -> None:
    axes.spines[["top", "right", "bottom", "left"]].set_visible(False)
    axes.tick_params(length=0, labelsize=_SMALL, colors=GREY)
    axes.set_xticks([])
    has_two = bool(chart.names[1])
    high = 0.36 if has_two else 0.7
    for i, (_, now, before) in enumerate(chart.rows):
        pairs = (
            ((now, BLUE, -high / 2), (before, PURPLE, high / 2)) if has_two else ((now, BLUE, 0.0),)
        )
        for value, colour, offset in pairs:
            shown = "not shown" if value is None else f"{value:,}"
            axes.barh(i + offset, value or 0, height=high * 0.92, color=colour)
            axes.annotate(
                shown, (value or 0, i + offset), xytext=(3, 0), textcoords="offset points",
                va="center", fontsize=_SMALL - 1, color="black" if colour == BLUE else GREY,
            )  # fmt: skip
    axes.set_yticks(range(len(chart.rows)), [label for label, _, _ in chart.rows])
    axes.set_ylim(len(chart.rows) - 0.4, -0.6)
    axes.text(0, 1.0, chart.names[0], transform=axes.transAxes, va="bottom", fontsize=_SMALL,
              fontweight="bold", color=BLUE)  # fmt: skip
    if has_two:
        axes.text(0.5, 1.0, chart.names[1], transform=axes.transAxes, va="bottom",
                  fontsize=_SMALL, fontweight="bold", color=PURPLE)  # fmt: skip


def _curve(axes: Axes, chart: Curve) -> None:
    _plain(axes)
    axes.plot(chart.x, chart.y, color=BLUE, linewidth=1.8)
    axes.plot([chart.half], [0.5], color=PINK, marker="o", markersize=6)
    half = 100 * chart.half
    shown = f"{half:.0f} %" if half >= 10 else f"{half:.1f} %"  # noqa: PLR2004 - as percentages are written
    axes.annotate(
        f"half of the incidents on {shown} of map points", (chart.half, 0.5), xytext=(9, -3),
        textcoords="offset points", fontsize=_SMALL + 1, fontweight="bold",
    )  # fmt: skip
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    ticks = (0, 0.25, 0.5, 0.75, 1)
    axes.set_xticks(ticks, [f"{100 * each:.0f} %" for each in ticks])
    axes.set_yticks(ticks, [f"{100 * each:.0f} %" for each in ticks])


def _map(axes: Axes, chart: PlaceMap) -> None:
    west, south, east, north = chart.frame
    axes.set_facecolor(_GROUND)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.add_collection(LineCollection(list(chart.lines), colors=_EDGE, linewidths=0.7))
    axes.add_collection(
        LineCollection(list(chart.others), colors=BLUE, linewidths=1.3, linestyles=(0, (4, 3)))
    )
    if chart.shape:
        outline = Outline.make_compound_path(*(_ring(ring) for ring in chart.shape))
        axes.add_collection(
            PathCollection(
                [outline], facecolors=[(*_rgb(BLUE), 0.35)], edgecolors=BLUE, linewidths=2
            )
        )
    if chart.points:
        x, y = zip(*chart.points, strict=True)
        axes.plot(x, y, linestyle="", marker="o", markersize=5, color=TURQUOISE,
                  markeredgecolor="white")  # fmt: skip
    x0, y0 = west + 0.03 * (east - west), south + 0.05 * (north - south)
    axes.plot([x0, x0 + 100], [y0, y0], color="black", linewidth=2.5, solid_capstyle="butt")
    axes.text(x0, y0 + 0.02 * (north - south), "100 m", fontsize=_SMALL)
    axes.text(
        0.98, 0.96, "N ↑", transform=axes.transAxes, ha="right", va="top", fontsize=_SMALL + 1
    )
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)


def _ring(ring: Sequence[tuple[float, float]]) -> Outline:
    return Outline(list(ring), closed=True)


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
