"""Copies of what came from the spot, in a directory of ours: Telegram keeps no promise to keep it.

No exception or log record here holds a token: errors are named by their class alone.
"""

from __future__ import annotations

import logging
import os
import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from alerts.patrol.field_reports import store as field_report_store
from alerts.patrol.field_reports.model import FieldReport
from bot.config.settings_patrol import MediaSettings
from bot.services.services import Services
from bot.telegram.bot_api import BotApi
from bot.telegram.failures import Outcome, OutcomeKind
from bot.telegram.transport import Connections
from data import set_aside
from data.database import Connection
from data.errors import StoreError

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Files copied in one look, one after the other: messages have the network first (ours)."""

MOST_TRIES = 8
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


class MediaCopies:
    """The work of the tick that copies files."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def due(self, connection: Connection, now: datetime) -> list[FieldReport]:
        """A few of the reports whose file is to be copied; none where no directory is set."""
        if not self._services.settings.media.directory:
            return []
        return field_report_store.to_copy(connection, now, AT_ONCE)

    async def copy(self, due: list[FieldReport], now: datetime) -> None:
        """Copy the files of these reports, and record which could be had."""
        telegram, media = self._services.settings.telegram, self._services.settings.media
        async with Connections(limit=2, proxy=None) as connections:
            apis = [
                BotApi(connections, bot.token.reveal(), telegram.api_base_url)
                for bot in telegram.bots
            ]
            by_id = {int(api.bot_id): api for api in apis}
            for report in due:
                api = by_id.get(report.bot_id or 0)
                try:
                    name, again = (None, False) if api is None else await _copy(api, report, media)
                except Exception:  # it holds up no other file
                    log.exception("report %d not copied", report.id)
                    name, again = None, True
                unit = partial(_record, report=report, name=name, again=again, now=now)
                try:
                    await self._services.database.run(unit)
                except StoreError:
                    raise
                except Exception as failure:
                    log.exception("copy of report %d set aside", report.id)
                    aside = partial(_set_aside, report=report, error=failure, now=now)
                    await self._services.database.run(aside)


def _set_aside(
    connection: Connection, *, report: FieldReport, error: Exception, now: datetime
) -> None:
    copies = field_report_store.COPIES_DUE
    set_aside.put_off(connection, copies, now, copies.id == report.id)
    set_aside.note(connection, copies.topic, report.id, error, now)


def _record(
    connection: Connection, *, report: FieldReport, name: str | None, again: bool, now: datetime
) -> None:
    if name is not None:
        field_report_store.copied(connection, report.id, name)
    else:
        field_report_store.not_copied(
            connection, report, now, again=again and report.copy_tries + 1 < MOST_TRIES
        )


async def _copy(api: BotApi, report: FieldReport, media: MediaSettings) -> tuple[str | None, bool]:
    """The file's name below the directory; without one, whether to try again."""
    most_bytes = int(media.max_megabytes * 1_000_000)
    assert report.file_id is not None
    path = await api.file_path(report.file_id, most_bytes)
    if isinstance(path, Outcome):
        return None, path.kind is not OutcomeKind.PERMANENT
    # The name is made here: nothing of what a server says becomes part of a path but a suffix.
    suffix = Path(path).suffix
    suffix = suffix if _SUFFIX.fullmatch(suffix) else ""
    day = report.at.astimezone(UTC)
    name = f"{day:%Y-%m}/{day:%d}/{report.id}-{report.kind}{suffix}"
    target = Path(media.directory) / name
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            outcome = await api.download(path, file.write, most_bytes)
            file.flush()
            os.fsync(file.fileno())
        if outcome.ok:
            os.replace(part, target)
            return name, False
        log.warning("report %d not copied: %s", report.id, outcome.description)
        return None, outcome.kind is not OutcomeKind.PERMANENT
    except OSError as error:
        log.warning("report %d not copied: %s", report.id, type(error).__name__)
        return None, True
    finally:
        part.unlink(missing_ok=True)
