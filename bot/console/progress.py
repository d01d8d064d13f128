"""A bar for what takes longer than anybody waits: on a terminal, after two seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE_SECONDS = 2.0


@contextmanager
def progress(
    words: str,
    shown_on: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Callable[[int, int], None]]:
    """A function to be told how much is done, and of how much.

    :param shown_on: standard error when left out; nothing is shown where it is no terminal.
    """
    stream = shown_on or sys.stderr
    patient_until = clock() + PATIENCE_SECONDS
    running: list[tuple[Progress, TaskID]] = []

    def tell(done: int, total: int) -> None:
        if not running:
            if not stream.isatty() or clock() < patient_until:
                return
            # Here: most commands end before anybody could see it.
            from rich.console import Console
            from rich.progress import Progress

            begun = Progress(console=Console(file=stream), transient=True)
            begun.start()
            running.append((begun, begun.add_task(words, total=total)))
        bar, task = running[0]
        bar.update(task, completed=done, total=total)

    try:
        yield tell
    finally:
        for bar, _task in running:
            bar.stop()
