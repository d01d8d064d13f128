"""What the drivers' errors mean to us: busy, gone, or a mistake of ours."""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from data.errors import RuleBroken, StoreBusy, StoreError, StoreUnwritable

_BUSY_STATES = {"55P03", "40P01", "40001", "57014"}  # lock timeout, deadlock, serialisation
_GONE_STATES = {"25006", "42P01", "53100", "53200", "53300"}  # read-only, no table, full, too many
_STOOD_STILL = "25P03"  # the transaction stood still for too long, and the server ended it
_GONE_CLASSES = ("08", "57", "58")  # connection, shutting down, system error

_GONE_TEXTS = (
    "readonly",
    "read-only",
    "unable to open",
    "disk is full",
    "disk i/o",
    "no such table",
    "not a database",
    "malformed",
    "connection",
    "server closed",
    "starting up",
    "shutting down",
)


def lost_connection(error: BaseException) -> bool:
    """Whether a database server went away or has not come back: a new connection may do."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state == _STOOD_STILL or (state[:2] in ("08", "57") and state not in _BUSY_STATES)
    # psycopg gives no state when it could not connect at all.
    return type(error.orig).__module__.startswith("psycopg") and isinstance(
        error, OperationalError | InterfaceError
    )


def translated(error: BaseException) -> BaseException:
    """A ``StoreError`` for what an operator or time can mend, ``RuleBroken`` for a refused row; the
    error itself otherwise."""
    if isinstance(error, StoreError):
        return error
    if isinstance(error, IntegrityError):
        return RuleBroken("rule_broken", rule=_rule_of(error))
    orig = getattr(error, "orig", error)
    said = str(orig).lower()
    state = getattr(orig, "sqlstate", None)
    reason = said.splitlines()[0][:200] if said else type(orig).__name__
    if state in _BUSY_STATES or (state is None and ("locked" in said or "busy" in said)):
        return StoreBusy("locked")
    if state is not None:
        gone = state in _GONE_STATES or state == _STOOD_STILL or state[:2] in _GONE_CLASSES
    else:
        gone = any(text in said for text in _GONE_TEXTS) or lost_connection(error)
    return StoreUnwritable("unwritable", reason=reason) if gone else error


def _rule_of(error: IntegrityError) -> str:
    """What the rule is called that refused a row; no value of the row is in it."""
    described = getattr(error.orig, "diag", None)
    if described is not None:  # PostgreSQL's
        parts = (described.table_name, described.constraint_name or described.column_name)
        return ".".join(part for part in parts if part)
    # SQLite's: "UNIQUE constraint failed: calls.alert_id, calls.person_id"; a trigger's own words.
    return re.sub(r"^(\w+ )+constraint failed(: )?", "", str(error.orig)) or str(error.orig)
