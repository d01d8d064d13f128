"""A row that fails again and again is set aside and named; everything else goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from alerts import alert_store, call_store, ladder_store, release_store, set_aside_store
from alerts import release as releasing
from alerts.cards import progress_card_store, silent_list_store
from alerts.closing import expire_alert
from alerts.model import Draft, Hazard, Level, State
from alerts.oversight.auditing import audit as look_and_tell
from alerts.oversight.auditing import look
from alerts.oversight.findings import FindingKind, OversightRules, Telling
from alerts.patrol.distress import calling as distress
from alerts.patrol.distress.store import open_of
from alerts.patrol.field_reports import reporting
from alerts.patrol.field_reports import store as field_report_store
from alerts.patrol.field_reports.reporting import report_from_spot
from alerts.patrol.hotspots import asking, verification
from alerts.patrol.hotspots.intake import take_in
from alerts.patrol.hotspots.joining import Located
from alerts.patrol.hotspots.model import VerificationRules
from alerts.patrol.red_days.model import AskKind, RedDayStep
from alerts.patrol.red_days.orders import DueStep
from alerts.patrol.shifts import missed, planning
from alerts.sources.feeds import FeedAnswer
from alerts.sources.hotspots import Hotspot, Instrument
from bot.config.load import load
from bot.config.rules import all_rules
from bot.runtime import ticks
from bot.runtime.chunks import MOST_SET_ASIDE, each_alone, each_of, in_chunks
from bot.runtime.media_copies import MediaCopies
from bot.runtime.polling import FeedPolls, Polled
from bot.runtime.schedule import Tick, TickRunner
from bot.services.async_database import AsyncDatabase
from bot.services.geography import Geography
from bot.services.services import Services
from contacts import people_store
from contacts.people import Role
from data import set_aside
from data.database import Connection, Database
from data.errors import StoreBusy
from data.set_aside import AGAIN_AFTER, GRACE
from data.tables.alerts import alerts, calls, deliveries
from data.tables.contacts import people
from data.tables.hotspots import hotspot_tasks
from data.tables.patrol import check_in_watches, field_reports, positions
from tests.roster import COUNTY, NOW, RANGER, VILLAGERS, person
from tests.store.test_release import go

pytestmark = pytest.mark.one_database

MINUTE = timedelta(minutes=1)
LATE = NOW + 3 * MINUTE  # the reminders of a red warning are due


class Clock:
    now = LATE

    def __call__(self) -> datetime:
        return self.now


class World:
    """The ticks of a process over a filled database, and a clock that is set by hand."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, Clock()
        settings = load(None, {})
        self.asked = AsyncDatabase(database, readers=1, name="test")
        services = Services(
            self.asked,
            settings,
            all_rules(settings),
            Geography(database, _no_boundaries),
            self.clock,
        )
        self.services = services
        self.runner = TickRunner(ticks.all_ticks(services), self.asked, self.clock)

    async def tick(self, name: str, at: datetime) -> None:
        self.clock.now = at
        await self.runner.run(name)

    def release(self, hazard: Hazard = Hazard.RAINSTORM) -> int:
        """A red warning, delivered to everybody at once."""
        draft = Draft(Level.RED, hazard, (COUNTY,), "立即转移", headline="红色预警")
        alert_id: int = go(self.database, draft).alert_id
        known = {"reach": "delivered", "delivered_at": NOW, "due_at": NOW + 2 * MINUTE}
        ours = calls.c.alert_id == alert_id
        self.database.do(lambda c: c.execute(update(calls).where(ours).values(**known)))
        return alert_id

    def calls_of(self, alert_id: int) -> dict[int, int]:
        """The steps taken of each call."""
        query = select(calls.c.id, calls.c.steps).where(calls.c.alert_id == alert_id)
        return {row.id: row.steps for row in self.database.read(lambda c: c.execute(query).all())}

    def aside(self) -> list[tuple[str, str]]:
        kept = self.database.read(lambda c: set_aside.kept(c, self.clock.now))
        return [(row.topic, row.row) for row in kept]


def _no_boundaries() -> Any:
    raise AssertionError("no boundaries here")


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    made = World(database)
    yield made
    made.asked.close()


