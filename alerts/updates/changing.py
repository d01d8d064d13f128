"""Changing a warning while it runs: what a change would do, and doing it.

The warning stays one: its calls, answers and reports stay with it. Each change is a CAP message of
it. Who answered and stays is not asked again, unless the level rose.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alerts import alert_message_store, alert_store, call_store
from alerts.accounts import note_use
from alerts.drafts.settling import warning_changed
from alerts.lifecycle import (
    ASKING,
    TOLD,
    Applied,
    Change,
    ChangeKind,
    Outcome,
    Terms,
    apply,
    life_of,
    terms_of,
)
from alerts.lookup import known_alert
from alerts.model import Alert, Level
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.preview import groups_of, nobody_called, whom_of
from alerts.preview import permit as permit_draft
from alerts.release import tell
from alerts.reopening import open_again
from alerts.rules import Rules
from alerts.second_person import needs_second_person
from alerts.updates import concerned_store, pending, pending_store, posts_store, unfinished_store
from alerts.updates.carrying_out import carry_out
from alerts.updates.fate import Fate, fate, relieves, taken_back
from alerts.updates.model import Changed, ChangeProblem, ChangeState, Updated, as_draft
from contacts.access import may_release, require
from contacts.divisions.store import children_of
from contacts.people import Person
from contacts.targeting_store import audience_query
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict
from data.tables.columns import to_milliseconds

_BIG = frozenset({ChangeKind.UPGRADE, ChangeKind.ADD_AREA, ChangeKind.CORRECT})
"""Changes that say something new to people: of the biggest warnings they take two persons. That it
holds longer, for fewer, or less, takes one, as lifting it does."""


_MOOT = frozenset(
    {
        Outcome.NOTHING_NEW,
        Outcome.NO_AREA_LEFT,
        Outcome.NOT_ITS_AREA,
        Outcome.TOO_LONG,
        Outcome.ENDS_TOO_SOON,
    }
)
"""With these a change cannot be made any more; of an end, its warning's is told anyway."""


def applied_to(
    connection: Connection, alert: Alert, change: Change, rules: Rules, now: datetime
) -> Applied:
    """What a change makes of a warning.

    :raises Conflict: with an ``alerts.lifecycle.Outcome``: nothing, and why.
    """
    applied = apply(
        life_of(alert),
        change,
        now,
        hours=_hours(alert, rules),
        below=lambda code: children_of(connection, code),
    )
    if applied.outcome is not Outcome.CHANGED:
        raise Conflict(applied.outcome, alert=alert.id, state=alert.state, hazard=alert.hazard)
    return applied


def _hours(alert: Alert, rules: Rules) -> dict[Level, float]:
    """For how long the warning would hold at each level, in hours."""
    of_levels = {level: rules.lasts(replace(alert, level=level)) for level in Level}
    return {level: lasts.total_seconds() / 3600 for level, lasts in of_levels.items()}


def permit(
    connection: Connection, alert: Alert, change: Change, by: Person, rules: Rules, now: datetime
) -> Applied:
    """What the change makes of the warning, when ``by`` may make it: as a release of what it is
    then, and of what it was, for whoever leaves out an area decides about that one too.

    :raises Conflict: with an ``Outcome``: there is nothing to be changed so, or not now.
    :raises InvalidInput: with a ``DraftProblem``: what it would say cannot be released.
    :raises NotAllowed: ``by`` may not release it to all of its areas, old and new.
    """
    require(may_release(by, alert.areas), areas=alert.areas)
    applied = applied_to(connection, alert, change, rules, now)
    if change.ending is None:
        permit_draft(connection, as_draft(applied.life.terms, alert), by, rules)
    return applied


def needs_two(
    connection: Connection,
    alert: Alert,
    applied: Applied,
    by: Person,
    rules: Rules,
    now: datetime,
) -> bool:
    """Whether the change waits for a second person."""
    if not _BIG.intersection(applied.kinds):
        return False
    draft = as_draft(applied.life.terms, alert)
    return needs_second_person(connection, draft, by, rules, now)


def _require_later(alert: Alert, change: Change) -> None:
    """A warning is prolonged by whoever changes it, and ended by lifting it: else people who read
    until when it holds would be left without it. A stage has an end of its own.

    :raises Conflict: ``ENDS_EARLIER``.
    """
    if change.stage is not None:
        return
    until = change.expires_at or alert.expires_at
    if until < alert.expires_at or (change.longer or timedelta(0)) < timedelta(0):
        raise Conflict(
            ChangeProblem.ENDS_EARLIER, alert=alert.id, until=alert.expires_at, hazard=alert.hazard
        )


