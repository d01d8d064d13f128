"""Cards found by words, in English too, or by pinyin initials: 山洪, sh, flash flood. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum

from alerts.handbook.initials import initials
from alerts.handbook.model import PHASE_WORDS, WORK_WORDS, Card, Phase
from alerts.instructions import Work
from alerts.model import Hazard
from contacts.roster.columns import HAZARD_WORDS

SHORTEST_IN_TEXT = 2
"""Characters that a word must have to be looked for in a card's text."""

SHORTEST_ENGLISH = 3
"""Letters that an English word must have: fewer are initials."""

SHORTEST_IN_ENGLISH_TEXT = 4

_PARTED = re.compile(r"[\s\-_/.,;:?!，、。；：？！]+")
_PASSED_OVER = frozenset("a an the in on of to for and or is are what how do does i we".split())
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
_ALIKE_IN_ENGLISH: dict[Hazard, str] = {
    Hazard.RAINSTORM: "heavy rain storm",
    Hazard.RIVER_FLOOD: "dyke levee",
    Hazard.GEOLOGICAL: "landslide mudslide debris flow rockfall",
    Hazard.WATERLOGGING: "urban flood inundation",
    Hazard.TYPHOON: "cyclone",
    Hazard.THUNDERSTORM_GALE: "storm lightning wind convection",
    Hazard.RESERVOIR: "dam",
    Hazard.FOREST_FIRE: "wildfire bushfire",
    Hazard.SNOWSTORM: "storm blizzard",
    Hazard.GALE: "wind",
    Hazard.COLD_WAVE: "frost",
    Hazard.ROAD_ICING: "ice icy",
    Hazard.FLOOD_RESPONSE: "emergency",
    Hazard.FIRE_RESPONSE: "emergency",
}
"""Beside the words of the hazard's own name."""


def find_cards(cards: Iterable[Card], words: str, work: Work | None = None) -> list[Card]:
    """The cards that all of ``words`` are about, the best first.

    A hazard's own name comes before what is alike (山火), that before titles and texts; a card of
    that hazard alone before one of many.

    :param work: the reader's own: of cards that fit alike theirs come first.
    """
    said = [word for word in _PARTED.split(words.casefold()) if word]
    wanted = [word for word in said if word not in _PASSED_OVER] or said
    found = []
    for card in cards if wanted else ():
        fits = [_fit(card, word) for word in wanted]
        if None not in fits:
            good = [fit for fit in fits if fit is not None]
            order = min(good), max(good), work not in card.works, len(card.hazards)
            found.append((*order, *_place(card), card))
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
        if not word.isalpha() or len(word) < 2:
            return None
        ways = (_by_initials(card, word), _by_english(card, word))
        return min((fit for fit in ways if fit is not None), default=None)
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


def _by_english(card: Card, word: str) -> _Fit | None:
    """By the beginnings of English words, the plural as the singular."""
    word = word.removesuffix("s") if len(word) > SHORTEST_IN_ENGLISH_TEXT else word
    if len(word) < SHORTEST_ENGLISH:
        return None

    def begins(texts: Iterable[str]) -> bool:
        return any(_begins_a_word(word, text) for text in texts)

    if begins(hazard.value for hazard in card.hazards):
        return _Fit.HAZARD_ALONE if len(card.hazards) == 1 else _Fit.HAZARD
    if begins(_ALIKE_IN_ENGLISH.get(hazard, "") for hazard in card.hazards):
        return _Fit.ALIKE
    if begins([card.title_en.casefold()]):
        return _Fit.TITLE
    if begins(work.value for work in card.works) or begins(phase.value for phase in card.phases):
        return _Fit.WORK
    if len(word) >= SHORTEST_IN_ENGLISH_TEXT and begins([card.body_en.casefold()]):
        return _Fit.TEXT
    return None


def _begins_a_word(word: str, text: str) -> bool:
    at = text.find(word)
    while at > 0 and text[at - 1].isalpha():
        at = text.find(word, at + 1)
    return at >= 0
