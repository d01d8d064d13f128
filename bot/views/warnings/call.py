"""The call to one person: one short message, one big button, and what it becomes after the tap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from alerts.calls import Call, CallOutcome, CallState, Included, Report, Via
from alerts.model import IN_FORCE, Alert, State
from alerts.reports import ReportFact, Where
from alerts.withdrawals.model import Again, Withdrawal, WithdrawnAnswer, is_asked_again
from bot.actions.warnings import CallAnswer, ReportTap
from bot.locale import N_, translator
from bot.views.clock import BEIJING, ago, clock
from bot.views.handbook_cards import how_to_button
from bot.views.screen import Button, Inline, Screen, bold, escape, name
from bot.views.vocabulary import doubt_reason, proxy_name, thing_name, with_thing
from bot.views.warnings.follow_up import recorded_report, recorded_reports
from bot.views.warnings.left_out import (
    no_more_here,
    not_to_be_answered,
    not_to_be_done,
    nothing_to_do,
)
from bot.views.warnings.parts import (
    asked_time,
    asked_with,
    body,
    heading,
    holds_until,
    included_line,
    marked,
    plain_title,
    released_title,
    report_buttons,
    sent_line,
    signature,
    state_line,
    title,
    todo,
)
from bot.views.warnings.stand_ins import there_now
from bot.views.warnings.withdrawals import (
    doubted_line,
    take_back_button,
    withdrawn_line,
)
from contacts.people import Person, Role

MOVED_STILL = N_("🏠 补登已转移群众")

MOST_BUTTONS = 8
"""Warnings that can be answered from one message: more at once has not been seen."""


def sender_line(
    sender: Person, place: str, language: str, *, phone: bool = False, headquarters: str = ""
) -> str:
    """Who sends the warning, plain; with the number for readers who may see it.

    :param headquarters: in whose name: 【敦化市防汛抗旱指挥部】 stands in place of the division.
    """
    who = signature(sender, f"【{headquarters}】" if headquarters else place, language)
    return f"{who} {sender.phone}" if phone else who


def call_message(
    alert: Alert,
    call_id: int,
    language: str,
    place: str,
    *,
    sender_line: str,
    stand_in_for: str | None = None,
    posts: str = "",
    raised: str = "",
    included: Included | None = None,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The warning to one person: the headline, the text, who sends it, and one button.

    :param posts: where the person answers for, if that is several places.
    :param raised: of which level it was before (HTML), if everybody is asked again.
    :param included: it came to be for where they are while it ran.
    """
    rest = _asked(alert, language, sender_line, stand_in_for, posts, zone)
    why = included_line(included, alert.hazard, language) if included else raised
    head = heading(alert, why, place, language) if why else released_title(alert, place, language)
    text = "\n\n".join([head, *rest])
    return Screen(text, answer_button(alert, call_id, language, zone, included))


def remind_message(
    alert: Alert,
    call_id: int,
    language: str,
    place: str,
    *,
    sender_line: str,
    minutes: int,
    stand_in_for: str | None = None,
    posts: str = "",
    zone: tzinfo = BEIJING,
    again: Again | None = None,
    by: str = "",
    reason: str = "",
    included: Included | None = None,
) -> Screen:
    """The reminder: the same again, with how long there was no answer.

    :param posts: as for ``call_message``; ``included``, too.
    :param again: why somebody is called again who had answered, or was stood down; ``by`` and
        ``reason``: the officer who doubts the answer, and why.
    """
    _ = translator(language)
    if again is Again.DOUBTED:
        shout = doubted_line(by, doubt_reason(reason, language), language)
    elif again is Again.STAND_IN:
        shout = bold(_("‼️ 原来叫的人没有叫到，请您再顶上"))
    else:
        words = _("‼️ 已 {time}没有收到您的回应")
        shout = bold(words.format(time=ago(60 * max(1, minutes), language)))
    rest = _asked(alert, language, sender_line, stand_in_for, posts, zone)
    text = "\n\n".join([heading(alert, shout, place, language), *rest])
    return Screen(text, answer_button(alert, call_id, language, zone, included))


