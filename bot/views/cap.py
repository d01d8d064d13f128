"""A warning's message in the words of CAP 1.2, in Chinese and in English. Pure.

解除 and 取消 are both ``Cancel`` in CAP and are told apart: what is lifted says ``AllClear``; what
should not have been issued says so in its note, and that nothing is to be done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.instructions import instruction
from alerts.lifecycle import ChangeKind, MessageType
from alerts.model import Family, Hazard, Level, Status
from alerts.publishing.cap import CapArea, CapInfo, CapMessage, Reference
from alerts.publishing.event_codes import NATIONAL, NATIONAL_CODES
from alerts.publishing.shapes import outer_rings
from alerts.templates import Urgency, urgency
from bot.locale import N_, translator
from bot.views.vocabulary import hazard_name, headline
from bot.views.warnings.parts import exercise_mark
from contacts.people import Role

OUR_CODES = "jiaoying"
"""The ``valueName`` under which the hazard stands in our own word."""

DIVISION_CODES = "GB/T 2260"
"""The ``valueName`` of division codes: the national ones, 12 digits with township and village."""

SOURCE = "jiaoying"

MOST_NAMED = 20
"""Areas named in ``areaDesc`` (ours): the codes of all of them stand in the geocodes."""

_SEVERITY: Mapping[Level, str] = {
    Level.RED: "Extreme",
    Level.ORANGE: "Severe",
    Level.YELLOW: "Moderate",
    Level.BLUE: "Minor",
}
CATEGORIES: Mapping[Hazard, tuple[str, ...]] = {
    Hazard.GEOLOGICAL: ("Geo",),
    Hazard.RESERVOIR: ("Met", "Infra"),
    Hazard.FOREST_FIRE: ("Fire",),
    Hazard.FOREST_FIRE_DANGER: ("Fire", "Met"),
    Hazard.ROAD_ICING: ("Met", "Transport"),
    Hazard.FLOOD_RESPONSE: ("Safety",),
    Hazard.FIRE_RESPONSE: ("Safety",),
    Hazard.FLOOD_RETURN: ("Safety",),
    Hazard.FIRE_RETURN: ("Safety",),
}
OF_WEATHER = ("Met",)
_RESPONSES: Mapping[Urgency, str] = {
    Urgency.MOVE: "Evacuate",
    Urgency.PREPARE: "Prepare",
    Urgency.CHECK: "Prepare",
    Urgency.WATCH: "Monitor",
    Urgency.NOTICE: "Monitor",
}
_SOON = 60
"""Minutes: what is so near is ``Expected``, as CAP has it; what is later is ``Future``."""

_TAGS: Mapping[str, str] = {"zh": "zh-CN", "en": "en-US"}

_ENDS = frozenset({ChangeKind.LIFT, ChangeKind.CANCEL})
_HEADLINES: Mapping[ChangeKind, str] = {
    ChangeKind.LIFT: N_("解除{headline}"),
    ChangeKind.CANCEL: N_("取消{headline}"),
    ChangeKind.UPGRADE: N_("{headline}（升级）"),
    ChangeKind.DOWNGRADE: N_("{headline}（降级）"),
    ChangeKind.CORRECT: N_("{headline}（更正）"),
    ChangeKind.EXTEND: N_("{headline}（延长）"),
    ChangeKind.ADD_AREA: N_("{headline}（扩大范围）"),
    ChangeKind.NARROW: N_("{headline}（缩小范围）"),
}
_RESPONSE_ENDED = N_("终止{headline}")
_LIFTED = N_("本次预警已解除：所警告的情况已经结束。")
_CANCELLED = N_("本次预警已取消：不应发布，请不要执行。")
_ENDED = N_("本次应急响应已终止，转入日常值守。")
_TAKEN_BACK = N_("本次应急响应已取消：不应启动，请不要执行。")
_DRILL = N_("这是演练，不是真的险情。")


@dataclass(frozen=True, slots=True)
class CapFacts:
    """What one message of a warning says, and of what; see ``alerts.lifecycle``.

    ``place`` names all areas in one line; ``areas`` are codes with their names. ``headquarters``:
    in whose name; empty: ``office``, the sender's division.
    """

    identifier: str
    sender: str
    sent_at: datetime
    status: Status
    type: MessageType
    kind: ChangeKind
    hazard: Hazard
    level: Level
    text: str
    place: str
    areas: Sequence[tuple[str, str]]
    expires_at: datetime
    lead_minutes: int | None = None
    office: str = ""
    headquarters: str = ""
    issued_by: str = ""
    contact: str = ""
    note: str = ""
    shape: str = ""
    places: Sequence[str] = ()  # names of places that it is for alone
    references: tuple[Reference, ...] = ()
    first: str = ""  # the identifier of the warning's first message


def cap_message(facts: CapFacts) -> CapMessage:
    """The message, ready to be written (``alerts.publishing.cap_out``)."""
    return CapMessage(
        identifier=facts.identifier,
        sender=facts.sender,
        sent=facts.sent_at,
        status=facts.status.value,
        msg_type=facts.type.value,
        source=SOURCE,
        note=_note(facts),
        references=facts.references,
        incidents=(facts.first,) if facts.first and facts.first != facts.identifier else (),
        infos=tuple(_info(facts, language) for language in _TAGS),
    )


def _note(facts: CapFacts) -> str:
    told = [facts.note.strip()]
    if facts.kind is ChangeKind.CANCEL:
        words = _end_words(facts)
        told.insert(0, f"{words} {translator('en')(words)}")
    if facts.status is Status.EXERCISE:
        told.insert(0, f"{_DRILL} {translator('en')(_DRILL)}")
    return " ".join(filter(None, told))


def _info(facts: CapFacts, language: str) -> CapInfo:
    over = facts.kind in _ENDS
    onset = None
    if facts.lead_minutes and not over:
        onset = facts.sent_at + timedelta(minutes=facts.lead_minutes)
    return CapInfo(
        language=_TAGS[language],
        categories=CATEGORIES.get(facts.hazard, OF_WEATHER),
        event=hazard_name(facts.hazard, language),
        responses=(_response(facts),),
        urgency=_urgency(facts),
        severity=_SEVERITY[facts.level],
        certainty=_certainty(facts),
        event_codes=event_codes(facts.hazard),
        effective=facts.sent_at,
        onset=onset,
        expires=facts.expires_at,
        sender_name=facts.headquarters or facts.office,
        headline=_headline(facts, language),
        description=_description(facts, language),
        instruction="" if over else _instruction(facts, language),
        contact=facts.contact,
        parameters=_parameters(facts),
        areas=(_area(facts, language),),
    )


def event_codes(hazard: Hazard) -> tuple[tuple[str, str], ...]:
    """Our own word first: of several codes that are known the first counts for our reader."""
    national = NATIONAL_CODES.get(hazard, "")
    return ((OUR_CODES, hazard.value), *([(NATIONAL, national)] if national else []))


def _response(facts: CapFacts) -> str:
    if facts.kind is ChangeKind.LIFT:
        return "AllClear"
    if facts.kind is ChangeKind.CANCEL:
        return "None"
    if facts.hazard.homeward:
        return "AllClear"
    near = urgency(facts.level, facts.lead_minutes)
    if facts.hazard.response or (facts.hazard.family is Family.FIRE and near is Urgency.MOVE):
        return "Execute"
    return _RESPONSES[near]


def _urgency(facts: CapFacts) -> str:
    if facts.kind in _ENDS:
        return "Past"
    if not facts.lead_minutes:
        return "Immediate"
    return "Expected" if facts.lead_minutes <= _SOON else "Future"


def _certainty(facts: CapFacts) -> str:
    if facts.kind in _ENDS:
        return "Unlikely"
    return "Observed" if facts.hazard is Hazard.FOREST_FIRE else "Likely"


def _headline(facts: CapFacts, language: str) -> str:
    words = headline(facts.level, facts.hazard, facts.place, language)
    changed = _HEADLINES.get(facts.kind)
    if facts.hazard.response and facts.kind is ChangeKind.LIFT:
        changed = _RESPONSE_ENDED
    if changed is not None:
        words = translator(language)(changed).format(headline=words)
    return exercise_mark(facts.status is Status.EXERCISE, language) + words


def _description(facts: CapFacts, language: str) -> str:
    """The warning's own words; lines of a template are in the reader's language.

    What is over orders nobody any more: its text stands in the messages before.
    """
    _ = translator(language)
    text = _end_words(facts) if facts.kind in _ENDS else facts.text
    lines = [_(line) for line in text.strip().splitlines()]
    if facts.status is Status.EXERCISE:
        lines.insert(0, _(_DRILL))
    return "\n".join(lines)


def _end_words(facts: CapFacts) -> str:
    """That it is over, and why."""
    if facts.kind is ChangeKind.LIFT:
        return _ENDED if facts.hazard.response else _LIFTED
    return _TAKEN_BACK if facts.hazard.response else _CANCELLED


def _instruction(facts: CapFacts, language: str) -> str:
    _ = translator(language)
    told = instruction(facts.hazard, facts.level, Role.VILLAGE_RESPONSIBLE, facts.lead_minutes)
    return "\n".join(_(line) for line in told)


def _parameters(facts: CapFacts) -> tuple[tuple[str, str], ...]:
    """What CAP has no element for, under names of ours."""
    told = (
        ("level", facts.level.value),
        ("change", facts.kind.value),
        ("signal", facts.issued_by),
        ("places", "、".join(facts.places)),
    )
    return tuple((f"{OUR_CODES}:{name}", value) for name, value in told if value)


def _area(facts: CapFacts, language: str) -> CapArea:
    _ = translator(language)
    names = [name for _code, name in facts.areas]
    words = _("、").join(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        words = _("{names}等{count}地").format(names=words, count=len(names))
    return CapArea(
        words,
        outer_rings(facts.shape),
        tuple((DIVISION_CODES, code) for code, _name in facts.areas),
    )
