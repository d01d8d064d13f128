"""The texts offered for a warning: the office's own where it made any, else those that ship."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.model import Hazard, Level
from alerts.template_files.holding import texts_in
from alerts.templates import texts
from bot.handlers.context import Context


async def offered(context: Context, hazard: Hazard, level: Level) -> Sequence[str]:
    """The texts to choose from, the usual one first."""
    division, folders = context.known().division_code, context.services.rules.folders
    own = await context.read(lambda c: texts_in(c, division, hazard, level, folders))
    return own or texts(hazard, level)
