"""Where the time comes from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """The clock of the world."""
    return datetime.now(UTC)


class MovableClock:
    """The world's clock, set forward by hand: for the sandbox and the tests."""

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
