"""Files that all processes of one run of the tests share: whoever needs one first makes it."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.memory import in_memory


@cache
def kept_folder() -> Path:
    """For what is made once in each process that runs tests; gone when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="jiaoying-tests-", dir=in_memory()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def folder_of_run(controller: int) -> Path:
    """Of the run whose workers the process ``controller`` started, which deletes it at its end."""
    return Path(in_memory() or tempfile.gettempdir(), f"jiaoying-run-{os.getuid()}-{controller}")


def shared_folder() -> Path:
    """The folder of this run; of this process, where it runs the tests alone."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return kept_folder()
    folder = folder_of_run(os.getppid())
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The file ``name`` of this run. ``make`` writes it to the path it is given, and lets go of it;
    another process waits meanwhile. Whoever reads it changes nothing."""
    folder = shared_folder()
    file, making = folder / name, folder / f"making-{name}"
    with Path(folder, f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            making.unlink(missing_ok=True)  # whoever began was killed
            make(making)
            making.rename(file)
    return file
