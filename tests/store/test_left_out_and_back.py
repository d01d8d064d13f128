"""A part of a warning's area goes, and comes back: groups, stand-ins, runners and cards follow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from alerts import board_store, completeness_store, progress_store, silent_store, stand_in_store
from alerts.calls import CallState, Report
from alerts.chase import sweep
from alerts.closing import lift
from alerts.cut_off import store as cut_off_store
from alerts.cut_off.errands import answer, assign
from alerts.cut_off.finding import mark
from alerts.cut_off.model import CutOffEnd, CutOffRules, ErrandState
from alerts.follow_up import discharge, report
from alerts.ledger import LedgerRow, LedgerSum, ledger_rows, ledger_sums
from alerts.lifecycle import Change
from alerts.loop.daily.counting import counted
from alerts.loop.daily.figures import Figure, of_division
from alerts.loop.evacuation import card_store
from alerts.loop.evacuation.counting import MoveState
from alerts.loop.evacuation.ticking import tick
from alerts.model import Level
from alerts.outbox.messages import MessageKind
from alerts.report import progress, summary
from alerts.report_facts import report_facts
from alerts.sending import overtaken
from alerts.standing_down import call_up_again
from alerts.withdrawals.store import of_call as withdrawals_of_call
from alerts.withdrawals.withdrawing import doubt
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Gazetteer
from data.database import Connection, Database
from data.tables.alerts import deliveries
from tests.evacuated import add_card
from tests.roster import (
    CITY,
    CITY_COMMANDER,
    COUNTY,
    COUNTY_DUTY,
    FLOOD_GROUP,
    OTHER_COUNTY,
    STAND_IN,
    TOWNSHIP,
    TOWNSHIP_DUTY,
    VILLAGERS,
    VILLAGES,
)
from tests.store.test_daily_reports import TODAY
from tests.store.test_one_card import edits, two
from tests.store.test_updates import (
    BOT_ID,
    DRAFT,
    EVERYTHING,
    HEAD,
    OTHER,
    RULES,
    Warning_,
    after,
    arrive,
    claim,
    commander,
    give_post,
    people_told,
    with_row,
)

pytestmark = pytest.mark.one_database


def said_to_group(warning: Warning_) -> list[str]:
    kinds = ("post", "narrowed", "changed")
    query = (
        select(deliveries.c.kind)
        .where(deliveries.c.alert_id == warning.id, deliveries.c.chat_id == FLOOD_GROUP)
        .where(deliveries.c.kind.in_(kinds))
        .order_by(deliveries.c.id)
    )
    return list(warning.database.read(lambda c: c.execute(query).scalars().all()))


def test_a_group_hears_once_that_it_is_no_more_for_it_and_is_posted_anew(
    database: Database,
) -> None:
    warning = Warning_(database, replace(DRAFT, areas=(CITY,)), by=CITY_COMMANDER)
    arrive(warning)
    for minutes, change in (
        (10, Change(remove=(COUNTY,))),
        (20, Change(longer=timedelta(hours=2))),
        (30, Change(level=Level.BLUE)),
        (40, Change(level=Level.ORANGE)),
    ):
        warning.change(change, minutes, by=CITY_COMMANDER)
        assert said_to_group(warning) == ["post", "narrowed"], minutes
    warning.change(Change(add=(COUNTY,)), 50, by=CITY_COMMANDER)
    assert warning.alert.areas == (CITY,)  # whole again
    assert said_to_group(warning) == ["post", "narrowed", "post"]
    # What was said of the areas of before, and has not left, is true no more.
    held = database.do(lambda c: claim(c, "one", after(51), EVERYTHING, BOT_ID))
    assert MessageKind.NARROWED not in {delivery.kind for delivery in held}


def test_news_of_a_change_does_not_follow_whoever_was_left_out_since(database: Database) -> None:
    warning = Warning_(database)
    arrive(warning)
    warning.change(Change(text="堤防巡查加密"))
    held = database.do(lambda c: claim(c, "one", after(10), EVERYTHING, BOT_ID))
    warning.change(Change(remove=(VILLAGES[0],)), 11)
    gone = database.read(lambda c: overtaken(c, held, after(11)))
    changed = {each.person_id: each.id for each in held if each.kind is MessageKind.CHANGED}
    assert changed[HEAD["id"]] in gone and changed[OTHER["id"]] not in gone


def test_a_stand_in_waits_for_the_ladder_again_when_their_village_comes_back(
    database: Database,
) -> None:
    warning = Warning_(database)
    arrive(warning)

    def chase(*minutes: float) -> None:
        for minute in minutes:
            database.do(lambda c, minute=minute: sweep(c, RULES, after(minute)))  # type: ignore[misc]

    chase(5, 10)
    assert warning.call(STAND_IN).open
    left = warning.change(Change(remove=(VILLAGES[0],)), 11)
    assert left.stood_down == 2 and warning.call(STAND_IN).left_out
    back = warning.change(Change(add=(VILLAGES[0],)), 12)
    assert back.asked == 1 and warning.call(HEAD).open
    assert warning.call(STAND_IN).left_out  # the head is asked first
    arrive(warning, 12)
    chase(17, 22)
    stand_in = warning.call(STAND_IN)
    assert stand_in.open and not stand_in.left_out and stand_in.called_at == after(22)


def test_nobody_walks_on_to_a_village_that_was_left_out(database: Database) -> None:
    rules = CutOffRules()
    warning = Warning_(database)
    arrive(warning)
    officer, runner = COUNTY_DUTY["telegram_id"], VILLAGERS[2]

    def send(c: Connection) -> None:
        for code in VILLAGES[:2]:
            made = mark(c, warning.id, officer, code, after(1)).cut_off
            assert made is not None
            errand = assign(c, made.id, officer, runner["id"], rules, after(2)).errand
            assert errand is not None
            answer(c, errand.id, runner["telegram_id"], True, rules, after(3))

    database.do(send)
    warning.change(Change(remove=(VILLAGES[0],)))
    found = database.read(lambda c: cut_off_store.of_alert(c, warning.id))
    assert [each.ended_how for each in found] == [CutOffEnd.OVER, None]
    errands = database.read(lambda c: cut_off_store.errands_of_alert(c, warning.id))
    assert [each.state for each in errands] == [ErrandState.ENDED, ErrandState.GOING]


def test_the_older_card_has_its_button_back_when_the_newer_is_no_more_for_there(
    database: Database,
) -> None:
    older, newer = two(database)
    arrive(older, 2)
    newer.change(Change(remove=(VILLAGES[0],)), by=CITY_COMMANDER)
    assert edits(older) == [HEAD["id"]]


# -- who counts ------------------------------------------------------------------------------------


def ledger(warning: Warning_) -> tuple[list[LedgerRow], LedgerSum]:
    facts = warning.database.read(lambda c: report_facts(c, warning.id, Gazetteer([])))
    rows = ledger_rows(facts)
    return rows, ledger_sums(rows)[0]


def moves(warning: Warning_, row: Any, minutes: float, where: Any = None) -> None:
    """Twelve households, of the one place or of all."""
    call_id, account = warning.call(row).id, row["telegram_id"]

    def unit(c: Connection) -> None:
        report(
            c,
            call_id,
            account,
            Report.MOVED,
            after(minutes),
            where=where,
            households=12,
            persons=35,
        )

    warning.database.do(unit)


@pytest.mark.both_databases
def test_whom_a_narrowing_left_out_is_in_no_denominator_and_what_was_moved_stays(
    database: Database,
) -> None:
    """Of three villages the first has moved people, the second is silent; both are left out."""
    warning = Warning_(database, replace(DRAFT, areas=(TOWNSHIP,)))
    arrive(warning)
    warning.tap(HEAD, 1)
    moves(warning, HEAD, 2)
    database.do(lambda c: sweep(c, RULES, after(5)))
    database.do(lambda c: sweep(c, RULES, after(10)))
    calls_before = database.read(lambda c: progress(c, warning.alert)).calls
    done = warning.change(Change(remove=VILLAGES[:2]), 11)
    alert = warning.alert
    counts = database.read(lambda c: progress(c, alert))
    assert counts.calls == calls_before - done.stood_down and not counts.answered
    assert (counts.reported, counts.households, counts.persons) == (0, 12, 35)
    assert counts.waiting == counts.calls  # nobody else is silent, and nobody counts as called

    def look(c: Connection) -> None:
        assert not progress_store.differing(c, warning.id)
        assert stand_in_store.count_stand_ins(c, warning.id) == 0
        found = board_store.counts(c, [warning.id], TOWNSHIP, Tier.VILLAGE)
        assert sum(count.calls for count in found) == counts.calls
        assert sum(count.households for count in found) == 12
        owing = completeness_store.standings_of(c, warning.id, Tier.VILLAGE)
        assert not set(VILLAGES[:2]) & set(owing)
        kept = summary(c, alert)
        assert kept.progress == counts and kept.by_division[VILLAGES[0]][0].calls == 0
        assert VILLAGES[1] not in kept.by_division
        day = of_division(counted(c, TODAY), TOWNSHIP)
        assert (day[Figure.CALLS], day[Figure.ANSWERED]) == (counts.calls, 0)
        assert silent_store.count_overdue(c, warning.id, after(60), 1) == counts.waiting

    database.read(look)
    rows, in_all = ledger(warning)
    assert (in_all.calls, in_all.silent, in_all.households) == (counts.calls, counts.waiting, 12)
    [row] = [row for row in rows if row.line.person.id == HEAD["id"]]
    assert row.left_out and row.line.call.answered_at == after(1) and row.households == 12
    assert {row.where[0] for row in rows if row.left_out} == set(VILLAGES[:2])
    # Said afterwards, it is a fact all the same, and the warning is not for there by that.
    moves(warning, OTHER, 20)
    again = database.read(lambda c: progress(c, alert))
    assert again == replace(counts, households=24, persons=70) and warning.call(OTHER).left_out


@pytest.mark.both_databases
def test_of_two_posts_one_of_which_is_left_out_each_keeps_what_was_said_of_it(
    database: Database,
) -> None:
    give_post(database, person_id=HEAD["id"], division_code=VILLAGES[2], rank=1)
    warning = Warning_(database, replace(DRAFT, areas=(TOWNSHIP,)))
    arrive(warning)
    warning.tap(HEAD, 1)
    for minutes, code in ((2, VILLAGES[0]), (3, VILLAGES[2])):
        moves(warning, HEAD, minutes, (code, ""))
    assert warning.call(HEAD).division_code == VILLAGES[0]

    def moved_in(code: str) -> tuple[int, int]:
        found = database.read(lambda c: progress_store.of_divisions(c, warning.id, [code]))[code]
        return found.calls, found.households

    assert [moved_in(code) for code in (VILLAGES[0], VILLAGES[2])] == [(1, 12), (2, 12)]
    warning.change(Change(remove=VILLAGES[:1]))
    call = warning.call(HEAD)
    assert call.division_code == VILLAGES[2] and call.state is CallState.REPORTED
    assert [moved_in(code) for code in (VILLAGES[0], VILLAGES[2])] == [(0, 12), (2, 12)]
    rows, in_all = ledger(warning)
    theirs = {row.where[0]: row for row in rows if row.line.person.id == HEAD["id"]}
    assert theirs[VILLAGES[0]].left_out and not theirs[VILLAGES[2]].left_out
    assert theirs[VILLAGES[0]].households == 12 and in_all.households == 24
    # The other goes, too, and the first comes back alone: it is a call again.
    warning.change(Change(remove=VILLAGES[2:]), 20)
    assert warning.call(HEAD).left_out and moved_in(TOWNSHIP)[1] == 24
    back = warning.change(Change(add=VILLAGES[:1]), 30)
    call = warning.call(HEAD)
    assert back.asked == 1 and call.open and call.division_code == VILLAGES[0]
    assert [moved_in(code) for code in (VILLAGES[0], VILLAGES[2])] == [(1, 12), (0, 12)]
    whole = warning.change(Change(add=VILLAGES[2:]), 40)
    assert whole.kinds and warning.alert.areas  # the other post is theirs again
    assert [moved_in(code) for code in (VILLAGES[0], VILLAGES[2])] == [(1, 12), (2, 12)]
    assert not database.read(lambda c: progress_store.differing(c, warning.id))


def moved_in(warning: Warning_, code: str) -> int:
    """How many households; the numbers kept are those of the rows, and the ledger's, too."""

    def look(c: Connection) -> int:
        assert not progress_store.differing(c, warning.id)
        return progress_store.of_divisions(c, warning.id, [code])[code].households

    _, in_all = ledger(warning)
    assert (
        in_all.households == warning.database.read(lambda c: progress(c, warning.alert)).households
    )
    return warning.database.read(look)


