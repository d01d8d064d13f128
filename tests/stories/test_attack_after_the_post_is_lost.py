"""Attack: a commander who lost the post presses what still stands in the chat.

The buttons of his warning, of the one that he proposed and of the one that he had just written.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import update

from alerts import alert_store
from alerts.model import State
from contacts.people import Role
from data.tables.contacts import people
from tests.roster import OTHER_COUNTY, VILLAGES
from tests.security.scene import forget
from tests.stories.story import story_of

LOST: tuple[dict[str, object], ...] = (
    {"role": Role.STAFF.value},
    {"role": Role.DUTY_OFFICER.value},
    {"division_code": OTHER_COUNTY},
    {"division_code": VILLAGES[0]},
    {"unproven": True},
)


async def test_nothing_of_it_works_any_more(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        chief, database = story["州指挥"], story.app.database
        await chief.says("/warn 橙 暴雨 敦化市 注意防范")
        await chief.taps("确认发布")
        await chief.says("/warn 红 暴雨 延边朝鲜族自治州 立即转移")  # waits for a second person
        await chief.taps("确认发布")
        await chief.says("/warn 黄 暴雨 敦化市 注意防范")
        preview = chief.last_with("确认发布")

        def states() -> dict[int, State]:
            alerts = database.read(alert_store.alerts)
            return {alert.id: alert.state for alert in alerts if alert.sender_id == chief.row["id"]}

        before = states()
        released, pending = sorted(before)
        assert [before[released], before[pending]] == [State.RELEASED, State.PENDING]
        held = {name: chief.row.get(name, False) for name in ("role", "division_code", "unproven")}
        for lost in LOST:
            row = update(people).where(people.c.id == chief.row["id"]).values(**{**held, **lost})
            database.do(lambda c, row=row: c.execute(row) and None)
            await chief.taps("确认发布", message=preview)
            for prefix in ("x", "X", "e", "E", "z", "Z", "y"):  # cancel, lift, close, send anew
                await chief.forges(f"{prefix}:{released}")
            for prefix in ("n", "c", "ca"):  # withdraw, confirm
                await chief.forges(f"{prefix}:{pending}")
            assert states() == before, lost
        forget(story)
