"""Cards found by words, or by the initials of their pinyin: 山洪, sh, 山洪 村. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from alerts.handbook.initials import initials
from alerts.handbook.model import PHASE_WORDS, WORK_WORDS, Card, Phase
from alerts.instructions import Work
from alerts.model import Hazard
from contacts.roster.columns import HAZARD_WORDS

SHORTEST_IN_TEXT = 2
"""Characters that a word must have to be looked for in a card's text."""

_PHASES = list(Phase)
_HAZARD_NAMES: dict[Hazard, tuple[str, ...]] = {
    **{
        hazard: tuple(
            text
            for text, value in HAZARD_WORDS.items()
            if value == hazard.value and not text.isascii()
        )
        for hazard in Hazard
    },
    Hazard.FLOOD_RESPONSE: ("防汛应急响应", "应急响应"),
    Hazard.FIRE_RESPONSE: ("防火应急响应", "应急响应"),
}
_ALIKE: dict[Hazard, tuple[str, ...]] = {
    Hazard.GEOLOGICAL: ("滑坡", "泥石流", "崩塌"),
    Hazard.FOREST_FIRE: ("山火", "林火"),
    Hazard.FOREST_FIRE_DANGER: ("火险",),
    Hazard.RESERVOIR: ("水库",),
    Hazard.WATERLOGGING: ("积水",),
    Hazard.SNOWSTORM: ("大雪", "雪灾"),
}


def find_cards(cards: Iterable[Card], words: str, work: Work | None = None) -> list[Card]:
    """The cards that all of ``words`` are about, the best first.

    A hazard's own name comes before what is alike (山火), that before titles and texts; a card of
    that hazard alone before one of many.

    :param work: the reader's own: of cards that fit alike theirs come first.
    """
    wanted = words.casefold().split()
    found = []
    for card in cards if wanted else ():
        fits = [_fit(card, word) for word in wanted]
        if None not in fits:
            best = min(fit for fit in fits if fit is not None)
            found.append((best, work not in card.works, len(card.hazards), *_place(card), card))
    found.sort(key=lambda row: row[:-1])
    return [row[-1] for row in found]


class _Fit(IntEnum):
    """Where a word was found: the smaller, the better."""

    HAZARD_ALONE = 0
    HAZARD = 1
    ALIKE = 2
    TITLE = 3
    KEYWORD = 4
    WORK = 5
    TEXT = 6


def _place(card: Card) -> tuple[int, str]:
    return min(map(_PHASES.index, card.phases)), card.title


def _fit(card: Card, word: str) -> _Fit | None:
    """How a word fits what a card is about; ``None``: not at all."""
    if word.isascii():
        return _by_initials(card, word) if word.isalpha() and len(word) >= 2 else None
    own = any(word in name for hazard in card.hazards for name in _HAZARD_NAMES[hazard])
    if own:
        return _Fit.HAZARD_ALONE if len(card.hazards) == 1 else _Fit.HAZARD
    if any(word in name for hazard in card.hazards for name in _ALIKE.get(hazard, ())):
        return _Fit.ALIKE
    if word in card.title:
        return _Fit.TITLE
    if any(word in keyword for keyword in card.keywords):
        return _Fit.KEYWORD
    if WORK_WORDS.get(word) in card.works or PHASE_WORDS.get(word) in card.phases:
        return _Fit.WORK
    return _Fit.TEXT if len(word) >= SHORTEST_IN_TEXT and word in card.body else None


def _by_initials(card: Card, letters: str) -> _Fit | None:
    def begins(names: Iterable[str]) -> bool:
        return any(initials(name).startswith(letters) for name in names)

    if begins(name for hazard in card.hazards for name in _HAZARD_NAMES[hazard]):
        return _Fit.HAZARD_ALONE if len(card.hazards) == 1 else _Fit.HAZARD
    if begins(name for hazard in card.hazards for name in _ALIKE.get(hazard, ())):
        return _Fit.ALIKE
    if begins(card.keywords):
        return _Fit.KEYWORD
    return _Fit.TITLE if letters in initials(card.title) else None
