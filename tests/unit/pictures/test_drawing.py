"""The pictures the bot sends: readable files, their signs on them, no character shown as a box."""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from alerts.patrol.roll_calls.model import Counts
from bot.locale import _catalogue
from bot.pictures import marks
from bot.pictures.evacuation_map import EvacuationMap, draw_evacuation
from bot.pictures.hotspot_map import HotPixel, HotspotMap, draw_hotspot
from bot.pictures.lettering import MISSING, SMALLEST, fitting, has, shortened, width, written
from bot.pictures.roll_call_map import RollCallMap, _legend, draw_roll_call
from bot.pictures.sheet import HEIGHT, MAP, WIDTH
from data.fonts import NAMES_FONT
from data.reference import JILIN_DIVISIONS
from tests.geography import jilin

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 10, 24, 6, 20, tzinfo=UTC)
DUNHUA = jilin().rings("222403000000", 0.0005)
LON, LAT = 128.2, 43.4
HOTSPOT = HotspotMap(
    number=12,
    county="延边朝鲜族自治州 敦化市",
    outlines=DUNHUA,
    pixels=[
        HotPixel(LON, LAT, 375),
        HotPixel(LON + 0.004, LAT, 375),
        HotPixel(LON, LAT + 0.004, 1000),
    ],
    lon=LON,
    lat=LAT,
    satellites="N20 Terra",
    seen_at=AT,
    at=AT,
    village=(LON + 0.03, LAT - 0.02, "大石头村 3.4 公里"),
    patrollers=[(LON - 0.03, LAT, "王建国 2.4 公里"), (LON + 0.5, LAT + 0.4, "李志强 60 公里")],
)


def roll(answered: int, quiet: int = 5, **changes: object) -> RollCallMap:
    rng = random.Random(7)

    def somewhere() -> tuple[float, float]:
        return rng.uniform(127.5, 129.0), rng.uniform(42.7, 44.2)

    shown = RollCallMap(
        "点名 · 敦化市 · 巡护员",
        "应到 5008，实到 5000（99%），未到 8",
        DUNHUA,
        Counts(answered, 2, quiet, 1),
        AT,
        answered=[somewhere() for _ in range(answered)],
        far=[(125.3, 43.9, "赵长林"), (*somewhere(), "金明姬")],
        silent=[(*somewhere(), "于守田") for _ in range(quiet)],
        unreachable=[(*somewhere(), "高玉宝")],
    )
    return replace(shown, **changes)  # type: ignore[arg-type]


def opened(png: bytes) -> Image.Image:
    picture = Image.open(BytesIO(png))
    picture.load()
    assert picture.format == "PNG"
    return picture.convert("RGB")


def alike(seen: tuple[int, int, int], colour: tuple[int, int, int]) -> bool:
    """The same, as nearly as a palette keeps it."""
    return all(abs(a - b) < 20 for a, b in zip(seen, colour, strict=True))


def near(picture: Image.Image, colour: tuple[int, int, int]) -> int:
    """How many pixels have that colour."""
    counted = picture.getcolors(WIDTH * HEIGHT) or []
    return sum(number for number, seen in counted if alike(seen, colour))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_roll_call_of_five_thousand(language: str) -> None:
    png = draw_roll_call(roll(5_000, 60, language=language))
    picture = opened(png)
    assert picture.size == (WIDTH, HEIGHT) == (1080, 1350)
    assert len(png) < 400_000
    for colour in (marks.GREEN, marks.VERMILION, marks.BLUE, marks.GREY):
        assert near(picture, colour) > 100


@pytest.mark.parametrize(
    "shown",
    [
        roll(0, 0, counts=Counts(), far=(), unreachable=(), outlines=()),
        roll(0, 0, counts=Counts(0, 0, 40, 0), far=(), unreachable=()),
        roll(1, 0, outlines=(), far=(), unreachable=()),
        roll(3, 2, title="长" * 90, subtitle="🔥\U00020000\n" * 40),
        roll(3, 200, silent=[(128.2, 43.4, "于守田")] * 200),
    ],
)
def test_whatever_is_known_there_is_a_picture(shown: RollCallMap) -> None:
    assert opened(draw_roll_call(shown)).size == (WIDTH, HEIGHT)


def test_a_hotspot_has_its_pixels_in_true_size() -> None:
    only = replace(HOTSPOT, pixels=[HotPixel(LON, LAT, 1000)], village=None, patrollers=())
    picture = opened(draw_hotspot(only))
    x, y = round((MAP.left + MAP.right) / 2), round((MAP.top + MAP.bottom) / 2)
    row = [picture.getpixel((at, y)) for at in range(int(MAP.left) + 4, int(MAP.right) - 4)]
    pale = [at for at, seen in enumerate(row) if alike(seen, marks.PALE_RED)]
    blue = [at for at, seen in enumerate(row) if alike(seen, marks.BLUE)]
    assert x - int(MAP.left) - 4 in pale
    # The ring of 2 km: four times as far across as the pixel of 1 km.
    assert (blue[-1] - blue[0]) / (pale[-1] - pale[0]) == pytest.approx(4, rel=0.05)


