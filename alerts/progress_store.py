"""How the calls of a warning stand, counted as they change: nobody reads 60,000 calls for a card.

Triggers of the database keep a row of numbers for each alert and division (``call_counts``), in the
transaction that changes the calls. ``wrong`` finds numbers that are not those of the calls, which a
database mended by hand may have, and ``recount`` puts them right.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache, reduce
from operator import add
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    not_,
    select,
    true,
    union_all,
    update,
)

from alerts.calls import ANSWERED, COUNTED, CallState, Reach
from alerts.model import State
from alerts.progress import Progress
from contacts.divisions.codes import CODE_LENGTH, LAST_CODE, Tier, prefix_of, tier_of
from data.audit import Entry, append
from data.tables.alerts import alerts, call_counts, call_posts, calls
from data.tables.changes import left_out_posts
from data.tables.columns import constant
from data.upserts import insert_by

_WAITING = calls.c.state == CallState.WAITING.value


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


_COUNTED = {
    **{state.value: _one_if(calls.c.state == state.value) for state in COUNTED},
    "unreachable": _one_if(and_(_WAITING, calls.c.reach == Reach.UNREACHABLE.value)),
    "queued": _one_if(and_(_WAITING, calls.c.reach == Reach.QUEUED.value)),
}
# What each number of ``call_counts`` is, as a sum over calls.
_FRESH = {
    **{name: func.sum(condition) for name, condition in _COUNTED.items()},
    "households": func.coalesce(func.sum(calls.c.households), 0),
    "persons": func.coalesce(func.sum(calls.c.persons), 0),
}
NUMBERS = tuple(_FRESH)
CALLS: ColumnElement[int] = reduce(add, (call_counts.c[state.value] for state in COUNTED))
"""SQL: how many calls a row of ``call_counts`` has in the denominator."""
_OF_WAITING = (CallState.WAITING.value, "unreachable", "queued")
# How the further posts of calls are counted: one where each is, less one where it meets another.
# What was moved is counted where it was.
_SHARES = union_all(
    select(
        call_posts.c.call_id,
        call_posts.c.alert_id,
        call_posts.c.division_code,
        literal(1).label("weight"),
        call_posts.c.report,
        func.coalesce(call_posts.c.households, 0).label("households"),
        func.coalesce(call_posts.c.persons, 0).label("persons"),
    ),
    select(
        call_posts.c.call_id,
        call_posts.c.alert_id,
        call_posts.c.meets,
        literal(-1),
        call_posts.c.report,
        literal(0),
        literal(0),
    ),
).subquery("share")
_TOLD = _SHARES.c.report.is_not(None)
_ANSWERED = calls.c.state.in_([state.value for state in sorted(ANSWERED, key=str)])
_ACKNOWLEDGED = [CallState.ACKNOWLEDGED.value, CallState.REPORTED.value]
_COUNTED_THERE = _COUNTED | {
    CallState.ACKNOWLEDGED.value: _one_if(and_(calls.c.state.in_(_ACKNOWLEDGED), not_(_TOLD))),
    CallState.PROXIED.value: _one_if(and_(calls.c.state == CallState.PROXIED.value, not_(_TOLD))),
    CallState.REPORTED.value: _one_if(and_(_ANSWERED, _TOLD)),
}
_SHARED: dict[str, ColumnElement[int]] = {
    **{name: func.sum(_SHARES.c.weight * condition) for name, condition in _COUNTED_THERE.items()},
    "households": func.sum(_SHARES.c.households),
    "persons": func.sum(_SHARES.c.persons),
}

_ALERT = bindparam("alert", type_=BigInteger)
_NOT_REACHED = _one_if(calls.c.reach == Reach.UNREACHABLE.value)


def _further(code: ColumnElement[str], weight: int) -> Select[Any]:
    """A share for each further post of a release: one where it is, less one where it meets one."""
    columns: list[ColumnElement[Any]] = [
        code.label("division_code"),
        literal(weight).label("number"),
        (_NOT_REACHED * weight).label("unreachable"),
    ]
    query = select(*columns)
    query = query.join(calls, calls.c.id == call_posts.c.call_id)
    return query.where(call_posts.c.alert_id == _ALERT)


_FURTHER_SHARES = (_further(call_posts.c.division_code, 1), _further(call_posts.c.meets, -1))


def _waiting(source: FromClause) -> Select[Any]:
    """The numbers of calls that all wait, from how many there are and how many none reaches."""
    number, unreachable = source.c.number, source.c.unreachable
    numbers = {
        CallState.WAITING.value: number,
        "unreachable": unreachable,
        "queued": number - unreachable,
    }
    return select(
        _ALERT.label("alert_id"),
        source.c.division_code,
        *(numbers.get(name, literal(0)).label(name) for name in NUMBERS),
    )


def _waiting_shares(*parts: Select[Any]) -> Select[Any]:
    """The numbers of calls that all wait, from shares of them: how many, and whom none reaches."""
    shares = union_all(*parts).subquery("share")
    summed = select(
        shares.c.division_code,
        cast(func.sum(shares.c.number), Integer).label("number"),
        cast(func.sum(shares.c.unreachable), Integer).label("unreachable"),
    ).group_by(shares.c.division_code)
    return _waiting(summed.subquery("summed"))


# A release with further posts, in three steps, each of which reads by an index: in one statement
# the shares of all calls and posts were sorted together, which took half as long again.
_further_here = (
    select(func.count())
    .where(call_posts.c.alert_id == _ALERT, call_posts.c.division_code == calls.c.division_code)
    .correlate(calls)
    .scalar_subquery()
)


def _own(number: ColumnElement[int]) -> Select[Any]:
    """The numbers of a release's calls by division, from the index of open calls alone."""
    source = (
        select(calls.c.division_code, number.label("number"), literal(0).label("unreachable"))
        .where(
            calls.c.alert_id == _ALERT,
            calls.c.state == constant(CallState.WAITING.value),
        )
        .group_by(calls.c.division_code)
    )
    return _waiting(source.subquery("own"))


