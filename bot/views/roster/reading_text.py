"""How a list of an office was read, in words: what it leaves open, what was not read of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from bot.locale import N_, translator
from bot.views.vocabulary import role_name
from contacts.roster.comings import Comings
from contacts.roster.reading.people_list import PeopleList
from contacts.roster.reading.questions import Asked, Question
from contacts.roster.reading.table import LeftOut, LeftOutReason

ROWS_NAMED = 10
"""Rows left out that are named one by one for each reason; the rest are counted."""

_REASONS: Mapping[LeftOutReason, str] = {
    LeftOutReason.HIDDEN: N_("隐藏的行"),
    LeftOutReason.TOTAL: N_("小计、合计"),
    LeftOutReason.SIGNATURE: N_("落款、备注"),
    LeftOutReason.HEADINGS: N_("重复的表头"),
    LeftOutReason.NOTE: N_("没有姓名和电话的行"),
    LeftOutReason.VACANT: N_("空缺的行"),
}

_ASKED: Mapping[Asked, str] = {
    Asked.ROLE: N_(
        "❓ 有 {total} 人没有写角色（{about}）：他们在预警里是什么人？请加 --role，"
        "如 --role 包保责任人、--role 巡护员、--role 网格员"
    ),
    Asked.NAME_CHANGED: N_(
        "❓ 已绑定的号码换了名字（{about}）：换了人请加 --successor 号码（原账号解除绑定），"
        "只是改正名字请加 --correction 号码"
    ),
    Asked.RETURNED: N_("❓ 已离任的人又在表里（{about}）：确实回来请加 --return 号码，须重新绑定"),
    Asked.TOO_MANY_MISSING: N_(
        "❓ 要停用的有 {total} 人，占 {share}%，超过 {most}%（{about}）：文件是不是不全？"
        "确实都离任请加 --threshold {share}"
    ),
    Asked.COMMANDING_LEAVES: N_("‼️ 要停用的人里有能发布预警的（{about}）：都对就加 --yes"),
    Asked.AREA: N_(
        "❓ 表里没有区划或村名：这 {total} 行是哪里的？请加 --area，如 --area {about}。"
        "不是同一处的，请在表里加一列“村”"
    ),
}


def open_lines(questions: tuple[Question, ...], language: str) -> Iterator[str]:
    """What an option must answer before anything is imported."""
    _ = translator(language)
    for question in questions:
        about = "、".join(question.about) or _("龙井市")
        if question.asked is Asked.AREA:
            about = "".join(about.split())
        if question.total > len(question.about) > 1:
            about += "…"
        yield _(_ASKED[question.asked]).format(total=question.total, about=about, **question.facts)


def missing_lines(comings: Comings, area: str, language: str) -> Iterator[str]:
    """Who stands in the roster and not in the file, of the file's own area and roles."""
    _ = translator(language)
    for person in comings.succeeded:
        yield _("{name} {phone} 离任，号码归继任者，原账号已解除绑定").format(
            name=person.name, phone=person.phone
        )
    if not comings.missing:
        return
    names = "、".join(f"{person.name} {person.phone}" for person in comings.missing[:ROWS_NAMED])
    if len(comings.missing) > ROWS_NAMED:
        names += "…"
    words = (
        _("停用 {total} 人（{area}，文件里没有）：{names}")
        if comings.leaving
        else _(
            "{area}已登记而文件里没有的 {total} 人，保留不动：{names}"
            "（要停用请加 --retire-missing --area）"
        )
    )
    yield words.format(total=len(comings.missing), area=area, names=names)


def reading_lines(read: PeopleList, language: str) -> Iterator[str]:
    """What was taken for granted, and what was not read."""
    _ = translator(language)
    if read.role is not None:
        title, role = read.role
        yield _("按“{title}”，没有写角色的都记为{role}。").format(
            title=title, role=role_name(role, language)
        )
    if read.private:
        yield _("不保存的列：{columns}（个人敏感信息）").format(columns="、".join(read.private))
    if unused := ["".join(heading.split()) for heading, near in read.ignored if not near]:
        yield _("不用的列：{columns}").format(columns=", ".join(unused))
    for heading, near in read.ignored:
        if near:
            yield _(
                "❓ 不认识列“{heading}”，没有读；若是“{near}”，请加 --column {heading}={near}"
            ).format(heading=heading, near=near)
    if read.hidden_sheets:
        yield _("隐藏的表没有读：{sheets}").format(sheets="、".join(read.hidden_sheets))
    if read.covers:
        yield _("不是名单的表没有读：{sheets}").format(sheets="、".join(read.covers))
    yield from _left_out_lines(read, language)


def _left_out_lines(read: PeopleList, language: str) -> Iterator[str]:
    _ = translator(language)
    by_reason = sorted(read.left_out, key=lambda out: list(LeftOutReason).index(out.reason))
    for reason, group in groupby(by_reason, key=lambda out: out.reason):
        outs = list(group)
        named = "；".join(_row(out, language) for out in outs[:ROWS_NAMED])
        if len(outs) > ROWS_NAMED:
            named += _(" 等 {total} 行").format(total=len(outs))
        yield _("没有读的行（{reason}）：{rows}").format(reason=_(_REASONS[reason]), rows=named)


def _row(out: LeftOut, language: str) -> str:
    _ = translator(language)
    if out.row.sheet:
        return _("表“{sheet}”第 {row} 行 {text}").format(
            sheet=out.row.sheet, row=out.row.number, text=out.text
        )
    return _("第 {row} 行 {text}").format(row=out.row.number, text=out.text)
