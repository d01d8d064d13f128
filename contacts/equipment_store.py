"""Satellite telephones and loudspeakers as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from contacts.divisions.codes import code_range
from contacts.equipment import Equipment, EquipmentKind
from data import audit
from data.json_rows import GIVEN_WORDS, as_json
from data.tables.contacts import equipment as table

_COLUMNS = (
    table.c.kind,
    table.c.division_code,
    table.c.place_code,
    table.c.number,
    table.c.words,
)
_ORDER = (table.c.division_code, table.c.place_code, table.c.kind.desc(), table.c.id)


def of_divisions(connection: Connection, codes: Iterable[str]) -> dict[str, list[Equipment]]:
    """What these divisions and the places in them have, by division; satellite telephones first."""
    query = select(*_COLUMNS).where(table.c.division_code.in_(GIVEN_WORDS)).order_by(*_ORDER)
    found: dict[str, list[Equipment]] = {}
    for row in connection.execute(query, {"words": as_json(set(codes))}):
        piece = _equipment(row)
        found.setdefault(piece.division_code, []).append(piece)
    return found


def within(connection: Connection, area: str) -> list[Equipment]:
    """What a division and all below it have, by division and place."""
    query = select(*_COLUMNS).where(_in(area)).order_by(*_ORDER)
    return [_equipment(row) for row in connection.execute(query)]


def all_equipment(connection: Connection) -> list[Equipment]:
    """All there is."""
    return [_equipment(row) for row in connection.execute(select(*_COLUMNS).order_by(*_ORDER))]


def is_known(connection: Connection, number: str) -> bool:
    """Whether some village still has this satellite telephone."""
    query = select(table.c.id).where(
        table.c.number == number, table.c.kind == EquipmentKind.SATELLITE_PHONE.value
    )
    return connection.execute(query.limit(1)).first() is not None


def change(
    connection: Connection,
    coming: Sequence[Equipment],
    going: Sequence[Equipment],
    now: datetime,
    source: dict[str, Any],
) -> None:
    """Enter and take away; the trail says how many of which kind, and no number."""
    for piece in going:
        connection.execute(
            delete(table).where(*(table.c[name] == value for name, value in _row(piece).items()))
        )
    if coming:
        connection.execute(insert(table), [_row(piece) for piece in coming])
    entries = []
    for site in sorted({piece.site[:2] for piece in (*coming, *going)}):
        division, place = site
        subject = f"place:{place}" if place else f"division:{division}"
        detail: dict[str, Any] = dict(source)
        for name, pieces in (("coming", coming), ("going", going)):
            kinds = [piece.kind.value for piece in pieces if piece.site[:2] == site]
            if kinds:
                detail[name] = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
        entries.append(audit.Entry("equipment.changed", subject, detail=detail))
    audit.append(connection, now, entries)


def _in(area: str) -> ColumnElement[bool]:
    return table.c.division_code.between(*code_range(area))


def _row(piece: Equipment) -> dict[str, Any]:
    return {
        "kind": piece.kind.value,
        "division_code": piece.division_code,
        "place_code": piece.place_code,
        "number": piece.number,
        "words": piece.words,
    }


def _equipment(row: Any) -> Equipment:
    kind, *rest = row
    return Equipment(EquipmentKind(kind), *rest)
