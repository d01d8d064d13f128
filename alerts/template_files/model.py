"""A template: what it is of, what it says, and where it comes from. Pure.

Three layers, the later above the earlier: what ships with the product, the files of an office's own
folder (by file name), versions edited in a chat or imported (of the division, or the nearest above
it that has any).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from alerts.handbook.model import Card
from alerts.handbook.reading import read_card
from alerts.model import Hazard
from alerts.template_files.faults import BadTemplate, TemplateFault
from alerts.template_files.frames import EVACUATION, CardFrame, read_frame
from alerts.template_files.lists import TaskTemplate, read_list
from alerts.template_files.warnings import WarningTexts, read_warning

_OF_HAZARDS = frozenset(hazard.value for hazard in Hazard)


class TemplateKind(Enum):
    """What a template is of."""

    WARNING = "warning"  # the texts offered for a hazard; its key is the hazard
    CARD = "card"  # a card of the handbook
    LIST = "list"  # tasks that a warning makes when it is released
    FRAME = "frame"  # what stands around the facts of an evacuation card

    @classmethod
    def of_file(cls, name: str) -> TemplateKind | None:
        """What a file is a template of, by its name; ``None``: of nothing."""
        if name.endswith(".md"):
            return cls.CARD
        if not name.endswith(".toml"):
            return None
        key = name.removesuffix(".toml")
        if key == EVACUATION:
            return cls.FRAME
        return cls.WARNING if key in _OF_HAZARDS else cls.LIST

    @property
    def ending(self) -> str:
        """How its file ends."""
        return ".md" if self is TemplateKind.CARD else ".toml"


class TemplateProblem(Enum):
    """Why a template is not changed. The value begins with ``template_``."""

    UNKNOWN = "template_unknown"
    NO_SUCH_VERSION = "template_no_such_version"
    CHANGED_MEANWHILE = "template_changed_meanwhile"
    NOTHING_CHANGED = "template_nothing_changed"
    NOTHING_TO_RESET = "template_nothing_to_reset"  # there is no version of the division's own


class Origin(Enum):
    """Where a template comes from."""

    SHIPPED = "shipped"
    FOLDER = "folder"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Folders:
    """An office's own folders; empty: none.

    ``shipped_lists``: a shipped list of tasks is used where its file says so; else none is, until
    an office enables it.
    """

    cards: str = ""
    templates: str = ""
    shipped_lists: bool = True


@dataclass(frozen=True, slots=True)
class Template:
    """One template as it holds. ``content`` is what ``body``, the file's text, says.

    ``division_code``, ``version``, ``by_id`` and ``at`` are of a version.
    """

    kind: TemplateKind
    key: str
    body: str
    content: Any
    origin: Origin
    division_code: str = ""
    version: int = 0
    by_id: int | None = None
    at: datetime | None = None

    @property
    def texts(self) -> WarningTexts:
        """Of a warning's template."""
        assert isinstance(self.content, WarningTexts)
        return self.content

    @property
    def task_list(self) -> TaskTemplate:
        """Of a list of tasks."""
        assert isinstance(self.content, TaskTemplate)
        return self.content

    @property
    def frame(self) -> CardFrame:
        """Of evacuation cards."""
        assert isinstance(self.content, CardFrame)
        return self.content

    @property
    def card(self) -> Card:
        """Of a card."""
        assert isinstance(self.content, Card)
        return self.content


def read_template(kind: TemplateKind, key: str, body: bytes | str) -> Any:
    """What a template's file says.

    :raises BadTemplate: with the file and the line.
    """
    file = key + kind.ending
    if kind is TemplateKind.CARD:
        return read_card(body, file)
    if kind is TemplateKind.LIST:
        return read_list(body, file)
    if kind is TemplateKind.FRAME:
        if key != EVACUATION:
            raise BadTemplate(TemplateFault.OTHER_FRAME, file, 1, value=f"{EVACUATION}.toml")
        return read_frame(body, file)
    read = read_warning(body, file)
    if read.hazard.value != key:
        raise BadTemplate(TemplateFault.OTHER_NAME, file, 1, value=f"{read.hazard.value}.toml")
    return read
