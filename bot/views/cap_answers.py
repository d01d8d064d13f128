"""How many have answered, and that the calling or the warning is over, as CAP's ``Ack``. Pure.

CAP 1.2 has ``Ack`` for "acknowledges receipt and acceptance of the messages in references": here by
so many of those who were called. It changes nothing of the warning, and is for other offices alone
(scope ``Restricted``): whoever takes every message for a warning finds no severity in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.model import Hazard, Status
from alerts.publishing.cap import CapInfo, CapMessage, Reference
from alerts.publishing.model import Happened
from bot.locale import N_, translator
from bot.views.cap import CATEGORIES, OF_WEATHER, OUR_CODES, SOURCE, event_codes
from bot.views.vocabulary import hazard_name
from bot.views.warnings.parts import exercise_mark

EVENT_WORDS: Mapping[Happened, str] = {
    Happened.RELEASED: N_("发布"),
    Happened.UPDATED: N_("变更"),
    Happened.LIFTED: N_("解除"),
    Happened.CANCELLED: N_("取消"),
    Happened.EXPIRED: N_("到期"),
    Happened.COUNTS: N_("回应进展"),
    Happened.CLOSED: N_("叫应销号"),
    Happened.REOPENED: N_("重新叫应"),
}

RESTRICTION = "供应急指挥机构使用 for emergency commands"

_COUNTED = N_(
    "叫应 {calls} 人：本人回应 {acknowledged}，他人代报 {proxied}，未回应 {waiting}，"
    "已说明 {discharged}，停叫 {cancelled}；已转移 {households} 户 {persons} 人。"
)
_TAGS: Mapping[str, str] = {"zh": "zh-CN", "en": "en-US"}


@dataclass(frozen=True, slots=True)
class AnswersFacts:
    """What happened to a warning, and how many of its calls stood how; see ``alerts.progress``.

    ``reference``: the message that was answered. ``first``: the warning's first identifier.
    """

    identifier: str
    sender: str
    at: datetime
    status: Status
    kind: Happened
    hazard: Hazard
    title: str  # of the warning, in Chinese
    title_en: str
    counts: Mapping[str, int]
    reference: Reference
    first: str


def answers_message(facts: AnswersFacts) -> CapMessage:
    """The message, ready to be written (``alerts.publishing.cap_out``)."""
    notes = [_headline(facts, "zh"), _counted(facts, "zh"), _counted(facts, "en")]
    return CapMessage(
        identifier=facts.identifier,
        sender=facts.sender,
        sent=facts.at,
        status=facts.status.value,
        msg_type="Ack",
        scope="Restricted",
        restriction=RESTRICTION,
        source=SOURCE,
        note=" ".join(notes),
        references=(facts.reference,),
        incidents=(facts.first,),
        infos=tuple(_info(facts, language) for language in _TAGS),
    )


def _info(facts: AnswersFacts, language: str) -> CapInfo:
    told = {"event": facts.kind.value, **{name: str(n) for name, n in facts.counts.items()}}
    return CapInfo(
        language=_TAGS[language],
        categories=CATEGORIES.get(facts.hazard, OF_WEATHER),
        event=hazard_name(facts.hazard, language),
        urgency="Unknown",
        severity="Unknown",
        certainty="Unknown",
        event_codes=event_codes(facts.hazard),
        headline=_headline(facts, language),
        description=_counted(facts, language),
        parameters=tuple((f"{OUR_CODES}:{name}", value) for name, value in told.items()),
    )


def _headline(facts: AnswersFacts, language: str) -> str:
    _ = translator(language)
    title = facts.title if language == "zh" else facts.title_en
    mark = exercise_mark(facts.status is Status.EXERCISE, language)
    return mark + _("{event}：{title}").format(event=_(EVENT_WORDS[facts.kind]), title=title)


def _counted(facts: AnswersFacts, language: str) -> str:
    return translator(language)(_COUNTED).format(**facts.counts)
