"""Templates as files: those shipped, and an office's own above them, by file name.

They are read when somebody first asks, and again when a file has changed. One that cannot be read
is left out and told of; the shipped one of the same name stays in its place.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from alerts.template_files.faults import BadTemplate
from alerts.template_files.lists import write_list
from alerts.template_files.model import Folders, Origin, Template, TemplateKind, read_template
from alerts.template_files.own_files import LayeredFile, ReadFile, files_above, read_files
from data.errors import InvalidInput
from data.handbook import HANDBOOK
from data.templates import TEMPLATES

log = logging.getLogger(__name__)

_FOLDERS = {
    TemplateKind.WARNING: "warnings",
    TemplateKind.LIST: "lists",
    TemplateKind.FRAME: "cards",
}
_Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Files:
    """The templates of a kind by key, and what is wrong with files that were left out."""

    templates: Mapping[str, Template]
    bad: tuple[BadTemplate, ...] = ()


_read: dict[tuple[TemplateKind, Folders], tuple[_Signature, Files]] = {}


def files_of(kind: TemplateKind, folders: Folders) -> Files:
    """The templates of a kind that the files hold. Blocks: call it off the event loop."""
    there = _files(kind, folders)
    signature = tuple(file.stamp for file in there)
    known = _read.get((kind, folders))
    if known is not None and known[0] == signature:
        return known[1]
    layers = read_files(there, lambda content, name: read_template(kind, Path(name).stem, content))
    found = {key: _template(kind, file) for key, file in layers.found.items()}
    if kind is TemplateKind.LIST and not folders.shipped_lists:
        found = {key: _not_used(template) for key, template in found.items()}
    files = Files(found, layers.bad)
    _read[kind, folders] = signature, files
    return files


def bad_files(folders: Folders) -> list[BadTemplate]:
    """What is wrong with an office's own files, of every kind; nothing is kept in memory."""
    if not (folders.cards or folders.templates):
        return []
    found = [fault for kind in TemplateKind for fault in files_of(kind, folders).bad]
    _read.clear()
    return found


def _files(kind: TemplateKind, folders: Folders) -> list[LayeredFile]:
    if kind is TemplateKind.CARD:
        shipped, own = HANDBOOK, Path(folders.cards) if folders.cards else None
    else:
        shipped = TEMPLATES / _FOLDERS[kind]
        own = Path(folders.templates) / _FOLDERS[kind] if folders.templates else None
    if own is not None and not own.is_dir():
        own = None  # an office has templates of some kinds, and none of others
    try:
        return files_above(shipped, own, kind.ending)
    except InvalidInput as error:
        log.error("templates: %s cannot be read: %s", error.facts["file"], error.facts["reason"])
        return files_above(shipped, None, kind.ending)


def _template(kind: TemplateKind, read: ReadFile[Any]) -> Template:
    origin = Origin.FOLDER if read.file.own else Origin.SHIPPED
    return Template(kind, read.file.key, read.content.decode("utf-8-sig"), read.says, origin)


def _not_used(template: Template) -> Template:
    if template.origin is not Origin.SHIPPED or not template.task_list.enabled:
        return template
    tasks = replace(template.task_list, enabled=False)
    return replace(template, content=tasks, body=write_list(tasks))
