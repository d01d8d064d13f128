"""A hand-over in words: what is open, what was written, and the receipt. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from alerts.duty.model import HandOver, HandOverStep
from bot.actions.codec import Action
from bot.actions.duty import (
    DutyHandOverNow,
    DutyPass,
    DutyPassTo,
    DutyPassWords,
    DutyPassWrite,
    DutyReceived,
    DutyWrite,
)
from bot.locale import translator
from bot.views.clock import BEIJING, clock, day_clock
from bot.views.duty.asking import ON_A_PAGE, back_row
from bot.views.duty.home import OpenAsk, answer_buttons
from bot.views.duty.parts import thing_lines
from bot.views.paging import last_page, page_buttons
from bot.views.questions import confirm_words
from bot.views.screen import Button, Inline, Screen, bold, escape, name


def to_hand_over(
    handover: HandOver,
    place: str,
    coming: str,
    things: Mapping[str, int],
    language: str,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To who goes: what is open, and whether they want to add something."""
    _ = translator(language)
    lines = [
        bold(
            _("🔄 {place} {time} 交接班").format(place=name(place), time=clock(handover.at, zone))
        ),
        _("接班：{names}").format(names=name(coming)),
        *_noted(handover, things, language),
        _("不写也行：到时上面这些会自动交给接班人。"),
    ]
    return Screen("\n".join(lines), _buttons(handover, language))


def _buttons(handover: HandOver, language: str) -> Inline:
    _ = translator(language)
    return Inline(
        (
            (
                Button(_("📝 写交班说明"), DutyWrite(handover.id).encode()),
                Button(_("✅ 交班"), DutyHandOverNow(handover.id).encode()),
            ),
        )
    )


def _noted(handover: HandOver, things: Mapping[str, int] | None, language: str) -> list[str]:
    return _open_and_written(things, handover.words, language)


def _open_and_written(things: Mapping[str, int] | None, words: str, language: str) -> list[str]:
    _ = translator(language)
    lines = ["", bold(_("未办结")), *thing_lines(things, language)]
    if words:
        lines += ["", bold(_("交班说明")), escape(words)]
    return [*lines, ""]


def write_words(place: str, most: int, language: str) -> Screen:
    """Asks for words of one's own."""
    _ = translator(language)
    words = _(
        "📝 请发交班说明（{place}），最多 {most} 字：要盯的地方、答应过谁什么、东西放在哪里。"
    )
    return Screen(words.format(place=name(place), most=most), Inline((back_row(language),)))


def confirm(
    place: str, coming: str, words: str, nonce: str, again: Action, language: str
) -> Screen:
    """The words are as they were typed: is the watch handed over with them?

    :param coming: who reads them, plain.
    """
    _ = translator(language)
    head = _("{place} 交班给 {names}，连同这段话？").format(place=place, names=coming)
    return confirm_words(head, words, _("✅ 交班"), nonce, again, language)


def given(handover: HandOver, coming: str, language: str) -> Screen:
    """To who handed over."""
    _ = translator(language)
    if handover.step is HandOverStep.RECEIVED:
        return Screen(bold(_("✅ 接班人已确认，交接完成")))
    lines = [
        bold(_("✅ 已交给 {names}，等对方确认").format(names=name(coming))),
        *_noted(handover, handover.open_things, language),
    ]
    return Screen("\n".join(lines).rstrip())


def note(handover: HandOver, place: str, by: str, language: str, zone: tzinfo = BEIJING) -> Screen:
    """To who comes: what is open, what was written; and the button that confirms it."""
    _ = translator(language)
    lines = [
        bold(
            _("🔄 {place} {time} 交接班：您接班").format(
                place=name(place), time=clock(handover.at, zone)
            )
        ),
        _("交班：{name}").format(name=name(by))
        if by
        else _("交班人没有另写说明，以下是系统里没有办结的。"),
        *_noted(handover, handover.open_things, language),
    ]
    if handover.received_by is not None:
        return Screen("\n".join(lines).rstrip())
    lines.append(_("看过请按「已接班」；没有人按，会告诉办公室负责人。"))
    button = Button(_("✅ 已接班"), DutyReceived(handover.id).encode())
    return Screen("\n".join(lines), Inline(((button,),)))


