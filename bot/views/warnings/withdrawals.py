"""Answers that count no more: taken back by mistake pressed, doubted by an officer above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from alerts.calls import Call, CallState
from alerts.model import Alert, Hazard
from alerts.withdrawals.model import Doubt, Withdrawal, Withdrawn, WithdrawnAnswer
from bot.actions.warnings import (
    AnsweredFind,
    AnsweredPage,
    DoubtAsk,
    DoubtNow,
    DoubtTyped,
    DoubtWrite,
    StatusOf,
    TakeBack,
)
from bot.locale import translator
from bot.views.clock import BEIJING, ago, clock
from bot.views.paging import last_page, page_buttons
from bot.views.report.trail_words import via_name
from bot.views.screen import (
    Button,
    ForceReply,
    Inline,
    Screen,
    bold,
    escape,
    name,
    quote,
    shorten,
)
from bot.views.telephones import of_officer
from bot.views.vocabulary import (
    DOUBTS,
    called_name,
    doubt_reason,
    proxy_name,
    report_name,
    with_thing,
)
from bot.views.warnings.parts import heading
from contacts.people import Person
from data.tables.columns import to_milliseconds

PAGE_SIZE = 8
"""Persons on a page: each has a button."""


def take_back_button(call: Call, language: str) -> Button:
    """Under a call just answered: it was pressed by mistake."""
    _ = translator(language)
    assert call.answered_at is not None
    return Button(_("↩️ 误点，撤回"), TakeBack(call.id, to_milliseconds(call.answered_at)).encode())


def withdrawn_line(
    withdrawn: WithdrawnAnswer | None, by: str, hazard: Hazard, language: str
) -> str:
    """To somebody who had answered: why they are called again (HTML)."""
    _ = translator(language)
    if withdrawn is not None and withdrawn.kind is Withdrawal.RAISED:
        return bold(with_thing(_("⬆️ {thing}有更新，请重新回应"), hazard, language))
    if withdrawn is None or withdrawn.kind is Withdrawal.TAKEN_BACK:
        return bold(_("↩️ 先前的回应已撤回，还没有收到您的回应"))
    return doubted_line(by, doubt_reason(withdrawn.reason, language), language)


def doubted_line(by: str, reason: str, language: str) -> str:
    """That an officer doubts the answer, and why (HTML)."""
    _ = translator(language)
    words = bold(_("❓ {by}对您先前的回应存疑，请重新回应").format(by=escape(by) or _("值班员")))
    return f"{words}\n" + _("原因：{reason}").format(reason=escape(reason))


def take_back_toast(outcome: Withdrawn, language: str, within: timedelta, duty: str) -> str:
    """Toast to whoever takes their own answer back.

    :param duty: whom to ring up, with the number.
    """
    _ = translator(language)
    if outcome is Withdrawn.RECORDED:
        return _("↩️ 已撤回，叫应从现在重新开始。看到后请再按「收到」")
    if outcome is Withdrawn.OPEN:
        return _("回应已经撤回，看到请按「收到」")
    if outcome is Withdrawn.REPORTED:
        return _("您已经报告过，不能撤回。报错了，请直接再报一次")
    if outcome is Withdrawn.CLOSED:
        return _("这次叫应已结束，没有撤回")
    if outcome is Withdrawn.ANOTHER:
        return _("您后来又回应了一次，没有撤回")
    words = _("没有撤回：{span}内才能撤回。请打电话告诉值班员 {duty}")
    return words.format(span=ago(within.total_seconds(), language), duty=of_officer(duty, language))


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """Somebody who has answered; ``place`` is where, ``by`` the officer who recorded a proxy."""

    call: Call
    person: Person
    place: str
    by: str = ""


def answered_list(
    alert: Alert,
    rows: Sequence[AnsweredRow],
    language: str,
    place: str,
    *,
    total: int,
    page: int = 0,
    division: str = "",
    words: str = "",
    zone: tzinfo = BEIJING,
) -> Screen:
    """Who has answered, the newest first, with a button for each whose answer cannot be right.

    :param total: how many there are on all pages.
    :param words: what was looked for; empty: everybody.
    """
    _ = translator(language)
    shout = bold(_("✅ 已回应 {count} 人").format(count=total))
    lines = [heading(alert, shout, place, language)]
    if words:
        found = _("姓名或号码含「{words}」的") if total else _("没有姓名或号码含「{words}」的人")
        lines.append(found.format(words=escape(words)))
    if rows:
        lines.append(_("哪个回应不实，按「存疑」：此人重新叫应，已销号的叫应重新打开。"))
    for row in rows:
        lines += ["", *_row(row, language, zone)]
    buttons: list[tuple[Button, ...]] = []
    if alert.in_force:
        buttons += [
            (
                Button(
                    _("❓ 存疑：{name}").format(name=shorten(row.person.name, 16)),
                    DoubtAsk(row.call.id, _meant(row.call)).encode(),
                ),
            )
            for row in rows
        ]
    if not words:
        last = last_page(total, PAGE_SIZE)
        buttons.append(
            page_buttons(
                page, last, lambda number: AnsweredPage(alert.id, division, number), language
            )
        )
    buttons.append((Button(_("🔎 按姓名找"), AnsweredFind(alert.id).encode()),))
    buttons.append((Button(_("📊 看态势"), StatusOf(alert.id).encode()),))
    return Screen("\n".join(lines), Inline(tuple(row for row in buttons if row)))


def ask_name(alert: Alert, language: str, place: str) -> Screen:
    """Ask whose answer is meant."""
    _ = translator(language)
    head = heading(alert, bold(_("谁的回应？请写姓名或电话号码")), place, language)
    return Screen(head, ForceReply())


def ask_why(alert: Alert, row: AnsweredRow, language: str, place: str, *, zone: tzinfo) -> Screen:
    """Why is this answer doubted? One tap, or in words."""
    _ = translator(language)
    question = _("为什么对 {name} 的回应存疑？").format(name=shorten(row.person.name, 30))
    lines = [heading(alert, bold(question), place, language), "", *_row(row, language, zone), ""]
    lines.append(_("此人从现在起重新叫应，并看到是谁、为什么存疑；报过的不再算。"))
    call_id, meant = row.call.id, _meant(row.call)
    ways = tuple(
        (Button(_(words), DoubtNow(call_id, meant, why).encode()),)
        for why, words in DOUBTS.items()
        if why is not Doubt.WRONG_PROXY or row.call.state is CallState.PROXIED
    )
    write = (Button(_("✍️ 另写原因"), DoubtWrite(call_id, meant).encode()),)
    back = (Button(_("⬅️ 返回"), AnsweredPage(row.call.alert_id).encode()),)
    return Screen("\n".join(lines), Inline((*ways, write, back)))


def ask_doubt_reason(alert: Alert, person: Person, language: str, place: str) -> Screen:
    """Ask for the reason in words; nothing is done by the words."""
    _ = translator(language)
    words = _("为什么对 {name} 的回应存疑？请写一句原因").format(name=shorten(person.name, 30))
    lines = [
        heading(alert, bold(words), place, language),
        _("写完再按一次确认，才会重新叫应。10 分钟内有效。"),
    ]
    return Screen("\n".join(lines), ForceReply())


def confirm_doubt(
    alert: Alert, call_id: int, person: Person, reason: str, nonce: str, language: str, place: str
) -> Screen:
    """The reason as it was typed, what it does, and the button that does it."""
    _ = translator(language)
    question = _("确定对 {name} 的回应存疑？").format(name=shorten(person.name, 30))
    lines = [
        heading(alert, bold(question), place, language),
        quote(reason),
        _("此人从现在起重新叫应，并看到是谁、为什么存疑；报过的不再算。"),
    ]
    keys = (
        (Button(_("❓ 确定存疑，重新叫应"), DoubtTyped(call_id, nonce).encode()),),
        (Button(_("⬅️ 返回"), AnsweredPage(alert.id).encode()),),
    )
    return Screen("\n".join(lines), Inline(keys))


def doubted(
    outcome: Withdrawn, alert: Alert, person: Person, reason: str, language: str, place: str
) -> Screen:
    """What the question becomes: the person is asked again, or why not."""
    _ = translator(language)
    lines = [heading(alert, bold(doubt_toast(outcome, person, language)), place, language)]
    if outcome is Withdrawn.RECORDED:
        lines.append(_("原因：{reason}").format(reason=escape(doubt_reason(reason, language))))
    back = Button(_("✅ 看已回应的人"), AnsweredPage(alert.id).encode())
    return Screen("\n".join(lines), Inline(((back,),)) if alert.in_force else None)


def doubt_toast(outcome: Withdrawn, person: Person, language: str) -> str:
    """What became of it, in a line; plain."""
    _ = translator(language)
    shown = shorten(person.name, 30)
    if outcome is Withdrawn.RECORDED:
        return _("❓ 已存疑：{name} 从现在起重新叫应").format(name=shown)
    if outcome is Withdrawn.OPEN:
        return _("{name} 正在叫应中，还没有回应").format(name=shown)
    if outcome is Withdrawn.ANOTHER:
        return _("{name} 后来又回应了一次，没有存疑；请看新的回应").format(name=shown)
    return _("{name} 的叫应已结束，没有存疑").format(name=shown)


def changed_toast(person: Person, language: str) -> str:
    """Toast: the answer that was to be doubted is not the one that counts now."""
    _ = translator(language)
    return _("{name} 的回应有变化，请看新的名单").format(name=shorten(person.name, 30))


def waiting_again_line(count: int, language: str) -> list[str]:
    """How many had answered, and wait again (HTML); none when nobody does."""
    _ = translator(language)
    if not count:
        return []
    return [bold(_("❓ 撤回或存疑、待重新回应 {count}").format(count=count))]


def _meant(call: Call) -> int:
    assert call.answered_at is not None
    return to_milliseconds(call.answered_at)


def _row(row: AnsweredRow, language: str, zone: tzinfo) -> list[str]:
    _ = translator(language)
    call, person = row.call, row.person
    if call.state is CallState.PROXIED:
        how = proxy_name(call.proxy_how, language) + (f"（{name(row.by)}）" if row.by else "")
    else:
        assert call.answered_via is not None
        how = via_name(call.answered_via, language)
    at = _("{time} 已回应").format(time=clock(call.answered_at, zone))
    lines = [
        f"<b>{name(person.name)}</b> {called_name(call, person, language)}",
        f"{escape(shorten(row.place, 60))} · {at}：{how}",
    ]
    if call.report is not None:
        lines.append("　" + report_name(call.report, language))
    return lines
