"""Every message people read, by name: what the golden files and the limits are tested on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from alerts.calls import CallOutcome, Reach, Report
from alerts.escalation import Step
from alerts.model import Hazard, Level, State
from alerts.release import Released
from alerts.templates import texts
from bot.views import handbook, membership
from bot.views.division_menu import Choice, DivisionMenu
from bot.views.roster import coverage
from bot.views.screen import Screen
from bot.views.warnings import (
    call,
    confirmation,
    ending,
    follow_up,
    group_post,
    progress,
    release_wizard,
    silent_list,
)
from contacts.people import Role
from tests.unit.views import samples as s
from tests.unit.views.distress_screens import spot
from tests.unit.views.hotspot_screens import verification
from tests.unit.views.oversight_screens import oversight
from tests.unit.views.shift_screens import shifts

View = Callable[[str], Screen]
DUNHUA = DivisionMenu(
    "222403000000",
    "延边州 敦化市",
    [Choice(f"2224031{n:02d}000", f"第{n}镇") for n in range(1, 24)],
    parent="222400000000",
)


def village() -> Iterator[tuple[str, View]]:
    """What somebody called reads."""
    village = Role.VILLAGE_RESPONSIBLE
    yield "call", lambda x: call.call_message(s.ALERT, 31, x, s.PLACE, sender_line=s.FROM)
    yield (
        "call_exercise",
        lambda x: call.call_message(s.EXERCISE, 31, x, s.PLACE, sender_line=s.FROM),
    )
    yield (
        "call_stand_in",
        lambda x: call.call_message(
            s.ALERT, 31, x, s.PLACE, sender_line=s.FROM, stand_in_for="张三"
        ),
    )
    yield (
        "remind",
        lambda x: call.remind_message(s.EXERCISE, 31, x, s.PLACE, sender_line=s.FROM, minutes=5),
    )
    for name, alert, what, by in (
        ("answered", s.ALERT, s.ACKNOWLEDGED, ""),
        ("answered_exercise", s.EXERCISE, s.ACKNOWLEDGED, ""),
        ("answered_proxied", s.ALERT, s.PROXIED, "李值班"),
        ("answered_moved", s.ALERT, s.MOVED, ""),
        ("answered_help", s.ALERT, s.HELP, ""),
        ("answered_closed", s.CLOSED, s.MOVED, ""),
        ("answered_cancelled", s.CANCELLED, s.ACKNOWLEDGED, ""),
        ("discharged", s.ALERT, s.DISCHARGED, "李值班"),
        ("ended_cancelled", s.CANCELLED, s.ENDED, ""),
        ("ended_expired", s.EXPIRED, s.ENDED, ""),
        ("old_copy_still_open", s.ALERT, s.CALL, ""),
    ):
        yield (
            name,
            lambda x, alert=alert, what=what, by=by: call.answered_message(  # type: ignore[misc]
                alert, what, village, x, s.PLACE, sender_line=s.FROM, by=by
            ),
        )
    two = [(s.CALL, s.ALERT), (replace(s.CALL, id=40, alert_id=8), replace(s.EXERCISE, id=8))]
    yield "which_call", lambda x: call.which_call(two, {7: "敦化市", 8: "大石头镇"}, x)
    yield "no_open_call", lambda x: call.no_open_call(x)
    yield "no_open_call_recent", lambda x: call.no_open_call(x, (s.ACKNOWLEDGED, s.ALERT))
    yield "ask_moved", lambda x: follow_up.ask_moved(x, s.EXERCISE)
    yield "moved_not_understood", lambda x: follow_up.moved_not_understood(x)
    yield "ask_reason_cannot", lambda x: follow_up.ask_reason(Report.CANNOT, x)
    yield "ask_reason_help", lambda x: follow_up.ask_reason(Report.HELP, x, s.EXERCISE)
    yield "report_recorded_moved", lambda x: follow_up.report_recorded(s.MOVED, x)
    yield "report_recorded_help", lambda x: follow_up.report_recorded(s.HELP, x, alert=s.EXERCISE)
    yield (
        "report_due",
        lambda x: follow_up.report_due_message(s.EXERCISE, s.ACKNOWLEDGED, x, s.PLACE),
    )
    yield (
        "cancelled",
        lambda x: ending.cancelled_message(s.CANCELLED, x, s.PLACE, by="指挥长 王立国"),
    )
    yield (
        "cancelled_exercise_group",
        lambda x: ending.cancelled_message(
            replace(s.CANCELLED, status=s.EXERCISE.status), x, s.PLACE, group=True
        ),
    )
    mine = [(s.CALL, s.ALERT), (s.MOVED, replace(s.ALERT, id=6)), (s.ENDED, s.CANCELLED)]
    yield "tasks", lambda x: call.tasks(mine, {6: "敦化市", 7: "敦化市"}, x)
    yield "tasks_none", lambda x: call.tasks([], {}, x)


def groups() -> Iterator[tuple[str, View]]:
    """What a group reads."""
    yield "post", lambda x: group_post.post_message(s.ALERT, x, s.PLACE, sender_line=s.FROM)
    yield (
        "post_progress",
        lambda x: group_post.post_message(
            s.EXERCISE, x, s.PLACE, sender_line=s.FROM, progress=s.PROGRESS, now=s.NOW
        ),
    )
    yield (
        "post_closed",
        lambda x: group_post.post_message(
            s.CLOSED, x, s.PLACE, sender_line=s.FROM, progress=s.DONE, now=s.NOW
        ),
    )
    yield (
        "chase",
        lambda x: group_post.chase_message(s.EXERCISE, x, s.PLACE, s.SILENT, total=9, minutes=5),
    )
    yield "group_hello", lambda x: membership.group_hello("敦化防汛", x, known=True, place="敦化市")
    yield "group_unknown", lambda x: membership.group_hello("敦化防汛", x, known=False)


def command() -> Iterator[tuple[str, View]]:
    """What officers and commanders read."""
    yield (
        "silent_list",
        lambda x: silent_list.silent_list(
            s.ALERT, s.SILENT, x, s.PLACE, s.NOW, total=4, step=Step.DUTY_OFFICER
        ),
    )
    yield (
        "silent_list_page",
        lambda x: silent_list.silent_list(
            s.EXERCISE,
            s.SILENT[:1],
            x,
            s.PLACE,
            s.NOW,
            total=30,
            page=1,
            division="222403000000",
            show_phones=False,
        ),
    )
    yield (
        "silent_list_empty",
        lambda x: silent_list.silent_list(s.ALERT, (), x, s.PLACE, s.NOW, total=0),
    )
    yield "call_options", lambda x: silent_list.call_options(s.ALERT, s.SILENT[0], x, s.NOW)
    yield (
        "ask_discharge_reason",
        lambda x: silent_list.ask_discharge_reason(s.SILENT[0], x, s.EXERCISE),
    )
    yield (
        "progress_card",
        lambda x: progress.progress_card(
            s.ALERT, s.PROGRESS, x, s.PLACE, s.NOW, by_division=s.PLACES
        ),
    )
    yield "progress_closed", lambda x: progress.progress_card(s.CLOSED, s.DONE, x, s.PLACE, s.NOW)
    yield (
        "help_wanted",
        lambda x: follow_up.help_wanted(s.EXERCISE, s.HELP, s.VILLAGER, "红石村", x, s.NOW),
    )
    yield "summary", lambda x: ending.summary_message(s.SUMMARY, x, s.PLACE, names=s.NAMES)
    lines = [
        progress.StatusLine(s.ALERT, s.PLACE, s.PROGRESS),
        progress.StatusLine(replace(s.CLOSED, id=6), "大石头镇", s.DONE),
    ]
    yield "status_list", lambda x: progress.status_list(lines, x, s.NOW)
    yield (
        "coverage",
        lambda x: coverage.coverage_message(s.COVERAGE, s.GAZETTEER, x, s.PLACE),
    )
    yield "status_none", lambda x: progress.status_list([], x, s.NOW)
    yield "ask_cancel", lambda x: ending.ask_cancel(s.EXERCISE, x, s.PLACE, told=360)
    yield "ask_close_open", lambda x: ending.ask_close(s.ALERT, s.PROGRESS, x, s.PLACE)
    yield "ask_close_done", lambda x: ending.ask_close(s.ALERT, s.DONE, x, s.PLACE)
    yield "ask_close_reason", lambda x: ending.ask_close_reason(s.ALERT, 22, x)
    yield "closed_note", lambda x: ending.closed_note(s.CLOSED, x, s.PLACE, by="王立国")
    entries = [
        handbook.HandbookEntry(s.SENDER, phone=True),
        handbook.HandbookEntry(s.DEPUTY),
        handbook.HandbookEntry(s.BLOCKED),
    ]
    yield "handbook", lambda x: handbook.handbook(DUNHUA, entries, x)
    yield (
        "handbook_search",
        lambda x: handbook.search_results("王", [(entries[0], "敦化市")], x),
    )
    yield "handbook_nobody", lambda x: handbook.search_results("<王>", [], x)


def releasing() -> Iterator[tuple[str, View]]:
    """The release wizard and the second person."""
    red, rain = Level.RED, Hazard.RAINSTORM
    yield "ask_level", release_wizard.ask_level
    yield "ask_hazard", lambda x: release_wizard.ask_hazard(red, x)
    yield (
        "ask_area",
        lambda x: release_wizard.ask_area(
            x, DUNHUA, page=1, level=red, hazard=rain, chosen=("安图县", "汪清县")
        ),
    )
    yield "area_ambiguous", lambda x: release_wizard.area_ambiguous("太平村", s.CANDIDATES, 31, x)
    yield (
        "area_ambiguous_line",
        lambda x: release_wizard.area_ambiguous("太平村", s.CANDIDATES, 31, x, wizard=False),
    )
    yield "area_unknown", lambda x: release_wizard.area_unknown("太平存", s.CANDIDATES[:1], x)
    yield "area_unknown_line", lambda x: release_wizard.area_unknown("<b>", (), x, wizard=False)
    yield "ask_text", lambda x: release_wizard.ask_text(red, rain, x, s.PLACE, texts(rain, red))
    yield "ask_own_text", lambda x: release_wizard.ask_own_text(x, 1000)
    yield "ask_lead", release_wizard.ask_lead
    yield (
        "preview",
        lambda x: release_wizard.preview(s.DRAFT, s.COUNTS, 95, x, s.PLACE, nonce="k3"),
    )
    yield (
        "preview_exercise_nobody",
        lambda x: release_wizard.preview(
            replace(s.DRAFT, exercise=True),
            replace(s.COUNTS, persons=0, reachable=0, groups=0),
            0,
            x,
            s.PLACE,
        ),
    )
    yield (
        "preview_second_person",
        lambda x: release_wizard.preview(
            s.DRAFT, replace(s.COUNTS, second_person=True), 7300, x, "延边州"
        ),
    )
    yield "released_now", lambda x: release_wizard.released_now(s.RELEASED, s.DRAFT, x, s.PLACE)
    yield (
        "released_pending",
        lambda x: release_wizard.released_now(Released(7, State.PENDING), s.DRAFT, x, s.PLACE),
    )
    yield "wizard_stopped", release_wizard.stopped
    yield "wizard_lost", release_wizard.wizard_lost
    yield "warn_usage", release_wizard.warn_usage
    yield (
        "confirm_request",
        lambda x: confirmation.confirm_request(s.PENDING, s.COUNTS, x, s.PLACE, sender_line=s.FROM),
    )
    yield "confirm_released", lambda x: confirmation.confirm_done(s.ALERT, x, s.PLACE, by="李指挥")
    yield "confirm_refused", lambda x: confirmation.confirm_done(s.REFUSED, x, s.PLACE, by="李指挥")
    yield (
        "sender_released",
        lambda x: confirmation.released_message(
            s.ALERT, x, s.PLACE, calls=342, groups=18, by="李指挥"
        ),
    )
    yield (
        "sender_refused",
        lambda x: confirmation.released_message(s.REFUSED, x, s.PLACE, by="李指挥"),
    )
    yield "sender_unconfirmed", lambda x: confirmation.released_message(s.REFUSED, x, s.PLACE)


def joining() -> Iterator[tuple[str, View]]:
    """Strangers and newcomers."""
    yield "welcome_stranger", membership.welcome_stranger
    yield "unlinked", membership.unlinked
    yield "language_set", membership.language_set
    for name, person in (
        ("village", s.VILLAGER),
        ("commander", s.SENDER),
        ("duty_officer", s.OFFICER),
        ("ranger", s.RANGER),
    ):
        yield (
            f"linked_{name}",
            lambda x, person=person: membership.linked(  # type: ignore[misc]
                person, "敦化市 大石头镇", x
            ),
        )
        yield (
            f"help_{name}",
            lambda x, person=person: membership.help_message(person, x),  # type: ignore[misc]
        )
    yield "linked_already", lambda x: membership.my_card(s.VILLAGER, "敦化市 大石头镇", x)


SCREENS: dict[str, View] = {
    name: view
    for some in (
        village,
        groups,
        command,
        releasing,
        joining,
        shifts,
        verification,
        spot,
        oversight,
    )
    for name, view in some()
}


def toasts(language: str) -> Iterator[str]:
    """What taps are told."""
    for outcome in CallOutcome:
        for what in (s.ACKNOWLEDGED, s.MOVED, s.ENDED, replace(s.CALL, reach=Reach.QUEUED)):
            yield call.answer_toast(outcome, what, language)
            yield follow_up.report_toast(outcome, what, language)
        yield silent_list.proxy_toast(outcome, "张三", language)
        yield silent_list.discharge_toast(outcome, "张三", language)
