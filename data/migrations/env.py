"""Alembic's entry: run the migrations on the connection ``data.schema`` hands over."""

from alembic import context

import data.board_tables  # makes the metadata whole
import data.hotspot_tables
import data.oversight_tables
import data.patrol_tables
import data.roll_call_tables
import data.season_tables
import data.shift_tables
import data.zone_tables  # noqa: F401
from data.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
