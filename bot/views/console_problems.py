"""What a refusal says on the command line, where there are no buttons: the command that helps."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from alerts.lifecycle import Outcome
from alerts.lookup import AlertProblem
from alerts.rivers.reaches import RiverProblem
from alerts.updates.model import ChangeProblem
from bot.locale import N_, translator
from bot.views.forgiving_facts import ForgivingFacts
from bot.views.problems import problem
from bot.views.roster.import_text import file_problem_text
from contacts.access import Access
from data.errors import InvalidInput, JiaoyingError
from data.files import FileProblem

CONSOLE: Mapping[Enum, str] = {
    AlertProblem.UNKNOWN: N_("没有编号为 {alert} 的预警。用 jiaoying status 看现有的。"),
    Access.NOT_LINKED: N_("名册里没有 {phone} 这个号码，没有改动。请核对号码，或先导入名册。"),
    Access.NOT_COMMANDING: N_("此人的职务不能做这一步，没有改动。请写本级指挥员的号码。"),
    Access.OUTSIDE_DIVISION: N_("超出此人的区划范围，没有改动。请写这些区划或上级的指挥员的号码。"),
    Outcome.NO_AREA_LEFT: N_("缩小后一个区域也不剩。灾害过程结束请用 jiaoying lift。"),
    Outcome.ENDS_TOO_SOON: N_("新的有效期已经过了，没有改动。灾害过程结束请用 jiaoying lift。"),
    ChangeProblem.ENDS_EARLIER: N_(
        "有效期只能往后延长，没有改动。要提前结束，请用 jiaoying lift。"
    ),
    RiverProblem.UNKNOWN_STRETCH: N_(
        "没有这条河或这个河段。请核对 --river，或先用 jiaoying import rivers 导入。"
    ),
    RiverProblem.NOTHING_BELOW: N_(
        "{place} 下游有哪些村还不清楚：名册里没有写下游村，附近也没有导入河流。"
        "请用 --area 写村名，或用 --polygon。"
    ),
}
"""Of refusals whose words for the chat name a button, or speak to whoever pressed it."""


def console_problem(error: JiaoyingError, language: str) -> str:
    """What happened and which command or option helps."""
    if isinstance(error, InvalidInput) and isinstance(error.code, FileProblem):
        return file_problem_text(error, language)
    words = CONSOLE.get(error.code) if isinstance(error.code, Enum) else None
    if words is None:
        return problem(error, language)
    return translator(language)(words).format_map(ForgivingFacts(error.facts))
