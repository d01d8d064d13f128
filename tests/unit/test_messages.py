"""The kinds of message: how they are stored, how the last release stored them, who renders them."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from alerts.account_events import AccountEvent
from alerts.escalation import Step
from alerts.outbox import (
    change_messages,
    draft_messages,
    duty_messages,
    hotspot_messages,
    messages,
    roster_messages,
    task_messages,
)
from alerts.outbox.codec import decode, encode
from alerts.outbox.deliveries import Attempt, Delivery, NewDelivery, Result, backoff
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import Message, MessageKind
from alerts.oversight.findings import FindingKind, Telling
from alerts.patrol.distress.model import Press
from alerts.patrol.hotspots.model import TaskStep
from alerts.patrol.red_days.model import AskKind
from alerts.patrol.shifts.model import Rung
from alerts.silence import Only
from bot.messages.registry import RENDERERS
from bot.messages.rendering import BULK
from bot.telegram.outgoing import FilesOfOthers, Request, reply_of, request_of

SINCE = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)

# As rows of the outbox hold them that were queued before messages had classes.
STORED: list[tuple[Message, dict[str, Any] | None]] = [
    (messages.WarningCall(), None),
    (messages.WarningCall("张三"), {"for": "张三"}),
    (messages.Reminder(2), {"minutes": 2}),
    (messages.GroupPost("222403100000"), {"division": "222403100000"}),
    (messages.Chase("222403100000"), {"division": "222403100000"}),
    (
        messages.SilentList(Step.DUTY_OFFICER, "222403000000"),
        {"division": "222403000000", "step": 4},
    ),
    (
        messages.SilentList(Step.COMMANDER, "222403000000", None, "released 3 1"),
        {"division": "222403000000", "step": 8, "page": None, "shown": "released 3 1"},
    ),
    (
        messages.SilentListEdit("222403000000", 1, 77),
        {"division": "222403000000", "page": 1, "message": 77},
    ),
    (
        messages.SilentList(None, "222403000000", 2, None, "222403101000", Only.UNREACHABLE),
        {"division": "222403000000", "page": 2, "within": "222403101000", "only": "u"},
    ),
    (
        messages.SilentListEdit("222403000000", 1, 77, Only.NOT_RUNG),
        {"division": "222403000000", "page": 1, "message": 77, "only": "n"},
    ),
    (
        messages.SilentSheet("222403000000", Only.UNREACHABLE),
        {"division": "222403000000", "only": "u"},
    ),
    (messages.ChaseEdit("222403000000", 77), {"division": "222403000000", "message": 77}),
    (
        messages.Over(messages.MessageKind.SILENT_LIST, 77),
        {"was": "silent_list", "message": 77},
    ),
    (
        messages.Over(messages.MessageKind.CHANGED, 77, 3),
        {"was": "changed", "message": 77, "number": 3},
    ),
    (messages.HelpNews(5), {"request": 5}),
    (messages.HelpWanted(), None),
    (messages.HelpWanted(again=True), {"edit": True}),
    (
        messages.OversightNotice(
            FindingKind.BOT_DOWN,
            Telling.FOUND,
            SINCE,
            SINCE,
            {"bots": [{"division": "220000000000"}]},
        ),
        {
            "kind": "bot_down",
            "telling": "found",
            "since": 1782932400000,
            "at": 1782932400000,
            "facts": {"bots": [{"division": "220000000000"}]},
        },
    ),
    (
        messages.AccountNews(70, AccountEvent.ASKED, 77_001),
        {"person": 70, "event": "asked", "account": 77_001},
    ),
    (
        messages.AccountNews(70, AccountEvent.TOKEN_MADE, token=3),
        {"person": 70, "event": "token_made", "token": 3},
    ),
    (
        messages.AccountNews(70, AccountEvent.LINKED, by=2),
        {"person": 70, "event": "linked", "by": 2},
    ),
    (
        messages.AccountNews(
            70, AccountEvent.POST_TAKEN, division="222403000000", role="commander"
        ),
        {
            "person": 70,
            "event": "post_taken",
            "division": "222403000000",
            "role": "commander",
        },
    ),
    (messages.StandInToo(5), {"silent": 5}),
    (messages.StandInToo(5, over=True), {"silent": 5, "over": True}),
    (messages.LedgerSheet("222403000000"), {"division": "222403000000"}),
    (
        messages.CutOffList(messages.News.FOUND, 4, 5),
        {"news": "found", "cut_off": 4, "errand": 5},
    ),
    (messages.ErrandAsk(5, again=True), {"errand": 5, "again": True}),
    (draft_messages.Proposed(5), {"proposal": 5}),
    (draft_messages.Proposed(5, 77), {"proposal": 5, "message": 77}),
    (draft_messages.ProposedList(3), {"more": 3}),
    (
        messages.RelayedRequest("sendMessage", {"chat_id": 5, "text": "收到"}),
        {"method": "sendMessage", "payload": {"chat_id": 5, "text": "收到"}},
    ),
    (
        messages.RelayedRequest(
            "sendPhoto", {"chat_id": 5}, {"AgAC": 7}, {"chat_id": 5, "text": "见 /feed"}
        ),
        {
            "method": "sendPhoto",
            "payload": {"chat_id": 5},
            "file_owners": {"AgAC": 7},
            "words": {"chat_id": 5, "text": "见 /feed"},
        },
    ),
    (
        messages.PatrolSilent(("222403100000", "222403101000"), Rung.STATION),
        {"divisions": ["222403100000", "222403101000"], "rung": int(Rung.STATION)},
    ),
    (messages.PatrolBack((7, 8)), {"people": [7, 8], "by": None}),
    (messages.PatrolBack((7, 8), 99), {"people": [7, 8], "by": 99}),
    (
        messages.Distress(3, 2, 812.5),
        {"distress": 3, "news": [], "away": 812.5, "round": 2},
    ),
    (messages.DistressSent(3), {"distress": 3, "news": [], "away": None, "round": 2}),
    (
        messages.DistressUpdate(3, ("file_id", "file_kind")),
        {"distress": 3, "news": ["file_id", "file_kind"], "away": None, "round": 2},
    ),
    (messages.FieldReports((4, 5)), {"reports": [4, 5]}),
    (messages.FieldReports((4,), words=True), {"reports": [4], "words": True}),
    (messages.FieldReports(report=4), {"report": 4}),
    (messages.RedDayAsk(6, again=False), {"ask": 6, "again": False}),
    (
        messages.RedDaySilent(AskKind.ZERO_REPORT, 41, (6, 7)),
        {"kind": "zero_report", "total": 41, "asks": [6, 7]},
    ),
    (messages.RedDayFire(6), {"ask": 6}),
    (messages.RollCallAsk(9, again=True), {"roll_call": 9, "again": True}),
    (messages.RollCallResult(9), {"roll_call": 9}),
    (messages.RollCallSilent(9), {"roll_call": 9}),
    (roster_messages.RosterAsk(3, again=True), {"check": 3, "again": True}),
    (roster_messages.RosterDenied(3, 4), {"check": 3, "person": 4}),
    (roster_messages.RosterSilent(3, 4), {"check": 3, "reader": 4}),
    (
        task_messages.TaskNews((1, 2), task_messages.TaskWord.DUE, 2, vacant=True),
        {"tasks": [1, 2], "why": "due", "total": 2, "vacant": True},
    ),
    (
        duty_messages.DutyGaps("222403000000", (1, 2), filled=True),
        {"division": "222403000000", "gaps": [1, 2], "filled": True},
    ),
    (duty_messages.DutyAsked(3), {"ask": 3}),
    (
        duty_messages.DutyNews(duty_messages.DutyEvent.TAKEN_OVER, division="22", by=1, of=2),
        {"event": "taken_over", "division": "22", "by": 1, "of": 2},
    ),
    (duty_messages.DutyHandover(4, coming=True), {"handover": 4, "coming": True}),
    (
        duty_messages.PatrolSheet("222403000000", "2026-11"),
        {"division": "222403000000", "month": "2026-11"},
    ),
    (task_messages.TaskCheck(1, again=True), {"task": 1, "again": True}),
    (
        task_messages.TaskAbove((1, 2), 9, unchecked=True),
        {"tasks": [1, 2], "total": 9, "unchecked": True},
    ),
    (task_messages.TaskEvidence(3), {"event": 3}),
    (change_messages.ChangeNews(3), {"number": 3}),
    (change_messages.NoMoreHere(3), {"number": 3}),
    (change_messages.ConfirmChange(2), {"change": 2}),
    (change_messages.ChangeDecided(2), {"change": 2}),
    (change_messages.ChangeDecided(2, "api:省平台"), {"change": 2, "command_line": "api:省平台"}),
    (change_messages.ExpiryAsked(SINCE, True), {"until": 1782932400000, "duty": True}),
    (hotspot_messages.HotspotTask(2), {"hotspot": 2}),
    (hotspot_messages.HotspotSpot(2), {"hotspot": 2}),
    (hotspot_messages.HotspotTaken(2), {"hotspot": 2}),
    (hotspot_messages.HotspotDue(2), {"hotspot": 2}),
    (hotspot_messages.HotspotList(2), {"hotspot": 2}),
    (
        hotspot_messages.HotspotAlarm(2, TaskStep.ALARM_FIRE),
        {"hotspot": 2, "why": int(TaskStep.ALARM_FIRE)},
    ),
    (hotspot_messages.HotspotVerdict(2), {"hotspot": 2}),
    (messages.Picture(hotspot_id=2), {"hotspot": 2}),
    (messages.Picture(roll_call_id=9, new=True), {"roll_call": 9, "new": True}),
    (messages.Picture(gauge="60512:level"), {"gauge": "60512:level"}),
]


CLASSES = [
    found
    for module in (
        messages,
        hotspot_messages,
        draft_messages,
        change_messages,
        roster_messages,
        duty_messages,
        task_messages,
    )
    for found in vars(module).values()
    if isinstance(found, type) and issubclass(found, Message) and hasattr(found, "kind")
]


@pytest.mark.parametrize(("message", "stored"), STORED)
def test_what_the_last_release_stored_is_read(
    message: Message, stored: dict[str, Any] | None
) -> None:
    assert decode(type(message), stored) == message


@pytest.mark.parametrize(("message", "stored"), STORED)
def test_what_is_stored_is_read_again(message: Message, stored: dict[str, Any] | None) -> None:
    written = orjson.loads(orjson.dumps(encode(message)))
    assert decode(type(message), written) == message
    assert written.items() <= (stored or {}).items()  # and an earlier release could read it


def test_what_no_field_is_called_is_passed_over() -> None:
    assert decode(messages.Chase, {"division": "220000000000", "later": 1}) == messages.Chase(
        "220000000000"
    )


def test_a_message_without_what_it_needs_is_refused() -> None:
    with pytest.raises(TypeError):
        decode(messages.Chase, {})


def test_each_kind_has_one_class_at_most_and_each_class_an_example() -> None:
    assert len({found.kind for found in CLASSES}) == len(CLASSES)
    assert set(CLASSES) == {type(message) for message, _ in STORED}


def test_every_kind_is_said_by_one_function() -> None:
    assert set(RENDERERS) | set(BULK) == set(MessageKind)
    assert not set(RENDERERS) & set(BULK)


FILES = FilesOfOthers({"AgAC": 7}, {"chat_id": 5, "text": "照片见 /feed"})


@pytest.mark.parametrize(
    "request_",
    [
        Request("sendMessage", b'{"chat_id":5,"text":"x"}'),
        Request("sendPhoto", b'{"chat_id":5,"photo":"AgAC"}', files_of_others=FILES),
    ],
)
def test_a_request_goes_through_the_outbox_unchanged(request_: Request) -> None:
    stored = orjson.loads(orjson.dumps(encode(reply_of(request_))))
    assert request_of(decode(messages.RelayedRequest, stored)) == replace(request_, is_reply=True)


def test_a_request_that_the_last_release_stored_keeps_the_files_of_other_bots() -> None:
    body = {"chat_id": 5, "photo": "AgAC", "_elsewhere": FILES.owners, "_words": FILES.words}
    stored = {"method": "sendPhoto", "payload": body}
    assert request_of(decode(messages.RelayedRequest, stored)) == Request(
        "sendPhoto", b'{"chat_id":5,"photo":"AgAC"}', files_of_others=FILES, is_reply=True
    )


BY_ANOTHER_NAME = {
    "WarningCall": "CALL",
    "ChangeNews": "CHANGED",
    "NoMoreHere": "NARROWED",
    "Reminder": "REMIND",
    "GroupPost": "POST",
    "OversightNotice": "OVERSIGHT",
    "RelayedRequest": "REPLY",
    "FieldReports": "FIELD_REPORT",
    "RedDayAsk": "RED_DAY",
    "RollCallAsk": "ROLL_CALL",
    "ErrandAsk": "ERRAND",
}
"""Classes of messages that are not called as their kind is."""


def test_the_kind_of_each_class_is_the_one_of_its_name() -> None:
    for message_type in {type(message) for message, _ in STORED}:
        name = message_type.__name__
        words = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()
        assert message_type.kind.name == BY_ANOTHER_NAME.get(name, words)


def test_reports_from_the_spot_with_the_one_that_an_earlier_release_stored() -> None:
    assert messages.FieldReports((1, 2)).ids == (1, 2)
    assert messages.FieldReports(report=3).ids == (3,)
    assert messages.FieldReports((1,), report=3).ids == (1, 3)


LEFT_OUT: dict[str, dict[str, Any]] = {
    "WarningCall": {"stand_in_for": None},
    "Reminder": {"minutes": 0, "again": None, "by": "", "reason": ""},
    "GroupPost": {"division": ""},
    "Chase": {"shown": None},
    "Over": {"number": None},
    "ChangeDecided": {"command_line": "", "message_id": None},
    "SilentList": {
        "step": None,
        "division": "",
        "page": 0,
        "shown": None,
        "within": "",
        "only": None,
    },
    "SilentListEdit": {"only": None},
    "SilentSheet": {"division": "", "only": None},
    "HelpWanted": {"again": False},
    "AccountNews": {"account": None, "by": None, "division": "", "role": "", "token": None},
    "StandInToo": {"over": False},
    "LedgerSheet": {"division": ""},
    "CutOffList": {"news": None, "cut_off": None, "errand": None},
    "ErrandAsk": {"again": False, "over": False},
    "Proposed": {"message_id": None},
    "ExpiryAsked": {"duty": False},
    "RosterDenied": {"division": "", "role": "", "place": "", "over": False},
    "RosterSilent": {"message_id": None},
    "TaskNews": {"total": 1, "vacant": False, "out_of_reach": False, "message_id": None},
    "TaskCheck": {"again": False, "message_id": None},
    "DutyAsked": {"again": False, "message_id": None},
    "DutyGaps": {"filled": False},
    "DutyNews": {"ask_id": None, "division": "", "by": None, "of": None},
    "DutyHandover": {"coming": False, "received": False, "missed": False, "message_id": None},
    "TaskAbove": {"total": 1, "unchecked": False},
    "RelayedRequest": {"file_owners": None, "words": None},
    "PatrolBack": {"by": None},
    "Distress": {"away": None},
    "DistressSent": {"press": Press.SENT, "message_id": None},
    "DistressUpdate": {"news": (), "message_id": None},
    "FieldReports": {"reports": (), "words": False, "report": None},
    "Picture": {
        "roll_call_id": None,
        "hotspot_id": None,
        "new": False,
        "gauge": "",
        "chart": "",
        "sheet": False,
        "card_id": None,
    },
}
"""What a field means that is not stored: it may be left out only while that stays so."""


def test_what_was_left_out_when_it_was_stored_means_the_same() -> None:
    defaults = {
        found.__name__: {f.name: f.default for f in fields(found) if f.default is not MISSING}
        for found in CLASSES
    }
    assert {name: values for name, values in defaults.items() if values} == LEFT_OUT


def test_a_delivery_was_not_tried_and_leaves_behind_nobody_unless_it_says_so() -> None:
    assert Delivery(1, MessageKind.CALL, Lane.RED, 0, 5) == Delivery(
        1, MessageKind.CALL, Lane.RED, 0, 5, "zh", None, None, None, None, None, 0, None, "", None
    )
    new = NewDelivery(MessageKind.CALL, Lane.RED, 5)
    assert (new.order, new.language, new.not_before) == (LaneOrder.VILLAGE, "zh", None)
    made = Attempt(Delivery(1, MessageKind.CALL, Lane.RED, 0, 5), Result.TEMPORARY)
    assert (made.retry_after, made.may_pass, made.unforeseen) == (0.0, False, False)
    waits = [backoff(tries).total_seconds() for tries in (0, 1, 5, 6, 7, 50)]
    assert waits == [1, 2, 32, 60, 60, 60]
