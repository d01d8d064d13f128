"""The buttons of villages that are cut off, and of whoever is sent there. Pure."""

from __future__ import annotations

from bot.actions.codec import Action, DivisionCode, Id, action


@action("cu")
class CutOffPage(Action):
    """🚧 三断: the villages of a warning that are cut off (``id``: the alert)."""

    id: Id


@action("cv")
class CutOffVillage(Action):
    """One of them: what is there, who is near, who goes (``id``: the row)."""

    id: Id


@action("cr")
class AssignRunner(Action):
    """🏃 派……去: somebody is sent to the village."""

    cut_off: Id
    person: Id


@action("cw")
class FindRunner(Action):
    """🔎 Somebody else, by name (``id``: the row)."""

    id: Id


@action("cm")
class MarkAsk(Action):
    """➕ 标记三断: which village? (``id``: the alert)."""

    id: Id


@action("ci")
class MarkVillage(Action):
    """This village is cut off."""

    alert_id: Id
    division: DivisionCode


@action("cd")
class Unmark(Action):
    """☑️ 不是三断: the village is not cut off (``id``: the row)."""

    id: Id


@action("eg")
class ErrandGoing(Action):
    """我去 (``id``: the errand)."""

    id: Id


@action("en")
class ErrandDeclined(Action):
    """去不了 (``id``: the errand)."""

    id: Id


@action("er")
class ErrandArrived(Action):
    """已到，人已通知 (``id``: the errand)."""

    id: Id


@action("ef")
class ErrandFailed(Action):
    """到不了 (``id``: the errand)."""

    id: Id
