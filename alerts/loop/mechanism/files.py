"""The mechanisms that hold: the shipped files, and an office's own, by file name."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from alerts.loop.mechanism.model import Mechanism, Mechanisms
from alerts.loop.mechanism.reading import read_mechanism
from alerts.template_files.own_files import files_above, read_files
from data.mechanisms import MECHANISMS


def mechanisms(folder: str = "", *, shipped: bool = True) -> Mechanisms:
    """Every mechanism, by key; one of ``folder`` takes the place of the shipped one so named.

    :raises BadTemplate: with the file and the line: nothing of any file is used.
    :raises InvalidInput: with ``FileProblem.UNREADABLE``: the folder, or a file of it.
    """
    found = {one.key: one for one in shipped_mechanisms()} if shipped else {}
    if folder:
        found |= _read(None, Path(folder))
    return tuple(found[key] for key in sorted(found))


@lru_cache(1)
def shipped_mechanisms() -> Mechanisms:
    """Those that ship with the product."""
    return tuple(_read(MECHANISMS, None).values())


def _read(shipped: Path | None, own: Path | None) -> dict[str, Mechanism]:
    layers = read_files(files_above(shipped, own, ".toml"), read_mechanism)
    for error in (*layers.bad, *layers.closed):
        raise error
    return {key: read.says for key, read in layers.found.items()}
