"""How a warning ends: lift, cancel or close it, tell that it is over, and sum up how it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import NamedTuple

from alerts.model import Alert, Hazard, State
from alerts.progress import Progress
from alerts.report import Speed, Summary
from alerts.templates import MOVING, urgency
from bot.actions.warnings import (
    CancelNow,
    CloseNow,
    CloseWithReason,
    LiftNow,
    SilentPage,
    StatusOf,
)
from bot.locale import N_, translator
from bot.views.clock import BEIJING, day_clock, span
from bot.views.screen import (
    Button,
    ForceReply,
    Inline,
    Screen,
    bold,
    escape,
    name,
)
from bot.views.vocabulary import report_name, tier_name, with_thing
from bot.views.warnings.change_news import still_in_force
from bot.views.warnings.cut_off import cut_off_line
from bot.views.warnings.evacuated import away_line, evacuation_lines, moved_buttons
from bot.views.warnings.parts import heading, on_button, state_line, title
from bot.views.warnings.progress import counts, ledger_button, nobody_to_call, owes, unreported_line
from bot.views.warnings.reasons import confirm_reason


def ask_cancel(
    alert: Alert, language: str, place: str, *, told: int = 0, going_on: Sequence[str] = ()
) -> Screen:
    """Ask whether to cancel, and say what that does.

    :param told: how many were called.
    :param going_on: the titles (plain) of warnings of the same places that hold nevertheless.
    """
    asked = _asking(_CANCELS, alert.hazard)
    yes = CancelNow(alert.id).encode()
    return _ask_end(alert, asked, yes, language, place, told=told, going_on=going_on)


def ask_lift(
    alert: Alert, language: str, place: str, *, told: int = 0, going_on: Sequence[str] = ()
) -> Screen:
    """Ask whether to lift, and say what that does; parameters as of ``ask_cancel``."""
    asked = _asking(_LIFTS, alert.hazard)
    yes = LiftNow(alert.id).encode()
    return _ask_end(alert, asked, yes, language, place, told=told, going_on=going_on)


class _Asks(NamedTuple):
    """How an end is asked about: the question, what it does, what else may be meant, the button."""

    question: str
    does: str
    instead: str
    button: str


_CANCELS = {
    "warning": _Asks(
        N_("确定取消这次预警？"),
        N_("发错了才取消：收到过预警的人会最先收到取消通知，叫应随即停止。"),
        N_("灾害过程结束，请用「解除预警」。"),
        N_("🚫 确定取消预警 {place}·告知{count}人"),
    ),
    "response": _Asks(
        N_("确定取消这次应急响应？"),
        N_("启动错了才取消：叫应过的人会最先收到取消通知，叫应随即停止。"),
        N_("不再需要了，请用「终止响应」。"),
        N_("🚫 确定取消响应 {place}·告知{count}人"),
    ),
    "return": _Asks(
        N_("确定取消这次返回通知？"),
        N_("不能返回了才取消：收到过的人会最先收到取消通知，叫应随即停止。"),
        N_("都已返回，请用「办结返回通知」。"),
        N_("🚫 确定取消返回 {place}·告知{count}人"),
    ),
}
_LIFTS = {
    "warning": _Asks(
        N_("确定解除这次预警？"),
        N_("灾害过程结束才解除：收到过预警的人都会收到解除通知，叫应随即停止。"),
        N_("发错了，请用「取消预警」。"),
        N_("✅ 确定解除预警 {place}·告知{count}人"),
    ),
    "response": _Asks(
        N_("确定终止这次应急响应？"),
        N_("叫应过的人都会收到终止通知，叫应随即停止。要降级，请用「变更」。"),
        N_("启动错了，请用「取消响应」。"),
        N_("✅ 确定终止响应 {place}·告知{count}人"),
    ),
    "return": _Asks(
        N_("确定办结这次返回通知？"),
        N_("都已返回才办结：收到过的人都会收到通知，叫应随即停止。"),
        N_("不能返回了，请用「取消返回通知」。"),
        N_("✅ 确定办结返回 {place}·告知{count}人"),
    ),
}


def _asking(words: Mapping[str, _Asks], hazard: Hazard) -> _Asks:
    return words["return" if hazard.homeward else "response" if hazard.response else "warning"]


def _ask_end(
    alert: Alert,
    asked: _Asks,
    yes: str,
    language: str,
    place: str,
    *,
    told: int,
    going_on: Sequence[str],
) -> Screen:
    _ = translator(language)
    lines = [
        heading(alert, bold(_(asked.question)), place, language),
        "",
        _(asked.does),
        _(asked.instead),
        *_going_on(going_on, language),
    ]
    button = Button(_end_words(_(asked.button), place, told, language), yes)
    return Screen("\n".join(lines), Inline(((button,), (_back(alert, language),))))


def _end_words(words: str, place: str, told: int, language: str) -> str:
    """The confirm button: what, where, how many."""
    return words.format(place=on_button(place, language), count=told)


def _going_on(titles: Sequence[str], language: str) -> list[str]:
    """Which warnings of the same places hold nevertheless (HTML)."""
    if not titles:
        return []
    _ = translator(language)
    return [
        "",
        bold(_("❗ 只结束这一个；下面的仍然有效：")),
        *(f"• {escape(title)}" for title in titles),
    ]


def ask_close(alert: Alert, progress: Progress, language: str, place: str) -> Screen:
    """Ask whether to close, with the number of those who have not answered."""
    _ = translator(language)
    lines = [
        heading(alert, bold(_("确定销号？")), place, language),
        "",
        *counts(progress, language),
        "",
        with_thing(_("销号只是叫应完成，{thing}仍然有效。"), alert.hazard, language),
    ]
    if progress.waiting:
        lines.append(_("还有 {count} 人未回应：销号须写明原因。").format(count=progress.waiting))
        look = Button(_("📵 先看未回应"), SilentPage(alert.id).encode())
        yes = Button(_("☑️ 写明原因并销号"), CloseNow(alert.id).encode())
        return Screen("\n".join(lines), Inline(((look,), (yes,), (_back(alert, language),))))
    lines.append(_("全部已回应或已销号。"))
    yes = Button(_("☑️ 确定销号"), CloseNow(alert.id).encode())
    return Screen("\n".join(lines), Inline(((yes,), (_back(alert, language),))))


def ask_close_reason(alert: Alert, still_open: int, language: str, place: str) -> Screen:
    """Ask why it is to be closed although some are silent; the words alone close nothing."""
    _ = translator(language)
    words = _("还有 {count} 人未回应。请写一句销号原因：").format(count=still_open)
    lines = [
        heading(alert, bold(words), place, language),
        _("例如：已全部电话核实"),
        _("写完再按一次确认，才会销号。10 分钟内有效。"),
    ]
    return Screen("\n".join(lines), ForceReply())


def confirm_close(
    alert: Alert, still_open: int, reason: str, nonce: str, language: str, place: str
) -> Screen:
    """The reason as it was typed, what closing does, and the button that does it."""
    _ = translator(language)
    follows = _("还有 {count} 人未回应，将一并销号，不再追叫。").format(count=still_open)
    return confirm_reason(
        alert,
        place,
        language,
        question=_("确定用这个原因销号？"),
        reason=reason,
        follows=follows,
        strike_off=CloseWithReason(alert.id, nonce),
        rewrite=CloseNow(alert.id),
        back=StatusOf(alert.id),
    )


def ended_message(
    alert: Alert,
    language: str,
    place: str,
    *,
    by: str = "",
    group: bool = False,
    still: Sequence[str] = (),
    moved: bool = False,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The end of a warning: to everyone who got it or was drawn in, and to their groups.

    :param still: the titles (HTML) of the other warnings that hold for the reader.
    :param moved: people were to move, or to prepare for it, before it was lowered.
    """
    _ = translator(language)
    ends = _RESPONSE_ENDS if alert.hazard.response else _ENDS
    shout, what, done = (_RETURN_ENDS if alert.hazard.homeward else ends)[alert.state]
    lines = [heading(alert, bold(_(shout)), place, language), "", _(what)]
    near = moved or urgency(alert.level, alert.lead_minutes) in MOVING
    if near and not alert.hazard.response:
        # Somebody who was moved away must not read "cancelled" as "go home".
        lines.append(_("已转移的群众：未接到返回通知，不得返回。"))
    if group:
        lines.append(_("请互相转告。"))
    lines += still_in_force(still, language)
    at = day_clock(alert.ended_at, zone)
    lines += ["", _(done).format(time=at, by=escape(by)).replace("  ", " ")]
    return Screen("\n".join(lines))


