"""Whose account a number is, noted before its owner is written to.

They may press the moment the card arrives, and the provider's answer to us may get lost: a press
is theirs only if the account is known by then.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from alerts.channels import store as channel_store
from bot.channels.events import Handle
from bot.services.services import Services
from data.errors import StoreError

log = logging.getLogger(__name__)

NOTED_LATER = 15.0
"""Seconds until a call is made again whose account could not be noted (ours)."""

Remember = Callable[[Handle, str], Awaitable[bool]]
"""Notes that the addressee of a delivery has this account; whether it is noted."""


def remembering(services: Services) -> Remember:
    """Notes accounts in the database."""

    async def remember(handle: Handle, account: str) -> bool:
        try:
            await services.database.run(
                lambda c: channel_store.found_account(c, handle.delivery_id, account)
            )
        except StoreError as error:
            log.error("an account was found and not noted: %s", error)
            return False
        return True

    return remember
