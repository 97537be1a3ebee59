"""How fast a source is asked, how long an answer is waited for, and how often it is tried."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import tenacity

from hotspots.sources.web.trouble import PassingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenacity import RetryCallState

_TRIES_WITH_PROGRESS = 10


@dataclass(frozen=True)
class Limits:
    """
    What one run may ask of a source.

    Attributes
    ----------
    requests_per_s : float
        Requests a second, redirects and repeats counted.
    connect_s, stall_s : float
        Longest wait for a connection, and for the next bytes, in seconds.
    deadline_s, download_deadline_s : float
        Longest time for one answer, and for one download, repeats and pauses counted.
    tries : int
        How often a question is asked when the trouble may pass. A download that gets further
        each time may be tried more often.
    pause_s, pause_max_s : float
        First pause between tries, which doubles, and the longest, which also caps Retry-After.
    hops : int
        Redirects followed.
    """

    requests_per_s: float = 5.0
    connect_s: float = 10.0
    stall_s: float = 30.0
    deadline_s: float = 300.0
    download_deadline_s: float = 3 * 3600.0
    tries: int = 4
    pause_s: float = 1.0
    pause_max_s: float = 120.0
    hops: int = 5


@dataclass(frozen=True)
class Clock:
    """
    Time, so that tests need not wait for it.

    Attributes
    ----------
    monotonic : callable
        Seconds that only grow.
    sleep : callable
        Waits for seconds.
    now : callable
        The time in UTC; Retry-After may name a date.
    """

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class Pace:
    """Keeps requests apart: ``wait`` returns when the next one may start."""

    def __init__(self, requests_per_s: float, clock: Clock) -> None:
        self._apart_s = 1 / requests_per_s
        self._clock = clock
        self._next_s = clock.monotonic()

    def wait(self) -> None:
        """Wait until the last request is long enough ago."""
        now_s = self._clock.monotonic()
        if now_s < self._next_s:
            self._clock.sleep(self._next_s - now_s)
        self._next_s = max(now_s, self._next_s) + self._apart_s


class Patience:
    """
    How long one call goes on: the tries, the pauses between them, and the deadline.

    Parameters
    ----------
    limits : Limits
        How often and how long.
    clock : Clock
        The time.
    deadline_s : float
        Seconds from now.
    tries : int or None
        Fewer or more tries than the limits say.
    """

    def __init__(
        self, limits: Limits, clock: Clock, *, deadline_s: float, tries: int | None = None
    ) -> None:
        self.clock = clock
        self.ends_s = clock.monotonic() + deadline_s
        self._limits = limits
        self._tries = tries or limits.tries
        self._fruitless = 0
        self._furthest = 0
        self._growing = tenacity.wait_exponential(
            multiplier=limits.pause_s, max=limits.pause_max_s
        ) + tenacity.wait_random(0, limits.pause_s)

    @property
    def left_s(self) -> float:
        """Seconds until the deadline; not below zero."""
        return max(0.0, self.ends_s - self.clock.monotonic())

    def reached(self, n_bytes: int) -> None:
        """Note how far a download got; tries that get further than any before do not count."""
        if n_bytes > self._furthest:
            self._furthest = n_bytes
            self._fruitless = 0

    def tries(self) -> tenacity.Retrying:
        """Return the tries, as tenacity runs them; the last trouble comes out as it is."""
        return tenacity.Retrying(
            sleep=self.clock.sleep,
            retry=tenacity.retry_if_exception_type(PassingError),
            stop=self._is_over,
            wait=self._pause_s,
            reraise=True,
        )

    def _is_over(self, state: RetryCallState) -> bool:
        self._fruitless += 1
        return (
            self._fruitless >= self._tries
            or state.attempt_number >= self._tries * _TRIES_WITH_PROGRESS
            or self._pause_s(state) > self.left_s
        )

    def _pause_s(self, state: RetryCallState) -> float:
        trouble = state.outcome.exception() if state.outcome else None
        asked = getattr(trouble, "retry_after", "")
        pause_s = self._asked_s(asked) if asked else None
        return self._growing(state) if pause_s is None else pause_s

    def _asked_s(self, retry_after: str) -> float | None:
        """Return the pause that the source asks for, by seconds or date, within our limits."""
        try:
            if retry_after.strip().isdecimal():
                pause_s = float(retry_after)
            else:
                pause_s = (parsedate_to_datetime(retry_after) - self.clock.now()).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
        return min(max(pause_s, 0.0), self._limits.pause_max_s)
