"""Templates as files: those shipped, and an office's own above them, by file name.

They are read when somebody first asks, and again when a file has changed. One that cannot be read
is left out and told of; the shipped one of the same name stays in its place.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from alerts.template_files.faults import BadTemplate
from alerts.template_files.model import Folders, Origin, Template, TemplateKind, read_template
from data.handbook import HANDBOOK
from data.templates import TEMPLATES

log = logging.getLogger(__name__)

MOST_FILES = 2000
"""Files that are read of a folder: more is a folder that was not meant."""

_FOLDERS = {TemplateKind.WARNING: "warnings", TemplateKind.LIST: "lists"}
_Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Files:
    """The templates of a kind by key, and what is wrong with files that were left out."""

    templates: Mapping[str, Template]
    bad: tuple[BadTemplate, ...] = ()


_read: dict[tuple[TemplateKind, Folders], tuple[_Signature, Files]] = {}


def files_of(kind: TemplateKind, folders: Folders) -> Files:
    """The templates of a kind that the files hold. Blocks: call it off the event loop."""
    files = [
        (file, origin) for place, origin in _places(kind, folders) for file in _in(place, kind)
    ]
    signature = tuple(_stat(file) for file, _origin in files)
    known = _read.get((kind, folders))
    if known is not None and known[0] == signature:
        return known[1]
    templates: dict[str, Template] = {}
    bad: list[BadTemplate] = []
    for file, origin in files:
        try:
            content = file.read_bytes()
            read = read_template(kind, file.stem, content)
        except BadTemplate as fault:
            log.error("template %s, line %s: %s", file, fault.line, fault.fault.value)
            bad.append(fault)
        except OSError as error:
            log.error("template %s cannot be read: %s", file, error.strerror)
        else:
            body = content.decode("utf-8-sig")
            templates[file.stem] = Template(kind, file.stem, body, read, origin)
    found = Files(templates, tuple(bad))
    _read[kind, folders] = signature, found
    return found


def bad_files(folders: Folders) -> list[BadTemplate]:
    """What is wrong with an office's own files, of every kind; nothing is kept in memory."""
    if not (folders.cards or folders.templates):
        return []
    found = [fault for kind in TemplateKind for fault in files_of(kind, folders).bad]
    _read.clear()
    return found


def _places(kind: TemplateKind, folders: Folders) -> list[tuple[Path, Origin]]:
    if kind is TemplateKind.CARD:
        shipped, own = HANDBOOK, folders.cards
    else:
        shipped = TEMPLATES / _FOLDERS[kind]
        own = str(Path(folders.templates) / _FOLDERS[kind]) if folders.templates else ""
    return [(shipped, Origin.SHIPPED), *([(Path(own), Origin.FOLDER)] if own else [])]


def _in(place: Path, kind: TemplateKind) -> list[Path]:
    try:
        return sorted(place.glob(f"*{kind.ending}"))[:MOST_FILES]
    except OSError as error:
        log.error("templates: %s cannot be read: %s", place, error.strerror)
        return []


def _stat(file: Path) -> tuple[str, int, int]:
    try:
        found = file.stat()
    except OSError:
        return str(file), 0, 0
    return str(file), found.st_mtime_ns, found.st_size
