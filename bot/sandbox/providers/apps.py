"""The apps with cards on somebody's telephone, by their number: for the sandbox's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from bot.sandbox.providers.card import Card, CardApp
from bot.views.channels import channel_name
from contacts.channels import Channel


class NumberedApp(CardApp, Protocol):
    """An app whose members are known by their telephone numbers too."""

    def account_of(self, number: str) -> str | None:
        """The account of the member with this number (``+86139…``)."""


@dataclass(frozen=True, slots=True)
class AppsByNumber:
    """All apps that the sandbox plays, each by its channel."""

    apps: dict[Channel, NumberedApp]

    def shown(self, number: str) -> list[dict[str, Any]]:
        """What each app shows on the telephone with this number, as JSON."""
        return [
            {
                "app": channel.value,
                "name": {language: channel_name(channel, language) for language in ("zh", "en")},
                "member": account is not None,
                "cards": [] if account is None else [_seen(one) for one in app.messages(account)],
            }
            for channel, app in self.apps.items()
            for account in (app.account_of(number),)
        ]

    async def press(self, number: str, app: str, card_id: str, key: str) -> None:
        """Press a button of a card; of no app and no member nothing is pressed."""
        playing, account = self._there(number, app)
        if account is not None:
            await playing.press(card_id, account, key)

    async def write(self, number: str, app: str, text: str) -> None:
        """Type something to the bot."""
        playing, account = self._there(number, app)
        if account is not None and text.strip():
            await playing.write(account, text)

    def _there(self, number: str, app: str) -> tuple[NumberedApp, str | None]:
        """The app and the account in it.

        :raises KeyError: there is no such app.
        """
        playing = self.apps[next((one for one in self.apps if one.value == app), Channel.TELEGRAM)]
        return playing, playing.account_of(number)


def _seen(card: Card) -> dict[str, Any]:
    return {
        "id": card.id,
        "at": int(card.at.timestamp() * 1000),
        "title": card.title,
        "text": card.text,
        "buttons": list(card.buttons.items()),
        "answered": card.answered,
        "link": card.link,
        "mine": card.mine,
    }
