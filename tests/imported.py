"""``jiaoying import`` beside a running bot, at the bot's own time."""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import TYPE_CHECKING

from bot.console.import_kinds import BY_WORD

if TYPE_CHECKING:
    from tests.stories.story import Story


def import_beside(story: Story, kind: str, file: Path, *, gcj02: bool = False) -> tuple[int, str]:
    """The exit code and what the command says."""
    asked = argparse.Namespace(
        kind=kind, file=file, language="zh", gcj02=gcj02, dry_run=False, area=None
    )
    out, app = io.StringIO(), story.app
    code = BY_WORD[kind].imports()(asked, app.settings, out, app.database, story.clock())
    return code, out.getvalue()
