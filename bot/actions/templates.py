"""The buttons of templates: looked at, changed, previewed, restored. Pure."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from alerts.template_files.model import TemplateKind
from bot.actions.codec import Action, Number, Page, Text, action
from bot.actions.warnings import Nonce

TemplateKey = Annotated[str, Text("[a-z0-9][a-z0-9_-]{0,39}", longest=40)]
"""A template, by the name of its file."""

Part = Annotated[int, Number(1, 99)]
"""Which part of a template: of a warning's the level, counted from red; of a list the task;
98: what it is for, 99: one more."""

SCOPE = 98
ONE_MORE = 99

VersionNumber = Annotated[int, Number(1, 99_999)]


@action("hbt:all")
class TemplateKinds(Action):
    """/templates: what there are templates of."""


@action("hbk")
class TemplatesOf(Action):
    """Those of a kind."""

    kind: TemplateKind
    page: Page = 0


@action("hbs")
class TemplateShow(Action):
    """One of them, as it holds in the person's division."""

    kind: TemplateKind
    key: TemplateKey
    part: Part | None = None


@action("hbe")
class TemplateEdit(Action):
    """✏️: what it is to say is asked for."""

    kind: TemplateKind
    key: TemplateKey
    part: Part | None = None


@action("hbp")
class TemplatePhones(Action):
    """👀: as a commander, a village's head and a patroller would read it."""

    kind: TemplateKind
    key: TemplateKey
    part: Part | None = None


@action("hbw")
class TemplateVersions(Action):
    """🕘: its versions in the person's division."""

    kind: TemplateKind
    key: TemplateKey


@action("hbo")
class TemplateVersion(Action):
    """One version of before."""

    kind: TemplateKind
    key: TemplateKey
    number: VersionNumber


@action("hbr")
class TemplateRestore(Action):
    """↩️: that version again."""

    kind: TemplateKind
    key: TemplateKey
    number: VersionNumber


@action("hbg")
class TemplateReset(Action):
    """The division's own is given up: what is above it holds again."""

    kind: TemplateKind
    key: TemplateKey


class ListUse(Enum):
    """Whether a list of tasks is used."""

    ON = "on"
    OFF = "off"


@action("hbu")
class TemplateUse(Action):
    """▶️ / ⏸: the list makes tasks from now on, or none."""

    key: TemplateKey
    use: ListUse


Listed = Annotated[int, Number(1, 1)]
"""1: of the list of lists, which is shown again."""


@action("hbx")
class ListSwitch(Action):
    """▶️ / ⏸ at one tap: the list makes tasks from now on, or none."""

    key: TemplateKey
    use: ListUse
    listed: Listed | None = None


@action("hbm")
class ListExtent(Action):
    """🔢: for which posts it would make how many tasks, due when."""

    key: TemplateKey


@action("hby")
class TemplateSave(Action):
    """✅ under the preview of what was typed."""

    nonce: Nonce


@action("hbn")
class TemplateDiscard(Action):
    """✖️: it stays as it is."""

    nonce: Nonce
