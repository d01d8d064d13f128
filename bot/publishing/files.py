"""CAP messages as files, one each: whole or not there, after the commit, at least once. How a
warning is answered is one file more, which is written anew.

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
from bot.publishing.messages import answers_xml, cap_xml
from bot.services.services import Services
from data.database import Connection
from data.errors import NotFound

log = logging.getLogger(__name__)

AT_ONCE = 50

ANSWERS = "answers"
"""The folder within, where each warning has one file that says how it is answered by now."""

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
        """The files of these events, by their names; of answers only the newest of a warning."""
        ready: dict[str, bytes] = {}
        for event in events:
            alert = alert_store.alert(connection, event.alert_id)
            assert alert is not None
            if event.message_number is None:
                with suppress(NotFound):  # released before messages were kept
                    xml = answers_xml(connection, event, alert, self._services)
                    ready[f"{ANSWERS}/{alert.identifier}.xml"] = xml
                continue
            message = alert_message_store.numbered(connection, alert.id, event.message_number)
            assert message is not None
            xml = cap_xml(connection, alert, event.message_number, self._services)
            ready[f"{message.identifier}.xml"] = xml
        return ready


def write_all(directory: Path, files: dict[str, bytes]) -> None:
    """Write each whole: nobody who watches the folder sees a part of one.

    :raises OSError: one could not be written; those before it are there.
    """
    for name, content in files.items():
        target = directory / name
        for folder in (directory, target.parent):
            if not folder.is_dir():
                folder.mkdir(parents=True)
                folder.chmod(OPEN_FOLDER)
        beside = target.with_name(f".{target.name}.part")
        try:
            with open(beside, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.chmod(READABLE)
            beside.replace(target)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise
    for written in {(directory / name).parent for name in files}:
        entries = os.open(written, os.O_RDONLY)
        try:
            os.fsync(entries)
        finally:
            os.close(entries)
