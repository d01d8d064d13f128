"""Lines of the log that anybody can cause, as often as they like: of each kind one in a minute."""

from __future__ import annotations

import logging

from aiohttp.http_exceptions import HttpProcessingError

EVERY_SECONDS = 60.0
"""Between two lines of a kind (ours); the second says how many were left out."""


class Rarely(logging.Filter):
    """Lets one warning of a kind through in a minute, and no traces of requests that are none.

    What goes wrong in us is said each time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, tuple[float, int]] = {}  # by words: when, and how many since

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is written."""
        raised = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if isinstance(raised, HttpProcessingError):
            record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
        if record.levelno != logging.WARNING:
            return True
        words = str(record.msg)
        at, left_out = self._said.get(words, (float("-inf"), 0))
        if 0 <= record.created - at < EVERY_SECONDS:
            self._said[words] = at, left_out + 1
            return False
        self._said[words] = record.created, 0
        if left_out:
            record.msg = f"{words} ({left_out} more since the last)"
        return True


def rarely(name: str) -> logging.Logger:
    """The logger of this name, whose warnings strangers cause."""
    log = logging.getLogger(name)
    if not any(isinstance(known, Rarely) for known in log.filters):
        log.addFilter(Rarely())
    return log
