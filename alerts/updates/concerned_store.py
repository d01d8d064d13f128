"""Whom a change of a warning concerns, as rows: its calls, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    SelectBase,
    Table,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from alerts.call_store import called
from alerts.calls import ANSWERED, ASKED_AGAIN, INCLUDED, STOOD_DOWN, CallState, Reach
from alerts.escalation import Step
from alerts.updates.fate import Standing
from alerts.withdrawals.model import Withdrawal
from contacts.divisions.codes import ancestors
from contacts.people import Role
from contacts.people_store import reachable
from contacts.targeting import Audience
from contacts.targeting_store import inside, listed, named_by_title
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import call_posts, calls, deliveries
from data.tables.beyond_answers import withdrawn_answers
from data.tables.changes import left_out_posts
from data.tables.columns import UtcDateTime
from data.tables.contacts import people, posts

_HAVE_ANSWERED = [state.value for state in (*sorted(ANSWERED, key=str), CallState.LEFT_OUT)]
_HEARD = or_(calls.c.message_id.is_not(None), calls.c.delivered_at.is_not(None))
_LEFT_OUT = calls.c.state == CallState.LEFT_OUT.value
_STOOD_DOWN = and_(
    calls.c.state == CallState.DISCHARGED.value,
    func.coalesce(calls.c.discharge_reason, "") == STOOD_DOWN,
)


def standings(
    connection: Connection, alert_id: int, whom: Audience, after: int, upto: int, limit: int
) -> list[Standing]:
    """How the calls with ids above ``after`` and up to ``upto`` stand, by id.

    :param whom: whom the warning is for as it is now.
    """
    # By id, from where the last part ended. (Plus 0: no index of the alert's calls is thought of.)
    query = _standings(alert_id, whom, calls.c.alert_id + 0)
    query = query.where(calls.c.id > after, calls.c.id <= upto).order_by(calls.c.id).limit(limit)
    return [_standing(row) for row in connection.execute(query)]


def count(connection: Connection, alert_id: int, whom: Audience) -> list[tuple[int, Standing]]:
    """How many calls of the warning stand how, as ``standings``; ids and times are of one each."""
    every = _standings(alert_id, whom).subquery()
    alike = [every.c[name] for name in Standing._fields if name not in ("id", "called_at")]
    last = func.max(every.c.called_at)
    query = select(func.count(), func.min(every.c.id), *alike[:-1], last, alike[-1])
    query = query.group_by(*alike)
    return [(row[0], _standing(row[1:])) for row in connection.execute(query)]


def count_uncalled(
    connection: Connection, audience: SelectBase, alert_id: int, *, excluding: Sequence[int] = ()
) -> tuple[int, int]:
    """How many persons ``audience`` selects who have no call of the warning yet; how many of them
    can be reached."""
    who = audience.subquery()
    query = select(func.count(), func.count(case((reachable(who), 1)))).select_from(who)
    query = query.where(who.c.id.not_in(list(excluding)), ~called(alert_id, who))
    persons, within_reach = connection.execute(query).one()
    return int(persons), int(within_reach)


def stand_down(connection: Connection, call_ids: Sequence[int]) -> None:
    """The warning is no more for where these are: they count no more, and what was answered and
    reported stays in their rows."""
    connection.execute(
        update(calls)
        .where(calls.c.id.in_(GIVEN_IDS))
        .values(
            state=CallState.LEFT_OUT.value,
            due_at=None,
            report_due_at=None,
            # Whoever stood in and was stood down is left out as the others are.
            discharge_reason=case((_STOOD_DOWN, null()), else_=calls.c.discharge_reason),
        ),
        {"ids": as_json(call_ids)},
    )


def keep_answers(
    connection: Connection, call_ids: Sequence[int], by_id: int | None, now: datetime
) -> None:
    """The answers given so far to these calls are kept: they count for what was asked then.

    Those of whoever was left out meanwhile, too.
    """
    names = (
        "alert_id call_id person_id kind at by_id reason called_at answered_at answered_via"
    ).split()
    given = select(
        calls.c.alert_id,
        calls.c.id,
        calls.c.person_id,
        literal(Withdrawal.RAISED.value),
        literal(now, UtcDateTime),
        literal(by_id, BigInteger),
        literal(""),
        calls.c.called_at,
        calls.c.answered_at,
        calls.c.answered_via,
    ).where(
        calls.c.id.in_(GIVEN_IDS),
        calls.c.state.in_(_HAVE_ANSWERED),
        calls.c.answered_at.is_not(None),
        calls.c.answered_via.is_not(None),
    )
    connection.execute(
        insert(withdrawn_answers).from_select(names, given), {"ids": as_json(call_ids)}
    )


def ask_again(
    connection: Connection,
    call_ids: Sequence[int],
    now: datetime,
    due: Mapping[Reach, datetime | None],
) -> None:
    """These calls wait as if made now. What was reported stays, and a new report is wanted.

    Who stands in for somebody silent goes on doing so; where that one had answered, the ladder
    calls the stand-in when it gets there.
    """
    within = exists().where(people.c.id == calls.c.person_id, reachable())
    was_open = calls.c.state == CallState.WAITING.value
    kept = calls.c.steps.bitwise_and(int(Step.STAND_IN))
    back = case((_LEFT_OUT, ASKED_AGAIN | INCLUDED), else_=ASKED_AGAIN)
    cleared = (
        "delivered_at last_step_at answered_at answered_via proxy_by proxy_how reported_at report "
        "report_text report_due_at discharged_by discharge_reason"
    ).split()
    connection.execute(
        update(calls)
        .where(calls.c.id.in_(GIVEN_IDS))
        .values(
            state=CallState.WAITING.value,
            reach=case((within, Reach.QUEUED.value), else_=Reach.UNREACHABLE.value),
            called_at=now,
            steps=case((was_open, kept), else_=literal(0, Integer)).bitwise_or(back),
            repeats=0,
            due_at=case(
                (within, literal(due[Reach.QUEUED], UtcDateTime)),
                else_=literal(due[Reach.UNREACHABLE], UtcDateTime),
            ),
            **dict.fromkeys(cleared),
        ),
        {"ids": as_json(call_ids)},
    )
    clear_reports(connection, call_ids)


def clear_reports(connection: Connection, call_ids: Iterable[int]) -> None:
    """That the further posts of these calls were reported on counts no more, of those left out,
    too, which may come back. What was moved stays counted."""
    for table in (call_posts, left_out_posts):
        connection.execute(
            update(table)
            .where(table.c.call_id.in_(GIVEN_IDS), table.c.report.is_not(None))
            .values(report=None, reported_at=None),
            {"ids": as_json(call_ids)},
        )


def may_have_heard(connection: Connection, call_ids: Iterable[int]) -> set[int]:
    """Those of these calls of which a message arrived, or may have."""
    query = select(calls.c.id).where(
        calls.c.id.in_(GIVEN_IDS),
        or_(
            _HEARD,
            exists().where(
                deliveries.c.call_id == calls.c.id, deliveries.c.uncertain_at.is_not(None)
            ),
        ),
    )
    return set(connection.execute(query, {"ids": as_json(call_ids)}).scalars())


def _standings(
    alert_id: int, whom: Audience, of_alert: ColumnElement[int] = calls.c.alert_id
) -> Select[Any]:
    return (
        select(
            calls.c.id,
            calls.c.state,
            _STOOD_DOWN.label("stood_down"),
            _is_inside(alert_id, whom).label("inside"),
            _is_listed(alert_id, whom).label("wanted"),
            and_(people.c.active, _is_still_there(whom)).label("active"),
            _HEARD.label("heard"),
            calls.c.called_at,
            calls.c.stand_in_for.is_not(None).label("stands_in"),
        )
        .join(people, people.c.id == calls.c.person_id)
        .where(of_alert == bindparam(None, alert_id, type_=BigInteger))
    )


def _is_inside(alert_id: int, whom: Audience) -> ColumnElement[bool]:
    """Whether the warning is for one of the posts of a call, or for what lies below one."""
    further = select(call_posts.c.call_id).where(
        call_posts.c.alert_id == alert_id,
        inside(call_posts.c.division_code, call_posts.c.place_code, whom),
    )
    # Left out of a call that went on for another post, which may be left out, too, by now.
    earlier = select(left_out_posts.c.call_id).where(
        left_out_posts.c.alert_id == alert_id,
        inside(left_out_posts.c.division_code, left_out_posts.c.place_code, whom),
    )
    # Whoever is in charge of what lies around an area was called for it, and stays; a department
    # only as long as the mechanism names it.
    in_charge = and_(
        calls.c.division_code.in_(_around(whom)), calls.c.role != Role.DEPARTMENT.value
    )
    return or_(
        inside(calls.c.division_code, calls.c.place_code, whom),
        in_charge,
        calls.c.id.in_(further),
        calls.c.id.in_(earlier),
    )


def _around(whom: Audience) -> list[str]:
    return sorted({above for low, _ in whom.ranges for above in ancestors(low)})


def _is_still_there(whom: Audience) -> ColumnElement[bool]:
    """Whether the person of a call has a post still where it is, or where the warning is for: who
    moved to another county since is as one who left."""

    def there(held: Table) -> ColumnElement[bool]:
        return or_(
            held.c.division_code == calls.c.division_code,
            held.c.division_code.in_(_around(whom)),
            inside(held.c.division_code, held.c.place_code, whom),
        )

    return or_(there(people), exists().where(posts.c.person_id == people.c.id, there(posts)))


def _is_listed(alert_id: int, whom: Audience) -> ColumnElement[bool]:
    """Whether the list of the warning, as it is now, has one of the posts of a call."""
    of_call = listed(calls.c.division_code, calls.c.role, whom)
    if not whom.circles:
        return of_call
    further = select(call_posts.c.call_id).where(
        call_posts.c.alert_id == alert_id,
        listed(call_posts.c.division_code, call_posts.c.role, whom),
    )
    return or_(of_call, calls.c.id.in_(further), named_by_title(calls.c.person_id, whom))


def _standing(row: Sequence[Any]) -> Standing:
    call_id, state, *flags, called_at, stands_in = row
    stood_down, is_inside, wanted, active, heard = (bool(flag) for flag in flags)
    return Standing(
        call_id,
        CallState(state),
        stood_down,
        is_inside,
        wanted,
        active,
        heard,
        called_at,
        bool(stands_in),
    )
