"""/duty: who is on duty, one's own shifts, what waits for an answer, and what can be done. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.duty.model import Ask, AskKind
from bot.actions.duty import (
    CalendarWish,
    DutyAnswer,
    DutyCalendar,
    DutyColleagues,
    DutyHandOverNow,
    DutyPassTo,
    DutyReceived,
    DutyShifts,
    DutyTakeOverAsk,
    DutyWithdraw,
    DutyWrite,
    Reply,
)
from bot.locale import translator
from bot.views.clock import BEIJING, day_clock
from bot.views.duty.parts import gap_words, span_words
from bot.views.screen import Button, Inline, Screen, bold, escape, name
from contacts.duty_plan import Shift, Span

LISTED = 12
"""Shifts of one's own that are listed (ours)."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody's watch as it is shown; ``phone`` empty: not for this reader."""

    who: str
    span: Span
    phone: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class OpenAsk:
    """An open ask with the names of both; ``back``: what is taken in return."""

    ask: Ask
    by: str
    of: str
    place: str
    back: Span | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """What /duty shows of one division to one person.

    ``officers``: whom the roster names where no plan is kept. ``keeps``: whether the reader may
    keep its watch. ``writes`` and ``receives``: a hand-over of theirs that can be given, confirmed.
    ``on_duty``: the reader is, by the plan or without one, and can hand over to somebody.
    """

    code: str
    place: str
    now: Sequence[Watch]
    coming: Sequence[Watch]
    officers: Sequence[Watch]
    mine: Sequence[tuple[Shift, str]]
    asks: Sequence[OpenAsk]
    gaps: Sequence[Span]
    keeps: bool = False
    own: bool = True  # the reader's own division
    writes: int | None = None
    receives: int | None = None
    on_duty: bool = False
    calendar: bool = False  # whether there is a web server for it


def home(told: Home, reader: int, now: datetime, language: str, zone: tzinfo = BEIJING) -> Screen:
    """The screen of /duty."""
    _ = translator(language)
    lines = [bold(_("📅 值班 · {place}").format(place=name(told.place)))]
    lines += _on_duty(told, language, zone)
    if told.mine:
        lines += ["", bold(_("我的班次"))]
        for shift, place in told.mine[:LISTED]:
            mark = "▶️" if shift.covers(now) else "•"
            where = "" if place == told.place else f" {name(place)}"
            lines.append(f"{mark} {span_words(shift, language, zone)}{where}")
        if (more := len(told.mine) - LISTED) > 0:
            lines.append(_("……另有 {more} 班未列出").format(more=more))
    elif told.own:
        lines += ["", _("您没有排班。")]
    if told.gaps:
        lines += ["", bold(_("⚠️ 没有人值班"))]
        lines += [f"• {gap_words(gap, now, language, zone)}" for gap in told.gaps[:LISTED]]
    if told.asks:
        lines += ["", bold(_("等答复"))]
        lines += [f"• {ask_words(ask, language, zone)}" for ask in told.asks]
    return Screen("\n".join(lines), Inline(_rows(told, reader, now, language)))


def _on_duty(told: Home, language: str, zone: tzinfo) -> list[str]:
    _ = translator(language)
    if not told.now and not told.coming and told.officers:
        lines = [_("没有排班，值班员："), *(_watch(each) for each in told.officers)]
        if told.keeps:
            lines.append(
                _(
                    "排班表由办公室导入；没有排班表的，"
                    "按「现在接班」就开始值班，在值的按「交班给同事」交给下一个人。"
                )
            )
        return lines
    lines = []
    for watch in told.now:
        until = _("（到 {time}）").format(time=day_clock(watch.span.ends_at, zone))
        lines.append(_("现在值班：{who}").format(who=_watch(watch)) + until)
    if not told.now:
        lines.append(bold(_("⚠️ 现在没有人值班")))
    lines += [
        _("接班：{who}，{span}").format(
            who=_watch(watch), span=span_words(watch.span, language, zone)
        )
        for watch in told.coming
    ]
    return lines


def _watch(watch: Watch) -> str:
    return f"{bold(name(watch.who))} {escape(watch.phone)}".rstrip()


def ask_words(asked: OpenAsk, language: str, zone: tzinfo = BEIJING) -> str:
    """Who asks whom for what (HTML)."""
    _ = translator(language)
    ask = asked.ask
    words = {
        AskKind.SWAP: _("{by} 请 {of} 值 {span}（{place}）"),
        AskKind.STAND_IN: _("{by} 请 {of} 临时替班 {span}（{place}）"),
        AskKind.FILL: _("{by} 请 {of} 补空档 {span}（{place}）"),
        AskKind.HAND_OVER: _("{by} 向 {of} 交班（{place}），值到 {until}"),
    }[ask.kind].format(
        by=name(asked.by),
        of=name(asked.of),
        span=span_words(ask.span, language, zone),
        until=day_clock(ask.ends_at, zone),
        place=name(asked.place),
    )
    if asked.back is not None:
        back = span_words(asked.back, language, zone)
        words += _("；{by} 替 {of} 值 {span}").format(
            by=name(asked.by), of=name(asked.of), span=back
        )
    return words


def answer_buttons(ask_id: int, language: str) -> tuple[Button, ...]:
    """同意, 不同意."""
    _ = translator(language)
    return (
        Button(_("✅ 同意"), DutyAnswer(ask_id, Reply.YES).encode()),
        Button(_("❌ 不同意"), DutyAnswer(ask_id, Reply.NO).encode()),
    )


def _rows(told: Home, reader: int, now: datetime, language: str) -> tuple[tuple[Button, ...], ...]:
    _ = translator(language)
    rows = _waiting_rows(told, reader, language)
    row = []
    if any(shift.starts_at > now for shift, _place in told.mine):
        row.append(Button(_("🔁 换班"), DutyShifts().encode()))
    running = next((shift for shift, _place in told.mine if shift.covers(now)), None)
    if running is not None:
        data = DutyColleagues(AskKind.STAND_IN, running.id).encode()
        row.append(Button(_("⏱ 临时替班"), data))
    if told.keeps and not any(watch.own for watch in told.now):
        row.append(Button(_("🙋 现在接班"), DutyTakeOverAsk(told.code).encode()))
    if row:
        rows.append(tuple(row))
    if told.on_duty:
        rows.append((Button(_("🔄 交班给同事"), DutyPassTo(told.code).encode()),))
    if told.calendar:
        rows.append((Button(_("📆 手机日历订阅"), DutyCalendar(CalendarWish.SHOW).encode()),))
    return tuple(rows)


def _waiting_rows(told: Home, reader: int, language: str) -> list[tuple[Button, ...]]:
    """What somebody waits for: an answer, a hand-over, its receipt."""
    _ = translator(language)
    rows: list[tuple[Button, ...]] = []
    for asked in told.asks:
        if asked.ask.asked_of == reader:
            rows.append(answer_buttons(asked.ask.id, language))
        elif asked.ask.asked_by == reader:
            words = _("↩️ 不请 {name} 了").format(name=asked.of)
            rows.append((Button(words, DutyWithdraw(asked.ask.id).encode()),))
    if told.receives is not None:
        rows.append((Button(_("✅ 已接班"), DutyReceived(told.receives).encode()),))
    if told.writes is not None:
        rows.append(
            (
                Button(_("📝 写交班说明"), DutyWrite(told.writes).encode()),
                Button(_("✅ 交班"), DutyHandOverNow(told.writes).encode()),
            )
        )
    return rows
