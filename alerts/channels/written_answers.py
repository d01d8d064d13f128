"""What a written answer says beside 收到: that help is needed, or anything else. Pure.

A cry for help counts where 收到 or 1 stands with it, or nothing else at all; everything else that
is written is for an officer to read.
"""

from __future__ import annotations

import re

from alerts.typed_answers import LONGEST, plain, says_received

AROUND = " .,!~。，！、\"'“”「」()[]【】\t\r\n"
"""What may stand around an answer."""

_SHORT = frozenset({"1", "y", "yes"})
_WANTED = re.compile(
    r"(?:急?需要?|紧急|急|请求?|求|速|快|要)(?:[^ ,.。!?;去]{0,3})(?:支援|救援|增援|帮助)|支援$"
    r"|求救|求助|救命|救救|(?:please )?(?:we |i )?(?:need |send |want )+(?:\w+ )?help|\bhelp\b"
)
_NOT_WANTED = re.compile(
    r"(?:不|无|没有?|未|勿|别)(?:急?需要?|必|用|要|须|再|请求?|求)*(?:派人|人)?(?:支援|救援|增援|帮助|求助)"
    r"|\b(?:no|not|don't|without|will|can|to)\b[^.,]*\bhelp\b"
)
_ASKED_OR_IF = re.compile(r"[?]|吗|哪|谁|是否|有没有|如|若|的话|\bif\b")
_PLACES = r"(?:群众|村民|人员|大家|全村)?"
_AT_ONCE = r"(?:马上|立即|立刻|即刻|现在|正在|这就|开始|准备|一定|组织|安排)"
_DO = r"(?:转移|组织|落实|执行|照办|行动|通知|巡查|撤离|办)?"
_FORMULA = re.compile(  # possessive: nothing is tried twice
    r"(?:\[\w{1,3}\]|[\W_]|1|y(?:es)?\b|(?:已经?)?收 ?到|知道|明白|好的?|是|嗯|行|遵命|感谢|谢谢"
    r"|请?(?:领导|您|大家)?放心|保证(?:完成任务|落实|执行)?|遵照执行|按要求执行|照办"
    rf"|辛苦|领导|我们?|本人|[了啦喽哈呀哦]|需要支援|请求支援|{_AT_ONCE}{{1,4}}+{_PLACES}{_DO}{_PLACES}"
    r"|(?:received|roger|copy|copied|ok(?:ay)?|thanks?|thank you|thx|sir|moving now|need help)\b)*+"
)


def is_received(text: str) -> bool:
    """Whether the reply to an SMS, or words to a bot, mean 收到, and nothing against it."""
    words = plain(text).strip(AROUND)
    return words in _SHORT or says_received(text) or says_received(words.removeprefix("1"))


def calls_for_help(text: str) -> bool:
    """Whether it means 收到, and that help is needed: 「收到，需要支援」, 「需要支援」 alone."""
    words = plain(text).strip(AROUND)
    if words == "需要支援":
        return True
    if len(text) > LONGEST:
        return False
    wanted = _NOT_WANTED.sub("", words)
    if _ASKED_OR_IF.search(words) or not _WANTED.search(wanted):
        return False
    return is_received(_WANTED.sub("", wanted)) or is_received(words)


def says_more(text: str) -> bool:
    """Whether it says anything beside 收到, its courtesies, and that one goes to work at once."""
    return len(text) > LONGEST or _FORMULA.fullmatch(plain(text)) is None
