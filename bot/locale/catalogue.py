"""Reads a catalogue of translations: gettext's PO file, with plain entries.

The library for PO files (babel) keeps an object for each entry and costs a process 8 MB; the tests
compare what it reads with what is read here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator


def read_catalogue(lines: Iterable[str]) -> dict[str, str]:
    """The translations by their source texts; what is empty or marked fuzzy is left out.

    The header, whose source text is empty, must never be somebody's text: it is left out too.

    :raises ValueError: a line is none of a PO file's, or an entry has a plural or a context.
    """
    return {
        source: translation
        for source, translation, fuzzy in _entries(lines)
        if source and translation and not fuzzy
    }


def _entries(lines: Iterable[str]) -> Iterator[tuple[str, str, bool]]:
    parts = {"msgid": "", "msgstr": ""}
    field, fuzzy, fuzzy_next = "", False, False
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith("#"):
            fuzzy_next = fuzzy_next or (text.startswith("#,") and "fuzzy" in text)
        elif text:
            word, _, quoted = ("", "", text) if text.startswith('"') else text.partition(" ")
            if word == "msgid":
                if field:
                    yield parts["msgid"], parts["msgstr"], fuzzy
                parts, fuzzy, fuzzy_next = {"msgid": "", "msgstr": ""}, fuzzy_next, False
            field = word or field
            if field not in parts:
                raise ValueError(f"line {number} of the catalogue: {text}")
            parts[field] += json.loads(quoted)  # PO and JSON escape alike
    if field:
        yield parts["msgid"], parts["msgstr"], fuzzy
