"""Where the tests' files lie: in memory, where there is room for them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
"""A test's database is written, copied and deleted within a second."""

ROOMY = 2 * 1024**3
"""Bytes free there without which the disk is used."""


def in_memory() -> Path | None:
    """The folder, if it may be used; ``None``: the system's own for temporary files."""
    roomy = MEMORY.exists() and shutil.disk_usage(MEMORY).free > ROOMY
    return MEMORY if roomy and os.access(MEMORY, os.W_OK) else None
