"""The texts about zones, expected check-ins and the danger of a day, for the golden files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from alerts.patrol.positions.model import Doubt, Fix, Position
from alerts.patrol.red_days.model import AskKind
from alerts.patrol.red_days.orders import RedDayPreview
from alerts.patrol.shifts.missed import CheckedIn
from alerts.patrol.shifts.model import Rung, Seen, Timing, Watch
from alerts.patrol.zones.model import Whereabouts, Zone, ZoneKind
from alerts.season.closed import ClosedTime
from alerts.season.model import Danger, DangerLevel, DangerScale
from bot.actions.red_days import SetDanger
from bot.views.patrol import closed_time, fire_danger, positions
from bot.views.patrol import shifts as patrol_shifts
from bot.views.screen import Screen
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Candidate, Division
from tests.unit.views import samples as s

View = Callable[[str], Screen]

TEN = datetime(2026, 10, 1, 2, tzinfo=UTC)  # 10:00 in Beijing
NOW = TEN + timedelta(minutes=31)
_NIGHT = datetime(2026, 10, 1, 12, 34, tzinfo=UTC)  # 20:34 in Beijing
_MORNING = datetime(2026, 10, 1, 23, tzinfo=UTC)
ZONE = Zone(1, "东沟<1>号", "222403101000", ZoneKind.AREA, ())
FIX = Fix(128.232, 43.372, TEN - timedelta(hours=2), TEN - timedelta(hours=2), 8.0)
POSITION = Position(1, 6, FIX, "222403000000", frozenset())
DOUBTED = replace(POSITION, doubts=frozenset({Doubt.INACCURATE}))
SILENT = Watch(6, "", TEN + timedelta(hours=2), TEN, 1, TEN, 3, int(Rung.STATION))
LONG = replace(SILENT, missed_at=TEN - timedelta(hours=18), missed=3)
CHECKED = CheckedIn(
    Seen(Watch(6), Timing.LATE, timedelta(minutes=95), True), TEN + timedelta(hours=2)
)
ON_TIME = CheckedIn(Seen(Watch(6), Timing.ON_TIME), TEN + timedelta(hours=2))
OUTSIDE = Whereabouts(ZONE, 2351.0)
ROWS = (
    patrol_shifts.SilentPatroller(s.RANGER, LONG, "大石头镇", POSITION),
    patrol_shifts.SilentPatroller(s.DEPUTY, SILENT, "红石村", None, show_phone=False),
)
PLACES = (
    Candidate(Division("222403101201", "太平村", Tier.VILLAGE), "敦化市 大石头镇 太平村"),
    Candidate(Division("222403102201", "太平村", Tier.VILLAGE), "敦化市 官地镇 太平村"),
)


def shifts() -> Iterator[tuple[str, View]]:
    """Patrollers, their station and county; the commander who sets the danger."""

    def recorded(
        position: Position, whereabouts: Whereabouts | None, checked: CheckedIn | None
    ) -> View:
        def view(language: str) -> Screen:
            more = patrol_shifts.check_in_lines(whereabouts, checked, language)
            return positions.position_recorded(position, "敦化市", language, more=more)

        return view

    yield "check_in_inside", recorded(POSITION, Whereabouts(ZONE), ON_TIME)
    yield "check_in_outside_late", recorded(POSITION, OUTSIDE, CHECKED)
    near = replace(OUTSIDE, outside_m=0.4)
    yield "check_in_just_outside", recorded(POSITION, near, None)
    yield "check_in_doubted", recorded(DOUBTED, None, ON_TIME)
    yield (
        "check_in_missed",
        lambda language: patrol_shifts.check_in_missed(s.RANGER, SILENT, language),
    )
    yield (
        "check_in_missed_again",
        lambda language: patrol_shifts.check_in_missed(s.RANGER, LONG, language),
    )
    yield (
        "patrol_silent",
        lambda language: patrol_shifts.silent_patrollers(ROWS, 2, "敦化市", language, NOW),
    )
    yield (
        "patrol_silent_many",
        lambda language: patrol_shifts.silent_patrollers(ROWS * 3, 431, "敦化市", language, NOW),
    )
    yield (
        "patrol_back",
        lambda language: patrol_shifts.patrollers_back(
            [(s.RANGER, POSITION), (s.DEPUTY, None)], language
        ),
    )
    yield (
        "patrol_back_reached",
        lambda language: patrol_shifts.patrollers_back(
            [(s.RANGER, None)], language, by=s.OFFICER.name
        ),
    )
    day = date(2026, 10, 1)
    own = Danger("222403000000", day, DangerLevel.RED, "222403000000", DangerScale.WEATHER)
    yield "danger", lambda language: fire_danger.danger_of(own, "敦化市", "", language)
    yield "danger_above", lambda language: fire_danger.danger_of(own, "红石村", "敦化市", language)
    bare = Danger("222403000000", day)
    yield "danger_unset", lambda language: fire_danger.danger_of(bare, "敦化市", "", language)
    for name, level, follows in (
        (
            "red",
            DangerLevel.RED,
            RedDayPreview(46, ((AskKind.ORDERS, _NIGHT), (AskKind.ZERO_REPORT, _MORNING)), 0),
        ),
        ("yellow", DangerLevel.YELLOW, RedDayPreview(0, (), 46)),
        ("red_for_nobody", DangerLevel.RED, RedDayPreview(0, ((AskKind.ORDERS, _NIGHT),), 0)),
    ):
        scales = (DangerScale.WEATHER, DangerScale.COMMAND) if name == "red" else (None,)
        set_by = [SetDanger.of("222403000000", own.day, level, _NIGHT, each) for each in scales]
        yield (
            f"danger_preview_{name}",
            lambda language, follows=follows, set_by=set_by: fire_danger.danger_preview(
                follows, set_by, "敦化市", "延边州 敦化市", _NIGHT, language
            ),
        )
    closed = ClosedTime(
        "220000000000", date(2026, 4, 20), date(2026, 5, 31), "吉政发〔2026〕3号<令>"
    )
    for name, patrols in (("patrols", True), ("village", False)):
        yield (
            f"closed_time_{name}",
            lambda language, patrols=patrols: closed_time.begun(
                closed, "敦化<市>", closed.starts_on, language, patrols=patrols, village=not patrols
            ),
        )
    yield "closed_time_over", lambda language: closed_time.over("敦化<市>", language)
    yield "danger_outdated", fire_danger.danger_outdated
    yield "danger_left", fire_danger.danger_left
    yield "danger_set", lambda language: fire_danger.danger_set(own, "敦化市", language)
    wanted = (DangerLevel.RED, own.day, None)
    yield (
        "danger_ambiguous",
        lambda language: fire_danger.place_unclear("太平村", PLACES, 2, language, wanted=wanted),
    )
    yield "danger_no_level", lambda language: fire_danger.no_level("紫", language)
    yield (
        "danger_nowhere",
        lambda language: fire_danger.place_unclear("<b>", (), 0, language, wanted=wanted),
    )
