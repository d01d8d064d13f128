"""Who has not answered: for the officer who now picks up the telephone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.acknowledge import Proxy
from alerts.calls import Call, CallOutcome, Reach
from alerts.escalation import Step
from alerts.model import Alert, State
from bot.actions.warnings import (
    CallOptions,
    DischargeAsk,
    DischargeNow,
    ProxyTakeBack,
    ProxyTap,
    SilentPage,
)
from bot.locale import translator
from bot.views.clock import BEIJING, ago, clock
from bot.views.paging import last_page, page_buttons
from bot.views.screen import Button, ForceReply, Inline, Screen, bold, name, shorten
from bot.views.vocabulary import contact_name, proxy_name, role_name
from bot.views.warnings.parts import heading, state_line, state_words, title
from bot.views.warnings.reasons import confirm_reason
from contacts.people import Contact, Person
from contacts.phones import masked

PAGE_SIZE = 8
"""Persons on a page: each has a button, and more are not seen without scrolling."""

_PLACE_SHOWN = 40

MOST_TAKEN_BACK = 3
"""Proxy answers that can be taken back under a list: the last ones."""


@dataclass(frozen=True, slots=True)
class SilentCall:
    """One open call. ``place`` is its division's name, ``stand_in`` who has answered instead."""

    call: Call
    person: Person
    place: str
    stand_in: str = ""


def silent_list(
    alert: Alert,
    silent: Sequence[SilentCall],
    language: str,
    place: str,
    now: datetime,
    *,
    total: int,
    page: int = 0,
    division: str = "",
    step: Step | None = None,
    show_phones: bool = True,
    taken_off: Sequence[tuple[int, str]] = (),
    zone: tzinfo = BEIJING,
) -> Screen:
    """One page of the list: name, post, village, number, for how long; a button each.

    :param silent: the persons of this page only.
    :param taken_off: whom the reader has just recorded as reached, which can be taken back: call
        and name.
    :param total: how many there are on all pages.
    """
    _ = translator(language)
    lines = [title(alert, place, language)]
    over = state_line(alert, language, zone)
    if over:
        lines.append(over)
    if not alert.in_force:
        lines += ["", bold(_("叫应已停止，不用再打电话。")), _at(now, language, zone)]
        return Screen("\n".join(lines))
    back = [(_take_back(call_id, person, language),) for call_id, person in taken_off]
    if not total:
        lines += ["", bold(_("✅ 没有未回应的人")), _at(now, language, zone)]
        return Screen("\n".join(lines), Inline(tuple(back)) if back else None)
    lines.append(bold(_("📵 未回应 {count} 人").format(count=total)))
    if step is not None:
        lines.append(_("请逐个打电话叫应；叫到一个，按一个。"))
    start = page * PAGE_SIZE
    for number, row in enumerate(silent[:PAGE_SIZE], start=start + 1):
        lines += ["", *_entry(number, row, language, now, show_phones)]
    lines += ["", _at(now, language, zone)]
    shown = silent[:PAGE_SIZE] if _running(alert) else []
    rows = [_buttons(row, language, page) for row in shown] + back
    rows.append(_pages(alert.id, division, page, total, language))
    return Screen("\n".join(lines), Inline(tuple(row for row in rows if row)))


def call_options(
    alert: Alert,
    silent: SilentCall,
    language: str,
    now: datetime,
    place: str,
    *,
    page: int = 0,
    show_phone: bool = True,
) -> Screen:
    """After ⋯: how the person was reached, or off the list with a reason.

    :param page: of the list, to go back to.
    """
    _ = translator(language)
    head = heading(alert, bold(_("怎么叫应到的？")), place, language)
    lines = [head, "", *_entry(0, silent, language, now, show_phone)]
    ways = tuple(
        (Button(mark + proxy_name(how, language), ProxyTap(silent.call.id, how).encode()),)
        for mark, how in (
            ("📞 ", Proxy.PHONE),
            ("🚪 ", Proxy.IN_PERSON),
            ("📢 ", Proxy.BROADCAST),
        )
    )
    discharge = Button(_("☑️ 销号（须说明原因）"), DischargeAsk(silent.call.id).encode())
    back = Button(_("⬅️ 返回名单"), SilentPage(alert.id, page=page).encode())
    return Screen("\n".join(lines), Inline((*ways, (discharge,), (back,))))


def ask_discharge_reason(silent: SilentCall, language: str, alert: Alert, place: str) -> Screen:
    """Ask why this person is taken off the list; nobody is by the words."""
    _ = translator(language)
    words = _("为什么把 {name} 销号？请写一句原因").format(name=shorten(silent.person.name, 30))
    lines = [
        heading(alert, bold(words), place, language),
        _("例如：人在外地，已由副主任负责"),
        _("写完再按一次确认，才会销号。10 分钟内有效。"),
    ]
    return Screen("\n".join(lines), ForceReply())


