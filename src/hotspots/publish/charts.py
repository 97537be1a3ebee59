"""Charts as data, and as inline SVG: few lines, labels beside what they name, words for all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import escape

from hotspots.publish.texts import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 680, 250

_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 132, 14, 34
_BAR_LABEL, _BAR_HEIGHT, _BAR_GAP = 210, 13, 10


@dataclass(frozen=True)
class Series:
    """
    A line through time, with the limits of what is usual if there are any.

    Attributes
    ----------
    title, words : str
        Its heading, and what it shows for those who do not see it.
    labels : tuple of str
        Of the places on the axis, in order.
    values : tuple of (int or None)
        None where it has no data or is not shown.
    low, high, mean : float, optional
        Control limits and the usual value.
    """

    title: str
    words: str
    labels: tuple[str, ...]
    values: tuple[int | None, ...]
    low: float | None = None
    high: float | None = None
    mean: float | None = None


@dataclass(frozen=True)
class Bars:
    """
    Two periods side by side for each kind of crime.

    Attributes
    ----------
    title, words : str
    rows : tuple of (label, now, before)
        None where a figure is not shown.
    names : tuple of two str
        What the two periods are called; the second is empty if there is only one.
    """

    title: str
    words: str
    rows: tuple[tuple[str, int | None, int | None], ...]
    names: tuple[str, str]


@dataclass(frozen=True)
class Curve:
    """
    How much of the incidents lies on how much of the map points, from 0 to 1.

    Attributes
    ----------
    title, words : str
    x, y : tuple of float
    half : float
        Share of the map points that holds half of the incidents.
    """

    title: str
    words: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    half: float


@dataclass(frozen=True)
class Cumulative:
    """
    Observed less expected, added up from month to month, about the start of an action.

    Attributes
    ----------
    title, words : str
    labels : tuple of str
        Of the observed months, in order.
    totals, limits : tuple of float
        The sum, and how far from zero it may lie (95 %).
    start : int
        Place of the first month after; the sum begins anew there.
    """

    title: str
    words: str
    labels: tuple[str, ...]
    totals: tuple[float, ...]
    limits: tuple[float, ...]
    start: int


@dataclass(frozen=True)
class PlaceMap:
    """
    A small map: a hotspot with its map points, its neighbours and lines for bearings.

    Attributes
    ----------
    title, words : str
    frame : tuple of four float
        West, south, east, north; metres.
    shape, others, lines : tuple of lines, each a tuple of (x, y)
        Rings of the hotspot, rings of other hotspots, outlines and streets; metres.
    points : tuple of (x, y)
    """

    title: str
    words: str
    frame: tuple[float, float, float, float]
    shape: tuple[tuple[tuple[float, float], ...], ...]
    others: tuple[tuple[tuple[float, float], ...], ...]
    lines: tuple[tuple[tuple[float, float], ...], ...]
    points: tuple[tuple[float, float], ...]


Chart = Series | Bars | Curve


def svg(chart: Chart | Cumulative | PlaceMap, *, name: str) -> str:
    """
    Draw a chart or a map.

    Parameters
    ----------
    chart : Series, Bars, Curve, Cumulative or PlaceMap
    name : str
        Id on the page, different for each.
    """
    if isinstance(chart, Series):
        return _series(chart, name)
    if isinstance(chart, Bars):
        return _bars(chart, name)
    if isinstance(chart, Curve):
        return _curve(chart, name)
    if isinstance(chart, Cumulative):
        return _cumulative(chart, name)
    return _map(chart, name)


def sparkline(values: Sequence[int | None]) -> str:
    """Draw a line a few letters long; the table it stands in holds or hides its figures."""
    known = [value for value in values if value is not None]
    if len(known) < 2:  # noqa: PLR2004 - a line needs two ends
        return ""
    most = max(*known, 1)
    step = 72 / max(len(values) - 1, 1)
    at = [
        None if value is None else (4 + i * step, 20 - 16 * value / most)
        for i, value in enumerate(values)
    ]
    x, y = next(each for each in reversed(at) if each is not None)
    return (
        '<svg class="spark" viewBox="0 0 80 24" width="80" height="24" aria-hidden="true">'
        f'{_lines(at, "spark-line")}<circle class="spark-end" cx="{x:.1f}" cy="{y:.1f}" '
        'r="2.6"/></svg>'
    )


def ticks(most: float, *, wanted: int = 4) -> list[int]:
    """Return round values from zero to just above ``most``."""
    step = max(most, 1) / wanted
    size = 10 ** math.floor(math.log10(step)) if step >= 1 else 1
    step = next(size * each for each in (1, 2, 2.5, 5, 10) if size * each >= step)
    step = max(math.ceil(step), 1)
    return list(range(0, math.ceil(most / step) * step + 1, step))


def shown_labels(labels: Sequence[str], *, most: int) -> list[int]:
    """Choose the places on the axis that get a label: the last one, and evenly before it."""
    every = max(1, math.ceil(len(labels) / most))
    return list(range(len(labels) - 1, -1, -every))


def _whole(name: str, title: str, words: str, width: float, height: float, body: str) -> str:
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {width:g} {height:g}" '
        f'aria-labelledby="{name}-title {name}-desc"><title id="{name}-title">{_escaped(title)}'
        f'</title><desc id="{name}-desc">{_escaped(words)}</desc>{body}</svg>'
    )


def _escaped(words: str) -> str:
    return str(escape(readable(words)))


def _text(x: float, y: float, words: str, *, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{_escaped(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _lines(at: Sequence[tuple[float, float] | None], kind: str) -> str:
    """Draw a line that breaks where nothing is known."""
    runs: list[list[tuple[float, float]]] = [[]]
    for each in at:
        if each is None:
            runs.append([])
        else:
            runs[-1].append(each)
    return "".join(
        f'<polyline class="{kind}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in run)}"/>'
        for run in runs
        if len(run) > 1
    )


def _series(chart: Series, name: str) -> str:
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    known = [value for value in chart.values if value is not None]
    steps = ticks(max(*known, chart.high or 0, 1))
    scale = (bottom - _TOP) / steps[-1]
    step = (right - _LEFT) / max(len(chart.values) - 1, 1)

    def up(value: float) -> float:
        return bottom - value * scale

    parts = [_text(_LEFT - 8, up(each) + 4, f"{each:,}", anchor="end") for each in steps]
    parts += [_line(_LEFT, up(each), right, up(each), "grid") for each in steps]
    if chart.low is not None and chart.high is not None and chart.mean is not None:
        parts.append(
            f'<rect class="usual" x="{_LEFT}" y="{up(chart.high):.1f}" width="{right - _LEFT}" '
            f'height="{(chart.high - chart.low) * scale:.1f}"/>'
        )
        parts.append(_line(_LEFT, up(chart.mean), right, up(chart.mean), "mean"))
        ends = ((chart.high, "usually up to"), (chart.mean, "middle"), (chart.low, "usually from"))
        parts += _beside(right + 12, [(up(v), f"{words} {v:,.0f}") for v, words in ends])
    at = [
        None if value is None else (_LEFT + i * step, up(value))
        for i, value in enumerate(chart.values)
    ]
    parts.append(_lines(at, "line"))
    last = len(at) - 1
    for i, each in enumerate(at):
        if each is not None:
            kind, size = ("now", 5) if i == last else ("dot", 3)
            parts.append(
                f'<circle class="{kind}" cx="{each[0]:.1f}" cy="{each[1]:.1f}" r="{size}"/>'
            )
    if at and at[-1] is not None:
        x, y = at[-1]
        parts.append(_text(x - 4, y - 10, f"{chart.values[-1]:,}", kind="strong", anchor="end"))
    for i in shown_labels(chart.labels, most=6):
        parts.append(_text(_LEFT + i * step, HEIGHT - 12, chart.labels[i], anchor="middle"))
    return _whole(name, chart.title, chart.words, WIDTH, HEIGHT, "".join(parts))


def _beside(x: float, labels: Sequence[tuple[float, str]]) -> list[str]:
    """Write labels to the right of what they name, moved apart where they would overlap."""
    parts, last = [], -math.inf
    for y, words in sorted(labels):
        last = max(y, last + 15)
        parts.append(_text(x, last + 4, words))
    return parts


def _bars(chart: Bars, name: str) -> str:
    has_two = bool(chart.names[1])
    row = _BAR_HEIGHT * (2 if has_two else 1) + _BAR_GAP
    top = 42 if has_two else 24
    height = top + row * len(chart.rows) + 6
    most = max([value or 0 for _, now, before in chart.rows for value in (now, before)] + [1])
    scale = (WIDTH - _BAR_LABEL - 80) / most
    parts = [_text(_BAR_LABEL, 14, chart.names[0], kind="key-now")]
    if has_two:
        parts.append(_text(_BAR_LABEL, 31, chart.names[1], kind="key-before"))
    for i, (label, now, before) in enumerate(chart.rows):
        y = top + i * row
        parts.append(_text(_BAR_LABEL - 10, y + row / 2, label, anchor="end"))
        pairs = ((now, "bar-now"), (before, "bar-before"))[: 2 if has_two else 1]
        for j, (value, kind) in enumerate(pairs):
            down = y + j * _BAR_HEIGHT
            if value is None:
                parts.append(_text(_BAR_LABEL + 4, down + 11, "not shown", kind="soft"))
                continue
            long = value * scale
            parts.append(
                f'<rect class="{kind}" x="{_BAR_LABEL}" y="{down:.1f}" width="{long:.1f}" '
                f'height="{_BAR_HEIGHT - 2}"/>'
            )
            weight = "strong" if kind == "bar-now" else "soft"
            parts.append(_text(_BAR_LABEL + long + 6, down + 10, f"{value:,}", kind=weight))
    return _whole(name, chart.title, chart.words, WIDTH, height, "".join(parts))


def _curve(chart: Curve, name: str) -> str:
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    wide, high = right - _LEFT, bottom - _TOP
    shares = (0, 25, 50, 75, 100)
    parts = [
        _text(_LEFT - 8, bottom - high * each / 100 + 4, f"{each} %", anchor="end")
        for each in shares
    ]
    parts += [
        _line(_LEFT, bottom - high * each / 100, right, bottom - high * each / 100, "grid")
        for each in shares
    ]
    parts += [
        _text(_LEFT + wide * each / 100, HEIGHT - 12, f"{each} %", anchor="middle")
        for each in shares
    ]
    at = [(_LEFT + wide * x, bottom - high * y) for x, y in zip(chart.x, chart.y, strict=True)]
    parts.append(_lines(at, "line"))
    x, y = _LEFT + wide * chart.half, bottom - high / 2
    parts.append(f'<circle class="now" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
    half = 100 * chart.half
    shown = f"{half:.0f} %" if half >= 10 else f"{half:.1f} %"  # noqa: PLR2004 - as percentages are written
    parts.append(_text(x + 12, y + 5, f"half of the incidents on {shown}", kind="strong"))
    parts.append(_text(right + 26, HEIGHT - 12, "of map points"))
    return _whole(name, chart.title, chart.words, WIDTH, HEIGHT, "".join(parts))


def _cumulative(chart: Cumulative, name: str) -> str:
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    most = max(1.0, *(abs(each) for each in (*chart.totals, *chart.limits)))
    middle, scale = (_TOP + bottom) / 2, (bottom - _TOP) / 2 / most
    step = (right - _LEFT) / max(len(chart.totals) - 1, 1)
    x = [_LEFT + i * step for i in range(len(chart.totals))]
    parts = [
        _line(_LEFT, middle, right, middle, "mean"),
        _text(_LEFT - 8, middle + 4, "0", anchor="end"),
    ]
    for side in (slice(0, chart.start), slice(chart.start, None)):
        limits, at = chart.limits[side], x[side]
        edge = [(a, middle - b * scale) for a, b in zip(at, limits, strict=True)]
        under = [(a, middle + b * scale) for a, b in zip(at, limits, strict=True)]
        corners = " ".join(f"{a:.1f},{b:.1f}" for a, b in [*edge, *reversed(under)])
        parts.append(f'<polygon class="usual" points="{corners}"/>')
        sums = zip(at, chart.totals[side], strict=True)
        parts.append(_lines([(a, middle - each * scale) for a, each in sums], "line"))
    begin = (x[chart.start - 1] + x[chart.start]) / 2
    parts += [_line(begin, _TOP, begin, bottom, "start"), _text(begin + 4, _TOP + 8, "start")]
    end = middle - chart.totals[-1] * scale
    parts.append(f'<circle class="now" cx="{x[-1]:.1f}" cy="{end:.1f}" r="5"/>')
    way = "fewer" if chart.totals[-1] < 0 else "more"
    said = [(end, f"{abs(chart.totals[-1]):,.0f} {way}")]
    parts += _beside(
        right + 12,
        [
            *said,
            (middle - chart.limits[-1] * scale, "chance would"),
            (middle - chart.limits[-1] * scale, "keep it inside"),
        ],
    )
    for i in shown_labels(chart.labels, most=5):
        parts.append(_text(x[i], HEIGHT - 12, chart.labels[i], anchor="middle"))
    return _whole(name, chart.title, chart.words, WIDTH, HEIGHT, "".join(parts))


def _map(chart: PlaceMap, name: str) -> str:
    west, south, east, north = chart.frame
    size = 560.0
    scale = size / (east - west)
    high = (north - south) * scale

    def path(lines: Sequence[Sequence[tuple[float, float]]], *, closed: bool) -> str:
        end = "Z" if closed else ""
        return "".join(
            "M" + "L".join(f"{(x - west) * scale:.1f} {(north - y) * scale:.1f}" for x, y in line)
            + end
            for line in lines
            if line
        )  # fmt: skip

    dots = "".join(
        f'<circle class="spot" cx="{(x - west) * scale:.1f}" cy="{(north - y) * scale:.1f}" r="5"/>'
        for x, y in chart.points
    )
    bar = 100 * scale
    body = (
        f'<rect class="ground" width="{size:g}" height="{high:.1f}"/>'
        f'<path class="bearings" d="{path(chart.lines, closed=False)}"/>'
        f'<path class="other" d="{path(chart.others, closed=True)}"/>'
        f'<path class="place" d="{path(chart.shape, closed=True)}"/>{dots}'
        f"{_line(16, high - 16, 16 + bar, high - 16, 'scale')}"
        f"{_text(16, high - 24, '100 m')}{_text(size - 16, 26, 'N ↑', anchor='end')}"
    )
    return _whole(name, chart.title, chart.words, size, round(high, 1), body)
