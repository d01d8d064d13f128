"""A tier above remarks on a division's day (点评), and those below read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from alerts.accounts import note_use
from alerts.loop.daily import store
from alerts.loop.daily.days import DailyRules
from alerts.loop.daily.readers import readers_of
from alerts.loop.daily.remarks import (
    LONGEST_WORDS,
    DailyProblem,
    Mark,
    Remark,
    RemarkOutcome,
)
from alerts.outbox import store as outbox_store
from alerts.outbox.daily_messages import RemarkNews
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from contacts.access import may_remark, remarks_from, require
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class Remarked:
    """What became of a remark; ``told``: how many of those below read it."""

    outcome: RemarkOutcome
    remark: Remark
    told: int = 0


def permit_remark(connection: Connection, by: Person, code: str, day: date) -> Remark | None:
    """That ``by`` may remark on it; what their own division has said about it already.

    :raises NotAllowed: not of a division above, or not in charge there.
    :raises NotFound: the day has no report (``NOT_MADE``).
    """
    require(may_remark(by, code), division=code)
    if not store.made(connection, [day]):
        raise NotFound(DailyProblem.NOT_MADE, day=day.isoformat())
    return store.remark_of(connection, day, code, remarks_from(by, code))


def check_words(words: str) -> str:
    """The words as they are kept.

    :raises InvalidInput: they are too long (``TOO_LONG``).
    """
    words = " ".join(words.split())
    if len(words) > LONGEST_WORDS:
        raise InvalidInput(DailyProblem.TOO_LONG, length=len(words), most=LONGEST_WORDS)
    return words


def remark(
    connection: Connection,
    by: Person,
    code: str,
    day: date,
    mark: Mark,
    words: str,
    now: datetime,
    rules: DailyRules,
) -> Remarked:
    """Say how a division's day was; who reads its report reads that.

    A second remark of the same division above takes the place of the first, and is told as well.

    :raises NotAllowed: not of a division above, or not in charge there.
    :raises NotFound: the day has no report (``NOT_MADE``).
    :raises InvalidInput: the words are too long (``TOO_LONG``).
    """
    words = check_words(words)
    former = permit_remark(connection, by, code, day)
    if former is not None and (former.mark, former.words) == (mark, words):
        return Remarked(RemarkOutcome.ALREADY, former)
    note_use(connection, by, now)
    values = {
        "day": day,
        "division_code": code,
        "from_code": remarks_from(by, code),
        "mark": mark,
        "words": words,
        "by_id": by.id,
        "at": now,
    }
    if former is None:
        remark_id = store.add_remark(connection, values)
    else:
        remark_id = former.id
        store.change_remark(connection, remark_id, values)
    said = Remark(id=remark_id, **values)  # type: ignore[arg-type]
    readers = readers_of(connection, [code], now, rules).get(code, [])
    deliveries = [
        to_person(
            reader,
            RemarkNews(remark_id),
            Lane.REST,
            role=reader.role.value,
            coalesce_key=f"remark:{remark_id}:{reader.id}",
        )
        for reader in readers
        if reader.id != by.id
    ]
    outbox_store.add_many(connection, deliveries, now)
    detail = {"day": day.isoformat(), "mark": mark.value, "words": words}
    if former is not None:
        detail |= {"before": former.mark.value, "words_before": former.words}
    append(connection, now, [Entry("daily.remarked", f"division:{code}", by.id, detail)])
    outcome = RemarkOutcome.SAID if former is None else RemarkOutcome.CHANGED
    return Remarked(outcome, said, len(deliveries))
