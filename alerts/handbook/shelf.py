"""Where cards are read from: the shipped folder, and a province's own above it, by file name.

They are read when somebody first asks, and again when a file has changed. A card that cannot be
read is left out and told of; the shipped one of the same name stays in its place.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from alerts.handbook.model import Card
from alerts.handbook.reading import read_card
from alerts.template_files.faults import BadTemplate
from data.handbook import HANDBOOK

log = logging.getLogger(__name__)

MOST_CARDS = 2000
"""Files that are read of a folder: more is a folder that was not meant."""

_Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The cards by key, and what is wrong with files that were left out."""

    cards: Mapping[str, Card]
    bad: tuple[BadTemplate, ...] = ()
    own: frozenset[str] = frozenset()  # keys of cards from the province's own folder


_read: dict[str, tuple[_Signature, Shelf]] = {}


def shelf(folder: str = "") -> Shelf:
    """The cards that hold; ``folder``: the province's own, empty for none.

    Blocks: call it off the event loop.
    """
    places = [HANDBOOK, *([Path(folder)] if folder else [])]
    files = [file for place in places for file in _files(place)]
    signature = tuple(_stat(file) for file in files)
    known = _read.get(folder)
    if known is not None and known[0] == signature:
        return known[1]
    cards: dict[str, Card] = {}
    bad: list[BadTemplate] = []
    own: set[str] = set()
    for file in files:
        try:
            card = read_card(file.read_bytes(), file.name)
        except BadTemplate as fault:
            log.error("handbook: %s line %s: %s", file, fault.line, fault.fault.value)
            bad.append(fault)
            continue
        except OSError as error:
            log.error("handbook: %s cannot be read: %s", file, error.strerror)
            continue
        cards[card.key] = card
        if file.parent != HANDBOOK:
            own.add(card.key)
    found = Shelf(cards, tuple(bad), frozenset(own))
    _read[folder] = signature, found
    return found


def _files(place: Path) -> list[Path]:
    try:
        return sorted(place.glob("*.md"))[:MOST_CARDS]
    except OSError as error:
        log.error("handbook: %s cannot be read: %s", place, error.strerror)
        return []


def _stat(file: Path) -> tuple[str, int, int]:
    try:
        found = file.stat()
    except OSError:
        return str(file), 0, 0
    return str(file), found.st_mtime_ns, found.st_size
