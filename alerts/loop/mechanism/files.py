"""The mechanisms that hold: the shipped files, and an office's own, by file name."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from alerts.loop.mechanism.model import Mechanism, Mechanisms
from alerts.loop.mechanism.reading import read_mechanism
from data.errors import InvalidInput
from data.files import FileProblem
from data.mechanisms import MECHANISMS


def mechanisms(folder: str = "", *, shipped: bool = True) -> Mechanisms:
    """Every mechanism, by key; one of ``folder`` takes the place of the shipped one so named.

    :raises BadTemplate: with the file and the line: nothing of any file is used.
    :raises InvalidInput: with ``FileProblem.UNREADABLE``: the folder, or a file of it.
    """
    found = {one.key: one for one in shipped_mechanisms()} if shipped else {}
    if folder:
        found |= {one.key: one for one in _read_all(Path(folder))}
    return tuple(found[key] for key in sorted(found))


@lru_cache(1)
def shipped_mechanisms() -> Mechanisms:
    """Those that ship with the product."""
    return tuple(_read_all(MECHANISMS))


def _read_all(folder: Path) -> list[Mechanism]:
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix == ".toml")
        contents = [(file, file.read_bytes()) for file in files]
    except OSError as error:
        raise InvalidInput(
            FileProblem.UNREADABLE, file=str(error.filename or folder), reason=error.strerror or ""
        ) from error
    return [
        read_mechanism(content, file.name if folder == MECHANISMS else str(file))
        for file, content in contents
    ]
