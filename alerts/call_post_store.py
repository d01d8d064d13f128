"""The further posts that calls are for, as rows, and where such calls are counted besides.

A person is called once, in the first post that a warning is for. What is counted and listed by
division must find the call in each of the others too, and no person twice in a sum over several.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from enum import Enum

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Table,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    union_all,
    update,
)

from alerts.calls import Call, Report
from alerts.history.store import kept_rows_of
from alerts.reports import FurtherPost, PostReport, Where
from contacts.divisions.codes import CODE_LENGTH, EVERYWHERE, SHORT_LENGTHS
from contacts.people import Office, Role
from contacts.targeting import Audience
from contacts.targeting_store import further_posts_query
from data.errors import NotFound
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import call_posts as table
from data.tables.alerts import calls
from data.tables.changes import left_out_posts
from data.tables.contacts import posts


class PlaceProblem(Enum):
    """Why a place cannot be reported on."""

    NO_SUCH = "no_such_place"


def any_held(connection: Connection) -> bool:
    """Whether anybody holds more than one post."""
    return connection.execute(select(posts.c.id).limit(1)).first() is not None


def add_of_release(
    connection: Connection, alert_id: int, whom: Audience, *, more: bool = False
) -> None:
    """What the calls of a release, all of which are there, are for besides their first posts.

    :param more: some are there already: its areas were extended.
    """
    further = further_posts_query(whom).subquery()
    query = (
        select(
            calls.c.alert_id,
            calls.c.id,
            further.c.division_code,
            further.c.role,
            further.c.rank,
            further.c.place_code,
            _meeting(further.c.division_code, calls.c.division_code),
        )
        # Plus 0: SQLite looks up the call of each post, and not the posts of 60,000 calls.
        .join(further, calls.c.person_id == further.c.person_id + 0)
        .where(
            calls.c.alert_id == alert_id,
            # The post that the call itself names.
            or_(
                further.c.division_code != calls.c.division_code,
                further.c.role != calls.c.role,
                further.c.place_code != calls.c.place_code,
            ),
        )
    )
    if more:
        there = table.alias("there")
        query = query.where(
            ~exists().where(
                there.c.call_id == calls.c.id,
                there.c.division_code == further.c.division_code,
                there.c.role == further.c.role,
                there.c.place_code == further.c.place_code,
            )
        )
    names = ["alert_id", "call_id", "division_code", "role", "rank", "place_code", "meets"]
    connection.execute(insert(table).from_select(names, query))
    connection.execute(_MEET_NEARER, {"alert": alert_id})


def meet_anew(connection: Connection, alert_id: int) -> None:
    """Where the posts of calls meet, after some of those that they met are gone."""
    connection.execute(_MEET_FIRST, {"alert": alert_id})
    connection.execute(_MEET_NEARER, {"alert": alert_id})


def offices_of(
    connection: Connection, found: Iterable[Call]
) -> dict[int, list[tuple[Office, int]]]:
    """What each of these calls is for besides its first post: offices and ranks, by call id."""
    query = select(
        table.c.call_id, table.c.division_code, table.c.role, table.c.place_code, table.c.rank
    )
    query = query.where(table.c.call_id.in_(GIVEN_IDS)).order_by(
        table.c.division_code, table.c.role, table.c.place_code
    )
    rows = connection.execute(query, {"ids": as_json(call.id for call in found)})
    offices: defaultdict[int, list[tuple[Office, int]]] = defaultdict(list)
    for call_id, code, role, place, rank in rows:
        offices[call_id].append(((code, Role(role), place), rank))
    return offices


def answered_for(connection: Connection, call_ids: Iterable[int]) -> dict[int, dict[Where, bool]]:
    """Where the posts of calls are that are for several, or at a place; whether it was reported on.

    Calls for the one post of a division are left out.
    """
    # First which these are: of a province's calls hardly any, and this query is half the other.
    such = connection.execute(_ELSEWHERE, {"ids": as_json(call_ids)}).scalars().all()
    if not such:
        return {}
    found: defaultdict[int, dict[Where, bool]] = defaultdict(dict)
    for call_id, code, place, told in connection.execute(_WHERE, {"ids": as_json(such)}):
        found[call_id][code, place] = bool(told) or found[call_id].get((code, place), False)
    return dict(found)


def places_of(connection: Connection, call: Call) -> list[PostReport]:
    """The places that a call is for, its own first, and how each stands; empty where it is one."""
    own = (call.division_code, call.place_code)
    found = {own: PostReport(own, call.report, call.reported_at, call.households, call.persons)}
    for code, place, what, *rest in connection.execute(_REPORTED, {"call": call.id}):
        where = (code, place)
        before = found.get(where)
        if before is None or (before.report is None and where != own):
            found[where] = PostReport(where, None if what is None else Report(what), *rest)
    return list(found.values()) if len(found) > 1 else []


def numbered(connection: Connection, call: Call, number: int) -> PostReport:
    """The place of this number, counted from 1, of those that a call is for.

    :raises NotFound: with a ``PlaceProblem``: there is none.
    """
    places = places_of(connection, call)
    if not 1 <= number <= len(places):
        raise NotFound(PlaceProblem.NO_SUCH, call=call.id)
    return places[number - 1]


def set_report(
    connection: Connection,
    call: Call,
    where: Where | None,
    what: Report,
    at: datetime,
    *,
    households: int | None = None,
    persons: int | None = None,
) -> None:
    """Note what was reported of a place that a call is for; of all its further posts without one.

    Figures are of one post there: of several they would be counted twice. Figures for all places
    stand with the call itself, and take the place of those of each.
    """
    posts = update(table).where(table.c.call_id == call.id)
    if where is not None:
        posts = posts.where(table.c.division_code == where[0], table.c.place_code == where[1])
    connection.execute(posts.values(report=what.value, reported_at=at))
    figures = {"households": households, "persons": persons}
    figures = {name: number for name, number in figures.items() if number is not None}
    if where is None and figures:
        connection.execute(posts.values(dict.fromkeys(figures)))
    if where is not None and figures and where != (call.division_code, call.place_code):
        first = select(func.min(table.c.role)).where(
            table.c.call_id == call.id,
            table.c.division_code == where[0],
            table.c.place_code == where[1],
        )
        role = connection.execute(first).scalar_one()
        connection.execute(posts.where(table.c.role == role).values(**figures))


def of_alert(connection: Connection, alert_id: int) -> dict[int, list[FurtherPost]]:
    """The further posts of an alert's calls, archived or not, by call; in order of division."""
    return _kept_of(connection, alert_id, table)


