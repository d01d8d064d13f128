"""Samples of the screens on which the area of a warning is put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from alerts.drawn_area import DrawnArea
from alerts.model import Hazard, Level
from bot.views.division_menu import Choice, DivisionMenu
from bot.views.screen import Screen
from bot.views.warnings import area_menu, release_wizard
from tests.unit.views import samples as s

TOWNSHIP = DivisionMenu(
    "222403101000",
    "延边州 敦化市 黄泥河镇",
    [Choice(f"2224031012{n:02d}", f"第{n}村") for n in range(1, 31)],
    parent="222403000000",
)
COUNTY = DivisionMenu(
    "222403000000",
    "延边州 敦化市",
    [Choice(f"222403{n:03d}000", f"第{n}镇") for n in range(100, 140)],
)
DRAWN = DrawnArea(
    "{}",
    "淹没<范围>.geojson",
    ("closed", "swapped"),
    villages=37,
    besides=1,
    unplaced=3,
    left_out=12,
    left_out_of=("222402000000",),
    elsewhere=("222426100200", "222426100201"),
    beyond=True,
)
NAMES = {"222402000000": "图们市", "222426100200": "安图县", "222426100201": "安图县"}


def area_screens() -> Iterator[tuple[str, Callable[[str], Screen]]]:
    """Lists to be ticked, drawings."""
    yield (
        "tick_villages",
        lambda language: area_menu.tick_areas(
            TOWNSHIP,
            ["222403101201", "222403101222"],
            language,
            below=(),
            page=1,
            chosen="第1村、第22村",
            note=area_menu.unknown_names(["<红石>"], language),
            draft=release_wizard.draft_line(Level.RED, Hazard.RAINSTORM, language),
        ),
    )
    yield (
        "tick_townships",
        lambda language: area_menu.tick_areas(
            COUNTY,
            ["222403101000", "222403102200"],
            language,
            below={child.code for child in COUNTY.children[:20]},
        ),
    )
    yield (
        "preview_drawn",
        lambda language: release_wizard.preview(
            s.DRAFT,
            s.COUNTS,
            95,
            language,
            s.PLACE,
            nonce="k3",
            drawn=area_menu.drawn_lines(DRAWN, ["红旗水库"], NAMES, language),
            datum=area_menu.datum_button(DRAWN, language),
        ),
    )
    yield "nothing_inside", lambda language: area_menu.nothing_inside(DRAWN, NAMES, language)
    yield "file_not_had", area_menu.file_not_had
