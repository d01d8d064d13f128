"""A warning being composed: what was chosen so far, and what is still open. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from alerts.drawn_area import DrawnArea
from alerts.model import WARNED_OF, Draft, Hazard, Level
from bot.actions.release import ReleaseStep
from bot.views.vocabulary import headline
from contacts.places import Place, PlaceKind

_KINDS = frozenset(kind.value for kind in PlaceKind)
_OPEN_AGAIN: Mapping[str, Mapping[str, Any]] = {
    "level": {"level": None},
    "hazard": {"hazard": None},
    "area": {
        "areas": (),
        "places": (),
        "besides": (),
        "drawn": None,
        "adding": False,
        "picking": False,
        "unclear": (),
    },
    "text": {"text": "", "typing": False},
    "lead": {"lead_chosen": False},
}


@dataclass(frozen=True, slots=True)
class UnfinishedDraft:
    """A ``Draft`` on its way through the release wizard, as it is kept between two taps."""

    level: Level | None = None
    hazard: Hazard | None = None
    areas: tuple[str, ...] = ()
    text: str = ""
    lead_minutes: int | None = None
    lead_chosen: bool = False
    exercise: bool = False
    places: tuple[str, ...] = ()  # codes and kinds: only whoever answers for these places
    besides: tuple[str, ...] = ()  # codes of places outside the areas, called in addition
    drawn: DrawnArea | None = None  # the drawing that the areas were taken from
    picking: bool = False  # areas are being ticked
    opened: str = ""  # of which division the list is open
    adding: bool = False  # one more area is being chosen
    typing: bool = False  # the text is being written
    choosing: bool = False  # the places are being chosen that it is for alone
    unclear: tuple[str, ...] = ()  # names of areas in the line that are not exactly one place
    line_id: int = 0  # the message of the line it was written in; 0 when it was composed by taps
    text_id: int = 0  # the message in which the text was written
    signal: str | None = None  # whose: a division's code, "" for nobody's; None: the nearest
    same: tuple[int, ...] = ()  # the same warnings in force that the preview named
    issuer: str = ""  # whose signal, by name, where it was drafted from theirs
    proposal_id: int = 0  # what a machine proposed, if it began so
    nonce: str = ""  # of the preview shown last: only its button confirms

    @property
    def complete(self) -> bool:
        """Whether nothing is left to ask."""
        return bool(
            self.level
            and self.hazard
            and self.areas
            and not self.adding
            and not self.picking
            and not self.choosing
            and not self.unclear
            and self.text
            and self.lead_chosen
        )

    @property
    def hears(self) -> bool:
        """Whether what is asked now may be typed: an area's name, or the text."""
        where = not self.areas or self.adding or self.picking or self.choosing
        where = where or bool(self.unclear)
        asked = where or self.typing or not self.text
        return bool(self.level and self.hazard) and asked

    def without(self, what: str) -> Self:
        """Ask for ``what`` again: level, hazard, area, text or lead; any other word is ignored."""
        return replace(self, **_OPEN_AGAIN.get(what, {}))

    def with_area(self, code: str) -> Self:
        """With this area: one more when one more is being chosen, else instead of the others.

        It answers the first name that was unclear. Single places are no longer all that it is for.
        """
        more = self.adding or bool(self.unclear)
        return replace(
            self,
            areas=tuple(dict.fromkeys((*self.areas, code) if more else (code,))),
            places=tuple(word for word in self.places if word in _KINDS) if more else (),
            besides=self.besides if more else (),
            drawn=self.drawn if more else None,
            adding=False,
            picking=False,
            unclear=self.unclear[1:],
        )

    def with_picked(self, areas: Sequence[str]) -> Self:
        """With exactly these areas, ticked one by one; more may follow."""
        return replace(
            self,
            areas=tuple(areas),
            places=tuple(word for word in self.places if word in _KINDS),
            drawn=None,
            picking=True,
        )

    def with_drawn(self, drawn: DrawnArea, areas: Sequence[str], besides: Sequence[str]) -> Self:
        """With the areas of a drawing instead of the others."""
        return replace(
            self,
            areas=tuple(areas),
            places=(),
            besides=tuple(besides),
            drawn=drawn,
            adding=False,
            picking=False,
            choosing=False,
            unclear=(),
        )

    def with_place(self, place: Place) -> Self:
        """For this place alone, or for it, too, where it is for places already."""
        further = (self.adding or bool(self.unclear)) and bool(self.areas)
        if further and not self.places:  # beside whole areas: its division is one more
            return self.with_area(place.division_code)
        areas = (*self.areas, place.division_code) if further else (place.division_code,)
        places = (*self.places, place.code) if further else (place.code,)
        return replace(
            self,
            areas=tuple(dict.fromkeys(areas)),
            places=tuple(dict.fromkeys(places)),
            besides=self.besides if further else (),
            drawn=self.drawn if further else None,
            adding=False,
            picking=False,
            unclear=self.unclear[1:],
        )

    def toggled(self, word: str) -> Self:
        """With a place (its code) or a kind of places more, or without it."""
        left = tuple(other for other in self.places if other != word)
        return replace(self, places=left if word in self.places else (*left, word))

    def with_name_as_text(self) -> Self:
        """The first unclear name is no place: the text begins with it."""
        if not self.unclear:
            return self
        text = f"{self.unclear[0]} {self.text}".strip()
        return replace(self, text=text, unclear=self.unclear[1:])

    def with_offered(self, number: int, texts: Sequence[str]) -> Self:
        """With the text of ``texts`` that a button chose by its number from 0."""
        return replace(self, text=texts[number], text_id=0) if number < len(texts) else self

    def chosen(self, step: ReleaseStep, value: str) -> Self:
        """With what a button chose; a value that no button has leaves it as it was."""
        if step is ReleaseStep.LEVEL and value in {level.value for level in Level}:
            return replace(self, level=Level(value))
        if step is ReleaseStep.HAZARD and value in {hazard.value for hazard in WARNED_OF}:
            return replace(self, hazard=Hazard(value))
        if step is ReleaseStep.MORE:
            return replace(self, adding=True)
        if step is ReleaseStep.TEXT and value == "name":
            return self.with_name_as_text()
        if step is ReleaseStep.LEAD and (
            value == "none" or (value.isdecimal() and len(value) <= 4)
        ):
            minutes = None if value == "none" else int(value)
            return replace(self, lead_minutes=minutes, lead_chosen=True)
        if step is ReleaseStep.EXERCISE:
            return replace(self, exercise=value == "1")
        if step is ReleaseStep.CHANGE:
            return self.without(value)
        return self

    def signal_from(self, offered: Sequence[str]) -> str:
        """Whose signal is quoted: of the divisions ``offered`` the one chosen, or the nearest."""
        if self.signal is None:
            return offered[0] if offered else ""
        return self.signal if self.signal in offered else ""

    def with_next_signal(self, offered: Sequence[str]) -> Self:
        """With the signal of the next of the divisions ``offered``; after the last, nobody's."""
        if not offered:
            return self
        around = (*offered, "")
        at = around.index(self.signal_from(offered))
        return replace(self, signal=around[(at + 1) % len(around)])

    def finished(self, place: str, issued_by: str = "") -> Draft:
        """What is to be released; ``place`` names its areas. Only when ``complete``.

        :param issued_by: the name of the service whose signal it quotes.
        """
        assert self.level is not None and self.hazard is not None
        return Draft(
            self.level,
            self.hazard,
            self.areas,
            self.text,
            self.exercise,
            self.lead_minutes,
            headline(self.level, self.hazard, place, "zh"),
            issued_by,
            self.places,
            self.besides,
            self.drawn.shape if self.drawn is not None else "",
        )

    def as_state(self) -> dict[str, Any]:
        """For the conversation's row: plain values that JSON can hold."""
        return asdict(self) | {
            "level": None if self.level is None else self.level.value,
            "hazard": None if self.hazard is None else self.hazard.value,
            "areas": list(self.areas),
            "places": list(self.places),
            "besides": list(self.besides),
            "drawn": None if self.drawn is None else self.drawn.as_state(),
            "unclear": list(self.unclear),
            "same": list(self.same),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Back from the conversation's row."""
        level, hazard, drawn = state["level"], state["hazard"], state.get("drawn")
        read = {
            "level": None if level is None else Level(level),
            "hazard": None if hazard is None else Hazard(hazard),
            "areas": tuple(state["areas"]),
            "places": tuple(state.get("places", ())),
            "besides": tuple(state.get("besides", ())),
            "drawn": None if drawn is None else DrawnArea.from_state(drawn),
            "unclear": tuple(state.get("unclear", ())),
            "same": tuple(state.get("same", ())),
        }
        return cls(**{**state, **read})