_ENDS = {
    State.CANCELLED: (
        N_("🚫 预警已取消"),
        N_("这次预警是误发，不用执行，也不用回应。"),
        N_("{time} {by} 取消"),
    ),
    State.LIFTED: (
        N_("✅ 预警已解除"),
        N_("灾害过程已结束，不用再回应，也不用再叫人。"),
        N_("{time} {by} 解除"),
    ),
    State.EXPIRED: (
        N_("⌛ 预警已到期"),
        N_("叫应随即停止，不用再打电话。"),
        N_("{time} 到期"),
    ),
}
"""What is said of each end: that it ended, what follows, when and by whom."""

_RESPONSE_ENDS = {
    State.CANCELLED: (
        N_("🚫 应急响应已取消"),
        N_("这次响应是误启动，不用执行，也不用回应。"),
        N_("{time} {by} 取消"),
    ),
    State.LIFTED: (
        N_("✅ 应急响应已终止"),
        N_("转入日常值守，不用再回应。已发布的预警不受影响。"),
        N_("{time} {by} 终止"),
    ),
    State.EXPIRED: (
        N_("⌛ 应急响应已到期"),
        N_("转入日常值守。已发布的预警不受影响。"),
        N_("{time} 到期"),
    ),
}


_RETURN_ENDS = {
    State.CANCELLED: (
        N_("🚫 返回通知已取消"),
        N_("先不要返回，已在路上的退回安置点，等新的通知。"),
        N_("{time} {by} 取消"),
    ),
    State.LIFTED: (
        N_("✅ 返回通知已办结"),
        N_("不用再回应、再报告。"),
        N_("{time} {by} 办结"),
    ),
    State.EXPIRED: (
        N_("⌛ 返回通知已到期"),
        N_("不用再回应；还有没回的，请报乡镇。"),
        N_("{time} 到期"),
    ),
}


