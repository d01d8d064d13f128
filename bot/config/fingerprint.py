"""A fingerprint of the settings that all processes on a database must share. Pure.

No secret can be read from it: tokens and keys go into a digest of their whole section.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from bot.config.reader import Secret
from bot.config.settings import Settings

DIGITS = 16

OF_ONE_MACHINE = frozenset(
    {
        "database",  # they share it, by whatever address
        "log",
        "sandbox",
        "media.directory",
        "publish.directory",
        "api.listen",
        "api.port",
        "telegram.webhook.listen",
        "telegram.webhook.port",
        "board.listen",
        "board.port",
        "channels.page.listen",
        "channels.page.port",
        "channels.gateway.listen",
        "channels.gateway.port",
        "channels.callbacks.listen",
        "channels.callbacks.port",
        "watch.listen",
        "watch.port",
    }
)
"""Settings in which machines may differ."""


def fingerprint(settings: Settings) -> dict[str, str]:
    """A digest of each section of ``config.toml``, as far as all processes must agree on it."""
    return {
        section.name: digest(getattr(settings, section.name), section.name)
        for section in fields(settings)
        if section.name not in OF_ONE_MACHINE
    }


def digest(section: Any, name: str) -> str:
    """Of one section."""
    return hashlib.sha256(json.dumps(_plain(section, name)).encode()).hexdigest()[:DIGITS]


def _plain(value: Any, path: str) -> Any:
    """A setting as JSON can hold it, without what is of one machine."""
    if isinstance(value, Secret):
        return value.reveal()
    if is_dataclass(value):
        return {
            key.name: _plain(getattr(value, key.name), f"{path}.{key.name}")
            for key in fields(value)
            if f"{path}.{key.name}" not in OF_ONE_MACHINE
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(value[key], path) for key in sorted(value)}
    if isinstance(value, tuple | list):
        return [_plain(item, path) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return value if isinstance(value, bool | int | float | str | None) else str(value)
