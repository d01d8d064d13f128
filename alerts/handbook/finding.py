"""Cards found by words, or by the initials of their pinyin: 山洪, sh, 山洪 村. Pure."""

from __future__ import annotations

from collections.abc import Iterable

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

    :param work: the reader's own: of cards that fit alike theirs come first.
    """
    wanted = words.casefold().split()
    found = []
    for card in cards if wanted else ():
        scores = [_score(card, word) for word in wanted]
        if all(scores):
            found.append((sum(scores), card))
    found.sort(key=lambda pair: (work not in pair[1].works, -pair[0], *_place(pair[1])))
    return [card for _score, card in found]


def _place(card: Card) -> tuple[int, str]:
    return min(map(_PHASES.index, card.phases)), card.title


def _score(card: Card, word: str) -> int:
    """How much of what a card is about this word says; 0: nothing."""
    if word.isascii():
        return _by_initials(card, word) if word.isalpha() and len(word) >= 2 else 0
    names = [name for hazard in card.hazards for name in _names(hazard)]
    if any(word in name for name in names):
        return _of_hazard(card)
    if word in card.title:
        return 60
    if any(word in keyword for keyword in card.keywords):
        return 40
    if WORK_WORDS.get(word) in card.works or PHASE_WORDS.get(word) in card.phases:
        return 30
    return 10 if len(word) >= SHORTEST_IN_TEXT and word in card.body else 0


def _by_initials(card: Card, letters: str) -> int:
    if any(initials(name).startswith(letters) for h in card.hazards for name in _names(h)):
        return _of_hazard(card)
    if any(initials(keyword).startswith(letters) for keyword in card.keywords):
        return 40
    return 20 if letters in initials(card.title) else 0


def _of_hazard(card: Card) -> int:
    """A card of one hazard says more of it than one of many."""
    return max(50, 105 - 5 * len(card.hazards))


def _names(hazard: Hazard) -> tuple[str, ...]:
    return _HAZARD_NAMES[hazard] + _ALIKE.get(hazard, ())
