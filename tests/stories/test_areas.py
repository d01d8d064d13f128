"""Areas ticked, listed and drawn: whom they call, and what is said of what they leave out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from alerts import alert_store
from bot.board import areas
from bot.services.clocks import MovableClock
from bot.telegram.failures import Outcome, OutcomeKind
from bot.telegram.voice import Voice
from contacts import people_store
from data.database import Connection
from data.geo.coordinates import wgs84_to_gcj02
from data.geo.shapes import shape_of_geojson
from data.reference_versions import DIVISIONS, count_up
from data.tables.contacts import divisions
from tests.roster import COUNTY_COMMANDER, FIRE_GROUP, FLOOD_GROUP, TOWNSHIP, VILLAGES
from tests.stories.command_line import CommandLine
from tests.stories.story import Story, buttons, story_of

# 黄泥河镇: every village of it has a position, a row from west to east; its first three are ours.
PLACED = {
    **{f"{TOWNSHIP[:9]}{n}": (127.90 + 0.01 * (n - 200), 43.60) for n in range(200, 216)},
    **{f"{TOWNSHIP[:9]}00{n}": (128.10 + 0.01 * n, 43.60) for n in (1, 3, 4, 6)},
}


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        running.app.database.do(lambda c: placed(c, PLACED))
        running.app.services.geography.reload()
        yield running


def placed(c: Connection, points: Mapping[str, tuple[float, float]]) -> None:
    for code, (lon, lat) in points.items():
        c.execute(update(divisions).where(divisions.c.code == code).values(lon=lon, lat=lat))
    count_up(c, DIVISIONS)


def polygon(west: float, east: float, *, south: float = 43.55, north: float = 43.65) -> Any:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


async def sends(story: Story, name: str, drawn: Any, file: str = "淹没范围.geojson", **more: Any):
    content = drawn if isinstance(drawn, bytes) else orjson.dumps(drawn)
    story.server.people.send_document(story[name].id, content, name=file, **more)
    await story.settled()


async def to_areas(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("⚠️ 发布预警")
    await chief.taps("橙")
    await chief.taps("山洪")


async def to_preview(story: Story) -> str:
    chief = story["县指挥"]
    await chief.taps("用第 1 条")
    await chief.taps("不写时间")
    return str(chief.last_with("确认发布")["text"])


async def released(story: Story, *called: str) -> Any:
    """Confirm what is shown: these are called, and nobody else; the warning as it was stored."""
    await story["县指挥"].taps("确认发布")
    for name in called:
        await story[name].sees("山洪")
    for chat in (story["县指挥"].id, FLOOD_GROUP):
        story.server.watch.take(chat)
    story.expect_nothing()
    return story.app.database.read(alert_store.alerts)[0]


async def test_villages_are_ticked_over_pages_and_townships_and_by_a_list_of_names(
    story: Story,
) -> None:
    chief = story["县指挥"]
    await to_areas(story)
    await chief.taps("勾选几个")
    townships = chief.last_with("打开 ▸")
    assert len([b for b in buttons(townships) if b.startswith("▫️")]) == 12
    await chief.taps("下一页")
    await chief.taps("上一页")
    await chief.taps("黄泥河镇", message=chief.last_with("黄泥河镇"))
    assert "已选：黄泥河镇" in chief.last_with("✅ 黄泥河镇")["text"]
    await chief.taps("✅ 黄泥河镇")
    shown = chief.last_with("▫️ 黄泥河镇")
    row = next(
        row for row in shown["reply_markup"]["inline_keyboard"] if "黄泥河" in row[0]["text"]
    )
    await chief.forges(row[1]["callback_data"], message_id=shown["message_id"])
    for village in ("威虎岭", "永安"):
        await chief.taps(village)
    assert "已选：威虎岭村、永安村" in chief.last_with("✅ 威虎岭")["text"]
    await chief.taps("⬆️ 上一级")
    assert "◪ 黄泥河镇" in " ".join(buttons(chief.last_with("打开 ▸")))
    await chief.says("大川村、永安村、没有这个村")
    await chief.sees()
    said = await chief.sees("没有认准：没有这个村", "已选：威虎岭村、永安村、大川村")
    await chief.taps("选好了", message=said)
    text = await to_preview(story)
    assert "威虎岭村、永安村、大川村" in text and "将叫应 3 人" in text
    alert = await released(story, "村长0", "村长1", "村长2")
    assert set(alert.areas) == set(VILLAGES[:3]) and alert.shape == ""


async def test_all_villages_ticked_are_the_township_and_nobody_ticks_beyond_their_own(
    story: Story,
) -> None:
    chief = story["县指挥"]
    await to_areas(story)
    await chief.forges(f"ar:l:{TOWNSHIP}", message_id=chief.last_with("勾选几个")["message_id"])
    await chief.taps("全选")
    await chief.taps("威虎岭")
    await chief.taps("威虎岭")
    assert "已选：黄泥河镇" in chief.last_with("✅ 威虎岭")["text"]
    await chief.taps("全不选")
    assert "还没有选" in chief.last_with("▫️ 威虎岭")["text"]
    # A button that nobody has: of a village of another county.
    await chief.forges("ar:p:222402101200", message_id=1)
    assert "图们" not in str(story.server.messages(chief.id))
    story.server.watch.take(chief.id)


async def test_a_drawing_sent_as_a_file_goes_into_the_warning(story: Story, tmp_path: Path) -> None:
    chief = story["县指挥"]
    await sends(story, "县指挥", polygon(127.895, 127.915))
    assert "按图形：淹没范围.geojson，2 个村" in chief.last_with("橙")["text"]
    await chief.taps("橙")
    await chief.taps("山洪")
    text = await to_preview(story)
    assert "按图形：淹没范围.geojson，2 个村" in text and "将叫应 2 人" in text
    assert "坐标按 WGS-84 读" in text
    # The same drawing read as one on a Chinese web map lies half a kilometre to the west.
    await chief.taps("按高德坐标换算")
    assert "换算" in chief.last_with("改按 WGS-84")["text"]
    await chief.taps("改按 WGS-84")
    # Another drawing takes its place: 经纬度 the wrong way round, open, crossing itself.
    bow = [[43.56, 127.895], [43.66, 127.925], [43.56, 127.925], [43.66, 127.895]]
    await sends(story, "县指挥", {"type": "Polygon", "coordinates": [bow]}, "手画.json")
    text = chief.last_with("确认发布")["text"]
    for said in ("按图形：手画.json", "经纬度写反了", "没有闭合", "自己交叉"):
        assert said in text
    alert = await released(story, "村长0", "村长2")
    assert orjson.loads(alert.shape)["type"] == "MultiPolygon"
    assert set(alert.areas) == {VILLAGES[0], VILLAGES[2]}
    await widened_by_a_drawing(story, alert, f"{TOWNSHIP[:9]}203", tmp_path)


async def widened_by_a_drawing(story: Story, alert: Any, more: str, folder: Path) -> None:
    """The same, of the warning that runs: a file sent where it is asked where to."""
    chief = story["县指挥"]
    lon, _lat = PLACED[more]
    await chief.taps("变更预警")
    await chief.taps("扩大区域")
    assert "或发一个画好范围的文件" in chief.last_with("加上此区域")["text"]
    await sends(story, "县指挥", polygon(8.0, 9.0, south=50.0, north=51.0), "别处.kml")
    assert "不在本地范围内" in story.server.messages(chief.id)[-1]["text"]
    await sends(story, "县指挥", polygon(lon - 0.004, lon + 0.004), "新增.geojson")
    text = chief.last_with("确认扩大")["text"]
    assert "按图形：新增.geojson，1 个村" in text and "增加：" in text
    await chief.taps("✅ 确认扩大")
    for taken in story.server.watch.untaken():
        story.server.watch.take(taken["chat"]["id"])
    after = story.app.database.read(lambda c: alert_store.alert(c, alert.id))
    assert after is not None and set(after.areas) == {*alert.areas, more}
    drawn, now = (shape_of_geojson(each.shape).polygons for each in (alert, after))
    assert len(now) == len(drawn) + 1 and set(drawn) < set(now)  # its own drawing, and the new one
    file = folder / "再加.geojson"
    file.write_bytes(orjson.dumps(polygon(*(PLACED[VILLAGES[1]][0] + d for d in (-0.004, 0.004)))))
    by = ("--by", COUNTY_COMMANDER["phone"], "--preview")
    said = await CommandLine(folder)("update", str(alert.id), "--polygon", file, *by)
    assert "再加.geojson" in said.out and "会是：扩大" in said.out, said


async def test_what_lies_outside_and_what_has_no_position_is_said_in_a_line_each(
    story: Story,
) -> None:
    await to_areas(story)
    # East of 敦化 lies 安图; a village there has a position, and one of ours has none any more.
    anyone = {"222426102200": (128.60, 43.60), "222403102200": (128.30, 43.60)}
    story.app.database.do(lambda c: placed(c, anyone))
    story.app.services.geography.reload()
    await sends(story, "县指挥", polygon(127.895, 128.65))
    said = await story_sees(story, "按图形")
    assert "没有位置，按所在乡镇或县列入" in said
    assert "图形伸到 安图县，不归您指挥，没有列入" in said
    # Nothing of theirs lies in this one, and the draft keeps its area.
    await sends(story, "县指挥", polygon(128.58, 128.62))
    assert "没有用上" in await story_sees(story, "图形里没有")
    text = await to_preview(story)
    assert "黄泥河镇" in text
    assert await released(story, "村长0", "村长1", "村长2", "镇长")


async def story_sees(story: Story, text: str) -> str:
    """The newest message to the chief that holds a text."""
    shown = story.server.messages(story["县指挥"].id)
    found = [m["text"] for m in shown if text in m.get("text", "")]
    assert found, shown[-1]
    return str(found[-1])


UNUSABLE: tuple[tuple[Any, str], ...] = (
    (b"{", "不是能读的图形文件"),
    ({"type": "Point", "coordinates": [128, 43]}, "只有点或线"),
    (polygon(8.0, 9.0, south=50.0, north=51.0), "不在本地范围内"),
    (polygon(500_000, 600_000, south=4_800_000, north=4_900_000), "不是经纬度"),
    ({"type": "Polygon", "coordinates": [[[128, 43], [128.1, 43], [128.2, 43]]]}, "没有面积"),
    (b"PK\x03\x04 broken", "文件损坏"),
    (b" " * 8_500_000, "图形太大"),
)


async def test_a_file_that_cannot_be_used_is_refused_and_the_draft_stays(story: Story) -> None:
    for content, said in UNUSABLE:
        await sends(story, "县指挥", content)
        await story["县指挥"].sees(said, "没有用上")
    assert story.app.database.read(lambda c: alert_store.alerts(c)[1:]) == []


async def test_a_drawing_on_a_chinese_map_is_converted_when_its_sender_says_so(
    story: Story,
) -> None:
    west, east = wgs84_to_gcj02(127.895, 43.6)[0], wgs84_to_gcj02(127.9055, 43.6)[0]
    await sends(story, "县指挥", polygon(west, east), caption="高德地图画的")
    said = await story["县指挥"].sees("1 个村", "换算", "什么等级")
    assert "WGS-84 读" not in said["text"]
    # From somebody who commands nothing it is what any file is: a report from the spot.
    await sends(story, "护林员", polygon(west, east))
    await story["护林员"].sees("已上报")
    story.server.watch.take(FIRE_GROUP)


def river(number: int, name: str, line: list[list[float]], **more: Any) -> dict[str, Any]:
    properties = {"河流": "牡丹江", "序号": number, "河段": name, "缓冲": 2000, **more}
    geometry = {"type": "LineString", "coordinates": line}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


# It flows eastward past the villages, which lie a kilometre south of it.
RIVER = {
    "type": "FeatureCollection",
    "features": [
        river(1, "上段", [[127.80, 43.61], [127.904, 43.61]]),
        river(2, "中段", [[127.904, 43.61], [127.915, 43.61]]),
        river(3, "下段", [[127.915, 43.61], [127.99, 43.61]]),
    ],
}


async def test_a_stretch_of_a_river_and_what_lies_below_a_reservoir_are_areas(
    story: Story, tmp_path: Path
) -> None:
    jiaoying, chief = CommandLine(tmp_path), story["县指挥"]
    (tmp_path / "牡丹江.geojson").write_bytes(orjson.dumps(RIVER))
    bad = {
        **RIVER,
        "features": [river(1, "面", [[1, 2]]), *RIVER["features"], RIVER["features"][0]],
    }
    (tmp_path / "坏.geojson").write_bytes(orjson.dumps(bad))
    refused = await jiaoying("import", "rivers", tmp_path / "坏.geojson")
    assert refused.code == 1 and "第 1 个「牡丹江」" in refused.out and "重名" in refused.out
    told = await jiaoying("import", "rivers", tmp_path / "牡丹江.geojson")
    assert "河段：新增 3，变更 0，不变 0" in told.out
    again = await jiaoying("import", "rivers", tmp_path / "牡丹江.geojson")
    assert "新增 0，变更 0，不变 3" in again.out
    places_file = tmp_path / "水库.csv"
    places_file.write_text(
        "类型,名称,区划代码,经度,纬度,下游村\n"
        "水库,红石水库,222403101201,127.9095,43.6105,\n"
        "水库,名单水库,222403101200,,,威虎岭村、大川村\n"
    )
    assert (await jiaoying("import", "places", places_file)).code == 0

    await to_areas(story)
    await chief.taps("🌊 河流、水库")
    await chief.taps("🌊 牡丹江")
    await chief.taps("1 上段")
    await chief.taps("2 中段")
    text = await to_preview(story)
    assert "按图形：牡丹江 上段—中段，" in text and "坐标按" not in text
    alert = await released(story, "村长0", "村长1", "村长2")
    assert orjson.loads(alert.shape)["type"] in ("Polygon", "MultiPolygon")

    # Below a reservoir by its list, and by the river from its dam down.
    await to_areas(story)
    await chief.taps("🌊 河流、水库")
    await chief.taps("💧 名单水库下游")
    text = await to_preview(story)
    assert "按登记的名单：名单水库下游，2 个村" in text and "将叫应 2 人" in text
    await chief.taps("✖️ 取消")
    await to_areas(story)
    await chief.taps("🌊 河流、水库")
    await chief.taps("💧 红石水库下游")
    await chief.taps("2 中段")
    assert "红石水库下游 牡丹江 中段" in await to_preview(story)
    await chief.taps("✖️ 取消")
    await widened_by_water(story, alert)


async def widened_by_water(story: Story, alert: Any) -> None:
    """The same, of the warning that runs: what lies below the first villages is added."""
    chief = story["县指挥"]
    await chief.taps("变更预警")
    await chief.taps("扩大区域")
    await chief.taps("🌊 河流、水库")
    await chief.taps("💧 名单水库下游")  # all of these are called already
    assert "按登记的名单：名单水库下游" in story.server.messages(chief.id)[-1]["text"]
    await chief.taps("扩大区域")
    await chief.taps("🌊 河流、水库")
    await chief.taps("🌊 牡丹江")
    await chief.taps("⬅️ 返回")
    await chief.taps("🌊 河流、水库")
    await chief.taps("🌊 牡丹江")
    await chief.taps("3 下段")
    await chief.taps("3 下段")
    text = chief.last_with("确认扩大")["text"]
    assert "按图形：牡丹江 下段" in text and "增加：" in text
    await chief.taps("✅ 确认扩大")
    for taken in story.server.watch.untaken():
        story.server.watch.take(taken["chat"]["id"])
    after = story.app.database.read(lambda c: alert_store.alert(c, alert.id))
    assert after is not None and set(after.areas) > set(alert.areas)
    await chief.forges(f"vw:{alert.id}:t:999.998")  # of stretches that there are not
    await story["村长0"].forges(f"vw:{alert.id}:l:")
    said = [story.server.messages(story[name].id)[-1]["text"] for name in ("县指挥", "村长0")]
    assert "确认" not in said[0] and "下游" not in said[1]
    for taken in story.server.watch.untaken():
        story.server.watch.take(taken["chat"]["id"])


async def test_a_table_of_villages_and_releases_by_polygon_and_river_on_the_command_line(
    tmp_path: Path,
) -> None:
    async with story_of(tmp_path, clock=MovableClock(), alone=True) as story:
        story.app.database.do(lambda c: placed(c, PLACED))
        jiaoying = CommandLine(tmp_path)
        (tmp_path / "area.geojson").write_bytes(orjson.dumps(polygon(127.895, 127.905)))
        table = tmp_path / "沿岸村.csv"
        head = "河流,河段,序号,村\n"
        table.write_text(f"{head}布尔哈通河,城区段,1,永安村\n布尔哈通河,下段,2,没有这个村\n")
        refused = await jiaoying("import", "rivers", table)
        assert refused.code == 1 and "第 3 行" in refused.out
        table.write_text(f"{head}布尔哈通河,城区段,1,{VILLAGES[1]}\n")
        assert "新增 1" in (await jiaoying("import", "rivers", table)).out
        order = ("release", "--level", "orange", "--hazard", "flash_flood", "--text", "山洪来了")
        order = (*order, "--by", COUNTY_COMMANDER["phone"])
        told = await jiaoying(*order, "--polygon", tmp_path / "area.geojson")
        assert "按图形：area.geojson，1 个村" in told.out and "叫应 1 人" in told.out
        await story["村长0"].sees("山洪来了")
        told = await jiaoying(*order, "--river", "布尔哈通河:城区段")
        assert "按登记的名单：布尔哈通河 城区段，1 个村" in told.out
        await story["村长1"].sees("山洪来了")
        for bad in (("--river", "鸭绿江"), ("--below", "无名水库"), ("--polygon", table)):
            assert (await jiaoying(*order, *bad)).code == 1
        await story.settled()
        for chat in (story["县指挥"].id, FLOOD_GROUP):
            story.server.watch.take(chat)


async def test_an_area_drawn_on_the_wall_is_taken_up_in_the_chat_by_whoever_drew_it(
    story: Story,
) -> None:
    chief = story["县指挥"]
    ring = polygon(127.895, 127.915)["coordinates"][0][:-1]
    shape, send = areas.drawing_of(orjson.dumps({"ring": ring, "send": True}))
    assert send

    def unit(c: Connection) -> bool:
        by = people_store.person(c, COUNTY_COMMANDER["id"])
        assert by is not None
        looked = areas.look(c, story.app.services.geography, by, shape)
        assert looked.told["villages"] == 2
        assert "无法判断是否在范围内" in looked.told["lines"][0]
        return areas.carry(c, by, looked, story.clock())

    assert story.app.database.do(unit)
    await story.tick()
    said = await chief.sees(
        "您在指挥大屏上画了一个区域", "威虎岭村、永安村，共 2 个村", "还没有发布"
    )
    # A draft that is being written gets it; nobody else can take it up.
    await to_areas(story)
    tap = said["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await story["州主任"].forges(tap)
    await story["州主任"].sees("已过期")
    await chief.forges(tap, message_id=said["message_id"])
    text = await to_preview(story)
    assert "按图形：大屏上画的区域，2 个村" in text and "坐标按" not in text
    alert = await released(story, "村长0", "村长1")
    assert orjson.loads(alert.shape)["type"] == "Polygon"


async def test_a_drawing_that_telegram_does_not_hand_over_is_asked_for_again(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_voice: Voice, _file_id: str, _most: int) -> Outcome:
        return Outcome(OutcomeKind.TEMPORARY)

    with monkeypatch.context() as patched:
        patched.setattr(Voice, "file", away)
        await sends(story, "县指挥", polygon(127.895, 127.915))
    await story["县指挥"].sees("没有取到文件", "请再发一次")
    await sends(story, "县指挥", polygon(127.895, 127.915))
    await story["县指挥"].sees("2 个村", "什么等级")
