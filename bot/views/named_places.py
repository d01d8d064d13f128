"""A name behind a command that is no one place: none bears it, or several. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.actions.codec import Action
from bot.actions.named_places import PlaceCommand
from bot.locale import translator
from bot.views.screen import Button, Inline, Screen, bold, shorten

_LONGEST_BUTTON = 60


def which_place(
    text: str,
    places: Sequence[tuple[str, Action]],
    total: int,
    language: str,
    *,
    preface: str = "",
    more: Sequence[Button] = (),
) -> Screen:
    """Several places bear the name: a button for each.

    :param places: the first of them: their path, and what their button does.
    :param total: how many there are.
    :param preface: what was asked of the place (HTML).
    :param more: buttons below those of the places.
    """
    _ = translator(language)
    asks = _("「{text}」有 {total} 处，是哪一处？").format(text=shorten(text, 30), total=total)
    lines = [preface, bold(asks)]
    if total > len(places):
        lines.append(_("只列出前 {count} 处；写上县名会更准。").format(count=len(places)))
    rows = [(Button(shorten(path, _LONGEST_BUTTON), action.encode()),) for path, action in places]
    rows += [(button,) for button in more]
    return Screen("\n".join(filter(None, lines)), Inline(tuple(rows)))


def no_such_place(text: str, command: PlaceCommand, language: str) -> Screen:
    """Nothing bears the name; how the command is written."""
    _ = translator(language)
    words = (
        _("没有绑定的人里没有「{text}」，也没有这个地方。")
        if command is PlaceCommand.LINK
        else _("没有找到「{text}」。")
    )
    how = _("看全部发 /{command}；看一处请写区划全名，如 /{command} 敦化市大石头镇。")
    lines = [bold(words.format(text=shorten(text, 30))), how.format(command=command.value)]
    if command is PlaceCommand.WHO:
        lines.append(_("查一个人的电话发 /handbook 姓名。"))
    if command is PlaceCommand.DAILY:
        lines.append(_("哪一天写：昨天、11-29；周报写「周」，月报写「月」。"))
    return Screen("\n".join(lines))
