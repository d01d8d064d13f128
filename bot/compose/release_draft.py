"""A warning being composed: what was chosen so far, and what is still open. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from alerts.model import Draft, Hazard, Level
from bot.views.vocabulary import headline


@dataclass(frozen=True, slots=True)
class Composing:
    """The state of the release wizard, as it is kept between two taps."""

    level: Level | None = None
    hazard: Hazard | None = None
    areas: tuple[str, ...] = ()
    text: str = ""
    lead_minutes: int | None = None
    lead_chosen: bool = False
    exercise: bool = False
    adding: bool = False  # one more area is being chosen
    typing: bool = False  # the text is being written
    nonce: str = ""  # of the preview shown last: only its button confirms

    @property
    def complete(self) -> bool:
        """Whether nothing is left to ask."""
        return bool(
            self.level
            and self.hazard
            and self.areas
            and not self.adding
            and self.text
            and self.lead_chosen
        )

    def without(self, what: str) -> Self:
        """Ask for ``what`` again: level, hazard, area, text or lead."""
        if what == "level":
            return replace(self, level=None)
        if what == "hazard":
            return replace(self, hazard=None)
        if what == "area":
            return replace(self, areas=(), adding=False)
        if what == "text":
            return replace(self, text="", typing=False)
        if what == "lead":
            return replace(self, lead_chosen=False)
        return self

    def draft(self, place: str) -> Draft:
        """What is to be released; ``place`` names its areas. Only when ``complete``."""
        assert self.level is not None and self.hazard is not None
        return Draft(
            self.level,
            self.hazard,
            self.areas,
            self.text,
            self.exercise,
            self.lead_minutes,
            headline(self.level, self.hazard, place, "zh"),
        )

    def as_state(self) -> dict[str, Any]:
        """For the conversation's row."""
        return {
            "level": None if self.level is None else self.level.value,
            "hazard": None if self.hazard is None else self.hazard.value,
            "areas": list(self.areas),
            "text": self.text,
            "lead_minutes": self.lead_minutes,
            "lead_chosen": self.lead_chosen,
            "exercise": self.exercise,
            "adding": self.adding,
            "typing": self.typing,
            "nonce": self.nonce,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Back from the conversation's row."""
        values = dict(state)
        values["level"] = None if values["level"] is None else Level(values["level"])
        values["hazard"] = None if values["hazard"] is None else Hazard(values["hazard"])
        values["areas"] = tuple(values["areas"])
        return cls(**values)
