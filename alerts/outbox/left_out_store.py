"""Whom a narrowing left out: they were told so, and of the warning's end they are told nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    false,
    func,
    not_,
    select,
    true,
)

from alerts.calls import CallState
from alerts.outbox.messages import MessageKind
from data.tables.alerts import calls, deliveries
from data.tables.columns import constant

_OWN_CALL = [constant(MessageKind.CALL.value), constant(MessageKind.REMIND.value)]
_told = deliveries.alias("no_more")


def without_left_out(query: Select[Any], of_alerts: Select[Any]) -> Select[Any]:
    """The same of deliveries, without those to whoever was told that it is no more theirs.

    What came to them after that counts again, and so does an errand, which may lead elsewhere. The
    call of a person says whether it is theirs again; of a group its last message does.

    :param of_alerts: which alerts these deliveries are about.
    """
    last = (
        select(_told.c.alert_id, _told.c.chat_id, func.max(_told.c.id).label("id"))
        .where(
            _told.c.alert_id.in_(of_alerts),
            _told.c.kind == constant(MessageKind.NARROWED.value),
            _told.c.state.not_in([constant("failed"), constant("dropped")]),
        )
        .group_by(_told.c.alert_id, _told.c.chat_id)
        .subquery("last_no_more")
    )
    before: ColumnElement[bool] = and_(
        last.c.id.is_not(None),
        last.c.id > deliveries.c.id,
        deliveries.c.kind != constant(MessageKind.ERRAND.value),
    )
    its_chat = and_(
        last.c.alert_id == deliveries.c.alert_id, last.c.chat_id == deliveries.c.chat_id
    )
    left_out_call = and_(
        calls.c.alert_id == deliveries.c.alert_id,
        calls.c.person_id == deliveries.c.person_id,
        calls.c.state == constant(CallState.LEFT_OUT.value),
    )
    return query.select_from(
        deliveries.outerjoin(last, its_chat).outerjoin(calls, left_out_call)
    ).where(
        case(
            (deliveries.c.chat_id < 0, not_(before)),
            (calls.c.id.is_(None), true()),
            (deliveries.c.kind.in_(_OWN_CALL), false()),
            else_=not_(before),
        )
    )
