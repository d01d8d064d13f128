"""Known steady heat sources (factories, flares), and the button that removes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from alerts.patrol.hotspots.heat_source_model import HeatKind, KnownSource
from bot.actions.hotspots import HeatForget, HeatSources
from bot.locale import N_, translator
from bot.views.clock import BEIJING, day_clock
from bot.views.screen import Button, Inline, Screen, bold, name

_KINDS: Mapping[HeatKind, str] = {
    HeatKind.STEELWORKS: N_("钢铁厂"),
    HeatKind.POWER_PLANT: N_("电厂"),
    HeatKind.GAS_FLARE: N_("油气火炬"),
    HeatKind.KILN: N_("窑炉"),
    HeatKind.GREENHOUSE: N_("大棚"),
    HeatKind.LANDFILL: N_("垃圾场"),
    HeatKind.OTHER: N_("其他热源地点"),
}

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
    rows: Sequence[tuple[KnownSource, str]],
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
    lines.append(_("这些地方的热点照记不派人；比平常多、比平常热的照常派人。"))
    for source, county in rows[:LISTED]:
        lines.append(_line(source, county, language, zone))
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


def source_name(source: KnownSource, language: str) -> str:
    """What it is called: 吉林建龙（钢铁厂）; a learned one has no name."""
    _ = translator(language)
    if source.kind is None:
        return ""
    words = _("{name}（{kind}）")
    return words.format(name=name(source.name), kind=_(_KINDS[source.kind]))


def _line(source: KnownSource, county: str, language: str, zone: tzinfo) -> str:
    _ = translator(language)
    spot = f"<code>{source.lat:.5f},{source.lon:.5f}</code>"
    since = day_clock(source.learned_at, zone)
    if source.kind is not None:
        words = _("#{number} {county} {called} {spot} · {time} 导入").format(
            number=source.id,
            county=name(county),
            called=source_name(source, language),
            spot=spot,
            time=since,
        )
    else:
        words = _("#{number} {county} {spot} · {time} 起，{count} 次核查").format(
            number=source.id, county=name(county), spot=spot, time=since, count=source.verdicts
        )
    if source.last_at is not None:
        seen = _("；近 7 天看到 {count} 次，最近 {time}")
        words += seen.format(count=source.seen, time=day_clock(source.last_at, zone))
    return words


def forgotten(source: KnownSource, language: str) -> str:
    """Toast: the heat source was removed."""
    _ = translator(language)
    return _("✅ 已取消热源 #{number}，以后那里的热点照常派人").format(number=source.id)
