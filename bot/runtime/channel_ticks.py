"""What becomes due in the other channels: their folders are loaded where an office uses them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from alerts.channels import news_store
from bot.runtime.schedule import Tick
from bot.services.services import Services
from contacts.channels import ACCOUNTS

END_SECONDS = 1.0
"""Between two looks for a warning that is over: into a table that is empty nearly always."""

ROBOT_SECONDS = 5.0
"""Seconds between two things that a group's robot says: its server takes 20 a minute."""


def channel_sending(services: Services, seconds: float) -> tuple[Tick[Any], ...]:
    """Hands over what waits in each other channel, where a provider takes it."""
    if not services.settings.channels.served:
        return ()
    from bot.channels.providers import channel_sendings  # others start without it

    return tuple(
        Tick(f"{sending.channel.value}_sending", seconds, sending.due, sending.send)
        for sending in channel_sendings(services)
    )


def spent_cards(services: Services) -> tuple[Tick[Any], ...]:
    """Takes the buttons off cards in other apps that answer nothing any more."""
    if not ACCOUNTS.intersection(services.settings.channels.served):
        return ()
    from bot.channels.providers import spent_cards as cards_of  # others start without it
    from bot.channels.spent_cards import SECONDS

    return tuple(
        Tick(f"{cards.channel.value}_spent_cards", SECONDS, cards.due, cards.take)
        for cards in cards_of(services)
    )


def telling_ends(services: Services) -> tuple[Tick[Any], ...]:
    """Tells whom Telegram does not tell it that a warning is over, or has an officer tell them."""
    rules = services.rules.warnings

    async def work(_due: bool, now: datetime) -> None:
        from alerts.channels import news  # loaded at the first end

        part = partial(news.tell_ends, rules=rules, now=now)
        while await services.database.run(part):
            continue

    return (Tick("channel_ends", END_SECONDS, news_store.anything_untold, work),)


def robots(services: Services) -> tuple[Tick[Any], ...]:
    """Lets the robots of other channels' groups speak, where there are any."""
    if not any(robot.url for robot in services.settings.channels.robots):
        return ()
    from bot.channels.robots.posting import RobotPosting  # others start without it

    posting = RobotPosting(services)
    return (Tick("robots", ROBOT_SECONDS, posting.due, posting.send),)


def taking_back(services: Services) -> tuple[Tick[Any], ...]:
    """Tells a gateway to which calls are pushed of those that are not to be made any more."""
    if not services.settings.channels.gateway.pushes:
        return ()
    from bot.channels.taking_back import SECONDS, TakingBack  # others start without it

    work = TakingBack(services)
    return (Tick("taking_back", SECONDS, work.due, work.tell),)
