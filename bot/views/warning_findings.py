"""What is wrong with a warning of another agency, or with a feed of them: a line each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.locale import N_, translator
from bot.views.patrol.feeds import fault_words
from bot.views.screen import shorten

LONGEST_SUBJECT = 60
"""Characters of an identifier (ours)."""

_LINES: Mapping[str, str] = {
    "cap_feed": N_("整份内容读不出：{flaw} {words}"),
    "cap_broke_off": N_("内容没有收完，完整的 {entries} 条已采用，下次再取"),
    "cap_yesterday": N_("像是旧的内容（全部早已过期，或时间倒退），没有采用"),
    "cap_links": N_("{count} 条预警的链接取不到，下次再取：{words} {fault}"),
    "cap_message": N_("预警 {subject} 读不出：{flaw}{words}；原文已留存"),
    "cap_other_content": N_("预警 {subject} 编号没变、内容变了，按先收到的算"),
    "cap_loop": N_("预警 {subject} 引用了自己或绕成一圈，没有采用引用"),
    "cap_update_unknown": N_("预警 {subject} 更新的是没有收到过的预警，按新的处理"),
    "cap_cancel_unknown": N_("预警 {subject} 取消的是没有收到过的预警，没有可做的"),
    "cap_cancel_by_other": N_("预警 {subject} 由 {sender} 取消，原是 {of} 发的，没有照办"),
    "cap_unknown_event": N_("预警 {subject} 的种类「{event}」不认识，没有采用"),
}
"""By the words of ``alerts.sources.cap.deciding.CapTrouble``."""

FLAWS: Mapping[str, str] = {
    "not_xml": N_("不是完整的 XML"),
    "not_json": N_("不是 JSON"),
    "entities": N_("含有 DTD 或实体定义，可能是攻击，没有展开"),
    "too_large": N_("太大"),
    "encoding": N_("编码读不懂"),
    "not_cap": N_("里面没有 CAP 预警"),
    "no_identifier": N_("没有编号"),
    "no_time": N_("没有发出时间"),
    "no_info": N_("没有内容"),
    "bad_time": N_("发出时间读不懂"),
    "future": N_("发出时间远在将来"),
    "unknown_type": N_("类型或状态不是 CAP 的词"),
    "page": N_("网址给的是网页，不是预警，请核对网址"),
    "no_message": N_("条目里没有全文也没有链接"),
}
"""By the words of ``alerts.sources.cap.model.Flaw``, which is not loaded where no feed is."""


def warning_line(subject: str, kind: str, facts: Mapping[str, Any], language: str) -> str:
    """What is wrong, plain; another kind is named as it is."""
    _ = translator(language)
    said = _LINES.get(kind)
    if said is None:
        return f"{subject} {kind}"
    words = _(said).format(
        subject=shorten(subject, LONGEST_SUBJECT),
        flaw=_(FLAWS.get(str(facts.get("flaw")), "")),
        words=_quoted(kind, str(facts.get("words", ""))),
        fault=fault_words(str(facts.get("fault", "")), language),
        entries=facts.get("entries", 0),
        count=facts.get("count", 1),
        sender=facts.get("sender", ""),
        of=facts.get("of", ""),
        event=facts.get("event", ""),
    )
    return words.strip()


def _quoted(kind: str, words: str) -> str:
    """What the agency wrote, beside what is wrong with it: 「…」."""
    return f"「{shorten(words, LONGEST_SUBJECT)}」" if words and kind == "cap_message" else words
