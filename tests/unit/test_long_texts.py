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
from alerts.typed_answers import says_received
from alerts.typed_reports import report_said
from bot.telegram.failures import redacted
from bot.views.screen import shorten
from contacts.divisions import spellings
from contacts.phones import normalise
from data.errors import JiaoyingError

LENGTH = 150_000
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
}


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("name", READERS)
def test_it_ends_soon_however_long_the_text(name: str, piece: str) -> None:
    text = piece * (LENGTH // len(piece))
    began = time.process_time()
    for tail in ("", "x", "县", "镇"):
        READERS[name](text + tail)
    assert time.process_time() - began < BOUND_SECONDS
