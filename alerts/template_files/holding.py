"""Which templates hold in a division: its newest versions, those of the tiers above, the files."""

from __future__ import annotations

import logging

from alerts.handbook.model import Card
from alerts.model import Hazard, Level
from alerts.template_files import store
from alerts.template_files.faults import BadTemplate
from alerts.template_files.files import files_of
from alerts.template_files.frames import EVACUATION, CardFrame
from alerts.template_files.model import Folders, Origin, Template, TemplateKind, read_template
from contacts.divisions.codes import ancestors
from data.database import Connection

log = logging.getLogger(__name__)


def templates_in(
    connection: Connection, kind: TemplateKind, division: str, folders: Folders
) -> dict[str, Template]:
    """The templates of a kind that hold in a division, by key. Reads files: off the event loop."""
    found = dict(files_of(kind, folders).templates)
    for version in store.newest(connection, kind, line_of(division)):
        template = as_template(version)
        if template is not None:
            found[version.key] = template
    return found


def template_in(
    connection: Connection, kind: TemplateKind, key: str, division: str, folders: Folders
) -> Template | None:
    """As ``templates_in``, of one."""
    found = files_of(kind, folders).templates.get(key)
    for version in store.newest(connection, kind, line_of(division), key):
        found = as_template(version) or found
    return found


def cards_in(connection: Connection, division: str, folders: Folders) -> dict[str, Card]:
    """The handbook's cards that hold in a division."""
    found = templates_in(connection, TemplateKind.CARD, division, folders)
    return {key: template.card for key, template in found.items()}


def texts_in(
    connection: Connection, division: str, hazard: Hazard, level: Level, folders: Folders
) -> tuple[str, ...]:
    """The texts offered for a warning in a division, the usual one first."""
    found = template_in(connection, TemplateKind.WARNING, hazard.value, division, folders)
    return () if found is None else found.texts.texts[level]


def frame_in(connection: Connection, division: str, folders: Folders) -> CardFrame:
    """What stands around the facts of an evacuation card of a division."""
    found = template_in(connection, TemplateKind.FRAME, EVACUATION, division, folders)
    assert found is not None  # it ships
    return found.frame


def as_template(version: store.Version) -> Template | None:
    """A version read; ``None``: it gives its division's own up, or this release cannot read it."""
    if version.body is None:
        return None
    try:
        content = read_template(version.kind, version.key, version.body)
    except BadTemplate as fault:
        log.error("template %s, version %s: %s", version.key, version.number, fault.fault.value)
        return None
    return Template(
        version.kind,
        version.key,
        version.body,
        content,
        Origin.VERSION,
        version.division_code,
        version.number,
        version.by_id,
        version.at,
    )


def line_of(division: str) -> list[str]:
    """The division and those above it, the highest first: the later are above the earlier."""
    return [*reversed(list(ancestors(division))), division]
