"""After the answer: the report, its figures or reason, and the cry for help it may be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.calls import Call, CallOutcome, Report
from alerts.model import Alert
from bot.actions.warnings import StatusOf
from bot.locale import N_, translator
from bot.views.clock import BEIJING, clock
from bot.views.figures import moved_figures
from bot.views.screen import Button, ForceReply, Inline, Screen, bold, escape, name, quote, shorten
from bot.views.vocabulary import headline, report_name, role_name
from bot.views.warnings.parts import heading, marked, report_buttons
from contacts.people import Person

_CANNOT, _NEEDS_HELP = N_("✖️ 无法执行"), N_("🙋 请求支援")


def ask_moved(language: str, alert: Alert | None = None) -> Screen:
    """Ask how many households and persons were moved."""
    _ = translator(language)
    text = bold(_("转移了多少户、多少人？")) + "\n" + _("例如：12户 35人")
    return Screen(
        text if alert is None else marked(alert, text, language), ForceReply(_("12户 35人"))
    )


def moved_not_understood(language: str, alert: Alert | None = None) -> Screen:
    """Say that the figures could not be read and nothing was recorded."""
    _ = translator(language)
    text = _("没看懂，还没有记录。请只写户数和人数，例如：12户 35人")
    return Screen(
        text if alert is None else marked(alert, text, language), ForceReply(_("12户 35人"))
    )


def ask_reason(report: Report, language: str, alert: Alert | None = None) -> Screen:
    """Ask why it cannot be done, or what help is needed."""
    _ = translator(language)
    text = (
        bold(_("请用一句话说明原因")) + "\n" + _("例如：桥断了，车过不去")
        if report is Report.CANNOT
        else bold(_("需要什么支援？")) + "\n" + _("例如：两台车，卧床老人 3 名")
    )
    text += "\n" + _("会立即转给上级值班员；紧急请直接打电话。")
    return Screen(text if alert is None else marked(alert, text, language), ForceReply())


def report_recorded(
    call: Call, language: str, *, alert: Alert | None = None, zone: tzinfo = BEIJING
) -> Screen:
    """Say what was recorded, in words and figures, so that a mistake is seen."""
    _ = translator(language)
    text = recorded_report(call, language, zone)
    if call.report in (Report.CANNOT, Report.HELP):
        text += "\n" + _("已转给上级值班员。紧急请直接打电话。")
    elif call.report is Report.MOVED:
        text += "\n" + _("数字有变，再按「已转移群众」改报。")
    return Screen(text if alert is None else marked(alert, text, language))


def report_toast(outcome: CallOutcome, call: Call, language: str, *, zone: tzinfo = BEIJING) -> str:
    """Toast after a tap on a report button."""
    _ = translator(language)
    at = clock(call.reported_at, zone)
    if outcome is CallOutcome.RECORDED and call.report is not None:
        return _("✅ 已记录：{report} {time}").format(
            report=report_name(call.report, language), time=at
        )
    if outcome is CallOutcome.ALREADY:
        return _("{time} 已报过，没有变化").format(time=at)
    if outcome is CallOutcome.NEEDS_ANSWER:
        return _("请先按「收到」，再报告")
    return _("这次预警已结束或已销号，没有记录")


def report_due_message(alert: Alert, call: Call, language: str, place: str) -> Screen:
    """Ask for a report that is late, with the buttons."""
    _ = translator(language)
    ask = bold(_("⏰ 请报告执行情况"))
    text = heading(alert, ask, place, language)
    return Screen(text, report_buttons(call.id, language))


def recorded_report(call: Call, language: str, zone: tzinfo = BEIJING) -> str:
    """The report as recorded (HTML): 📝 03:40 已转移群众：12 户 35 人."""
    _ = translator(language)
    if call.report is None:
        return ""
    text = f"📝 {clock(call.reported_at, zone)} {report_name(call.report, language)}"
    figures = moved_figures(call.households, call.persons, language)
    if figures and (call.report is Report.MOVED or call.households or call.persons):
        text += _("：{figures}").format(figures=figures)
    if call.report_text:
        text += "\n" + escape(shorten(call.report_text, 500))
    return text


_HOUSEHOLDS = re.compile(r"([0-9]+)\s*(?:户|戶|家|households?|hh|h)", re.IGNORECASE)
_PERSONS = re.compile(r"([0-9]+)\s*(?:人|口|名|个人|个|persons?|people|p)", re.IGNORECASE)
_BARE = re.compile(r"([0-9]+)[\s,，、/;]+([0-9]+)")


def parse_moved(text: str) -> tuple[int | None, int | None] | None:
    """Read households and persons from typed text; ``None`` when they cannot be told.

    12户 35人, 12 households 35 people, 35人, "12 35" (households first), full-width digits.
    """
    written = unicodedata.normalize("NFKC", text).strip()
    if len(written) > 200 or re.search(r"[0-9]{9}|[0-9][.][0-9]|-[0-9]", written):
        return None
    if (bare := _BARE.fullmatch(written)) is not None:
        return int(bare.group(1)), int(bare.group(2))
    households, persons = _HOUSEHOLDS.findall(written), _PERSONS.findall(written)
    # One figure of a kind, or none: "3户5户" may mean two things, and a sum would be a guess.
    if len(households) > 1 or len(persons) > 1 or not (households or persons):
        return None
    if len(re.findall(r"[0-9]+", written)) > len(households) + len(persons):
        return None
    return (
        int(households[0]) if households else None,
        int(persons[0]) if persons else None,
    )


MOST_LISTED = 12
"""Persons in one list of those who want help; of the others it says how many."""

_REASON_SHOWN = 80


@dataclass(frozen=True, slots=True)
class HelpCall:
    """A person who cannot comply or needs help. ``place`` is the path to their division."""

    call: Call
    person: Person
    place: str


def help_list(
    alert: Alert,
    wanted: Sequence[HelpCall],
    language: str,
    now: datetime,
    *,
    total: int,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To officers above: everybody of theirs who wants help, the newest first, with the numbers.

    :param total: how many there are, listed or not.
    """
    _ = translator(language)
    lines = [
        marked(alert, bold(_("🙋 {count} 人需要支援或无法执行").format(count=total)), language),
        bold(headline(alert.level, alert.hazard, "", language)),
    ]
    for helped in wanted[:MOST_LISTED]:
        shout = _CANNOT if helped.call.report is Report.CANNOT else _NEEDS_HELP
        reason = shorten(helped.call.report_text or "", _REASON_SHOWN)
        lines += [
            "",
            bold(_("{what}：{place}").format(what=_(shout), place=shorten(helped.place, 60))),
            f"{name(helped.person.name)} {role_name(helped.call.role, language)} "
            f"☎️ {helped.person.phone} {clock(helped.call.reported_at or now, zone)}",
            escape(reason) if reason else _("（没有写原因，请打电话问清）"),
        ]
    if total > len(wanted):
        lines += ["", _("另有 {count} 人，请看态势。").format(count=total - len(wanted))]
    look = Button(_("📊 看态势"), StatusOf(alert.id).encode())
    return Screen("\n".join(lines), Inline(((look,),)))


def help_wanted(
    alert: Alert,
    call: Call,
    person: Person,
    place: str,
    language: str,
    now: datetime,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To officers above: who cannot comply or needs help, where, why, and the number to call."""
    _ = translator(language)
    shout = _(_CANNOT if call.report is Report.CANNOT else _NEEDS_HELP)
    lines = [
        marked(alert, bold(_("{what}：{place}").format(what=shout, place=place)), language),
        f"<b>{name(person.name)}</b> {role_name(call.role, language)}",
        f"☎️ {person.phone}",
    ]
    lines.append(quote(call.report_text) if call.report_text else _("（没有写原因，请打电话问清）"))
    figures = moved_figures(call.households, call.persons, language)
    if figures:
        lines.append(_("已转移 {figures}").format(figures=figures))
    lines += [
        "",
        bold(headline(alert.level, alert.hazard, "", language)),
        _("{time} 上报，请马上联系。").format(time=clock(call.reported_at or now, zone)),
    ]
    look = Button(_("📊 看态势"), StatusOf(alert.id).encode())
    return Screen("\n".join(lines), Inline(((look,),)))
