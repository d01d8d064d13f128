"""That a warning is no more for where somebody is, and so asks nothing of them.

A response that is lowered calls fewer of the same area: of one it is said that it was adjusted,
which is true of a narrowed one as well.
"""

from __future__ import annotations

from alerts.model import Hazard
from bot.locale import translator
from bot.views.vocabulary import with_thing


def no_more_here(hazard: Hazard, language: str) -> str:
    """What became of it for the reader."""
    _ = translator(language)
    if hazard.response:
        return _("➖ 应急响应已调整，不再叫应您")
    return with_thing(_("➖ {thing}范围缩小，您这里不再适用"), hazard, language)


def no_more_for_group(hazard: Hazard, language: str) -> str:
    """The same, to a group."""
    _ = translator(language)
    if hazard.response:
        return _("➖ 应急响应已调整，不再包括本地")
    return with_thing(_("➖ {thing}范围缩小，本地不再适用"), hazard, language)


def not_to_be_done(hazard: Hazard, language: str) -> str:
    """The same, and that what was asked is to be done no more."""
    _ = translator(language)
    if hazard.response:
        return _("➖ 应急响应已调整，不再叫应您，不用再执行")
    return with_thing(_("➖ {thing}范围缩小，您这里不再适用，不用再执行"), hazard, language)


def nothing_to_do(hazard: Hazard, language: str) -> str:
    """What is left to the reader: nothing; for whom it goes on."""
    _ = translator(language)
    if hazard.response:
        return _("不用再执行，也不用再回应。名单上的其他人继续执行。")
    return _("不用再执行，也不用再回应。其他地方仍然有效。")


def not_to_be_answered(hazard: Hazard, language: str) -> str:
    """To whoever answers all the same: in a toast."""
    _ = translator(language)
    if hazard.response:
        return _("应急响应已调整，不再叫应您，不用再回应")
    return with_thing(_("{thing}范围缩小，您这里不再适用，不用再回应"), hazard, language)


def not_counted_on(hazard: Hazard, language: str) -> str:
    """Of somebody, in the ledger."""
    _ = translator(language)
    if hazard.response:
        return _("应急响应调整，不再叫应，不计入应叫")
    return with_thing(_("{thing}范围缩小，不再包括，不计入应叫"), hazard, language)
