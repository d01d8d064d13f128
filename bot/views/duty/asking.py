"""Asking a colleague: which shift, whom, for what; and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from alerts.duty.model import LOOKED_AHEAD, AskKind, AskState
from alerts.duty.swapping import STAND_IN_HOURS
from alerts.outbox.duty_messages import DutyEvent
from bot.actions.duty import (
    DutyColleagues,
    DutyFill,
    DutyHome,
    DutyHours,
    DutyInReturn,
    DutyStandIn,
    DutySwap,
    DutyTakeGap,
    DutyTakeOver,
)
from bot.locale import N_, translator
from bot.views.clock import BEIJING, clock
from bot.views.duty.home import LISTED, OpenAsk, answer_buttons, ask_words
from bot.views.duty.parts import gap_words, span_words
from bot.views.paging import last_page, page_buttons
from bot.views.screen import Button, Inline, Screen, bold, escape, name
from contacts.duty_plan import Shift, Span

ON_A_PAGE = 8
"""Colleagues on one page (ours)."""

_SHORT = timedelta(days=2)
"""A gap no longer than that one person can take by a button (ours)."""


def back_row(language: str) -> tuple[Button, ...]:
    """⬅️ to /duty."""
    return (Button(translator(language)("⬅️ 返回值班"), DutyHome().encode()),)


def which_shift(
    shifts: Sequence[tuple[Shift, str]], language: str, zone: tzinfo = BEIJING
) -> Screen:
    """🔁 换班: which of one's shifts that have not begun?"""
    _ = translator(language)
    rows = tuple(
        (
            Button(
                f"{span_words(shift, language, zone)} {place}",
                DutyColleagues(AskKind.SWAP, shift.id).encode(),
            ),
        )
        for shift, place in shifts[:LISTED]
    )
    words = _("🔁 换哪一班？") if rows else _("您没有还没开始的班次，没有可换的。")
    return Screen(bold(words), Inline((*rows, back_row(language))))


