"""A roster check in words: the question, what came of a no, who is silent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from alerts.roster_checks.model import CheckCounts, RosterCheck, StillThere
from bot.actions.roster_checks import (
    RosterAnswer,
    RosterCheckPreview,
    RosterCheckStart,
    RosterPostGone,
)
from bot.locale import N_, translator
from bot.views.accounts import who
from bot.views.clock import BEIJING, day, day_clock
from bot.views.screen import Button, Inline, Screen, bold, escape, name, shorten
from bot.views.vocabulary import post_name
from contacts.people import Person, Post
from contacts.phones import display

LISTED = 25
"""How many of the silent, or of somebody's posts, one message names (ours)."""

_SAID = {
    StillThere.YES: N_("✅ 已记下：还是您，还管这里。谢谢！"),
    StillThere.ELSEWHERE: N_(
        "已记下：不归您管了，已告诉上级。名单改好之前，预警仍会发给您；"
        "收到请先转告接任的人。按错了，再按一次上面的按钮。"
    ),
    StillThere.NOT_ME: N_("已记下：这个账号不是本人，已告诉上级。按错了，再按一次上面的按钮。"),
}


def asked(
    person: Person,
    posts: Sequence[tuple[Post, str]],
    check: RosterCheck,
    language: str,
    *,
    again: bool,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To everybody: still you, still these places?

    :param posts: the person's, each with where it is.
    """
    _ = translator(language)
    head = _("📋 名册核对：还是您吗？还管这里吗？")
    if again:
        head = _("📋 名册核对（还没收到您的回答）：还是您吗？还管这里吗？")
    lines = [bold(head), _("姓名：{name}").format(name=name(person.name))]
    lines += _posts(posts, language)
    lines.append(
        _("请在 {day} 前按一下。这不是预警，是核对名单，免得出事时叫错人。").format(
            day=day(check.ends_at, check.started_at, language, zone)
        )
    )
    return Screen("\n".join(lines), _answers(check, language, several=len(posts) > 1))


def _posts(posts: Sequence[tuple[Post, str]], language: str) -> list[str]:
    lines = [f"• {name(place)} {name(post_name(post, language))}" for post, place in posts]
    if (more := len(lines) - LISTED) > 0:
        words = translator(language)("……另有 {more} 处未列出")
        lines[LISTED:] = [words.format(more=more)]
    return lines


def _answers(check: RosterCheck, language: str, *, several: bool) -> Inline:
    _ = translator(language)
    words = {
        StillThere.YES: _("✅ 是我，还管这里"),
        StillThere.ELSEWHERE: _("↪️ 是我，有的已不归我管") if several else _("↪️ 是我，但不管这里了"),
        StillThere.NOT_ME: _("❌ 我不是这个人"),
    }
    return Inline(
        tuple(
            (Button(text, RosterAnswer(check.id, said).encode()),) for said, text in words.items()
        )
    )


def answered(said: StillThere, language: str) -> str:
    """The reply to an answer."""
    return translator(language)(_SAID[said])


def which_post_gone(check_id: int, posts: Sequence[tuple[Post, str]], language: str) -> Screen:
    """Somebody with several posts does not answer for all of them any more: for which not?

    :param posts: all of them, each with where it is.
    """
    _ = translator(language)
    lines = [
        bold(_("哪一处已不归您管？请按那一处；有几处就按几处。")),
        _("还没有记下。按一处，就记下一处，并告诉上级。"),
    ]
    rows = tuple(
        (
            Button(
                shorten(f"↪️ {number}. {place.split()[-1]} {post_name(post, language)}", 60),
                RosterPostGone(check_id, number, post.division_code).encode(),
            ),
        )
        for number, (post, place) in enumerate(posts[:LISTED], 1)
    )
    return Screen("\n".join(lines), Inline(rows))


def post_gone(post: Post, place: str, language: str) -> str:
    """The reply to whoever said which of their posts is not theirs any more (HTML)."""
    _ = translator(language)
    words = _(
        "已记下：{place} {post} 不归您管了，已告诉上级。名单改好之前，那里的预警仍会发给您；"
        "收到请先转告接任的人。按错了，请按「✅ 是我，还管这里」。"
    )
    return words.format(place=name(place), post=name(post_name(post, language)))


def list_changed(language: str) -> str:
    """The reply to a button of a post that a newer roster has taken away or moved."""
    return translator(language)("名单已有变动，没有记下。请按上面的「有的已不归我管」重选。")


def denied_no_more(person: Person, language: str, *, phone: bool) -> Screen:
    """To the tier above: what somebody had said was a mistake, nobody has to look for another."""
    _ = translator(language)
    number = display(person.phone) if phone else ""
    lines = [
        bold(_("📋 名册核对：已更正")),
        f"{bold(name(person.name))} {number}".rstrip(),
        _("本人改口：还是本人，各处都还管。先前说的不算，不用再找人接任。"),
    ]
    return Screen("\n".join(lines))


def denied(
    person: Person,
    posts: Sequence[tuple[Post, str]],
    said: StillThere,
    language: str,
    *,
    phone: bool,
) -> Screen:
    """To the tier above: somebody is not there any more, and what is to be done.

    :param posts: of which they said so, each with where it is.
    """
    _ = translator(language)
    head = _("📋 名册核对：有人说已不管这里")
    steps = [
        _("请打电话核实，问清谁接任。"),
        _("属实的，请把接任的人（姓名、电话、职务）报给管理员：导入新名册，并停用离任的人。"),
    ]
    if said is StillThere.NOT_ME:
        head = _("📋 名册核对：有账号说不是本人")
        steps = [
            _("请打登记电话核实：号码换了人，还是绑错了账号。"),
            _("绑错的，请管理员解除绑定，本人重新绑定；换了人的，请报管理员导入新名册。"),
        ]
    number = display(person.phone) if phone else ""
    lines = [
        bold(head),
        f"{bold(name(person.name))} {number}".rstrip(),
        *_posts(posts, language),
        *steps,
        _("改好之前，那里不算叫得应，预警照旧发给此人。"),
    ]
    return Screen("\n".join(lines))


def preview(code: str, place: str, persons: int, reached: int, days: int, language: str) -> Screen:
    """Before a check: how many it asks."""
    _ = translator(language)
    lines = [
        bold(_("📋 全员核对：{place}").format(place=name(place))),
        _("问 {persons} 人：还是您吗？还管这里吗？机器人能问到 {reached} 人。").format(
            persons=persons, reached=reached
        ),
        _("{days} 天为限，过半时再问一次没回答的；到期把没回答的名单发给您和值班员。").format(
            days=days
        ),
    ]
    start = Button(_("✅ 开始核对"), RosterCheckStart(code).encode())
    return Screen("\n".join(lines), Inline(((start,),)))


def standing(
    check: RosterCheck,
    counts: CheckCounts,
    silent: Sequence[tuple[Person, str, bool]],
    place: str,
    language: str,
    zone: tzinfo = BEIJING,
) -> Screen:
    """How a check stands, and who is silent: each with the place, and whether the number is shown.

    :param silent: the first of them.
    """
    _ = translator(language)
    head = _("📋 名册核对：{place}") if check.open else _("📋 名册核对结束：{place}")
    lines = [
        bold(head.format(place=name(place))),
        *map(escape, count_lines(check, counts, language, zone)),
    ]
    for person, where, shown in silent[:LISTED]:
        number = display(person.phone) if shown else ""
        lines.append(f"• {who(person, where, language)} {number}".rstrip() + lost(person, language))
    if counts.silent > min(len(silent), LISTED):
        more = counts.silent - min(len(silent), LISTED)
        lines.append(_("……另有 {more} 人未列出").format(more=more))
    if counts.silent and not check.open:
        lines.append(_("请打电话问一问；换了人的，请报管理员导入新名册。"))
    return Screen("\n".join(lines))


def lost(person: Person, language: str) -> str:
    """（机器人联系不上）, of whom that is the reason for silence."""
    return "" if person.reachable else translator(language)("（机器人联系不上）")


def count_lines(
    check: RosterCheck, counts: CheckCounts, language: str, zone: tzinfo = BEIJING
) -> list[str]:
    """When it was begun and ends, and the numbers."""
    _ = translator(language)
    return [
        _("{start} 开始，{end} 截止").format(
            start=day_clock(check.started_at, zone), end=day_clock(check.ends_at, zone)
        ),
        _("共 {asked} 人：还在 {yes}，不管这里了 {elsewhere}，不是本人 {not_me}").format(
            asked=counts.asked,
            yes=counts.yes,
            elsewhere=counts.elsewhere,
            not_me=counts.not_me,
        ),
        _("没回答 {silent} 人，其中机器人联系不上 {unreachable} 人").format(
            silent=counts.silent, unreachable=counts.unreachable
        ),
    ]


def begin_button(code: str, language: str) -> Inline:
    """📋 全员核对, under /coverage."""
    _ = translator(language)
    return Inline(((Button(_("📋 全员核对"), RosterCheckPreview(code).encode()),),))
