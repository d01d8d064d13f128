"""The facts behind every golden file: a red rainstorm warning for 敦化市 at 03:00."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.calls import Call, CallState, Reach, Report, Via
from alerts.channels.model import Tried
from alerts.completeness import Standing
from alerts.model import WARNED_OF, Alert, Draft, Family, Hazard, Level, State, Status
from alerts.preview import Preview
from alerts.progress import Progress
from alerts.release import Released
from alerts.report import Speed, Summary
from alerts.reports import HelpCounts, HelpRequest
from alerts.silence import Ringing, SilentPlace
from alerts.templates import texts
from bot.views.warnings.progress import PlaceProgress
from bot.views.warnings.silent_list import ListFigures, NamedPlace, SilentCall
from contacts.channels import Cause, Channel
from contacts.coverage import (
    Channels,
    CountyCoverage,
    Coverage,
    Doubt,
    Gap,
    GapReason,
    HazardCoverage,
    HeldPost,
    Holder,
    Proof,
    Proven,
)
from contacts.coverage_store import Readiness
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Candidate, Division, Gazetteer
from contacts.groups import Group, Purpose
from contacts.people import Contact, Person, Role
from contacts.places import Place, PlaceKind

START = datetime(2026, 7, 2, 19, 0, tzinfo=UTC)  # 03:00 in Beijing
NOW = START + timedelta(minutes=12)
PLACE = "敦化市"
COUNTY = "222403000000"

ALERT = Alert(
    id=7,
    identifier="22240341600100_20260703030000_0",
    status=Status.ACTUAL,
    level=Level.RED,
    hazard=Hazard.RAINSTORM,
    headline="敦化市暴雨红色预警",
    description=texts(Hazard.RAINSTORM, Level.RED)[0],
    areas=("222403000000",),
    lead_minutes=120,
    state=State.RELEASED,
    sender_id=1,
    created_at=START,
    expires_at=START + timedelta(hours=24),
    released_at=START,
)
EXERCISE = replace(ALERT, status=Status.EXERCISE)
CANCELLED = replace(
    ALERT, state=State.CANCELLED, cancelled_by=1, cancelled_at=START + timedelta(minutes=40)
)
LIFTED = replace(ALERT, state=State.LIFTED, lifted_by=1, lifted_at=START + timedelta(minutes=40))
CLOSED = replace(
    ALERT,
    state=State.CLOSED,
    closed_by=1,
    closed_at=START + timedelta(minutes=50),
    close_reason="已全部电话核实",
)
PENDING = replace(ALERT, state=State.PENDING, released_at=None)
REFUSED = replace(PENDING, state=State.REFUSED, cancelled_by=2, cancelled_at=NOW)
EXPIRED = replace(ALERT, state=State.EXPIRED)

SENDER = Person(1, "王立国", "+8613900000001", "222403000000", Role.COMMANDER, 1, telegram_id=101)
OFFICER = Person(
    2, "李值班", "+8613900000002", "222403000000", Role.DUTY_OFFICER, 1, telegram_id=102
)
VILLAGER = Person(
    3, "张三", "+8613900000003", "222403101201", Role.VILLAGE_RESPONSIBLE, 1, telegram_id=103
)
DEPUTY = Person(4, "赵四", "+8613900000004", "222403101201", Role.VILLAGE_RESPONSIBLE, 2)
BLOCKED = Person(
    5,
    "孙五",
    "+8613900000005",
    "222403101202",
    Role.VILLAGE_RESPONSIBLE,
    1,
    telegram_id=105,
    contact=Contact.BLOCKED,
)
RANGER = Person(6, "周六", "+8613900000006", "222403101000", Role.RANGER, 1, telegram_id=106)
FROM = "敦化市 指挥长 王立国"

CALL = Call(
    id=31,
    alert_id=7,
    person_id=3,
    division_code="222403101201",
    role=Role.VILLAGE_RESPONSIBLE.value,
    state=CallState.WAITING,
    reach=Reach.DELIVERED,
    called_at=START,
    delivered_at=START + timedelta(seconds=2),
)
ACKNOWLEDGED = CALL._replace(
    state=CallState.ACKNOWLEDGED,
    answered_at=START + timedelta(minutes=5),
    answered_via=Via.BUTTON,
)
PROXIED = CALL._replace(
    state=CallState.PROXIED,
    answered_at=START + timedelta(minutes=9),
    answered_via=Via.PROXY,
    proxy_by=2,
    proxy_how="phone",
)
MOVED = ACKNOWLEDGED._replace(
    state=CallState.REPORTED,
    reported_at=START + timedelta(minutes=40),
    report=Report.MOVED,
    households=12,
    persons=35,
)
HELP = ACKNOWLEDGED._replace(
    state=CallState.REPORTED,
    reported_at=START + timedelta(minutes=11),
    report=Report.HELP,
    report_text="桥断了，3 名卧床老人出不来",
)
REQUEST = HelpRequest(
    id=9,
    alert_id=7,
    call_id=31,
    person_id=3,
    division_code="222403101201",
    report=Report.HELP,
    text="桥断了，3 名卧床老人出不来",
    asked_at=START + timedelta(minutes=11),
)
TAKEN = replace(REQUEST, taken_by=2, taken_at=START + timedelta(minutes=12))
DISCHARGED = CALL._replace(
    state=CallState.DISCHARGED, discharged_by=2, discharge_reason="人在外地，已由副主任负责"
)
ENDED = CALL._replace(state=CallState.CANCELLED)

SILENT = (
    SilentCall(CALL, VILLAGER, "大石头镇 红石村", stand_in="赵四"),
    SilentCall(
        CALL._replace(id=32, person_id=4, reach=Reach.UNREACHABLE), DEPUTY, "大石头镇 红石村"
    ),
    SilentCall(
        CALL._replace(id=33, person_id=5, reach=Reach.UNREACHABLE), BLOCKED, "大石头镇 太平村"
    ),
    SilentCall(
        CALL._replace(id=34, person_id=6, role="ranger", reach=Reach.QUEUED), RANGER, "大石头镇"
    ),
)

RUNG = (
    replace(SILENT[0], ringing=Ringing(31, 2, "李值班", NOW - timedelta(minutes=1)), mine=True),
    replace(SILENT[1], ringing=Ringing(32, 8, "吴值班", NOW - timedelta(minutes=3))),
    SILENT[2],
)
COUNTY_FIGURES = ListFigures(300, 120, 298, Tier.TOWNSHIP, "222400000000")
SILENT_PLACES = (
    NamedPlace(SilentPlace("222403000000", 2, 0), "敦化市"),
    NamedPlace(SilentPlace("222403101000", 12, 3), "大石头镇"),
    NamedPlace(SilentPlace("222403102000", 9, 0), "黄泥河镇"),
)

CALLED_IN_VAIN = (
    replace(
        SILENT[1],
        tried=(
            Tried(Channel.VOICE, 3, Cause.NO_SUCH_NUMBER),
            Tried(Channel.SMS, 1, arrived=True),
        ),
        failing={SILENT[1].person.phone: Cause.NO_SUCH_NUMBER},
    ),
    replace(
        SILENT[2],
        tried=(
            Tried(Channel.VOICE, 2, heard=True, arrived=True),
            Tried(Channel.SMS, 0),
        ),
        failing={SILENT[2].person.phone: Cause.NO_ANSWER},
    ),
)

PROGRESS = Progress(
    calls=120,
    acknowledged=90,
    proxied=6,
    reported=40,
    discharged=2,
    waiting=22,
    unreachable=5,
    queued=3,
    households=210,
    persons=655,
)
DONE = Progress(calls=120, acknowledged=112, proxied=6, reported=100, discharged=2)
PLACES = (
    PlaceProgress(
        "222403101000",
        "大石头镇",
        Progress(calls=20, acknowledged=8, waiting=12),
        Standing("222403101000", 12, 1, 14, 6, 1),
    ),
    PlaceProgress(
        "222403102000",
        "黄泥河镇",
        Progress(calls=18, acknowledged=18),
        Standing("222403102000", below=11),
    ),
    PlaceProgress(
        "222403103000",
        "官地镇",
        Progress(calls=15, acknowledged=5, waiting=10),
        Standing("222403103000", 10, 0, 9, 4, 0, 1),
    ),
)
SUMMARY = Summary(
    standings={"222403101000": Standing("222403101000", 0, 0, 12, 1, 1)},
    doubted=2,
    taken_back=1,
    alert=CLOSED,
    progress=DONE,
    speed=Speed(118, 95.0, 1860.0),
    by_tier={Tier.COUNTY: Speed(4, 40.0, 120.0), Tier.VILLAGE: Speed(114, 96.5, 1860.0)},
    by_division={
        "222403101000": (
            Progress(calls=20, acknowledged=18, discharged=2),
            Speed(18, 130.0, 1860.0),
        ),
        "222403102000": (Progress(calls=18, acknowledged=18), Speed(18, 61.0, 200.0)),
    },
    not_reported=12,
    reports={Report.DONE: 60, Report.MOVED: 38, Report.HELP: 2},
    uncalled=382,
    help=HelpCounts(3, 2, 1, 1),
)
NAMES = {"222403101000": "大石头镇", "222403102000": "黄泥河镇"}

DRAFT = Draft(
    level=Level.RED,
    hazard=Hazard.RAINSTORM,
    areas=("222403000000",),
    text=texts(Hazard.RAINSTORM, Level.RED)[1],
    lead_minutes=120,
    headline="敦化市暴雨红色预警",
)
COUNTS = Preview(persons=342, reachable=310, groups=18, second_person=False, uncalled=7)
RELEASED = Released(7, State.RELEASED, calls=342, groups=18)
GAZETTEER = Gazetteer(
    [
        Division("220000000000", "吉林省", Tier.PROVINCE),
        Division("222400000000", "延边朝鲜族自治州", Tier.CITY),
        Division("222403000000", "敦化市", Tier.COUNTY),
        Division("222403101000", "大石头镇", Tier.TOWNSHIP),
        Division("222403101201", "红石村", Tier.VILLAGE),
        Division("222403101202", "太平村", Tier.VILLAGE),
    ]
)
_HELD = [
    HeldPost(
        "222403101201",
        Role.VILLAGE_RESPONSIBLE,
        1,
        "",
        "",
        Holder(
            11,
            "王<强>",
            True,
            Contact.OK,
            START - timedelta(days=73),
            Doubt.LEFT_OUT,
            Proven(START - timedelta(days=40), Proof.DRILL),
        ),
    ),
    HeldPost("222403101202", Role.RANGER, 1, "", "", Holder(12, "张林", False, Contact.OK)),
]
_FLOOD = HazardCoverage(
    "flood",
    tuple(hazard.value for hazard in WARNED_OF if hazard.family is Family.FLOOD),
    True,
    villages=300,
    covered=298,
    by_stand_in=3,
    places=2,
    places_covered=1,
    by_county={"222403000000": 298},
    channels=Channels(420, 380, 30, 10, 25),
)
COVERAGE = Coverage(
    villages=300,
    covered=297,
    gaps=(
        Gap("222403101201", "红石村", GapReason.DOUBTED),
        Gap("222403101202", "太平村", GapReason.NOT_CALLED, hazards=_FLOOD.hazards),
        Gap(
            "222403101202",
            "太平村",
            GapReason.UNREACHABLE,
            frozenset({Contact.BLOCKED}),
            ("forest_fire",),
        ),
    ),
    counties=(CountyCoverage("222403000000", 300, 297),),
    counties_unused=59,
    by_hazard=(
        _FLOOD,
        HazardCoverage(
            "fire",
            ("forest_fire",),
            False,
            villages=300,
            covered=299,
            by_stand_in=0,
            places=0,
            places_covered=0,
            by_county={"222403000000": 299},
            channels=Channels(310, 300, 10, 0, 0),
        ),
    ),
    places=2,
    places_covered=1,
    place_gaps=(Gap("R1", "红石水库", GapReason.NOBODY, division_code="222403101201"),),
)
READINESS = Readiness(
    divisions=400,
    persons=700,
    linked=680,
    unreachable=12,
    groups=1,
    groups_removed=(),
    without_duty_officer=(),
    coverage=COVERAGE,
    posts=tuple(_HELD),
)
REFUSING_GROUP = Group(-100500, "敦化防汛", "222403000000", Purpose.FLOOD, Contact.REFUSED)
CANDIDATES = (
    Candidate(Division("222403101201", "太平村", Tier.VILLAGE), "延边州 敦化市 大石头镇 太平村"),
    Candidate(Division("220183102202", "太平村", Tier.VILLAGE), "长春市 德惠市 米沙子镇 太平村"),
)

CALLED_PLACES = (
    Place("R1", PlaceKind.RESERVOIR, "红旗<b>水库", "222403100201"),
    Place("R2", PlaceKind.RESERVOIR, "胜利水库", "222403100202"),
    Place("S1", PlaceKind.SCHOOL, "红旗小学", "222403100201"),
)