def confirm_discharge(
    silent: SilentCall, reason: str, nonce: str, language: str, alert: Alert, place: str
) -> Screen:
    """The reason as it was typed, what it does, and the button that does it."""
    _ = translator(language)
    return confirm_reason(
        alert,
        place,
        language,
        question=_("确定把 {name} 销号？").format(name=shorten(silent.person.name, 30)),
        reason=reason,
        follows=_("此人不再追叫，也不再算未回应。"),
        strike_off=DischargeNow(silent.call.id, nonce),
        rewrite=DischargeAsk(silent.call.id),
        back=SilentPage(alert.id),
    )


def proxy_toast(outcome: CallOutcome, person: str, language: str) -> str:
    """Toast to the officer who reached somebody."""
    _ = translator(language)
    shown = shorten(person, 30)
    if outcome is CallOutcome.RECORDED:
        return _("✅ 已登记：{name} 已叫应").format(name=shown)
    if outcome is CallOutcome.ALREADY:
        return _("{name} 已经回应过了").format(name=shown)
    return _("{name} 的叫应已结束，没有登记").format(name=shown)


def settled_toast(alert: Alert, person: str, language: str) -> str:
    """Toast to an officer whose button is about somebody nobody has to call any more."""
    _ = translator(language)
    if not alert.in_force:
        return _("{state}，不用再叫应。").format(state=state_words(alert, language))
    return _("{name} 已回应或已销号，不用再叫应。").format(name=shorten(person, 30))


def take_back_toast(outcome: CallOutcome, person: str, language: str) -> str:
    """Toast to the officer who takes a proxy answer back."""
    _ = translator(language)
    shown = shorten(person, 30)
    if outcome is CallOutcome.RECORDED:
        return _("↩️ 已撤回：{name} 仍未回应，继续叫应").format(name=shown)
    if outcome is CallOutcome.CLOSED:
        return _("{name} 的叫应已结束，没有撤回").format(name=shown)
    return _("没有撤回：只有登记的人能在 1 分钟内撤回").format(name=shown)


def discharged(
    outcome: CallOutcome, person: str, language: str, alert: Alert, place: str
) -> Screen:
    """What the question becomes once it was decided: the person, and in which warning."""
    words = discharge_toast(outcome, person, language)
    return Screen(heading(alert, bold(words), place, language))


def discharge_toast(outcome: CallOutcome, person: str, language: str) -> str:
    """Toast to the officer who took somebody off the list."""
    _ = translator(language)
    shown = shorten(person, 30)
    if outcome is CallOutcome.RECORDED:
        return _("☑️ 已销号：{name}").format(name=shown)
    if outcome is CallOutcome.ALREADY:
        return _("{name} 已经销过号了").format(name=shown)
    return _("{name} 已回应或叫应已结束，没有销号").format(name=shown)


def _entry(
    number: int, row: SilentCall, language: str, now: datetime, show_phone: bool
) -> list[str]:
    _ = translator(language)
    person, call = row.person, row.call
    head = f"{number}. " if number else ""
    who = f"{head}<b>{name(person.name)}</b> {role_name(call.role, language)}"
    where = f"　📍 {name(shorten(row.place, _PLACE_SHOWN))}"
    # A number with its country code and no spaces is what phones make a link of.
    phone = person.phone if show_phone else masked(person.phone)
    waited = ago((now - call.called_at).total_seconds(), language)
    lines = [who, where, f"　☎️ {phone} · " + _("已 {ago}未回应").format(ago=waited)]
    if call.reach is Reach.UNREACHABLE:
        why = (
            _("未绑定 Telegram")
            if person.telegram_id is None
            else contact_name(person.contact, language)
            if person.contact is not Contact.OK
            else _("发送失败")
        )
        lines.append("　⚠️ " + _("联系不上：{why}").format(why=why))
    elif call.reach is Reach.QUEUED:
        lines.append("　⏳ " + _("消息还在排队"))
    if row.stand_in:
        lines.append("　👥 " + _("替补 {name} 已回应").format(name=name(row.stand_in)))
    return lines


def _buttons(row: SilentCall, language: str, page: int) -> tuple[Button, ...]:
    _ = translator(language)
    reached = _("📞 {name} 已电话叫应").format(name=shorten(row.person.name, 16))
    return (
        Button(reached, ProxyTap(row.call.id, Proxy.PHONE).encode()),
        Button("⋯", CallOptions(row.call.id, page).encode()),
    )


def _take_back(call_id: int, person: str, language: str) -> Button:
    _ = translator(language)
    words = _("↩️ 撤回：{name} 没有叫应到").format(name=shorten(person, 16))
    return Button(words, ProxyTakeBack(call_id).encode())


def _pages(
    alert_id: int, division: str, page: int, total: int, language: str
) -> tuple[Button, ...]:
    last = last_page(total, PAGE_SIZE)
    shown = min(page, last)
    refresh = Button(f"🔄 {shown + 1}/{last + 1}", SilentPage(alert_id, division, shown).encode())
    return page_buttons(
        page,
        last,
        lambda number: SilentPage(alert_id, division, number),
        language,
        between=refresh,
    )


def _at(now: datetime, language: str, zone: tzinfo) -> str:
    _ = translator(language)
    return _("更新于 {time}").format(time=clock(now, zone))


def _running(alert: Alert) -> bool:
    return alert.state is State.RELEASED
