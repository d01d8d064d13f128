"""A card of the handbook: what to do, for which hazards, whose work, which phase. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from alerts.instructions import Work
from alerts.model import Hazard, Level, State
from alerts.templates import MOVING, urgency

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""How a card's file is called, without ``.md``: its button names it."""


class Phase(Enum):
    """When a card is for: 备 before anything, 警 warned, 转 people move or it happens, 后 after."""

    BEFORE = "before"
    WARNED = "warned"
    MOVING = "moving"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Card:
    """One card. ``key`` is its file's name without ending; ``body`` Markdown of a few marks.

    ``source`` names the published guidance it was written from. The English of each is empty where
    an office wrote none: its Chinese is read instead.
    """

    key: str
    title: str
    hazards: frozenset[Hazard]
    works: frozenset[Work]
    phases: frozenset[Phase]
    keywords: tuple[str, ...]
    source: str
    body: str
    title_en: str = ""
    source_en: str = ""
    body_en: str = ""

    def is_for(self, hazard: Hazard, work: Work, phase: Phase) -> bool:
        """Whether it says what this work does about this hazard in this phase."""
        return hazard in self.hazards and work in self.works and phase in self.phases


def phase_of(level: Level, lead_minutes: int | None, state: State) -> Phase:
    """Which phase a warning is in for whoever it calls."""
    if state in (State.LIFTED, State.EXPIRED):
        return Phase.AFTER
    return Phase.MOVING if urgency(level, lead_minutes) in MOVING else Phase.WARNED


def best_card(cards: Iterable[Card], hazard: Hazard, work: Work, phase: Phase) -> Card | None:
    """The card for these three; of several the one that is for the fewest hazards and works.

    ``None``: there is none, not even of another phase.
    """
    known = [card for card in cards if hazard in card.hazards and work in card.works]
    for wanted in (phase, Phase.WARNED, Phase.MOVING, Phase.BEFORE, Phase.AFTER):
        fitting = [card for card in known if wanted in card.phases]
        if fitting:
            return min(fitting, key=_breadth)
    return None


def _breadth(card: Card) -> tuple[int, str]:
    return len(card.hazards) * len(card.works) * len(card.phases), card.key


PHASE_WORDS: Mapping[str, Phase] = {
    **{phase.value: phase for phase in Phase},
    "备": Phase.BEFORE,
    "平时": Phase.BEFORE,
    "警": Phase.WARNED,
    "预警": Phase.WARNED,
    "转": Phase.MOVING,
    "转移": Phase.MOVING,
    "后": Phase.AFTER,
    "灾后": Phase.AFTER,
}
WORK_WORDS: Mapping[str, Work] = {
    **{work.value: work for work in Work},
    "村责任人": Work.VILLAGE,
    "村": Work.VILLAGE,
    "指挥员": Work.COMMAND,
    "值班室": Work.OFFICE,
    "值班员": Work.OFFICE,
    "办公室": Work.OFFICE,
    "巡护员": Work.RANGER,
    "护林员": Work.RANGER,
    "瞭望员": Work.LOOKOUT,
    "检查员": Work.CHECKPOINT,
    "检查站": Work.CHECKPOINT,
}
