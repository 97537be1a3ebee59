"""
Judging an action: what was reported before and after it, beside what else would be expected.

``windows`` chooses the months, ``comparison`` the like places, ``difference`` holds the weighted
displacement difference and quotient, ``anyway`` what regression to the mean makes expected, and
``chart`` the cumulative control chart (METHODS §9).
"""

from hotspots.intervention.anyway import expected_change
from hotspots.intervention.chart import Cumulative, cumulative
from hotspots.intervention.comparison import (
    LEAST_FOR_SPREAD,
    MOST_PLACES,
    MOST_UNLIKE,
    alike,
    spread,
)
from hotspots.intervention.difference import Difference, verdict, wdd, wdq
from hotspots.intervention.windows import LEAST_MONTHS, LONGEST_MONTHS, Fault, Windows, windows

__all__ = [
    "LEAST_FOR_SPREAD",
    "LEAST_MONTHS",
    "LONGEST_MONTHS",
    "MOST_PLACES",
    "MOST_UNLIKE",
    "Cumulative",
    "Difference",
    "Fault",
    "Windows",
    "alike",
    "cumulative",
    "expected_change",
    "spread",
    "verdict",
    "wdd",
    "wdq",
    "windows",
]