def of_two(database: Database) -> Warning_:
    """The head holds the first village and the third, and has answered."""
    give_post(database, person_id=HEAD["id"], division_code=VILLAGES[2], rank=1)
    warning = Warning_(database, replace(DRAFT, areas=(TOWNSHIP,)))
    arrive(warning)
    warning.tap(HEAD, 1)
    return warning


def ticks(warning: Warning_, numbers: Iterable[int], row: Any, minutes: float) -> None:
    def unit(c: Connection) -> None:
        card = card_store.card_of(c, VILLAGES[0])
        assert card is not None
        listed = {each.number: each.id for each in card_store.households(c, card.id)}
        for number in numbers:
            account, key = row["telegram_id"], listed[number]
            tick(c, warning.id, key, account, MoveState.MOVED, RULES, after(minutes))

    warning.database.do(unit)


@pytest.mark.both_databases
@pytest.mark.parametrize("deputy", [False, True])
def test_late_ticks_in_a_village_that_was_left_out_are_counted_once(
    database: Database, deputy: bool
) -> None:
    if deputy:
        with_row(database, OTHER["id"], division_code=VILLAGES[0])
    database.do(add_card)
    warning = of_two(database)
    ticks(warning, range(1, 9), HEAD, 2)
    warning.change(Change(remove=VILLAGES[:1]))
    assert moved_in(warning, VILLAGES[0]) == 8
    ticks(warning, (9, 10), HEAD, 20)
    assert moved_in(warning, VILLAGES[0]) == 10
    ticks(warning, (11,), OTHER if deputy else TOWNSHIP_DUTY, 21)
    assert moved_in(warning, TOWNSHIP) == moved_in(warning, VILLAGES[0]) == 11
    assert warning.call(HEAD).state is CallState.ACKNOWLEDGED  # the third village is open still
    warning.change(Change(add=VILLAGES[:1]), 30)
    ticks(warning, (12,), HEAD, 31)
    assert moved_in(warning, TOWNSHIP) == moved_in(warning, VILLAGES[0]) == 12


