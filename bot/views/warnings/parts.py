"""The parts every message about a warning is made of: exercise mark, headline, text, sender."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, tzinfo

from alerts.calls import Included, Report
from alerts.instructions import instruction
from alerts.model import Alert, Draft, Hazard, Level, State
from alerts.templates import Urgency, urgency
from bot.actions.warnings import ReportPlaces, ReportTap
from bot.locale import N_, translator
from bot.views.clock import BEIJING, clock, day_clock, lead
from bot.views.screen import Button, Inline, bold, escape, name, shorten
from bot.views.vocabulary import (
    done_name,
    grade_name,
    hazard_name,
    headline,
    level_name,
    mark_of,
    post_name,
    report_name,
    state_name,
    thing_name,
    with_thing,
)
from contacts.people import Person, Role

EXERCISE = N_("【演练】")

_STATE_LINES = {
    State.PENDING: N_("⏳ 等待第二人确认，尚未发出"),
    State.LIFTED: N_("✅ 本次预警已解除"),
    State.CANCELLED: N_("🚫 本次预警是误发，已取消，不用执行"),
    State.EXPIRED: N_("⌛ 本次预警已到期"),
    State.REFUSED: N_("✋ 本次预警没有发布"),
}

BY_API = "api:"
"""How ``Alert.command_line`` begins when another system released it by a token."""
_RESPONSE_LINES = {
    State.LIFTED: N_("✅ 应急响应已终止"),
    State.CANCELLED: N_("🚫 应急响应是误启动，已取消，不用执行"),
    State.EXPIRED: N_("⌛ 应急响应已到期"),
    State.REFUSED: N_("✋ 应急响应没有启动"),
}
_RETURN_LINES = {
    State.LIFTED: N_("✅ 返回通知已办结"),
    State.CANCELLED: N_("🚫 返回通知已取消，先不要返回"),
    State.EXPIRED: N_("⌛ 返回通知已到期"),
}

_HELD = N_("⏸️ 系统中断太久，等人决定是否还要发")


def exercise_mark(exercise: bool, language: str) -> str:
    """The exercise mark 【演练】, or nothing for the real thing."""
    return translator(language)(EXERCISE) if exercise else ""


def title(alert: Alert | Draft, place: str, language: str) -> str:
    """The title of a warning in bold (HTML): 【演练】🔴 敦化市暴雨红色预警."""
    mark = exercise_mark(alert.exercise, language)
    words = headline(alert.level, alert.hazard, place, language)
    return bold(f"{mark}{mark_of(alert.hazard, alert.level)} {words}")


def released_title(alert: Alert, place: str, language: str) -> str:
    """As ``title``, where it is told that it was released (HTML): a response is raised, 启动."""
    if not alert.hazard.response or alert.changed_at is not None:
        return title(alert, place, language)
    words = headline(alert.level, alert.hazard, place, language)
    raised = translator(language)("启动{response}").format(response=words)
    return bold(
        f"{exercise_mark(alert.exercise, language)}{mark_of(alert.hazard, alert.level)} {raised}"
    )


def command_line_note(alert: Alert, language: str) -> list[str]:
    """That it was released on a server in its sender's name (HTML); nothing if it was in chat."""
    if alert.command_line is None:
        return []
    _ = translator(language)
    words = _("🖥 由服务器命令行发布（{who}）。发布人若不知情，请马上取消并找管理员。")
    who = alert.command_line
    if who.startswith(BY_API):
        who = who.removeprefix(BY_API)
        words = _("🔌 由其他系统经 API 发布（{who}）。发布人若不知情，请马上取消并找管理员。")
    return [words.format(who=name(who))]


def heading(alert: Alert, text: str, place: str, language: str) -> str:
    """``text`` (HTML) and the title below it; an exercise is marked once, at the very beginning."""
    words = headline(alert.level, alert.hazard, place, language)
    below = bold(f"{mark_of(alert.hazard, alert.level)} {words}")
    return f"{marked(alert, text, language)}\n{below}"


def plain_title(alert: Alert | Draft, place: str, language: str) -> str:
    """The title without markup, for buttons and toasts."""
    mark = exercise_mark(alert.exercise, language)
    return f"{mark}{mark_of(alert.hazard, alert.level)} " + headline(
        alert.level, alert.hazard, place, language
    )


