"""Importing templates and handbook cards: all files read first; with one wrong, none is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from alerts.template_files import editing
from alerts.template_files.faults import BadTemplate, TemplateFault
from alerts.template_files.model import Folders, TemplateKind, TemplateProblem, read_template
from data.database import Connection, Database
from data.errors import Conflict, InvalidInput
from data.files import read_file

T = TypeVar("T")
ENDINGS = (".toml", ".md")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with ``dry_run`` would do. With faults, nothing was written.

    ``versions``: by key the number of the new version, ``None`` where it says that already.
    """

    read: int
    faults: tuple[InvalidInput, ...] = ()
    versions: tuple[tuple[str, int | None], ...] = ()
    dry_run: bool = False


def import_templates(
    database: Database,
    path: Path,
    division: str,
    folders: Folders,
    now: datetime,
    *,
    dry_run: bool = False,
) -> ImportReport:
    """Import a file, or every template in a folder, for a division."""
    files = [path]
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix in ENDINGS)
    read, faults = read_each(files, _read)
    if faults or dry_run:
        return ImportReport(len(read), tuple(faults), dry_run=dry_run)
    versions = database.do(
        lambda c: [_saved(c, *template, division, folders, now) for template in read]
    )
    return ImportReport(len(read), (), tuple(versions))


def read_each(
    files: Iterable[Path], read: Callable[[Path], T]
) -> tuple[list[T], list[InvalidInput]]:
    """What was read of the files, and what is wrong with the others."""
    found: list[T] = []
    faults: list[InvalidInput] = []
    for file in files:
        try:
            found.append(read(file))
        except InvalidInput as error:
            faults.append(error)
    return found, faults


def _read(file: Path) -> tuple[TemplateKind, str, str]:
    kind = TemplateKind.of_file(file.name)
    if kind is None:
        raise BadTemplate(TemplateFault.NO_KIND, file.name, 1)
    content = read_file(file)
    read_template(kind, file.stem, content)
    return kind, file.stem, content.decode("utf-8-sig")


def _saved(
    connection: Connection,
    kind: TemplateKind,
    key: str,
    body: str,
    division: str,
    folders: Folders,
    now: datetime,
) -> tuple[str, int | None]:
    try:
        return key, editing.save(connection, None, kind, key, body, division, folders, now)
    except Conflict as error:
        if error.code is not TemplateProblem.NOTHING_CHANGED:
            raise
        return key, None
