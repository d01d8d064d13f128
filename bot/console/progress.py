"""A bar for what takes longer than anybody waits: on a terminal, after two seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE_SECONDS = 2.0

Later = Callable[[float, Callable[[], None]], Callable[[], None]]
"""Has something done after some seconds; returns what calls that off."""


def _later(seconds: float, act: Callable[[], None]) -> Callable[[], None]:
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()
    return timer.cancel


@contextmanager
def progress(
    words: str,
    shown_on: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
    later: Later = _later,
) -> Iterator[Callable[[int, int], None]]:
    """A function to be told how much is done, and of how much.

    Until it is told, the bar only moves: while a long file is read nobody knows how much is left.

    :param shown_on: standard error when left out; nothing is shown where it is no terminal.
    """
    stream = shown_on or sys.stderr
    patient_until = clock() + PATIENCE_SECONDS
    running: list[tuple[Progress, TaskID]] = []
    one_at_a_time, over = threading.Lock(), threading.Event()

    def begin() -> None:
        # Here: most commands end before anybody could see it.
        from rich.console import Console
        from rich.progress import Progress

        with one_at_a_time:
            if running or over.is_set():
                return
            bar = Progress(console=Console(file=stream), transient=True)
            bar.start()
            running.append((bar, bar.add_task(words, total=None)))

    def tell(done: int, total: int) -> None:
        if not stream.isatty() or clock() < patient_until:
            return
        begin()
        bar, task = running[0]
        bar.update(task, completed=done, total=total)

    call_off = later(PATIENCE_SECONDS, begin) if stream.isatty() else None
    try:
        yield tell
    finally:
        if call_off is not None:
            call_off()
        with one_at_a_time:
            over.set()
            for bar, _task in running:
                bar.stop()
