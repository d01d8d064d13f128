"""A cry for help is taken on by one, settled by one, and nobody else's is touched by it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from alerts import call_store, help_store, stand_in_store
from alerts.acknowledge import by_button, by_proxy
from alerts.calls import Proxy, Report
from alerts.follow_up import report
from alerts.helping import HelpOutcome, HelpProblem, HelpResult, resolve, take
from alerts.model import Draft, Hazard, Level
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.release import release
from alerts.reports import HelpRequest
from alerts.rules import Rules
from contacts import people_store
from data.audit import audit
from data.database import Connection, Database
from data.errors import NotAllowed, NotFound
from data.tables.alerts import deliveries
from data.tables.contacts import people
from tests.roster import (
    COUNTY,
    COUNTY_COMMANDER,
    NOW,
    RANGER,
    TOWNSHIP_DUTY,
    TOWNSHIP_HEAD,
    VILLAGERS,
)

RULES = Rules()
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")
OTHER_DRAFT = Draft(Level.ORANGE, Hazard.TYPHOON, (COUNTY,), "回家", headline="台风橙色预警")
HEAD, NEIGHBOUR = VILLAGERS[:2]
OFFICER, COMMANDER = TOWNSHIP_DUTY["telegram_id"], COUNTY_COMMANDER["telegram_id"]


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def asks(c: Connection, alert_id: int, row: dict[str, Any], text: str | None, minutes: int) -> int:
    """The person cries for help; the number of the request."""
    call = call_store.call_of(c, alert_id, row["id"])
    assert call is not None
    account = row["telegram_id"]
    by_button(c, call.id, account, RULES, after(minutes))
    report(c, call.id, account, Report.HELP, after(minutes), text=text)
    found = help_store.of_call(c, call.id, call.division_code)
    assert found is not None
    return found.id


@pytest.fixture
def alert_ids(database: Database) -> tuple[int, int]:
    def unit(c: Connection) -> tuple[int, int]:
        by = people_store.person(c, COUNTY_COMMANDER["id"])
        assert by is not None
        first, second = (release(c, d, by, RULES, NOW).alert_id for d in (DRAFT, OTHER_DRAFT))
        return first, second

    return database.do(unit)


@pytest.fixture
def cries(database: Database, alert_ids: tuple[int, int]) -> list[int]:
    """The head's, the neighbour's, and the head's in the other warning."""
    first, second = alert_ids

    def unit(c: Connection) -> list[int]:
        found = [asks(c, first, HEAD, "两台车", 1), asks(c, first, NEIGHBOUR, None, 2)]
        found.append(asks(c, second, HEAD, None, 3))
        c.execute(update(deliveries).values(state="sent", sent_at=NOW, message_id=deliveries.c.id))
        return found

    return database.do(unit)


def request(database: Database, request_id: int) -> HelpRequest:
    found = database.read(lambda c: help_store.request(c, request_id))
    assert found is not None
    return found


def news(database: Database) -> list[tuple[int, int]]:
    """To whom what is told about their cry for help, by lane."""
    query = select(deliveries.c.chat_id, deliveries.c.lane).where(
        deliveries.c.kind == MessageKind.HELP_NEWS.value, deliveries.c.state == "queued"
    )
    return [tuple(row) for row in database.read(lambda c: c.execute(query).all())]


def lists(database: Database) -> set[int]:
    """Who has a list that is edited."""
    query = select(deliveries.c.chat_id).where(
        deliveries.c.kind == MessageKind.HELP_WANTED.value, deliveries.c.state == "queued"
    )
    return set(database.read(lambda c: c.execute(query).scalars()))


def trail(database: Database, action: str) -> list[tuple[int | None, str]]:
    query = select(audit.c.actor, audit.c.subject).where(audit.c.action == action)
    return [tuple(row) for row in database.read(lambda c: c.execute(query).all())]


def test_who_takes_it_on_is_told_to_whoever_asked_and_to_the_others(
    database: Database, cries: list[int]
) -> None:
    mine, *others = cries
    before = [request(database, other) for other in others]
    done: HelpResult = database.do(lambda c: take(c, mine, OFFICER, after(5)))
    assert (done.outcome, done.person.id) == (HelpOutcome.RECORDED, HEAD["id"])
    assert done.taker is not None and done.taker.id == TOWNSHIP_DUTY["id"]
    kept = request(database, mine)
    assert kept == done.request
    assert (kept.taken_by, kept.taken_at, kept.open) == (TOWNSHIP_DUTY["id"], after(5), True)
    assert [request(database, other) for other in others] == before
    assert news(database) == [(HEAD["telegram_id"], int(Lane.ANSWER))]
    assert lists(database) == {OFFICER, COMMANDER}
    assert trail(database, "call.help_taken") == [(TOWNSHIP_DUTY["id"], f"call:{kept.call_id}")]
    # Somebody was faster: nothing is changed, and it is said who.
    late = database.do(lambda c: take(c, mine, COMMANDER, after(6)))
    assert (late.outcome, late.request) == (HelpOutcome.TAKEN, kept)
    assert late.taker is not None and late.taker.id == TOWNSHIP_DUTY["id"]
    assert len(trail(database, "call.help_taken")) == 1


@pytest.mark.one_database
def test_what_is_settled_stays_settled(database: Database, cries: list[int]) -> None:
    mine, *others = cries
    before = [request(database, other) for other in others]
    done = database.do(lambda c: resolve(c, mine, OFFICER, after(5)))
    assert (done.outcome, done.taker) == (HelpOutcome.RECORDED, None)
    kept = request(database, mine)
    assert kept == done.request
    assert (kept.resolved_by, kept.resolved_at) == (TOWNSHIP_DUTY["id"], after(5))
    assert not kept.open
    assert news(database) == [(HEAD["telegram_id"], int(Lane.ANSWER))]
    assert [request(database, other) for other in others] == before
    for again in (take, resolve):
        done = database.do(lambda c, again=again: again(c, mine, COMMANDER, after(6)))  # type: ignore[misc]
        assert (done.outcome, done.request) == (HelpOutcome.RESOLVED, kept)
    assert len(trail(database, "call.help_resolved")) == 1
    assert trail(database, "call.help_taken") == []


