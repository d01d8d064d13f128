"""How warnings stand: the commander's card, the list of /status, the way to the command wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.completeness import Standing, worst_first
from alerts.loop.evacuation.counting import NONE, Evacuation, Figures
from alerts.model import Alert, State
from alerts.progress import Progress
from alerts.reports import NO_HELP, HelpCounts
from bot.actions.cut_off import CutOffPage
from bot.actions.warnings import (
    AnsweredPage,
    CloseAsk,
    LedgerExport,
    SendAnew,
    SilentPage,
    StatusOf,
)
from bot.locale import translator
from bot.views.clock import BEIJING, ago, clock, day_clock
from bot.views.figures import bar, moved_figures, percent
from bot.views.screen import Button, Inline, Rows, Screen, bold, name, shorten
from bot.views.vocabulary import tier_name
from bot.views.warnings.change_menu import change_button, ends
from bot.views.warnings.changes import LastChange, last_change_line
from bot.views.warnings.cut_off import cut_off_line
from bot.views.warnings.departments import (
    NO_DEPARTMENTS,
    Departments,
    departments_button,
    departments_in_card,
    departments_in_list,
)
from bot.views.warnings.evacuated import (
    away_line,
    evacuation_line,
    evacuation_lines,
    frail_count,
    moved_buttons,
)
from bot.views.warnings.parts import command_line_note, plain_title, state_line, state_words, title
from bot.views.warnings.proposal import Proposal, asked_line, proposal_lines
from bot.views.warnings.withdrawals import waiting_again_line
from contacts.divisions.codes import tier_of

SHOWN = 8
_MINUTE = 60  # seconds
"""Divisions on a card: those with the most silent first."""


@dataclass(frozen=True, slots=True)
class PlaceProgress:
    """One division's part of an alert."""

    code: str
    name: str
    progress: Progress
    standing: Standing | None = None  # what it owes, with all that lies below it


