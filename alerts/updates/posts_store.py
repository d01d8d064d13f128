"""The further posts of a warning's calls, and its groups, as rows, after its areas changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    exists,
    not_,
    or_,
    select,
    update,
)

from alerts import call_post_store
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.messages import MessageKind
from contacts.targeting import Audience
from contacts.targeting_store import inside
from data.tables.alerts import call_posts, calls, deliveries


def follow(connection: Connection, alert_id: int, whom: Audience) -> set[int]:
    """What calls are for follows the warning's areas; returns the calls that are for more now.

    A call whose first post is outside by now, and another is not, is for that one from now on. The
    numbers by division are to be counted anew afterwards.

    :param whom: whom the warning is for as it is now.
    """
    here = inside(call_posts.c.division_code, call_posts.c.place_code, whom)
    own = inside(calls.c.division_code, calls.c.place_code, whom)
    _move(connection, alert_id, not_(own), here)
    its_call_stays = exists().where(
        calls.c.id == call_posts.c.call_id, calls.c.alert_id == alert_id, own
    )
    connection.execute(
        delete(call_posts).where(call_posts.c.alert_id == alert_id, not_(here), its_call_stays)
    )
    last = _posts(connection, alert_id)
    call_post_store.add_of_release(connection, alert_id, whom, more=True)
    return {call_id for call_id, *_ in _posts(connection, alert_id) - last}


def groups_posted(
    connection: Connection, alert_id: int, *, since: datetime | None = None
) -> set[int]:
    """The chats of the groups that have a post of the warning, or may have, or will; not of those
    that were told since that it is no more for theirs.

    :param since: only of posts queued since then.
    """
    said = _last_said(connection, alert_id, since)
    return {chat_id for chat_id, kind in said.items() if kind == MessageKind.POST.value}


def groups_left_out(connection: Connection, alert_id: int) -> set[int]:
    """The chats of the groups that were told so last."""
    said = _last_said(connection, alert_id)
    return {chat_id for chat_id, kind in said.items() if kind == MessageKind.NARROWED.value}


def _last_said(
    connection: Connection, alert_id: int, since: datetime | None = None
) -> dict[int, str]:
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
    return {row.chat_id: row.kind for row in connection.execute(query.order_by(deliveries.c.id))}


def _posts(connection: Connection, alert_id: int) -> set[tuple[int, str, str, str]]:
    query = select(
        call_posts.c.call_id,
        call_posts.c.division_code,
        call_posts.c.role,
        call_posts.c.place_code,
    ).where(call_posts.c.alert_id == alert_id)
    return {(row[0], row[1], row[2], row[3]) for row in connection.execute(query)}


def _move(
    connection: Connection,
    alert_id: int,
    outside: ColumnElement[bool],
    here: ColumnElement[bool],
) -> None:
    """Calls whose first post is outside are for the first of their others that is not."""
    query = (
        select(
            call_posts.c.call_id,
            call_posts.c.division_code,
            call_posts.c.role,
            call_posts.c.place_code,
        )
        .join(calls, calls.c.id == call_posts.c.call_id)
        .where(calls.c.alert_id == alert_id, outside, here)
        .order_by(call_posts.c.call_id, call_posts.c.division_code, call_posts.c.role)
    )
    moved: dict[int, tuple[str, str, str]] = {}
    for call_id, code, role, place in connection.execute(query):
        moved.setdefault(call_id, (code, role, place))
    for call_id, office in moved.items():
        connection.execute(
            delete(call_posts).where(
                call_posts.c.call_id == call_id,
                call_posts.c.division_code == office[0],
                call_posts.c.role == office[1],
                call_posts.c.place_code == office[2],
            )
        )
        connection.execute(
            update(calls)
            .where(calls.c.id == call_id)
            .values(division_code=office[0], role=office[1], place_code=office[2])
        )
