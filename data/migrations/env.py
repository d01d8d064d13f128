"""Alembic's entry: run the migrations on the connection ``data.schema`` hands over."""

from alembic import context

from data.tables import metadata
from data.tables.columns import of_dialect

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    include_object=lambda made, *_: of_dialect(made, connection.dialect.name),
)
context.run_migrations()
