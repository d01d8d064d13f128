"""A call was under way while its warning changed: whom it reaches knows what holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from alerts.lifecycle import Change
from alerts.model import Level
from alerts.outbox.deliveries import Attempt, Delivery, Result
from alerts.outbox.messages import MessageKind
from alerts.sending import claim, record
from alerts.updates import carrying_out
from data.database import Database
from data.tables.alerts import deliveries
from tests.roster import VILLAGES
from tests.store.test_updates import (
    BOT_ID,
    EVERYTHING,
    HEAD,
    OTHER,
    RULES,
    Warning_,
    after,
    arrive,
    people_told,
)

EARLIER, CORRECTED, EXTENDED = 7, Change(text="全部撤到村部"), Change(longer=timedelta(hours=2))


def under_way(warning: Warning_) -> Delivery:
    """Everybody's call has arrived but one's, which has left with what the warning says now."""

    def unit(c) -> Delivery:  # type: ignore[no-untyped-def]
        taken = claim(c, "test", after(0), EVERYTHING, BOT_ID)
        [late] = [one for one in taken if one.person_id == HEAD["id"] and one.kind.value == "call"]
        sent = [Attempt(one, Result.SENT, 100 + one.id) for one in taken if one is not late]
        record(c, sent, RULES, after(0))
        return late

    return warning.database.do(unit)


def arrives(warning: Warning_, late: Delivery, minutes: float, version: int = 1) -> None:
    attempt = Attempt(late, Result.SENT, EARLIER, version=version)
    warning.database.do(lambda c: record(c, [attempt], RULES, after(minutes)))


def news(warning: Warning_, row: dict[str, object]) -> list[int]:
    """The numbers of the changes that somebody was told, or is to be."""
    query = select(deliveries.c.params).where(
        deliveries.c.person_id == row["id"], deliveries.c.kind == MessageKind.CHANGED.value
    )
    found = warning.database.read(lambda c: c.execute(query.order_by(deliveries.c.id)).scalars())
    return [params["number"] for params in found]


def test_whom_a_call_reaches_with_the_words_of_before_hears_what_changed(
    database: Database,
) -> None:
    warning = Warning_(database)
    late = under_way(warning)
    warning.change(CORRECTED)
    warning.change(EXTENDED, 11)
    assert (news(warning, HEAD), news(warning, OTHER)) == ([], [2, 3])
    arrives(warning, late, 12)
    assert (news(warning, HEAD), news(warning, OTHER)) == ([2, 3], [2, 3])
    assert warning.queued()[MessageKind.ANSWERED.value]  # and their message shows it
    assert warning.call(HEAD).message_id == EARLIER


def test_whom_a_call_reaches_with_the_words_of_now_hears_nothing_more(database: Database) -> None:
    warning = Warning_(database)
    late = under_way(warning)
    warning.change(CORRECTED)
    arrives(warning, late, 11, version=2)
    warning.change(Change(level=Level.BLUE), 12)
    assert news(warning, HEAD) == [3]


@pytest.mark.one_database
def test_who_is_still_to_be_dealt_with_is_told_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying_out, "AT_ONCE", 1)
    warning = Warning_(database)
    late = under_way(warning)
    warning.change(CORRECTED)
    arrives(warning, late, 11)
    assert news(warning, HEAD) == []
    while database.do(lambda c: carrying_out.carry_on(c, RULES, after(12), limit=2)):
        pass
    assert news(warning, HEAD) == news(warning, OTHER) == [2]


def test_a_call_of_before_that_comes_last_has_no_button(database: Database) -> None:
    warning = Warning_(database)
    late = under_way(warning)
    warning.change(Change(level=Level.RED))
    arrive(warning, 10)  # the red one overtakes it
    red = warning.call(HEAD)
    arrives(warning, late, 11)
    assert warning.call(HEAD) == red and red.message_id != EARLIER
    query = select(deliveries.c.params).where(
        deliveries.c.call_id == red.id, deliveries.c.kind == MessageKind.OVER.value
    )
    taken = database.read(lambda c: list(c.execute(query).scalars()))
    assert taken == [{"was": "call", "message": EARLIER}]
    assert news(warning, HEAD) == []


@pytest.mark.one_database
def test_whom_a_call_reaches_where_the_warning_is_for_no_more_hears_that(
    database: Database,
) -> None:
    warning = Warning_(database)
    late = under_way(warning)
    warning.change(Change(remove=VILLAGES[:1]))
    assert people_told(warning, MessageKind.NARROWED) == set()  # nobody of there has heard of it
    arrives(warning, late, 11)
    assert people_told(warning, MessageKind.NARROWED) == {HEAD["id"]}
    # Once: widened and narrowed again, they are told as whoever has heard of it is.
    warning.change(Change(add=VILLAGES[:1]), 12)
    arrive(warning, 12)
    assert people_told(warning, MessageKind.NARROWED) == set()