def changed(
    connection: Connection,
    alert_id: int,
    change: Change,
    by: Person,
    rules: Rules,
    now: datetime,
) -> Changed:
    """What a change would do: whom it calls, asks again, tells, stands down.

    :raises NotFound: no such warning.
    :raises Conflict: see ``permit``.
    :raises InvalidInput: see ``permit``.
    :raises NotAllowed: see ``permit``.
    """
    alert = known_alert(connection, alert_id)
    _require_later(alert, change)
    applied = permit(connection, alert, change, by, rules, now)
    return count(connection, alert, applied, by, rules, now)


def count(
    connection: Connection,
    alert: Alert,
    applied: Applied,
    by: Person,
    rules: Rules,
    now: datetime,
) -> Changed:
    """Whom a change concerns, and how.

    :raises InvalidInput: it would be for nobody then.
    """
    terms = applied.life.terms
    draft = as_draft(terms, alert)
    whom = whom_of(connection, draft, rules)
    raised, told = applied.asks, not applied.asks and bool(TOLD.intersection(applied.kinds))
    numbers = dict.fromkeys(Fate, 0)
    staged = ChangeKind.STAGE in applied.kinds or alert.hazard.response
    for number, call in concerned_store.count(connection, alert.id, whom):
        numbers[
            fate(
                call,
                now,
                raised=raised,
                told=told,
                staged=staged,
                relieved=relieves(applied.kinds, draft),
            )
        ] += number
    called = reachable = 0
    if raised or ChangeKind.ADD_AREA in applied.kinds:
        called, reachable = concerned_store.count_uncalled(
            connection, audience_query(whom), alert.id, excluding=[alert.sender_id]
        )
    if not call_store.selects_any(connection, audience_query(whom), excluding=[alert.sender_id]):
        raise nobody_called(draft)
    groups = {group.chat_id for group in groups_of(connection, draft, whom)}
    posted = posts_store.groups_posted(connection, alert.id)
    new_posts = groups if raised else groups - posted
    return Changed(
        terms_of(alert),
        applied,
        asked=numbers[Fate.ASK],
        called=called,
        called_reachable=reachable,
        told=numbers[Fate.TELL],
        stood_down=numbers[Fate.STAND_DOWN],
        groups=len(new_posts) if raised or ChangeKind.ADD_AREA in applied.kinds else 0,
        groups_left=len(posted - groups),
        second_person=needs_two(connection, alert, applied, by, rules, now),
    )


def update(
    connection: Connection,
    alert_id: int,
    change: Change,
    by: Person,
    rules: Rules,
    now: datetime,
    *,
    counted: Changed | None = None,
) -> Updated:
    """Change a warning, or leave the change waiting for a second person's confirmation.

    What it says changes in this transaction, and everybody concerned hears of it: of a county's
    persons at once, of more in the next seconds (``carrying_out``).

    :param counted: what ``changed`` said just before: of a province, to count takes the better part
        of a second; without, nothing is counted.
    :raises NotFound: no such warning.
    :raises Conflict: see ``permit``.
    :raises InvalidInput: see ``permit``; or it would be for nobody then.
    :raises NotAllowed: see ``permit``.
    """
    alert = known_alert(connection, alert_id)
    _require_later(alert, change)
    applied = permit(connection, alert, change, by, rules, now)
    note_use(connection, by, now)
    if needs_two(connection, alert, applied, by, rules, now):
        waits = pending.propose(connection, alert, change, applied, by, now)
        return _updated(alert, applied, counted, waits)
    draft = as_draft(applied.life.terms, alert)
    whom = audience_query(whom_of(connection, draft, rules))
    if not call_store.selects_any(connection, whom, excluding=[alert.sender_id]):
        raise nobody_called(draft)
    make(connection, alert, applied, by, rules, now, note=change.note)
    return _updated(alert, applied, counted, None)