def closed_note(
    alert: Alert, language: str, place: str, *, by: str = "", zone: tzinfo = BEIJING
) -> Screen:
    """What the question becomes once the warning is closed (or over otherwise)."""
    _ = translator(language)
    lines = [title(alert, place, language), state_line(alert, language, zone)]
    if alert.close_reason:
        lines.append(_("原因：{reason}").format(reason=escape(alert.close_reason)))
    if by:
        lines.append(_("由 {name} 销号").format(name=escape(by)))
    return Screen(
        "\n".join(line for line in lines if line),
        Inline(((Button(_("📊 看态势"), StatusOf(alert.id).encode()),),)),
    )


def _back(alert: Alert, language: str) -> Button:
    _ = translator(language)
    return Button(_("⬅️ 返回"), StatusOf(alert.id).encode())


SHOWN = 15
"""Divisions shown, the slowest first."""


def summary_message(
    summary: Summary,
    language: str,
    place: str,
    *,
    names: Mapping[str, str] | None = None,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The summary: counts, the median and the slowest answer, by tier and by division."""
    _ = translator(language)
    alert, progress = summary.alert, summary.progress
    lines = [title(alert, place, language), bold(_("📊 叫应总结"))]
    over = state_line(alert, language, zone)
    if over:
        lines.append(over)
    if alert.close_reason:
        lines.append(_("原因：{reason}").format(reason=escape(alert.close_reason)))
    moving = summary.evacuation
    told = counts(progress, language, moved=not moving.target.any)
    lines += ["", *told, *nobody_to_call(summary.uncalled, language)]
    lines += evacuation_lines(moving, language) if moving.target.any else []
    lines += away_line(alert, summary.still_away, language)
    if summary.speed is not None:
        lines += ["", _speed(_("回应用时"), summary.speed, language)]
        lines += [
            _speed("　" + tier_name(tier, language), speed, language)
            for tier, speed in summary.by_tier.items()
        ]
    if summary.reports:
        lines.append("")
        lines += [
            _("{report} {count}").format(report=report_name(what, language), count=count)
            for what, count in summary.reports.items()
        ]
    if summary.help.asked:
        words = _("🙋 求助 {asked}：已接手 {taken}，已解决 {resolved}，无人接手 {untaken}")
        lines.append(words.format(**summary.help._asdict()))
    if summary.not_reported:
        lines.append(unreported_line(summary.not_reported, language))
    lines += cut_off_line(summary.cut_off, language)
    if summary.taken_back or summary.doubted:
        words = _("❓ 回应存疑 {doubted} 次，本人撤回 {taken_back} 次，均重新叫应")
        lines.append(words.format(doubted=summary.doubted, taken_back=summary.taken_back))
    lines += _divisions(summary, language, names or {})
    lines += ["", _("发布 {time}").format(time=day_clock(alert.released_at, zone))]
    lines.append(_("编号 {identifier}").format(identifier=escape(alert.identifier)))
    rows = (
        (ledger_button(alert, language),),
        *moved_buttons(alert, moving, summary.still_away, language),
    )
    return Screen("\n".join(lines), Inline(rows))


def _divisions(summary: Summary, language: str, names: Mapping[str, str]) -> list[str]:
    _ = translator(language)
    called = [(code, found) for code, found in summary.by_division.items() if found[0].calls]
    if len(called) < 2:
        return []
    # Whoever owes something comes first, then the slowest: what is worth talking about afterwards.
    order = sorted(
        called,
        key=lambda item: (
            item[0] not in summary.standings or summary.standings[item[0]].complete,
            -(item[1][0].calls - item[1][0].answered),
            -(item[1][1].slowest if item[1][1] else 0),
            item[0],
        ),
    )
    lines = ["", bold(_("分区划："))]
    for code, (progress, speed) in order[:SHOWN]:
        line = _("{name}：{done}/{every}").format(
            name=name(names.get(code, code)), done=progress.answered, every=progress.calls
        )
        if speed is not None:
            line += " · " + _("半数在 {median}内，最慢 {slowest}").format(
                median=span(speed.median, language), slowest=span(speed.slowest, language)
            )
        standing = summary.standings.get(code)
        if standing is not None and not standing.complete:
            line += " · " + _("❗ 没有完成：{owed}").format(
                owed=owes(standing, language) or _("未回应 {count}").format(count=standing.waiting)
            )
        lines.append(line)
    if len(order) > SHOWN:
        lines.append(_("……另有 {count} 处").format(count=len(order) - SHOWN))
    return lines


def _speed(what: str, speed: Speed, language: str) -> str:
    _ = translator(language)
    return _("{what}：半数在 {median}内，最慢 {slowest}").format(
        what=what, median=span(speed.median, language), slowest=span(speed.slowest, language)
    )
