"""The migrations create exactly the tables the code defines; a newer database is left alone."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from data import schema
from data.database import Database
from data.errors import SchemaMismatch
from data.schema import SchemaState
from data.tables import metadata
from data.tables.columns import of_dialect


@pytest.fixture
def database(empty_url: str):
    made = Database(empty_url)
    yield made
    made.close()


def test_upgrading_twice_is_upgrading_once(database: Database) -> None:
    assert schema.upgrade(database) is SchemaState.EMPTY
    assert schema.upgrade(database) is SchemaState.CURRENT


def test_the_migrations_make_what_the_code_knows(database: Database) -> None:
    schema.upgrade(database)

    def differences(connection) -> list:
        dialect = connection.dialect.name
        # PostgreSQL checks some references by triggers: tests/store/test_references.py.
        options = {"include_object": lambda made, *_: of_dialect(made, dialect)}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    assert database.read(differences) == []


def test_head_is_the_newest_revision() -> None:
    scripts = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert scripts.get_current_head() == schema.HEAD
    assert {script.revision for script in scripts.walk_revisions()} == set(schema.KNOWN)


def test_a_newer_database_is_refused(database: Database) -> None:
    schema.upgrade(database)
    database.do(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(SchemaMismatch):
        schema.upgrade(database)
