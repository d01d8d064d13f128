"""The mechanisms that hold now: imported ones above those of files, by file name."""

from __future__ import annotations

from functools import lru_cache

from alerts.loop.mechanism import version_store
from alerts.loop.mechanism.model import Mechanism, Mechanisms
from alerts.loop.mechanism.reading import read_mechanism
from data.database import Connection


def holding(connection: Connection, of_files: Mechanisms) -> Mechanisms:
    """What holds: one look-up in a table of a few rows; nothing was imported, the files'.

    :param of_files: the shipped ones, and those of the configured folder.
    """
    imported = version_store.newest(connection)
    if not imported:
        return of_files
    found = {one.key: one for one in of_files}
    found |= {key: _read(body, key) for key, (_version, body) in imported.items()}
    return tuple(found[key] for key in sorted(found))


@lru_cache(64)
def _read(body: str, key: str) -> Mechanism:
    """Checked when it was imported; read once in a process."""
    return read_mechanism(body, f"{key}.toml")
