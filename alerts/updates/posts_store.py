"""The further posts of a warning's calls, and its groups, as rows, after its areas changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    not_,
    or_,
    select,
    update,
)

from alerts import call_post_store, report_store
from alerts.calls import CallState, stands_as
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.messages import MessageKind
from contacts.targeting import Audience
from contacts.targeting_store import inside
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import call_posts, calls, deliveries
from data.tables.changes import left_out_posts
from data.upserts import insert_into


def follow(connection: Connection, alert_id: int, whom: Audience, since: datetime) -> set[int]:
    """What calls are for follows the warning's areas; returns the calls that are for more now.

    A call whose first post is outside by now, and another is not, is for that one from now on. What
    was said of posts outside, and who was moved there, is kept with them. The numbers by division
    are to be counted anew afterwards.

    :param whom: whom the warning is for as it is now.
    :param since: calls made since then were made for what it is now.
    """
    before = _offices(connection, alert_id)
    call_post_store.add_of_release(connection, alert_id, whom, more=True)
    _take_back(connection, alert_id, whom)
    own = inside(calls.c.division_code, calls.c.place_code, whom)
    here = inside(call_posts.c.division_code, call_posts.c.place_code, whom)
    _move(connection, alert_id, not_(own), here)
    its_call_stays = exists().where(
        calls.c.id == call_posts.c.call_id, calls.c.alert_id == alert_id, own
    )
    gone = and_(call_posts.c.alert_id == alert_id, not_(here), its_call_stays)
    kept = [call_posts.c[column.name] for column in left_out_posts.c]
    names = [column.name for column in left_out_posts.c]
    leave = insert_into(connection, left_out_posts).from_select(names, select(*kept).where(gone))
    connection.execute(leave.on_conflict_do_nothing())
    connection.execute(delete(call_posts).where(gone))
    call_post_store.meet_anew(connection, alert_id)
    more = {call_id for call_id, *_ in _offices(connection, alert_id) - before}
    asked = select(calls.c.id).where(calls.c.id.in_(GIVEN_IDS), calls.c.called_at >= since)
    return more - set(connection.execute(asked, {"ids": as_json(more)}).scalars())


def groups_posted(
    connection: Connection, alert_id: int, *, since: datetime | None = None
) -> set[int]:
    """The chats of the groups that have a post of the warning, or may have, or will; not of those
    that were told since that it is no more for theirs.

    :param since: only of posts queued since then.
    """
    said = (MessageKind.POST.value, MessageKind.NARROWED.value)
    query = select(deliveries.c.chat_id, deliveries.c.kind).where(
        deliveries.c.alert_id == alert_id,
        deliveries.c.kind.in_(said),
        deliveries.c.chat_id < 0,
        or_(
            deliveries.c.state.in_(
                [
                    DeliveryState.SENT.value,
                    DeliveryState.CLAIMED.value,
                    DeliveryState.QUEUED.value,
                ]
            ),
            deliveries.c.uncertain_at.is_not(None),
        ),
    )
    if since is not None:
        query = query.where(deliveries.c.created_at >= since)
    last = {row.chat_id: row.kind for row in connection.execute(query.order_by(deliveries.c.id))}
    return {chat_id for chat_id, kind in last.items() if kind == MessageKind.POST.value}


def _offices(connection: Connection, alert_id: int) -> set[tuple[int, str, str, str]]:
    """What each call that is for several posts is for, its own first post among them."""
    several = select(call_posts.c.call_id).where(call_posts.c.alert_id == alert_id)
    further = select(
        call_posts.c.call_id,
        call_posts.c.division_code,
        call_posts.c.role,
        call_posts.c.place_code,
    ).where(call_posts.c.alert_id == alert_id)
    own = select(calls.c.id, calls.c.division_code, calls.c.role, calls.c.place_code).where(
        calls.c.id.in_(several)
    )
    return {(row[0], row[1], row[2], row[3]) for row in connection.execute(own.union(further))}


def _take_back(connection: Connection, alert_id: int, whom: Audience) -> None:
    """Posts that were left out, and for which the warning is again, are the calls' again."""
    back = and_(
        left_out_posts.c.alert_id == alert_id,
        inside(left_out_posts.c.division_code, left_out_posts.c.place_code, whom),
    )
    for post in connection.execute(select(left_out_posts).where(back)).all():
        key = {name: getattr(post, name) for name in ("call_id", *_OFFICE)}
        facts = {name: getattr(post, name) for name in _TOLD}
        # Those of the roster are there by now; whoever moved away since has theirs still.
        added = insert_into(connection, call_posts).values(
            alert_id=alert_id, rank=1, meets="", **key, **facts
        )
        connection.execute(added.on_conflict_do_update(index_elements=list(key), set_=facts))
    connection.execute(delete(left_out_posts).where(back))


def _move(
    connection: Connection,
    alert_id: int,
    outside: ColumnElement[bool],
    here: ColumnElement[bool],
) -> None:
    """Calls whose first post is outside are for the first of their others that is not.

    Figures said for several posts together are not the first's alone, and stay with the call.
    """
    query = (
        select(call_posts, *(calls.c[name].label(f"own_{name}") for name in _OF_FIRST))
        .join(calls, calls.c.id == call_posts.c.call_id)
        .where(calls.c.alert_id == alert_id, outside, here)
        .order_by(call_posts.c.call_id, call_posts.c.division_code, call_posts.c.role)
    )
    moved: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(query):
        moved.setdefault(row.call_id, []).append(row)
    for call_id, others in moved.items():
        together = _said_together(connection, call_id, others)
        post = together or others[0]
        first = {name: getattr(post, f"own_{name}") for name in (*_OFFICE, *_TOLD)}
        figures = {name: first[name] for name in _FIGURES} if together else {}
        first |= dict.fromkeys(figures)
        leave = insert_into(connection, left_out_posts).values(
            call_id=call_id, alert_id=alert_id, **first
        )
        connection.execute(leave.on_conflict_do_nothing())
        connection.execute(
            delete(call_posts).where(
                call_posts.c.call_id == call_id,
                *(call_posts.c[name] == getattr(post, name) for name in _OFFICE),
            )
        )
        values = {name: getattr(post, name) for name in (*_OFFICE, *_TOLD)} | figures
        values["state"] = stands_as(
            CallState(post.own_state), post.own_answered_via, told=post.report is not None
        ).value
        connection.execute(update(calls).where(calls.c.id == call_id).values(**values))


def _said_together(
    connection: Connection, call_id: int, others: Sequence[Row[Any]]
) -> Row[Any] | None:
    """The first of these posts that the figures of the call itself are for, too, if any is."""
    its = others[0]
    if its.own_households is None and its.own_persons is None:
        return None
    own = (its.own_division_code, its.own_place_code)
    facts = reversed(report_store.of_call(connection, call_id))
    said = (fact.where for fact in facts if fact.counts_moved and fact.where in (None, own))
    if next(said, own) is not None:
        return None
    for post in others:
        # Not one that came to the call afterwards, of which nothing was said.
        said_of = post.report is not None or its.own_report is None
        if said_of and post.households is None and post.persons is None:
            return post
    return None


_OFFICE = ("division_code", "role", "place_code")
_FIGURES = ("households", "persons")
_TOLD = ("report", "reported_at", *_FIGURES)
_OF_FIRST = (*_OFFICE, *_TOLD, "state", "answered_via")
