"""The typeface of printed sheets and reports (PDF): embedded, so that every name can be read.

Only the characters that a document needs go into it. What our font lacks is sought in those of the
system; what none holds is printed as ``MISSING``, and ``lacking`` tells which characters these are.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from html import escape
from itertools import groupby

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from bot.views.rare_characters import MISSING
from data.fonts import FURTHER_FONTS, NAMES_FONT, visible

FONT = "names"
"""The name under which ReportLab knows our font, after ``typeface``."""


@lru_cache(maxsize=1)
def typeface() -> TTFont:
    """Our font, known to ReportLab from then on; reading it takes a quarter of a second."""
    font = TTFont(FONT, str(NAMES_FONT))
    pdfmetrics.registerFont(font)
    return font


def lacking(text: str) -> str:
    """The characters of ``text`` that no font holds, each once, in their order."""
    return "".join(dict.fromkeys(mark for mark in visible(text) if _font_of(mark) is None))


def printable(text: str) -> str:
    """``text`` in one line, as it is printed: ``MISSING`` for what no font holds."""
    return "".join(MISSING if _font_of(mark) is None else mark for mark in visible(text))


def runs(text: str) -> Iterator[tuple[str, str]]:
    """A ``printable`` text as (name of the font, what is set in it)."""
    for name, marks in groupby(text, key=_font_of):
        yield name or FONT, "".join(marks)


def width(text: str, size: float) -> float:
    """How wide a ``printable`` text is, points."""
    return sum(map(_width_of, text)) * size / 1000


def markup(text: str) -> str:
    """Any text as a ReportLab ``Paragraph`` wants it, whose own font is ours."""
    return "".join(
        escape(part) if name == FONT else f'<font name="{name}">{escape(part)}</font>'
        for name, part in runs(printable(text))
    )


@lru_cache(maxsize=65_536)
def _font_of(character: str) -> str | None:
    code = ord(character)
    if code in typeface().face.charToGlyph:
        return FONT
    return next((font.fontName for font in _further() if code in font.face.charToGlyph), None)


@lru_cache(maxsize=65_536)
def _width_of(character: str) -> float:
    """Of an em's thousand parts."""
    return float(pdfmetrics.stringWidth(character, _font_of(character) or FONT, 1000))


@lru_cache(maxsize=1)
def _further() -> tuple[TTFont, ...]:
    fonts = []
    for number, file in enumerate(FURTHER_FONTS):
        try:
            font = TTFont(f"{FONT}{number}", str(file))
        except (TTFError, OSError):  # not on this machine, or of a kind that cannot be embedded
            continue
        pdfmetrics.registerFont(font)
        fonts.append(font)
    return tuple(fonts)
