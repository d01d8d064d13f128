"""The clocks: the machine's own, one that may be set forward, and one that jumps for no mistake."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

log = logging.getLogger(__name__)

FOLLOWED = timedelta(seconds=2)
"""A difference up to this is drift, and followed; a greater one is a step (ours)."""


LASTING_SECONDS = 360.0
"""A step forward that lasted for so long is followed (ours)."""


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


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The machine's clock was stepped: by how much, and whether jiaoying follows it now."""

    by: timedelta
    at: datetime
    followed: bool


class SteadyClock:
    """The time in UTC; safe from any thread, never going back.

    A step of the machine's clock is not followed at once: it may be somebody's mistake, and every
    ladder would be hurried. One forward that lasts is: the machine was paused. One back is kept out
    until a restart. A machine that starts before it knows the time says less than what was written
    down already: it is at least that late then, and once it says more it is right.

    :param wall: the machine's clock.
    :param elapsed: seconds since any fixed moment.
    :param not_before: when it is at least; ``None``: nothing says so.
    """

    def __init__(
        self,
        wall: Callable[[], datetime] = utc_now,
        elapsed: Callable[[], float] = since_boot,
        not_before: datetime | None = None,
    ) -> None:
        self._wall = wall
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._began, self._at = elapsed(), wall()
        self._waits = not_before is not None and not_before > self._at  # to be told the time
        if not_before is not None:
            self._at = max(self._at, not_before)
        self._last = self._at
        self._since = self._began  # when the step that is not followed was first seen
        self.stepped_by = timedelta(0)
        self.last_step: ClockStep | None = None  # for the watch: followed, or still kept out

    def __call__(self) -> datetime:
        """What time it is."""
        with self._lock:
            elapsed = self._elapsed()
            now = self._at + timedelta(seconds=elapsed - self._began)
            apart = self._wall() - now
            if abs(apart) <= FOLLOWED:
                now += apart
                self._began, self._at = elapsed, now
                apart, self._waits = timedelta(0), False
                if self.stepped_by and self.last_step is not None and not self.last_step.followed:
                    self.last_step = None  # somebody put it right
            elif apart > FOLLOWED and (self._waits or self._lasts(apart, elapsed)):
                log.error("系统时钟向前 %s，改按新时间 / a step is followed: %s", apart, apart)
                self.last_step = ClockStep(apart, now + apart, followed=True)
                now += apart
                self._began, self._at = elapsed, now
                apart, self._waits = timedelta(0), False
            elif abs(apart - self.stepped_by) > FOLLOWED:
                self._since = elapsed
                self.last_step = ClockStep(apart, now, followed=False)
                log.error("系统时钟跳变 %s / the clock was stepped by %s", apart, apart)
            self.stepped_by = apart
            self._last = max(self._last, now)
            return self._last

    def _lasts(self, apart: timedelta, elapsed: float) -> bool:
        """Whether this step has been there for long."""
        same = abs(apart - self.stepped_by) <= FOLLOWED
        return same and elapsed - self._since >= LASTING_SECONDS
