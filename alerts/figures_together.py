"""Figures said for several places of a call together, when one of them is reported on by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerts import alert_message_store, report_store
from alerts.calls import Call
from alerts.lifecycle import AlertMessage, Terms
from alerts.reports import PostReport, Where
from contacts.divisions.codes import any_around, contains
from data.database import Connection


def less(connection: Connection, call: Call, place: PostReport | None, told: Call) -> Call:
    """The call, when one of its further places is reported on: it stands as its first post does.

    Figures for all its places, which it holds, lose what is now counted at that place; not where
    it came to the call only after they were said.

    :param told: the call as it would be if that place were its own.
    """
    assert place is not None
    own = (call.division_code, call.place_code)
    facts = reversed(report_store.of_call(connection, call.id))
    together = next(
        (fact for fact in facts if fact.counts_moved and fact.where in (None, own)), None
    )
    if together is None or together.where is not None:
        return call
    if place.report is None and call.report is not None:
        return call  # it was not there when all were last reported on
    history = alert_message_store.of_alert(connection, call.alert_id)
    if not was_for(history, place.where, together.reported_at):
        return call
    return call._replace(
        households=_rest(call.households, place.households, told.households),
        persons=_rest(call.persons, place.persons, told.persons),
    )


def was_for(history: Sequence[AlertMessage], where: Where, at: datetime) -> bool:
    """Whether a warning was for a place then.

    :param history: its messages, the first first.
    """
    said = [message.terms for message in history if message.sent_at <= at] or [
        message.terms for message in history[:1]
    ]
    return not said or _is_for(said[-1], where)


def _is_for(terms: Terms, where: Where) -> bool:
    code, place = where
    if terms.places or place in terms.besides:
        return True  # for places alone: of kinds, too, which are not known here
    return any_around([code], terms.areas) or any(contains(code, area) for area in terms.areas)


def _rest(total: int | None, before: int | None, now: int | None) -> int | None:
    return None if total is None else max(0, total - max(0, (now or 0) - (before or 0)))
