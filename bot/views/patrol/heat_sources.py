"""Known steady heat sources (factories, flares), and the button that removes one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from alerts.patrol.hotspots.heat_source_store import LearnedSource
from bot.actions.hotspots import HeatForget, HeatSources
from bot.locale import translator
from bot.views.clock import BEIJING, day_clock
from bot.views.screen import Button, Inline, Screen, bold, name

LISTED = 20
"""Named in one message, each with its button; of the others it says how many."""


def with_sources(screen: Screen, count: int, language: str) -> Screen:
    """A list of hotspot tasks with the button to the heat sources, when there are any."""
    if not count:
        return screen
    _ = translator(language)
    key = Button(_("🏭 已知热源 {count} 处").format(count=count), HeatSources().encode())
    rows = screen.keyboard.rows if isinstance(screen.keyboard, Inline) else ()
    return Screen(screen.text, Inline((*rows, (key,))))


def sources(
    rows: Sequence[tuple[LearnedSource, str]],
    language: str,
    *,
    forget: bool,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The known heat sources, each with the name of its county.

    :param forget: whether the reader may remove them.
    """
    _ = translator(language)
    if not rows:
        return Screen(_("🏭 没有已知热源。"))
    lines = [bold(_("🏭 已知热源 {count} 处").format(count=len(rows)))]
    lines.append(_("这些地方的热点不派人核查。"))
    for source, county in rows[:LISTED]:
        words = _("#{number} {county} {spot} · {time} 起，{count} 次核查").format(
            number=source.id,
            county=name(county),
            spot=f"<code>{source.lat:.5f},{source.lon:.5f}</code>",
            time=day_clock(source.learned_at, zone),
            count=source.verdicts,
        )
        lines.append(words)
    if len(rows) > LISTED:
        lines.append(_("另有 {more} 个未列出。").format(more=len(rows) - LISTED))
    if not forget:
        return Screen("\n".join(lines))
    keys = [
        Button(_("✖️ 取消 #{number}").format(number=source.id), HeatForget(source.id).encode())
        for source, _county in rows[:LISTED]
    ]
    lines.append(_("不再是热源的，按「取消」，以后那里的热点照常派人。"))
    pairs = tuple(tuple(keys[at : at + 3]) for at in range(0, len(keys), 3))
    return Screen("\n".join(lines), Inline(pairs))


def forgotten(source: LearnedSource, language: str) -> str:
    """Toast: the heat source was removed."""
    _ = translator(language)
    return _("✅ 已取消热源 #{number}，以后那里的热点照常派人").format(number=source.id)
