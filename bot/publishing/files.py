"""CAP messages as files, one each: whole or not there, after the commit, at least once.

A file is written beside, forced to disk and renamed; only then its row says so. A process killed in
between writes the same file again.
"""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from alerts import alert_message_store, alert_store
from alerts.publishing import store
from alerts.publishing.model import Event
from bot.publishing.messages import cap_xml
from bot.services.services import Services
from data.database import Connection

log = logging.getLogger(__name__)

AT_ONCE = 50

READABLE, OPEN_FOLDER = 0o644, 0o755
"""CAP messages are for others to read, unlike all else that is written."""


class CapFiles:
    """The work of the tick that writes them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._directory = Path(services.settings.publish.directory)
        self.failed_since: datetime | None = None

    def due(self, connection: Connection, _now: datetime) -> bool:
        """Whether a message has no file yet."""
        return bool(store.unfiled(connection, 1))

    async def write(self, _due: bool, now: datetime) -> None:
        """Write what is missing; what cannot be written now is tried at the next look."""
        database = self._services.database
        while events := await database.ask(lambda c: store.unfiled(c, AT_ONCE)):
            ids = [event.id for event in events]
            ready = await database.ask(lambda c, some=events: self._rendered(c, some))  # type: ignore[misc]
            try:
                await asyncio.to_thread(write_all, self._directory, ready)
            except OSError as error:
                self.failed_since = self.failed_since or now
                log.error(
                    "CAP 消息写不进 %s：%s / CAP messages cannot be written there",
                    self._directory,
                    error.strerror,
                )
                return
            await database.run(lambda c, done=ids: store.filed(c, done, now))  # type: ignore[misc]
        self.failed_since = None

    def _rendered(self, connection: Connection, events: list[Event]) -> dict[str, bytes]:
        ready: dict[str, bytes] = {}
        for event in events:
            alert = alert_store.alert(connection, event.alert_id)
            assert alert is not None and event.message_number is not None
            message = alert_message_store.numbered(connection, alert.id, event.message_number)
            assert message is not None
            xml = cap_xml(connection, alert, event.message_number, self._services)
            ready[f"{message.identifier}.xml"] = xml
        return ready


def write_all(directory: Path, files: dict[str, bytes]) -> None:
    """Write each whole: nobody who watches the folder sees a part of one.

    :raises OSError: one could not be written; those before it are there.
    """
    if not directory.is_dir():
        directory.mkdir(parents=True)
        directory.chmod(OPEN_FOLDER)
    for name, content in files.items():
        beside = directory / f".{name}.part"
        try:
            with open(beside, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.chmod(READABLE)
            beside.replace(directory / name)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise
    folder = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
