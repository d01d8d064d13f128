"""Test calls for the officers: what one would ring, how it stands, who was not reached. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.test_calls.model import AreaResult, HowProven, Outcome, Result, TestCall
from alerts.test_calls.running import TestPlan
from bot.actions.test_calls import TestPreview, TestResults, TestStart, TestStop
from bot.locale import N_, translator
from bot.views.channels import cause_name, channel_name
from bot.views.clock import BEIJING, day_clock, span
from bot.views.screen import Button, Inline, Screen, bold, escape, name
from contacts.channels import Channel
from contacts.phones import display

LISTED_AREAS = 12
LISTED_PERSONS = 15
"""Townships, and addresses that were not reached, in one message (ours)."""

_HOW: Mapping[HowProven, str] = {
    HowProven.ANSWER: N_("回应过预警"),
    HowProven.KEY: N_("按了键"),
    HowProven.CARD: N_("按了卡片"),
    HowProven.WORDS: N_("回复了"),
    HowProven.CODE: N_("回了验证码"),
}


@dataclass(frozen=True, slots=True)
class Tested:
    """One address of a test as it is shown.

    :param who: the person, or the satellite telephone.
    :param number: empty for whoever may not read it.
    """

    result: Result
    who: str
    place: str
    number: str = ""


def begin_test_button(code: str, language: str) -> Button:
    """📞 测试呼叫, under /coverage."""
    return Button(translator(language)("📞 测试呼叫"), TestPreview(code).encode())


def preview(planned: TestPlan, place: str, language: str, zone: tzinfo = BEIJING) -> Screen:
    """Before a test: whom it rings by what, and when."""
    _ = translator(language)
    lines = [bold(_("📞 测试呼叫：{place}").format(place=name(place)))]
    lines += map(escape, plan_lines(planned, language, zone))
    lines.append(_("每次都先说「测试，不是预警」；按 1、按卡片、回复数字的，就算核实了。"))
    start = Button(_("✅ 开始测试"), TestStart(planned.division_code).encode())
    return Screen("\n".join(lines), Inline(((start,),)))


def plan_lines(planned: TestPlan, language: str, zone: tzinfo = BEIJING) -> list[str]:
    """What a test would ring, in plain lines."""
    _ = translator(language)
    lines = [
        _("{channel} {count} 个").format(channel=channel_name(channel, language), count=count)
        for channel, count in planned.channels.items()
    ]
    if planned.satellites:
        lines.append(_("卫星电话 {count} 部").format(count=planned.satellites))
    if planned.nameless_satellites:
        lines.append(_("卫星电话没登记号码 {count} 部").format(count=planned.nameless_satellites))
    lines.append(_("共 {persons} 人").format(persons=planned.persons))
    if planned.without:
        lines.append(_("没有号码、账号可测 {count} 人").format(count=planned.without))
    if planned.opens_at is not None:
        lines.append(_("{time} 起打，夜里不打").format(time=day_clock(planned.opens_at, zone)))
    if planned.waits:
        lines.append(_("现在有红色、橙色预警正在叫应：叫完以后才打"))
    return lines


def standing(
    test: TestCall,
    total: AreaResult,
    areas: Sequence[tuple[AreaResult, str]],
    unreached: Sequence[Tested],
    more: int,
    place: str,
    language: str,
    zone: tzinfo = BEIJING,
    *,
    may_stop: bool = False,
) -> Screen:
    """How a test stands: the townships, the worst first, and addresses that did not answer.

    :param areas: each with its name.
    :param more: addresses besides that did not answer.
    """
    _ = translator(language)
    head = _("📞 测试呼叫：{place}") if test.open else _("📞 测试结果：{place}")
    lines = [bold(head.format(place=name(place)))]
    lines += map(escape, total_lines(test, total, language, zone))
    for area, where in areas[:LISTED_AREAS]:
        lines.append("• " + escape(area_line(area, where, language)))
    if len(areas) > LISTED_AREAS:
        lines.append(_("……另有 {more} 处未列出").format(more=len(areas) - LISTED_AREAS))
    if unreached:
        lines += ["", bold(_("没有应答的"))]
        lines += ["• " + escape(tested_line(tested, language)) for tested in unreached]
        if more > 0:
            lines.append(_("……另有 {more} 处未列出").format(more=more))
    if not test.open and unreached:
        lines.append(_("空号、换号的请报管理员改名册；关机、没人接的请打电话问一问。"))
    return Screen("\n".join(lines), _buttons(test, language, may_stop=may_stop))


def _buttons(test: TestCall, language: str, *, may_stop: bool) -> Inline:
    _ = translator(language)
    if not test.open:
        again = Button(_("📞 再测一次"), TestPreview(test.division_code).encode())
        return Inline(((again,),)) if may_stop else Inline(())
    row = [Button(_("🔄 刷新"), TestResults(test.id).encode())]
    if may_stop:
        row.append(Button(_("⏹ 停止测试"), TestStop(test.id).encode()))
    return Inline((tuple(row),))


def total_lines(
    test: TestCall, total: AreaResult, language: str, zone: tzinfo = BEIJING
) -> list[str]:
    """When it was begun, by which channels, how many answered."""
    _ = translator(language)
    started, ends = (
        day_clock(test.started_at, zone),
        day_clock(test.closed_at or test.ends_at, zone),
    )
    over = _("{start} 开始，{end} 结束") if not test.open else _("{start} 开始，最晚 {end} 结束")
    channels = _("、").join(channel_name(channel, language) for channel in test.channels)
    lines = [
        over.format(start=started, end=ends) + _("（{channels}）").format(channels=channels),
        _("{persons} 人里核实了 {proven} 人；{lines} 个号码、账号里核实了 {ok} 个").format(
            persons=total.persons,
            proven=total.persons_proven,
            lines=total.lines,
            ok=total.proven,
        ),
    ]
    if total.satellites:
        lines.append(
            _("卫星电话 {count} 部，打通 {proven} 部").format(
                count=total.satellites, proven=total.satellites_proven
            )
        )
    return lines


def area_line(area: AreaResult, where: str, language: str) -> str:
    """A township in one line: 大石头镇 核实 3/12 人，卫星电话 0/1."""
    _ = translator(language)
    words = _("{place} 核实 {proven}/{persons} 人").format(
        place=where, proven=area.persons_proven, persons=area.persons
    )
    if area.satellites:
        words += _("，卫星电话 {proven}/{count}").format(
            proven=area.satellites_proven, count=area.satellites
        )
    return words


def tested_line(tested: Tested, language: str) -> str:
    """An address in one line: 威虎岭村 张三 139… 电话语音：无人接听（3 次）."""
    result = tested.result
    channel = channel_name(result.line.channel, language)
    said = f"{tested.place} {tested.who} {tested.number}".rstrip()
    return translator(language)("{who} {channel}：{how}").format(
        who=said, channel=channel, how=outcome_words(result, language)
    )


def outcome_words(result: Result, language: str) -> str:
    """What came of an address."""
    _ = translator(language)
    if result.outcome is Outcome.PROVEN and result.line.how is not None:
        words = _(_HOW[result.line.how])
        if result.seconds is not None:
            took = span(max(1.0, result.seconds), language)
            words = _("{how}，用时{span}").format(how=words, span=took)
        return words
    words = {
        Outcome.HEARD: _("接通了，没有按键")
        if result.line.channel is Channel.VOICE
        else _("已送达，没有回复"),
        Outcome.FAILED: _("没有发出去"),
        Outcome.SENT: _("已发出，没有回音"),
        Outcome.WAITS: _("还没轮到"),
        Outcome.NOT_SENT: _("测试结束前没轮到"),
        Outcome.MOVED: _("号码已变，没有打"),
    }.get(result.outcome, "")
    if result.cause is not None and result.outcome in (Outcome.FAILED, Outcome.WAITS):
        words = cause_name(result.cause, language)
    if result.tries > 1:
        words = _("{how}（{count} 次）").format(how=words, count=result.tries)
    return words


def satellite_name(language: str) -> str:
    """What stands where the name of a person would."""
    return translator(language)("卫星电话")


def shown_address(channel: Channel, address: str) -> str:
    """A number as people write it; an account as it is."""
    return display(address) if channel in (Channel.VOICE, Channel.SMS) else address


def stopped_toast(language: str, *, was_open: bool) -> str:
    """After ⏹."""
    _ = translator(language)
    return _("⏹ 测试已停止") if was_open else _("测试已经结束了")


def begun(opens_at: datetime | None, language: str, zone: tzinfo = BEIJING) -> str:
    """The answer to whoever began one at the command line."""
    _ = translator(language)
    if opens_at is None:
        return _("已开始测试。要有 jiaoying run 在运行。")
    return _("已开始测试，{time} 起打。要有 jiaoying run 在运行。").format(
        time=day_clock(opens_at, zone)
    )
