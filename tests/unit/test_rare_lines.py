"""What strangers do to the log is one line a minute; what goes wrong in us is said each time."""

from __future__ import annotations

import logging
import sys

from aiohttp.http_exceptions import BadHttpMessage

from bot.web.rare_lines import EVERY_SECONDS, Rarely, rarely


def record(words: str, at: float, level: int = logging.WARNING) -> logging.LogRecord:
    made = logging.LogRecord("a", level, __file__, 1, words, (), None)
    made.created = at
    return made


def test_one_warning_of_a_kind_a_minute_that_says_how_many_there_were() -> None:
    lines = Rarely()
    written = [lines.filter(record("refused", at / 10)) for at in range(100)]
    assert written == [True] + [False] * 99
    assert lines.filter(record("another", 10.0))
    assert all(lines.filter(record("ours", 10.0, logging.ERROR)) for _ in range(3))
    later = record("refused", EVERY_SECONDS)
    assert lines.filter(later)
    assert later.getMessage() == "refused (99 more since the last)"
    again = record("refused", 2 * EVERY_SECONDS)
    assert lines.filter(again)
    assert again.getMessage() == "refused"


def test_a_request_that_is_none_leaves_no_trace_but_a_line() -> None:
    lines = Rarely()
    try:
        raise BadHttpMessage("no request")
    except BadHttpMessage:
        of_strangers = record("Error handling request", 0.0, logging.ERROR)
        of_strangers.exc_info = sys.exc_info()
    assert lines.filter(of_strangers)
    assert of_strangers.exc_info is None
    try:
        raise ValueError("a bug")
    except ValueError:
        ours = record("Error handling request", 1.0, logging.ERROR)
        ours.exc_info = sys.exc_info()
    assert lines.filter(ours)
    assert ours.exc_info is not None


def test_a_logger_is_made_quiet_once() -> None:
    assert rarely("tests.rare") is rarely("tests.rare")
    assert len(logging.getLogger("tests.rare").filters) == 1
