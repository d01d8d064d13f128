"""Importing mechanisms: all files are read first; with one wrong, none is written."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from alerts.loop.mechanism import version_store
from alerts.loop.mechanism.model import LONGEST_KEY
from alerts.loop.mechanism.reading import read_mechanism
from alerts.template_files.faults import BadTemplate, TemplateFault
from alerts.template_files.importing import ImportReport, read_each
from data.audit import Entry, append
from data.database import Connection, Database
from data.files import read_file

ENDING = ".toml"


def import_mechanisms(
    database: Database, path: Path, now: datetime, *, dry_run: bool = False
) -> ImportReport:
    """Import a file, or every one in a folder; each holds from the next warning or change on."""
    files = sorted(path.glob(f"*{ENDING}")) if path.is_dir() else [path]
    read, faults = read_each(files, _read)
    if faults or dry_run:
        return ImportReport(len(read), tuple(faults), dry_run=dry_run)
    versions = database.do(lambda c: _save(c, read, now))
    return ImportReport(len(read), (), versions)


def _read(file: Path) -> tuple[str, str]:
    if file.suffix != ENDING or len(file.stem) > LONGEST_KEY:
        raise BadTemplate(TemplateFault.NO_KIND, file.name, 1)
    content = read_file(file)
    read_mechanism(content, file.name)
    return file.stem, content.decode("utf-8-sig")


def _save(
    connection: Connection, read: list[tuple[str, str]], now: datetime
) -> tuple[tuple[str, int | None], ...]:
    there = version_store.newest(connection)
    found: list[tuple[str, int | None]] = []
    for key, body in read:
        number, before = there.get(key, (0, ""))
        if body == before:
            found.append((key, None))
            continue
        version_store.add(connection, key, number + 1, body, now)
        detail = {"version": number + 1}
        append(connection, now, [Entry("mechanism.imported", f"mechanism:{key}", None, detail)])
        found.append((key, number + 1))
    return tuple(found)
