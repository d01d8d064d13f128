"""How the hotspot feeds stand, a line each: what the satellites saw last, what went wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, tzinfo

from alerts.sources.feed_store import FeedState
from alerts.sources.hotspots import FeedFault
from bot.locale import N_, translator
from bot.views.clock import BEIJING, ago, clock, day_clock
from bot.views.screen import name

_FAULTS: Mapping[FeedFault, str] = {
    FeedFault.EMPTY: N_("回复是空的"),
    FeedFault.HTML: N_("回复是网页，不是数据"),
    FeedFault.NOT_TEXT: N_("回复不是文本"),
    FeedFault.NOT_CSV: N_("回复不是 CSV，请检查密钥"),
    FeedFault.NOT_JSON: N_("回复不是 JSON"),
    FeedFault.MISSING_COLUMN: N_("缺少必需的列"),
    FeedFault.TOO_LARGE: N_("数据太大，没有收"),
    FeedFault.TIMEOUT: N_("没有及时回复"),
    FeedFault.UNREACHABLE: N_("连不上"),
    FeedFault.REFUSED: N_("被拒绝，请检查网址和密钥"),
    FeedFault.REDIRECTED: N_("转到了别的主机或不加密的网址，没有跟去，请改网址"),
    FeedFault.SERVER: N_("对方服务器出错"),
    FeedFault.NOT_CAP: N_("回复里没有能读的预警"),
    FeedFault.UNREADABLE: N_("所有行都读不出"),
    FeedFault.BROKE_OFF: N_("数据没有收完"),
    FeedFault.NOT_PICTURE: N_("回复不是图片"),
    FeedFault.ELSEWHERE: N_("列表里的图片不在配置的主机上"),
    FeedFault.NO_TIME: N_("没有图片的时间"),
}


def fault_note(fault: str, language: str) -> str:
    """What is wrong with a source's answers, behind its name: （没有及时回复）."""
    return translator(language)("（{why}）").format(why=fault_words(fault, language))


def fault_words(fault: str, language: str) -> str:
    """The same without the brackets; what is not known is said as it is."""
    known = [_FAULTS[each] for each in FeedFault if each.value == fault]
    return translator(language)(known[0]) if known else fault


def feed_lines(
    states: Iterable[FeedState],
    configured: Collection[str],
    now: datetime,
    language: str,
    *,
    zone: tzinfo = BEIJING,
) -> list[str]:
    """One line for each configured feed.

    Satellite data is an hour or two old when it comes, so the line has the time of acquisition,
    never that of arrival alone.
    """
    _ = translator(language)
    if not configured:
        return [_("没有接入热点数据，请告诉管理员。")]
    known = {state.name: state for state in states}
    lines = []
    for feed in configured:
        state = known.get(feed)
        if state is None or state.tried_at is None:
            lines.append(_("📡 {feed}：还没有取过").format(feed=name(feed)))
        elif state.fault is not None:
            since = state.succeeded_at
            words = _("⚠️ {feed}：{fault}（连续 {count} 次），{time} 再试").format(
                feed=name(feed),
                fault=_(_FAULTS[state.fault]),
                count=state.failures,
                time=clock(state.next_at, zone),
            )
            if since is not None:
                old = ago((now - since).total_seconds(), language)
                words += _("；上次成功是 {ago}前").format(ago=old)
            lines.append(words)
        elif state.newest_at is None:
            words = _("📡 {feed}：{time} 取过，还没有观测")
            lines.append(words.format(feed=name(feed), time=clock(state.tried_at, zone)))
        else:
            words = _("📡 {feed}：{time} 取过，最新观测 {newest}")
            lines.append(
                words.format(
                    feed=name(feed),
                    time=clock(state.tried_at, zone),
                    newest=day_clock(state.newest_at, zone),
                )
            )
    return lines
