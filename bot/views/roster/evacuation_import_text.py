"""What an import of evacuation cards prints: what cannot be used, what is doubted, what came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from alerts.loop.evacuation.card_files import CardFileProblem
from alerts.loop.evacuation.card_import import CardReport, Coming
from alerts.loop.evacuation.findings import Doubt, Finding, Note, Refused
from alerts.patrol.zones.zone_file import ZoneReason
from bot.locale import N_, translator
from bot.views.roster.patrol_import_text import ending_line, patrol_file_text, zone_reason_text
from contacts.divisions.gazetteer import Gazetteer
from data.errors import InvalidInput

SHOWN = 30
NAMED = 20

_FILES: Mapping[Enum, str] = {
    CardFileProblem.NO_LIST: N_(
        "{file} 里没有找到转移卡或户名单：表头要有村，和户数、人数、转移路线、安置点、责任人中的"
        "两样；户名单要有户主"
    ),
    CardFileProblem.NO_LINES: N_("{file} 里没有路线（折线）"),
    CardFileProblem.NO_ZONES: N_("{file} 里没有淹没区（多边形）"),
}

_WORDS: Mapping[Refused | Doubt | Note, str] = {
    Refused.WHERE_UNKNOWN: N_("说不准“{text}”是哪个村：请写清县、乡镇和村，或加 --area"),
    Refused.NOT_A_VILLAGE: N_("{text} 不是村：一张卡是一个村、屯或隐患点的"),
    Refused.CARD_TWICE: N_("与第 {other} 行是同一个村：请写明各是哪个屯、组或隐患点"),
    Refused.COUNT_INVALID: N_("“{text}”不是户数或人数"),
    Refused.NO_HEAD: N_("没有写户主"),
    Refused.NO_CARD: N_("{head}家所在的村还没有转移卡：请一起导入，或先导入转移卡"),
    Refused.OUTSIDE: N_("不归您指挥"),
    Refused.TEXT_TOO_LONG: N_("有 {length} 个字，最多 {most} 个：是不是填错了格？"),
    Doubt.SHELTER_FLOODED: N_("安置点“{shelter}”在淹没区“{zone}”里"),
    Doubt.OTHER_COUNTY: N_("路线进了{county}：是不是画错了，或是别的村的？"),
    Doubt.OUTSIDE_PROVINCE: N_("路线有一段在省外"),
    Doubt.SHELTER_ELSEWHERE: N_("安置点“{shelter}”在{county}"),
    Doubt.CAPACITY_SHORT: N_(
        "安置点“{shelter}”可容纳 {capacity} 人，要去的有 {persons} 人：住不下"
    ),
    Doubt.FAR_FROM_VILLAGE: N_("路线起点离村 {km} 公里"),
    Doubt.FAR_FROM_SHELTER: N_("路线终点离安置点“{shelter}”{km} 公里"),
    Doubt.MORE_THAN_VILLAGE: N_("要转移 {count}，全村只有 {most}：是不是多写了零？"),
    Doubt.MORE_THAN_LISTED: N_("要转移 {households} 户，名单上只有 {listed} 户：是不是多写了零？"),
    Doubt.NOT_BELIEVED: N_("一个村要转移 {households} 户 {persons} 人：是不是写错了？"),
    Doubt.TWO_CAPACITIES: N_("安置点“{shelter}”的容量写了两个：{one} 和 {other}"),
    Note.NO_SHELTER: N_("没有写安置点"),
    Note.NO_KEY_HOLDER: N_("没有写安置点钥匙在谁手里"),
    Note.NO_ORGANISER: N_("没有写谁组织转移"),
    Note.NO_PHONE: N_("没有组织人的电话"),
    Note.NO_ROUTE: N_("没有转移路线"),
    Note.NO_SIGNAL: N_("没有写信号"),
    Note.NO_COUNT: N_("没有写户数、人数，也没有户名单"),
    Note.SIMPLIFIED: N_("路线 {points} 个点，留 {kept} 个，走向不变"),
    Note.TURNED_ROUND: N_("路线是从安置点往村里画的，已掉转"),
    Note.SPOT_FROM_ROUTE: N_("安置点“{shelter}”没有坐标，取路线终点"),
    Note.PHONE_UNREAD: N_("“{text}”不是电话号码，没有录入"),
    Note.HOUSEHOLD_TWICE: N_("{head}家与第 {other} 行是同一户，只算一次"),
    Note.PERSONS_UNSAID: N_("没有写人口，按 1 人算"),
    Note.COUNTS_DIFFER: N_("要转移 {households} 户，名单上有 {listed} 户"),
    Note.ROUTE_UNMATCHED: N_("第 {number} 条线不知是哪个村的：名称请写村名，或写 division_code"),
    Note.ROUTE_UNREAD: N_("第 {number} 个图形不能用：{reason}"),
}

# Said together, with a number: a county's list lacks the same of every village.
_SUMMED = frozenset(
    {
        Note.NO_SHELTER,
        Note.NO_KEY_HOLDER,
        Note.NO_ORGANISER,
        Note.NO_PHONE,
        Note.NO_ROUTE,
        Note.NO_SIGNAL,
        Note.NO_COUNT,
        Note.PERSONS_UNSAID,
    }
)


def evacuation_file_text(error: InvalidInput, file: str, language: str) -> str:
    """One sentence about a file that cannot be used at all."""
    _ = translator(language)
    if isinstance(error.code, Enum) and error.code in _FILES:
        return _(_FILES[error.code]).format(**{"file": file, **error.facts})
    return patrol_file_text(error, file, language)


def evacuation_lines(report: CardReport, gazetteer: Gazetteer, language: str) -> Iterator[str]:
    """The whole answer to an import of cards."""
    _ = translator(language)
    refused, doubts = report.of(Refused), report.of(Doubt)
    if refused:
        yield from _listed("❌ ", refused, gazetteer, language)
        yield _("共 {total} 处有误，什么都没有导入。改好后再导入一次。").format(total=len(refused))
        return
    yield from _came(report, gazetteer, language)
    yield from _said(report, gazetteer, language)
    yield from _listed("⚠️ ", doubts, gazetteer, language)
    if report.stopped and not report.dry_run:
        yield _("有 {count} 处可疑，什么都没有写入。改好再导入；确实如此的加 --yes。").format(
            count=len(doubts)
        )
        return
    yield ending_line(report.dry_run, report.written, report.file, language)


def sent_lines(report: CardReport, gazetteer: Gazetteer, language: str) -> list[str]:
    """What a file of cards that was sent in the chat would do: refused, or what came, is doubted.

    Of households only how many.
    """
    _ = translator(language)
    if refused := report.of(Refused):
        return [*_listed("❌ ", refused, gazetteer, language)]
    doubts = _listed("⚠️ ", report.of(Doubt), gazetteer, language)
    return [*_came(report, gazetteer, language), *doubts, *_said(report, gazetteer, language)]


def _listed(
    mark: str, findings: Sequence[Finding], gazetteer: Gazetteer, language: str
) -> Iterator[str]:
    _ = translator(language)
    for finding in findings[:SHOWN]:
        yield mark + finding_text(finding, gazetteer, language)
    if len(findings) > SHOWN:
        yield _("……另有 {more} 处未列出").format(more=len(findings) - SHOWN)


def _came(report: CardReport, gazetteer: Gazetteer, language: str) -> Iterator[str]:
    _ = translator(language)
    yield _("转移卡：新增 {new}，变更 {changed}，不变 {unchanged}").format(
        new=len(report.new), changed=len(report.changed), unchanged=report.unchanged
    )
    if report.households:
        yield _("户名单：{count} 户，其中有重点人员的 {frail} 户").format(
            count=report.households, frail=report.frail
        )
    if report.routes:
        yield _("路线：{count} 条").format(count=report.routes)
    if report.zones:
        yield _("淹没区：{count} 片").format(count=len(report.zones))
    coming = (*report.new, *report.changed)
    for each in coming[:NAMED]:
        yield "  " + _card_line(each, gazetteer, language)
    if len(coming) > NAMED:
        yield _("……另有 {more} 处未列出").format(more=len(coming) - NAMED)


def finding_text(finding: Finding, gazetteer: Gazetteer, language: str) -> str:
    """One line about one thing that was found."""
    _ = translator(language)
    facts = dict(finding.facts)
    if "county" in facts:
        facts["county"] = gazetteer.name(str(facts["county"]))
    if "of" in facts:
        unit = _("{count} 户") if facts["of"] == "households" else _("{count} 人")
        facts["count"] = unit.format(count=facts["count"])
        facts["most"] = unit.format(count=facts["most"])
    if isinstance(facts.get("reason"), ZoneReason):
        facts["reason"] = zone_reason_text(facts["reason"], facts, language)
    words = _(_WORDS[finding.kind]).format(**facts)
    if facts.get("near"):
        words += _("，是不是 {suggestion}？").format(suggestion=facts["near"])
    where = finding.name
    if finding.row:
        row = _("第 {row} 行").format(row=finding.row)
        where = " ".join(filter(None, (finding.sheet, row, where)))
    if not where:
        return words
    return _("{where}：{reason}").format(where=where, reason=words)


def _said(report: CardReport, gazetteer: Gazetteer, language: str) -> Iterator[str]:
    _ = translator(language)
    notes = report.of(Note)
    summed = Counter(note.kind for note in notes if note.kind in _SUMMED)
    for kind, count in summed.items():
        names = list(dict.fromkeys(note.name for note in notes if note.kind is kind and note.name))
        more = "" if len(names) <= 5 else "…"
        yield _("· {what}：{count}（{names}{more}）").format(
            what=_(_WORDS[kind]), count=count, names=_("、").join(names[:5]), more=more
        )
    others = [note for note in notes if note.kind not in _SUMMED]
    yield from _listed("· ", others, gazetteer, language)
    if report.unused:
        yield _("不用的列：{columns}").format(columns=", ".join(report.unused[:12]))
    if report.chinese_map:
        yield _("⚠️ 文件由奥维画成：若用的是国内地图，坐标是 GCJ-02，差几百米，请加 --gcj02 重导。")


def _card_line(coming: Coming, gazetteer: Gazetteer, language: str) -> str:
    _ = translator(language)
    card = coming.card
    place = gazetteer.path(card.division_code)
    village = gazetteer.name(card.division_code)
    below = card.name.removeprefix(village)
    parts = [
        place + (f" {below}" if below else ""),
        _("{households}户{persons}人").format(households=card.households, persons=card.persons),
    ]
    if card.shelter is not None:
        parts.append(f"→ {card.shelter.name}")
    if card.route:
        parts.append(_("路线 {metres} 米").format(metres=int(round(card.route_m, -1))))
    return "  ".join(parts)
