"""What is read of departments beside the tiers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from alerts.loop.mechanism.standing import Answer, DepartmentStanding, Owing, Wanted
from alerts.loop.tasks.chart import Bar, TaskChart
from alerts.loop.tasks.model import TaskList
from alerts.preview import Preview
from alerts.progress import Progress
from bot.views.screen import Screen
from bot.views.tasks import chart
from bot.views.warnings import departments as views
from bot.views.warnings import progress, release_wizard
from contacts.organisations import Organisation, place_code
from tests.unit.views import samples as s

View = Callable[[str], Screen]
COUNTY, OTHER = "222403000000", "222402000000"
STANDINGS = (
    DepartmentStanding(COUNTY, Organisation.WATER, Answer.ANSWERED, ("李一",), Owing(taken=1)),
    DepartmentStanding(
        COUNTY, Organisation.WEATHER, Answer.WAITING, ("赵一", "<赵>"), Owing(open=1, overdue=1)
    ),
    DepartmentStanding(COUNTY, Organisation.POWER, Answer.ENDED, ("钱一",), Owing(done=2)),
)
ONE = views.Departments(STANDINGS, {COUNTY: "敦化市"})
BOTH = views.Departments(
    (*STANDINGS, replace(STANDINGS[1], division_code=OTHER)), {COUNTY: "敦化市", OTHER: "图们市"}
)
WANTED = Wanted(
    7, 9, (place_code(COUNTY, Organisation.HEALTH), place_code(COUNTY, Organisation.POLICE))
)
CHART = TaskChart(
    COUNTY, Bar(3, 1, 4, 2), {TaskList.TASK: Bar(3, 1, 4, 2)}, ((COUNTY, Bar(3, 1, 4, 2)),)
)


def department_screens() -> Iterator[tuple[str, View]]:
    """In the preview, on the card, each by name; the chart's caption."""
    counts = Preview(32, 30, 2, False, departments=WANTED)
    yield (
        "departments_preview",
        lambda language: release_wizard.preview(s.DRAFT, counts, 4, language, s.PLACE),
    )
    yield (
        "departments_card",
        lambda language: progress.progress_card(
            s.ALERT,
            Progress(calls=9, acknowledged=3, waiting=6),
            language,
            s.PLACE,
            s.START,
            departments=ONE,
        ),
    )
    yield (
        "departments_page",
        lambda language: views.departments_page(s.ALERT, s.PLACE, BOTH, language),
    )
    yield (
        "departments_none",
        lambda language: views.departments_page(s.ALERT, s.PLACE, views.NO_DEPARTMENTS, language),
    )
    yield (
        "task_chart",
        lambda language: chart.chart_caption(CHART, s.PLACE, s.START, language),
    )
