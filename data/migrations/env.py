"""Alembic's entry: run the migrations on the connection ``data.schema`` hands over."""

from alembic import context

from data.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