# Whom none reaches is not in that index: the calls just made are read one after the other by their
# ids, and most are not theirs. (Plus 0: no index of the alert's calls is thought of.)
_OWN_UNREACHABLE = (
    select(calls.c.division_code, literal(0).label("number"), func.count().label("unreachable"))
    .where(
        calls.c.id > bindparam("after", type_=BigInteger),
        calls.c.alert_id + 0 == _ALERT,
        calls.c.reach == Reach.UNREACHABLE.value,
    )
    .group_by(calls.c.division_code)
)
_counted = call_counts.alias("counted")
_FURTHER_ALONE = (
    select(
        call_posts.c.division_code,
        func.count().label("number"),
        literal(0).label("unreachable"),
    )
    .where(call_posts.c.alert_id == _ALERT)
    .group_by(call_posts.c.division_code)
    .having(
        ~exists().where(
            _counted.c.alert_id == _ALERT, _counted.c.division_code == call_posts.c.division_code
        )
    )
)
_MEETING = (
    select(call_posts.c.meets, -func.count(), literal(0))
    .where(call_posts.c.alert_id == _ALERT)
    .group_by(call_posts.c.meets)
)


def _not_reached(code: ColumnElement[str], sign: int) -> Select[Any]:
    """Further posts of calls that none reaches, looked up where there are such calls."""
    columns: list[ColumnElement[Any]] = [
        code.label("division_code"),
        literal(0).label("number"),
        literal(sign).label("unreachable"),
    ]
    return (
        select(*columns)
        .select_from(calls)
        .join(call_posts, call_posts.c.call_id == calls.c.id)
        .where(
            calls.c.alert_id == _ALERT,
            calls.c.division_code.in_(
                select(_counted.c.division_code).where(
                    _counted.c.alert_id == _ALERT, _counted.c.unreachable > 0
                )
            ),
            calls.c.state == constant(CallState.WAITING.value),
            calls.c.reach == Reach.UNREACHABLE.value,
        )
    )