MOST_OF_PLACE = 8
"""Characters of a place on a confirm button: a 360-pixel screen shows some twenty in a line."""


def on_button(place: str, language: str) -> str:
    """A place on a confirm button; of 延边州（不含敦化市） that it is a part, of several places the
    first and how many they are: cut in the middle it says nothing."""
    _ = translator(language)
    first, *others = place.split("、")
    if others and "（" not in place and len(place) > MOST_OF_PLACE:
        return _("{place}等{count}地").format(place=shorten(first, 5), count=1 + len(others))
    whole, left_out, _rest = place.partition("（不含")
    if not left_out or len(place) <= MOST_OF_PLACE:
        return shorten(place, MOST_OF_PLACE)
    part = _("（部分）")
    return shorten(whole, MOST_OF_PLACE - len("（部分）") + 1) + part


def confirm_words(alert: Alert | Draft, place: str, persons: int, language: str) -> str:
    """The confirm button: ✅ 确认发布 🔴红·敦化市·叫应46人. The last thing that is read."""
    _ = translator(language)
    if alert.hazard.response:
        words = _("✅ 确认启动（演练）") if alert.exercise else _("✅ 确认启动")
    else:
        words = _("✅ 确认发布（演练）") if alert.exercise else _("✅ 确认发布")
    return _("{confirm} {mark}{level}·{place}·叫应{persons}人").format(
        confirm=words,
        mark=mark_of(alert.hazard, alert.level),
        level=grade_name(alert.hazard, alert.level, language).removesuffix("色"),
        place=on_button(place, language),
        persons=persons,
    )


def marked(alert: Alert, text: str, language: str) -> str:
    """``text`` (HTML) behind the exercise mark: for messages that do not begin with the title."""
    mark = exercise_mark(alert.exercise, language)
    return f"<b>{mark}</b> {text}" if mark else text


def body(alert: Alert | Draft, language: str) -> str:
    """The signal that is passed on, and the warning's own words (HTML).

    A template's lines are read in the reader's language.
    """
    _ = translator(language)
    words = alert.text if isinstance(alert, Draft) else alert.description
    lines = [_(line) for line in words.strip().splitlines()]
    signal = signal_line(alert, language)
    return escape("\n".join([signal, *lines] if signal else lines))


def signal_line(alert: Alert | Draft, language: str) -> str:
    """Whose signal the warning passes on, plain: 📡 敦化市气象台发布暴雨红色预警信号."""
    if not alert.issued_by:
        return ""
    return translator(language)("📡 {service}发布{hazard}{level}预警信号").format(
        service=alert.issued_by,
        hazard=hazard_name(alert.hazard, language),
        level=level_name(alert.level, language),
    )


def sent_line(alert: Alert, sender_line: str, language: str, zone: tzinfo = BEIJING) -> str:
    """When the warning was released, how much time it leaves, and who sends it (HTML)."""
    _ = translator(language)
    parts = []
    if alert.lead_minutes:
        parts.append(_("⏱ 预计 {lead}内发生").format(lead=lead(alert.lead_minutes, language)))
    if alert.released_at is None:
        parts.append(_("{time} 提出").format(time=clock(alert.created_at, zone)))
    else:
        words = _("{time} 启动") if alert.hazard.response else _("{time} 发布")
        parts.append(words.format(time=clock(alert.released_at, zone)))
        if alert.changed_at is not None:
            parts.append(_("{time} 更新").format(time=clock(alert.changed_at, zone)))
    line = " · ".join(parts)
    return f"{line}\n👤 {escape(sender_line)}" if sender_line else line


def asked_time(alert: Alert, included: Included | None = None) -> datetime:
    """When somebody was last asked to answer: with the release, when the level rose, or when it
    came to be for where they are."""
    asked_at = alert.asked_at or alert.released_at or alert.created_at
    return asked_at if included is None else max(asked_at, included.at)


def included_line(included: Included, hazard: Hazard, language: str) -> str:
    """Why somebody is called of a warning that runs already, in bold (HTML)."""
    _ = translator(language)
    if included.again:
        return bold(with_thing(_("➕ {thing}又包括您这里，请重新回应"), hazard, language))
    return bold(with_thing(_("➕ {thing}范围扩大，包括您这里"), hazard, language))


def asked_with(alert: Alert) -> int | None:
    """What the buttons of the warning say of that; ``None``: it was with the release."""
    return alert.asked_version if alert.raised else None


