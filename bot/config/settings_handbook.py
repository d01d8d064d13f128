"""What can be configured of the handbook and of templates: an office's own files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HandbookSettings:
    """``folder``: the province's own cards; one named as a shipped card takes its place."""

    folder: str = ""


@dataclass(frozen=True, slots=True)
class TemplateSettings:
    """``folder``: the office's own templates, in ``warnings/``, ``lists/`` and ``cards/``, as those
    that ship.

    ``shipped_lists``: the shipped lists of tasks that say so are used without being enabled first.
    """

    folder: str = ""
    shipped_lists: bool = True
