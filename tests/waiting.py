"""How tests wait: for something to happen, never for a time to pass.

``PATIENCE`` is the one time limit: it ends a test that hangs, and no test passes or fails by being
quicker or slower. Time that a test is about is moved by hand: ``StillClock`` and ``pass_time``.
"""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from bot.services.clocks import MovableClock, utc_now

PATIENCE = 60.0
"""Seconds of real time after which something hangs, however busy the machine."""

LOOK_AGAIN_SECONDS = 0.02
TURNS = 10  # of the event loop

PassTime = Callable[[float], Awaitable[None]]


class StillClock(MovableClock):
    """Stands still until it is set forward; each reading is a microsecond after the last."""

    def __init__(self) -> None:
        super().__init__()
        self._began = utc_now()
        self._looks = count()

    def __call__(self) -> datetime:
        return self._began + self._ahead + timedelta(microseconds=next(self._looks))


@pytest.fixture
async def pass_time() -> AsyncIterator[PassTime]:
    """Sets the event loop's clock forward: whatever was to happen within those seconds is due."""
    loop = asyncio.get_running_loop()
    real, ahead = loop.time, 0.0

    async def forward(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds
        await let_happen()

    loop.time = lambda: real() + ahead  # type: ignore[method-assign]
    yield forward
    loop.time = real  # type: ignore[method-assign]


@pytest.fixture
async def still_time() -> AsyncIterator[PassTime]:
    """The same, with a clock that does not move by itself: what is due when can be told exactly."""
    loop = asyncio.get_running_loop()
    real, now = loop.time, 1000.0

    async def forward(seconds: float) -> None:
        nonlocal now
        now = round(now + seconds, 3)
        await let_happen()

    loop.time = lambda: now  # type: ignore[method-assign]
    yield forward
    loop.time = real  # type: ignore[method-assign]


async def let_happen() -> None:
    """Let the event loop do what is due by now, and what follows from it at once."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def until(true: Callable[[], Any], why: str = "it never happened") -> None:
    """Wait until ``true()`` is.

    :raises AssertionError: when it hangs.
    """
    give_up = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < give_up, why
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


def wait_until(true: Callable[[], Any], why: str = "it never happened") -> None:
    """The same, without an event loop.

    :raises AssertionError: when it hangs.
    """
    give_up = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < give_up, why
        time.sleep(LOOK_AGAIN_SECONDS)


def free_port() -> int:
    """A port of this machine that nobody listens at.

    Below those that the system gives to connections: tests that run at the same time open many,
    and none of theirs takes this one before it is used.
    """
    while True:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
