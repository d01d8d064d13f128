"""What other channels tell in writing and ask nothing for: a warning is over, or no more here; the
village's evacuation card. Plain text, short enough for an SMS.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from alerts.expiry.model import minute_of
from alerts.lifecycle import RANK, Terms
from alerts.loop.evacuation.model import Card
from alerts.model import Alert, Hazard, State
from alerts.template_files.frames import CardFrame, Slot
from bot.locale import N_, translator
from bot.views.clock import BEIJING, day_clock, lead
from bot.views.evacuation.card import no_return
from bot.views.screen import shorten
from bot.views.vocabulary import grade_name, headline

LONGEST = 300
"""Characters of one written message (ours): five SMS at the most."""

_ROOM = 60
"""Characters of one thing on a card; of several cards half of it, so that each is there."""

_ENDS = {
    State.LIFTED: N_("已解除，灾害过程已结束。"),
    State.CANCELLED: N_("是误发，已取消，不用执行，也不用回应。"),
}
_RESPONSE_ENDS = {
    State.LIFTED: N_("已终止，转入日常值守。"),
    State.CANCELLED: N_("是误启动，已取消，不用执行，也不用回应。"),
}
_RETURN_ENDS = {
    State.LIFTED: N_("已办结，不用再回应、再报告。"),
    State.CANCELLED: N_("已取消。先不要返回，已在路上的退回安置点，等新的通知。"),
}


def end_words(alert: Alert, language: str, *, moved: bool, still: Sequence[str] = ()) -> str:
    """That a warning is over.

    :param moved: people were to move, or to prepare for it.
    :param still: the other warnings that hold for the reader.
    """
    _ = translator(language)
    ends = _RESPONSE_ENDS if alert.hazard.response else _ENDS
    words = _((_RETURN_ENDS if alert.hazard.homeward else ends)[alert.state])
    if moved:
        words += _("已转移的群众：未接到返回通知，不得返回。")
    return words + still_words(still, language)


def narrowed_words(
    language: str, *, moved: bool, relieved: bool, over: bool = False, still: Sequence[str] = ()
) -> str:
    """That a warning is no more for where the reader is.

    :param over: nor for anywhere else by now.
    :param relieved: a response was lowered, and its list has the reader no more.
    """
    _ = translator(language)
    if over:
        words = _("您这里不再适用，不用再执行，也不用再回应。")
    elif relieved:
        words = _("等级降低，不再叫应您，不用再执行，也不用再回应。")
    else:
        words = _("范围缩小，您这里不再适用，不用再回应。其他地方仍然有效。")
    if moved:
        words += _("已转移的群众：未接到返回通知，不得返回。")
    return words + still_words(still, language)


def changed_words(
    before: Terms,
    after: Terms,
    hazard: Hazard,
    language: str,
    *,
    moved: bool,
    zone: tzinfo = BEIJING,
) -> str:
    """What changed of a warning that goes on; empty: nothing that its people are to hear.

    What must not be cut off stands first.

    :param before: as they heard it last.
    :param moved: people were to move, or to prepare for it.
    """
    _ = translator(language)
    said = []
    if after.level is not before.level:
        lowered = RANK[after.level] < RANK[before.level]
        step = _("由{before}降为{now}。") if lowered else _("由{before}升为{now}。")
        said.append(
            step.format(
                before=grade_name(hazard, before.level, language),
                now=grade_name(hazard, after.level, language),
            )
        )
        if lowered and moved:
            said.append(_("已转移的群众：未接到返回通知，不得返回。"))
    if minute_of(after.expires_at) != minute_of(before.expires_at):
        longer = after.expires_at > before.expires_at
        told = _("有效期延长至 {time}。") if longer else _("有效期改为至 {time}。")
        said.append(told.format(time=day_clock(after.expires_at, zone)))
    if after.lead_minutes != before.lead_minutes and after.lead_minutes:
        said.append(_("预计 {lead}内发生。").format(lead=lead(after.lead_minutes, language)))
    if after.description != before.description:
        lines = " ".join(_(line) for line in after.description.strip().splitlines())
        said.append(_("内容更正为：{text}").format(text=lines))
    return shorten(("" if language == "zh" else " ").join(said), LONGEST)


def still_words(still: Sequence[str], language: str) -> str:
    """Which other warnings go on for the reader."""
    _ = translator(language)
    return _("仍然有效：{warnings}。").format(warnings=_("、").join(still)) if still else ""


def still_named(alert: Alert, place: str, language: str) -> str:
    """One of them."""
    return headline(alert.level, alert.hazard, place, language)


def card_words(cards: Sequence[Card], frame: CardFrame, language: str, *, numbers: bool) -> str:
    """Where to go, by which way, at which signal, who has the key. Nothing of who moves.

    :param frame: how the office words its cards: the headings, and that nobody returns.
    :param numbers: the reader may see telephone numbers.
    """
    _ = translator(language)
    named = len(cards) > 1
    # What must not be cut off, where a cloud's template holds one piece only, comes first.
    where = _("；").join(filter(None, (_where(card, language, named=named) for card in cards)))
    details = [_one(card, frame, language, numbers=numbers, named=named) for card in cards]
    told = [where, no_return(frame, language), _("；").join(filter(None, details))]
    return shorten(_("。").join(filter(None, told)), LONGEST)


def _where(card: Card, language: str, *, named: bool) -> str:
    if card.shelter is None:
        return ""
    words = translator(language)("转移到{shelter}").format(shelter=shorten(card.shelter.name, 30))
    return f"{card.name} {words}" if named else words


def _one(card: Card, frame: CardFrame, language: str, *, numbers: bool, named: bool) -> str:
    _ = translator(language)
    parts = [card.name] if named else []
    key, room = "", _ROOM // 2 if named else _ROOM
    if card.shelter is not None:
        number = card.shelter.key_phone if numbers else ""
        key = " ".join(filter(None, (card.shelter.key_holder, number)))
    for slot, words in (
        (Slot.ROUTE, card.route_words),
        (Slot.SIGNAL, card.signal),
        (Slot.KEY_HOLDER, key),
    ):
        if words:
            heading = _(frame.heading(slot))
            cut = shorten(words, room)
            line = _("{heading}：{words}").format(heading=heading, words=cut)
            parts.append(line)
    return "" if parts == [card.name] else _("，").join(parts)


def news_text(variables: dict[str, str], words: str, language: str) -> str:
    """All of it as an SMS says it.

    :param variables: of ``spoken.warning_variables``.
    """
    _ = translator(language)
    told = _("{warning}：{text} {sender}")
    return told.format(warning=variables["warning"], text=words, sender=variables["sender"]).strip()
