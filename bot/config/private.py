"""Refuses to work with a database, or with a file of secrets, that others of the machine read."""

from __future__ import annotations

import shlex
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from bot.config.load import load
from bot.config.reader import Secret
from bot.config.settings import DatabaseSettings, Settings
from data.engines import has_password, sqlite_path
from data.errors import ConfigError
from data.history import history_file
from data.private_files import open_to_others


class OpenToOthers(ConfigError):
    """Others of the machine read or write ``file``; ``chmod`` mends it."""

    def __str__(self) -> str:
        file = self.facts["file"]
        mending = f"chmod 600 {shlex.quote(str(file))}"
        return (
            f"{file} 本机其他用户能读或能写，已拒绝。请运行：{mending}\n"
            f"Others on this machine may read or write {file}: refused. Run: {mending}"
        )


def refuse_open_files(config: Path | None, settings: Settings) -> None:
    """Go on only when nobody else reads the database, and no secret of the configuration.

    :param config: the file; one without a secret may be read by everybody.
    :raises OpenToOthers: naming the first that is open.
    """
    database = sqlite_path(settings.database.url)
    files = [] if database is None else [database, history_file(database)]
    for file in files:
        for beside in ("", "-wal", "-shm"):
            if open_to_others(found := file.with_name(file.name + beside)):
                raise OpenToOthers("open_to_others", file=found)
    if config is not None and open_to_others(config) and holds_secrets(load(config, {})):
        raise OpenToOthers("open_to_others", file=config)


def holds_secrets(settings: Any) -> bool:
    """Whether any of these settings is a token, a key or a password."""
    if isinstance(settings, Secret):
        return bool(settings.reveal())
    if isinstance(settings, tuple):
        return any(holds_secrets(entry) for entry in settings)
    if not is_dataclass(settings):
        return False
    if isinstance(settings, DatabaseSettings) and has_password(settings.url):
        return True
    return any(holds_secrets(getattr(settings, known.name)) for known in fields(settings))
