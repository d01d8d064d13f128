"""Departments beside the tiers: called with a warning, seen on its card, and what each owes."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, update

from contacts.organisations import Organisation, place_code, place_name
from contacts.people import Role
from data.tables.contacts import people, places
from tests.roster import COUNTY, FLOOD_GROUP, person
from tests.stories.story import Story, story_of

OFFICES = {
    80: ("水利甲", Organisation.WATER, 1),
    81: ("水利乙", Organisation.WATER, 2),
    82: ("气象甲", Organisation.WEATHER, 1),
    83: ("林草甲", Organisation.FORESTRY, 1),
}
LIAISONS = tuple(
    person(key, name, COUNTY, Role.DEPARTMENT, rank=rank)
    for key, (name, _, rank) in OFFICES.items()
)


def enter_departments(connection: Connection) -> None:
    """The departments as places, and who is of which."""
    for key, (_, organisation, _) in OFFICES.items():
        code = place_code(COUNTY, organisation)
        connection.execute(update(people).where(people.c.id == key).values(place_code=code))
    made = dict.fromkeys(organisation for _, organisation, _ in OFFICES.values())
    connection.execute(
        insert(places),
        [
            {
                "code": place_code(COUNTY, one),
                "kind": "department",
                "name": place_name(one),
                "division_code": COUNTY,
            }
            for one in made
        ],
    )


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, more=LIAISONS) as running:
        running.app.database.do(enter_departments)
        yield running


async def test_departments_are_called_with_a_towns_warning(story: Story) -> None:
    """Water and weather are called for a flash flood in a town of their county; forestry is not."""
    chief = story["县指挥"]
    await chief.says("/warn 红 山洪 黄泥河镇 河边人马上往高处走")
    preview = await chief.sees("发布前请核对", "👥 将叫应 6 人", "🏢 部门 2/")
    assert "没有联络员：应急、" in preview["text"] and "林草" not in preview["text"]
    await chief.taps("确认发布", message=preview)
    card = await chief.sees("部门已回应 0/2", "未回应：水利、气象")
    for name in ("镇长", "村长0", "村长1", "村长2"):
        await story[name].sees("山洪灾害红色预警")
    await chief.sees("山洪灾害红色预警", chat=FLOOD_GROUP)
    call = await story["水利甲"].sees("山洪灾害红色预警", "您负责：水利部门")
    await story["气象甲"].sees("山洪灾害红色预警", "您负责：气象部门")
    assert "已记录" in await story["水利甲"].taps("收到", message=call)
    await story.fast_forward(seconds=30)
    owed = await story["水利甲"].sees("报水库", "水利部门联络员", "还有 14 分钟")
    await story["气象甲"].sees("报雨量", "未来 3 小时")
    await story["水利甲"].taps("接手", message=owed)
    await story.fast_forward(seconds=30)
    shown = chief.shows(card)
    assert "部门已回应 1/2，任务办结 0/2" in shown["text"]
    await chief.taps("🏢 部门 1/2", message=shown)
    page = chief.shows(card)
    assert "📵 气象 未回应（气象甲） · 任务 0/1，未接手 1" in page["text"]
    assert "✅ 水利 已回应（水利甲） · 任务 0/1" in page["text"]
    await chief.taps("📊 看态势", message=page)
    await chief.says("/status")
    await chief.sees("📊 态势", "部门已回应 1/2")
    await chief.says("/taskchart 敦化市")
    chart = await chief.sees_picture()
    assert chart["photo"] and "清单进度 · 敦化市" in chart["caption"]
    assert "销号 0/2（0%），待核查 0，在办 2" in chart["caption"]
    await chief.taps("📒 表格", message=chart)
    book = await chief.sees_picture()
    assert book["document"]["file_name"].startswith("清单-敦化市-") and "2 项" in book["caption"]
    await story["水利甲"].says("/taskchart")
    await story["水利甲"].sees("不能操作", "值班员 县值班")
