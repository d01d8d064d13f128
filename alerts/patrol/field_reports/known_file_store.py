"""Under which file ids a file is known: an id is good only at the bot that gave it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from data.tables.patrol import known_files

_C = known_files.c


def known_at(connection: Connection, bot_id: int, sources: Collection[str]) -> dict[str, str]:
    """Which of these files of other bots were brought to this bot: their id there to that here."""
    query = select(_C.source, _C.file_id).where(_C.bot_id == bot_id, _C.source.in_(list(sources)))
    return {row.source: row.file_id for row in connection.execute(query)}


def remember(connection: Connection, bot_id: int, ids: Mapping[str, str], now: datetime) -> None:
    """These files were brought to a bot: file id elsewhere to file id there; the newest holds."""
    if not ids:
        return
    gone = delete(known_files).where(_C.bot_id == bot_id, _C.source.in_(list(ids)))
    connection.execute(gone)
    rows = [
        {"source": source, "bot_id": bot_id, "file_id": file_id, "at": now}
        for source, file_id in ids.items()
    ]
    connection.execute(insert(known_files), rows)
