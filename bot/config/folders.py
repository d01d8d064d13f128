"""Where an office's own cards and templates are, by its settings."""

from __future__ import annotations

from alerts.template_files.model import Folders
from bot.config.settings import Settings


def folders_of(settings: Settings) -> Folders:
    """The folders, and whether shipped lists of tasks are used."""
    own = settings.templates
    return Folders(settings.handbook.folder, own.folder, own.shipped_lists)