def state_line(alert: Alert, language: str, zone: tzinfo = BEIJING) -> str:
    """What became of the warning, once it is over or waits (HTML); empty while it runs.

    Once the calling is complete it says so, and that the warning goes on.
    """
    _ = translator(language)
    if alert.state is State.CLOSED and alert.hazard.response:
        return _("☑️ 叫应已销号（{time}），应急响应仍在进行，至 {until}").format(
            time=day_clock(alert.closed_at, zone), until=day_clock(alert.expires_at, zone)
        )
    if alert.state is State.CLOSED:
        return _("☑️ 叫应已销号（{time}），{thing}仍然有效，至 {until}").format(
            thing=thing_name(alert.hazard, language),
            time=day_clock(alert.closed_at, zone),
            until=day_clock(alert.expires_at, zone),
        )
    line = _HELD if alert.held else None
    lines = _RESPONSE_LINES if alert.hazard.response else {}
    if alert.hazard.homeward:
        lines = _RETURN_LINES
    line = line or lines.get(alert.state) or _STATE_LINES.get(alert.state)
    if line is None:
        return ""
    at = alert.cancelled_at or alert.lifted_at
    if alert.state is State.EXPIRED:
        at = alert.expires_at
    if at is None:
        return _(line)
    return _("{what}（{time}）").format(what=_(line), time=day_clock(at, zone))


def state_words(alert: Alert, language: str) -> str:
    """The state of a warning in a word or two, for lists: 叫应中; or that it is held."""
    if alert.held:
        return translator(language)(_HELD)
    return state_name(alert.state, alert.hazard, language)


def holds_until(alert: Alert, language: str, zone: tzinfo = BEIJING) -> str:
    """Until when what the warning asks for is to be done (HTML)."""
    _ = translator(language)
    if alert.hazard.homeward:
        return _("⏱ 请在 {until} 前落实并报告").format(until=day_clock(alert.expires_at, zone))
    if alert.hazard.response:
        return _("⏱ 应急响应至 {until}；调整或终止会再通知").format(
            until=day_clock(alert.expires_at, zone)
        )
    return _("⏱ 预警有效至 {until}；解除、取消或到期前都要执行").format(
        until=day_clock(alert.expires_at, zone)
    )


def todo(
    hazard: Hazard,
    level: Level,
    role: Role | str | None,
    lead_minutes: int | None,
    language: str,
) -> str:
    """What this post has to do now (HTML)."""
    _ = translator(language)
    lines = [
        f"{number}. {escape(_(line))}"
        for number, line in enumerate(instruction(hazard, level, role, lead_minutes), start=1)
    ]
    urgent = urgency(level, lead_minutes) in (Urgency.MOVE, Urgency.PREPARE)
    return "\n".join([bold(_("请立即：") if urgent else _("请做好：")), *lines])


def report_buttons(
    call_id: int,
    language: str,
    *,
    place: int | None = None,
    several: bool = False,
    homeward: bool = False,
) -> Inline:
    """The buttons of the four reports.

    :param homeward: it is a call home: nobody is moved, and done is 已返回.
    :param place: for this one only of the places that the call is for, by its number.
    :param several: the call is for several places: each can be reported on by itself.
    """
    _ = translator(language)
    done, moved, cannot, support = (
        Button(mark + report_name(what, language), ReportTap(call_id, what, place).encode())
        for mark, what in (
            ("✔️ ", Report.DONE),
            ("🏠 ", Report.MOVED),
            ("✖️ ", Report.CANNOT),
            ("🙋 ", Report.HELP),
        )
    )
    rows: list[tuple[Button, ...]] = [(moved, done), (cannot, support)]
    if homeward:
        rows[0] = (replace(done, text="🏠 " + done_name(Report.DONE, language, homeward=True)),)
    if several:
        rows.append((Button(_("📍 分别报告各处"), ReportPlaces(call_id).encode()),))
    elif place is not None:
        rows.append((Button(_("⬅️ 回到各处"), ReportPlaces(call_id).encode()),))
    return Inline(tuple(rows))


def signature(person: Person, place: str, language: str) -> str:
    """Who somebody is, plain: 敦化市 防汛办主任 王某."""
    return " ".join(part for part in (place, post_name(person, language), person.name) if part)
