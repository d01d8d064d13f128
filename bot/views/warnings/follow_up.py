"""After the answer: the report, its figures or reason, and the cry for help it may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from alerts.calls import Call, CallOutcome, Report
from alerts.helping import HelpOutcome
from alerts.loop.tasks.model import CauseKind
from alerts.model import IN_FORCE, Alert
from alerts.reports import CALLING_FOR_HELP, HelpRequest, ReportFact, Where, latest_of_each
from bot.actions.tasks import TaskOf
from bot.actions.warnings import FiguresSure, HelpResolve, HelpTake, ReportTap, StatusOf
from bot.locale import N_, translator
from bot.views.clock import BEIJING, clock
from bot.views.figures import moved_figures
from bot.views.screen import Button, ForceReply, Inline, Screen, bold, escape, name, quote, shorten
from bot.views.telephones import FIRE_LINE
from bot.views.vocabulary import done_name, headline, held_name, thing_name
from bot.views.warnings.parts import heading, marked, plain_title, report_buttons, state_line
from contacts.people import Person

_CANNOT, _NEEDS_HELP = N_("✖️ 无法执行"), N_("🙋 请求支援")


def ask_moved(
    language: str, alert: Alert, place: str, *, of: str = "", several: bool = False
) -> Screen:
    """Ask how many households and persons were moved.

    :param of: the place that the figures are of, of several.
    :param several: they are of all the places that the person answers for.
    """
    _ = translator(language)
    ask = _("转移了多少户、多少人？")
    if of:
        ask = _("{place}转移了多少户、多少人？").format(place=shorten(of, 40))
    elif several:
        ask = _("各处一共转移了多少户、多少人？")
    lines = [
        heading(alert, bold(ask), place, language),
        _("例如：12户 35人。写的数字报给上面这一条。"),
    ]
    return Screen("\n".join(lines), ForceReply(_("12户 35人")))


def moved_not_understood(language: str, alert: Alert, place: str, *, about: bool = False) -> Screen:
    """Say that the figures could not be read and nothing was recorded.

    :param about: a round number was said.
    """
    _ = translator(language)
    text = (
        _("还没有记录：要确切的数字，不要「余、多、大约」。先报现在点清的，例如：12户 35人")
        if about
        else _("没看懂，还没有记录。请只写总户数、总人数，例如：12户 35人")
    )
    return Screen(heading(alert, escape(text), place, language), ForceReply(_("12户 35人")))


def figures_of_which(
    calls: Sequence[tuple[Call, Alert]],
    figures: tuple[int | None, int | None],
    places: Mapping[int, str],
    language: str,
    place: int | None = None,
) -> Screen:
    """Figures were typed that nobody asks for: a button for each warning they may be of.

    :param figures: households and persons.
    :param place: of which place of the one call they are, by its number.
    """
    _ = translator(language)
    words = moved_figures(*figures, language)
    late = _("🏠 补登 {figures}：{warning}")
    rows = [
        (
            Button(
                (_("🏠 已转移 {figures}：{warning}") if alert.in_force else late).format(
                    figures=words, warning=plain_title(alert, places.get(alert.id, ""), language)
                ),
                FiguresSure(call.id, *figures, place).encode(),
            ),
        )
        for call, alert in calls
    ]
    return Screen(bold(_("还没有记录。是转移群众的数字，请按：")), Inline(tuple(rows)))


def figures_of_none(language: str, duty: str = FIRE_LINE) -> Screen:
    """Figures were typed while no warning that the person has answered is in force.

    :param duty: the duty officer to ring up, with the number (``Facts.duty_phone``).
    """
    _ = translator(language)
    words = _("没有记录：没有您回应过、现在还能报数的叫应。要补报数字，请打电话：{duty}")
    return Screen(words.format(duty=escape(duty)))


def ask_reason(
    report: Report,
    language: str,
    alert: Alert,
    place: str,
    *,
    of: str = "",
    duty: str = FIRE_LINE,
) -> Screen:
    """Ask why it cannot be done, or what help is needed.

    :param of: the place that was reported on, of several.
    :param duty: the duty officer to ring up, with the number (``Facts.duty_phone``).
    """
    _ = translator(language)
    cannot = report is Report.CANNOT
    question = _("请用一句话说明原因") if cannot else _("需要什么支援？")
    if of:
        question = _("{place}：{question}").format(place=shorten(of, 40), question=question)
    example = _("例如：桥断了，车过不去") if cannot else _("例如：两台车，卧床老人 3 名")
    lines = [
        heading(alert, bold(question), place, language),
        example,
        _("会立即转给上级值班员；紧急请直接打电话：{duty}").format(duty=escape(duty)),
    ]
    return Screen("\n".join(lines), ForceReply())


def report_recorded(
    call: Call,
    language: str,
    alert: Alert,
    place: str,
    *,
    of: str = "",
    duty: str = FIRE_LINE,
    zone: tzinfo = BEIJING,
) -> Screen:
    """Say what was recorded, in words and figures, so that a mistake is seen; of which warning.

    :param of: the place that was reported on, of several.
    :param duty: the duty officer to ring up, with the number (``Facts.duty_phone``).
    """
    _ = translator(language)
    text = recorded_report(call, language, zone, of, homeward=alert.hazard.homeward)
    if call.report in CALLING_FOR_HELP:
        text += "\n" + _("已转给上级值班员。紧急请直接打电话：{duty}").format(duty=escape(duty))
    elif call.report is Report.MOVED:
        text += "\n" + _("数字有变，再按「已转移群众」改报。")
    if call.report is Report.MOVED and not alert.in_force:
        text += "\n" + _("{thing}已结束，按补登记入。").format(
            thing=thing_name(alert.hazard, language)
        )
    elif call.left_out:
        text += "\n" + _("{thing}已不包括这里，按补登记入。").format(
            thing=thing_name(alert.hazard, language)
        )
    return Screen(heading(alert, text, place, language))


def report_not_recorded(
    outcome: CallOutcome,
    call: Call,
    language: str,
    alert: Alert,
    place: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """Say why a report that was typed was not taken."""
    words = report_toast(outcome, call, alert, language, zone=zone)
    return Screen(heading(alert, bold(words), place, language))


def report_toast(
    outcome: CallOutcome,
    call: Call,
    alert: Alert,
    language: str,
    *,
    of: str = "",
    zone: tzinfo = BEIJING,
) -> str:
    """Toast after a tap on a report button.

    :param of: the place that was reported on, of several.
    """
    _ = translator(language)
    at = clock(call.reported_at, zone)
    if outcome is CallOutcome.RECORDED and call.report is not None and of:
        return _("✅ 已记录：{place} {report} {time}").format(
            place=shorten(of, 30),
            report=done_name(call.report, language, homeward=alert.hazard.homeward),
            time=at,
        )
    if outcome is CallOutcome.RECORDED and call.report is not None:
        return _("✅ 已记录：{report} {time}").format(
            report=done_name(call.report, language, homeward=alert.hazard.homeward), time=at
        )
    if alert.state not in IN_FORCE:
        return f"{state_line(alert, language, zone)}\n{_('不用再报告')}"
    if outcome is CallOutcome.ALREADY:
        return _("{time} 已报过，没有变化").format(time=at)
    if outcome is CallOutcome.NEEDS_ANSWER:
        return _("请先按「收到」，再报告")
    return _("您已从名单中销号，没有记录")


def report_due_message(
    alert: Alert, call: Call, language: str, place: str, *, left: Sequence[str] = ()
) -> Screen:
    """Ask for a report that is late, with the buttons.

    :param left: the places of which nothing is reported, where the call is for several.
    """
    _ = translator(language)
    text = heading(alert, bold(_("⏰ 请报告执行情况")), place, language)
    if left:
        more = ["…"] if len(left) > MOST_LISTED else []
        names = "、".join([*(name(found) for found in left[:MOST_LISTED]), *more])
        text += "\n" + _("还没有报告：{places}").format(places=names)
    return Screen(
        text, report_buttons(call.id, language, several=bool(left), homeward=alert.hazard.homeward)
    )


def ask_figures(
    call_id: int,
    households: int | None,
    persons: int | None,
    language: str,
    alert: Alert,
    place: str,
    *,
    number: int | None = None,
    target: str = "",
) -> Screen:
    """Figures that hardly anybody can mean: they count only when they are confirmed.

    :param number: of the place that they are of, of several.
    :param target: how many are to move there by the evacuation card, where it is fewer.
    """
    _ = translator(language)
    figures = moved_figures(households, persons, language)
    shout = bold(_("真的是 {figures}？还没有记录。").format(figures=figures))
    why = _("数字很大，请核对后再按。")
    if target:
        why = _("转移卡上应转 {target}，报得更多，请核对后再按。").format(target=target)
    text = heading(alert, shout, place, language) + "\n" + why
    sure = Button(
        _("✅ 没错，{figures}").format(figures=figures),
        FiguresSure(call_id, households, persons, number).encode(),
    )
    again = Button(_("✏️ 写错了，重报"), ReportTap(call_id, Report.MOVED, number).encode())
    return Screen(text, Inline(((sure,), (again,))))


def recorded_report(
    call: Call,
    language: str,
    zone: tzinfo = BEIJING,
    of: str = "",
    *,
    homeward: bool = False,
) -> str:
    """The last report as recorded (HTML): 📝 03:40 已转移群众：12 户 35 人.

    Figures stand with the report that gave them only.

    :param of: the place that was reported on, of several.
    """
    if call.report is None or call.reported_at is None:
        return ""
    moved = call.report is Report.MOVED
    fact = ReportFact(
        call.id,
        call.report,
        call.reported_at,
        call.households if moved else None,
        call.persons if moved else None,
        call.report_text,
    )
    return _recorded(fact, language, zone, of, homeward)


def recorded_reports(
    reports: Sequence[ReportFact],
    language: str,
    zone: tzinfo = BEIJING,
    places: Mapping[Where, str] | None = None,
    *,
    homeward: bool = False,
) -> str:
    """All that was reported, a line for each kind and place (HTML), in order.

    :param places: the names of the places that the call is for, if they are several.
    """
    _ = translator(language)
    found = latest_of_each(reports)
    lines = []
    if len(found) > MOST_LISTED:
        lines.append(_("（前面还有 {count} 条）").format(count=len(found) - MOST_LISTED))
    for fact in found[-MOST_LISTED:]:
        of = "" if fact.where is None else (places or {}).get(fact.where, "")
        lines.append(_recorded(fact, language, zone, of, homeward))
    return "\n".join(lines)


def _recorded(
    fact: ReportFact, language: str, zone: tzinfo, of: str = "", homeward: bool = False
) -> str:
    _ = translator(language)
    what = done_name(fact.report, language, homeward=homeward)
    if of:
        what = f"{name(of)} {what}"
    text = f"📝 {clock(fact.reported_at, zone)} {what}"
    if fact.households is not None or fact.persons is not None or fact.report is Report.MOVED:
        figures = moved_figures(fact.households, fact.persons, language)
        text += _("：{figures}").format(figures=figures) if figures else ""
    if fact.text:
        text += "\n" + escape(shorten(fact.text, _REASON_SHOWN if fact.alone else 500))
    return text


MOST_LISTED = 12
"""Persons in one list of those who want help; of the others it says how many."""

_REASON_SHOWN = 80


@dataclass(frozen=True, slots=True)
class HelpCall:
    """A person who cannot comply or needs help.

    ``place`` is the path to their division, ``taker`` the name of who has taken it on.
    """

    request: HelpRequest
    person: Person
    place: str
    taker: str = ""
    figures: str = ""  # what they have moved, in words


def help_list(
    alert: Alert,
    wanted: Sequence[HelpCall],
    language: str,
    *,
    total: int,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To officers above: everybody of theirs who wants help, those nobody has taken on first.

    :param total: how many there are, listed or not.
    """
    _ = translator(language)
    lines = [
        marked(alert, bold(_("🙋 {count} 人需要支援或无法执行").format(count=total)), language),
        bold(headline(alert.level, alert.hazard, "", language)),
        *_over(alert, language, zone),
    ]
    for helped in wanted[:MOST_LISTED]:
        request = helped.request
        shout = _CANNOT if request.report is Report.CANNOT else _NEEDS_HELP
        reason = shorten(request.text or "", _REASON_SHOWN)
        lines += [
            "",
            bold(_("{what}：{place}").format(what=_(shout), place=shorten(helped.place, 60))),
            f"{name(helped.person.name)} {held_name(helped.person, language)}",
            f"☎️ {' / '.join(helped.person.numbers)} · {clock(request.asked_at, zone)}",
            escape(reason) if reason else _("（没有写原因，请打电话问清）"),
            *_how_far(helped, language, zone),
        ]
    if total > len(wanted):
        lines += ["", _("另有 {count} 人，请看态势。").format(count=total - len(wanted))]
    return Screen("\n".join(lines), _help_buttons(alert, wanted[:MOST_LISTED], language))


