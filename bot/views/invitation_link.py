"""The address that opens the bot with a person's invite code."""

from __future__ import annotations

# In a file of its own: the printed sheets need reportlab and segno, which take a tenth of a second
# to load, and a restart in the middle of a warning must not wait for them.


def deep_link(bot_username: str, code: str) -> str:
    """The address that opens the bot with ``/start code``."""
    return f"https://t.me/{bot_username.removeprefix('@')}?start={code}"
