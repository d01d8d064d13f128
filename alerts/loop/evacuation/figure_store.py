"""The calls of a village, and the figures of who was moved that they hold, as rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select, update

from alerts.calls import ANSWERED, Call, CallState
from alerts.loop.evacuation.counting import Figures
from alerts.reports import Where
from contacts.divisions.codes import ancestors, code_range
from data.tables.alerts import call_counts, call_posts, calls


@dataclass(frozen=True, slots=True)
class Holder:
    """A call that is for a village: by its own first post, or (``further``) by another."""

    call_id: int
    person_id: int
    place_code: str
    state: CallState
    holds: bool  # figures, of this village
    further: str = ""  # the role of that other post

    @property
    def answered(self) -> bool:
        """Whether its person was reached."""
        return self.state in ANSWERED


def calls_there(connection: Connection, alert_id: int, code: str) -> list[Holder]:
    """The calls of a warning that are for this village, those by their first post first."""
    figures = or_(calls.c.households.is_not(None), calls.c.persons.is_not(None))
    own = (
        select(calls.c.id, calls.c.person_id, calls.c.place_code, calls.c.state, figures)
        .where(calls.c.alert_id == alert_id, calls.c.division_code == code)
        .order_by(calls.c.id)
    )
    figures = or_(call_posts.c.households.is_not(None), call_posts.c.persons.is_not(None))
    further = (
        select(
            calls.c.id,
            calls.c.person_id,
            call_posts.c.place_code,
            calls.c.state,
            figures,
            call_posts.c.role,
        )
        .join(calls, calls.c.id == call_posts.c.call_id)
        .where(call_posts.c.alert_id == alert_id, call_posts.c.division_code == code)
        .order_by(calls.c.id, call_posts.c.role)
    )
    rows = [(*row, "") for row in connection.execute(own)] + [*connection.execute(further)]
    return [
        Holder(call_id, person_id, place, CallState(state), bool(holds), role)
        for call_id, person_id, place, state, holds, role in rows
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
    if holder.further:
        change = update(call_posts).where(
            call_posts.c.call_id == holder.call_id,
            call_posts.c.division_code == code,
            call_posts.c.role == holder.further,
            call_posts.c.place_code == holder.place_code,
        )
    else:
        change = update(calls).where(calls.c.id == holder.call_id)
    connection.execute(change.values(households=households, persons=persons))
