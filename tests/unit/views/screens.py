"""Every message people read, by name, for the golden files and the length limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from alerts.calls import CallOutcome, CallState, Included, Reach, Report
from alerts.conversation_store import ConversationTopic
from alerts.escalation import Step
from alerts.model import Hazard, Level, State
from alerts.progress import Progress
from alerts.release import Released
from alerts.reports import PostReport, ReportFact
from alerts.silence import ListPage, Only
from alerts.templates import texts
from bot.views import handbook, membership, questions
from bot.views.division_menu import Choice, DivisionMenu
from bot.views.roster import coverage
from bot.views.screen import Screen
from bot.views.warnings import (
    call,
    confirmation,
    ending,
    follow_up,
    group_post,
    page_link,
    place_menu,
    places_reported,
    progress,
    proxy_report,
    release_line,
    release_wizard,
    silent_list,
    stand_ins,
    tasks,
    unreported_list,
)
from bot.views.warnings.proposal import Asked, Proposal
from bot.views.warnings.release_line import StrangeKind, StrangeWord
from bot.views.warnings.unused_words import help_of_none, words_unused
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Division
from contacts.people import Role
from tests.unit.views import samples as s
from tests.unit.views.account_screens import account_news
from tests.unit.views.age_screens import age
from tests.unit.views.area_screens import area_screens
from tests.unit.views.change_screens import change_screens
from tests.unit.views.cut_off_screens import cut_off_screens, cut_off_toasts
from tests.unit.views.daily_screens import daily_screens
from tests.unit.views.department_screens import department_screens
from tests.unit.views.distress_screens import spot
from tests.unit.views.draft_screens import proposals
from tests.unit.views.duty_screens import duty_screens
from tests.unit.views.evacuation_screens import evacuation_screens
from tests.unit.views.hotspot_screens import verification
from tests.unit.views.household_screens import household_screens, household_toasts
from tests.unit.views.oversight_screens import oversight
from tests.unit.views.response_screens import response_screens
from tests.unit.views.roster_screens import roster_checks
from tests.unit.views.shift_screens import shifts
from tests.unit.views.sky_screens import sky_screens
from tests.unit.views.stage_screens import stage_screens
from tests.unit.views.task_screens import task_screens
from tests.unit.views.template_screens import template_screens
from tests.unit.views.testcall_screens import testcall_screens
from tests.unit.views.water_screens import water_screens
from tests.unit.views.withdrawal_screens import withdrawal_screens, withdrawal_toasts

View = Callable[[str], Screen]
_PROPOSAL = Proposal(
    (
        Asked("延边州 主任 李主任", "138 0000 0001"),
        Asked("延边州 副主任 赵副主任", "138 0000 0002", reachable=False),
        *(Asked(f"吉林省 防汛办主任 {n}") for n in range(8)),
    ),
    Asked("延边州 指挥长 王指挥", "138 0000 0003"),
    s.PENDING.expires_at,
)
LINK = "https://hd.example.gov.cn/a/120034-60012-1782930000.Zx81bQ0aTn3kq9VwYc5R2g"
DUNHUA = DivisionMenu(
    "222403000000",
    "延边州 敦化市",
    [Choice(f"2224031{n:02d}000", f"第{n}镇") for n in range(1, 24)],
    parent="222400000000",
)


def village() -> Iterator[tuple[str, View]]:
    """What somebody called reads."""
    village = Role.VILLAGE_RESPONSIBLE
    yield (
        "call",
        lambda language: call.call_message(s.ALERT, 31, language, s.PLACE, sender_line=s.FROM),
    )
    yield (
        "call_exercise",
        lambda language: call.call_message(s.EXERCISE, 31, language, s.PLACE, sender_line=s.FROM),
    )
    for name, included in (
        ("call_included", Included(s.NOW, again=False)),
        ("call_included_again", Included(s.NOW, again=True)),
    ):
        yield (
            name,
            lambda language, included=included: call.call_message(  # type: ignore[misc]
                s.ALERT, 31, language, s.PLACE, sender_line=s.FROM, included=included
            ),
        )
    yield (
        "call_stand_in",
        lambda language: call.call_message(
            s.ALERT, 31, language, s.PLACE, sender_line=s.FROM, stand_in_for="张三"
        ),
    )
    yield (
        "remind",
        lambda language: call.remind_message(
            s.EXERCISE, 31, language, s.PLACE, sender_line=s.FROM, minutes=5
        ),
    )
    for name, alert, answered_call, by in (
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
            lambda language, alert=alert, answered_call=answered_call, by=by: call.answered_message(  # type: ignore[misc]
                alert, answered_call, village, language, s.PLACE, sender_line=s.FROM, by=by
            ),
        )
    for name, cause in (
        ("stood_down", s.ACKNOWLEDGED),
        ("stood_down_proxied", s.PROXIED),
        ("stood_down_discharged", s.DISCHARGED),
    ):
        yield (
            name,
            lambda language, cause=cause: stand_ins.stood_down_message(  # type: ignore[misc]
                s.EXERCISE, cause, "张三", language, s.PLACE, by="李值班"
            ),
        )
    yield (
        "stand_in_too",
        lambda language: stand_ins.stand_in_too(
            s.ALERT,
            s.CALL,
            replace(s.VILLAGER, held_from=Tier.TOWNSHIP),
            language,
            s.PLACE,
            where="敦化市 大石头镇 红石村",
        ),
    )
    elsewhere = "敦化市 大石头镇 红石村"
    for name, silent, goes_on in (
        ("stand_in_too_own_left_out", s.CALL, False),
        ("no_stand_in_too", s.ACKNOWLEDGED, True),
        ("no_stand_in_too_left_out", s.CALL._replace(state=CallState.LEFT_OUT), True),
    ):
        yield (
            name,
            lambda language, silent=silent, goes_on=goes_on: (  # type: ignore[misc]
                stand_ins.stand_in_too(
                    s.ALERT,
                    silent,
                    s.VILLAGER,
                    language,
                    s.PLACE,
                    where=elsewhere,
                    own_goes_on=goes_on,
                )
                if silent.open
                else stand_ins.no_stand_in_too(
                    s.ALERT, silent, "张三", language, s.PLACE, where=elsewhere, own_goes_on=goes_on
                )
            ),
        )
    yield (
        "answered_left_out",
        lambda language: call.answered_message(
            s.ALERT,
            s.MOVED._replace(state=CallState.LEFT_OUT),
            village,
            language,
            s.PLACE,
            sender_line=s.FROM,
            moving=True,
        ),
    )
    yield (
        "report_left_out",
        lambda language: follow_up.report_recorded(
            s.MOVED._replace(state=CallState.LEFT_OUT), language, s.ALERT, s.PLACE
        ),
    )
    yield (
        "stood_in_acting",
        lambda language: call.answered_message(
            s.ALERT,
            s.ACKNOWLEDGED._replace(id=32),
            village,
            language,
            s.PLACE,
            sender_line=s.FROM,
            instead=("张三", s.ACKNOWLEDGED),
        ),
    )
    two = [(s.CALL, s.ALERT), (s.CALL._replace(id=40, alert_id=8), replace(s.EXERCISE, id=8))]
    yield (
        "which_call",
        lambda language: call.which_call(two, {7: "敦化市", 8: "大石头镇"}, language),
    )
    yield (
        "not_counted",
        lambda language: call.not_counted(two, {7: "敦化市", 8: "大石头镇"}, language),
    )
    yield (
        "answer_receipt",
        lambda language: call.answer_receipt(
            CallOutcome.RECORDED, s.ACKNOWLEDGED, s.ALERT, s.PLACE, language
        ),
    )
    yield (
        "answer_receipt_others",
        lambda language: call.answer_receipt(
            CallOutcome.RECORDED, s.ACKNOWLEDGED, s.ALERT, s.PLACE, language, others=two[1:]
        ),
    )
    yield "no_open_call", lambda language: call.no_open_call(language)
    yield (
        "figures_of_which",
        lambda language: follow_up.figures_of_which(two, (12, 35), {7: "敦化市"}, language),
    )
    yield "words_unused", lambda language: words_unused(two[:1], {7: "敦化市"}, language)
    yield "help_of_none", lambda language: help_of_none(language, "镇值班 199 0000 0006")
    yield "words_unused_several", lambda language: words_unused(two, {7: "敦化市"}, language)
    for topic in ConversationTopic:
        yield (
            f"not_taken_{topic.value}",
            lambda language, topic=topic: questions.not_taken(topic, language),
        )
    yield "too_late", lambda language: questions.too_late(language)
    yield (
        "no_open_call_recent",
        lambda language: call.no_open_call(language, (s.ACKNOWLEDGED, s.ALERT)),
    )
    yield "ask_moved", lambda language: follow_up.ask_moved(language, s.EXERCISE, s.PLACE)
    yield (
        "moved_not_understood",
        lambda language: follow_up.moved_not_understood(language, s.ALERT, s.PLACE),
    )
    yield (
        "moved_about",
        lambda language: follow_up.moved_not_understood(language, s.ALERT, s.PLACE, about=True),
    )
    yield (
        "ask_reason_cannot",
        lambda language: follow_up.ask_reason(Report.CANNOT, language, s.ALERT, s.PLACE),
    )
    yield (
        "ask_reason_help",
        lambda language: follow_up.ask_reason(Report.HELP, language, s.EXERCISE, s.PLACE),
    )
    yield (
        "report_recorded_moved",
        lambda language: follow_up.report_recorded(s.MOVED, language, s.ALERT, s.PLACE),
    )
    yield (
        "answered_reports",
        lambda language: call.answered_message(
            s.ALERT,
            s.HELP,
            village,
            language,
            s.PLACE,
            sender_line=s.FROM,
            reports=[
                ReportFact(31, Report.MOVED, s.NOW, 12, 30),
                ReportFact(31, Report.HELP, s.NOW),
                ReportFact(31, Report.MOVED, s.NOW, None, 35),
                ReportFact(31, Report.HELP, s.NOW, text="桥断了"),
            ],
        ),
    )
    yield (
        "report_recorded_help",
        lambda language: follow_up.report_recorded(s.HELP, language, s.EXERCISE, s.PLACE),
    )
    yield (
        "report_due",
        lambda language: follow_up.report_due_message(
            s.EXERCISE, s.ACKNOWLEDGED, language, s.PLACE
        ),
    )
    late = unreported_list.Unreported(s.ACKNOWLEDGED, s.VILLAGER, "大石头镇 红石村")
    rung = replace(late, ringing="李值班", show_phone=False)
    yield (
        "unreported_list",
        lambda language: unreported_list.unreported_list(
            s.EXERCISE, [late, rung], language, s.PLACE, total=3
        ),
    )
    yield (
        "unreported_over",
        lambda language: unreported_list.unreported_list(
            s.CANCELLED, [late], language, s.PLACE, total=1
        ),
    )
    yield (
        "unreported_nobody",
        lambda language: unreported_list.nobody_left(s.ALERT, language, s.PLACE),
    )
    yield (
        "proxy_report",
        lambda language: proxy_report.ask_report(s.CALL, s.VILLAGER, language, s.ALERT, s.PLACE),
    )
    for what in (Report.MOVED, Report.CANNOT, Report.HELP):
        yield (
            f"proxy_report_{what.value}",
            lambda language, what=what: proxy_report.ask_words(
                what, s.VILLAGER, language, s.ALERT, s.PLACE
            ),
        )
    yield (
        "proxy_report_doubted",
        lambda language: proxy_report.ask_figures(7, 90000, 35, language, s.ALERT, s.PLACE),
    )
    yield (
        "proxy_report_recorded",
        lambda language: proxy_report.recorded(
            s.CALL._replace(report=Report.CANNOT, reported_at=s.NOW, report_text="桥断了"),
            s.VILLAGER,
            language,
            s.ALERT,
            s.PLACE,
        ),
    )
    here, there = ("222403101201", ""), ("222403102200", "R1")
    told = [PostReport(here), PostReport(there, Report.MOVED, s.NOW, 12, 35)]
    names = {here: "朝阳村", there: "红旗水库"}
    yield (
        "answered_places",
        lambda language: call.answered_message(
            s.ALERT,
            s.ACKNOWLEDGED,
            village,
            language,
            s.PLACE,
            posts="朝阳村、红旗水库",
            places=names,
            reports=[ReportFact(31, Report.MOVED, s.NOW, 12, 35, None, *there, True)],
        ),
    )
    yield (
        "report_places",
        lambda language: places_reported.places_list(
            s.EXERCISE, 31, told, names, language, s.PLACE
        ),
    )
    yield (
        "report_place",
        lambda language: places_reported.one_place(
            s.ALERT, 31, 2, told[1], "红旗水库", language, s.PLACE
        ),
    )
    yield (
        "ask_moved_place",
        lambda language: follow_up.ask_moved(language, s.ALERT, s.PLACE, of="红旗水库"),
    )
    yield (
        "ask_moved_places",
        lambda language: follow_up.ask_moved(language, s.ALERT, s.PLACE, several=True),
    )
    yield (
        "ask_reason_place",
        lambda language: follow_up.ask_reason(
            Report.HELP, language, s.ALERT, s.PLACE, of="红旗水库"
        ),
    )
    yield (
        "report_recorded_place",
        lambda language: follow_up.report_recorded(
            s.MOVED, language, s.ALERT, s.PLACE, of="红旗水库"
        ),
    )
    yield (
        "report_due_places",
        lambda language: follow_up.report_due_message(
            s.ALERT, s.ACKNOWLEDGED, language, s.PLACE, left=["朝阳村", "红旗水库"]
        ),
    )
    yield (
        "cancelled",
        lambda language: ending.ended_message(s.CANCELLED, language, s.PLACE, by="指挥长 王立国"),
    )
    yield (
        "cancelled_exercise_group",
        lambda language: ending.ended_message(
            replace(s.CANCELLED, status=s.EXERCISE.status), language, s.PLACE, group=True
        ),
    )
    yield (
        "lifted",
        lambda language: ending.ended_message(s.LIFTED, language, s.PLACE, by="指挥长 王立国"),
    )
    yield (
        "expired_group",
        lambda language: ending.ended_message(s.EXPIRED, language, s.PLACE, group=True),
    )
    mine = [(s.CALL, s.ALERT), (s.MOVED, replace(s.ALERT, id=6)), (s.ENDED, s.CANCELLED)]
    yield "tasks", lambda language: tasks.tasks(mine, {6: "敦化市", 7: "敦化市"}, language)
    yield "tasks_none", lambda language: tasks.tasks([], {}, language)


def groups() -> Iterator[tuple[str, View]]:
    """What a group reads."""
    yield (
        "post",
        lambda language: group_post.post_message(s.ALERT, language, s.PLACE, sender_line=s.FROM),
    )
    yield (
        "post_progress",
        lambda language: group_post.post_message(
            s.EXERCISE, language, s.PLACE, sender_line=s.FROM, progress=s.PROGRESS, now=s.NOW
        ),
    )
    yield (
        "post_closed",
        lambda language: group_post.post_message(
            s.CLOSED, language, s.PLACE, sender_line=s.FROM, progress=s.DONE, now=s.NOW
        ),
    )
    yield (
        "chase",
        lambda language: group_post.chase_message(
            s.EXERCISE, language, s.PLACE, s.SILENT, total=9, minutes=5
        ),
    )
    yield (
        "chase_all_answered",
        lambda language: group_post.chase_message(
            s.ALERT, language, s.PLACE, [], total=0, minutes=5
        ),
    )
    yield "chase_over", lambda language: group_post.chase_over(s.CLOSED, language, s.PLACE)
    yield "post_replaced", lambda language: group_post.post_replaced(s.ALERT, language, s.PLACE)
    yield (
        "post_replaced_over",
        lambda language: group_post.post_replaced(s.LIFTED, language, s.PLACE),
    )
    yield (
        "group_hello",
        lambda language: membership.group_hello("敦化防汛", language, known=True, place="敦化市"),
    )
    yield (
        "group_unknown",
        lambda language: membership.group_hello("敦化防汛", language, known=False),
    )


def command() -> Iterator[tuple[str, View]]:
    """What officers and commanders read."""
    yield (
        "silent_list",
        lambda language: silent_list.silent_list(
            s.ALERT, s.SILENT, language, s.PLACE, s.NOW, total=4, step=Step.DUTY_OFFICER
        ),
    )
    yield (
        "silent_list_called_in_vain",
        lambda language: silent_list.silent_list(
            s.ALERT, s.CALLED_IN_VAIN, language, s.PLACE, s.NOW, total=2
        ),
    )
    yield (
        "silent_list_taken_off",
        lambda language: silent_list.silent_list(
            s.ALERT, s.SILENT[:1], language, s.PLACE, s.NOW, total=1, taken_off=[(32, "赵四")]
        ),
    )
    yield (
        "silent_list_page",
        lambda language: silent_list.silent_list(
            s.EXERCISE,
            s.SILENT[:1],
            language,
            s.PLACE,
            s.NOW,
            total=30,
            page=ListPage(1, "222403000000"),
            show_phones=False,
        ),
    )
    yield (
        "silent_list_of_a_county",
        lambda language: silent_list.silent_list(
            s.ALERT,
            s.RUNG,
            language,
            s.PLACE,
            s.NOW,
            total=120,
            page=ListPage(0, "222403000000", Only.UNREACHABLE),
            figures=s.COUNTY_FIGURES,
        ),
    )
    yield (
        "silent_places",
        lambda language: silent_list.silent_places(
            s.ALERT,
            s.SILENT_PLACES,
            language,
            s.PLACE,
            s.NOW,
            division="222403000000",
        ),
    )
    yield (
        "silent_list_empty",
        lambda language: silent_list.silent_list(s.ALERT, (), language, s.PLACE, s.NOW, total=0),
    )
    yield (
        "call_options",
        lambda language: silent_list.call_options(s.ALERT, s.SILENT[0], language, s.NOW, s.PLACE),
    )
    yield (
        "call_options_with_a_page",
        lambda language: silent_list.call_options(
            s.ALERT, s.SILENT[0], language, s.NOW, s.PLACE, page_link=True
        ),
    )
    yield (
        "page_link",
        lambda language: page_link.page_link_message(
            s.ALERT, LINK, "王强", s.ALERT.expires_at, language, s.PLACE
        ),
    )
    yield (
        "call_options_ringing",
        lambda language: silent_list.call_options(s.ALERT, s.RUNG[0], language, s.NOW, s.PLACE),
    )
    yield (
        "call_options_rung_by_another",
        lambda language: silent_list.call_options(s.ALERT, s.RUNG[1], language, s.NOW, s.PLACE),
    )
    yield (
        "ask_discharge_reason",
        lambda language: silent_list.ask_discharge_reason(
            s.SILENT[0], language, s.EXERCISE, s.PLACE
        ),
    )
    yield (
        "confirm_discharge",
        lambda language: silent_list.confirm_discharge(
            s.SILENT[0], "人在外地", "0a1b2c3d", language, s.EXERCISE, s.PLACE
        ),
    )
    yield (
        "discharged",
        lambda language: silent_list.discharged(
            CallOutcome.RECORDED, "张三", language, s.ALERT, s.PLACE
        ),
    )
    yield (
        "progress_card",
        lambda language: progress.progress_card(
            s.ALERT, s.PROGRESS, language, s.PLACE, s.NOW, by_division=s.PLACES
        ),
    )
    yield (
        "progress_stand_ins",
        lambda language: progress.progress_card(
            s.ALERT, s.PROGRESS, language, s.PLACE, s.NOW, stand_ins=3
        ),
    )
    yield (
        "progress_closed",
        lambda language: progress.progress_card(s.CLOSED, s.DONE, language, s.PLACE, s.NOW),
    )
    asked = follow_up.HelpCall(s.REQUEST, s.VILLAGER, "敦化市 大石头镇 红石村")
    cannot = follow_up.HelpCall(
        replace(s.REQUEST, id=10, report=Report.CANNOT, text=None),
        replace(s.VILLAGER, name="孙七"),
        "敦化市 大石头镇 民主村",
    )
    taken = follow_up.HelpCall(s.TAKEN, s.VILLAGER, "敦化市 大石头镇 红石村", "李值班")
    settled = follow_up.HelpCall(
        replace(s.TAKEN, id=11, resolved_by=2, resolved_at=s.NOW),
        replace(s.VILLAGER, name="周八"),
        "敦化市 大石头镇 三道村",
        "李值班",
    )
    yield "help_wanted", lambda language: follow_up.help_wanted(s.EXERCISE, asked, language)
    yield "help_taken", lambda language: follow_up.help_wanted(s.ALERT, taken, language)
    yield "help_over", lambda language: follow_up.help_wanted(s.CANCELLED, taken, language)
    yield (
        "help_list_below",
        lambda language: follow_up.help_list_below(s.ALERT, language, s.PLACE),
    )
    yield (
        "help_list",
        lambda language: follow_up.help_list(
            s.EXERCISE, [asked, cannot, taken, settled], language, total=7
        ),
    )
    yield (
        "help_news_taken",
        lambda language: follow_up.help_news(s.ALERT, s.TAKEN, language, s.PLACE, taker=s.OFFICER),
    )
    yield (
        "help_news_settled",
        lambda language: follow_up.help_news(
            s.EXERCISE, settled.request, language, s.PLACE, taker=s.OFFICER, by="李值班"
        ),
    )
    yield (
        "ask_figures",
        lambda language: follow_up.ask_figures(31, 12_000, None, language, s.EXERCISE, s.PLACE),
    )
    yield (
        "summary",
        lambda language: ending.summary_message(s.SUMMARY, language, s.PLACE, names=s.NAMES),
    )
    lines = [
        progress.StatusLine(s.ALERT, s.PLACE, s.PROGRESS),
        progress.StatusLine(replace(s.CLOSED, id=6), "大石头镇", s.DONE),
    ]
    yield "status_list", lambda language: progress.status_list(lines, language, s.NOW)
    yield (
        "coverage",
        lambda language: coverage.coverage_message(
            s.READINESS, s.GAZETTEER, language, s.COUNTY, s.NOW
        ),
    )
    yield (
        "coverage_unwatched",
        lambda language: coverage.coverage_message(
            replace(
                s.READINESS,
                groups_removed=(s.REFUSING_GROUP,),
                without_duty_officer=(Division(s.COUNTY, "敦化市", Tier.COUNTY),),
            ),
            s.GAZETTEER,
            language,
            s.COUNTY,
            s.NOW,
        ),
    )
    yield "status_none", lambda language: progress.status_list([], language, s.NOW)
    yield "ask_cancel", lambda language: ending.ask_cancel(s.EXERCISE, language, s.PLACE, told=360)
    yield (
        "ask_close_open",
        lambda language: ending.ask_close(s.ALERT, s.PROGRESS, language, s.PLACE),
    )
    yield "ask_close_done", lambda language: ending.ask_close(s.ALERT, s.DONE, language, s.PLACE)
    yield (
        "ask_close_reason",
        lambda language: ending.ask_close_reason(s.ALERT, 22, language, s.PLACE),
    )
    yield (
        "confirm_close",
        lambda language: ending.confirm_close(
            s.ALERT, 22, "全部已电话核实", "0a1b2c3d", language, s.PLACE
        ),
    )
    yield (
        "closed_note",
        lambda language: ending.closed_note(s.CLOSED, language, s.PLACE, by="王立国"),
    )
    entries = [
        handbook.HandbookEntry(s.SENDER, phone=True),
        handbook.HandbookEntry(s.DEPUTY),
        handbook.HandbookEntry(s.BLOCKED),
    ]
    yield "handbook", lambda language: handbook.handbook(DUNHUA, entries, language)
    yield (
        "handbook_search",
        lambda language: handbook.search_results("王", [(entries[0], "敦化市")], language),
    )
    yield "handbook_nobody", lambda language: handbook.search_results("<王>", [], language)


def releasing() -> Iterator[tuple[str, View]]:
    """The release wizard and the second person."""
    red, rain = Level.RED, Hazard.RAINSTORM
    yield "ask_level", release_wizard.ask_level
    yield "ask_hazard", lambda language: release_wizard.ask_hazard(red, language)
    yield (
        "ask_area",
        lambda language: release_wizard.ask_area(
            language, DUNHUA, page=1, level=red, hazard=rain, chosen="安图县、汪清县", waters=True
        ),
    )
    yield (
        "ask_places",
        lambda language: place_menu.ask_places(
            s.CALLED_PLACES,
            ("reservoir", "S1"),
            language,
            s.PLACE,
            draft=release_wizard.draft_line(red, rain, language),
        ),
    )
    yield (
        "which_place",
        lambda language: place_menu.which_place(
            "红旗<b>水库", [(place, "敦化市 太平村") for place in s.CALLED_PLACES[:2]], language
        ),
    )
    yield (
        "area_ambiguous",
        lambda language: release_wizard.area_ambiguous("太平村", s.CANDIDATES, 31, language),
    )
    yield (
        "area_ambiguous_line",
        lambda language: release_wizard.area_ambiguous(
            "太平村",
            s.CANDIDATES,
            31,
            language,
            draft=release_wizard.draft_line(red, rain, language),
        ),
    )
    yield (
        "area_unknown",
        lambda language: release_wizard.area_unknown("太平存", s.CANDIDATES[:1], language),
    )
    yield (
        "area_unknown_line",
        lambda language: release_wizard.area_unknown(
            "<b>", (), language, draft=release_wizard.draft_line(red, rain, language)
        ),
    )
    yield (
        "ask_text",
        lambda language: release_wizard.ask_text(red, rain, language, s.PLACE, texts(rain, red)),
    )
    yield (
        "ask_own_text",
        lambda language: release_wizard.ask_own_text(red, rain, language, s.PLACE, 1000),
    )
    yield "ask_lead", lambda language: release_wizard.ask_lead(red, rain, language, s.PLACE)
    yield (
        "preview",
        lambda language: release_wizard.preview(
            s.DRAFT, s.COUNTS, 95, language, s.PLACE, nonce="k3"
        ),
    )
    yield (
        "preview_signal",
        lambda language: release_wizard.preview(
            replace(s.DRAFT, issued_by="敦化市气象台"),
            s.COUNTS,
            95,
            language,
            s.PLACE,
            nonce="k3",
            signalled=True,
        ),
    )
    yield (
        "preview_no_signal",
        lambda language: release_wizard.preview(
            s.DRAFT, s.COUNTS, 95, language, s.PLACE, nonce="k3", signalled=True
        ),
    )
    yield (
        "preview_exercise_nobody",
        lambda language: release_wizard.preview(
            replace(s.DRAFT, exercise=True),
            replace(s.COUNTS, persons=0, reachable=0, groups=0),
            0,
            language,
            s.PLACE,
        ),
    )
    yield (
        "preview_text_of_drill",
        lambda language: release_wizard.preview(
            replace(s.DRAFT, text="演练 立即转移低洼地群众"), s.COUNTS, 95, language, s.PLACE
        ),
    )
    yield (
        "preview_second_person",
        lambda language: release_wizard.preview(
            s.DRAFT, replace(s.COUNTS, second_person=True), 7300, language, "延边州"
        ),
    )
    yield (
        "released_now",
        lambda language: release_wizard.released_now(s.RELEASED, s.DRAFT, language, s.PLACE),
    )
    yield (
        "released_pending",
        lambda language: release_wizard.released_now(
            Released(7, State.PENDING), s.DRAFT, language, s.PLACE, _PROPOSAL
        ),
    )
    yield (
        "preview_same",
        lambda language: release_wizard.preview(
            s.DRAFT,
            s.COUNTS,
            95,
            language,
            s.PLACE,
            nonce="k3",
            same=[(s.ALERT, s.PLACE), (s.PENDING, s.PLACE)],
            where="延边州 敦化市 大石头镇",
        ),
    )
    yield "preview_outdated", release_wizard.preview_outdated
    yield (
        "area_unknown_in_line",
        lambda language: release_wizard.area_unknown(
            "敦画市", s.CANDIDATES[:1], language, in_line=True
        ),
    )
    strange = [
        StrangeWord(word, kind) for word, kind in zip("紫雹洪急五", StrangeKind, strict=True)
    ]
    yield (
        "line_notes",
        lambda language: release_line.with_note(
            release_line.line_notes(strange, language), release_wizard.ask_level(language)
        ),
    )
    yield (
        "line_renewed",
        lambda language: release_line.with_note(
            "\n".join(
                said(language)
                for said in (
                    release_line.line_renewed,
                    release_line.text_renewed,
                    release_line.same_meanwhile,
                )
            ),
            release_wizard.stopped(language),
        ),
    )
    yield "edit_not_used", release_line.edit_not_used
    yield "text_not_used", release_line.text_not_used
    yield (
        "edited_too_late",
        lambda language: release_line.edited_too_late(s.ALERT, language, s.PLACE),
    )
    yield "wizard_stopped", release_wizard.stopped
    yield "wizard_lost", release_wizard.wizard_lost
    yield "warn_usage", release_wizard.warn_usage
    yield (
        "confirm_request",
        lambda language: confirmation.confirm_request(
            s.PENDING, s.COUNTS, language, s.PLACE, sender_line=s.FROM, proposal=_PROPOSAL
        ),
    )
    yield (
        "progress_waits",
        lambda language: progress.progress_card(
            s.PENDING, Progress(), language, s.PLACE, s.NOW, proposal=_PROPOSAL
        ),
    )
    yield (
        "progress_waits_for_nobody",
        lambda language: progress.progress_card(
            s.PENDING,
            Progress(),
            language,
            s.PLACE,
            s.NOW,
            proposal=Proposal((), None, s.PENDING.expires_at, "省值班 139 0000 0009"),
        ),
    )
    yield (
        "confirm_released",
        lambda language: confirmation.confirm_done(s.ALERT, language, s.PLACE, by="李指挥"),
    )
    yield (
        "confirm_refused",
        lambda language: confirmation.confirm_done(s.REFUSED, language, s.PLACE, by="李指挥"),
    )
    yield (
        "sender_released",
        lambda language: confirmation.released_message(
            s.ALERT, language, s.PLACE, calls=342, groups=18, by="李指挥"
        ),
    )
    yield (
        "sender_refused",
        lambda language: confirmation.released_message(s.REFUSED, language, s.PLACE, by="李指挥"),
    )
    yield (
        "sender_unconfirmed",
        lambda language: confirmation.released_message(s.REFUSED, language, s.PLACE),
    )


def joining() -> Iterator[tuple[str, View]]:
    """Strangers and newcomers."""
    yield "welcome_stranger", membership.welcome_stranger
    yield "unlinked", membership.unlinked
    yield "language_set", lambda language: membership.language_set(s.RANGER, language)
    for name, person in (
        ("village", s.VILLAGER),
        ("commander", s.SENDER),
        ("duty_officer", s.OFFICER),
        ("ranger", s.RANGER),
    ):
        yield (
            f"linked_{name}",
            lambda language, person=person: membership.linked(  # type: ignore[misc]
                person, "敦化市 大石头镇", language
            ),
        )
        yield (
            f"help_{name}",
            lambda language, person=person: membership.help_message(person, language),  # type: ignore[misc]
        )
    yield (
        "linked_already",
        lambda language: membership.my_card(s.VILLAGER, "敦化市 大石头镇", language),
    )


SCREENS: dict[str, View] = {
    name: view
    for topic in (
        village,
        groups,
        command,
        releasing,
        joining,
        shifts,
        verification,
        spot,
        oversight,
        age,
        proposals,
        account_news,
        roster_checks,
        testcall_screens,
        response_screens,
        template_screens,
        sky_screens,
        stage_screens,
        task_screens,
        daily_screens,
        duty_screens,
        withdrawal_screens,
        area_screens,
        water_screens,
        cut_off_screens,
        change_screens,
        evacuation_screens,
        household_screens,
        department_screens,
    )
    for name, view in topic()
}


def toasts(language: str) -> Iterator[str]:
    """What taps are told."""
    yield from household_toasts(language)
    for outcome in CallOutcome:
        for answered_call in (
            s.ACKNOWLEDGED,
            s.MOVED,
            s.ENDED,
            s.CALL._replace(reach=Reach.QUEUED),
        ):
            yield call.answer_toast(outcome, answered_call, language, s.ALERT)
            yield follow_up.report_toast(outcome, answered_call, s.ALERT, language)
            yield follow_up.report_toast(outcome, answered_call, s.ALERT, language, of="红旗水库")
            yield follow_up.report_toast(outcome, answered_call, s.CANCELLED, language)
        yield silent_list.proxy_toast(outcome, "张三", language)
        yield silent_list.discharge_toast(outcome, "张三", language)
    yield from withdrawal_toasts(language)
    yield from cut_off_toasts(language)
