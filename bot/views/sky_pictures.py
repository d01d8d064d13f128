"""Satellite and radar pictures in a command group: the caption, that a source has stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from alerts.model import Alert
from alerts.sky_pictures.model import Kept, SkySource
from bot.actions.sky_pictures import SkyMute, SkyResume
from bot.locale import translator
from bot.views.clock import BEIJING, ago, day_clock
from bot.views.screen import LONGEST_CAPTION, Button, Inline, Screen, bold, cut, name
from bot.views.warnings.parts import exercise_mark, plain_title

NAMED = 3
"""Warnings named in a caption; the others are counted."""


def picture_caption(
    source: SkySource,
    kept: Kept,
    warnings: Sequence[tuple[Alert, str]],
    language: str,
    now: datetime,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """What stands below a picture: its own time, never that of its coming alone.

    :param warnings: those for which the group gets it, with the names of their areas.
    """
    _ = translator(language)
    lines = [_head("🛰", source, warnings, language)]
    if kept.taken_at is None:
        words = _("🕒 {time} 取到；图是几点的，看图上所印")
        lines.append(words.format(time=day_clock(kept.fetched_at, zone)))
    else:
        lines.append(
            _("🕒 图片时间 {time}（{ago}前）").format(
                time=bold(day_clock(kept.taken_at, zone)),
                ago=ago((now - kept.taken_at).total_seconds(), language),
            )
        )
    titles = [plain_title(alert, place, language) for alert, place in warnings]
    lines += [_("生效中：{title}").format(title=name(title)) for title in titles[:NAMED]]
    if len(titles) > NAMED:
        lines.append(_("另有 {count} 条预警生效中").format(count=len(titles) - NAMED))
    mute = Button(_("🔕 本群不再发图"), SkyMute().encode())
    return Screen(cut("\n".join(lines), LONGEST_CAPTION), Inline(((mute,),)))


def stopped(
    source: SkySource,
    kept: Kept,
    warnings: Sequence[tuple[Alert, str]],
    language: str,
    now: datetime,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """That the source has brought nothing new for long, said once."""
    _ = translator(language)
    words = _("{time} 以后没有新图（已 {ago}）。请打电话问气象台；有了新图照常发来。")
    said = words.format(
        time=day_clock(kept.known_at, zone),
        ago=ago((now - kept.known_at).total_seconds(), language),
    )
    return Screen(_head("⚠️", source, warnings, language) + "\n" + said)


def muted(by: str, language: str) -> Screen:
    """In the group: who said that no more pictures are wanted."""
    _ = translator(language)
    words = _("🔕 {by} 已让本群不再收图。发布新的预警后恢复，也可以现在恢复。")
    key = Button(_("🔔 恢复发图"), SkyResume().encode())
    return Screen(words.format(by=name(by)), Inline(((key,),)))


def resumed(by: str, language: str) -> Screen:
    """In the place of ``muted``: pictures come again."""
    _ = translator(language)
    return Screen(_("🔔 {by} 已恢复本群收图。").format(by=name(by)))


def _head(
    mark: str, source: SkySource, warnings: Sequence[tuple[Alert, str]], language: str
) -> str:
    exercise = bool(warnings) and all(alert.exercise for alert, _ in warnings)
    return bold(f"{exercise_mark(exercise, language)}{mark} {source.title}")
