"""The font of the pictures: how wide a text is, how to shorten it, what it cannot write."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageFont

from bot.views.rare_characters import MISSING
from data.fonts import NAMES_FONT, visible

SMALLEST = 28
"""Pixels: a picture of 1,080 is shown some 7 cm wide on a phone."""

_PROBE = 24


@lru_cache(maxsize=16)
def font(size: int) -> ImageFont.FreeTypeFont:
    """The font at a size, pixels.

    :raises OSError: when the file is not there.
    """
    return ImageFont.truetype(str(NAMES_FONT), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=16_384)
def has(character: str) -> bool:
    """Whether the font can write a character; white space it can."""
    if character.isspace():
        return True
    return _glyph(character) != _glyph("\U0010ffff")


def written(text: str) -> str:
    """``text`` in one line; what the font cannot write is ``MISSING``."""
    return "".join(character if has(character) else MISSING for character in visible(text))


def width(text: str, size: int) -> float:
    """How wide a text is, pixels."""
    return font(size).getlength(text)


def shortened(text: str, size: int, room: float) -> str:
    """The text, or as much of its beginning as fits, with an ellipsis."""
    line = written(text)
    if width(line, size) <= room:
        return line
    while line and width(line + "…", size) > room:
        line = line[:-1]
    return line.rstrip() + "…"


def fitting(text: str, largest: int, room: float) -> int:
    """The size, pixels, at which all of the text has room; no smaller than ``SMALLEST``."""
    wide = width(written(text), largest)
    return largest if wide <= room else max(SMALLEST, int(largest * room / wide))


def _glyph(character: str) -> bytes:
    mask = font(_PROBE).getmask(character)
    return bytes(mask) + bytes(str(mask.size), "ascii")