_KEPT = select(call_counts.c.division_code, *(call_counts.c[name] for name in NUMBERS)).where(
    call_counts.c.alert_id == _ALERT
)
_COLUMNS = ["alert_id", "division_code", *NUMBERS]
_COUNT_OWN = insert(call_counts).from_select(_COLUMNS, _own(func.count()))
_COUNT_OWN_AND_FURTHER = insert(call_counts).from_select(
    _COLUMNS, _own(func.count() + _further_here)
)


def counts(
    connection: Connection,
    alert_id: int,
    low: str = "",
    high: str = LAST_CODE,
    *,
    tier: Tier = Tier.VILLAGE,
) -> list[Row[Any]]:
    """The numbers by division of ``tier``; what lies above it counts for itself.

    Columns: ``division_code`` and those of ``Progress.plus``. A code without its zeros is no
    division: its row takes back who was counted in several divisions below it (``call_posts``).
    """
    # What is taken back in the division of ``low`` itself bears its code without zeros.
    given = {"alert": alert_id, "low": prefix_of(low) if low else "", "high": high}
    return list(connection.execute(_counts(tier), given))


def of_divisions(
    connection: Connection, alert_id: int, divisions: Iterable[str]
) -> dict[str, Progress]:
    """The numbers of each of these divisions; the empty one is the whole alert."""
    prefixes = {code: prefix_of(code) if code else "" for code in divisions}
    finest = max((tier_of(code) for code in prefixes if code), key=_depth, default=Tier.PROVINCE)
    lengths = {len(prefix) for prefix in prefixes.values()}
    held = dict.fromkeys(prefixes.values(), Progress())
    for row in counts(connection, alert_id, tier=finest):
        # A code without its zeros is shorter than some: each of its beginnings counts once.
        for prefix in {row.division_code[:length] for length in lengths}:
            if prefix in held:
                held[prefix] = held[prefix].plus(row)
    return {code: held[prefix] for code, prefix in prefixes.items()}


def wrong(connection: Connection) -> list[int]:
    """The alerts in force whose numbers are not those of their calls; reads every call of them."""
    in_force = select(alerts.c.id).where(alerts.c.state == State.RELEASED.value)
    ids = connection.execute(in_force).scalars().all()
    return [alert_id for alert_id in ids if differing(connection, alert_id)]


def differing(connection: Connection, alert_id: int) -> set[str]:
    """The divisions whose numbers in this alert are not those of their calls."""
    of = {"alert": alert_id}
    fresh = {tuple(row) for row in connection.execute(_fresh(), of) if any(row[1:])}
    known = {tuple(row) for row in connection.execute(_KEPT, of) if any(row[1:])}
    return {code for code, *_ in fresh ^ known}


def count_release(
    connection: Connection, alert_id: int, after: int, *, several_posts: bool = False
) -> None:
    """Enter the numbers of a release: its calls, all waiting, were added as ``counted_apart``.

    :param after: the last id of any call before.
    :param several_posts: its ``call_posts`` were added, too, and are counted with them.
    """
    given = {"alert": alert_id, "after": after}
    own = _COUNT_OWN_AND_FURTHER if several_posts else _COUNT_OWN
    connection.execute(own, {"alert": alert_id})
    connection.execute(_count_unreachable(connection.dialect.name), given)
    if several_posts:
        for step in _count_rest(connection.dialect.name):
            connection.execute(step, {"alert": alert_id})


def count_further_posts(connection: Connection, alert_id: int) -> None:
    """Enter the numbers of a release's ``call_posts``, which were just added: its calls wait, and
    are counted."""
    connection.execute(_count_further_posts(connection.dialect.name), {"alert": alert_id})


def recount(
    connection: Connection, alert_id: int, now: datetime, *, expected: bool = False
) -> bool:
    """Count the alert's calls anew, if its numbers are wrong; returns whether they were.

    :param expected: its posts were just changed: nothing that the trail should say.
    """
    divisions = differing(connection, alert_id)
    if not divisions:
        return False
    connection.execute(delete(call_counts).where(call_counts.c.alert_id == alert_id))
    fresh = _fresh().subquery()
    names = ["division_code", *NUMBERS, "alert_id"]
    query = select(*fresh.c, literal(alert_id))
    connection.execute(insert(call_counts).from_select(names, query), {"alert": alert_id})
    if expected:
        return True
    detail = {"divisions": len(divisions)}
    append(connection, now, [Entry("alert.recounted", f"alert:{alert_id}", None, detail)])
    return True


