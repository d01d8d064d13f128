"""The page where somebody answers a warning by browser: HTML that an old phone shows. Pure.

No scripts, no pictures, nothing fetched besides: a form and a button. What the warning says is the
text of the bot's message (``Screen.text``, HTML of a few tags), so both say the same.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from alerts.calls import Report
from bot.locale import translator
from bot.views.screen import escape, shorten
from bot.views.vocabulary import report_name

STYLE = (
    "*{box-sizing:border-box}"
    "body{margin:0;background:#f2f4f7;color:#111;font:18px/1.5 sans-serif}"
    "main{max-width:30em;margin:0 auto;padding:12px}"
    "h1{font-size:24px;line-height:1.3;margin:4px 0 10px}"
    ".card{background:#fff;border:1px solid #ccd2da;border-radius:8px;padding:12px;"
    "margin:0 0 12px;white-space:pre-line;word-wrap:break-word;overflow-wrap:anywhere}"
    "form{margin:0 0 12px}"
    "fieldset{border:1px solid #ccd2da;border-radius:8px;background:#fff;margin:0 0 12px;"
    "padding:10px 12px;min-width:0}"
    "legend{font-weight:bold;padding:0 4px}"
    "label{display:block;margin:0 0 8px}"
    "input,textarea,select{font:inherit;width:100%;padding:10px;border:1px solid #888;"
    "border-radius:6px;background:#fff;color:#111}"
    "button{display:block;width:100%;min-height:52px;margin:0 0 8px;padding:10px;border:0;"
    "border-radius:8px;font:bold 19px/1.3 sans-serif;background:#1d4ed8;color:#fff}"
    "button.answer{min-height:84px;font-size:30px;background:#0a7a35}"
    "button.alarm{background:#b42318}"
    ".wrong{border-color:#b42318;color:#b42318;font-weight:bold}"
    ".note{color:#555;font-size:15px}"
    "a{color:#1d4ed8}"
)
"""The page's one style; the server allows it by its digest."""

LONGEST_WORDS = 500
MOST_DIGITS = 6

# 139 0000 0001, 0433-6230110 (转 801), +8613900000001, 12119.
_NUMBER = re.compile(
    r"1[3-9][0-9] ?[0-9]{4} ?[0-9]{4}|0[0-9]{2,3}-[0-9]{7,8}|\+?[0-9]{5,15}|[0-9]{3,4}$"
)


class Notice(Enum):
    """Why there is no warning to answer here."""

    FORGED = "forged"
    EXPIRED = "expired"
    GONE = "gone"  # the person left the roster, or the call is kept no longer
    TOO_OFTEN = "too_often"
    UNAVAILABLE = "unavailable"  # the database does not answer
    NOT_READ = "not_read"  # what was sent is no form of this page


