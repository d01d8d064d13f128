"""By what name a provider knows a message that is handed over once more. Pure."""

from __future__ import annotations

from bot.channels.events import Handle, OutgoingCall


def reference(call: OutgoingCall) -> str:
    """The handle, and until when it is good: 812-1.1782932400.

    Some providers keep such names for ever, and a database that was made anew, or restored, counts
    from below again: the second part tells the two apart.
    """
    return f"{call.handle}.{int(call.valid_until.timestamp())}"


def handle_of(reference: str) -> Handle | None:
    """The handle in a reference; ``None``: it is none of ours."""
    return Handle.read(reference.partition(".")[0])
