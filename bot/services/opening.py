"""Opening the configured database."""

from __future__ import annotations

from bot.config.settings import Settings
from bot.services.clocks import utc_now
from contacts.roster.store import seed_divisions
from data import schema
from data.database import Database
from data.schema import SchemaState


def open_upgraded(settings: Settings) -> Database:
    """The configured database at this release's schema, with the shipped divisions if it has none.

    :raises data.errors.StoreError: when it cannot be opened, written or is newer than we are.
    """
    database = Database(settings.database.url, synchronous=settings.database.synchronous)
    try:
        if schema.upgrade(database) is SchemaState.EMPTY:
            database.do(lambda c: seed_divisions(c, utc_now()))
    except BaseException:
        database.close()
        raise
    return database
