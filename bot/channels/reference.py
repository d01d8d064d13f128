"""By what name a provider knows a message that is handed over once more. Pure."""

from __future__ import annotations

from bot.channels.events import Handle, OutgoingCall, SpentCard

LONGEST_STAMP = 12  # digits


def reference(call: OutgoingCall | SpentCard) -> str:
    """The handle, and when the call was queued: 812-1.1782932400.

    Some providers keep such names for ever, and a database that was made anew, or restored, counts
    from below again: the second part tells the two apart.
    """
    assert call.queued_at is not None
    return f"{call.handle}.{int(call.queued_at.timestamp())}"


def read_reference(text: str) -> tuple[Handle, int] | None:
    """The handle in a reference, and when its call was queued; ``None``: it is none of ours."""
    first, _, stamp = text.partition(".")
    handle = Handle.read(first)
    if handle is None or not (stamp.isascii() and stamp.isdigit() and len(stamp) <= LONGEST_STAMP):
        return None
    return handle, int(stamp)
