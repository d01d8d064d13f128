"""Copies of what came from the spot, in a directory of ours: Telegram keeps no promise to keep it.

No exception or log record here holds a token: errors are named by their class alone.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import aiohttp
from yarl import URL

from alerts.patrol.field_reports import store as field_report_store
from alerts.patrol.positions.store import FieldReport
from bot.config.settings_patrol import Media
from bot.runtime.services import Services
from bot.telegram.bot_api import BotApi
from bot.telegram.failures import Kind
from bot.telegram.transport import Connections
from data.database import Connection

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Files copied in one look, one after the other: messages have the network first (ours)."""

MOST_TRIES = 8
FILE_SECONDS = 60.0
_PIECE = 64 * 1024
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
        tokens = {bot.token.reveal().partition(":")[0]: bot.token for bot in telegram.bots}
        async with Connections(limit=2, proxy=None) as connections:
            for report in due:
                token = tokens.get(str(report.bot_id))
                name, again = None, False
                if token is not None:
                    base = telegram.api_base_url
                    name, again = await _copy(connections, base, token.reveal(), report, media)
                unit = partial(_record, report=report, name=name, again=again, now=now)
                await self._services.database.run(unit)


def _record(
    connection: Connection, *, report: FieldReport, name: str | None, again: bool, now: datetime
) -> None:
    if name is not None:
        field_report_store.copied(connection, report.id, name)
    else:
        field_report_store.not_copied(
            connection, report, now, again=again and report.copy_tries + 1 < MOST_TRIES
        )


async def _copy(
    connections: Connections, base: str, token: str, report: FieldReport, media: Media
) -> tuple[str | None, bool]:
    """The file's name below the directory; without one, whether to try again."""
    most = int(media.max_megabytes * 1_000_000)
    outcome = await BotApi(connections, token, base).call("getFile", {"file_id": report.file_id})
    if not outcome.ok or not isinstance(outcome.result, dict):
        return None, outcome.kind is not Kind.PERMANENT
    path = str(outcome.result.get("file_path") or "")
    if not path or (outcome.result.get("file_size") or 0) > most:
        return None, False
    # The name is made here: nothing of what a server says becomes part of a path but a suffix.
    suffix = Path(path).suffix
    suffix = suffix if _SUFFIX.fullmatch(suffix) else ""
    day = report.at.astimezone(UTC)
    name = f"{day:%Y-%m}/{day:%d}/{report.id}-{report.kind}{suffix}"
    target = Path(media.directory) / name
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        url = URL(f"{base.rstrip('/')}/file/bot{token}/{path}")
        async with (
            asyncio.timeout(FILE_SECONDS),
            connections.sends.get(url, allow_redirects=False, proxy=connections.proxy) as response,
        ):
            if response.status != 200:
                return None, True
            if not await _write(response, part, most):
                return None, False
        os.replace(part, target)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("report %d not copied: %s", report.id, type(error).__name__)
        return None, True
    finally:
        part.unlink(missing_ok=True)
    return name, True


async def _write(response: aiohttp.ClientResponse, part: Path, most: int) -> bool:
    """Whether all of it fitted: what the server says of the size is not believed."""
    size = 0
    with part.open("wb") as file:
        async for piece in response.content.iter_chunked(_PIECE):
            size += len(piece)
            if size > most:
                return False
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return True
