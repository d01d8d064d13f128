"""Our name for a call where a cloud keeps only a few characters of it: 812-1.thiy1c. Pure.

After the handle stands when the call was queued. A database that was restored, or made anew, counts
from below again: what a cloud tells of a call of before is then about none of ours.
"""

from __future__ import annotations

from typing import NamedTuple

from bot.channels.events import Handle, OutgoingCall

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LONGEST_STAMP = 8
"""Characters of the time, in seconds since 1970, written to the base of 36."""


class Named(NamedTuple):
    """Which call a name means, and when it was queued as far as the name says."""

    handle: Handle
    queued: int | None


def stamped_name(call: OutgoingCall, longest: int = 40) -> str:
    """The name of a call; without the time where there is no room for it.

    :param longest: characters that the cloud keeps.
    """
    if call.queued_at is None:
        return str(call.handle)
    seconds, stamp = int(call.queued_at.timestamp()), ""
    while seconds:
        seconds, digit = divmod(seconds, 36)
        stamp = _DIGITS[digit] + stamp
    name = f"{call.handle}.{stamp}"
    return name if len(name) <= longest else str(call.handle)


def read_name(name: str) -> Named | None:
    """The call that a name means; ``None``: it is none of ours."""
    first, dot, stamp = name.partition(".")
    handle = Handle.read(first)
    if handle is None or (dot and not (stamp.isascii() and stamp.isalnum())):
        return None
    if len(stamp) > LONGEST_STAMP:
        return None
    return Named(handle, int(stamp, 36) if dot else None)
