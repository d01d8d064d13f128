"""When a person did what an update tells of. Pure.

A message says itself when it was sent. A tap on a button bears no time: what waited at Telegram
while nobody here could hear may be as old as that silence. So each update is stamped, when it is
taken in, with the earliest moment it may have been made; the stamp stays with it in the inbox.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from data.tables.columns import from_milliseconds, to_milliseconds

STAMP = "made_after"
"""The key of the stamp in an update, in milliseconds since the epoch; Telegram has none such."""

AT_ONCE = timedelta(seconds=5)
"""A message no older than this was sent now: its time has no more than whole seconds (ours)."""

IN_HEARING = timedelta(seconds=60)
"""A tap that waited for no longer than this was made now: a poll waits for half of it (ours)."""

_TELEGRAM_BEGAN = datetime(2013, 8, 14, tzinfo=UTC)


def stamp(updates: Iterable[dict[str, Any]], heard_until: datetime | None, now: datetime) -> None:
    """Stamp updates that were just taken in, in the order in which Telegram gave them.

    None is older than a message before it: Telegram gives them in the order they were made.

    :param heard_until: everything done before then was taken in earlier; ``None``: nobody knows.
    """
    earliest = heard_until
    for update in updates:
        sent = _sent_at(update)
        if sent is not None and sent <= now and (earliest is None or sent > earliest):
            earliest = sent
        if earliest is not None:
            update[STAMP] = to_milliseconds(min(earliest, now))


def stamp_left(update: dict[str, Any], received_at: datetime | None) -> None:
    """Stamp an update found in the inbox that has no stamp: it was made before it was stored."""
    if received_at is not None:
        update.setdefault(STAMP, to_milliseconds(received_at))


def done_at(update: dict[str, Any], now: datetime) -> datetime:
    """When its person did what the update tells of; never later than ``now``.

    Of a tap the earliest moment it may have been made, if that is long ago.
    """
    sent = _sent_at(update)
    if sent is not None:
        return sent if now - sent > AT_ONCE else now
    earliest = update.get(STAMP)
    if not isinstance(earliest, int):
        return now
    at = from_milliseconds(earliest)
    if now - at <= IN_HEARING:  # nearly always
        return now
    shown = _shown_at(update)
    if shown is not None and shown > at:
        at = shown
    return at if now - at > IN_HEARING else now


def taps_of_now(now: datetime) -> int:
    """A tap whose stamp is no earlier was made now (``done_at``), for many at once."""
    return to_milliseconds(now - IN_HEARING)


def _sent_at(update: dict[str, Any]) -> datetime | None:
    """When the message of the update was sent, or edited; ``None`` when it is no message."""
    if "callback_query" in update:  # nearly every update of a large release
        return None
    for kind in ("message", "edited_message", "my_chat_member", "message_reaction"):
        what = update.get(kind)
        if isinstance(what, dict):
            return _time(what.get("edit_date")) or _time(what.get("date"))
    return None


def _shown_at(update: dict[str, Any]) -> datetime | None:
    """When the message was sent whose button was pressed: no press is older."""
    query = update.get("callback_query")
    shown = query.get("message") if isinstance(query, dict) else None
    return _time(shown.get("date")) if isinstance(shown, dict) else None


def _time(seconds: Any) -> datetime | None:
    """The moment of a date as Telegram gives it; ``None`` for what none can be."""
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return at if at > _TELEGRAM_BEGAN else None