def answered_message(
    alert: Alert,
    call: Call,
    role: Role | str | None,
    language: str,
    place: str,
    *,
    sender_line: str = "",
    by: str = "",
    reports: Sequence[ReportFact] = (),
    instead: tuple[str, Call] | None = None,
    posts: str = "",
    places: Mapping[Where, str] | None = None,
    withdrawn: WithdrawnAnswer | None = None,
    take_back: bool = False,
    newer: str = "",
    moving: bool = False,
    zone: tzinfo = BEIJING,
) -> Screen:
    """What the call becomes once answered: what is recorded, what to do now, the report buttons.

    :param by: the officer who recorded a proxy answer or a discharge.
    :param reports: all that was reported; without, the call's last report.
    :param posts: as for ``call_message``.
    :param places: the names of the places that it is for, if they are several.
    :param instead: to a stand-in: whom they stood in for, who is there now; the name and the call.
    :param withdrawn: of a call that waits again: the last answer, which counts no more; ``by`` is
        the officer who doubts it.
    :param take_back: whether the answer can still be taken back.
    :param newer: the title (HTML) of a newer warning of the same danger, whose button answers this
        one, too.
    :param moving: whether it had people move: whoever is left out can still say who was.
    """
    _ = translator(language)
    places = places or {}
    recorded = _recorded(alert, call, language, by, reports, places, zone)
    if call.open and alert.in_force:
        recorded = _why_again(alert, call, withdrawn, by, language) or recorded
    parts = [heading(alert, recorded, place, language)]
    # When the calling is complete the warning stays in force: what was asked is still asked, and
    # reports count. That others were struck off is nothing to whoever has to act.
    running = alert.in_force and call.answered
    if instead is not None and call.answered:
        person, cause = instead
        parts.append(there_now(person, cause, language, by, zone) + _handed_over(language))
    if posts:
        parts.append(responsible_for(posts, language))
    if not alert.in_force:
        parts.append(state_line(alert, language, zone))
    elif call.left_out:
        rest = not_to_be_done if call.answered_before else nothing_to_do
        parts.append(rest(alert.hazard, language))
    if running:
        parts.append(
            todo(alert.hazard, alert.level, role or call.role, alert.lead_minutes, language)
        )
    parts.append(body(alert, language))
    parts.append(sent_line(alert, sender_line, language, zone))
    if running:
        parts.append(holds_until(alert, language, zone))
    if not running:
        buttons = _left_to_press(alert, call, language, moving=moving)
        return _to_be_answered(alert, call, parts, newer, language, zone, buttons)
    if call.state is not CallState.REPORTED:
        ask = _("做完请报告；各处不一样，可分别报告") if places else _("做完请报告")
        parts.append(bold("👇 " + ask))
    reports_of = report_buttons(
        call.id, language, several=bool(places), homeward=alert.hazard.homeward
    )
    how_to = () if alert.hazard.homeward else ((how_to_button(call.id, language),),)
    buttons = Inline((*reports_of.rows, *how_to))
    return Screen(
        "\n\n".join(parts), _with_answers(alert, buttons, call, language, take_back, zone)
    )


def _why_again(
    alert: Alert, call: Call, withdrawn: WithdrawnAnswer | None, by: str, language: str
) -> str:
    """Why an open call waits that was answered, or was not made with the release (HTML)."""
    included = call.included
    raised = withdrawn is None or withdrawn.kind is Withdrawal.RAISED
    if included is not None and (raised or (withdrawn and withdrawn.at < included.at)):
        return included_line(included, alert.hazard, language)
    if is_asked_again(call) and (withdrawn or not alert.raised):
        return withdrawn_line(withdrawn, by, alert.hazard, language)
    return ""


def _to_be_answered(
    alert: Alert,
    call: Call,
    parts: list[str],
    newer: str,
    language: str,
    zone: tzinfo,
    otherwise: Inline | None,
) -> Screen:
    """Nothing to be done (yet): an unanswered call of a warning in force keeps its button, whatever
    asked to edit it, unless a newer one bears it."""
    _ = translator(language)
    asked = call.open and alert.in_force
    if asked and newer:
        words = _("⬇️ 同类{thing}有更新，请按下面新消息的「收到」，一并回应：")
        words = with_thing(words, alert.hazard, language)
        return Screen("\n\n".join([*parts, f"{bold(words)}\n{newer}"]))
    if not asked:
        return Screen("\n\n".join(parts), otherwise)
    button = answer_button(alert, call.id, language, zone, call.included)
    return Screen("\n\n".join(parts), button)