def received(handover: HandOver, place: str, by: str, language: str, zone: tzinfo) -> Screen:
    """The hand-over is confirmed: to both."""
    _ = translator(language)
    head = bold(_("✅ {place} 已交接").format(place=name(place)))
    at = day_clock(handover.received_at, zone)
    words = _("{name} {time} 确认接班。").format(name=name(by), time=at)
    return Screen(f"{head}\n{words}")


def missed(
    handover: HandOver, place: str, coming: str, language: str, zone: tzinfo = BEIJING
) -> Screen:
    """To the head of office: nobody has confirmed it.

    :param coming: those who should have, with the numbers the reader may know.
    """
    _ = translator(language)
    lines = [
        bold(
            _("⚠️ {place} {time} 的交接班没有人确认").format(
                place=name(place), time=clock(handover.at, zone)
            )
        ),
        _("接班：{names}").format(names=escape(coming)),
        _("请打电话问一下人是否到岗；没有到岗的，可以请别人「现在接班」：/duty"),
    ]
    return Screen("\n".join(lines))


# -- to a named colleague --------------------------------------------------------------------------


def pass_to(
    code: str,
    place: str,
    people: Sequence[tuple[int, str]],
    left_out: Sequence[str],
    page: int,
    language: str,
) -> Screen:
    """🔄 交班给同事: to whom?

    :param people: number and name of those who can be asked.
    :param left_out: who cannot be: the bot does not reach them, or they are on watch already.
    """
    _ = translator(language)
    lines = [
        bold(_("🔄 {place}：交班给谁？").format(place=name(place))),
        _("对方同意了才算，同意以前您仍在值班。") if people else _("没有人可交。"),
    ]
    if left_out:
        words = _("没有列出（没有绑定机器人、账号没有核实，或已有班）：{names}")
        names = "、".join(left_out[:_NAMED]) + ("……" if len(left_out) > _NAMED else "")
        lines.append(words.format(names=name(names)))
        lines.append(_("要交给他们的，先请本人打开机器人绑定账号。"))
    last = last_page(len(people), ON_A_PAGE)
    page = min(page, last)
    rows: list[tuple[Button, ...]] = [
        (Button(who, DutyPassWords(code, person_id).encode()),)
        for person_id, who in people[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    ]
    turning = page_buttons(page, last, lambda to: DutyPassTo(code, to), language)
    if turning:
        rows.append(tuple(turning))
    return Screen("\n".join(lines), Inline((*rows, back_row(language))))


_NAMED = 8
"""Names of those who cannot be asked (ours)."""


def pass_words(
    code: str, place: str, other: tuple[int, str], things: Mapping[str, int], language: str
) -> Screen:
    """To who goes: what is open, and whether they want to add something."""
    _ = translator(language)
    person_id, who = other
    words = _("🔄 {place}：交班给 {name}").format(place=name(place), name=name(who))
    lines = [bold(words), *_open_and_written(things, "", language)]
    lines.append(_("上面这些会随交班发给对方，可以再写几句。"))
    buttons = (
        Button(_("📝 写交班说明"), DutyPassWrite(code, person_id).encode()),
        Button(_("✅ 不写，直接交"), DutyPass(code, person_id).encode()),
    )
    return Screen("\n".join(lines), Inline((buttons, back_row(language))))


def pass_question(asked: OpenAsk, things: Mapping[str, int], again: bool, language: str) -> Screen:
    """To the colleague: what is open, what was written, and whether they take the watch."""
    _ = translator(language)
    words = _("🔄 {name} 向您交班（{place}）").format(name=name(asked.by), place=name(asked.place))
    lines = [bold(words)]
    if again:
        lines.append(_("⏰ 还没有您的答复，请按「同意」或「不同意」；没有答复会告诉办公室负责人。"))
    lines += _open_and_written(things, asked.ask.words, language)
    lines.append(_("按「同意」就是接班：从那一刻起您是值班员，上面这些由您接着办。"))
    return Screen("\n".join(lines), Inline((answer_buttons(asked.ask.id, language),)))
