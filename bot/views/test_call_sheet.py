"""A test call as a workbook: the townships, the worst first, and every address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from io import BytesIO

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from alerts.test_calls.model import AreaResult, Outcome, TestCall
from bot.locale import translator
from bot.views.channels import channel_name
from bot.views.clock import day_clock
from bot.views.report.lines import Cell
from bot.views.report.xlsx import fill
from bot.views.test_calls import Tested, outcome_words, shown_address, total_lines


def sheet_of_test(
    test: TestCall,
    total: AreaResult,
    areas: Sequence[tuple[AreaResult, str]],
    tested: Sequence[Tested],
    place: str,
    language: str,
    zone: tzinfo,
) -> bytes:
    """The workbook.

    :param areas: each with its path, the worst first.
    :param tested: every address, each with the path of its place; worst townships first.
    """
    _ = translator(language)
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = _("分乡镇")
    heads = _("地方|人数|核实人数|号码账号|核实|打不通|卫星电话|打通").split("|")
    rows: list[list[Cell]] = [[*heads]]
    rows += [
        [
            where,
            area.persons,
            area.persons_proven,
            area.lines,
            area.proven,
            area.failed,
            area.satellites,
            area.satellites_proven,
        ]
        for area, where in [*areas, (total, place)]
    ]
    fill(first, rows, (40, 10, 10, 10, 10, 10, 10, 10))
    heads = _("地方|姓名|渠道|号码或账号|结果|次数|用时（秒）|核实时间").split("|")
    rows = [[*heads]]
    for each in tested:
        result, line = each.result, each.result.line
        proven = result.outcome is Outcome.PROVEN
        rows.append(
            [
                each.place,
                each.who,
                channel_name(line.channel, language),
                shown_address(line.channel, line.address),
                outcome_words(result, language),
                result.tries,
                round(result.seconds) if proven and result.seconds is not None else "",
                day_clock(line.proven_at, zone) if proven else "",
            ]
        )
    fill(book.create_sheet(_("逐个")), rows, (40, 12, 12, 22, 28, 8, 10, 16))
    told = (place, *total_lines(test, total, language, zone))
    about: list[list[Cell]] = [[line] for line in told]
    fill(book.create_sheet(_("说明")), about, (90,), header=False)
    content = BytesIO()
    book.save(content)
    return content.getvalue()