def _left_to_press(alert: Alert, call: Call, language: str, *, moving: bool) -> Inline | None:
    """Whoever is left out says who was moved all the same: it is a fact. Whoever answered a warning
    that is over reads what to do afterwards."""
    _ = translator(language)
    if call.left_out and alert.in_force and moving:
        moved = Button(_(MOVED_STILL), ReportTap(call.id, Report.MOVED).encode())
        return Inline(((moved,),))
    over = alert.state in (State.LIFTED, State.EXPIRED) and not alert.hazard.homeward
    return Inline(((how_to_button(call.id, language),),)) if over and call.answered else None


def _with_answers(
    alert: Alert, buttons: Inline, call: Call, language: str, take_back: bool, zone: tzinfo
) -> Inline:
    """The buttons of the reports, and those that change the answer itself."""
    if call.state is CallState.PROXIED:
        # The person's own answer still counts, and counts for more than the officer's word.
        own = answer_button(alert, call.id, language, zone, call.included)
        return Inline((*own.rows, *buttons.rows))
    if take_back and call.state is CallState.ACKNOWLEDGED:
        return Inline((*buttons.rows, (take_back_button(call, language),)))
    return buttons


def _handed_over(language: str) -> str:
    _ = translator(language)
    return "\n" + _("由其本人负责；您已经做的，请与其说清。")


def answer_toast(
    outcome: CallOutcome, call: Call, language: str, alert: Alert, *, zone: tzinfo = BEIJING
) -> str:
    """Toast after a tap on 收到: recorded, recorded before, or over; and of which warning."""
    return f"{_outcome(outcome, call, alert, language, zone)}\n{plain_title(alert, '', language)}"


def answer_receipt(
    outcome: CallOutcome,
    call: Call,
    alert: Alert,
    place: str,
    language: str,
    *,
    others: Sequence[tuple[Call, Alert]] = (),
    places: Mapping[int, str] | None = None,
    zone: tzinfo = BEIJING,
) -> Screen:
    """Answer to 收到 that was typed, or said otherwise: what became of it, and of which warning.

    :param others: the warnings that still wait for this person's answer.
    """
    _ = translator(language)
    words = _outcome(outcome, call, alert, language, zone)
    lines = [heading(alert, bold(words), place, language)]
    if not others:
        return Screen("\n".join(lines))
    lines += ["", bold(_("还有 {count} 条待您回应：").format(count=len(others)))]
    return Screen("\n".join(lines), answer_buttons(others, places or {}, language))


def _outcome(outcome: CallOutcome, call: Call, alert: Alert, language: str, zone: tzinfo) -> str:
    _ = translator(language)
    if outcome is CallOutcome.RECORDED:
        return _("✅ 已记录 {time}").format(time=clock(call.answered_at, zone))
    if alert.state not in IN_FORCE:
        return f"{state_line(alert, language, zone)}\n{_('不用再回应')}"
    if outcome is CallOutcome.ALREADY:
        return _("您已在 {time} 回应，不用再按").format(time=clock(call.answered_at, zone))
    if call.stood_down:
        return _("您不用再顶上，也不用回应。")
    if outcome is CallOutcome.RAISED:
        words = _("{thing} {time} 有更新：请看新的内容，再按「收到 {time}」")
        at = clock(asked_time(alert, call.included), zone)
        return words.format(thing=thing_name(alert.hazard, language), time=at)
    if call.left_out:
        return not_to_be_answered(alert.hazard, language)
    if outcome is CallOutcome.BEFORE:
        return _("先前的回应已撤回或存疑，请再按一次「收到」")
    return _("您已从名单中销号，不用再回应")


def which_call(
    calls: Sequence[tuple[Call, Alert]], places: Mapping[int, str], language: str
) -> Screen:
    """Answer to a typed 收到 when several warnings wait: which one is meant?"""
    _ = translator(language)
    exercise = bool(calls) and all(alert.exercise for _call, alert in calls)
    text = bold(_("您有 {count} 条待回应，请逐个按：").format(count=len(calls)))
    return Screen(
        marked(calls[0][1], text, language) if exercise else text,
        answer_buttons(calls, places, language),
    )