@pytest.mark.both_databases
@pytest.mark.parametrize("raised", [True, False])
def test_what_was_reported_of_a_place_left_out_does_not_revive_after_asking_again(
    database: Database, raised: bool
) -> None:
    warning = of_two(database)
    moves(warning, HEAD, 2, (VILLAGES[0], ""))
    warning.change(Change(remove=VILLAGES[:1]))
    if raised:
        warning.change(Change(level=Level.RED), 20)
    else:
        call, account = warning.call(HEAD), COUNTY_DUTY["telegram_id"]
        database.do(lambda c: doubt(c, call.id, account, "not_done", RULES, after(20)))
    assert moved_in(warning, VILLAGES[0]) == (12 if raised else 0)
    warning.change(Change(add=VILLAGES[:1]), 30)
    arrive(warning, 30)
    warning.tap(HEAD, 31, 3 if raised else 1)
    counts = database.read(lambda c: progress(c, warning.alert, VILLAGES[0]))
    assert (counts.answered, counts.reported) == (1, 0)
    assert moved_in(warning, TOWNSHIP) == (12 if raised else 0)


@pytest.mark.both_databases
def test_figures_for_two_places_together_stay_with_the_call_that_goes_on(
    database: Database,
) -> None:
    warning = of_two(database)
    moves(warning, HEAD, 2)
    warning.change(Change(remove=VILLAGES[:1]))
    assert [moved_in(warning, code) for code in (VILLAGES[0], VILLAGES[2])] == [0, 12]
    moves(warning, HEAD, 12, (VILLAGES[2], ""))  # said again, of what is left
    assert moved_in(warning, TOWNSHIP) == 12
    warning.change(Change(add=VILLAGES[:1], remove=VILLAGES[2:]), 20)
    assert moved_in(warning, TOWNSHIP) == 12