def make(
    connection: Connection,
    alert: Alert,
    applied: Applied,
    by: Person,
    rules: Rules,
    now: datetime,
    *,
    note: str = "",
    confirmed_by: int | None = None,
) -> Alert:
    """The change is made: the warning says it from now on. Returns the warning as it is then."""
    life, terms = applied.life, applied.life.terms
    if applied.asks:
        open_again(connection, alert, by.id, now)
    asked, asked_at = (life.asked, now) if applied.asks else _asked_last(connection, alert, terms)
    alert_store.change_alert(
        connection,
        alert.id,
        level=terms.level.value,
        headline=terms.headline,
        description=terms.description,
        areas=list(terms.areas),
        places=list(terms.places) or None,
        lead_minutes=terms.lead_minutes,
        besides=list(terms.besides) or None,
        shape=terms.shape or None,
        stage=terms.stage,
        issued_by=terms.issued_by or None,
        expires_at=terms.expires_at,
        version=life.version,
        asked_version=asked,
        changed_at=now,
        asked_at=asked_at,
        held_at=None if applied.asks else alert.held_at,
    )
    after = known_alert(connection, alert.id)
    message = alert_message_store.add_next(
        connection,
        after,
        applied.kinds,
        by.id,
        now,
        rules.zone,
        confirmed_by=confirmed_by,
        note=note,
    )
    detail: dict[str, object] = {
        "kinds": [kind.value for kind in applied.kinds],
        "version": life.version,
        "identifier": message.identifier,
        **_differences(alert, after),
    }
    if note:
        detail["note"] = note
    if confirmed_by is not None:
        detail["confirmed_by"] = confirmed_by
    append(connection, now, [Entry("alert.updated", f"alert:{alert.id}", by.id, detail)])
    warning_changed(connection, alert, after, by, now)
    end_moot(connection, alert.id, rules, now)
    if by.telegram_id is not None:
        tell(connection, MessageKind.CARD, by, after, now, lane=Lane.ANSWER)
    unfinished = unfinished_store.begin(connection, alert.id, life.version)
    carry_out(connection, unfinished, rules, now)
    return known_alert(connection, alert.id)


def _asked_last(connection: Connection, alert: Alert, after: Terms) -> tuple[int, datetime | None]:
    """With which message everybody was last asked, and when, if not with the release: with an
    earlier one, where a rise is taken back before it got to all."""
    unfinished = {rise.number for rise in unfinished_store.rises(connection, [alert.id])}
    if not unfinished:
        return alert.asked_version, alert.asked_at
    history = alert_message_store.of_alert(connection, alert.id)
    for message in reversed(history):
        if not ASKING.intersection(message.kinds):
            continue
        if message.number in unfinished and taken_back(history, message.number, after.level):
            continue
        return message.number, message.sent_at
    return 1, None


def end_moot(connection: Connection, alert_id: int, rules: Rules, now: datetime) -> None:
    """The change that waited for a second person ends, and nobody is asked about it, if it cannot
    be made any more, or the warning says it already."""
    waits = pending_store.waiting(connection, alert_id)
    if waits is None:
        return
    try:
        applied_to(connection, known_alert(connection, alert_id), waits.change, rules, now)
    except Conflict as conflict:
        if conflict.code in _MOOT:
            pending.settle(connection, waits, ChangeState.LAPSED, None, now)


def _differences(before: Alert, after: Alert) -> dict[str, object]:
    """What the warning says now that it did not, for the trail; the messages keep what it said."""
    found: dict[str, object] = {}
    if before.level is not after.level:
        found |= {"level_before": before.level.value, "level": after.level.value}
    if before.areas != after.areas:
        found |= {"areas_before": list(before.areas), "areas": list(after.areas)}
    if before.description != after.description:
        found["text"] = after.description
    if before.places != after.places:
        found["places"] = list(after.places)
    for name in ("besides", "stage", "issued_by"):
        if getattr(before, name) != getattr(after, name):
            value = getattr(after, name)
            found[name] = list(value) if isinstance(value, tuple) else value
    if before.lead_minutes != after.lead_minutes:
        found["lead_minutes"] = after.lead_minutes
    if before.expires_at != after.expires_at:
        found["expires_before"] = to_milliseconds(before.expires_at)
        found["expires_at"] = to_milliseconds(after.expires_at)
    return found


def _updated(alert: Alert, applied: Applied, counted: Changed | None, waits: int | None) -> Updated:
    numbers = (0, 0, 0, 0)
    if counted is not None:
        numbers = (counted.asked, counted.called, counted.told, counted.stood_down)
    version = applied.life.version if waits is None else alert.version
    return Updated(alert.id, version, applied.kinds, *numbers, pending=waits)