_NOTICES = {
    Notice.FORGED: (
        "链接无效",
        "请让发给您的人重发，或完整地复制整个链接。",
        "This link is not valid",
        "Ask whoever sent it for a new one, or copy the whole of it.",
    ),
    Notice.EXPIRED: (
        "链接已过期",
        "没有记录任何回应。如仍需回应，请打电话给值班员，或让他重发链接。",
        "This link has expired",
        "Nothing was recorded. Ring the duty officer, or ask for a new link.",
    ),
    Notice.GONE: (
        "这个叫应已不在",
        "您已不在名册，或预警早已结束。没有记录任何回应。",
        "This call is no longer there",
        "You have left the roster, or the warning ended long ago. Nothing was recorded.",
    ),
    Notice.TOO_OFTEN: (
        "点得太快了",
        "请等半分钟再打开。急事请打电话。",
        "Too many requests",
        "Wait half a minute and open it again. If it is urgent, telephone.",
    ),
    Notice.UNAVAILABLE: (
        "还没有确认记录上",
        "系统正忙，请一分钟后再点一次，多点不会记两遍；急事请打电话给值班员。",
        "Not known to be recorded",
        "The system is busy: press again in a minute, it is recorded once. If it is urgent, ring "
        "the duty officer.",
    ),
    Notice.NOT_READ: (
        "没有看懂",
        "没有记录。请返回上一页再点一次。",
        "Not understood",
        "Nothing was recorded. Go back and press again.",
    ),
}


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page about one call shows, whatever its state.

    ``text`` is the bot's message (HTML); ``duty`` whom to ring up; ``places`` the names of those
    that the call is for, if they are several.
    """

    text: str
    language: str
    duty: str = ""
    places: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """What was moved, as it was typed, and at which of the places (its number; empty: all)."""

    households: str = ""
    persons: str = ""
    place: str = ""


def open_page(facts: PageFacts) -> str:
    """Still to be answered: what the warning says and one big button."""
    _ = translator(facts.language)
    return _page(_("请回应"), _card(facts.text), _answer_form(facts.language), facts)


def answered_page(
    facts: PageFacts, *, own_answer: bool = True, figures: Figures | None = None, wrong: str = ""
) -> str:
    """Answered: what is recorded, what to do now, whom to ring, and the reports.

    :param own_answer: else an officer recorded it: the person may still answer.
    :param figures: as they were typed, when they were not taken.
    :param wrong: why not.
    """
    _ = translator(facts.language)
    parts = [_card(facts.text)]
    if wrong:
        parts.insert(0, f'<p class="card wrong">{escape(wrong)}</p>')
    if not own_answer:
        parts.append(_answer_form(facts.language))
    parts.append(_duty(facts))
    parts.append(_report_forms(facts, figures or Figures()))
    return _page(_("⚠️ 没有记录") if wrong else _("✅ 已记录"), *parts, facts)


def over_page(facts: PageFacts) -> str:
    """Nothing is to be answered any more: why."""
    _ = translator(facts.language)
    return _page(_("不用再回应"), _card(facts.text), _duty(facts), facts)


def sure_page(facts: PageFacts, question: str, figures: Figures) -> str:
    """Figures that one place hardly has: are they meant?

    :param question: what the bot asks in this case (HTML).
    """
    _ = translator(facts.language)
    hidden = "".join(
        _hidden(key, value)
        for key, value in (
            ("report", Report.MOVED.value),
            ("households", figures.households),
            ("persons", figures.persons),
            ("place", figures.place),
            ("sure", "1"),
        )
    )
    form = f'<form method="post">{hidden}<button>{escape(_("✅ 没错，就是这么多"))}</button></form>'
    back = f'<p><a href="">{escape(_("⬅️ 改一改"))}</a></p>'
    return _page(_("请核对数字"), _card(question), form + back, facts)


def notice_page(notice: Notice, duty: str = "") -> str:
    """No warning is shown: why, in both languages, and the number that anybody may ring."""
    zh, zh_more, en, en_more = _NOTICES[notice]
    number = f"<p>☎️ {_telephone(duty)}</p>" if duty else ""
    body = (
        f'<div class="card">{escape(zh_more)}</div><h1 lang="en">{escape(en)}</h1>'
        f'<div class="card" lang="en">{escape(en_more)}</div>{number}'
    )
    return _html(zh, body, "zh")


def _page(heading: str, *parts: str | PageFacts) -> str:
    *bodies, facts = parts
    assert isinstance(facts, PageFacts)
    _ = translator(facts.language)
    note = escape(_("这个链接只给您本人用，请不要转发。"))
    body = "".join(str(part) for part in bodies) + f'<p class="note">{note}</p>'
    return _html(heading, body, facts.language)


def _html(heading: str, body: str, language: str) -> str:
    lang = "zh-CN" if language == "zh" else language
    return (
        f'<!DOCTYPE html><html lang="{_attribute(lang)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(heading)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(heading)}</h1>{body}</main></body></html>"
    )


def _card(text: str) -> str:
    return f'<div class="card">{text}</div>'


def _answer_form(language: str) -> str:
    _ = translator(language)
    button = f'<button class="answer">{escape(_("✅ 收到"))}</button>'
    return f'<form method="post">{_hidden("answer", "1")}{button}</form>'


def _duty(facts: PageFacts) -> str:
    if not facts.duty:
        return ""
    _ = translator(facts.language)
    words = escape(_("☎️ 值班电话")).strip()
    return f'<p class="card"><b>{words}</b>  {_telephone(facts.duty)}</p>'


def _telephone(duty: str) -> str:
    """A line with a number, which a phone rings when it is tapped."""
    found = _NUMBER.search(duty)
    if found is None:
        return escape(duty)
    number = re.sub(r"[^0-9+]", "", found.group())
    before, after = escape(duty[: found.start()]), escape(duty[found.end() :])
    return f'{before}<a href="tel:{number}">{found.group()}</a>{after}'


def _report_forms(facts: PageFacts, figures: Figures) -> str:
    """The four reports: figures for who was moved, words for who needs help, or just done."""
    _ = translator(facts.language)
    language = facts.language
    where = _place_choice(facts, figures)
    moved = (
        f"<legend>🏠 {escape(report_name(Report.MOVED, language))}</legend>{where}"
        + _number("households", _("户数"), figures.households)
        + _number("persons", _("人数"), figures.persons)
        + _report_button(Report.MOVED, _("报告已转移"))
    )
    done = f"<legend>✔️ {escape(report_name(Report.DONE, language))}</legend>{where}" + (
        _report_button(Report.DONE, _("报告已完成"))
    )
    words = (
        f"<label>{escape(_('什么情况、要什么（可不写）'))}"
        f'<textarea name="text" rows="2" maxlength="{LONGEST_WORDS}"></textarea></label>'
    )
    trouble = (
        f"<legend>🙋 {escape(_('有困难'))}</legend>{where}{words}"
        + _report_button(Report.HELP, report_name(Report.HELP, language), alarm=True)
        + _report_button(Report.CANNOT, report_name(Report.CANNOT, language), alarm=True)
    )
    return "".join(
        f'<form method="post"><fieldset>{fields}</fieldset></form>'
        for fields in (moved, done, trouble)
    )


def _place_choice(facts: PageFacts, figures: Figures) -> str:
    if not facts.places:
        return ""
    _ = translator(facts.language)
    options = f'<option value="">{escape(_("各处都一样"))}</option>' + "".join(
        f'<option value="{number}"{" selected" if str(number) == figures.place else ""}>'
        f"{escape(shorten(place, 40))}</option>"
        for number, place in enumerate(facts.places, start=1)
    )
    return f'<label>{escape(_("哪一处"))}<select name="place">{options}</select></label>'


def _number(name: str, label: str, value: str) -> str:
    # "tel" brings the digits on phones that do not know inputmode.
    return (
        f'<label>{escape(label)}<input type="tel" name="{name}" value="{_attribute(value)}"'
        f' inputmode="numeric" maxlength="{MOST_DIGITS}" autocomplete="off"></label>'
    )


def _report_button(what: Report, words: str, *, alarm: bool = False) -> str:
    style = ' class="alarm"' if alarm else ""
    return f'<button{style} name="report" value="{what.value}">{escape(words)}</button>'


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{_attribute(value)}">'


def _attribute(text: str) -> str:
    return html.escape(text, quote=True)