@pytest.mark.both_databases
def test_who_stood_in_and_is_called_up_again_keeps_what_was_moved(database: Database) -> None:
    warning = Warning_(database)
    arrive(warning)
    for minutes in (5, 10):
        database.do(lambda c, minutes=minutes: sweep(c, RULES, after(minutes)))  # type: ignore[misc]
    warning.tap(STAND_IN, 11)
    moves(warning, STAND_IN, 12)
    warning.change(Change(remove=VILLAGES[:1]), 13)
    warning.change(Change(add=VILLAGES[:1]), 14)
    call = warning.call(HEAD)
    rules, stand_in = RULES, warning.call(STAND_IN)
    assert stand_in.left_out and stand_in.households == 12
    database.do(lambda c: call_up_again(c, call, warning.alert, rules, after(20)))
    again = warning.call(STAND_IN)
    assert again.open and again.households == 12 and again.report is None
    assert moved_in(warning, TOWNSHIP) == 12
    kept = database.read(lambda c: withdrawals_of_call(c, again.id))
    assert [each.answered_at for each in kept] == [after(11)]


def test_who_was_struck_off_counts_no_more_where_it_is_left_out(database: Database) -> None:
    warning = Warning_(database)
    arrive(warning)
    call_id, duty = warning.call(HEAD).id, COUNTY_DUTY["telegram_id"]
    database.do(lambda c: discharge(c, call_id, duty, "住院", after(3)))
    assert database.read(lambda c: progress(c, warning.alert)).discharged == 1
    warning.change(Change(remove=VILLAGES[:1]))
    assert database.read(lambda c: progress(c, warning.alert)).discharged == 0
    # Nothing is asked of them that could be no more: theirs was over.
    assert HEAD["id"] not in people_told(warning, MessageKind.NARROWED)
    [row] = [row for row in ledger(warning)[0] if row.line.person.id == HEAD["id"]]
    assert row.left_out and row.line.call.discharge_reason == "住院"