def which_colleague(
    kind: AskKind,
    about: int,
    span: Span,
    people: Sequence[tuple[int, str]],
    left_out: int,
    page: int,
    language: str,
    zone: tzinfo = BEIJING,
) -> Screen:
    """Whom to ask.

    :param about: the shift's number, or the gap's.
    :param people: number and name of those who are free then and can be asked.
    :param left_out: how many of the office are not: on watch then, or not reached.
    """
    _ = translator(language)
    head = {
        AskKind.SWAP: _("🔁 请谁来值 {span}？"),
        AskKind.STAND_IN: _("⏱ 请谁临时替班（{span}）？"),
        AskKind.FILL: _("📨 请谁来值 {span}？"),
    }[kind]
    lines = [bold(head.format(span=span_words(span, language, zone)))]
    lines.append(_("对方同意了才算数。") if people else _("没有人可请。"))
    if left_out:
        lines.append(
            _("另有 {count} 人那时已有班，或机器人联系不上，没有列出。").format(count=left_out)
        )
    if not people:
        lines.append(_("请先让同事打开机器人绑定账号，或由办公室导入排班表。"))
    last = last_page(len(people), ON_A_PAGE)
    page = min(page, last)
    rows = [
        (Button(who, _chosen(kind, about, person_id)),)
        for person_id, who in people[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    ]
    turning = page_buttons(page, last, lambda to: DutyColleagues(kind, about, to), language)
    if turning:
        rows.append(turning)  # type: ignore[arg-type]
    return Screen("\n".join(lines), Inline((*rows, back_row(language))))


def _chosen(kind: AskKind, about: int, person_id: int) -> str:
    if kind is AskKind.SWAP:
        return DutyInReturn(about, person_id).encode()
    if kind is AskKind.STAND_IN:
        return DutyHours(about, person_id).encode()
    return DutyFill(about, person_id).encode()


def in_return(
    shift: Shift,
    other: tuple[int, str],
    theirs: Sequence[tuple[Shift, str]],
    language: str,
    zone: tzinfo = BEIJING,
) -> Screen:
    """Which of the colleague's shifts is taken in return?"""
    _ = translator(language)
    person_id, who = other
    lines = [
        bold(
            _("🔁 请 {name} 值 {span}").format(
                name=name(who), span=span_words(shift, language, zone)
            )
        ),
        _("您替对方值哪一班？"),
    ]
    rows = [
        (
            Button(
                f"{span_words(each, language, zone)} {place}",
                DutySwap(shift.id, person_id, each.id).encode(),
            ),
        )
        for each, place in theirs[:LISTED]
    ]
    rows.append((Button(_("不换回，只请对方值"), DutySwap(shift.id, person_id).encode()),))
    return Screen("\n".join(lines), Inline((*rows, back_row(language))))


def how_long(
    shift: Shift, other: tuple[int, str], now: datetime, language: str, zone: tzinfo = BEIJING
) -> Screen:
    """For how long is the colleague to stand in?"""
    _ = translator(language)
    person_id, who = other
    left = (shift.ends_at - now).total_seconds() / 3600
    rows = [
        (
            Button(
                _("{hours} 小时").format(hours=hours),
                DutyStandIn(shift.id, person_id, hours).encode(),
            ),
        )
        for hours in STAND_IN_HOURS
        if hours < left
    ]
    until = _("到下班（{time}）").format(time=clock(shift.ends_at, zone))
    rows.append((Button(until, DutyStandIn(shift.id, person_id).encode()),))
    words = bold(_("⏱ 请 {name} 替班多久？").format(name=name(who)))
    return Screen(words, Inline((*rows, back_row(language))))


def asked_already(asked: OpenAsk, language: str, zone: tzinfo = BEIJING) -> Screen:
    """To whoever asks: it is asked, and how it stands."""
    _ = translator(language)
    if asked.ask.state is AskState.AGREED:
        return decided(asked, DutyEvent.AGREED, language, zone)
    lines = [
        bold(_("📨 已发给 {name}，等答复").format(name=name(asked.of))),
        ask_words(asked, language, zone),
        _("对方同意前，您仍在值班。没有答复会再催一次；还没有，就告诉办公室负责人。")
        if asked.ask.kind is AskKind.HAND_OVER
        else _("对方同意前，班还是原来的班；不同意或到时没答复，会告诉您。"),
    ]
    return Screen("\n".join(lines), Inline((back_row(language),)))


def question(asked: OpenAsk, language: str, zone: tzinfo = BEIJING) -> Screen:
    """To whoever is asked."""
    _ = translator(language)
    lines = [
        bold(_("📨 {name} 请您帮忙值班").format(name=name(asked.by))),
        ask_words(asked, language, zone),
        _("同意后排班马上改，办公室负责人会收到通知。"),
    ]
    return Screen("\n".join(lines), Inline((answer_buttons(asked.ask.id, language),)))


_DECIDED = {
    DutyEvent.AGREED: N_("✅ 已同意，排班已改"),
    DutyEvent.DECLINED: N_("❌ {of} 不同意，排班不变"),
    DutyEvent.WITHDRAWN: N_("↩️ {by} 收回了请求，排班不变"),
    DutyEvent.LAPSED: N_("⌛ 这个请求已作废，排班不变"),
}


_HANDED_OVER = {
    DutyEvent.AGREED: N_("✅ {of} 已接班，{by} 下班"),
    DutyEvent.DECLINED: N_("❌ {of} 不接班，{by} 仍在值班"),
    DutyEvent.WITHDRAWN: N_("↩️ {by} 收回了交班，仍在值班"),
    DutyEvent.LAPSED: N_("⌛ {of} 没有接班，这次交班作废"),
}


def decided(
    asked: OpenAsk,
    event: DutyEvent,
    language: str,
    zone: tzinfo = BEIJING,
    phones: str = "",
) -> Screen:
    """What became of an ask: to whoever did not decide it, and to the head of office.

    :param phones: of a hand-over that nobody answered: whom to ring up.
    """
    _ = translator(language)
    if asked.ask.kind is AskKind.HAND_OVER:
        return _handed_over(asked, event, phones, language, zone)
    head = _(_DECIDED[event]).format(by=name(asked.by), of=name(asked.of))
    lines = [bold(head), ask_words(asked, language, zone)]
    if event is DutyEvent.LAPSED:
        lines.append(_("到时没有答复，或排班已有变动。还要换的，请重新发起：/duty"))
    elif event is DutyEvent.DECLINED:
        lines.append(_("可以请别人：/duty"))
    return Screen("\n".join(lines), Inline((back_row(language),)))


def _handed_over(
    asked: OpenAsk, event: DutyEvent, phones: str, language: str, zone: tzinfo
) -> Screen:
    _ = translator(language)
    head = _(_HANDED_OVER[event]).format(by=name(asked.by), of=name(asked.of))
    lines = [bold(head), ask_words(asked, language, zone)]
    if event is DutyEvent.LAPSED:
        lines.append(_("到时没有答复，或已由别人接班。请打电话问一下，再到 /duty 重新交班。"))
        if phones:
            lines.append(escape(phones))
    elif event is DutyEvent.DECLINED:
        lines.append(_("可以交给别人：/duty"))
    elif event is DutyEvent.AGREED:
        lines.append(_("没有办结的和交班说明，接班人都看过了。"))
    return Screen("\n".join(lines))


def take_over_whose(
    code: str,
    place: str,
    running: Sequence[tuple[Shift, str]],
    language: str,
    zone: tzinfo = BEIJING,
) -> Screen:
    """🙋 现在接班: whose watch ends?"""
    _ = translator(language)
    lines = [bold(_("🙋 现在接 {place} 的班？").format(place=name(place)))]
    if running:
        lines.append(_("按下后您马上是值班员，原值班人和办公室负责人会收到通知。"))
    else:
        lines.append(_("现在没有人值班。按下后您马上是值班员。"))
    rows = [
        (
            Button(
                _("🙋 接 {name} 的班（到 {time}）").format(
                    name=who, time=clock(shift.ends_at, zone)
                ),
                DutyTakeOver(code, shift.id).encode(),
            ),
        )
        for shift, who in running
    ] or [(Button(_("🙋 现在由我值班"), DutyTakeOver(code).encode()),)]
    return Screen("\n".join(lines), Inline((*rows, back_row(language))))


def taken_over(place: str, span: Span, of: str, language: str, zone: tzinfo = BEIJING) -> Screen:
    """To whoever took over."""
    _ = translator(language)
    lines = [
        bold(_("✅ 您现在是 {place} 的值班员").format(place=name(place))),
        span_words(span, language, zone),
    ]
    if of:
        lines.append(_("{name} 已下班，已告诉对方。").format(name=name(of)))
    return Screen("\n".join(lines), Inline((back_row(language),)))


def was_taken_over(place: str, by: str, of: str, language: str, phone: str = "") -> Screen:
    """To who was on watch, and the head of office.

    :param phone: of who took over, where the reader may read it.
    """
    _ = translator(language)
    lines = [bold(_("🙋 {place} 值班：{by} 现在接班").format(place=name(place), by=name(by)))]
    if of:
        lines.append(_("{name} 的班到此为止。").format(name=name(of)))
    rung = f"{name(by)} {escape(phone)}".strip()
    lines.append(_("有误请马上打电话给 {name} 核实，再用 /duty 接回。").format(name=rung))
    return Screen("\n".join(lines))


def gaps_told(
    place: str,
    gaps: Sequence[tuple[int, Span]],
    now: datetime,
    language: str,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To the head of office: nobody is on the plan then."""
    _ = translator(language)
    lines = [bold(_("⚠️ {place} 值班有空档，没有人值班").format(place=name(place)))]
    lines += [f"• {gap_words(span, now, language, zone)}" for _id, span in gaps[:LISTED]]
    if (more := len(gaps) - LISTED) > 0:
        lines.append(_("……另有 {more} 段未列出").format(more=more))
    lines.append(
        _("请排人值班：自己值，请同事值，或导入新的排班表。空档期间的预警由上一级值班员接。")
    )
    rows = [
        (
            Button(
                _("🙋 我来值 {time}").format(time=clock(span.starts_at, zone)),
                DutyTakeGap(gap_id).encode(),
            ),
            Button(_("📨 请人值"), DutyColleagues(AskKind.FILL, gap_id).encode()),
        )
        for gap_id, span in gaps[:4]
        if span.ends_at < now + LOOKED_AHEAD and span.ends_at - max(now, span.starts_at) <= _SHORT
    ]
    return Screen("\n".join(lines), Inline(tuple(rows)) if rows else None)


def gaps_filled(place: str, gaps: Sequence[Span], language: str, zone: tzinfo = BEIJING) -> Screen:
    """The gaps that were told are filled."""
    _ = translator(language)
    lines = [bold(_("✅ {place} 值班空档已补上").format(place=name(place)))]
    lines += [f"• {span_words(span, language, zone)}" for span in gaps[:LISTED]]
    return Screen("\n".join(lines))


def gap_taken(place: str, span: Span, language: str, zone: tzinfo = BEIJING) -> Screen:
    """To whoever took a gap."""
    _ = translator(language)
    words = bold(_("✅ {place} 这一段由您值班").format(place=name(place)))
    return Screen(f"{words}\n{escape(span_words(span, language, zone))}")
