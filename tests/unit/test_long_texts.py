"""Text of any length from anybody is dealt with in a time that grows with its length, no faster.

A pattern that begins anew at each character takes minutes for what is tried here, and is found out;
one that does not takes milliseconds: the bound lies far from both.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from alerts.cries import cry_in
from alerts.figures_in_words import parse_moved
from alerts.typed_answers import further_words, says_received, tells_of_need
from alerts.typed_reports import report_said
from bot.telegram.failures import redacted
from bot.views.screen import shorten
from contacts.divisions import spellings
from contacts.phones import normalise
from data.errors import JiaoyingError

LENGTH = 150_000
LONGEST_READ = 1000
"""Of what is longer most readers look at nothing: a pattern that tries all ways shows below it."""
BOUND_SECONDS = 20.0

PIECES = [" ", ",", *"1 　 满族 ( （ <a &# 1户 收到 ， 1e 1: 乡镇 - ][".split(" ")]


def quietly(reads: Callable[[str], object]) -> Callable[[str], object]:
    def read(text: str) -> object:
        try:
            return reads(text)
        except (JiaoyingError, ValueError):
            return None

    return read


READERS: dict[str, Callable[[str], object]] = {
    "short_name": spellings.short_name,
    "canonical": spellings.canonical,
    "bare_name": spellings.bare_name,
    "kind_of": spellings.kind_of,
    "pieces": spellings.pieces,
    "phone": quietly(normalise),
    "redacted": redacted,
    "shorten": lambda text: shorten(text, 100),
    "received": says_received,
    "cry": cry_in,
    "moved": parse_moved,
    "report": report_said,
    "further": further_words,
    "need": tells_of_need,
}


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("name", READERS)
def test_it_ends_soon_however_long_the_text(name: str, piece: str) -> None:
    text = piece * (LENGTH // len(piece))
    began = time.process_time()
    for tail in ("", "x", "县", "镇"):
        READERS[name](text + tail)
    assert time.process_time() - began < BOUND_SECONDS


@pytest.mark.parametrize(
    "piece",
    [
        "我村",
        "请求",
        "没有一户",
        "防范山洪、",
        "收到预警了，",
        "手",
        "坝",
        "着火没有",
        "被困人员的",
    ],
)
@pytest.mark.parametrize("name", ["received", "cry", "moved", "report", "further", "need"])
def test_it_ends_soon_at_the_length_that_is_read(name: str, piece: str) -> None:
    began = time.process_time()
    for length in (100, 500, LONGEST_READ):
        READERS[name]((piece * length)[: length - 1] + "x")
    assert time.process_time() - began < BOUND_SECONDS