def test_who_moved_to_another_county_is_not_asked_for_the_village_they_left(
    database: Database,
) -> None:
    warning = Warning_(database)
    arrive(warning)
    warning.change(Change(remove=VILLAGES[:1]))
    with_row(database, HEAD["id"], division_code=OTHER_COUNTY)
    with_row(database, STAND_IN["id"], rank=1)
    warning.change(Change(add=VILLAGES[:1]), 20)
    assert warning.call(HEAD).left_out
    assert warning.call(STAND_IN).open  # who is first in rank there now
    raised = warning.change(Change(level=Level.RED), 30)
    assert raised.asked and not warning.call(HEAD).open


# -- who hears what --------------------------------------------------------------------------------


def test_who_stood_in_elsewhere_reads_that_it_is_over_when_that_place_is_left_out(
    database: Database,
) -> None:
    give_post(database, person_id=STAND_IN["id"], division_code=VILLAGES[2], rank=1)
    for changes in ((VILLAGES[0], VILLAGES[2]), (VILLAGES[2], VILLAGES[0])):
        warning = Warning_(database)
        arrive(warning)
        own, silent = warning.call(STAND_IN), warning.call(HEAD)
        assert own.division_code == VILLAGES[2]
        for minutes in (5, 10):
            database.do(lambda c, minutes=minutes: sweep(c, RULES, after(minutes)))  # type: ignore[misc]
        arrive(warning, 10)

        def said(warning: Warning_ = warning) -> list[Any]:
            query = (
                select(deliveries.c.params)
                .where(deliveries.c.alert_id == warning.id, deliveries.c.kind == "stand_in_too")
                .order_by(deliveries.c.id)
            )
            return list(database.read(lambda c: c.execute(query).scalars().all()))

        asked, over = {"silent": silent.id}, {"silent": silent.id, "over": True}
        assert said() == [asked]
        left, other = changes
        warning.change(Change(remove=(left,)), 11)
        assert said() == [asked, over if left == VILLAGES[0] else asked]
        arrive(warning, 11)
        warning.change(Change(remove=(other,)), 12)  # said once
        assert said() == [asked, over] if left == VILLAGES[0] else [asked, asked, over]
        # Their own call goes on until their own place goes.
        assert warning.call(STAND_IN).left_out
        database.do(lambda c, key=warning.id: lift(c, key, commander(c), after(13)))  # type: ignore[misc]


