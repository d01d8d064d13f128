"""How many are to move (应转), were moved (已转) and are still to move (未转). Pure.

A village is counted by its households where any was ticked; where none was, the latest figures
that were reported of it count. What is still to move is worked out village by village before
anything is added up: a village that moved more than its card asks for makes up for no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from contacts.divisions.codes import Tier


class MoveState(Enum):
    """What was ticked of a household."""

    MOVED = "moved"
    AWAY = "away"  # 已在外: nobody is there who would have to move
    REFUSED = "refused"  # 拒转: there, and will not go
    HOME = "home"  # a tick taken back: as if nothing was ticked

    @property
    def safe(self) -> bool:
        """Whether nobody of the household is to be moved any more."""
        return self in (MoveState.MOVED, MoveState.AWAY)


class Figures(NamedTuple):
    """Households and the persons in them."""

    households: int = 0
    persons: int = 0

    def plus(self, other: Figures) -> Figures:
        """Both together."""
        return Figures(self.households + other.households, self.persons + other.persons)

    def less(self, other: Figures) -> Figures:
        """What is left of these, never below nothing."""
        return Figures(
            max(0, self.households - other.households), max(0, self.persons - other.persons)
        )

    @property
    def any(self) -> bool:
        """Whether there is anybody at all."""
        return self.households > 0 or self.persons > 0


NONE = Figures()


class Ticks(NamedTuple):
    """What was ticked in one village, household by household; each counts once."""

    moved: Figures = NONE
    away: Figures = NONE
    refused: Figures = NONE

    @property
    def any(self) -> bool:
        """Whether any household is ticked."""
        return self.moved.any or self.away.any or self.refused.any

    def plus(self, state: MoveState, persons: int) -> Ticks:
        """With one more household in this state."""
        if state is MoveState.HOME:
            return self
        added = getattr(self, state.value).plus(Figures(1, persons))
        return self._replace(**{state.value: added})


class Moved(NamedTuple):
    """How many of a village were moved, and the other figure where there are two."""

    counted: Figures
    said: Figures | None = None  # what was reported, where the ticks say otherwise

    @property
    def differs(self) -> bool:
        """Whether ticks and reported figures say different things."""
        return self.said is not None


def moved(ticks: Ticks | None, said: Figures | None) -> Moved:
    """How many of a village count as moved.

    :param ticks: its households, ``None`` or empty where none was ticked.
    :param said: the latest figures that were reported of it, if any.
    """
    if ticks is None or not ticks.any:
        return Moved(said or NONE)
    return Moved(ticks.moved, said if said is not None and said != ticks.moved else None)


class VillageCount(NamedTuple):
    """One village of a warning: how many are to move, and how far that has got."""

    division_code: str
    target: Figures = NONE  # 应转; none: it has no card
    said: Figures | None = None
    ticks: Ticks | None = None

    @property
    def moved(self) -> Moved:
        """已转."""
        return moved(self.ticks, self.said)

    @property
    def left(self) -> Figures:
        """未转: of the target neither moved nor away."""
        away = NONE if self.ticks is None else self.ticks.away
        return self.target.less(self.moved.counted.plus(away))

    @property
    def excess(self) -> bool:
        """Whether more were moved than the card asks for."""
        return self.target.any and self.moved.counted.households > self.target.households


@dataclass(frozen=True, slots=True)
class Evacuation:
    """The sums of a division, or of a warning."""

    target: Figures = NONE
    moved: Figures = NONE
    away: Figures = NONE
    refused: Figures = NONE
    left: Figures = NONE
    villages: int = 0  # with a card
    finished: int = 0  # of those: nobody is still to move
    differing: int = 0  # where ticks and reported figures say different things

    @property
    def any(self) -> bool:
        """Whether there is anything to show."""
        return self.target.any or self.moved.any or self.away.any or self.refused.any


def total(villages: Iterable[VillageCount]) -> Evacuation:
    """The sum of all of them.

    In plain numbers: a province has 12,000 villages, and a card is drawn every few seconds.
    """
    sums = [0] * 10
    with_card = finished = differing = 0
    for village in villages:
        target, ticks, said = village.target, village.ticks, village.said
        counted, away = said or NONE, NONE
        if ticks is not None and ticks.any:
            counted, away, refused = ticks
            differing += said is not None and said != counted
            sums[6] += refused[0]
            sums[7] += refused[1]
        left_households = max(0, target[0] - counted[0] - away[0])
        left_persons = max(0, target[1] - counted[1] - away[1])
        for place, number in enumerate((*target, *counted, *away)):
            sums[place] += number
        sums[8] += left_households
        sums[9] += left_persons
        if target[0] or target[1]:
            with_card += 1
            finished += not (left_households or left_persons)
    target, moved_there, away, refused, left = (
        Figures(*sums[at : at + 2]) for at in range(0, 10, 2)
    )
    return Evacuation(target, moved_there, away, refused, left, with_card, finished, differing)


def by_division(villages: Iterable[VillageCount], tier: Tier) -> dict[str, Evacuation]:
    """The sums by division of ``tier``; what lies above it counts for itself."""
    found: dict[str, list[VillageCount]] = {}
    for village in villages:
        code = village.division_code
        # A division above the tier ends in the zeros that this would cut off: it stays itself.
        at = code[: tier.digits].ljust(len(code), "0")
        found.setdefault(at, []).append(village)
    return {code: total(these) for code, these in sorted(found.items())}


def in_all(warnings: Iterable[Mapping[str, VillageCount]]) -> list[VillageCount]:
    """The villages of several warnings, each once: who was moved for one is not moved again.

    Of a village in more than one, the warning in which most were moved counts.

    :param warnings: the villages of each, by code.
    """
    found: dict[str, VillageCount] = {}
    for villages in warnings:
        for code, village in villages.items():
            known = found.get(code)
            if known is None or _further(village) > _further(known):
                found[code] = village
    return [found[code] for code in sorted(found)]


def _further(village: VillageCount) -> tuple[Figures, Figures]:
    return village.moved.counted, village.target
