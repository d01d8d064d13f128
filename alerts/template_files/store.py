"""Versions of templates, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from alerts.template_files.model import TemplateKind
from data.json_rows import GIVEN_WORDS, as_json
from data.tables.templates import template_versions as table


@dataclass(frozen=True, slots=True)
class Version:
    """One version. ``body`` ``None``: the division gave its own up with it."""

    kind: TemplateKind
    key: str
    division_code: str
    number: int
    body: str | None
    by_id: int | None
    at: datetime
    restored: int | None = None


_newer = table.alias("newer")
_NEWEST = select(table).where(
    table.c.division_code.in_(GIVEN_WORDS),
    table.c.version
    == (
        select(func.max(_newer.c.version))
        .where(
            _newer.c.kind == table.c.kind,
            _newer.c.key == table.c.key,
            _newer.c.division_code == table.c.division_code,
        )
        .scalar_subquery()
    ),
)


def any_of(connection: Connection, kind: TemplateKind) -> bool:
    """Whether any division has an own template of this kind."""
    query = select(table.c.id).where(table.c.kind == kind.value).limit(1)
    return connection.execute(query).first() is not None


def newest(
    connection: Connection, kind: TemplateKind, codes: Sequence[str], key: str | None = None
) -> list[Version]:
    """The newest version of each template that these divisions have, the division above first."""
    query = _NEWEST.where(table.c.kind == kind.value)
    if key is not None:
        query = query.where(table.c.key == key)
    rows = connection.execute(query, {"words": as_json(codes)})
    found = [_version(row) for row in rows]
    order = {code: number for number, code in enumerate(codes)}
    return sorted(found, key=lambda one: order[one.division_code])


def newest_number(connection: Connection, kind: TemplateKind, key: str, division: str) -> int:
    """The number of a division's newest version; 0: it has none."""
    query = select(func.max(table.c.version)).where(*_of(kind, key, division))
    return connection.execute(query).scalar() or 0


def versions(
    connection: Connection, kind: TemplateKind, key: str, division: str, limit: int
) -> list[Version]:
    """A division's versions of a template, the newest first."""
    query = select(table).where(*_of(kind, key, division))
    rows = connection.execute(query.order_by(table.c.version.desc()).limit(limit))
    return [_version(row) for row in rows]


def one_version(
    connection: Connection, kind: TemplateKind, key: str, division: str, number: int
) -> Version | None:
    """One of them."""
    query = select(table).where(*_of(kind, key, division), table.c.version == number)
    row = connection.execute(query).first()
    return None if row is None else _version(row)


def add(connection: Connection, version: Version) -> None:
    """Write one more."""
    connection.execute(
        insert(table).values(
            kind=version.kind.value,
            key=version.key,
            division_code=version.division_code,
            version=version.number,
            body=version.body,
            by_id=version.by_id,
            at=version.at,
            restored=version.restored,
        )
    )


def _of(kind: TemplateKind, key: str, division: str) -> tuple[Any, ...]:
    return (
        table.c.kind == kind.value,
        table.c.key == key,
        table.c.division_code == division,
    )


def _version(row: Row[Any]) -> Version:
    return Version(
        TemplateKind(row.kind),
        row.key,
        row.division_code,
        row.version,
        row.body,
        row.by_id,
        row.at,
        row.restored,
    )