def progress_card(
    alert: Alert,
    progress: Progress,
    language: str,
    place: str,
    now: datetime,
    *,
    by_division: Sequence[PlaceProgress] = (),
    uncalled: int = 0,
    stand_ins: int = 0,
    wanted: HelpCounts = NO_HELP,
    proposal: Proposal | None = None,
    report_wanted: bool = False,
    waiting_again: int = 0,
    cut_off: int = 0,
    plan: str = "",
    last: LastChange | None = None,
    departments: Departments = NO_DEPARTMENTS,
    evacuation: Evacuation | None = None,
    frail: int = 0,
    away: Figures = NONE,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The commander's card: counts, a bar, the divisions with the most silent, and buttons.

    :param uncalled: villages in which nobody could be called.
    :param stand_ins: of those called, who were called in somebody's place: the preview knew nothing
        of them.
    :param wanted: who asked for help: shown until it is settled.
    :param proposal: of a warning that waits for a second person; nobody is called yet.
    :param cut_off: how many villages are cut off.
    :param plan: how its plan in stages stands (HTML).
    :param evacuation: how many are to move and were moved, where there are evacuation cards.
    :param frail: how many of the frail are not moved yet.
    :param away: who was moved and has not been called home.
    :param last: what was changed of it last.
    :param waiting_again: how many had answered, and wait again.
    :param departments: those that it called.
    :param report_wanted: of a warning of this level everybody who answers is to report too.
    """
    _ = translator(language)
    lines = [title(alert, place, language)]
    if alert.state is State.PENDING:
        return _waiting_card(alert, lines[0], proposal, language, zone)
    over = state_line(alert, language, zone)
    if over:
        lines.append(over)
    lines += last_change_line(alert, last, language, zone)
    lines += command_line_note(alert, language)
    lines += [plan] if plan else []
    to_move = evacuation is not None and evacuation.target.any
    told = counts(progress, language, moved=not to_move)
    lines += ["", *help_open(wanted, language), *told]
    if stand_ins:
        at = next(n for n, line in enumerate(lines) if line == _answered_of(progress, language))
        lines.insert(
            at + 1,
            _("　叫应 {first} 人，另叫替补 {stand_ins} 人").format(
                first=progress.calls - stand_ins, stand_ins=stand_ins
            ),
        )
    if report_wanted and progress.unreported:
        lines.append(unreported_line(progress.unreported, language))
    if evacuation is not None and to_move:
        lines += evacuation_lines(evacuation, language)
        lines += frail_count(frail, language)
    lines += away_line(alert, away, language)
    lines += waiting_again_line(waiting_again, language)
    lines += cut_off_line(cut_off, language)
    lines += nobody_to_call(uncalled, language)
    lines += departments_in_card(departments, language)
    # Once it is over nobody owes anything: what was not done then, the summary says.
    lines += _incomplete(by_division, language) if alert.in_force else []
    lines += ["", _times(alert, now, language, zone)]
    buttons = _buttons(alert, progress, departments, language)
    moving = evacuation or Evacuation(moved=Figures(progress.households, progress.persons))
    if more := moved_buttons(alert, moving, away, language):
        rows = () if buttons is None else buttons.rows
        buttons = Inline((*rows[:2], *more, *rows[2:]))
    return Screen("\n".join(lines), buttons)


def card_elsewhere(alert: Alert, language: str, place: str, *, zone: tzinfo = BEIJING) -> Screen:
    """What a progress card becomes once it was opened in another message; no buttons."""
    _ = translator(language)
    words = _("📊 态势在最新打开的那条里更新")
    lines = [title(alert, place, language), state_line(alert, language, zone)]
    lines += [words] if alert.in_force else []
    return Screen("\n".join(line for line in lines if line))


def ledger_toast(language: str) -> str:
    """Toast to whoever asked for the ledger."""
    _ = translator(language)
    return _("📒 台账马上发来")


def _incomplete(by_division: Sequence[PlaceProgress], language: str) -> list[str]:
    """How many divisions are complete with all below them; the others, the worst first (HTML)."""
    _ = translator(language)
    known = {place.code: place for place in by_division}
    standings = [place.standing for place in by_division if place.standing is not None]
    owing = [standing for standing in worst_first(standings) if not standing.complete]
    if not owing:
        return []
    # Whoever is called for the whole area itself is no place among the others.
    tiers = [tier_of(standing.code) for standing in standings]
    tier = max(tiers, key=lambda each: each.depth)
    every = tiers.count(tier)
    done = every - sum(tier_of(standing.code) is tier for standing in owing)
    words = _("🏁 {tier}完成 {done}/{every}；没有完成的，差的在前：")
    shown = words.format(tier=tier_name(tier, language), done=done, every=every)
    lines = ["", bold(shown)]
    lines += [_place_line(known[standing.code], standing, language) for standing in owing[:SHOWN]]
    if len(owing) > SHOWN:
        lines.append(_("……另有 {count} 处").format(count=len(owing) - SHOWN))
    return lines


def _waiting_card(
    alert: Alert, head: str, proposal: Proposal | None, language: str, zone: tzinfo
) -> Screen:
    """Of a warning that waits for the second person: no share of anything, whom it waits for."""
    _ = translator(language)
    lines = [head, state_line(alert, language, zone), _("还没有叫应任何人。")]
    lines += command_line_note(alert, language)
    if proposal is not None:
        if proposal.by is not None:
            lines.append(_("{by} 提出").format(by=asked_line(proposal.by, language)))
        lines += proposal_lines(proposal, language, zone)
    lines += ["", _("{time} 提出").format(time=day_clock(alert.created_at, zone))]
    return Screen("\n".join(lines))


def counts(progress: Progress, language: str, *, moved: bool = True) -> list[str]:
    """How far a warning has got, in lines (HTML).

    :param moved: whether it says how many were moved.
    """
    _ = translator(language)
    done, every = progress.answered, progress.calls
    lines = [
        f"{bar(done, every)} {percent(done, every)}",
        _answered_of(progress, language),
    ]
    if progress.proxied:
        lines.append(_("　其中代为登记 {count}").format(count=progress.proxied))
    if progress.reported:
        lines.append(_("已报告 {count}").format(count=progress.reported))
    figures = moved_figures(progress.households, progress.persons, language)
    if moved and (progress.households or progress.persons):
        lines.append(_("已转移 {figures}").format(figures=figures))
    if progress.waiting:
        lines.append(bold(_("未回应 {count}").format(count=progress.waiting)))
    if progress.unreachable:
        lines.append(_("　其中 Telegram 联系不上 {count}").format(count=progress.unreachable))
    if progress.queued:
        lines.append(_("　其中还在排队发送 {count}").format(count=progress.queued))
    if progress.discharged:
        lines.append(_("已销号 {count}").format(count=progress.discharged))
    if progress.cancelled:
        lines.append(_("未回应即结束 {count}").format(count=progress.cancelled))
    return lines


def unreported_line(count: int, language: str) -> str:
    """How many have answered and reported nothing since (HTML)."""
    _ = translator(language)
    return bold(_("📝 已回应未反馈 {count}").format(count=count))


def _answered_of(progress: Progress, language: str) -> str:
    _ = translator(language)
    done, every = progress.answered, progress.calls
    return bold(_("已回应 {done} / {every}").format(done=done, every=every))


def help_open(wanted: HelpCounts, language: str) -> list[str]:
    """How many wait for help, in a line (HTML); none when all of it is settled."""
    _ = translator(language)
    if not wanted.open:
        return []
    words = _("🙋 需要支援 {open}（无人接手 {untaken}）")
    return [bold(words.format(open=wanted.open, untaken=wanted.untaken))]


def nobody_to_call(uncalled: int, language: str) -> list[str]:
    """In how many villages nobody could be called (HTML): nothing else on a card shows them."""
    _ = translator(language)
    if not uncalled:
        return []
    return [bold(_("⚠️ 另有 {count} 个村没有人可叫").format(count=uncalled))]


def _place_line(division: PlaceProgress, standing: Standing, language: str) -> str:
    _ = translator(language)
    line = _("{name}：未回应 {silent}，已回应 {done}/{every}").format(
        name=name(division.name),
        silent=division.progress.waiting,
        done=division.progress.answered,
        every=division.progress.calls,
    )
    owed = owes(standing, language)
    return line + (_("（{owed}）").format(owed=owed) if owed else "")


def owes(standing: Standing, language: str) -> str:
    """What a division owes, itself and below it, in a few words; plain."""
    _ = translator(language)
    tier = tier_of(standing.code)
    told = []
    if standing.cut_off:
        told.append(_("三断 {count} 村").format(count=standing.cut_off))
    if standing.own_waiting and tier.below is not None:
        told.append(_("本级 {count} 人").format(count=standing.own_waiting))
    if standing.below_open and tier.below is not None:
        below = tier_name(tier.below, language)
        words = _("{tier}未完成 {open}/{every}")
        told.append(words.format(tier=below, open=standing.below_open, every=standing.below))
    if standing.uncalled:
        told.append(_("没有人可叫 {count} 村").format(count=standing.uncalled))
    return _("，").join(told)


def _times(alert: Alert, now: datetime, language: str, zone: tzinfo) -> str:
    _ = translator(language)
    start = alert.released_at or alert.created_at
    passed = (now - start).total_seconds()
    if alert.hazard.response:
        words = _("{start} 启动 · 已过 {ago} · 更新于 {now}")
    elif passed < _MINUTE:
        words = _("{start} 发布 · 更新于 {now}")
    else:
        words = _("{start} 发布 · 已过 {ago} · 更新于 {now}")
    return words.format(start=clock(start, zone), ago=ago(passed, language), now=clock(now, zone))


def _buttons(
    alert: Alert, progress: Progress, departments: Departments, language: str
) -> Inline | None:
    _ = translator(language)
    if alert.state is State.RELEASED:
        silent = Button(
            _("📵 未回应 {count}").format(count=progress.waiting), SilentPage(alert.id).encode()
        )
        refresh = Button(_("🔄 刷新"), StatusOf(alert.id).encode())
        close = Button(_("☑️ 销号"), CloseAsk(alert.id).encode())
        answered = Button(
            _("✅ 已回应 {count}").format(count=progress.answered), AnsweredPage(alert.id).encode()
        )
        rows: Rows = (
            (silent, refresh),
            (answered, close),
            *departments_button(alert, departments, language),
            _lists(alert, language),
            (change_button(alert, language),),
            ends(alert, language),
        )
        if alert.held:
            send = Button(_("📤 还要发：按现在的时间重新发出"), SendAnew(alert.id).encode())
            rows = ((send,), *rows)
        return Inline(rows)
    if alert.state is State.CLOSED:
        doubt = Button(_("✅ 已回应的人"), AnsweredPage(alert.id).encode())
        change = change_button(alert, language)
        own = departments_button(alert, departments, language)
        return Inline(((doubt,), *own, _lists(alert, language), (change,), ends(alert, language)))
    return None


def _lists(alert: Alert, language: str) -> tuple[Button, Button]:
    _ = translator(language)
    cut_off = Button(_("🚧 三断"), CutOffPage(alert.id).encode())
    return cut_off, ledger_button(alert, language)


def ledger_button(alert: Alert, language: str) -> Button:
    """The ledger of calls as a file."""
    _ = translator(language)
    return Button(_("📒 叫应台账"), LedgerExport(alert.id).encode())


LISTED = 10
"""Warnings in the list of /status; of the others it says how many."""


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One alert as ``/status`` shows it."""

    alert: Alert
    place: str
    progress: Progress
    last: LastChange | None = None
    departments: Departments = NO_DEPARTMENTS
    evacuation: Evacuation | None = None


def status_list(
    lines: Sequence[StatusLine],
    language: str,
    now: datetime,
    *,
    place: str = "",
    in_all: Evacuation | None = None,
    zone: tzinfo = BEIJING,
) -> Screen:
    """Answer to /status: a block and a button for each alert.

    :param in_all: how many are to move and were moved in all of them, each village once.
    :param place: the one that was asked about.
    """
    _ = translator(language)
    if not lines:
        return nothing_running(language, place)
    text, rows = [bold(_("📊 态势")) + f" · {clock(now, zone)}"], []
    if in_all is not None and in_all.target.any:
        text.append(_("合计 {line}").format(line=evacuation_line(in_all, language)))
    for line in lines[:LISTED]:
        alert, progress = line.alert, line.progress
        at = day_clock(alert.released_at or alert.created_at, zone)
        text += [
            "",
            title(alert, shorten(line.place, 40), language),
            f"{state_words(alert, language)} · {at}",
            _("还没有叫应任何人。")
            if alert.state is State.PENDING
            else _answered_line(progress, language),
            *departments_in_list(line.departments, language),
            *_evacuated(line.evacuation, language),
            *last_change_line(alert, line.last, language, zone),
        ]
        words = plain_title(alert, shorten(line.place, 20), language)
        rows.append((Button(words, StatusOf(alert.id).encode()),))
    if len(lines) > LISTED:
        text += ["", _("……另有 {count} 个").format(count=len(lines) - LISTED)]
    return Screen("\n".join(text), Inline(tuple(rows)))


def _evacuated(evacuation: Evacuation | None, language: str) -> list[str]:
    if evacuation is None or not evacuation.target.any:
        return []
    return [evacuation_line(evacuation, language)]


def _answered_line(progress: Progress, language: str) -> str:
    _ = translator(language)
    done, every = progress.answered, progress.calls
    figures = _("已回应 {done} / {every}").format(done=done, every=every)
    silent = _("未回应 {count}").format(count=progress.waiting)
    line = f"{bar(done, every)} {percent(done, every)} {figures}"
    return line + (f" · <b>{silent}</b>" if progress.waiting else "")


def nothing_running(language: str, place: str = "") -> Screen:
    """Answer to /status when no warning is in force: none at all, or none for this place."""
    _ = translator(language)
    if place:
        return Screen(_("{place}现在没有生效的预警、应急响应。").format(place=name(place)))
    return Screen(_("现在没有生效的预警、应急响应。"))


def board_link(place: str, address: str, language: str) -> Screen:
    """The link to the command wall, as a button: the text holds nothing that could be copied on."""
    _ = translator(language)
    lines = [
        bold(_("🖥 指挥大屏")) + f" · {name(place)}",
        _("按下面的按钮打开。10 分钟内有效，只能打开一次；打开后可看 12 小时。"),
        _("里面有电话号码：链接不要转给别人。"),
    ]
    return Screen("\n".join(lines), Inline(((Button(_("🖥 打开大屏"), url=address),),)))
