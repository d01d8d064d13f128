"""The calls of a village, and the figures of who was moved that they hold, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, or_, select, update

from alerts import progress_store
from alerts.calls import ANSWERED, Call, CallState, Report
from alerts.loop.evacuation.counting import Figures
from alerts.reports import Where
from contacts.divisions.codes import ancestors, code_range
from data.tables.alerts import call_counts, call_posts, calls
from data.tables.changes import left_out_posts


@dataclass(frozen=True, slots=True)
class Holder:
    """A call that is for a village: by its own first post, or (``further``) by another; or it was
    (``left_out``), until a narrowing left that post out, and goes on elsewhere."""

    call_id: int
    person_id: int
    place_code: str
    state: CallState
    holds: bool  # figures, of this village
    further: str = ""  # the role of that other post
    left_out: bool = False

    @property
    def answered(self) -> bool:
        """Whether its person was reached."""
        return self.state in ANSWERED


def calls_there(connection: Connection, alert_id: int, code: str) -> list[Holder]:
    """The calls of a warning that are for this village, those by their first post first; last
    those that were for it."""
    figures = or_(calls.c.households.is_not(None), calls.c.persons.is_not(None))
    own = (
        select(calls.c.id, calls.c.person_id, calls.c.place_code, calls.c.state, figures)
        .where(calls.c.alert_id == alert_id, calls.c.division_code == code)
        .order_by(calls.c.id)
    )
    further = connection.execute(_posts_there(call_posts, alert_id, code))
    rows = [(*row, "") for row in connection.execute(own)] + [*further]
    gone = connection.execute(_posts_there(left_out_posts, alert_id, code))
    return [_holder(row) for row in rows] + [
        replace(_holder(row), state=CallState.LEFT_OUT, left_out=True) for row in gone
    ]


def hold(connection: Connection, holder: Holder, code: str, figures: Figures) -> None:
    """This call holds the figures of the village from now on."""
    _set(connection, holder, code, figures.households, figures.persons)


def let_go(
    connection: Connection, holders: Iterable[Holder], code: str, *, together: bool = False
) -> None:
    """These calls hold no figures of the village any more.

    :param together: nor one that is for several places and holds figures for all of them together.
    """
    for holder in holders:
        if together or holder.further or not is_for_several(connection, holder.call_id):
            _set(connection, holder, code, None, None)


def let_go_above(connection: Connection, alert_id: int, code: str) -> None:
    """What was said for the divisions above a village as a whole counts no more: the village
    counts for itself."""
    for above in ancestors(code):
        holding = [each for each in calls_there(connection, alert_id, above) if each.holds]
        let_go(connection, holding, above, together=True)


def any_inside(connection: Connection, alert_id: int, code: str) -> bool:
    """Whether any call of a division below holds figures of its own."""
    low, high = code_range(code)
    query = select(call_counts.c.division_code).where(
        call_counts.c.alert_id == alert_id,
        call_counts.c.division_code > low,
        call_counts.c.division_code <= high,
        or_(call_counts.c.households != 0, call_counts.c.persons != 0),
    )
    return connection.execute(query.limit(1)).first() is not None


def villages_of(connection: Connection, call: Call) -> set[str]:
    """The divisions that a call is for, by any of its posts."""
    query = select(call_posts.c.division_code).where(call_posts.c.call_id == call.id)
    return {call.division_code, *connection.execute(query).scalars()}


def left_out_of(connection: Connection, call: Call) -> set[str]:
    """The divisions of the posts that a narrowing left out of a call."""
    query = select(left_out_posts.c.division_code).where(left_out_posts.c.call_id == call.id)
    return set(connection.execute(query).scalars())


def told_of_left_out(connection: Connection, holder: Holder, code: str, at: datetime) -> None:
    """Of a post that a narrowing left out it was told since that people were moved."""
    told = {"report": Report.MOVED.value, "reported_at": at}
    connection.execute(update(left_out_posts).where(_is(left_out_posts, holder, code)).values(told))


def clear_left_out(connection: Connection, call: Call) -> None:
    """Nothing that was told of the posts left out of a call counts any more."""
    mine = left_out_posts.c.call_id == call.id
    _count(connection, mine, None, None)
    nothing = dict.fromkeys(("report", "reported_at", "households", "persons"))
    connection.execute(update(left_out_posts).where(mine).values(nothing))


def only_of(connection: Connection, call: Call, where: Where) -> None:
    """Of several calls that are for the same place, only this one holds figures."""
    code, place = where
    others = [
        holder
        for holder in calls_there(connection, call.alert_id, code)
        if holder.holds and holder.call_id != call.id and holder.place_code == place
    ]
    let_go(connection, others, code)


def is_for_several(connection: Connection, call_id: int) -> bool:
    """Whether a call is for more than one post."""
    query = select(call_posts.c.call_id).where(call_posts.c.call_id == call_id).limit(1)
    return connection.execute(query).first() is not None


def _set(
    connection: Connection, holder: Holder, code: str, households: int | None, persons: int | None
) -> None:
    if holder.left_out:
        _count(connection, _is(left_out_posts, holder, code), households, persons)
        change = update(left_out_posts).where(_is(left_out_posts, holder, code))
    elif holder.further:
        change = update(call_posts).where(_is(call_posts, holder, code))
    else:
        change = update(calls).where(calls.c.id == holder.call_id)
    connection.execute(change.values(households=households, persons=persons))


def _is(table: Table, holder: Holder, code: str) -> ColumnElement[bool]:
    return and_(
        table.c.call_id == holder.call_id,
        table.c.division_code == code,
        table.c.role == holder.further,
        table.c.place_code == holder.place_code,
    )


def _count(
    connection: Connection,
    which: ColumnElement[bool],
    households: int | None,
    persons: int | None,
) -> None:
    """Each of these posts that were left out holds these figures instead: no trigger counts it."""
    for post in connection.execute(select(left_out_posts).where(which)).all():
        progress_store.count_moved(
            connection,
            post.alert_id,
            post.division_code,
            (households or 0) - (post.households or 0),
            (persons or 0) - (post.persons or 0),
        )


def _posts_there(table: Table, alert_id: int, code: str) -> Select[Any]:
    figures = or_(table.c.households.is_not(None), table.c.persons.is_not(None))
    return (
        select(
            calls.c.id, calls.c.person_id, table.c.place_code, calls.c.state, figures, table.c.role
        )
        .join(calls, calls.c.id == table.c.call_id)
        .where(table.c.alert_id == alert_id, table.c.division_code == code)
        .order_by(calls.c.id, table.c.role)
    )


def _holder(row: Sequence[Any]) -> Holder:
    call_id, person_id, place, state, holds, role = row
    return Holder(call_id, person_id, place, CallState(state), bool(holds), role)
