"""Which schema the database has, and bringing it up to this release's. Alembic does the work."""

from __future__ import annotations

from enum import Enum

from sqlalchemy import Connection, inspect, text

from data.database import Database, allow_long
from data.errors import SchemaMismatch
from data.tables import metadata

HEAD = "0092"
"""The newest revision in ``data/migrations/versions``; a test keeps the two equal."""

KNOWN = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
    "0020",
    "0021",
    "0022",
    "0023",
    "0024",
    "0025",
    "0026",
    "0027",
    "0028",
    "0029",
    "0030",
    "0031",
    "0032",
    "0033",
    "0034",
    "0035",
    "0036",
    "0037",
    "0038",
    "0039",
    "0040",
    "0041",
    "0042",
    "0043",
    "0044",
    "0045",
    "0046",
    "0047",
    "0048",
    "0049",
    "0050",
    "0051",
    "0052",
    "0053",
    "0054",
    "0055",
    "0056",
    "0057",
    "0058",
    "0059",
    "0060",
    "0061",
    "0062",
    "0063",
    "0064",
    "0065",
    "0066",
    "0067",
    "0068",
    "0069",
    "0070",
    "0071",
    "0072",
    "0073",
    "0074",
    "0075",
    "0076",
    "0077",
    "0078",
    "0079",
    "0080",
    "0081",
    "0082",
    "0083",
    "0084",
    "0085",
    "0086",
    "0087",
    "0088",
    "0089",
    "0090",
    "0091",
    "0092",
)
"""Every revision this release can upgrade from, oldest first."""


class SchemaState(Enum):
    """How the database stands to this release."""

    EMPTY = "empty"
    CURRENT = "current"
    OLDER = "older"
    NEWER = "newer"


def missing_tables(connection: Connection) -> list[str]:
    """Tables of this release that the database does not have; empty when it is up to date."""
    present = set(inspect(connection).get_table_names())
    return sorted(set(metadata.tables) - present)


def revision(connection: Connection) -> str | None:
    """The revision the database is at; ``None`` when it holds nothing of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def state(connection: Connection) -> SchemaState:
    """How the database stands to this release."""
    found = revision(connection)
    if found is None:
        return SchemaState.EMPTY
    if found == HEAD:
        return SchemaState.CURRENT
    return SchemaState.OLDER if found in KNOWN else SchemaState.NEWER


def upgrade(database: Database) -> SchemaState:
    """Bring the database to this release's schema; returns how it stood before.

    :raises SchemaMismatch: when it was written by a newer jiaoying: nothing is touched.
    :raises StoreUnwritable: when it cannot be written.
    """

    def bring_up(connection: Connection) -> SchemaState:
        before = state(connection)
        if before is SchemaState.NEWER:
            raise SchemaMismatch("newer", found=revision(connection), known=HEAD)
        if before is not SchemaState.CURRENT:
            allow_long(connection)
            _alembic_upgrade(connection)
        return before

    if database.read(state) is SchemaState.CURRENT:
        return SchemaState.CURRENT
    return database.do(bring_up)


def _alembic_upgrade(connection: Connection) -> None:
    # Imported here: the bot's start must not wait for it when there is nothing to upgrade.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "data:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
