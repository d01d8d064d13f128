"""Files that hold telephone numbers, positions or tokens: nobody else of the machine reads them."""

from __future__ import annotations

import os
import stat
import tempfile
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


def write_private(file: Path, content: bytes) -> None:
    """Write a file that only its owner reads, also in the place of one that others could read.

    What was there stays whole until it is replaced, and a link that somebody put there is not
    followed. A device or a pipe is written to as it is.

    :raises OSError: it cannot be written.
    """
    if file.exists() and not file.is_file():
        file.write_bytes(content)
        return
    handle, name = tempfile.mkstemp(prefix=f".{file.name[:64]}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise


def open_to_others(file: Path) -> bool:
    """Whether anybody on the machine may read or write it; what is not there is not open."""
    try:
        return bool(file.stat().st_mode & stat.S_IRWXO)
    except OSError:
        return False