def test_a_hotspot_with_everything_around_it() -> None:
    png = draw_hotspot(HOTSPOT)
    picture = opened(png)
    assert picture.size == (WIDTH, HEIGHT) and len(png) < 400_000
    for colour in (marks.VERMILION, marks.BLUE, marks.GREEN, marks.BLACK):
        assert near(picture, colour) > 100


@pytest.mark.slow
def test_nothing_is_written_outside_the_sheet() -> None:
    """The outermost pixels are paper, whatever is drawn and however long its names are."""
    long = "很长的名字" * 12
    silent = [(127.3 + n / 40, 42.6 + n / 40, f"{n}{long}") for n in range(50)]
    far = [(lon, lat, long) for lon in (100.0, 140.0) for lat in (20.0, 60.0)]
    shown = roll(300, silent=silent, far=far, title=long * 3, subtitle=long * 3)  # type: ignore[arg-type]
    picture = opened(draw_roll_call(shown))
    edge = [picture.getpixel((x, y)) for x in range(WIDTH) for y in (0, 4, HEIGHT - 1)]
    edge += [picture.getpixel((x, y)) for y in range(HEIGHT) for x in (0, 10, WIDTH - 10)]
    assert all(min(colour) > 240 for colour in edge)


def test_no_name_of_jilin_and_no_word_of_the_pictures_is_a_box() -> None:
    with JILIN_DIVISIONS.open(encoding="utf-8", newline="") as file:
        names = {character for row in csv.DictReader(file) for character in row["name"]}
    assert not [character for character in sorted(names) if not has(character)]
    sources = [
        *(ROOT / "bot" / "pictures").glob("*.py"),
        ROOT / "bot" / "views" / "patrol" / "pictures.py",
        ROOT / "bot" / "views" / "water.py",
    ]
    english = _catalogue("en")
    words = {
        text
        for text in english
        if any(f'"{text}"' in source.read_text(encoding="utf-8") for source in sources)
        if not text.startswith(
            ("🗺", "🛰", "💧", "⚫", "｜⚫", "⚠")
        )  # captions and buttons: the phone writes those
    }
    assert len(words) > 12
    wanted = {character for text in words for character in text + english[text]}
    wanted |= set("0123456789%.,:/-~()（）【】、；：·°′″℃km mNn北 " + MISSING)
    assert not [character for character in sorted(wanted) if not has(character)]


def test_a_character_the_font_lacks_is_marked() -> None:
    assert not has("\U0002a6a5")  # 𪚥
    assert written("李\U0002a6a5安\n\u3000🔥") == f"李{MISSING}安 {MISSING}"
    assert written("祎\u200d\ufe0f") == "祎"


def test_a_long_text_ends_where_there_is_no_more_room() -> None:
    text = shortened("敦化市" * 40, SMALLEST, 300)
    assert text.endswith("…") and width(text, SMALLEST) <= 300
    assert SMALLEST >= 28


def test_the_font_is_in_the_package(tmp_path: Path) -> None:
    """What pyproject.toml ships is enough: read from a copy made as an installation makes one."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = project["tool"]["setuptools"]["package-data"]["*"]
    package = ROOT / "data"
    files = {*package.rglob("*.py")}
    for pattern in shipped:
        files |= set((package / "fonts").glob(pattern))
    for file in files:
        target = tmp_path / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    code = "from data.fonts import NAMES_FONT as f; print(f, f.stat().st_size)"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.split()
    assert found[0].startswith(str(tmp_path))
    assert int(found[1]) == NAMES_FONT.stat().st_size < 13_000_000
    assert (tmp_path / "data/fonts/LICENSE").exists()
    assert (tmp_path / "data/fonts/README.md").exists()


def test_no_count_of_the_legend_is_cut_off() -> None:
    """Cut at the end, a row would lose its number: both languages stand in it."""
    for row in _legend(roll(9, counts=Counts(5_000, 1_000, 1_000, 1_000))):
        room = (MAP.right - MAP.left) / 2 - 52  # as the sheet leaves it
        assert shortened(row.text, SMALLEST, room) == row.text


def test_an_evacuation_map_of_an_exercise_says_so_and_a_long_name_is_whole() -> None:
    """Whatever the name: the words 转移路线图 and 演练 are never cut off."""
    name = "前郭尔罗斯蒙古族自治县王府站镇哈拉毛都村"
    shown = EvacuationMap(
        f"{name} 转移路线图",
        "12户35人 · 路线 1.6 公里",
        AT,
        route=[(LON, LAT), (LON + 0.01, LAT - 0.005)],
        start=(LON, LAT),
        start_name=name,
        shelter=(LON + 0.01, LAT - 0.005),
        shelter_name="前郭县蒙古族第一中学（新校区）体育馆",
    )
    drawn = draw_evacuation(replace(shown, exercise=True))
    assert drawn == draw_evacuation(replace(shown, title=f"【演练】{shown.title}"))
    assert drawn != draw_evacuation(shown)
    room = MAP.right - MAP.left
    for words, largest in ((f"【演练】{shown.title}", 46), (name, 42)):
        size = fitting(words, largest, room)
        assert shortened(words, size, room) == words and size >= SMALLEST, words