def fails(bad: Callable[[Any], bool], real: Callable[..., Any]) -> Callable[..., Any]:
    """``real``, but for what is damaged."""

    def maybe(*given: Any, **more: Any) -> Any:
        if any(bad(value) for value in given):
            raise ValueError("damaged")
        return real(*given, **more)

    return maybe


# -- the ladder --------------------------------------------------------------------------------


@pytest.mark.both_databases
async def test_one_bad_call_is_set_aside_and_named_while_all_others_are_chased(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert_id = world.release()
    bad = sorted(world.calls_of(alert_id))[1]
    save = ladder_store.save_steps
    monkeypatch.setattr(ladder_store, "save_steps", fails(lambda given: bad in _ids(given), save))
    await world.tick("sweep", LATE)
    steps = world.calls_of(alert_id)
    assert steps.pop(bad) == 0
    assert all(steps.values())
    assert world.aside() == [("call", str(bad))]
    # It is looked at again after a while, and when it is well, it is chased and forgotten.
    await world.tick("sweep", LATE + MINUTE)
    monkeypatch.setattr(ladder_store, "save_steps", save)
    await world.tick("sweep", LATE + AGAIN_AFTER - MINUTE)
    assert world.calls_of(alert_id)[bad] == 0
    await world.tick("sweep", LATE + AGAIN_AFTER)
    assert world.calls_of(alert_id)[bad] != 0
    world.clock.now = LATE + AGAIN_AFTER + GRACE
    assert world.aside() == []


async def test_an_alert_that_cannot_be_read_is_set_aside_whole_and_others_are_chased(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, well = world.release(), world.release(Hazard.FOREST_FIRE)
    monkeypatch.setattr(alert_store, "alert", fails(lambda given: given == bad, alert_store.alert))
    await world.tick("sweep", LATE)
    assert not any(world.calls_of(bad).values())
    assert all(world.calls_of(well).values())
    assert world.aside() == [("alert", str(bad))]


@pytest.mark.both_databases
async def test_an_alert_of_which_several_calls_fail_is_set_aside_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A province's calls, found one by one, would hold the ladder up for an hour."""
    monkeypatch.setattr(set_aside_store, "MOST_OF_ALERT", 3)
    bad, well = world.release(), world.release(Hazard.FOREST_FIRE)
    assert len(world.calls_of(bad)) > 3
    theirs = set(world.calls_of(bad))
    save = ladder_store.save_steps
    monkeypatch.setattr(
        ladder_store, "save_steps", fails(lambda given: bool(theirs & _ids(given)), save)
    )
    await world.tick("sweep", LATE)
    assert all(world.calls_of(well).values())
    topics = [topic for topic, _ in world.aside()]
    assert topics.count("call") == 2
    assert topics.count("alert") == 1


async def test_one_warning_that_cannot_end_keeps_no_other_from_ending(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, well = world.release(), world.release(Hazard.FOREST_FIRE)
    monkeypatch.setattr(ticks, "expire_alert", fails(lambda given: given == bad, expire_alert))
    await world.tick("sweep", NOW + timedelta(days=9))
    query = select(alerts.c.id, alerts.c.state)
    states = {row.id: row.state for row in world.database.read(lambda c: c.execute(query).all())}
    assert states == {bad: State.RELEASED.value, well: State.EXPIRED.value}
    assert ("ending", str(bad)) in world.aside()


async def test_a_warning_whose_calls_fail_ends_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert_id = world.release()
    monkeypatch.setattr(set_aside_store, "MOST_OF_ALERT", 1)
    save = ladder_store.save_steps
    monkeypatch.setattr(ladder_store, "save_steps", fails(lambda given: bool(_ids(given)), save))
    await world.tick("sweep", LATE)
    assert world.aside() == [("alert", str(alert_id))]
    await world.tick("sweep", NOW + timedelta(days=9))
    found = world.database.read(lambda c: alert_store.alert(c, alert_id))
    assert found is not None and found.state is State.EXPIRED


async def test_a_step_of_the_sweep_that_fails_keeps_the_following_from_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert_id = world.release()
    monkeypatch.setattr(ticks.chase, "sweep", fails(bool, ticks.chase.sweep))
    monkeypatch.setattr(ticks, "set_call_aside", lambda _c, _now, _error: False)
    with pytest.raises(ValueError, match="damaged"):
        await world.tick("sweep", NOW + timedelta(days=9))
    found = world.database.read(lambda c: alert_store.alert(c, alert_id))
    assert found is not None and found.state is State.EXPIRED


def _ids(given: Any) -> set[int]:
    """The calls whose steps are written, if that is what is given."""
    return {row[0] for row in given} if isinstance(given, list) else set()


@pytest.mark.parametrize(("tick", "topic"), [("cards", "card"), ("silent_lists", "list")])
async def test_an_alert_that_cannot_be_read_keeps_no_other_s_cards_from_being_true(
    world: World, monkeypatch: pytest.MonkeyPatch, tick: str, topic: str
) -> None:
    bad, well = world.release(), world.release(Hazard.FOREST_FIRE)
    looked_at: list[int] = []
    module = ticks.stale_cards if topic == "card" else ticks.stale_lists
    name = f"{module.__module__}._stale_of"

    def stale_of(_connection: Connection, alert_id: int, *_drawn: Any) -> list[Any]:
        if alert_id == bad:
            raise ValueError("damaged")
        looked_at.append(alert_id)
        return []

    monkeypatch.setattr(name, stale_of)
    drawn = SimpleNamespace(asks_until=None)
    shown = {bad: [drawn], well: [drawn]}
    if topic == "card":
        monkeypatch.setattr(progress_card_store, "unsettled", lambda _c: shown)
    else:
        sent = [_sent_list(alert_id) for alert_id in shown]
        monkeypatch.setattr(silent_list_store, "newest", lambda _c, _since: sent)
    await world.tick(tick, LATE)
    assert looked_at == [well]
    assert world.aside() == [(topic, str(bad))]
    await world.tick(tick, LATE + MINUTE)  # not looked at again before its time
    assert looked_at == [well, well]


def _sent_list(alert_id: int) -> Any:
    return SimpleNamespace(alert_id=alert_id, turned_away=False, message=SimpleNamespace(page=0))


# -- its brothers ------------------------------------------------------------------------------


@pytest.mark.both_databases
async def test_one_bad_call_for_help_keeps_no_other_from_leaving(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = all_rules(load(None, {})).distress

    def both(c: Connection) -> None:
        for row in (RANGER, VILLAGERS[0]):
            person = people_store.person(c, row["id"])
            assert person is not None
            distress.raise_distress(c, person, NOW, rules)

    world.database.do(both)
    bad, ring = RANGER["id"], distress._ring
    monkeypatch.setattr(
        distress, "_ring", fails(lambda given: getattr(given, "person_id", 0) == bad, ring)
    )
    await world.tick("distress", LATE)
    other = world.database.read(lambda c: open_of(c, VILLAGERS[0]["id"]))
    assert other is not None and other.told
    ((topic, row),) = world.aside()
    assert topic == "distress"
    # Somebody's life may hang on it: it is tried again soon.
    monkeypatch.undo()
    await world.tick("distress", LATE + MINUTE)
    known = world.database.read(lambda c: open_of(c, bad))
    assert known is not None and known.told and str(known.id) == row


async def test_one_patroller_whose_day_cannot_be_planned_keeps_no_other_from_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = replace(all_rules(load(None, {})).shifts, expected=True)
    second = people.c.id == VILLAGERS[0]["id"]
    ranger = {"role": RANGER["role"]}
    world.database.do(lambda c: c.execute(update(people).where(second).values(ranger)))
    first = world.database.read(lambda c: planning._first(c, NOW, rules))
    assert first is not None
    monkeypatch.setattr(
        planning, "planned", fails(lambda given: getattr(given, "person_id", 0) == first, _planned)
    )
    await world.tick("plan_check_ins", LATE)
    query = select(func.count()).select_from(check_in_watches)
    assert world.database.read(lambda c: c.execute(query).scalar_one()) > 1
    assert not world.database.read(lambda c: planning.anything_unplanned(c, LATE, rules))
    assert world.aside() == [("plan", str(first))]


_planned = planning.planned


async def test_one_large_release_that_cannot_go_on_keeps_no_other_from_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "MOST_AT_ONCE", 1)
    ids = []
    for hazard in (Hazard.RAINSTORM, Hazard.FOREST_FIRE):
        draft = Draft(Level.RED, hazard, (COUNTY,), "立即转移", headline="红色预警")
        ids.append(go(world.database, draft).alert_id)
    bad, well = ids
    add = call_store.add_more_calls

    def broken(c: Connection, audience: Any, alert_id: int, *more: Any, **named: Any) -> int:
        if alert_id == bad:
            raise ValueError("damaged")
        return add(c, audience, alert_id, *more, **named)

    monkeypatch.setattr(call_store, "add_more_calls", broken)
    await world.tick("releases", NOW)
    assert world.calls_of(well) and not world.calls_of(bad)
    assert world.aside() == [("release", str(bad))]
    # Not tried each second, but soon; and then nothing is left of it.
    monkeypatch.undo()
    await world.tick("releases", NOW + MINUTE / 2)
    assert not world.calls_of(bad)
    await world.tick("releases", NOW + MINUTE)
    assert world.calls_of(bad)
    assert world.database.read(release_store.first) is None


def _sent_album(c: Connection, row: dict[str, Any], album: str) -> None:
    person = people_store.person(c, row["id"])
    assert person is not None
    for _ in range(3):
        report_from_spot(c, person, "photo", "file", None, NOW, media_group_id=album, copy=True)


@pytest.mark.both_databases
async def test_one_bad_album_is_set_aside_whole_and_no_other_is_sent_in_pieces(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def albums(c: Connection) -> None:
        for number, row in enumerate((VILLAGERS[0], RANGER, VILLAGERS[1])):
            _sent_album(c, row, f"album {number}")

    world.database.do(albums)
    people_ids = sorted(row["id"] for row in (VILLAGERS[0], RANGER, VILLAGERS[1]))
    bad = people_ids[1]
    there = reporting.destinations
    broken = fails(lambda given: getattr(given, "id", 0) == bad, there)
    monkeypatch.setattr(reporting, "destinations", broken)
    await world.tick("albums", LATE)
    query = select(field_reports.c.id, field_reports.c.person_id).order_by(field_reports.c.id)
    by_person: dict[int, list[int]] = {}
    for report_id, person_id in world.database.read(lambda c: c.execute(query).all()):
        by_person.setdefault(person_id, []).append(report_id)
    assert world.aside() == [("field_report", str(by_person[bad][0]))]
    said = select(deliveries.c.params).where(deliveries.c.kind == "field_report")
    sent = world.database.read(lambda c: {tuple(p["reports"]) for p in c.execute(said).scalars()})
    assert sent == {tuple(by_person[person_id]) for person_id in people_ids if person_id != bad}
    monkeypatch.undo()
    await world.tick("albums", LATE + AGAIN_AFTER)
    sent = world.database.read(lambda c: {tuple(p["reports"]) for p in c.execute(said).scalars()})
    assert tuple(by_person[bad]) in sent


async def test_one_file_whose_copy_cannot_be_recorded_keeps_no_other_from_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.database.do(lambda c: _sent_album(c, RANGER, "a"))
    settings = world.services.settings
    media = replace(settings.media, directory="/nowhere")
    telegram = replace(settings.telegram, bots=())  # nobody has the files any more
    settings = replace(settings, media=media, telegram=telegram)
    copies = MediaCopies(replace(world.services, settings=settings))
    due = world.database.read(lambda c: copies.due(c, LATE))
    assert len(due) == 3
    record = field_report_store.not_copied
    broken = fails(lambda given: getattr(given, "id", 0) == due[0].id, record)
    monkeypatch.setattr(field_report_store, "not_copied", broken)
    world.clock.now = LATE
    await copies.copy(due, LATE)
    assert world.aside() == [("file_copy", str(due[0].id))]
    assert world.database.read(lambda c: copies.due(c, LATE)) == []
    later = LATE + AGAIN_AFTER
    assert [report.id for report in world.database.read(lambda c: copies.due(c, later))] == [
        due[0].id
    ]


async def test_one_report_that_cannot_be_asked_for_keeps_no_other_from_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = sorted(world.calls_of(world.release()))
    answered = calls.c.id.in_(ids)
    values = {"state": "acknowledged", "answered_at": NOW, "answered_via": "button"}
    due = update(calls).where(answered).values(**values, due_at=None, report_due_at=LATE)
    world.database.do(lambda c: c.execute(due))
    save = ladder_store.save_report_steps

    def broken(c: Connection, given: Any) -> None:
        if ids[1] in [call_id for call_id, _, _ in given]:
            raise ValueError("damaged")
        save(c, given)

    monkeypatch.setattr(ladder_store, "save_report_steps", broken)
    await world.tick("sweep", LATE)
    assert world.aside() == [("report", str(ids[1]))]
    asked = select(func.count()).where(deliveries.c.kind == "report_due")
    assert world.database.read(lambda c: c.execute(asked).scalar_one()) == len(ids) - 1


async def test_one_check_in_that_cannot_be_looked_at_keeps_no_other_from_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    people_ids = [RANGER["id"], VILLAGERS[0]["id"], VILLAGERS[1]["id"]]
    watched = [
        {"person_id": person_id, "plan": "", "times": [], "due_at": NOW} for person_id in people_ids
    ]
    world.database.do(lambda c: c.execute(insert(check_in_watches), watched))
    bad = people_ids[1]
    broken = fails(lambda given: getattr(given, "person_id", 0) == bad, missed.advance)
    monkeypatch.setattr(missed, "advance", broken)
    await world.tick("check_ins", LATE)  # it settles first
    await world.tick("check_ins", LATE + MINUTE)
    assert world.aside() == [("check_in", str(bad))]
    still = select(check_in_watches.c.person_id).where(check_in_watches.c.due_at == NOW)
    assert world.database.read(lambda c: c.execute(still).scalars().all()) == []


@pytest.mark.parametrize(
    ("tick", "finds", "works", "topic", "rows"),
    [
        (
            "red_day",
            "season_ticks.red_days.due",
            "season_ticks.red_days.take",
            "red_day",
            [
                DueStep("220000000000", AskKind.ORDERS, RedDayStep.REMINDED),
                DueStep(COUNTY, AskKind.ORDERS, RedDayStep.REMINDED),
            ],
        ),
        (
            "roll_calls",
            "ticks.roll_calls.moving",
            "ticks.roll_calls.move_one_on",
            "roll_call",
            [3, 4],
        ),
    ],
)
async def test_one_step_that_cannot_be_taken_keeps_no_other_from_it(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    tick: str,
    finds: str,
    works: str,
    topic: str,
    rows: list[Any],
) -> None:
    taken: list[Any] = []

    def step(_c: Connection, which: Any, *_more: Any) -> None:
        if which == rows[0]:
            raise ValueError("damaged")
        taken.append(which)

    monkeypatch.setattr(f"bot.runtime.{finds}", lambda *_: rows)
    monkeypatch.setattr(f"bot.runtime.{works}", step)
    world = World(database)
    await world.tick(tick, LATE)
    assert taken == [rows[1]]
    assert world.aside() == [(topic, str(rows[0]))]
    await world.tick(tick, LATE + MINUTE)
    assert taken == [rows[1], rows[1]]
    world.asked.close()


@pytest.mark.both_databases
async def test_one_hotspot_that_cannot_be_moved_on_keeps_no_other_from_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = NOW - MINUTE
    seen = [
        Located(Hotspot(lon, 43.4, at, "NOAA-20", Instrument.VIIRS), COUNTY)
        for lon in (128.0, 128.2, 128.4)
    ]
    take_in(world.database, "firms", seen, NOW, VerificationRules())
    query = select(hotspot_tasks.c.id).order_by(hotspot_tasks.c.id)
    ids = world.database.read(lambda c: c.execute(query).scalars().all())
    assert len(ids) == 3
    due = update(hotspot_tasks).values(next_at=NOW)
    world.database.do(lambda c: c.execute(due))
    broken = fails(lambda given: getattr(given, "id", 0) == ids[1], verification._overdue)
    monkeypatch.setattr(verification, "_overdue", broken)
    await world.tick("hotspots", LATE)
    assert world.aside() == [("hotspot", str(ids[1]))]
    still = query.where(hotspot_tasks.c.next_at <= LATE)
    assert world.database.read(lambda c: c.execute(still).scalars().all()) == []


def _three_hotspots_due(world: World) -> list[int]:
    """Three hotspots with a patroller standing at each; nobody was sent yet. Their numbers."""
    spots = (128.0, 128.2, 128.4)
    at = NOW - MINUTE
    seen = [Located(Hotspot(lon, 43.4, at, "NOAA-20", Instrument.VIIRS), COUNTY) for lon in spots]
    take_in(world.database, "firms", seen, NOW, VerificationRules())

    def unit(c: Connection) -> list[int]:
        patrollers = [RANGER, *(person(31 + n, f"护林员{n}", COUNTY, Role.RANGER) for n in (0, 1))]
        c.execute(insert(people), patrollers[1:])
        here = {"taken_at": LATE - MINUTE, "received_at": LATE - MINUTE, "lat": 43.4, "doubts": []}
        for patroller, lon in zip(patrollers, spots, strict=True):
            of = {"person_id": patroller["id"], "division_code": COUNTY, "lon": lon, "live": False}
            c.execute(insert(positions).values(**here, **of))
        c.execute(update(hotspot_tasks).values(next_at=NOW, answer_at=None))
        return list(c.execute(select(hotspot_tasks.c.id).order_by(hotspot_tasks.c.id)).scalars())

    return world.database.do(unit)


def _sent_to(world: World) -> dict[int, int | None]:
    """Who is asked to look at each hotspot."""
    query = select(hotspot_tasks.c.id, hotspot_tasks.c.asked_id)
    return {row.id: row.asked_id for row in world.database.read(lambda c: c.execute(query).all())}


async def test_one_patroller_who_cannot_be_read_keeps_no_other_from_being_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest of the others goes there, and who was passed over is told by name."""
    first, second, third = _three_hotspots_due(world)
    broken = fails(lambda given: getattr(given, "id", 0) == 31, people_store.as_person)
    monkeypatch.setattr(people_store, "as_person", broken)
    await world.tick("hotspots", LATE)
    assert world.aside() == [("patroller", "31")]
    assert _sent_to(world) == {first: RANGER["id"], second: 32, third: None}
    due = update(hotspot_tasks).values(next_at=LATE)
    world.database.do(lambda c: c.execute(due))
    await world.tick("hotspots", LATE + MINUTE)
    (kept,) = world.database.read(lambda c: set_aside.kept(c, LATE + MINUTE))
    assert kept.again_at == LATE + AGAIN_AFTER  # not written down anew at every look


async def test_one_hotspot_whose_place_cannot_be_read_keeps_nobody_from_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = _three_hotspots_due(world)
    broken = fails(lambda given: getattr(given, "id", 0) == second, verification._overdue)
    monkeypatch.setattr(verification, "_overdue", broken)

    def unreadable(*_given: Any) -> Any:
        raise ValueError("damaged")

    monkeypatch.setattr(asking, "spots_due", unreadable)
    await world.tick("hotspots", LATE)
    assert world.aside() == [("hotspot", str(second))]
    assert _sent_to(world) == {first: RANGER["id"], second: None, third: 32}


async def test_one_feed_that_cannot_be_taken_in_keeps_no_other_from_it(world: World) -> None:
    polled: list[str] = []

    def damaged(*_given: Any) -> None:
        raise ValueError("damaged")

    feed = Polled(
        "bad", "http://localhost:9/a", timedelta(minutes=5), damaged, ask=lambda _: FeedAnswer()
    )
    well = replace(feed, name="well", take_in=lambda *_given: polled.append("well"))
    FeedPolls(world.database, [feed, well], world.clock).poll()
    assert polled == ["well"]
    assert world.aside() == [("feed", "bad")]


# -- how it is found ---------------------------------------------------------------------------


class Rows:
    """A hundred rows that are due, of which some fail."""

    def __init__(self, *bad: int) -> None:
        self.bad, self.due, self.done = set(bad), list(range(100)), list[int]()
        self.runs = 0

    def chunk(self, _connection: Connection, _now: datetime, most: int) -> int:
        self.runs += 1
        taken = self.due[:most]
        if self.bad & set(taken):
            raise ValueError("damaged")
        del self.due[:most]
        self.done += taken
        return len(taken)

    def set_head_aside(self, connection: Connection, now: datetime, error: Exception) -> bool:
        if not self.due:
            return False
        set_aside.note(connection, "row", self.due.pop(0), error, now)
        return True


@pytest.mark.both_databases
async def test_the_bad_rows_of_a_chunk_are_found_by_halving(world: World) -> None:
    rows = Rows(0, 37, 38, 99)
    await in_chunks(world.asked, LATE, rows.chunk, 64, rows.set_head_aside)
    assert rows.done == [row for row in range(100) if row not in rows.bad]
    assert world.aside() == [("row", "0"), ("row", "37"), ("row", "38"), ("row", "99")]
    assert rows.runs < 60


async def test_when_all_fail_it_is_no_row_s_fault(world: World) -> None:
    rows = Rows(*range(100))
    with pytest.raises(ValueError, match="damaged"):
        await in_chunks(world.asked, LATE, rows.chunk, 64, rows.set_head_aside)
    assert len(world.aside()) == MOST_SET_ASIDE


async def test_a_database_that_is_away_is_no_row_s_fault(world: World) -> None:
    def busy(_connection: Connection, _now: datetime, _most: int) -> int:
        raise StoreBusy("locked")

    with pytest.raises(StoreBusy):
        await in_chunks(world.asked, LATE, busy, 64, Rows().set_head_aside)
    with pytest.raises(StoreBusy):
        await each_alone(world.asked, LATE, "row", [1], lambda c, _row: busy(c, LATE, 1))
    assert world.aside() == []


async def test_each_has_its_turn_and_what_is_set_aside_waits_for_its_time(world: World) -> None:
    done: list[int] = []

    def unit(_connection: Connection, row: int) -> None:
        if row == 2 and world.clock.now < LATE + MINUTE:
            raise ValueError("damaged")
        done.append(row)

    await each_alone(world.asked, LATE, "row", [1, 2, 3], unit)
    assert done == [1, 3]
    world.clock.now = LATE + MINUTE
    await each_alone(world.asked, world.clock.now, "row", [2], unit)
    assert done == [1, 3]
    await each_alone(world.asked, LATE + AGAIN_AFTER, "row", [2], unit)
    assert done == [1, 3, 2]


async def test_one_after_the_other_also_when_one_fails() -> None:
    done: list[str] = []

    async def bad() -> None:
        raise ValueError("damaged")

    async def well() -> None:
        done.append("well")

    with pytest.raises(ValueError, match="damaged"):
        await each_of(bad, well)
    assert done == ["well"]


# -- the finding -------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_what_is_set_aside_is_told_by_name_and_when_it_is_over(database: Database) -> None:
    rules = OversightRules()

    def note(at: datetime) -> None:
        database.do(lambda c: set_aside.note(c, "call", 17, ValueError("a name"), at))

    def telling(at: datetime) -> list[tuple[FindingKind, Telling]]:
        told = database.do(lambda c: look_and_tell(c, at, rules))
        ours = FindingKind.SET_ASIDE  # the message about it waits in the queue: a finding too
        return [(found.kind, found.telling) for found in told if found.kind is ours]

    note(NOW)
    note(NOW + AGAIN_AFTER)  # it failed again: still one
    (found,) = database.read(lambda c: look(c, NOW + AGAIN_AFTER, rules))
    assert found.kind is FindingKind.SET_ASIDE
    assert (found.facts["count"], found.facts["rows"]) == (1, [["call", "17"]])
    (kept,) = database.read(lambda c: set_aside.kept(c, NOW + AGAIN_AFTER))
    assert kept.since == NOW and kept.error == "ValueError"  # not what it said
    begun = NOW + AGAIN_AFTER
    assert telling(begun) == []
    assert telling(begun + MINUTE / 2) == [(FindingKind.SET_ASIDE, Telling.FOUND)]
    over = begun + AGAIN_AFTER + GRACE
    assert telling(over - MINUTE / 2) == []
    assert telling(over) == []
    assert telling(over + MINUTE) == [(FindingKind.SET_ASIDE, Telling.OVER)]
    assert database.read(lambda c: set_aside.kept(c, NOW)) == []


async def test_a_tick_that_fails_is_named_until_it_succeeds(world: World) -> None:
    trouble = [True]

    async def work(_found: object, _now: datetime) -> None:
        if trouble:
            raise RuntimeError("a bug")

    tick = Tick("cards", 5.0, lambda _c, _now: True, work)
    runner = TickRunner([tick], world.asked, world.clock)
    await runner.run_by_the_clock("cards")
    assert world.aside() == [("tick", "cards")]
    world.clock.now += timedelta(seconds=5)
    await runner.run_by_the_clock("cards")
    assert world.aside() == [("tick", "cards")]
    trouble.clear()
    world.clock.now += GRACE + timedelta(seconds=5)
    await runner.run_by_the_clock("cards")
    assert world.aside() == []
