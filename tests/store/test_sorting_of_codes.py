"""Division codes are compared as text: alike in every locale that a database may sort by."""

import pytest
from sqlalchemy import text

from contacts.divisions.codes import EVERYWHERE, code_range
from data.database import Database

pytestmark = pytest.mark.both_databases


def test_every_code_lies_between_the_ends(database: Database) -> None:
    """Of PostgreSQL's locales nearly all put ~ before the digits: nothing would be found."""

    def between(connection: object, ends: tuple[str, str], collation: str) -> bool:
        asked = text(
            f"SELECT CAST(:code AS TEXT) {collation} BETWEEN CAST(:low AS TEXT)"
            " AND CAST(:high AS TEXT)"
        )
        given = {"code": "222403101200", "low": ends[0], "high": ends[1]}
        return bool(connection.execute(asked, given).scalar())  # type: ignore[attr-defined]

    def look(c: object) -> None:
        postgresql = c.dialect.name == "postgresql"  # type: ignore[attr-defined]
        locales = ("C", "und-x-icu", "en-x-icu", "zh-x-icu") if postgresql else ("BINARY",)
        for name in locales:
            collation = f'COLLATE "{name}"'
            assert between(c, EVERYWHERE, collation), name
            assert between(c, code_range("222403000000"), collation), name
            assert not between(c, code_range("222404000000"), collation), name
        if postgresql:
            assert not between(c, ("", "~"), 'COLLATE "und-x-icu"'), "why it is not written so"

    database.read(look)