@pytest.mark.one_database
def test_whoever_asked_may_say_that_it_is_settled_and_nobody_else_may(
    database: Database, cries: list[int]
) -> None:
    mine = cries[0]
    for stranger in (NEIGHBOUR, RANGER):
        for act in (take, resolve):
            with pytest.raises(NotAllowed):
                database.do(lambda c, a=act, s=stranger: a(c, mine, s["telegram_id"], after(5)))  # type: ignore[misc]
    with pytest.raises(NotAllowed):  # their own is for somebody else to take on
        database.do(lambda c: take(c, mine, HEAD["telegram_id"], after(5)))
    done = database.do(lambda c: resolve(c, mine, HEAD["telegram_id"], after(5)))
    assert done.outcome is HelpOutcome.RECORDED
    assert news(database) == []  # they know it
    assert lists(database) == {OFFICER, COMMANDER}
    with pytest.raises(NotFound) as refused:
        database.do(lambda c: take(c, 99, OFFICER, after(5)))
    assert refused.value.code is HelpProblem.UNKNOWN


def test_whoever_cannot_be_reached_is_told_nothing(database: Database, cries: list[int]) -> None:
    blocked = update(people).where(people.c.id == HEAD["id"]).values(contact="blocked")
    database.do(lambda c: c.execute(blocked))
    done = database.do(lambda c: take(c, cries[0], OFFICER, after(5)))
    assert done.outcome is HelpOutcome.RECORDED
    assert news(database) == []


def test_an_officer_without_telegram_or_who_asked_gets_no_list(
    database: Database, alert_ids: tuple[int, int]
) -> None:
    """The township's own commander asks for help: the list goes to the others."""
    unlinked = update(people).where(people.c.id == TOWNSHIP_DUTY["id"]).values(telegram_id=None)
    database.do(lambda c: c.execute(unlinked))
    database.do(lambda c: asks(c, alert_ids[0], TOWNSHIP_HEAD, None, 1))
    told = lists(database)
    assert COMMANDER in told and not told & {OFFICER, TOWNSHIP_HEAD["telegram_id"]}
    database.do(lambda c: asks(c, alert_ids[0], HEAD, None, 1))
    assert lists(database) == told | {TOWNSHIP_HEAD["telegram_id"]}  # nobody on duty is linked


def test_what_is_asked_for_while_it_is_open_is_one_request(
    database: Database, alert_ids: tuple[int, int], cries: list[int]
) -> None:
    first = alert_ids[0]
    assert request(database, cries[0]).text == "两台车"
    assert database.do(lambda c: asks(c, first, HEAD, None, 7)) == cries[0]
    assert request(database, cries[0]).text == "两台车"  # no words take none away
    call_id = request(database, cries[0]).call_id
    account = HEAD["telegram_id"]
    database.do(lambda c: report(c, call_id, account, Report.CANNOT, after(8), text="路断了"))
    kept = request(database, cries[0])
    assert (kept.text, kept.report, kept.asked_at) == ("两台车；路断了", Report.CANNOT, after(1))
    assert request(database, cries[1]).text is None
    database.do(lambda c: resolve(c, cries[0], OFFICER, after(9)))
    again = database.do(lambda c: asks(c, first, HEAD, "又断了", 10))
    assert again not in cries
    assert request(database, again).asked_at == after(10)
    database.do(lambda c: take(c, again, OFFICER, after(11)))
    found = database.read(lambda c: help_store.of_alert(c, first))
    assert [each.id for each in found] == sorted([*cries[:2], again])
    assert help_store.counts(found) == (3, 1, 1, 1)
    everything = select(func.count()).select_from(audit).where(audit.c.action == "call.help_taken")
    assert database.read(lambda c: c.execute(everything).scalar_one()) == 1


def test_whom_an_officer_reached_lately_is_of_that_officer_and_warning(
    database: Database, alert_ids: tuple[int, int]
) -> None:
    first, second = alert_ids

    def unit(c: Connection) -> list[int]:
        def proxy(alert_id: int, row: dict[str, Any], officer: int, minutes: int) -> int:
            call = call_store.call_of(c, alert_id, row["id"])
            assert call is not None
            by_proxy(c, call.id, officer, Proxy.PHONE, after(minutes))
            return call.id

        mine = [proxy(first, row, OFFICER, n) for n, row in enumerate(VILLAGERS[:2], 1)]
        proxy(first, VILLAGERS[2], COMMANDER, 2)
        proxy(second, HEAD, OFFICER, 2)
        return mine

    first_call, second_call = database.do(unit)

    def reached(since: datetime, limit: int = 9) -> list[tuple[int, str]]:
        officer = TOWNSHIP_DUTY["id"]
        lately = stand_in_store.proxied_lately
        return database.read(lambda c: lately(c, officer, first, since, limit))

    assert reached(NOW) == [(second_call, NEIGHBOUR["name"]), (first_call, HEAD["name"])]
    assert reached(after(1)) == [(second_call, NEIGHBOUR["name"])]  # after that moment
    assert reached(NOW, 1) == [(second_call, NEIGHBOUR["name"])]
    database.do(lambda c: by_button(c, second_call, NEIGHBOUR["telegram_id"], RULES, after(3)))
    assert reached(NOW) == [(first_call, HEAD["name"])]  # who answered themselves was reached so
