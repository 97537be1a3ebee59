"""The months of a site sheet as a drawing, and the same in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hotspots.publish import masking, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hotspots.publish.publication import Publication
    from hotspots.publish.site import Site

WIDTH, HEIGHT, FOOT = 720, 80, 18


@dataclass(frozen=True)
class Trend:
    """Paths of the bars, where years begin and the list changed, and what it comes to in words."""

    past: str
    window: str
    hidden: str
    missing: str
    changes: tuple[float, ...]
    years: tuple[tuple[float, str], ...]
    top: str
    words: str
    width: int = WIDTH
    height: int = HEIGHT
    foot: int = FOOT


def trend(
    publication: Publication,
    site: Site,
    missing: NDArray[np.bool_],
    changes: Sequence[int],
) -> Trend:
    """
    Draw the incidents of each month.

    Parameters
    ----------
    publication : Publication
    site : Site
    missing : array of bool
        Which of ``Publication.months`` have no data.
    changes : sequence of int
        Where a new list of map points began.
    """
    months, counts = publication.months, site.series
    is_window = np.asarray(months >= publication.window_start)
    hidden = _hidden(counts, is_window, missing)
    top = max(1, int(counts[~hidden & ~missing].max(initial=0)))
    step = WIDTH / len(months)
    paths = {"past": "", "window": "", "hidden": "", "missing": ""}
    for i, count in enumerate(counts.tolist()):
        x, bar = i * step, step - 1.5
        if missing[i]:
            stroke = f"l{bar:.1f} {-HEIGHT / 2:.1f}"
            paths["missing"] += f"M{x:.1f} {HEIGHT}{stroke}M{x:.1f} {HEIGHT / 2:.1f}{stroke}"
        elif hidden[i]:
            paths["hidden"] += f"M{x:.1f} {HEIGHT}h{bar:.1f}v-4h-{bar:.1f}z"
        elif count:
            tall = max(1.5, count / top * (HEIGHT - 2))
            kind = "window" if is_window[i] else "past"
            paths[kind] += f"M{x:.1f} {HEIGHT}h{bar:.1f}v-{tall:.1f}h-{bar:.1f}z"
    first = [(i * step, str(month.year)) for i, month in enumerate(months) if month.month == 1]
    return Trend(
        past=paths["past"],
        window=paths["window"],
        hidden=paths["hidden"],
        missing=paths["missing"],
        changes=tuple(round(i * step - 0.75, 1) for i in changes),
        years=tuple((round(x, 1), year) for x, year in first),
        top=f"{top:,}",
        words=_words(publication, counts, hidden, missing, is_window, changes),
    )


def _hidden(
    counts: NDArray[np.int64], is_window: NDArray[np.bool_], missing: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Say which months are too few to print; the sums of the window and of the rest are known."""
    hidden = np.zeros(len(counts), dtype=bool)
    for part in (is_window & ~missing, ~is_window & ~missing):
        own = counts[part][None, :]
        state = masking.hide(
            own, np.array([masking.VIOLENCE_LIMIT]), np.zeros(own.shape, dtype=bool)
        )
        hidden[part] = state[0] != masking.SHOWN
    return hidden


def _words(
    publication: Publication,
    counts: NDArray[np.int64],
    hidden: NDArray[np.bool_],
    missing: NDArray[np.bool_],
    is_window: NDArray[np.bool_],
    changes: Sequence[int],
) -> str:
    months = publication.months
    told = []
    known = ~missing & ~hidden
    if known.any() and counts[known].max() > 0:
        most = int(np.flatnonzero(known)[np.argmax(counts[known])])
        told.append(f"At most {counts[most]:,} a month ({words.month(months[most])})")
    both = (is_window & ~missing, ~is_window & ~missing)
    if all(part.sum() >= publication.least_months for part in both):
        late, early = (counts[part].mean() for part in both)
        if min(counts[part].sum() for part in both) >= masking.VIOLENCE_LIMIT:
            told.append(
                f"{_mean(late)} a month on average in the last twelve months, {_mean(early)} before"
            )
    if missing.any():
        told.append(f"{words.many(int(missing.sum()), 'month')} without data (hatched)")
    if hidden.any():
        told.append(f"{words.many(int(hidden.sum()), 'month')} with a number too small to show")
    told += [f"list of map points changed in {words.month(months[i])} (dashed)" for i in changes]
    return "; ".join(told) + "." if told else "Nothing was reported in any month."


def _mean(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"  # noqa: PLR2004 - no decimals from ten
