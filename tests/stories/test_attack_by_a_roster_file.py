"""Attack: a roster file takes a commander out of the roster, and nobody above is to notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from contacts import people_store
from tests.roster import COUNTY, COUNTY_COMMANDER, COUNTY_DUTY
from tests.stories.command_line import CommandLine
from tests.stories.story import story_of

HEAD = "name,phone,division_code,role\n"
OTHER = f"新指挥,19911110000,{COUNTY},commander\n"
STAYS = f"{OTHER}{COUNTY_DUTY['name']},{COUNTY_DUTY['phone']},{COUNTY},duty_officer\n"
FOLLOWS = f"新指挥,{COUNTY_COMMANDER['phone']},{COUNTY},commander\n"


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        (STAYS, ("--retire-missing", "--area", COUNTY, "--threshold", "100")),
        (FOLLOWS, ("--successor", COUNTY_COMMANDER["phone"])),
    ],
    ids=["left out of the file", "a successor has the number"],
)
async def test_those_above_hear_of_it(tmp_path: Path, rows: str, options: tuple[str, ...]) -> None:
    async with story_of(tmp_path) as story:
        file = tmp_path / "people.csv"
        file.write_text(HEAD + rows, encoding="utf-8")
        done = await CommandLine(tmp_path)("import", "people", file, "--yes", *options)
        assert done.code == 0, done
        await story.fast_forward(minutes=3)  # the command line has a clock of its own
        for chief in ("州指挥", "州主任"):
            told = (await story[chief].sees("已解除绑定", "县指挥", "不在名册"))["text"]
            assert "199 0000" not in told, "the number is the successor's"
        if "--retire-missing" in options:  # the township's, too: told to whoever is left above
            for _ in ("镇值班", "镇长"):
                await story["县值班"].sees("已解除绑定", "黄泥河镇", "不在名册")
        after = story.app.database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
        assert after is not None and after.telegram_id is None and not after.active
        await story["县指挥"].says("/warn 红 暴雨 敦化市 立即转移")
        await story["县指挥"].sees("请先绑定身份")
