"""A card with buttons as somebody has it before them, and what every server of cards can do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Card:
    """One message in one person's app, as it looks now.

    :param buttons: what each says, by key; empty: there is nothing (more) to press.
    :param answered: what stands in place of the buttons since one was pressed.
    :param link: where the card leads; empty: nowhere.
    :param mine: it is what the member typed.
    """

    id: str
    account: str
    at: datetime  # when it arrived
    title: str
    text: str
    buttons: dict[str, str] = field(default_factory=dict)
    answered: str = ""
    link: str = ""
    mine: bool = False


class CardApp(Protocol):
    """The apps of all members of one platform."""

    def messages(self, account: str) -> list[Card]:
        """What this member has in their app, oldest first."""

    async def press(self, card_id: str, account: str, key: str) -> object:
        """This member presses a button; the card then looks as the bot says."""

    async def write(self, account: str, text: str) -> object:
        """This member types something to the bot; its reply is among their messages."""
