"""Opening the configured database."""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Mapping

from bot.config.settings import Settings
from bot.services.clocks import utc_now
from contacts.roster.store import seed_divisions
from data import schema
from data.audit import COMMAND_LINE
from data.database import Database
from data.schema import SchemaState


def open_for_command(settings: Settings) -> Database:
    """As ``open_upgraded``, for a verb of the command line: what it changes says who ran it.

    :raises data.errors.StoreError: when it cannot be opened, written or is newer than we are.
    """
    return open_upgraded(settings, acts_from=command_line())


def command_line() -> dict[str, str]:
    """Who runs this command, and on which machine, as audit entries say it."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # in a container
        user = str(os.getuid())
    if (behind := os.environ.get("SUDO_USER")) and behind != user:
        user = f"{user} (sudo: {behind[:32]})"
    return {"via": COMMAND_LINE, "os_user": user, "host": socket.gethostname()}


def open_upgraded(settings: Settings, *, acts_from: Mapping[str, str] | None = None) -> Database:
    """The configured database at this release's schema, with the shipped divisions if it has none.

    :param acts_from: see ``Database``.
    :raises data.errors.StoreError: when it cannot be opened, written or is newer than we are.
    """
    database = Database(
        settings.database.url, synchronous=settings.database.synchronous, acts_from=acts_from
    )
    try:
        if schema.upgrade(database) is SchemaState.EMPTY:
            database.do(lambda c: seed_divisions(c, utc_now()))
    except BaseException:
        database.close()
        raise
    return database
