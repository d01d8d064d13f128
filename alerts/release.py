"""Releasing a warning: from a draft to calls and deliveries, in one transaction.

One to more persons than that takes is only begun here: ``alerts.large_release`` carries it on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts import (
    alert_message_store,
    alert_store,
    call_post_store,
    call_store,
    progress_store,
    release_store,
    uncalled_store,
)
from alerts.accounts import note_use
from alerts.calls import CallState, LadderState, Reach
from alerts.escalation import next_step
from alerts.lookup import AlertProblem, known_alert
from alerts.model import Alert, Draft, State, Status, issuing_unit
from alerts.outbox import end_store
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery, to_person
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import GroupPost, MessageKind
from alerts.preview import groups_of, nobody_called, permit, whom_of
from alerts.rules import LANES, Rules
from alerts.second_person import are_two, needs_second_person
from contacts import people_store
from contacts.access import Access, may_cancel, may_confirm, may_release, require
from contacts.divisions.codes import tier_of
from contacts.duty_store import commanders_of
from contacts.groups import Group
from contacts.people import Person
from contacts.targeting import Audience
from contacts.targeting_store import audience_query, called_further, called_leading
from data import audit
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict, NotAllowed

MOST_AT_ONCE = 65_000
"""Persons called in one transaction (ours): a province's villages take less than half a second."""


@dataclass(frozen=True, slots=True)
class Released:
    """What a release did. ``PENDING``: nothing was sent yet but the request to confirm it.

    ``calls`` counts everybody who is called, at once or (``large_release``) in the next seconds:
    those as they were counted just before; the trail says at the end how many it came to.
    """

    alert_id: int
    state: State
    calls: int = 0
    groups: int = 0


def count_if_large(
    connection: Connection, draft: Draft | Alert, sender_id: int, rules: Rules
) -> int | None:
    """How many persons a release calls that is too large for one transaction; else ``None``.

    To be asked before it: counting a province's villagers takes the better part of a second, which
    no tap should wait for.
    """
    whom = whom_of(connection, draft, rules)
    if not release_store.more_than(connection, whom, MOST_AT_ONCE):
        return None
    query = audience_query(whom)
    return call_store.count_audience(connection, query, excluding=[sender_id])[0]


def release(
    connection: Connection,
    draft: Draft,
    by: Person,
    rules: Rules,
    now: datetime,
    *,
    counted: int | None = None,
    until: datetime | None = None,
) -> Released:
    """Release ``draft``, or leave it pending for a second person's confirmation.

    :param counted: what ``count_if_large`` said; without it, a large one is counted here.
    :param until: when it ends; without it, as long from now as its level holds.
    :raises InvalidInput: with a ``DraftProblem``: it cannot be released, or would reach nobody.
    :raises NotAllowed: ``by`` may not release it to all of its areas.
    """
    permit(connection, draft, by, rules)
    note_use(connection, by, now)
    pending = needs_second_person(connection, draft, by, rules, now)
    values = _values(connection, draft, by, rules, now, pending)
    if until is not None:
        values["expires_at"] = until
    alert_id = alert_store.add(connection, values)
    alert = alert_store.alert(connection, alert_id)
    assert alert is not None
    detail: dict[str, object] = {
        "level": draft.level.value,
        "hazard": draft.hazard.value,
        "areas": list(draft.areas),
        "text": draft.text,
        "exercise": draft.exercise,
        "issued_by": draft.issued_by,
        "places": list(draft.places),
    }
    if draft.besides:
        detail["besides"] = list(draft.besides)
    if pending:
        if not call_store.selects_any(
            connection, audience_query(whom_of(connection, draft, rules)), excluding=[by.id]
        ):
            raise nobody_called(draft)
        append(connection, now, [Entry("alert.proposed", f"alert:{alert_id}", by.id, detail)])
        _ask_second(connection, alert, by, now)
        if alert.command_line and by.telegram_id is not None:  # in chat, they know
            tell(connection, MessageKind.RELEASED, by, alert, now, lane=Lane.ANSWER)
        return Released(alert_id, State.PENDING)
    return _send(connection, alert, by, rules, now, detail, counted)


