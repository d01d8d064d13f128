"""A change of a running warning being composed: what was chosen so far, what is asked now. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, Self

from alerts.lifecycle import Change
from alerts.model import Alert, Level
from alerts.templates import texts
from bot.compose.change_line import Where
from bot.views.vocabulary import headline
from contacts.divisions.area_lists import Children, difference, narrowed, only, widened
from data.geo.shapes import together


class Asking(Enum):
    """What the person is asked for now; each may be typed."""

    LEVEL = "level"
    TEXT = "text"
    TIME = "time"
    ADD = "add"
    NARROW = "narrow"


@dataclass(frozen=True, slots=True)
class UnfinishedChange:
    """What is to become of one warning, as it is kept between two taps; ``None``: that stays.

    ``unclear`` are names that are not exactly one place, with what is to become of each place.
    ``version``: that of the warning when its preview was shown last.
    """

    alert_id: int
    version: int = 0
    level: Level | None = None
    text: str | None = None
    areas: tuple[str, ...] | None = None
    expires_at: datetime | None = None
    signal: bool = False  # it quotes the same service's signal of the new level
    asking: Asking | None = None
    unclear: tuple[tuple[Where, str], ...] = ()
    meant: tuple[str, ...] = ()  # areas that 缩小 named: to keep or to drop is asked
    opened: str = ""  # of which division those below are shown, to be added
    page: int = 0
    nonce: str = ""  # of the preview shown last: only its button confirms
    line_id: int = 0  # the message of the line it was written in
    text_id: int = 0  # the message in which the text was written
    line: str = ""  # the line itself, while it is asked which warning it is about
    drawn: str = ""  # what is added is drawn so (GeoJSON); empty where something was named, too

    @property
    def changes(self) -> bool:
        """Whether anything was chosen."""
        chosen = (self.level, self.text, self.areas, self.expires_at)
        return any(value is not None for value in chosen)

    @property
    def says_nothing(self) -> bool:
        """Whether it is as the warning is, and nothing is left to ask."""
        return not (self.changes or self.asking or self.unclear or self.meant)

    @property
    def settled(self) -> bool:
        """Whether nothing is left to ask, and something changes."""
        return self.changes and not (self.asking or self.unclear or self.meant or self.areas == ())

    @property
    def hears(self) -> bool:
        """Whether what is asked now may be typed."""
        return self.asking is not None or bool(self.unclear)

    def with_level(self, alert: Alert, level: Level) -> Self:
        """With this level; a text of the level's template becomes that of the new level."""
        chosen = replace(self, level=None if level is alert.level else level, asking=None)
        if self.text is not None and self.text not in _templates(alert):
            return chosen
        ready = texts(alert.hazard, alert.level)
        if alert.description not in ready:
            return chosen
        text = texts(alert.hazard, level)[ready.index(alert.description)]
        return chosen.with_text(alert, text)

    def in_own_words(self, alert: Alert, own: Mapping[Level, Sequence[str]]) -> Self:
        """With what the office's own template says of the new level (``own``: its texts), where the
        warning says what it says of the old one."""
        ready = _templates(alert).union(*own.values())
        if self.level is None or (self.text is not None and self.text not in ready):
            return self
        if alert.description not in own[alert.level]:
            return self
        at, after = list(own[alert.level]).index(alert.description), own[self.level]
        return self.with_text(alert, after[min(at, len(after) - 1)])

    def with_text(self, alert: Alert, text: str) -> Self:
        """With this text."""
        text = text.strip()
        return replace(self, text=None if text == alert.description else text, asking=None)

    def until(self, alert: Alert, at: datetime) -> Self:
        """In force until then."""
        return replace(self, expires_at=None if at == alert.expires_at else at, asking=None)

    def with_areas(
        self,
        alert: Alert,
        where: Where,
        codes: Sequence[str],
        children: Children,
        *,
        drawn: str = "",
    ) -> Self:
        """With these areas more or less; ``drawn``: what lies in this drawing."""
        now = alert.areas if self.areas is None else self.areas
        if where is Where.ADD:
            areas = widened(now, codes, children)
        elif where is Where.DROP:
            areas = narrowed(now, codes, children)
        else:
            areas = only(now, codes)
        if self.areas is not None:
            drawn = together(self.drawn, drawn) if self.drawn and drawn else ""
        if not any(difference(alert.areas, areas, children)):
            return replace(self, areas=None, drawn="")
        return replace(self, areas=areas, drawn=drawn)

    def as_change(self, alert: Alert, place: str, children: Children) -> Change:
        """What is to be done to the warning; ``place`` names its areas as they will be."""
        level = self.level or alert.level
        renamed = self.level is not None or self.areas is not None
        add, remove = self.difference(alert, children)
        return Change(
            level=self.level,
            text=self.text,
            headline=headline(level, alert.hazard, place, "zh") if renamed else None,
            expires_at=self.expires_at,
            # The signal that it quotes is of the level before; without a word it is dropped.
            issued_by=alert.issued_by if self.level is not None and self.signal else None,
            add=add,
            remove=remove,
            drawn=self.drawn,
        )

    def difference(
        self, alert: Alert, children: Children
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The divisions that come, and those that go."""
        if self.areas is None:
            return (), ()
        return difference(alert.areas, self.areas, children)

    def as_state(self) -> dict[str, Any]:
        """For the conversation's row: plain values that JSON can hold."""
        return asdict(self) | {
            "alert": self.alert_id,
            "level": None if self.level is None else self.level.value,
            "areas": None if self.areas is None else list(self.areas),
            "expires_at": None if self.expires_at is None else self.expires_at.isoformat(),
            "asking": None if self.asking is None else self.asking.value,
            "unclear": [[where.value, name] for where, name in self.unclear],
            "meant": list(self.meant),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Back from the conversation's row."""
        kept = {name: value for name, value in state.items() if name != "alert"}
        level, areas, until = state["level"], state["areas"], state["expires_at"]
        read = {
            "level": None if level is None else Level(level),
            "areas": None if areas is None else tuple(areas),
            "expires_at": None if until is None else datetime.fromisoformat(until),
            "asking": None if state["asking"] is None else Asking(state["asking"]),
            "unclear": tuple((Where(where), name) for where, name in state["unclear"]),
            "meant": tuple(state["meant"]),
        }
        return cls(**{**kept, **read})


def of_draft(
    alert: Alert, level: Level, areas: Sequence[str], text: str, children: Children
) -> UnfinishedChange:
    """The change that makes a running warning say what a draft of the same says.

    The warning's other areas stay: who wrote the draft may not have thought of them.
    """
    begun = UnfinishedChange(alert.id).with_level(alert, level).with_text(alert, text)
    return begun.with_areas(alert, Where.ADD, areas, children)


def _templates(alert: Alert) -> set[str]:
    return {text for level in Level for text in texts(alert.hazard, level)}
