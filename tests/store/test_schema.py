"""The migrations create exactly the tables the code defines; a newer database is left alone."""

import re
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from data import schema
from data.database import Database
from data.errors import SchemaMismatch
from data.schema import SchemaState
from data.tables import metadata
from data.tables.columns import of_dialect
from tests.schema_once import statements, statements_file, upgrade_from

pytestmark = pytest.mark.usefixtures("by_migrations")


@pytest.fixture
def database(empty_url: str):
    made = Database(empty_url)
    yield made
    made.close()


def test_the_migrations_make_what_the_code_knows(database: Database, tmp_path: Path) -> None:
    assert schema.upgrade(database) is SchemaState.EMPTY
    assert schema.upgrade(database) is SchemaState.CURRENT

    def differences(connection: Connection) -> list[Any]:
        dialect = connection.dialect.name
        # PostgreSQL checks some references by triggers: tests/store/test_references.py.
        options = {"include_object": lambda made, *_: of_dialect(made, dialect)}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    assert database.read(differences) == []
    if database.is_sqlite:  # and other tests get the same
        with closing(Database(f"sqlite:///{tmp_path}/replayed.db")) as replayed:
            replayed.do(partial(upgrade_from, statements_file()))
            made = replayed.read(everything)
        assert made == database.read(everything)
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    database.do(lambda c: c.execute(newer))
    with pytest.raises(SchemaMismatch):
        schema.upgrade(database)


def everything(connection: Connection) -> tuple[list[str], set[tuple[str, ...]]]:
    """The statements that would make such a database, and each object in it, SQLite's own too."""
    keys = re.compile("'[0-9a-f]{64}'")  # which are made by chance
    kept = connection.execute(text("SELECT type, name, sql FROM sqlite_master")).all()
    return [keys.sub("KEY", one) for one in statements(connection)], {tuple(row) for row in kept}


def test_head_is_the_newest_revision() -> None:
    scripts = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert scripts.get_current_head() == schema.HEAD
    assert {script.revision for script in scripts.walk_revisions()} == set(schema.KNOWN)
