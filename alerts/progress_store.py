"""How the calls of a warning stand, counted as they change: nobody reads 60,000 calls for a card.

Triggers of the database keep a row of numbers for each alert and division (``call_counts``), in the
transaction that changes the calls. ``wrong`` finds numbers that are not those of the calls, which a
database mended by hand may have, and ``recount`` puts them right.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
)

from alerts.calls import CallState, Reach
from alerts.model import State
from alerts.progress import Progress
from contacts.divisions.codes import CODE_LENGTH, Tier, prefix_of, tier_of
from data.audit import Entry, append
from data.tables.alerts import alerts, call_counts, calls

_WAITING = calls.c.state == CallState.WAITING.value


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


# What each number of ``call_counts`` is, as a sum over calls.
_FRESH = {
    **{state.value: _how_many(calls.c.state == state.value) for state in CallState},
    "unreachable": _how_many(and_(_WAITING, calls.c.reach == Reach.UNREACHABLE.value)),
    "queued": _how_many(and_(_WAITING, calls.c.reach == Reach.QUEUED.value)),
    "households": func.coalesce(func.sum(calls.c.households), 0),
    "persons": func.coalesce(func.sum(calls.c.persons), 0),
}
NUMBERS = tuple(_FRESH)

# By the index of open calls, which holds them by division: a third of the time of ``_FRESH``.
_UNREACHABLE = _how_many(calls.c.reach == Reach.UNREACHABLE.value)
_OF_RELEASE = {
    CallState.WAITING.value: func.count(),
    "unreachable": _UNREACHABLE,
    "queued": func.count() - _UNREACHABLE,
}
_COUNT_RELEASE = insert(call_counts).from_select(
    ["alert_id", "division_code", *NUMBERS],
    select(
        calls.c.alert_id,
        calls.c.division_code,
        *(_OF_RELEASE.get(name, literal(0)) for name in NUMBERS),
    )
    .where(
        calls.c.alert_id == bindparam("alert"),
        calls.c.state == literal(CallState.WAITING.value, literal_execute=True),
    )
    .group_by(calls.c.alert_id, calls.c.division_code),
)


def counts(
    connection: Connection,
    alert_id: int,
    low: str = "",
    high: str = "~",
    *,
    tier: Tier = Tier.VILLAGE,
) -> list[Row[Any]]:
    """The numbers by division of ``tier``; what lies above it counts for itself.

    Columns: ``division_code`` and those of ``Progress.plus``.
    """
    values = {"alert": alert_id, "low": low, "high": high}
    return list(connection.execute(_counts(tier), values))


def of_divisions(
    connection: Connection, alert_id: int, divisions: Iterable[str]
) -> dict[str, Progress]:
    """The numbers of each of these divisions; the empty one is the whole alert."""
    prefixes = {code: prefix_of(code) if code else "" for code in divisions}
    finest = max((tier_of(code) for code in prefixes if code), key=_depth, default=Tier.PROVINCE)
    lengths = {len(prefix) for prefix in prefixes.values()}
    held = dict.fromkeys(prefixes.values(), Progress())
    for row in counts(connection, alert_id, tier=finest):
        for length in lengths:
            prefix = row.division_code[:length]
            if prefix in held:
                held[prefix] = held[prefix].plus(row)
    return {code: held[prefix] for code, prefix in prefixes.items()}


def wrong(connection: Connection) -> list[int]:
    """The alerts in force whose numbers are not those of their calls; reads every call of them."""
    in_force = select(alerts.c.id).where(alerts.c.state == State.RELEASED.value)
    ids = connection.execute(in_force).scalars().all()
    return [alert_id for alert_id in ids if differing(connection, alert_id)]


def differing(connection: Connection, alert_id: int) -> set[str]:
    """The divisions whose numbers in this alert are not those of their calls."""
    kept = select(call_counts.c.division_code, *(call_counts.c[name] for name in NUMBERS))
    kept = kept.where(call_counts.c.alert_id == alert_id)
    fresh = {tuple(row) for row in connection.execute(_fresh(alert_id))}
    known = {tuple(row) for row in connection.execute(kept) if any(row[1:])}
    return {code for code, *_ in fresh ^ known}


def count_release(connection: Connection, alert_id: int) -> None:
    """Enter the numbers of a release: its calls, all waiting, were added as ``counted_apart``."""
    connection.execute(_COUNT_RELEASE, {"alert": alert_id})


def recount(connection: Connection, alert_id: int, now: datetime) -> bool:
    """Count the alert's calls anew, if its numbers are wrong; returns whether they were."""
    divisions = differing(connection, alert_id)
    if not divisions:
        return False
    connection.execute(delete(call_counts).where(call_counts.c.alert_id == alert_id))
    fresh = _fresh(alert_id).add_columns(calls.c.alert_id).group_by(calls.c.alert_id)
    names = ["division_code", *NUMBERS, "alert_id"]
    connection.execute(insert(call_counts).from_select(names, fresh))
    detail = {"divisions": len(divisions)}
    append(connection, now, [Entry("alert.recounted", f"alert:{alert_id}", None, detail)])
    return True


def _depth(tier: Tier) -> int:
    return tier.depth


@cache
def _counts(tier: Tier) -> Select[Any]:
    """Built once for each tier: cards, lists and the board ask every few seconds."""
    kept = tier.digits
    code = func.substr(call_counts.c.division_code, 1, kept)
    whole = code.concat("0" * (CODE_LENGTH - kept)) if kept < CODE_LENGTH else code
    return (
        select(
            whole.label("division_code"),
            *(func.sum(call_counts.c[name]).label(name) for name in NUMBERS),
        )
        .where(
            call_counts.c.alert_id == bindparam("alert"),
            call_counts.c.division_code.between(bindparam("low"), bindparam("high")),
        )
        .group_by(code)
    )


def _fresh(alert_id: int) -> Select[Any]:
    return (
        select(calls.c.division_code, *(number.label(name) for name, number in _FRESH.items()))
        .where(calls.c.alert_id == alert_id)
        .group_by(calls.c.division_code)
    )
