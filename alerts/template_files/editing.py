"""Changing a template: a version more, with its trail; an old one restored; one's own given up.

Who commands a division may, for it and all below it: the heads of its offices among them.
"""

from __future__ import annotations

from datetime import datetime

from alerts.template_files import store
from alerts.template_files.holding import template_in
from alerts.template_files.model import (
    Folders,
    Template,
    TemplateKind,
    TemplateProblem,
    read_template,
)
from contacts.access import may_release, require
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict, NotFound


def save(
    connection: Connection,
    editor: Person | None,
    kind: TemplateKind,
    key: str,
    body: str,
    division: str,
    folders: Folders,
    now: datetime,
    *,
    base: int | None = None,
) -> int:
    """Have a division's template say ``body`` from now on; the number of the new version.

    :param editor: ``None``: on the server.
    :param base: the division's newest version when the editing began, 0 for none.
    :raises NotAllowed: the editor does not command the division.
    :raises BadTemplate: with the line.
    :raises Conflict: it says that already, or somebody else has changed it meanwhile.
    """
    _may(editor, division)
    read_template(kind, key, body)
    newest = store.newest_number(connection, kind, key, division)
    if base is not None and newest != base:
        raise Conflict(TemplateProblem.CHANGED_MEANWHILE, key=key)
    holds = template_in(connection, kind, key, division, folders)
    if holds is not None and holds.body.strip() == body.strip():
        raise Conflict(TemplateProblem.NOTHING_CHANGED, key=key)
    return _add(connection, editor, kind, key, division, body, newest, now, act="template.saved")


def restore(
    connection: Connection,
    editor: Person,
    kind: TemplateKind,
    key: str,
    number: int,
    division: str,
    folders: Folders,
    now: datetime,
) -> int:
    """Have the template say again what a version of before said; the number of the new version.

    :raises NotAllowed: the editor does not command the division.
    :raises NotFound: there is no such version, or it says nothing.
    :raises Conflict: it says that already.
    """
    _may(editor, division)
    old = store.one_version(connection, kind, key, division, number)
    if old is None or old.body is None:
        raise NotFound(TemplateProblem.NO_SUCH_VERSION, number=number)
    read_template(kind, key, old.body)
    holds = template_in(connection, kind, key, division, folders)
    if holds is not None and holds.body.strip() == old.body.strip():
        raise Conflict(TemplateProblem.NOTHING_CHANGED, key=key)
    newest = store.newest_number(connection, kind, key, division)
    return _add(
        connection,
        editor,
        kind,
        key,
        division,
        old.body,
        newest,
        now,
        act="template.restored",
        of=number,
    )


def reset(
    connection: Connection,
    editor: Person,
    kind: TemplateKind,
    key: str,
    division: str,
    now: datetime,
) -> int:
    """Give the division's own up: what is above it, or the file, holds again.

    :raises NotAllowed: the editor does not command the division.
    :raises Conflict: it has none of its own.
    """
    _may(editor, division)
    newest = next(iter(store.versions(connection, kind, key, division, 1)), None)
    if newest is None or newest.body is None:
        raise Conflict(TemplateProblem.NOTHING_TO_RESET, key=key)
    return _add(
        connection, editor, kind, key, division, None, newest.number, now, act="template.given_up"
    )


def known(
    connection: Connection, kind: TemplateKind, key: str, division: str, folders: Folders
) -> Template:
    """The template that holds.

    :raises NotFound: there is none.
    """
    found = template_in(connection, kind, key, division, folders)
    if found is None:
        raise NotFound(TemplateProblem.UNKNOWN, key=key)
    return found


def _may(editor: Person | None, division: str) -> None:
    if editor is not None:
        require(may_release(editor, [division]), division=division)


def _add(
    connection: Connection,
    editor: Person | None,
    kind: TemplateKind,
    key: str,
    division: str,
    body: str | None,
    newest: int,
    now: datetime,
    *,
    act: str,
    of: int | None = None,
) -> int:
    by = None if editor is None else editor.id
    number = newest + 1
    store.add(connection, store.Version(kind, key, division, number, body, by, now, restored=of))
    detail = {"division": division, "version": number}
    if of is not None:
        detail["restored"] = of
    entry = Entry(act, f"template:{kind.value}.{key}", by, detail)
    append(connection, now, [entry])
    return number
