"""What must never be is refused by the database itself, on SQLite and on PostgreSQL.

Each rule is tried with a row that breaks only it, beside the same row mended.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    CheckConstraint,
    Connection,
    Table,
    delete,
    insert,
    select,
    text,
    update,
)

from alerts.calls import CallState, Reach, Report, Via
from alerts.channels.model import Kind, Progress, Trouble
from alerts.channels.robots import PostKind, PostState
from alerts.cut_off.model import CutOffEnd, ErrandState
from alerts.drafts.model import ProposalKind, ProposalState
from alerts.duty.model import AskKind as DutyAskKind
from alerts.duty.model import AskState as DutyAskState
from alerts.duty.model import HandOverStep
from alerts.expiry.model import ExpiryAnswer
from alerts.loop.daily.remarks import Mark
from alerts.loop.evacuation.counting import MoveState
from alerts.loop.evacuation.model import Frail
from alerts.loop.evacuation.move_store import TickedBy
from alerts.loop.tasks.model import CauseKind, Step, TaskEventKind, TaskList
from alerts.loop.tasks.model import TaskState as ListedState
from alerts.model import Hazard, Level, State, Status
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.patrol.hotspots.model import AskState, TaskState, Verdict
from alerts.patrol.red_days.model import AskAnswer, AskKind, RedDayStep
from alerts.patrol.roll_calls import calling as roll_calls
from alerts.patrol.roll_calls.model import RollCallProblem, Standing, Whom
from alerts.patrol.zones.model import ZoneKind
from alerts.publishing.model import Happened, Outcome
from alerts.roster_checks.model import StillThere
from alerts.season.model import DangerLevel
from alerts.sources.cap.model import CapType
from alerts.sources.gauges.judging import Doubt
from alerts.sources.gauges.model import Quantity
from alerts.sources.hotspots import Confidence
from alerts.stages.plan import PlanState
from alerts.test_calls.model import HowProven
from alerts.withdrawals.model import Withdrawal
from bot.cli import main
from bot.views.problems import problem
from contacts import bot_store, people_store
from contacts.api_tokens import Ended
from contacts.bots import Bot, Down
from contacts.channels import Cause, Channel
from contacts.divisions.codes import Tier
from contacts.equipment import EquipmentKind
from contacts.groups import Purpose
from contacts.people import Contact, Role
from contacts.places import PlaceKind
from data import audit, schema, trail_marks
from data.audit import Entry
from data.database import Database
from data.errors import Conflict, RowsAgainstRules, RuleBroken
from data.migrations.rules import without_lists
from data.tables import metadata
from tests.roster import BOT_ID, CITY, COUNTY, COUNTY_COMMANDER, NOW, PROVINCE, VILLAGES
from tests.store.test_migrations import bring_to

BEFORE = "0020"
"""The revision before the rules."""

LATER = NOW + timedelta(hours=1)
SPOT = {"lon": 126.5, "lat": 43.8}
WHO = COUNTY_COMMANDER["id"]
ANOTHER = 10

# A row of each table that keeps every rule.
GOOD: dict[str, dict[str, Any]] = {
    "alerts": {
        "identifier": "x",
        "status": "Actual",
        "level": "red",
        "hazard": "rainstorm",
        "headline": "红",
        "description": "转移",
        "areas": [COUNTY],
        "state": "released",
        "sender_id": WHO,
        "created_at": NOW,
        "released_at": NOW,
        "expires_at": LATER,
    },
    "calls": {
        "alert_id": 900,
        "person_id": WHO,
        "division_code": COUNTY,
        "role": "commander",
        "state": "waiting",
        "reach": "queued",
        "called_at": NOW,
    },
    "reports": {
        "alert_id": 900,
        "call_id": 900,
        "person_id": WHO,
        "division_code": COUNTY,
        "report": "done",
        "reported_at": NOW,
    },
    "help_requests": {
        "alert_id": 900,
        "call_id": 900,
        "person_id": WHO,
        "division_code": COUNTY,
        "report": "help",
        "asked_at": NOW,
    },
    "deliveries": {
        "kind": "call",
        "lane": 3,
        "place": 1,
        "state": "queued",
        "chat_id": 5,
        "not_before": NOW,
        "created_at": NOW,
    },
    "divisions": {"code": "990000000000", "name": "某省", "level": "province"},
    "people": {
        "id": 99_999,
        "name": "某人",
        "phone": "+8613999999999",
        "division_code": COUNTY,
        "role": "ranger",
        "invite_code": "zzz",
    },
    "access_log": {
        "at": NOW,
        "viewer_id": WHO,
        "subject_id": WHO,
        "what": "phone",
        "way": "bot",
        "about": "",
    },
    "posts": {"person_id": WHO, "division_code": COUNTY, "role": "ranger"},
    "equipment": {"kind": "satellite_phone", "division_code": COUNTY},
    "stations": {
        "code": "G1",
        "name": "黄泥河",
        "division_code": COUNTY,
        **SPOT,
        "hazard": "river_flood",
        "lines": [],
        "warns": [],
        "places": [],
    },
    "readings": {
        "station_code": "G1",
        "quantity": "level",
        "at": NOW,
        "minutes": 0,
        "value": 1.0,
        "feed": "f",
        "received_at": NOW,
    },
    "closed_times": {
        "division_code": COUNTY,
        "starts_on": date(2026, 4, 20),
        "ends_on": date(2026, 5, 31),
    },
    "station_watches": {"station_code": "G1", "quantity": "level"},
    "river_stretches": {
        "river": "牡丹江",
        "number": 1,
        "name": "上段",
        "lines": [],
        "buffer_m": 1000.0,
        "villages": [],
    },
    "places": {"code": "R9", "kind": "reservoir", "name": "红旗水库", "division_code": COUNTY},
    "groups": {"chat_id": -5, "title": "群", "division_code": COUNTY, "purpose": "fire"},
    "bots": {"id": 77, "division_code": VILLAGES[0]},
    "shifts": {"person_id": WHO, "division_code": COUNTY, "starts_at": NOW, "ends_at": LATER},
    "duty_gaps": {
        "division_code": COUNTY,
        "starts_at": NOW,
        "ends_at": LATER,
        "found_at": NOW,
    },
    "duty_asks": {
        "kind": "swap",
        "division_code": COUNTY,
        "starts_at": NOW,
        "ends_at": LATER,
        "asked_by": WHO,
        "asked_of": WHO,
        "asked_at": NOW,
        "state": "open",
        "due_at": NOW,
    },
    "duty_handovers": {"division_code": COUNTY, "at": NOW, "step": "planned", "due_at": NOW},
    "patrol_days": {"person_id": WHO, "day": date(2026, 7, 1), "division_code": COUNTY},
    "patrol_marks": {"source": "positions", "last_id": 1},
    "heat_sources": {**SPOT, "verdicts": 3, "learned_at": NOW},
    "hotspot_tasks": {
        "state": "waiting",
        **SPOT,
        "county_code": COUNTY,
        "pixels": 1,
        "hotspots": 1,
        "satellites": "N",
        "first_at": NOW,
        "last_at": NOW,
        "opened_at": NOW,
        "due_at": LATER,
    },
    "hotspots": {
        "key": "k",
        "feed": "f",
        **SPOT,
        "acquired_at": NOW,
        "received_at": NOW,
        "satellite": "N",
        "instrument": "VIIRS",
        "confidence": "high",
        "county_code": COUNTY,
    },
    "hotspot_asks": {
        "task_id": 900,
        "person_id": WHO,
        "asked_at": NOW,
        "away_m": 9.0,
        "answer": "awaited",
    },
    "zones": {"name": "区", "kind": "area", "buffer_m": 9.0, "lines": []},
    "patrol_shifts": {
        "person_id": WHO,
        "day": date(2026, 7, 1),
        "starts_at": NOW,
        "ends_at": LATER,
        "every_minutes": 60,
    },
    "patrol_orders": {
        "division_code": COUNTY,
        "day": date(2026, 7, 1),
        "starts_at": NOW,
        "ends_at": LATER,
        "every_minutes": 60,
    },
    "positions": {"person_id": WHO, "taken_at": NOW, "received_at": NOW, **SPOT, "doubts": []},
    "roll_calls": {
        "division_code": COUNTY,
        "whom": "everyone",
        "minutes": 20,
        "started_by": WHO,
        "started_at": NOW,
        "asked_at": NOW,
        "ends_at": LATER,
        "chat_id": 5,
    },
    "roll_call_entries": {
        "roll_call_id": 900,
        "person_id": WHO,
        "division_code": COUNTY,
        "state": "asked",
    },
    "roster_checks": {"division_code": COUNTY, "started_at": NOW, "ends_at": LATER},
    "roster_answers": {"check_id": 900, "person_id": WHO, "division_code": COUNTY},
    "distress_calls": {"person_id": WHO, "raised_at": NOW},
    "distress_messages": {
        "distress_id": 900,
        "chat_id": 5,
        "message_id": 7,
        "person_id": WHO,
        "kind": "distress",
    },
    "field_reports": {"person_id": WHO, "at": NOW, "kind": "photo"},
    "fire_danger": {
        "division_code": COUNTY,
        "day": date(2026, 7, 1),
        "level": 5,
        "set_at": NOW,
    },
    "season_asks": {
        "person_id": WHO,
        "day": date(2026, 7, 1),
        "kind": "orders",
        "division_code": COUNTY,
        "decided_for": COUNTY,
        "asked_at": NOW,
    },
    "season_rounds": {
        "day": date(2026, 7, 1),
        "decided_for": COUNTY,
        "kind": "orders",
        "step": "asked",
        "done_at": NOW,
    },
    "withdrawn_answers": {
        "alert_id": 900,
        "call_id": 900,
        "person_id": WHO,
        "kind": "taken_back",
        "at": NOW,
        "called_at": NOW,
        "answered_at": NOW,
        "answered_via": "button",
    },
    "alert_messages": {
        "alert_id": 900,
        "number": 1,
        "identifier": "m1",
        "msg_type": "Alert",
        "kind": "alert",
        "kinds": ["alert"],
        "sent_at": NOW,
        "by_id": WHO,
        "level": "red",
        "headline": "",
        "description": "立即转移",
        "areas": [COUNTY],
        "expires_at": LATER,
    },
    "pending_changes": {
        "alert_id": 900,
        "change": {"level": "red"},
        "by_id": WHO,
        "proposed_at": NOW,
        "state": "pending",
    },
    "unfinished_updates": {"alert_id": 900, "number": 2, "calls_upto": 0, "step": "calls"},
    "cut_off_villages": {"alert_id": 900, "division_code": COUNTY, "found_at": NOW},
    "daily_days": {"day": date(2026, 7, 2), "made_at": NOW, "unread": []},
    "daily_reports": {"day": date(2026, 7, 2), "division_code": COUNTY, "own": {}},
    "daily_remarks": {
        "day": date(2026, 7, 2),
        "division_code": COUNTY,
        "from_code": CITY,
        "mark": "good",
        "words": "",
        "by_id": WHO,
        "at": NOW,
    },
    "expiry_questions": {"alert_id": 900, "expires_at": LATER, "asked_at": NOW},
    "template_versions": {
        "kind": "card",
        "key": "hail-village",
        "division_code": COUNTY,
        "version": 1,
        "body": "1. 进屋",
        "at": NOW,
    },
    "mechanism_versions": {"key": "flood", "version": 1, "body": "name = 1", "at": NOW},
    "shelters": {"division_code": VILLAGES[0], "name": "村小学"},
    "evacuation_cards": {
        "division_code": VILLAGES[0],
        "name": "太平村",
        "route": [],
        "households": 12,
        "persons": 35,
        "at": NOW,
    },
    "household_moves": {
        "alert_id": 900,
        "household_id": 900,
        "division_code": VILLAGES[0],
        "state": "moved",
        "persons": 3,
        "by_id": WHO,
        "via": "own",
        "at": NOW,
    },
    "evacuation_households": {"card_id": 900, "number": 1, "head": "张三", "persons": 3},
    "errands": {
        "alert_id": 900,
        "cut_off_id": 900,
        "division_code": COUNTY,
        "person_id": WHO,
        "assigned_by": WHO,
        "assigned_at": NOW,
        "state": "asked",
    },
    "cap_messages": {
        "source": "weather",
        "digest": "0" * 32,
        "identifier": "A1",
        "type": "Alert",
        "sent": NOW,
        "refers": [],
        "outcome": "elsewhere",
        "received_at": NOW,
        "content": "0" * 32,
    },
    "proposed_warnings": {
        "source": "weather",
        "identifier": "A1",
        "kind": "new",
        "state": "open",
        "hazard": "rainstorm",
        "draft": {},
        "notes": [],
        "valid_until": LATER,
        "created_at": NOW,
        "next_at": NOW,
    },
    "stage_plans": {
        "draft": {},
        "stages": [],
        "onset_at": LATER,
        "since_at": NOW,
        "by_itself": False,
        "state": "running",
        "planned_by": WHO,
        "created_at": NOW,
        "next_at": NOW,
    },
    "tasks": {
        "in_list": "task",
        "title": "修涵洞",
        "division_code": COUNTY,
        "responsible_division": COUNTY,
        "responsible_role": "commander",
        "state": "open",
        "created_at": NOW,
        "since_at": NOW,
        "due_at": LATER,
    },
    "task_events": {"task_id": 900, "kind": "created", "at": NOW},
    "task_makings": {"alert_id": 900, "level": "red"},
    "channel_addresses": {"person_id": WHO, "channel": "sms", "address": "+8613900000001"},
    "channel_deliveries": {
        "call_id": 900,
        "alert_id": 900,
        "person_id": WHO,
        "channel": "voice",
        "address": "+8613900000001",
        "kind": "call",
        "state": "queued",
        "not_before": NOW,
        "created_at": NOW,
    },
    "untold_ends": {"alert_id": 900, "after_id": 0, "told": 0, "created_at": NOW},
    "channel_troubles": {
        "channel": "sms",
        "trouble": "no_money",
        "words": "isv.AMOUNT_NOT_ENOUGH",
        "first_at": NOW,
        "last_at": NOW,
    },
    "robot_posts": {
        "alert_id": 900,
        "robot": "x",
        "kind": "post",
        "state": "queued",
        "not_before": NOW,
        "named": [],
        "created_at": NOW,
    },
    "test_calls": {
        "division_code": COUNTY,
        "started_by": WHO,
        "started_at": NOW,
        "ends_at": LATER,
        "channels": "voice",
    },
    "outgoing_events": {"kind": "released", "alert_id": 900, "message_number": 1, "at": NOW},
    "webhook_deliveries": {
        "event_id": 900,
        "webhook": "province",
        "state": "waiting",
        "queued_at": NOW,
        "due_at": NOW,
    },
    "api_tokens": {
        "person_id": WHO,
        "name": "x",
        "public": "abcdefgh",
        "digest": "0" * 64,
        "scopes": ["read"],
        "division_code": COUNTY,
        "made_at": NOW,
        "made_by": "root@x",
        "expires_at": LATER,
    },
    "test_lines": {
        "test_id": 900,
        "person_id": WHO,
        "division_code": COUNTY,
        "channel": "voice",
        "address": "+8613900000001",
    },
}

# What must be there first.
NEEDS = {
    "calls": ["alerts"],
    "reports": ["alerts", "calls"],
    "help_requests": ["alerts", "calls"],
    "withdrawn_answers": ["alerts", "calls"],
    "alert_messages": ["alerts"],
    "pending_changes": ["alerts"],
    "unfinished_updates": ["alerts"],
    "cut_off_villages": ["alerts"],
    "errands": ["alerts", "cut_off_villages"],
    "expiry_questions": ["alerts"],
    "evacuation_households": ["evacuation_cards"],
    "household_moves": ["alerts", "evacuation_cards", "evacuation_households"],
    "task_events": ["tasks"],
    "task_makings": ["alerts"],
    "outgoing_events": ["alerts"],
    "webhook_deliveries": ["alerts", "outgoing_events"],
    "distress_messages": ["distress_calls"],
    "hotspot_asks": ["hotspot_tasks"],
    "roll_call_entries": ["roll_calls"],
    "roster_answers": ["roster_checks"],
    "test_lines": ["test_calls"],
}

# So that it is not in the way of another of its table.
APART: dict[str, dict[str, Any]] = {
    "cut_off_villages": {"ended_at": NOW},
    "evacuation_cards": {"place_code": "needed"},
    "evacuation_households": {"number": 900},
    "alerts": {"identifier": "needed"},
    "calls": {"person_id": ANOTHER},
    "distress_calls": {"cleared_at": NOW},
    "roll_calls": {"division_code": VILLAGES[0]},
    "roster_checks": {"division_code": VILLAGES[0]},
    "test_calls": {"division_code": VILLAGES[0]},
}

# What breaks each rule; a ``*_known`` rule is broken by a word that nobody knows.
BREAKS: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("alerts", "two_persons"): [{"confirmed_by": WHO}],
    ("alerts", "released_has_time"): [{"released_at": None}],
    ("alerts", "closed_has_time"): [{"state": "closed"}],
    ("alerts", "cancelled_has_time"): [{"state": "cancelled"}],
    ("alerts", "lifted_has_time"): [{"state": "lifted"}],
    ("calls", "answered_has_time"): [
        {"state": "acknowledged"},
        {"state": "proxied", "proxy_by": ANOTHER},
        {"state": "reported"},
    ],
    ("calls", "proxied_has_officer"): [{"state": "proxied", "answered_at": NOW}],
    ("calls", "reported_has_time"): [{"report": "done"}],
    ("calls", "counts_not_negative"): [{"households": -1}, {"persons": -1}],
    ("reports", "counts_not_negative"): [{"households": -1}, {"persons": -1}],
    ("help_requests", "taken_has_time"): [{"taken_by": WHO}],
    ("help_requests", "resolved_has_time"): [{"resolved_by": WHO}],
    ("withdrawn_answers", "doubted_by_officer"): [{"kind": "doubted"}],
    ("alert_messages", "first_is_alert"): [
        {"msg_type": "Update", "kind": "extend"},
        {"number": 2, "identifier": "m2"},
    ],
    ("alert_messages", "msg_type_known"): [{"msg_type": "x", "number": 2}],
    ("alert_messages", "two_persons"): [{"confirmed_by": WHO}],
    ("pending_changes", "state_known"): [{"state": "x", "decided_at": NOW}],
    ("pending_changes", "two_persons"): [
        {"state": "made", "decided_by": WHO, "decided_at": NOW},
    ],
    ("pending_changes", "decided_has_time"): [{"state": "refused"}],
    ("cut_off_villages", "ended_how_known"): [{"ended_how": "x", "ended_at": NOW}],
    ("cut_off_villages", "ended_how_has_time"): [{"ended_how": "over"}],
    ("tasks", "in_list_known"): [{"in_list": "x"}],
    ("tasks", "next_step_known"): [{"next_step": "x"}],
    ("tasks", "cause_kind_known"): [{"cause_kind": "x"}],
    ("tasks", "taken_has_time"): [{"taken_by": WHO}],
    ("tasks", "submitted_has_time"): [{"state": "submitted"}],
    ("tasks", "ended_has_time"): [{"state": "struck_off"}, {"state": "withdrawn"}],
    ("tasks", "two_persons"): [
        {"state": "struck_off", "ended_at": NOW, "ended_by": WHO, "submitted_by": WHO}
    ],
    ("tasks", "due_after_start"): [{"due_at": NOW - timedelta(hours=1)}],
    ("tasks", "task_spot_on_earth"): [{"lon": 181.0}, {"lat": -91.0}],
    ("task_events", "file_kind_known"): [{"file_kind": "x"}],
    ("task_events", "event_spot_on_earth"): [{"lon": 181.0}, {"lat": -91.0}],
    ("task_makings", "made_not_negative"): [{"made": -1}],
    ("daily_days", "untold_is_made"): [{"made_at": None}],
    ("daily_remarks", "mark_known"): [{"mark": "x"}],
    ("daily_remarks", "from_above"): [{"from_code": COUNTY}],
    ("expiry_questions", "answer_known"): [{"answer": "x", "answered_at": NOW}],
    ("expiry_questions", "answered_has_time"): [{"answer": "let"}],
    ("template_versions", "kind_known"): [{"kind": "x"}],
    ("template_versions", "version_positive"): [{"version": 0}],
    ("mechanism_versions", "version_positive"): [{"version": 0}],
    ("shelters", "capacity_positive"): [{"capacity": 0}],
    ("shelters", "spot_on_earth"): [{"lon": 181.0, "lat": 43.0}, {"lon": 126.0, "lat": 91.0}],
    ("shelters", "spot_whole"): [{"lon": 126.0}, {"lat": 43.0}],
    ("evacuation_cards", "counts_not_negative"): [{"households": -1}, {"persons": -1}],
    ("evacuation_cards", "version_positive"): [{"version": 0}],
    ("evacuation_households", "number_positive"): [{"number": 0}],
    ("household_moves", "persons_not_negative"): [{"persons": -1}],
    ("evacuation_households", "persons_not_negative"): [{"persons": -1}],
    ("proposed_warnings", "state_known"): [{"state": "x", "decided_at": NOW}],
    ("proposed_warnings", "open_is_looked_at"): [{"next_at": None}],
    ("proposed_warnings", "decided_has_time"): [{"state": "released"}, {"state": "expired"}],
    ("stage_plans", "state_known"): [{"state": "x"}],
    ("stage_plans", "running_is_looked_at"): [{"next_at": None}],
    ("outgoing_events", "message_number_positive"): [{"message_number": 0}],
    ("webhook_deliveries", "attempts_not_negative"): [{"attempts": -1}],
    ("webhook_deliveries", "state_known"): [{"state": "x", "done_at": NOW}],
    ("webhook_deliveries", "done_has_time"): [{"state": "sent"}, {"state": "dead"}],
    ("api_tokens", "ended_how_known"): [{"ended_how": "x", "ended_at": NOW}],
    ("api_tokens", "ended_how_has_time"): [{"ended_how": "revoked"}],
    ("deliveries", "lane_known"): [{"lane": 10}, {"lane": -1}],
    ("deliveries", "attempts_not_negative"): [{"attempts": -1}],
    ("channel_addresses", "failures_not_negative"): [{"failures": -1}],
    ("channel_deliveries", "attempts_not_negative"): [{"attempts": -1}],
    ("channel_deliveries", "claimed_has_time"): [{"state": "claimed"}],
    ("channel_deliveries", "ended_has_time"): [
        {"state": state} for state in ("answered", "failed", "dropped")
    ],
    ("robot_posts", "tries_not_negative"): [{"tries": -1}],
    ("robot_posts", "ended_has_time"): [{"state": "sent"}],
    ("channel_deliveries", "test_has_line"): [{"kind": "test"}],
    ("untold_ends", "told_not_negative"): [{"told": -1}],
    ("channel_addresses", "verified_how_known"): [{"verified_how": "x"}],
    ("test_lines", "wrong_not_negative"): [{"wrong": -1}],
    ("test_lines", "how_known"): [{"how": "x", "proven_at": NOW}],
    ("test_lines", "proven_how"): [{"proven_at": NOW}, {"how": "key"}],
    ("bots", "down_reason_known"): [{"down_reason": "x", "down_since": NOW}],
    ("calls", "report_known"): [{"report": "x", "reported_at": NOW}],
    ("hotspot_tasks", "verdict_known"): [{"verdict": "x", "verdict_at": NOW}],
    ("season_asks", "answer_known"): [{"answer": "x", "answered_at": NOW}],
    ("people", "rank_from_one"): [{"rank": 0}],
    ("posts", "rank_from_one"): [{"rank": 0}],
    ("readings", "doubt_known"): [{"doubt": "x"}],
    ("station_watches", "held_has_time"): [{"held": 1}],
    ("river_stretches", "buffer_positive"): [{"buffer_m": 0.0}],
    ("places", "counts_not_negative"): [{"households": -1}, {"persons": -1}],
    ("bots", "down_has_time"): [{"down_reason": "revoked"}],
    ("shifts", "ends_after_start"): [{"ends_at": NOW}],
    ("duty_gaps", "ends_after_start"): [{"ends_at": NOW}],
    ("duty_gaps", "closed_how_known"): [{"closed_at": NOW, "closed_how": "x"}],
    ("duty_gaps", "closed_says_how"): [{"closed_at": NOW}, {"closed_how": "past"}],
    ("duty_asks", "ends_after_start"): [{"ends_at": NOW}],
    ("duty_asks", "state_known"): [{"state": "x", "due_at": None, "decided_at": NOW}],
    ("duty_asks", "open_is_due"): [{"due_at": None}],
    ("duty_asks", "decided_has_time"): [{"state": "agreed", "due_at": None}],
    ("duty_handovers", "given_has_time"): [{"given_by": WHO}],
    ("duty_handovers", "received_has_time"): [{"received_by": WHO}, {"received_at": NOW}],
    ("patrol_days", "counts_not_negative"): [{"positions": -1}, {"distance_m": -1.0}],
    ("patrol_days", "visited_are_cells"): [{"visited": 1}, {"visited": -1}],
    ("hotspot_tasks", "accepted_has_time"): [{"accepted_by": WHO}],
    ("hotspot_tasks", "verdict_has_time"): [{"verdict": "nothing_found"}],
    ("patrol_shifts", "ends_after_start"): [{"ends_at": NOW}],
    ("patrol_orders", "ends_after_start"): [{"ends_at": NOW}],
    ("roll_call_entries", "answered_has_time"): [{"state": "answered"}, {"state": "far"}],
    ("roster_answers", "answer_known"): [{"answer": "x", "answered_at": NOW}],
    ("roster_answers", "answered_has_time"): [{"answer": "yes"}],
    ("heat_sources", "radius_positive"): [{"radius_m": 0.0}],
    ("distress_calls", "taken_has_time"): [{"taken_by": WHO}],
    ("distress_calls", "cleared_has_time"): [{"cleared_by": WHO}],
    ("closed_times", "ends_after_it_starts"): [{"ends_on": date(2026, 4, 1)}],
    ("fire_danger", "level_known"): [{"level": 0}, {"level": 6}],
    ("season_asks", "answered_has_time"): [{"answer": "received"}],
} | {
    (table, "spot_on_earth"): [{"lon": 181.0}, {"lat": -91.0}]
    for table in ("heat_sources", "hotspot_tasks", "hotspots", "positions", "stations")
}


def rules_of(table: Table) -> dict[str, str]:
    return {
        str(made.name): str(made.sqltext)
        for made in table.constraints
        if isinstance(made, CheckConstraint)
    }


RULES = [(table.name, rule) for table in metadata.sorted_tables for rule in sorted(rules_of(table))]


def put(connection: Connection, name: str, **changes: Any) -> None:
    for needed in NEEDS.get(name, []):
        table = metadata.tables[needed]
        if connection.execute(select(table.c.id).where(table.c.id == 900)).first() is None:
            connection.execute(
                insert(table).values({**GOOD[needed], "id": 900, **APART.get(needed, {})})
            )
    connection.execute(insert(metadata.tables[name]).values({**GOOD[name], **changes}))


def test_a_row_that_breaks_a_rule_is_refused_and_the_rule_named(database: Database) -> None:
    for table, rule in RULES:
        broken = BREAKS.get((table, rule)) or [{rule.removesuffix("_known"): "x"}]
        for changes in broken:
            with pytest.raises(RuleBroken) as refused:
                database.do(lambda c, t=table, changes=changes: put(c, t, **changes))  # type: ignore[misc]
            assert refused.value.facts["rule"].endswith(rule), (table, rule)
            assert rule in problem(refused.value, "zh")
    for table in GOOD:
        database.do(lambda c, t=table: put(c, t))  # type: ignore[misc]


ENUMS: dict[tuple[str, str], type[Enum]] = {
    ("alerts", "status"): Status,
    ("alerts", "level"): Level,
    ("alerts", "hazard"): Hazard,
    ("alerts", "state"): State,
    ("calls", "state"): CallState,
    ("calls", "reach"): Reach,
    ("calls", "answered_via"): Via,
    ("calls", "report"): Report,
    ("deliveries", "kind"): MessageKind,
    ("deliveries", "state"): DeliveryState,
    ("divisions", "level"): Tier,
    ("people", "role"): Role,
    ("people", "contact"): Contact,
    ("posts", "role"): Role,
    ("places", "kind"): PlaceKind,
    ("equipment", "kind"): EquipmentKind,
    ("groups", "purpose"): Purpose,
    ("groups", "contact"): Contact,
    ("bots", "down_reason"): Down,
    ("hotspot_tasks", "state"): TaskState,
    ("hotspot_tasks", "verdict"): Verdict,
    ("hotspots", "confidence"): Confidence,
    ("hotspot_asks", "answer"): AskState,
    ("zones", "kind"): ZoneKind,
    ("roll_calls", "whom"): Whom,
    ("roll_call_entries", "state"): Standing,
    ("roster_answers", "answer"): StillThere,
    ("season_asks", "kind"): AskKind,
    ("season_asks", "answer"): AskAnswer,
    ("season_rounds", "kind"): AskKind,
    ("season_rounds", "step"): RedDayStep,
    ("withdrawn_answers", "kind"): Withdrawal,
    ("cut_off_villages", "ended_how"): CutOffEnd,
    ("daily_remarks", "mark"): Mark,
    ("expiry_questions", "answer"): ExpiryAnswer,
    ("evacuation_households", "frail"): Frail,
    ("household_moves", "state"): MoveState,
    ("household_moves", "via"): TickedBy,
    ("errands", "state"): ErrandState,
    ("cap_messages", "type"): CapType,
    ("readings", "quantity"): Quantity,
    ("readings", "doubt"): Doubt,
    ("station_watches", "quantity"): Quantity,
    ("proposed_warnings", "kind"): ProposalKind,
    ("proposed_warnings", "state"): ProposalState,
    ("stage_plans", "state"): PlanState,
    ("tasks", "in_list"): TaskList,
    ("tasks", "state"): ListedState,
    ("tasks", "next_step"): Step,
    ("tasks", "cause_kind"): CauseKind,
    ("task_events", "kind"): TaskEventKind,
    ("channel_addresses", "channel"): Channel,
    ("channel_addresses", "cause"): Cause,
    ("channel_addresses", "verified_how"): HowProven,
    ("test_lines", "channel"): Channel,
    ("test_lines", "how"): HowProven,
    ("channel_deliveries", "channel"): Channel,
    ("channel_deliveries", "cause"): Cause,
    ("channel_deliveries", "kind"): Kind,
    ("channel_deliveries", "state"): Progress,
    ("channel_troubles", "channel"): Channel,
    ("channel_troubles", "trouble"): Trouble,
    ("outgoing_events", "kind"): Happened,
    ("webhook_deliveries", "state"): Outcome,
    ("api_tokens", "ended_how"): Ended,
    ("robot_posts", "kind"): PostKind,
    ("robot_posts", "state"): PostState,
    ("duty_asks", "kind"): DutyAskKind,
    ("duty_asks", "state"): DutyAskState,
    ("duty_handovers", "step"): HandOverStep,
}


def test_the_words_the_database_knows_are_those_of_the_code() -> None:
    """A new member of an enumeration needs a migration: ``data.migrations.rules.add_rules``."""
    for (table, column), words in ENUMS.items():
        known = re.findall(r"'(\w+)'", rules_of(metadata.tables[table])[f"{column}_known"])
        stored = {word.value for word in words if word is not RedDayStep.RECALLED}  # never kept
        assert set(known) == stored, (table, column)
    assert all(0 <= lane <= 9 for lane in Lane)
    assert [int(level) for level in DangerLevel] == [1, 2, 3, 4, 5]


def test_the_migrations_make_the_rules_of_the_tables(database: Database) -> None:
    """Alembic does not compare them."""

    def made(connection: Connection) -> dict[str, set[str]]:
        if database.is_sqlite:
            query = text("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
            found = {row.name: row.sql for row in connection.execute(query)}
            return {
                name: set(re.findall(r"CONSTRAINT (\w+) CHECK", sql)) for name, sql in found.items()
            }
        query = text(
            "SELECT conrelid::regclass::text AS name, conname FROM pg_constraint "
            "WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        )
        sets: dict[str, set[str]] = {}
        for row in connection.execute(query):
            sets.setdefault(row.name, set()).add(row.conname)
        return sets

    found = database.read(made)
    for table in metadata.sorted_tables:
        assert found.get(table.name, set()) == set(rules_of(table)), table.name


def tables_with_lists(connection: Connection) -> list[str]:
    """Tables of SQLite with a rule that makes a table of the words for every row it looks at."""
    query = text("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '% IN (%'")
    return list(connection.execute(query).scalars())


def test_on_sqlite_no_rule_has_a_list(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/rules.db")
    bring_to(database, "0022")
    # As the rules were written at first.
    listed = "state IN ('queued', 'claimed', 'sent', 'failed', 'dropped')"
    known = " OR ".join(f"state = {word}" for word in re.findall(r"'\w+'", listed))
    change = text(
        "UPDATE sqlite_schema SET sql = replace(sql, :known, :listed) WHERE sql LIKE :all"
    )

    def unit(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA writable_schema=ON")
        everything = f"%deliveries%({known})%"
        values = {"known": f"({known})", "listed": listed, "all": everything}
        assert connection.execute(change, values).rowcount == 1
        connection.exec_driver_sql("PRAGMA schema_version=999999")
        connection.exec_driver_sql("PRAGMA writable_schema=OFF")

    database.do(unit)
    assert database.do(tables_with_lists) == ["deliveries"]
    schema.upgrade(database)
    assert database.do(tables_with_lists) == []
    with pytest.raises(RuleBroken):
        database.do(lambda c: put(c, "deliveries", state="x"))
    database.close()


def test_one_person_has_one_open_call_for_help(database: Database) -> None:
    database.do(lambda c: put(c, "distress_calls"))
    with pytest.raises(RuleBroken):
        database.do(lambda c: put(c, "distress_calls"))
    cleared = update(metadata.tables["distress_calls"]).values(cleared_at=NOW)
    database.do(lambda c: c.execute(cleared))
    database.do(lambda c: put(c, "distress_calls"))
    database.do(lambda c: put(c, "distress_calls", person_id=ANOTHER))


def test_one_division_has_one_open_roll_call(database: Database) -> None:
    database.do(lambda c: put(c, "roll_calls"))
    with pytest.raises(RuleBroken):
        database.do(lambda c: put(c, "roll_calls", whom="rangers"))
    database.do(lambda c: put(c, "roll_calls", division_code=CITY))
    database.do(lambda c: c.execute(update(metadata.tables["roll_calls"]).values(closed_at=NOW)))
    database.do(lambda c: put(c, "roll_calls", whom="rangers"))


def test_a_second_roll_call_of_a_place_is_refused_in_words(database: Database) -> None:
    def start(connection: Connection, whom: Whom) -> bool:
        by = people_store.person(connection, WHO)
        assert by is not None
        return roll_calls.start(connection, by, COUNTY, whom, 20, NOW, chat_id=5).new

    assert database.do(lambda c: start(c, Whom.EVERYONE))
    assert not database.do(lambda c: start(c, Whom.EVERYONE))
    with pytest.raises(Conflict) as refused:
        database.do(lambda c: start(c, Whom.VILLAGE))
    assert refused.value.code is RollCallProblem.RUNNING
    assert "结束那一次" in problem(refused.value, "zh")


def test_one_division_has_one_live_bot(database: Database) -> None:
    with pytest.raises(RuleBroken):
        database.do(lambda c: put(c, "bots", division_code=PROVINCE))
    database.do(lambda c: put(c, "bots", division_code=PROVINCE, retired=True))


def test_bots_change_places_and_are_replaced(database: Database) -> None:
    def configure(*pairs: tuple[int, str]) -> dict[int, str]:
        bots = [Bot(bot_id, code) for bot_id, code in pairs]
        database.do(lambda c: bot_store.configure(c, bots, NOW))
        return database.read(lambda c: {bot.id: bot.division_code for bot in bot_store.bots(c)})

    assert configure((BOT_ID, PROVINCE), (2, CITY)) == {BOT_ID: PROVINCE, 2: CITY}
    assert configure((BOT_ID, CITY), (2, PROVINCE)) == {BOT_ID: CITY, 2: PROVINCE}
    assert configure((3, CITY), (2, PROVINCE)) == {3: CITY, 2: PROVINCE}
    assert database.read(audit.verify).broken is None


TRAIL = metadata.tables["audit"]


@pytest.fixture
def trail(database: Database) -> Database:
    database.do(lambda c: audit.append(c, NOW, [Entry("done", f"thing:{n}") for n in range(5)]))
    return database


def last(connection: Connection) -> dict[str, Any]:
    row = connection.execute(select(TRAIL).order_by(TRAIL.c.seq.desc()).limit(1)).one()
    return dict(row._mapping)


@pytest.mark.parametrize(
    "change",
    [
        update(TRAIL).values(detail="{}"),
        update(TRAIL).where(TRAIL.c.seq == 2).values(actor=7),
        delete(TRAIL),
        delete(TRAIL).where(TRAIL.c.seq == 2),
    ],
    ids=["all changed", "one changed", "all deleted", "one deleted"],
)
def test_no_entry_of_the_trail_is_changed_or_deleted(trail: Database, change: Any) -> None:
    before = trail.read(audit.verify)
    with pytest.raises(RuleBroken) as refused:
        trail.do(lambda c: c.execute(change))
    assert "系统出错" in problem(refused.value, "zh")
    assert trail.read(audit.verify) == before


@pytest.mark.parametrize("steps", [[2], [0], [-2], [1, 3], [1, 1]])
def test_no_entry_leaves_a_gap(trail: Database, steps: list[int]) -> None:
    def unit(connection: Connection) -> None:
        row = last(connection)
        rows = [{**row, "seq": row["seq"] + step} for step in steps]
        connection.execute(insert(TRAIL), rows)

    before = trail.read(audit.length)
    with pytest.raises(RuleBroken):
        trail.do(unit)
    assert trail.read(audit.length) == before
    trail.do(lambda c: audit.append(c, NOW, [Entry("done", "more")] * 3))
    assert trail.read(audit.verify).broken is None


def test_the_first_entry_is_the_first(upgraded_url: str) -> None:
    database = Database(upgraded_url)
    row = {**dict.fromkeys(TRAIL.columns.keys(), ""), "at": NOW, "actor": None}
    with pytest.raises(RuleBroken):
        database.do(lambda c: c.execute(insert(TRAIL).values({**row, "seq": 2})))
    database.close()


def test_only_what_a_mark_stands_for_is_deleted(trail: Database) -> None:
    def unit(connection: Connection) -> None:
        trail_marks.put(connection, trail_marks.Mark(2, "0" * 64, 202607, NOW))
        connection.execute(delete(TRAIL).where(TRAIL.c.seq <= 2))

    trail.do(unit)
    with pytest.raises(RuleBroken):
        trail.do(lambda c: c.execute(delete(TRAIL).where(TRAIL.c.seq == 3)))
    trail.do(lambda c: audit.append(c, NOW, [Entry("done", "more")]))


@pytest.fixture
def older(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url)
    bring_to(database, BEFORE)
    person = {**GOOD["people"], "id": WHO}
    database.do(lambda c: c.execute(insert(metadata.tables["people"]).values(person)))
    yield database
    database.close()


OLD_ROWS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "alerts id=7: two_persons": [("alerts", {"id": 7, "confirmed_by": WHO})],
    "alerts id=8: level_known": [("alerts", {"id": 8, "level": "purple"})],
    "distress_calls id=2: distress_calls_open": [
        ("distress_calls", {"id": 1}),
        ("distress_calls", {"id": 2}),
    ],
    "fire_danger division_code=220000000000 day=": [
        ("fire_danger", {"division_code": "220000000000", "level": 9})
    ],
}


def test_an_old_row_that_breaks_a_rule_stops_the_upgrade_and_is_named(
    older: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIAOYING_DATABASE__URL", older.url)
    for said, rows in OLD_ROWS.items():
        for table, changes in rows:
            older.do(lambda c, table=table, changes=changes: put(c, table, **changes))  # type: ignore[misc]
        with pytest.raises(RowsAgainstRules) as refused:
            schema.upgrade(older)
        assert said in problem(refused.value, "zh")
        assert older.read(schema.revision) == BEFORE
        assert main(["db", "upgrade"], io.StringIO()) == 1
        told = capsys.readouterr().err
        assert said in told and "Traceback" not in told
        for table, changes in rows:
            where = [metadata.tables[table].c[name] == value for name, value in changes.items()]
            older.do(lambda c, t=table, w=where: c.execute(delete(metadata.tables[t]).where(*w)))  # type: ignore[misc]
    schema.upgrade(older)
    assert older.read(schema.state) is schema.SchemaState.CURRENT


@pytest.mark.parametrize(
    ("listed", "spelled_out"),
    [
        ("state IN ('a', 'b_c')", "(state = 'a' OR state = 'b_c')"),
        ("state NOT IN ('a', 'b') OR x > 0", "(state <> 'a' AND state <> 'b') OR x > 0"),
        ("lane BETWEEN 0 AND 9", "lane BETWEEN 0 AND 9"),
        (
            "k IN ('a', 'b', 'cc', 'd', 'e', 'f', 'g', 'h', 'i')",
            "CASE length(k) WHEN 1 THEN (k = 'a' OR k = 'b' OR k = 'd' OR k = 'e' OR k = 'f'"
            " OR k = 'g' OR k = 'h' OR k = 'i') WHEN 2 THEN (k = 'cc') ELSE k IS NULL END",
        ),
        (
            "k NOT IN ('a', 'b', 'cc', 'd', 'e', 'f', 'g', 'h', 'i')",
            "CASE length(k) WHEN 1 THEN (k <> 'a' AND k <> 'b' AND k <> 'd' AND k <> 'e'"
            " AND k <> 'f' AND k <> 'g' AND k <> 'h' AND k <> 'i') WHEN 2 THEN (k <> 'cc')"
            " ELSE 1 END",
        ),
    ],
)
def test_lists_are_spelled_out(listed: str, spelled_out: str) -> None:
    assert without_lists(listed) == spelled_out
