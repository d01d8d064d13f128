"""From a message of another agency to drafts of ours: which of its parts, in which words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.model import Draft, Hazard, Level
from alerts.rules import Rules
from alerts.sources.cap import doubts
from alerts.sources.cap.areas import Where
from alerts.sources.cap.meaning import EventTable, NoHazard, hazard_of, level_of, no_danger
from alerts.sources.cap.model import CapAlert, CapInfo, CapStatus, CapType

AHEAD = timedelta(minutes=10)
"""Clocks differ: so much in the future is nothing to be doubted (ours)."""

FARTHEST_AHEAD = timedelta(days=10)
"""A message from later than that is no message of today with a wrong clock (ours)."""

LONGEST_VALID = timedelta(days=10)
"""What a message says to hold for longer is asked about after that long (ours)."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a message warns of in one hazard and colour, with all infos that say so."""

    hazard: Hazard
    level: Level
    infos: tuple[CapInfo, ...]
    notes: tuple[str, ...] = ()

    @property
    def first(self) -> CapInfo:
        """The info whose words are taken."""
        return self.infos[0]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a message comes to. ``none``: why it comes to nothing; ``event``: what it named."""

    parts: tuple[Part, ...] = ()
    none: NoHazard | None = None
    event: str = ""
    clear: bool = False  # all of it says that there is nothing to fear


def parts_of(alert: CapAlert, table: EventTable) -> Parts:
    """The parts of a message, of the language that is read best here: Chinese, else English, else
    its first. Infos of one hazard and colour are one part, with all their areas."""
    infos = _readable(alert.infos)
    found: dict[tuple[Hazard, Level], list[CapInfo]] = {}
    unclear: set[tuple[Hazard, Level]] = set()
    none: NoHazard | None = None
    event, clear = "", False
    for info in infos:
        if no_danger(info):
            clear = True
            continue
        hazard = hazard_of(info, table)
        if isinstance(hazard, NoHazard):
            if none is not NoHazard.UNKNOWN:
                none, event = hazard, info.event or info.headline
            continue
        level = level_of(info)
        key = hazard, level or Level.YELLOW
        if level is None:
            unclear.add(key)
        found.setdefault(key, []).append(info)
    parts = tuple(
        Part(*key, tuple(some), (doubts.NO_LEVEL,) if key in unclear else ())
        for key, some in found.items()
    )
    return Parts(parts, none if not parts else None, event, clear and not parts and none is None)


def _readable(infos: Sequence[CapInfo]) -> list[CapInfo]:
    """The infos of one language. Where none is said, all of them."""
    languages = list(dict.fromkeys(_language(info) for info in infos))
    for wanted in ("zh", "cmn", "en"):
        if wanted in languages:
            return [info for info in infos if _language(info) == wanted]
    return [info for info in infos if _language(info) == languages[0]] if languages else []


def _language(info: CapInfo) -> str:
    if info.language:
        return info.language.replace("_", "-").partition("-")[0].lower()
    return "zh" if _chinese(info.headline + info.description) else "en"


def _chinese(text: str) -> bool:
    """Whether it is written in Chinese: with characters, and without kana."""
    characters = sum("\u4e00" <= character <= "\u9fff" for character in text)
    kana = any("\u3040" <= character <= "\u30ff" for character in text)
    return characters > 0 and not kana


def draft_of(alert: CapAlert, part: Part, where: Where, rules: Rules) -> Draft:
    """The draft of a part: its colour, its areas, its words, and whose signal it is."""
    info = part.first
    said = info.description or info.headline or info.event
    lines = [said.strip(), info.instruction.strip()]
    text = "\n".join(line for line in lines if line) or info.event or alert.identifier
    return Draft(
        part.level,
        part.hazard,
        where.areas,
        doubts.cut(text, rules.max_text),
        alert.status is CapStatus.EXERCISE,
        headline=info.headline[:200],
        issued_by=_service(alert, info),
        besides=where.besides,
        shape=where.shape,
    )


def _service(alert: CapAlert, info: CapInfo) -> str:
    """Who issued it: 敦化市气象台. GB/T 35965.1 has a clerk's name as the sender's name."""
    names = [info.sender_name, alert.sender]
    if alert.sender_code:
        names.reverse()
    return next((name for name in names if name), "")[:60]


def valid_until(alert: CapAlert, part: Part, rules: Rules) -> tuple[datetime, list[str]]:
    """Until when it holds; a note where the agency does not say."""
    ends = [info.expires for info in part.infos if info.expires is not None]
    begins = max((info.effective or alert.sent for info in part.infos), default=alert.sent)
    if ends:
        return min(max(ends), begins + LONGEST_VALID), []
    hours = rules.expires_hours[part.level]
    return begins + timedelta(hours=hours), [doubts.NO_EXPIRY]


def notes_of(alert: CapAlert, part: Part, where: Where, now: datetime) -> list[str]:
    """What whoever decides should know beside the words."""
    notes = [*part.notes, *where.notes, *doubts.doubt_notes(alert.doubts)]
    if alert.sent > now + AHEAD:
        notes.append(doubts.FUTURE)
    if _language(part.first) not in ("zh", "cmn"):
        notes.append(doubts.NOT_CHINESE)
    return list(dict.fromkeys(notes))


def meant(alert: CapAlert) -> bool:
    """Whether it is for the public and is meant: no test, no answer to another message."""
    real = alert.status in (CapStatus.ACTUAL, CapStatus.EXERCISE)
    return real and alert.type in (CapType.ALERT, CapType.UPDATE, CapType.CANCEL)


def is_heartbeat(alert: CapAlert) -> bool:
    """Whether it says only that its sender is there (Canada's NAADS, each minute): no warning."""
    heartbeat = alert.sender.casefold().startswith("naads-heartbeat")
    return heartbeat or (alert.status is CapStatus.SYSTEM and not alert.infos)


def too_far_ahead(alert: CapAlert, now: datetime) -> bool:
    """Whether it was sent at a time that no clock shows yet: 2099."""
    return alert.sent > now + FARTHEST_AHEAD


def loops(alert: CapAlert, earlier: Iterable[str]) -> bool:
    """Whether a message refers to itself, or to one that refers to it.

    :param earlier: the identifiers that those refer to which it refers to.
    """
    own = alert.identifier
    return any(reference.identifier == own for reference in alert.references) or own in earlier
