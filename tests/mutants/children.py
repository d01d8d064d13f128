"""Processes forked off this one, which has imported all that takes long to import."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
from collections.abc import Callable

# What the children need and is not the product: imported once.
IMPORTED = (
    "aiohttp aiohttp.test_utils alembic.command apscheduler.schedulers.asyncio coverage "
    "hypothesis hypothesis.stateful openpyxl orjson psycopg pytest_asyncio requests segno "
    "sqlalchemy sqlalchemy.dialects.postgresql telegram.ext"
)
OURS = ("alerts", "bench", "bot", "contacts", "data", "tests")


def import_what_takes_long() -> None:
    """Once, before anything is forked."""
    for name in IMPORTED.split():
        importlib.import_module(name)


def in_child(work: Callable[[], int], *, seconds: int = 3600) -> int:
    """What ``work`` returns, done in a process of its own that says nothing; 0 to 127.

    :param seconds: after which it is killed; that is 255.
    """
    sys.stdout.flush()
    child = os.fork()
    if not child:
        code = 70
        try:
            signal.alarm(seconds)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for stream in (1, 2):
                os.dup2(nowhere, stream)
            code = work()
        except BaseException:  # noqa: BLE001 - the child never goes on as its parent
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return 255 if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)


def in_child_without_product(work: Callable[[], int], *, seconds: int = 3600) -> int:
    """The same, where the product and the tests are not imported yet."""

    def forget_and_work() -> int:
        for name in list(sys.modules):
            if name.partition(".")[0] in OURS and not name.startswith("tests.mutants"):
                del sys.modules[name]
        return work()

    return in_child(forget_and_work, seconds=seconds)
