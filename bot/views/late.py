"""What was done long ago and arrives now is not done: why, and what changed since. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from alerts.model import Alert, State
from bot.locale import translator
from bot.views.clock import BEIJING, ago, clock
from bot.views.screen import bold, escape, shorten
from bot.views.vocabulary import state_name
from bot.views.warnings.parts import plain_title

LONGEST_QUOTE = 40


def tap_note(
    label: str, done_at: datetime, now: datetime, language: str, *, zone: tzinfo = BEIJING
) -> str:
    """A button that was pressed long ago."""
    _ = translator(language)
    words = _("⏰ 您 {time} 点的「{label}」到现在才收到（{ago}前），没有照做。")
    return words.format(
        time=clock(done_at, zone), label=escape(label), ago=_since(done_at, now, language)
    )


def words_note(
    words: str, done_at: datetime, now: datetime, language: str, *, zone: tzinfo = BEIJING
) -> str:
    """Words that were typed long ago."""
    _ = translator(language)
    return _("⏰ 您 {time} 发的「{words}」到现在才收到（{ago}前），没有照做。").format(
        time=clock(done_at, zone),
        words=escape(shorten(words, LONGEST_QUOTE)),
        ago=_since(done_at, now, language),
    )


def news_note(queued_at: datetime, now: datetime, language: str, *, zone: tzinfo = BEIJING) -> str:
    """News that could not leave when it was news."""
    _ = translator(language)
    return _("⏰ 这是 {time} 的消息，晚到了 {ago}。").format(
        time=clock(queued_at, zone), ago=_since(queued_at, now, language)
    )


def do_it_again(language: str) -> str:
    """Below that, where nothing can be pressed."""
    return translator(language)("还要的话请重新操作。")


def proposal_note(
    proposed_at: datetime, now: datetime, language: str, *, zone: tzinfo = BEIJING
) -> str:
    """A proposal that is to be looked at again before it is confirmed."""
    _ = translator(language)
    return _("⏰ 这一条是 {time} 提出的（{ago}前），请再核对一遍。").format(
        time=clock(proposed_at, zone), ago=_since(proposed_at, now, language)
    )


def changed_note(version: int, language: str) -> str:
    """A proposal of a change, of a warning that was changed otherwise since it was read."""
    _ = translator(language)
    words = _("✏️ 您看过以后又改过（现在是第 {version} 版），请按现在的情况再核对一遍。")
    return words.format(version=version)


def preview_note(
    shown_at: datetime, now: datetime, language: str, *, zone: tzinfo = BEIJING
) -> str:
    """A preview that is to be looked at again before it is confirmed."""
    _ = translator(language)
    return _("⏰ 上面的预览是 {time} 的（{ago}前），请按现在的情况再核对一遍。").format(
        time=clock(shown_at, zone), ago=_since(shown_at, now, language)
    )


def changes(
    alerts: Sequence[Alert],
    places: Mapping[int, str],
    language: str,
    *,
    zone: tzinfo = BEIJING,
) -> str:
    """What became of warnings meanwhile."""
    _ = translator(language)
    if not alerts:
        return _("这期间同一地区没有别的变化。")
    lines = [_("这期间：")]
    for alert in alerts:
        at, words = alert.released_at, _("{time} 发布的")
        if alert.cancelled_at is not None:
            at, words = alert.cancelled_at, _("{time} 已取消")
        elif alert.lifted_at is not None:
            at, words = alert.lifted_at, _("{time} {ended}")
        elif alert.closed_at is not None:
            at, words = alert.closed_at, _("{time} 已销号")
        title = escape(plain_title(alert, places.get(alert.id, ""), language))
        ended = state_name(State.LIFTED, alert.hazard, language)
        lines.append(f"• {title} · {words.format(time=clock(at, zone), ended=ended)}")
    return "\n".join(lines)


def once_more(language: str, about: str = "") -> str:
    """The button is below again (HTML).

    :param about: the title of the warning that it is about, plain.
    """
    again = translator(language)("还要的话请再点一次。")
    return f"{bold(about)}\n{again}" if about else again


def _since(at: datetime, now: datetime, language: str) -> str:
    return ago((now - at).total_seconds(), language)
