"""The buttons of warnings that machines propose. Pure."""

from __future__ import annotations

from bot.actions.codec import Action, Id, action


@action("jp")
class ProposalPreview(Action):
    """👁 预览发布: the proposed warning as a draft of one's own (``id``: the proposal)."""

    id: Id


@action("jd")
class ProposalDismiss(Action):
    """✖️ 不发: it does not go out (``id``: the proposal)."""

    id: Id


@action("jc")
class ProposalChange(Action):
    """✅ 确认变更: the warning is changed as proposed (``id``: the proposal).

    ``version``: of the warning as the preview showed it.
    """

    id: Id
    version: Id


@action("js")
class ProposalShow(Action):
    """One proposal, from the list (``id``: the proposal)."""

    id: Id
