"""Files that hold telephone numbers, positions or tokens: nobody else of the machine reads them."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

PRIVATE_UMASK = 0o077
"""What a process of ours leaves to others of every file it makes: nothing."""

_FILE_MODE = 0o600


def make_private(file: Path) -> None:
    """Make an empty file that only its owner reads, whatever the umask; one that is there stays.

    Where it cannot be made, whoever opens it says why.
    """
    with suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE_MODE))


def open_to_others(file: Path) -> bool:
    """Whether anybody on the machine may read or write it; what is not there is not open."""
    try:
        return bool(file.stat().st_mode & stat.S_IRWXO)
    except OSError:
        return False
