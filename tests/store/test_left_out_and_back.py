"""A part of a warning's area goes, and comes back: groups, stand-ins, runners and cards follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from alerts.calls import CallState
from alerts.chase import sweep
from alerts.cut_off import store as cut_off_store
from alerts.cut_off.errands import answer, assign
from alerts.cut_off.finding import mark
from alerts.cut_off.model import CutOffEnd, CutOffRules, ErrandState
from alerts.lifecycle import Change
from alerts.model import Level
from alerts.outbox.messages import MessageKind
from alerts.sending import overtaken
from data.database import Connection, Database
from data.tables.alerts import deliveries
from tests.roster import (
    CITY,
    CITY_COMMANDER,
    COUNTY,
    COUNTY_DUTY,
    FLOOD_GROUP,
    STAND_IN,
    VILLAGERS,
    VILLAGES,
)
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
    assert left.stood_down == 2 and warning.call(STAND_IN).state is CallState.CANCELLED
    back = warning.change(Change(add=(VILLAGES[0],)), 12)
    assert back.asked == 1 and warning.call(HEAD).open
    assert warning.call(STAND_IN).outside  # the head is asked first
    arrive(warning, 12)
    chase(17, 22)
    stand_in = warning.call(STAND_IN)
    assert stand_in.open and not stand_in.outside and stand_in.called_at == after(22)


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
