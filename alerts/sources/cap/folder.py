"""A folder into which somebody else's system writes messages, a file each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.sources.cap.feeds import FeedEntry, FeedRead
from alerts.sources.feeds import FeedAnswer, of_file
from alerts.sources.hotspots import FeedFault

SUFFIXES = (".xml", ".cap", ".xml.gz", ".cap.gz")

BEING_WRITTEN = timedelta(seconds=2)
"""A file changed so lately may not be whole yet (ours)."""


def listing(folder: Path, now: datetime) -> FeedRead:
    """The files, each as an entry with its path as the link; hidden ones are none."""
    entries = []
    for file in sorted(folder.iterdir()):
        hidden = file.name.startswith(".")
        if hidden or not file.name.lower().endswith(SUFFIXES) or not file.is_file():
            continue
        found = file.stat()
        changed = datetime.fromtimestamp(found.st_mtime, UTC)
        if timedelta(0) <= now - changed < BEING_WRITTEN:
            continue
        entries.append(FeedEntry(f"{file.name} {found.st_size}", link=str(file), updated=changed))
    return FeedRead(tuple(entries))


def reading(folder: Path, max_bytes: int) -> Callable[[str], FeedAnswer]:
    """Reads a file of the folder as an answer: nothing outside of it, and nothing too large."""

    def read(path: str) -> FeedAnswer:
        file = Path(path)
        try:
            if not file.resolve().is_relative_to(folder.resolve()):
                return FeedAnswer(fault=FeedFault.REFUSED, detail="outside")
            return of_file(file, max_bytes)
        except OSError as error:
            return FeedAnswer(fault=FeedFault.UNREACHABLE, detail=type(error).__name__)

    return read


def asked(folder: Path) -> FeedAnswer:
    """Whether the folder is there."""
    if folder.is_dir():
        return FeedAnswer()
    return FeedAnswer(fault=FeedFault.UNREACHABLE, detail="no such folder")
