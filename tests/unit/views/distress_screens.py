"""The texts about calls for help, reports from the spot, red danger days, for golden files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from alerts.patrol.distress.model import DistressCall, Press
from alerts.patrol.field_reports.model import FieldReport
from alerts.patrol.field_reports.reporting import Reported
from alerts.patrol.positions.model import Doubt, Fix, Position
from alerts.patrol.red_days.model import AskKind
from alerts.patrol.red_days.store import Ask
from alerts.season.model import Danger, DangerLevel
from bot.views.patrol import distress, field_reports, red_days
from bot.views.screen import Screen
from contacts.groups import Group, Purpose
from tests.unit.views import samples as s

View = Callable[[str], Screen]

TEN = datetime(2026, 10, 1, 2, tzinfo=UTC)  # 10:00 in Beijing
NOW = TEN + timedelta(minutes=4)
FIX = Fix(128.232, 43.372, TEN - timedelta(minutes=3), TEN - timedelta(minutes=3), 8.0)
POSITION = Position(1, 6, FIX, "222403000000", frozenset())
DOUBTED = replace(POSITION, doubts=frozenset({Doubt.INACCURATE}))
PENDING = DistressCall(7, 6, TEN)
OLD = replace(POSITION, fix=replace(FIX, taken_at=TEN - timedelta(hours=26)))
RINGING = replace(PENDING, sent_at=TEN, rung_at=TEN, rounds=1, told=(2, 4))
REPEATED = replace(RINGING, rounds=3, note="腿断了 <在沟底>")
TAKEN = replace(REPEATED, taken_by=4, taken_at=NOW)
OVER = replace(TAKEN, cleared_by=4, cleared_at=NOW)
UNDONE = replace(RINGING, cleared_by=6, cleared_at=NOW)
WHERE = "延边州 敦化市 大石头镇"
GROUP = Group(-1002, "敦化防火", "222403000000", Purpose.FIRE)
REPORT = FieldReport(
    9, 6, TEN, "photo", "file", "山脊有烟 <大>", None, 1, "222403101000", alert_id=1
)
ORDERS = Ask(
    3, 6, date(2026, 10, 1), AskKind.ORDERS.value, "222403101000", TEN, None, None, 106, "zh"
)
ZERO = replace(ORDERS, id=4, kind=AskKind.ZERO_REPORT.value)


def spot() -> Iterator[tuple[str, View]]:
    """Whoever calls, whoever is called; the command group; the red day."""
    yield "distress_asked", lambda language: distress.asked(PENDING, 10, language)
    for name, place in (("", None), ("_known", POSITION), ("_old", OLD)):
        yield (
            f"distress_ask_position{name}",
            lambda language, place=place: distress.ask_position(place, "ranger", language, NOW),
        )
    told = [s.OFFICER, s.DEPUTY]
    for press in Press:
        yield (
            f"distress_{press.value}",
            lambda language, press=press: distress.sent(RINGING, told, language, press=press),
        )
    yield (
        "distress_sent_nobody",
        lambda language: distress.sent(RINGING, [], language, press=Press.AGAIN),
    )
    for name, call in (("sent", RINGING), ("over", OVER), ("undone", UNDONE)):
        yield (
            f"distress_prompt_{name}",
            lambda language, call=call: distress.prompt_over(call, language),
        )
    yield "distress_undone_own", lambda language: distress.undone(told, language)
    yield "distress_undone_nobody", lambda language: distress.undone([], language)
    yield (
        "distress_clear_asked",
        lambda language: distress.clear_asked(TAKEN, s.RANGER, language),
    )
    yield "distress_goes_on", lambda language: distress.goes_on(s.RANGER, language)
    yield "distress_stranger", distress.stranger
    yield "distress_kept", distress.kept
    yield "distress_passed_on", lambda language: distress.passed_on(3, language)
    yield (
        "distress",
        lambda language: distress.call_for_help(
            RINGING,
            s.RANGER,
            WHERE,
            POSITION,
            language,
            NOW,
            spot_place="延边州 敦化市",
            away=1130.0,
        ),
    )
    yield (
        "distress_repeated",
        lambda language: distress.call_for_help(REPEATED, s.RANGER, WHERE, None, language, NOW),
    )
    yield (
        "distress_news",
        lambda language: distress.call_for_help(
            TAKEN,
            s.RANGER,
            WHERE,
            DOUBTED,
            language,
            NOW,
            taken_by=s.DEPUTY.name,
            may_clear=True,
        ),
    )
    for name, call in (("taken", TAKEN), ("over", OVER), ("undone", UNDONE)):
        yield (
            f"distress_{name}",
            lambda language, call=call: distress.state(
                call, s.RANGER, s.DEPUTY.name, language, may_clear=True
            ),
        )
    yield (
        "distress_taken_own",
        lambda language: distress.state(
            TAKEN, s.RANGER, s.DEPUTY.name, language, numbers=s.DEPUTY.numbers
        ),
    )
    grouped, for_officers = Reported(REPORT, (GROUP,)), Reported(REPORT, (), (s.OFFICER,))
    yield "field_report_recorded", lambda language: field_reports.recorded(grouped, language)
    yield (
        "field_report_recorded_officer",
        lambda language: field_reports.recorded(for_officers, language),
    )
    yield (
        "field_report_recorded_nobody",
        lambda language: field_reports.recorded(Reported(REPORT), language),
    )
    yield (
        "field_report",
        lambda language: field_reports.report(
            REPORT, s.RANGER, WHERE, POSITION, language, about="敦化市森林火险红色预警"
        ),
    )
    yield (
        "field_report_elsewhere",
        lambda language: field_reports.report(
            REPORT, s.RANGER, WHERE, None, language, show_phone=False, elsewhere=True
        ),
    )
    album = field_reports.FeedEntry(REPORT, s.RANGER, "大石头镇", 3)
    voice = field_reports.FeedEntry(
        replace(REPORT, id=8, kind="voice", caption=None), s.RANGER, "大石头镇"
    )
    yield "feed", lambda language: field_reports.feed([album, voice], 20, 1, "敦化市", language)
    yield "feed_empty", lambda language: field_reports.feed([], 0, 0, "敦化市", language)
    yield "red_day_orders", lambda language: red_days.asked(ORDERS, "大石头镇", language)
    yield "red_day_zero", lambda language: red_days.asked(ZERO, "大石头镇", language, again=True)
    yellow = Danger("222403100000", ORDERS.day, DangerLevel.YELLOW, "222403000000")
    yield (
        "red_day_recalled",
        lambda language: red_days.recalled(ORDERS, "大石头镇", yellow, language),
    )
    for answer in ("received", "no_fire", "fire"):
        given = replace(ORDERS, answer=answer, answered_at=NOW)
        yield (
            f"red_day_{answer}",
            lambda language, given=given: red_days.answered(given, [s.OFFICER], language),
        )
    yield "red_day_fire_told", lambda language: red_days.fire(s.RANGER, WHERE, language)
    rows = [(s.RANGER, "大石头镇"), (s.DEPUTY, "红石村")]
    for kind in AskKind:
        yield (
            f"red_day_silent_{kind.value}",
            lambda language, kind=kind: red_days.silent(kind, rows, 45, language),
        )
