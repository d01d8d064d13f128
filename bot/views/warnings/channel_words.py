"""What somebody wrote back by another channel that is no answer: for the duty officer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from bot.locale import translator
from bot.views.accounts import who
from bot.views.channels import channel_name
from bot.views.clock import BEIJING, ago, clock
from bot.views.screen import Screen, bold, quote, shorten
from contacts.channels import Channel
from contacts.people import Person

LONGEST = 300
"""Characters shown of it: an SMS is shorter."""

LATE_AFTER = timedelta(minutes=10)
"""What came so long after it was written bears its time (ours): clocks differ by half of it."""


def words_back(
    persons: Sequence[tuple[str, Person]],
    channel: Channel,
    text: str,
    language: str,
    *,
    recorded: bool = False,
    written_at: datetime | None = None,
    read_at: datetime | None = None,
    zone: tzinfo = BEIJING,
) -> Screen:
    """Somebody wrote back other words than 收到.

    :param persons: whose number or account it is, by where they are.
    :param written_at, read_at: when they wrote it, and when it came to us: said where that is long.
    """
    _ = translator(language)
    head = _("📩 {who} 回了短信：") if channel is Channel.SMS else _("📩 {who} 在{channel}里写：")
    by = channel_name(channel, language)
    names = " / ".join(who(person, place, language) for place, person in persons)
    last = (
        _("「收到」已记录，这是另外写的。") if recorded else _("这不算「收到」，请打电话问清楚。")
    )
    lines = [
        head.format(who=names, channel=by),
        quote(shorten("".join(filter(str.isprintable, text)), LONGEST)),
        last,
    ]
    if written_at is not None and read_at is not None and read_at - written_at > LATE_AFTER:
        late = _("⏰ {time} 发出，{ago}后才收到").format(
            time=clock(written_at, zone),
            ago=ago((read_at - written_at).total_seconds(), language),
        )
        lines.insert(1, bold(late))
    if len(persons) > 1:
        lines.append(_("号码是几个人共用的，不知道是谁写的。"))
    return Screen("\n".join(lines))
