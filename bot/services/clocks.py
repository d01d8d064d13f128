"""The clocks: the machine's own, one that may be set forward, and one that never jumps."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

log = logging.getLogger(__name__)

FOLLOWED = timedelta(seconds=2)
"""A difference up to this is drift, and followed; a greater one is a step (ours)."""


def utc_now() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


class MovableClock:
    """The machine's clock, which may be set forward by hand: for the sandbox and the tests."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Set the clock forward.

        :raises ValueError: when ``by`` is negative: time does not go back.
        """
        if by < timedelta(0):
            raise ValueError("the clock only goes forward")
        self._ahead += by


def since_boot() -> float:
    """Seconds that never go back and do not stop while the machine is suspended."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class SteadyClock:
    """The time in UTC; safe from any thread, never going back.

    :param wall: the machine's clock.
    :param elapsed: seconds since any fixed moment.
    """

    def __init__(
        self,
        wall: Callable[[], datetime] = utc_now,
        elapsed: Callable[[], float] = since_boot,
    ) -> None:
        self._wall = wall
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._began, self._at = elapsed(), wall()
        self._last = self._at
        self.stepped_by = timedelta(0)

    def __call__(self) -> datetime:
        """What time it is."""
        with self._lock:
            elapsed = self._elapsed()
            now = self._at + timedelta(seconds=elapsed - self._began)
            apart = self._wall() - now
            if abs(apart) <= FOLLOWED:
                now += apart
                self._began, self._at = elapsed, now
                apart = timedelta(0)
            if abs(apart - self.stepped_by) > FOLLOWED:
                log.error(
                    "系统时钟跳变 %s，叫应按原时间继续；校准后请重启"
                    " / the clock was stepped by %s: jiaoying keeps its time until restarted",
                    apart,
                    apart,
                )
            self.stepped_by = apart
            self._last = max(self._last, now)
            return self._last