@pytest.mark.both_databases
def test_the_end_is_not_told_to_whom_it_was_no_more_for_unless_called_again(
    database: Database,
) -> None:
    warning = Warning_(database, replace(DRAFT, areas=(CITY,)), by=CITY_COMMANDER)
    arrive(warning)
    warning.change(Change(remove=(COUNTY,)), 10, by=CITY_COMMANDER)
    arrive(warning, 11)
    warning.change(Change(add=(VILLAGES[1],)), 20, by=CITY_COMMANDER)
    arrive(warning, 21)
    # And one whose word has not left when all of it ends.
    warning.change(Change(remove=(VILLAGES[1],), add=(VILLAGES[2],)), 30, by=CITY_COMMANDER)
    by = database.read(lambda c: commander(c, CITY_COMMANDER))
    database.do(lambda c: lift(c, warning.id, by, after(31)))
    told = people_told(warning, MessageKind.CANCEL)
    assert not told & {HEAD["id"], OTHER["id"], COUNTY_DUTY["id"]}
    assert people_told(warning, MessageKind.NARROWED) == {OTHER["id"]}
    held = database.do(lambda c: claim(c, "one", after(32), EVERYTHING, BOT_ID))
    assert {each.person_id for each in held if each.kind is MessageKind.NARROWED} == {OTHER["id"]}
    query = select(deliveries.c.kind).where(
        deliveries.c.alert_id == warning.id,
        deliveries.c.chat_id == FLOOD_GROUP,
        deliveries.c.kind.in_(["narrowed", "cancel"]),
    )
    assert database.read(lambda c: c.execute(query).scalars().all()).count("cancel") <= 1


def test_whoever_is_called_again_hears_the_end(database: Database) -> None:
    warning = Warning_(database, replace(DRAFT, areas=(CITY,)), by=CITY_COMMANDER)
    arrive(warning)
    for minutes, change in ((10, Change(remove=(COUNTY,))), (20, Change(add=(COUNTY,)))):
        warning.change(change, minutes, by=CITY_COMMANDER)
        arrive(warning, minutes + 1)
    by = database.read(lambda c: commander(c, CITY_COMMANDER))
    database.do(lambda c: lift(c, warning.id, by, after(31)))
    assert {HEAD["id"], OTHER["id"]} <= people_told(warning, MessageKind.CANCEL)
    query = select(deliveries.c.chat_id).where(
        deliveries.c.alert_id == warning.id, deliveries.c.kind == MessageKind.CANCEL.value
    )
    assert FLOOD_GROUP in database.read(lambda c: c.execute(query).scalars().all())


@pytest.mark.parametrize("answered_anew", [False, True])
def test_figures_told_before_a_place_came_to_a_call_lose_nothing_to_it(
    database: Database, answered_anew: bool
) -> None:
    """Twelve households were all of the first village; the one that was added moved five more."""
    give_post(database, person_id=HEAD["id"], division_code=VILLAGES[1])
    warning = Warning_(database, replace(DRAFT, areas=(VILLAGES[0],)))
    account, added = HEAD["telegram_id"], (VILLAGES[1], "")

    def tells(minutes: float, households: int, where: tuple[str, str] | None = None) -> None:
        call = warning.call(HEAD)
        database.do(
            lambda c: report(
                c,
                call.id,
                account,
                Report.MOVED,
                after(minutes),
                where=where,
                households=households,
            )
        )

    warning.tap(HEAD, 1)
    tells(2, 12)
    warning.change(Change(add=(VILLAGES[1],)), 10)
    if answered_anew:
        warning.change(Change(level=Level.RED), 11)
        warning.tap(HEAD, 12, asked=3)
    tells(13, 5, added)
    assert [moved_in(warning, code) for code in (*VILLAGES[:2], TOWNSHIP)] == [12, 5, 17]
    tells(14, 8, added)  # told anew it counts instead of the five
    assert [moved_in(warning, code) for code in (*VILLAGES[:2], TOWNSHIP)] == [12, 8, 20]
    tells(15, 30)  # for both together
    tells(16, 9, added)
    assert [moved_in(warning, code) for code in (*VILLAGES[:2], TOWNSHIP)] == [21, 9, 30]
