"""When a person did what an update tells of: a message says it, a tap may be old as a silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.acts import ActKind
from bot.actions.codec import Action
from bot.actions.drafts import ProposalChange
from bot.actions.duty import DutyAnswer, DutyWithdraw, Reply
from bot.actions.stages import StageAct, StageTap
from bot.handlers import taps
from bot.handlers.late import KINDS, kind_of
from bot.telegram.acts import done_at, stamp

NOW = datetime(2026, 7, 1, 19, 0, 0, 500_000, tzinfo=UTC)
NINE_HOURS = timedelta(hours=9)


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def message(at: datetime, kind: str = "message", **more: Any) -> dict[str, Any]:
    return {"update_id": 1, kind: {"date": seconds(at), "text": "收到", **more}}


def tap(shown_at: datetime | None = None) -> dict[str, Any]:
    shown = {} if shown_at is None else {"message": {"date": seconds(shown_at)}}
    return {"update_id": 2, "callback_query": {"id": "1", "data": "a:1", **shown}}


def test_a_message_was_done_when_it_was_sent() -> None:
    assert done_at(message(NOW - NINE_HOURS), NOW) == (NOW - NINE_HOURS).replace(microsecond=0)


def test_an_edited_message_was_done_when_it_was_edited() -> None:
    edited = message(
        NOW - NINE_HOURS, "edited_message", edit_date=seconds(NOW - timedelta(hours=1))
    )
    assert NOW - done_at(edited, NOW) < timedelta(hours=1, seconds=1)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=3)])
def test_a_message_of_now_or_of_a_clock_that_is_ahead_was_done_now(ahead: timedelta) -> None:
    assert done_at(message(NOW + ahead), NOW) == NOW


@pytest.mark.parametrize("date", [0, 1, -5, "soon", None, 10**18])
def test_a_date_that_none_can_be_says_nothing(date: Any) -> None:
    assert done_at({"update_id": 1, "message": {"date": date}}, NOW) == NOW


def test_a_tap_that_waited_while_nobody_heard_is_as_old_as_the_silence() -> None:
    update = tap()
    stamp([update], NOW - NINE_HOURS, NOW)
    assert done_at(update, NOW) == (NOW - NINE_HOURS).replace(microsecond=500_000)


def test_a_tap_between_two_polls_is_of_now() -> None:
    update = tap()
    stamp([update], NOW - timedelta(seconds=25), NOW)
    assert done_at(update, NOW) == NOW


def test_a_tap_that_stayed_in_the_inbox_is_as_old_as_its_stamp() -> None:
    """A bug set it aside, and the next start comes two days later."""
    update = tap()
    stamp([update], NOW, NOW)
    later = NOW + timedelta(days=2)
    assert done_at(update, later) == NOW


def test_no_tap_is_older_than_the_message_it_is_under() -> None:
    update = tap(shown_at=NOW - timedelta(hours=1))
    stamp([update], NOW - NINE_HOURS, NOW)
    assert NOW - done_at(update, NOW) < timedelta(hours=1, seconds=1)


def test_no_tap_is_older_than_a_message_that_came_before_it() -> None:
    typed, update = message(NOW - timedelta(minutes=30)), tap()
    stamp([typed, update], NOW - NINE_HOURS, NOW)
    assert NOW - done_at(update, NOW) < timedelta(minutes=30, seconds=1)


def test_nobody_knows_since_when_a_first_start_was_not_heard() -> None:
    update = tap()
    stamp([update], None, NOW)
    assert done_at(update, NOW) == NOW


@pytest.mark.parametrize(
    ("tapped", "kind"),
    [
        (ProposalChange(1, 2), ActKind.RELEASE),
        (StageTap(1, StageAct.RELEASE, 60), ActKind.RELEASE),
        (StageTap(1, StageAct.ALL_NOW), ActKind.RELEASE),
        (StageTap(1, StageAct.SELF), ActKind.RELEASE),
        (StageTap(1, StageAct.CANCEL_NOW), ActKind.END),
        (StageTap(1, StageAct.SKIP, 60), ActKind.END),
        (StageTap(1, StageAct.SHOW), None),
        (StageTap(1, StageAct.CANCEL), None),
        (DutyAnswer(1, Reply.YES), ActKind.ORDER),
        (DutyAnswer(1, Reply.NO), ActKind.END),
        (DutyWithdraw(1), ActKind.END),
    ],
)
def test_what_is_asked_again_when_it_waited_for_hours(tapped: Action, kind: ActKind | None) -> None:
    assert kind_of(tapped) is kind


AGELESS = {
    "shows something, or asks": """
        AllMovedAsk AnsweredFind AnsweredPage AreaTap CallCard CallOptions CancelAsk CardShow
        CardsIn ChangeTap ChangeWater CloseAsk CutOffPage CutOffVillage DailySheet DailyView
        DangerPlaceMeant
        DepartmentsPage DischargeAsk DoubtAsk DoubtWrite DraftAsChange DutyCalendar DutyColleagues
        DutyHome DutyHours DutyInReturn DutyPassTo DutyPassWords DutyPassWrite DutyShifts
        DutyTakeOverAsk DutyWrite EvacuationPlaces ExtendTap FeedPage FeedShow FindRunner FrailPage
        GaugeCurve GaugeList HandbookCard HandbookHazards HandbookIn HandbookOf HeatSources
        HotspotDraft HotspotPicture HotspotShow HouseholdOptions HouseholdPage HouseholdPick
        LedgerExport LiftAsk ListExtent LookAt MarkAsk OwnTaskChart PageLink PatrolMonth
        PatrolWorkbook PickWarning PlaceMeant ProposalPreview ProposalShow ProxyReportAsk
        RaiseResponse ReleaseTap RemarkAsk RemarkList RemarkMark ReportPlace ReportPlaces ReturnAsk
        RollCallArea RollCallDraft RosterCheckPreview ShelterPage SilentExport SilentPage
        SilentPlaces StatusOf TaskChartTap TaskListTap TaskOf TaskSheetTap TemplateEdit
        TemplatePhones TemplateShow TemplateVersion TemplateVersions TemplateKinds TemplatesOf
        TestPreview TestResults WaterTap""",
    "tells a fact, which keeps its time": """
        DistressConfirm DistressGoesOn DistressRaise DistressUndo DutyReceived ErrandArrived
        ErrandDeclined ErrandFailed ErrandGoing FiguresSure HotspotDecline HotspotVerdictTap
        PatrolReached ProxyFiguresSure ProxyReport ProxyTap RedDayAnswer ReportTap RosterAnswer
        RosterPostGone""",
    "looks at its age itself": """
        CloseWithReason ConfirmAlert ConfirmChangeKnowing ConfirmChangeOf ConfirmKnowing
        ConfirmTheChange
        DischargeNow DoubtTyped PlanTap ProxyTakeBack SetDanger TakeBack WordsSend""",
    "leaves things as they were": """
        HeatForget LeaveDanger RefuseLink RollCallStop SkyMute SkyResume StopRinging
        TableLeave TemplateDiscard""",
    "by what it does": "DutyAnswer NewTaskTap RollCallTap StageTap TaskTap",
}
"""Buttons that count however late they come, and why; all others are asked about again."""


def test_every_button_has_an_age_or_a_reason_for_none() -> None:
    ageless = " ".join(AGELESS.values()).split()
    asked_again = [action.__name__ for action in KINDS]
    assert sorted(ageless + asked_again) == sorted(action.__name__ for action in taps.HANDLERS)