def count_moved(
    connection: Connection, alert_id: int, code: str, households: int, persons: int
) -> None:
    """So many more were moved in a division, by a post that a narrowing left out of a call."""
    more = {
        "households": call_counts.c.households + households,
        "persons": call_counts.c.persons + persons,
    }
    there = (call_counts.c.alert_id == alert_id, call_counts.c.division_code == code)
    connection.execute(update(call_counts).where(*there).values(more))


def _depth(tier: Tier) -> int:
    return tier.depth


@cache
def _counts(tier: Tier) -> Select[Any]:
    """Built once for each tier: cards, lists and the board ask every few seconds."""
    kept = tier.digits
    code = func.substr(call_counts.c.division_code, 1, kept)
    whole = code.concat("0" * (CODE_LENGTH - kept)) if kept < CODE_LENGTH else code
    whole = case((func.length(code) < kept, code), else_=whole)
    return (
        select(
            whole.label("division_code"),
            *(func.sum(call_counts.c[name]).label(name) for name in NUMBERS),
        )
        .where(
            call_counts.c.alert_id == bindparam("alert"),
            call_counts.c.division_code.between(bindparam("low"), bindparam("high")),
        )
        .group_by(code)
    )


@cache  # asked of each warning again and again
def _fresh() -> Select[Any]:
    own = (
        select(calls.c.division_code, *(number.label(name) for name, number in _FRESH.items()))
        .where(calls.c.alert_id == _ALERT)
        .group_by(calls.c.division_code)
    )
    shares = _shares(_ALERT).with_only_columns(
        _SHARES.c.division_code, *(number.label(name) for name, number in _SHARED.items())
    )
    # Of posts that a narrowing left out who was moved there is counted, and nothing else.
    gone = (
        select(
            left_out_posts.c.division_code,
            *(literal(0).label(name) for name in _COUNTED),
            func.coalesce(func.sum(left_out_posts.c.households), 0).label("households"),
            func.coalesce(func.sum(left_out_posts.c.persons), 0).label("persons"),
        )
        .where(left_out_posts.c.alert_id == _ALERT)
        .group_by(left_out_posts.c.division_code)
    )
    both = union_all(own, shares, gone).subquery()
    return select(
        both.c.division_code, *(func.sum(both.c[name]).label(name) for name in NUMBERS)
    ).group_by(both.c.division_code)


def _shares(alert_id: ColumnElement[int]) -> Select[Any]:
    return (
        select(alert_id, _SHARES.c.division_code, *_SHARED.values())
        .join(calls, calls.c.id == _SHARES.c.call_id)
        .where(_SHARES.c.alert_id == alert_id)
        .group_by(_SHARES.c.division_code)
    )


@cache
def _count_further_posts(dialect: str) -> Executable:
    return _adding(dialect, _waiting_shares(*_FURTHER_SHARES))


@cache
def _count_unreachable(dialect: str) -> Executable:
    return _adding(dialect, _waiting(_OWN_UNREACHABLE.subquery("silent")))


@cache
def _count_rest(dialect: str) -> tuple[Executable, ...]:
    not_reached = (
        _not_reached(call_posts.c.division_code, 1),
        _not_reached(call_posts.c.meets, -1),
    )
    return (
        _adding(dialect, _waiting_shares(_FURTHER_ALONE, _MEETING)),
        _adding(dialect, _waiting_shares(*not_reached)),
    )


def _adding(dialect: str, shares: Select[Any]) -> Executable:
    """These numbers on top of those that are counted."""
    # "Where true": SQLite would read ON as the beginning of a join.
    new = insert_by(dialect, call_counts).from_select(_COLUMNS, shares.where(true()))
    return new.on_conflict_do_update(
        index_elements=[call_counts.c.alert_id, call_counts.c.division_code],
        set_={name: call_counts.c[name] + new.excluded[name] for name in _OF_WAITING},
    )
