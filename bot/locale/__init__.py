"""Translation of what people read: the source strings are Chinese, English is a catalogue.

``_ = translator(person.language)``, then ``_("已记录 {time}").format(time=...)``. A constant that
is translated later is marked where it stands: ``N_("红")``. tests/unit/test_locale.py finds both
and compares them with en/LC_MESSAGES/jiaoying.po.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")
"""The languages of the people file; the first is the source language."""

CATALOGUE = "{language}/LC_MESSAGES/jiaoying.po"


def translator(language: str) -> Callable[[str], str]:
    """The function that puts a Chinese source string into ``language``.

    ``en-US`` reads as ``en``; a language without a catalogue, and a string without a translation,
    give the Chinese text: a warning is never lost to a missing word.
    """
    short = _short(language)
    if short == LANGUAGES[0] or short not in LANGUAGES:
        return N_
    catalogue = _catalogue(short)
    return lambda text: catalogue.get(text) or text


def reads_english(language: str) -> bool:
    """Whether whoever has this language reads English; everybody else reads Chinese."""
    return _short(language) == "en"


def N_(text: str) -> str:
    """Marks a string for the catalogue and leaves it as it is."""
    return text


def _short(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()


@cache
def _catalogue(language: str) -> dict[str, str]:
    # Read with its first reader: after a restart no warning in Chinese waits for it.
    from bot.locale.catalogue import read_catalogue

    file = Path(__file__).parent / CATALOGUE.format(language=language)
    with file.open(encoding="utf-8") as lines:
        return read_catalogue(lines)
