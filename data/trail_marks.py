"""Signed marks in the audit trail: up to which entry it was archived, and that entry's hash.

The live trail goes on after the newest mark, and is verified from there. A mark that was altered or
written by somebody who does not know the key is found by its signature.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from data.tables.columns import to_milliseconds
from data.tables.running import audit_keys, audit_marks

_PURPOSE = b"jiaoying audit mark 1\n"


class Mark(NamedTuple):
    """Every entry up to ``seq`` was archived; those of this mark under ``month`` (202611)."""

    seq: int
    hash: str
    month: int
    made_at: datetime
    signature: str = ""

    @property
    def told(self) -> bytes:
        """What is signed."""
        return f"{self.seq}\n{self.hash}\n{self.month}\n{to_milliseconds(self.made_at)}".encode()


def marks(connection: Connection) -> list[Mark]:
    """Every mark, oldest first."""
    return [Mark(*row) for row in connection.execute(_MARKS.order_by(audit_marks.c.seq))]


def newest(connection: Connection) -> Mark | None:
    """The mark after which the live trail goes on; ``None`` when nothing was archived."""
    row = connection.execute(_MARKS.order_by(audit_marks.c.seq.desc()).limit(1)).first()
    return None if row is None else Mark(*row)


def genuine(connection: Connection, mark: Mark) -> bool:
    """Whether the mark bears the signature of this database's key."""
    return hmac.compare_digest(mark.signature, _signature(connection, mark))


def put(connection: Connection, mark: Mark) -> None:
    """Sign and store ``mark``; it takes the place of the newest one if that is of its month."""
    before = newest(connection)
    if before is not None and before.month == mark.month:
        connection.execute(delete(audit_marks).where(audit_marks.c.seq == before.seq))
    signed = mark._replace(signature=_signature(connection, mark))
    connection.execute(insert(audit_marks).values(signed._asdict()))


_MARKS = select(*(audit_marks.c[name] for name in Mark._fields))


def _signature(connection: Connection, mark: Mark) -> str:
    secret = str(connection.execute(select(audit_keys.c.secret)).scalar_one())
    key = hashlib.sha256(_PURPOSE + secret.encode()).digest()
    return hmac.new(key, mark.told, hashlib.sha256).hexdigest()