def confirm(
    connection: Connection,
    alert_id: int,
    by: Person,
    rules: Rules,
    now: datetime,
    *,
    counted: int | None = None,
) -> Released:
    """The second person agrees: the pending alert goes out.

    :param counted: as for ``release``.
    :raises NotFound: no such warning.
    :raises Conflict: it is not pending any more.
    :raises NotAllowed: not a second commander of its area or above, or not surely somebody else
        (``second_person.are_two``); or the sender may not release it any more (``SENDER_LEFT``).
    :raises InvalidInput: by now it would reach nobody.
    """
    alert = _pending(connection, alert_id)
    require(may_confirm(by, alert.sender_id, alert.areas), alert=alert_id)
    if alert.expires_at <= now:
        problem, state = AlertProblem.NOT_PENDING, State.REFUSED
        raise Conflict(problem, alert=alert_id, state=state, hazard=alert.hazard)
    if not are_two(connection, alert.sender_id, by.id):
        raise NotAllowed(Access.SAME_PERSON, alert=alert_id)
    if not may_release(people_store.person(connection, alert.sender_id), alert.areas).allowed:
        raise NotAllowed(AlertProblem.SENDER_LEFT, alert=alert_id)
    note_use(connection, by, now)
    alert_store.change_alert(
        connection,
        alert_id,
        state=State.RELEASED.value,
        confirmed_by=by.id,
        command_line=audit.acting_user(connection) or alert.command_line,
        released_at=now,
        # Planned in stages it was to hold until after its danger, and still is.
        expires_at=max(alert.expires_at, now + rules.lasts(alert)),
    )
    end_store.take_buttons(connection, alert_id, (MessageKind.CONFIRM,), now)
    released = alert_store.alert(connection, alert_id)
    assert released is not None
    return _send(connection, released, by, rules, now, {"confirmed": True}, counted)


def withdraw(connection: Connection, alert_id: int, by: Person, now: datetime) -> None:
    """The sender withdraws, or the second person refuses, what is still pending.

    :raises NotFound: no such warning.
    :raises Conflict: it is not pending any more.
    :raises NotAllowed: neither its sender nor a second commander of its area or above.
    """
    alert = _pending(connection, alert_id)
    require(may_cancel(by, alert.areas), alert=alert_id)
    note_use(connection, by, now)
    alert_store.change_alert(
        connection, alert_id, state=State.REFUSED.value, cancelled_by=by.id, cancelled_at=now
    )
    outbox_store.drop_queued(connection, alert_id, MessageKind.CONFIRM)
    end_store.take_buttons(connection, alert_id, (MessageKind.CONFIRM,), now)
    append(connection, now, [Entry("alert.withdrawn", f"alert:{alert_id}", by.id)])
    sender = people_store.person(connection, alert.sender_id)
    if sender is not None and sender.id != by.id and sender.telegram_id is not None:
        tell(connection, MessageKind.RELEASED, sender, alert, now, lane=Lane.ANSWER)


def decided(connection: Connection, alert_id: int, asker: Person) -> Alert:
    """A warning that was pending, with who decided it: for those who might have decided it.

    :raises NotFound: no such warning.
    :raises NotAllowed: not a commander of its area or above.
    """
    alert = known_alert(connection, alert_id)
    require(may_cancel(asker, alert.areas), alert=alert_id)
    return alert


def tell(
    connection: Connection,
    kind: MessageKind,
    person: Person,
    alert: Alert,
    now: datetime,
    *,
    lane: Lane,
) -> None:
    """Queue a message about ``alert`` to one linked person."""
    delivery = to_person(person, kind, lane, role=person.role.value, alert_id=alert.id)
    outbox_store.add(connection, delivery, now)


def _values(
    connection: Connection, draft: Draft, by: Person, rules: Rules, now: datetime, pending: bool
) -> dict[str, object]:
    unit = issuing_unit(by.division_code, draft.hazard.family)
    return {
        "identifier": alert_message_store.next_identifier(connection, unit, now, rules.zone),
        "status": (Status.EXERCISE if draft.exercise else Status.ACTUAL).value,
        "level": draft.level.value,
        "hazard": draft.hazard.value,
        "headline": draft.headline,
        "description": draft.text.strip(),
        "issued_by": draft.issued_by or None,
        "places": list(draft.places) or None,
        "besides": list(draft.besides) or None,
        "shape": draft.shape or None,
        "areas": list(draft.areas),
        "lead_minutes": draft.lead_minutes,
        "stage": draft.stage,
        "state": (State.PENDING if pending else State.RELEASED).value,
        "sender_id": by.id,
        "command_line": audit.acting_user(connection),
        "created_at": now,
        "released_at": None if pending else now,
        "expires_at": now + rules.lasts(draft),
    }


