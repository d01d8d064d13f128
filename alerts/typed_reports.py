"""What somebody who has answered reports in words, where no button was pressed. Pure.

需要支援，两台车 asks for help; 无法执行 and 已完成 are what the buttons of that name say;
全村都转移了 says that people were moved, and is asked how many. All else is left to the buttons.
"""

from __future__ import annotations

import re

from alerts.calls import Report
from alerts.typed_answers import LONGEST, plain

# Possessive where one word may be read as two (我村, 请求): nothing is tried twice.
_WHO = (
    r"(?:报告|领导|我们?|俺们?|我?村里?|这边|这里|全村|全部|所有|低洼地?|群众|村民|人员|任务"
    r"|都|也|已经?|现在|但是?|可是|不过|就是)*+"
)
_ASKS = r"(?:请|急|需要?|请求|要求|要|求|快|速|赶紧|尽快)++(?:上级|领导|县里|镇里|派人|人员)*+"
_NOT_OURS = (
    r"(?!收到|物资|部?队|小?组|的|邻|外村|其他|别的?村|时|工作|不|吗|再说|我?再(?:说|报|联系)"
    r"|[^水洪火]{0,6}(?:到了|来了|到位|已到|已来|出发|到$|来$|集合))"
)
"""Help that came, that is for others, or not needed yet: 支援的车到了, 需要支援的话我说."""
_HELP = re.compile(rf"{_WHO}{_ASKS}(?:支援|增援){_NOT_OURS}")
_HELP_ALONE = re.compile(r"(?:支援|增援)(?:我们?|我村|一下|[啊呀吧])*")
_CANNOT = re.compile(
    rf"{_WHO}(?:(?:无法|没法|没办法|不能)(?:执行|转移|完成)|(?:执行|转移)不了)(?!的)"
)
_DONE = re.compile(rf"{_WHO}(?:完成|办完|落实|执行)(?:任务|到位|完毕?|了|好)*")
_MOVED = re.compile(
    rf"{_WHO}(?:转移|撤离|撤出?)(?:群众|人员|完毕?|完成|走|出来?|出去|了|到位|安置|好|了)*"
)
_OVER = re.compile("[已完了好全都走]|到位|出来")
_COURTESY = re.compile("谢谢|领导|[了啊呀啦吧]|[很太]?急|快点?")
_ASKED_OR_NOT = re.compile("[?]|吗|不需|无需|不用|还没|没有?转|没完|未")


def report_said(text: str) -> Report | None:
    """The report that the words are; ``None`` for a question, and anything else."""
    if len(text) > LONGEST:
        return None
    words = _words(text)
    if not words or _ASKED_OR_NOT.search(words):
        return None
    if _HELP.match(words) or _HELP_ALONE.fullmatch(words):
        return Report.HELP
    if _CANNOT.match(words):
        return Report.CANNOT
    if _OVER.search(words) is None:  # 执行, 转移: who knows whether it was done
        return None
    if _DONE.fullmatch(words):
        return Report.DONE
    return Report.MOVED if _MOVED.fullmatch(words) else None


def says_why(text: str) -> bool:
    """Whether a call for help says more than the button does: 需要支援，两台车."""
    words = _words(text)
    found = _HELP.match(words) or _CANNOT.match(words)
    return found is not None and _COURTESY.sub("", words[found.end() :]) != ""


def _words(text: str) -> str:
    """Without pictures, blanks and punctuation but question marks."""
    return re.sub(r"[^\w?]+", "", plain(text))
