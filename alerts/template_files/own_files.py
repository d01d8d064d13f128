"""An office's own files above those that ship: by file name, the own one takes the other's place.

What is wrong with a file is told with its line; whether the shipped one then stands in, or nothing
starts, is for whoever reads them to say.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from alerts.template_files.faults import BadTemplate
from data.errors import InvalidInput
from data.files import FileProblem, read_file

log = logging.getLogger(__name__)

T = TypeVar("T")
MOST_FILES = 2000
"""Files that are read of a folder: more is a folder that was not meant."""


@dataclass(frozen=True, slots=True)
class LayeredFile:
    """One file; ``own``: of the office, not shipped."""

    path: Path
    own: bool

    @property
    def key(self) -> str:
        """Its name without ending, by which it takes another's place."""
        return self.path.stem

    @property
    def stamp(self) -> tuple[str, int, int]:
        """By which a change of it is noticed."""
        try:
            found = self.path.stat()
        except OSError:
            return str(self.path), 0, 0
        return str(self.path), found.st_mtime_ns, found.st_size


@dataclass(frozen=True, slots=True)
class ReadFile(Generic[T]):
    """What a file says."""

    file: LayeredFile
    content: bytes
    says: T


@dataclass(frozen=True, slots=True)
class Layers(Generic[T]):
    """What holds, by key; and what was left out, because it is wrong or cannot be opened."""

    found: Mapping[str, ReadFile[T]]
    bad: tuple[BadTemplate, ...] = ()
    closed: tuple[InvalidInput, ...] = ()


def files_above(shipped: Path | None, own: Path | None, ending: str) -> list[LayeredFile]:
    """The files that end so: the shipped ones, then the office's own.

    :raises InvalidInput: with ``FileProblem.UNREADABLE``: there is no such folder, or it is closed.
    """
    return [
        LayeredFile(path, folder is own)
        for folder in (shipped, own)
        if folder is not None
        for path in _in(folder, ending)
    ]


def read_files(files: Sequence[LayeredFile], read: Callable[[bytes, str], T]) -> Layers[T]:
    """What these files say, the later above the earlier of the same name; each fault is logged.

    :param read: the content and the name of a file to what it says; raises ``BadTemplate``.
    """
    found: dict[str, ReadFile[T]] = {}
    bad: list[BadTemplate] = []
    closed: list[InvalidInput] = []
    for file in files:
        try:
            content = read_file(file.path)
            found[file.key] = ReadFile(file, content, read(content, file.path.name))
        except BadTemplate as fault:
            log.error("%s, line %s: %s", file.path, fault.line, fault.fault.value)
            bad.append(fault)
        except InvalidInput as error:
            log.error("%s cannot be read: %s", file.path, error.facts.get("reason"))
            closed.append(error)
    return Layers(found, tuple(bad), tuple(closed))


def _in(folder: Path, ending: str) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ending)[:MOST_FILES]
    except OSError as error:
        name, reason = str(error.filename or folder), error.strerror or ""
        raise InvalidInput(FileProblem.UNREADABLE, file=name, reason=reason) from error