def _send(
    connection: Connection,
    alert: Alert,
    by: Person,
    rules: Rules,
    now: datetime,
    detail: dict[str, object],
    counted: int | None,
) -> Released:
    whom = whom_of(connection, alert, rules)
    groups = groups_of(connection, alert, whom)
    excluding = [alert.sender_id]
    alert_message_store.add_release(connection, alert, now)
    if release_store.more_than(connection, whom, MOST_AT_ONCE):
        count = counted
        if count is None:
            query = audience_query(whom)
            count, _ = call_store.count_audience(connection, query, excluding=excluding)
        release_store.begin(connection, alert.id, by.id)
    else:
        count = _add_calls(connection, alert, whom, rules, now)
        if not count:
            raise nobody_called(alert)
        uncalled_store.count(connection, alert.id, whom)
        queue_posts(connection, alert, groups, now)
        outbox_store.add_calls_of(connection, alert.id, LANES[alert.level], now)
        tell_releasers(connection, alert, by, now)
    append(
        connection,
        now,
        [
            Entry(
                "alert.released",
                f"alert:{alert.id}",
                by.id,
                {**detail, "identifier": alert.identifier, "calls": count, "groups": len(groups)},
            )
        ],
    )
    return Released(alert.id, State.RELEASED, count, len(groups))


def _add_calls(
    connection: Connection, alert: Alert, whom: Audience, rules: Rules, now: datetime
) -> int:
    """The calls, with all posts they are for, and their numbers; returns how many."""
    due, excluding = first_due(alert, rules, now), [alert.sender_id]
    before = release_store.last_call(connection)
    count = call_store.add_calls_from(
        connection, called_leading(whom), alert.id, now, due, excluding=excluding
    )
    several = call_post_store.any_held(connection)
    if several:
        count += call_store.add_calls_from(
            connection,
            called_further(whom),
            alert.id,
            now,
            due,
            excluding=excluding,
            unless_called=True,
        )
        call_post_store.add_of_release(connection, alert.id, whom)
    progress_store.count_release(connection, alert.id, before, several_posts=several)
    return count


def queue_posts(connection: Connection, alert: Alert, groups: list[Group], now: datetime) -> None:
    """The warning to the groups of its area."""
    posts = [
        NewDelivery(
            GroupPost(group.division_code),
            LANES[alert.level],
            group.chat_id,
            LaneOrder.GROUP,
            alert_id=alert.id,
        )
        for group in groups
    ]
    outbox_store.add_many(connection, posts, now)


def tell_releasers(connection: Connection, alert: Alert, by: Person | None, now: datetime) -> None:
    """The progress card to whoever wrote the warning and whoever released it."""
    people = [people_store.person(connection, alert.sender_id)]
    if by is not None and by.id != alert.sender_id:
        people.append(by)
    for person in people:
        if person is not None and person.telegram_id is not None:
            tell(connection, MessageKind.CARD, person, alert, now, lane=Lane.ANSWER)


def first_due(alert: Alert, rules: Rules, now: datetime) -> dict[Reach, datetime | None]:
    """When the first step is due of a call made now: by reach, the same for everybody."""
    first: dict[Reach, datetime | None] = {}
    for reach in (Reach.QUEUED, Reach.UNREACHABLE):
        ladder_state = LadderState(CallState.WAITING, reach, now)
        due = next_step(rules.policies[alert.level], ladder_state)
        first[reach] = None if due is None else due.at
    return first


def second_persons(connection: Connection, areas: Sequence[str], sender_id: int) -> list[Person]:
    """Who may be the second to confirm what somebody wants, nearest first; those without an account
    are telephoned.

    The division's own come before those above.
    """
    found = commanders_of(connection, areas, linked=False)
    others = [person for person in found if are_two(connection, sender_id, person.id)]
    return sorted(others, key=lambda person: (-tier_of(person.division_code).depth, person.id))


def _ask_second(connection: Connection, alert: Alert, by: Person, now: datetime) -> None:
    for person in commanders_of(connection, alert.areas):
        if person.telegram_id is not None and are_two(connection, by.id, person.id):
            tell(connection, MessageKind.CONFIRM, person, alert, now, lane=Lane.ANSWER)


def _pending(connection: Connection, alert_id: int) -> Alert:
    alert = known_alert(connection, alert_id)
    if alert.state is not State.PENDING:
        raise Conflict(
            AlertProblem.NOT_PENDING, alert=alert_id, state=alert.state, hazard=alert.hazard
        )
    return alert