def left_out_of(connection: Connection, alert_id: int) -> dict[int, list[FurtherPost]]:
    """The posts that a narrowing left out of calls that go on for others; the same way."""
    return _kept_of(connection, alert_id, left_out_posts)


def _kept_of(connection: Connection, alert_id: int, table: Table) -> dict[int, list[FurtherPost]]:
    kept = kept_rows_of(connection, alert_id, table)
    if kept is None:
        return {}
    columns = [kept.c[name] for name in FurtherPost._fields]
    query = select(kept.c.call_id, *columns).where(kept.c.alert_id == alert_id)
    query = query.order_by(kept.c.call_id, kept.c.division_code, kept.c.place_code, kept.c.role)
    found: defaultdict[int, list[FurtherPost]] = defaultdict(list)
    for call_id, *values in connection.execute(query):
        found[call_id].append(FurtherPost(*values))
    return dict(found)


def in_divisions(
    alert_id: int | BindParameter[int],
    low: str | BindParameter[str],
    high: str | BindParameter[str],
) -> ColumnElement[bool]:
    """SQL: the condition that one of the posts that a call is for lies between two codes."""
    own = calls.c.division_code.between(low, high)
    if isinstance(low, str) and (low, high) == EVERYWHERE:
        return own
    further = select(table.c.call_id).where(
        table.c.alert_id == alert_id, table.c.division_code.between(low, high)
    )
    return or_(own, calls.c.id.in_(further))


def _meeting(code: ColumnElement[str], other: ColumnElement[str]) -> ColumnElement[str]:
    """SQL: the nearest division that holds both, without its zeros; empty where none does."""
    starts = [
        (func.substr(code, 1, digits), func.substr(other, 1, digits))
        for digits in (CODE_LENGTH, *reversed(SHORT_LENGTHS))
    ]
    return case(*((start == others, start) for start, others in starts), else_=literal(""))


_ELSEWHERE = select(calls.c.id).where(
    calls.c.id.in_(GIVEN_IDS),
    or_(
        calls.c.place_code != "",
        select(table.c.call_id).where(table.c.call_id == calls.c.id).exists(),
    ),
)
_WHERE = union_all(
    select(
        calls.c.id, calls.c.division_code, calls.c.place_code, calls.c.report.is_not(None)
    ).where(calls.c.id.in_(GIVEN_IDS)),
    select(
        table.c.call_id, table.c.division_code, table.c.place_code, table.c.report.is_not(None)
    ).where(table.c.call_id.in_(GIVEN_IDS)),
)

# Of calls with several further posts: one may meet another before it nearer than the first.
_ALERT = bindparam("alert", type_=BigInteger)
_before = table.alias("before")
_nearest = (
    select(func.max(_meeting(table.c.division_code, _before.c.division_code)))
    .where(
        _before.c.call_id == table.c.call_id,
        tuple_(_before.c.division_code, _before.c.role, _before.c.place_code)
        < tuple_(table.c.division_code, table.c.role, table.c.place_code),
    )
    .correlate(table)
    .scalar_subquery()
)
_several = select(posts.c.person_id).group_by(posts.c.person_id).having(func.count() > 1)
_MEET_NEARER = (
    update(table)
    .where(
        table.c.call_id.in_(
            select(calls.c.id).where(calls.c.alert_id == _ALERT, calls.c.person_id.in_(_several))
        ),
        func.length(_nearest) > func.length(table.c.meets),
    )
    .values(meets=_nearest)
)

_own = select(_meeting(table.c.division_code, calls.c.division_code)).where(
    calls.c.id == table.c.call_id
)
_MEET_FIRST = (
    update(table)
    .where(table.c.alert_id == _ALERT)
    .values(meets=_own.correlate(table).scalar_subquery())
)

_REPORTED = (
    select(
        table.c.division_code,
        table.c.place_code,
        table.c.report,
        table.c.reported_at,
        table.c.households,
        table.c.persons,
    )
    .where(table.c.call_id == bindparam("call", type_=BigInteger))
    .order_by(table.c.division_code, table.c.place_code, table.c.role)
)