def not_counted(
    calls: Sequence[tuple[Call, Alert]], places: Mapping[int, str], language: str
) -> Screen:
    """Whoever is called said something that is no answer: they are told, with the buttons."""
    _ = translator(language)
    head = bold(_("⚠️ 还没有算您回应"))
    if calls and all(alert.exercise for _call, alert in calls):
        head = marked(calls[0][1], head, language)
    lines = [head, _("看到了，请按下面的「收到」，或打字「收到」：")]
    lines += [title(alert, places.get(alert.id, ""), language) for _call, alert in calls]
    return Screen("\n".join(lines), answer_buttons(calls, places, language))


def answer_buttons(
    calls: Sequence[tuple[Call, Alert]], places: Mapping[int, str], language: str
) -> Inline:
    """A button for each call, with the warning it answers."""
    _ = translator(language)
    return Inline(
        tuple(
            (
                Button(
                    _("✅ 收到：{warning}").format(
                        warning=plain_title(alert, places.get(alert.id, ""), language)
                    ),
                    CallAnswer(call.id, asked_with(alert)).encode(),
                ),
            )
            for call, alert in calls[:MOST_BUTTONS]
        )
    )


def no_open_call(
    language: str, recent: tuple[Call, Alert] | None = None, *, zone: tzinfo = BEIJING
) -> Screen:
    """Answer to a typed 收到 when no warning waits for it."""
    _ = translator(language)
    if recent is not None and recent[0].answered_at is not None:
        words = _("✅ 您最近一次叫应已在 {time} 回应，现在没有待您回应的叫应。")
        return Screen(
            marked(recent[1], words.format(time=clock(recent[0].answered_at, zone)), language)
        )
    return Screen(_("现在没有需要您回应的叫应。"))


def responsible_for(posts: str, language: str) -> str:
    """Where a person answers for with one answer (HTML)."""
    _ = translator(language)
    words = _("📍 您负责：{places}（一次回应，各处都算）")
    if "、" not in posts:
        words = _("📍 您负责：{places}")
    return bold(words.format(places=posts))


def _asked(
    alert: Alert,
    language: str,
    sender_line: str,
    stand_in_for: str | None,
    posts: str,
    zone: tzinfo,
) -> list[str]:
    _ = translator(language)
    parts = []
    if posts:
        parts.append(responsible_for(posts, language))
    if stand_in_for:
        words = _("{name} 没有回应，请您顶上。")
        parts.append("❗ " + words.format(name=name(stand_in_for)))
    return [
        *parts,
        body(alert, language),
        sent_line(alert, sender_line, language, zone),
        bold("👇 " + _("看到请立即按「收到」")),
    ]


def _recorded(
    alert: Alert,
    call: Call,
    language: str,
    by: str,
    reports: Sequence[ReportFact],
    places: Mapping[Where, str],
    zone: tzinfo,
) -> str:
    _ = translator(language)
    homeward = alert.hazard.homeward
    if call.answered or call.answered_before:
        told = recorded_reports(reports, language, zone, places, homeward=homeward)
        told = told or recorded_report(call, language, zone, homeward=homeward)
        answered = bold(_answered(call, language, by, zone))
        return f"{answered}\n{told}" if told else answered
    if call.stood_down:
        return bold(_("☑️ 原来叫的人已有着落，您不用再顶上"))
    if call.state is CallState.DISCHARGED:
        text = bold(_("☑️ 已从名单中销号"))
        reason = call.discharge_reason
        return text + (_("：{reason}").format(reason=escape(reason)) if reason else "")
    if call.left_out:
        return bold(no_more_here(alert.hazard, language))
    if call.state is CallState.CANCELLED:
        return bold(_("不用再回应"))
    return bold(_("⏳ 还没有收到您的回应"))


def _answered(call: Call, language: str, by: str, zone: tzinfo) -> str:
    _ = translator(language)
    at = clock(call.answered_at, zone)
    if call.answered_via is not Via.PROXY:
        return _("✅ {time} 已回应").format(time=at)
    return _("📞 {time} 由 {by} 登记：{how}").format(
        time=at, by=by or _("值班员"), how=proxy_name(call.proxy_how, language)
    )


def answer_button(
    alert: Alert,
    call_id: int,
    language: str,
    zone: tzinfo = BEIJING,
    included: Included | None = None,
) -> Inline:
    """The one button under a call; it says when was asked what it answers."""
    _ = translator(language)
    words = _("✅ 收到 {time}").format(time=clock(asked_time(alert, included), zone))
    return Inline(((Button(words, CallAnswer(call_id, asked_with(alert)).encode()),),))