def help_list_below(alert: Alert, language: str, place: str) -> Screen:
    """What an older list of who needs help becomes when a newer one was sent."""
    _ = translator(language)
    shout = bold(_("🙋 求助情况有更新，请看下面最新的一条。"))
    return Screen(heading(alert, shout, place, language))


def help_wanted(
    alert: Alert,
    helped: HelpCall,
    language: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To officers above: who cannot comply or needs help, where, why, and the number to call."""
    _ = translator(language)
    request, person = helped.request, helped.person
    shout = _(_CANNOT if request.report is Report.CANNOT else _NEEDS_HELP)
    lines = [
        marked(alert, bold(_("{what}：{place}").format(what=shout, place=helped.place)), language),
        f"<b>{name(person.name)}</b> {held_name(person, language)}",
        f"☎️ {' / '.join(person.numbers)}",
    ]
    lines.append(quote(request.text) if request.text else _("（没有写原因，请打电话问清）"))
    if helped.figures:
        lines.append(_("已转移 {figures}").format(figures=helped.figures))
    lines += ["", bold(headline(alert.level, alert.hazard, "", language))]
    lines += _over(alert, language, zone)
    how_far = _how_far(helped, language, zone)
    lines += how_far or [_("{time} 上报，请马上联系。").format(time=clock(request.asked_at, zone))]
    return Screen("\n".join(lines), _help_buttons(alert, [helped], language))


def help_news(
    alert: Alert,
    request: HelpRequest,
    language: str,
    place: str,
    *,
    taker: Person | None,
    by: str = "",
    zone: tzinfo = BEIJING,
) -> Screen:
    """To whoever needs help: who has taken it on and their number, or that it is settled."""
    _ = translator(language)
    if not request.open:
        text = bold(_("✅ 您请求的支援已办结"))
        done = _("{time} {by} 记为已解决。还没解决，请再按「需要支援」。")
        more = done.format(time=clock(request.resolved_at, zone), by=escape(by))
        return Screen(f"{heading(alert, text, place, language)}\n\n{more}")
    who = "" if taker is None else f"{held_name(taker, language)} {taker.name}"
    text = bold(_("✋ {name} 已接手您的请求").format(name=escape(who)))
    lines = [heading(alert, text, place, language), ""]
    if taker is not None:
        lines.append(f"☎️ {taker.phone}")
    lines.append(_("{time} 接手，请与其保持联系。").format(time=clock(request.taken_at, zone)))
    settled = Button(_("✅ 已解决"), HelpResolve(request.id).encode())
    return Screen("\n".join(lines), Inline(((settled,),)))


def help_toast(outcome: HelpOutcome, language: str, *, taker: str = "") -> str:
    """Toast to whoever takes a cry for help on, or says that it is settled.

    :param taker: who else has taken it on; empty: the reader.
    """
    _ = translator(language)
    if outcome is HelpOutcome.RECORDED:
        return _("✅ 已记录")
    if outcome is HelpOutcome.TAKEN and not taker:
        return _("您已接手，办完请按「已解决」")
    if outcome is HelpOutcome.TAKEN:
        return _("{name} 已经接手了").format(name=shorten(taker, 30))
    return _("已经解决了，不用再处理")


def _how_far(helped: HelpCall, language: str, zone: tzinfo) -> list[str]:
    _ = translator(language)
    request, lines = helped.request, []
    if request.taken_at is not None:
        at = clock(request.taken_at, zone)
        lines.append(_("✋ {name} {time} 已接手").format(name=name(helped.taker), time=at))
    if request.resolved_at is not None:
        lines.append(_("✅ {time} 已解决").format(time=clock(request.resolved_at, zone)))
    return lines


def _over(alert: Alert, language: str, zone: tzinfo) -> list[str]:
    return [] if alert.in_force else [state_line(alert, language, zone)]


def _help_buttons(alert: Alert, wanted: Sequence[HelpCall], language: str) -> Inline | None:
    """One for each that is not settled; none once the warning is over."""
    if not alert.in_force:
        return None
    _ = translator(language)
    rows = []
    for helped in wanted:
        request, who = helped.request, shorten(helped.person.name, 16)
        if request.open and request.taken_at is None:
            words = _("✋ 我接手：{name}").format(name=who)
            rows.append((Button(words, HelpTake(request.id).encode()),))
        elif request.open:
            words = _("✅ 已解决：{name}").format(name=who)
            rows.append((Button(words, HelpResolve(request.id).encode()),))
        if request.open:
            words = _("📌 转为清单：{name}").format(name=who)
            rows.append((Button(words, TaskOf(CauseKind.HELP, request.id).encode()),))
    rows.append((Button(_("📊 看态势"), StatusOf(alert.id).encode()),))
    return Inline(tuple(rows))
