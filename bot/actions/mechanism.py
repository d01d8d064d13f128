"""The buttons of the departments that a warning calls. Pure."""

from __future__ import annotations

from typing import Annotated

from bot.actions.codec import Action, Id, Number, action


@action("mcd")
class DepartmentsPage(Action):
    """🏢 部门: how each department of a warning stands; its first page, 0, is not written."""

    id: Id
    page: Annotated[int, Number(1, 99_999)] = 0
