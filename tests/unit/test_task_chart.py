"""The chart of tasks: how its bars add up, what comes first, what the picture is."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from alerts.loop.tasks.chart import Bar, task_chart
from alerts.loop.tasks.model import TaskList, TaskState
from bot.pictures.task_chart import WIDTH, DrawnChart, DrawnRow, draw_task_chart

COUNTY, TOWN, VILLAGE, OTHER = "222403000000", "222403101000", "222403101200", "222403100201"
T, P = TaskList.TASK, TaskList.PROBLEM


def test_villages_count_in_their_town_and_what_is_late_comes_first() -> None:
    chart = task_chart(
        COUNTY,
        [
            (COUNTY, T, TaskState.OPEN, 3, 1),
            (VILLAGE, T, TaskState.TAKEN, 4, 3),
            (TOWN, P, TaskState.SUBMITTED, 2, 0),
            (OTHER, P, TaskState.STRUCK_OFF, 5, 0),
            (OTHER, P, TaskState.WITHDRAWN, 9, 0),
        ],
    )
    assert chart.whole == Bar(done=5, submitted=2, going=3, late=4) and chart.whole.every == 14
    assert chart.by_list == {T: Bar(going=3, late=4), P: Bar(done=5, submitted=2)}
    assert chart.by_division == (
        (TOWN, Bar(submitted=2, going=1, late=3)),
        (COUNTY, Bar(going=2, late=1)),
        ("222403100000", Bar(done=5)),
    )
    assert task_chart(COUNTY, [(OTHER, P, TaskState.WITHDRAWN, 9, 0)]).by_division == ()


def test_the_picture_is_as_high_as_its_rows() -> None:
    def drawn(rows: int) -> Image.Image:
        sections = [("按区划", [DrawnRow("黄泥河镇", Bar(1, 2, 3, 4))] * rows)]
        legend = ("已销号", "待核查", "在办", "逾期")
        chart = DrawnChart("敦化市 清单进度", "销号 1/10", legend, sections)
        return Image.open(BytesIO(draw_task_chart(chart)))

    assert drawn(2).width == WIDTH and drawn(14).height > drawn(2).height
    colours = {colour for _, colour in drawn(2).convert("RGB").getcolors(1 << 20) or ()}
    assert any(red > 180 and green < 120 and blue < 60 for red, green, blue in colours)  # late
