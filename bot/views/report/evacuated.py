"""应转, 已转, 未转 in the report and the ledger: sums of all, by county, township and village."""

from __future__ import annotations

from alerts.loop.evacuation.counting import Evacuation, Figures, VillageCount, by_division, total
from alerts.report import at_tier
from alerts.report_facts import ReportFacts
from bot.locale import translator
from bot.views.figures import moved_figures
from bot.views.report.lines import Cell
from contacts.divisions.codes import Tier

WIDTHS = (34, 10, 10, 10, 10, 10, 10, 10, 10, 44)
"""Of the columns, in a workbook."""


def overview_rows(facts: ReportFacts, language: str) -> list[tuple[str, Cell]]:
    """The sums, for the overview; none where nobody was to move."""
    _ = translator(language)
    if not facts.villages:
        return []
    found = total(facts.villages.values())
    return [
        (_("应转"), _figures(found.target, language)),
        (_("已转"), _figures(found.moved, language)),
        (_("未转"), _figures(found.left, language)),
        (_("已在外"), _figures(found.away, language) if found.away.any else None),
        (_("不愿转移"), _figures(found.refused, language) if found.refused.any else None),
    ]


def evacuation_rows(facts: ReportFacts, language: str) -> list[list[Cell]]:
    """A row for all, for each county, township and village; the first row is the header."""
    _ = translator(language)
    header = [
        _("区划"), _("应转户"), _("应转人"), _("已转户"), _("已转人"), _("未转户"), _("未转人"),
        _("已在外户"), _("不愿转移户"), _("备注"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [list(header)]
    if not facts.villages:
        return rows
    villages = facts.villages
    rows.append([_("合计"), *_numbers(total(villages.values())), None])
    sums: dict[str, Evacuation] = {}
    for tier in (Tier.COUNTY, Tier.TOWNSHIP):
        sums |= by_division(villages.values(), tier)
    named: set[str] = set()
    for code, village in sorted(villages.items()):
        for tier in (Tier.COUNTY, Tier.TOWNSHIP):
            above = at_tier(code, tier)
            if above not in named and above != code:
                named.add(above)
                words = _("{place} 小计").format(place=facts.places[above])
                rows.append([words, *_numbers(sums[above]), None])
        summed = total([village])
        rows.append([facts.places[code], *_numbers(summed), _remark(village, language)])
    return rows


def _numbers(found: Evacuation) -> list[Cell]:
    return [
        *found.target,
        *found.moved,
        *found.left,
        found.away.households,
        found.refused.households,
    ]


def _remark(village: VillageCount, language: str) -> str | None:
    _ = translator(language)
    if village.moved.said is not None:
        words = _("报数 {said}，与逐户登记不一致")
        return words.format(said=_figures(village.moved.said, language))
    if village.ticks is not None and village.ticks.any:
        return _("逐户登记")
    return _("报数") if village.moved.counted.any else None


def _figures(found: Figures, language: str) -> str:
    return moved_figures(found.households, found.persons, language)
