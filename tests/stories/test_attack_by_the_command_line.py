"""Attack: whoever may log in on the server acts by the command line, and it is to look like nobody.

Each verb that changes something, or takes something out, leaves an entry that says who, and where.
"""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from contacts.people import Role
from data import audit
from data.audit import COMMAND_LINE
from data.tables.running import audit as table
from tests.roster import (
    COUNTY,
    COUNTY_COMMANDER,
    RANGER,
    TOWNSHIP_HEAD,
    VILLAGERS,
    VILLAGES,
    person,
)
from tests.security.scene import forget
from tests.stories.command_line import CommandLine
from tests.stories.story import story_of

PEOPLE = f"name,phone,division_code,role\n新人,19911110000,{VILLAGES[0]},ranger\n"
DIVISIONS = f"code,name,level,parent_code\n222403101299,新立村,village,{COUNTY}\n"
GROUPS = f"chat_id,title,division_code,purpose\n-1009,新群,{COUNTY},flood\n"
PLACES = f"code,kind,name,division_code\nsk1,reservoir,小石河水库,{VILLAGES[0]}\n"
DUTY = (
    "phone,division_code,starts_at,ends_at\n"
    f"{RANGER['phone']},{COUNTY},2030-07-01 08:00,2030-07-02 08:00\n"
)
TAKEN_OUT = {
    "report.written",
    "coverage.written",
    "person.invited",  # a sheet of codes
    "person.exported",
    "backup.written",
}
"""What says that numbers or names left the database."""


async def test_every_verb_says_who_ran_it_and_where(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        run, database = CommandLine(tmp_path), story.app.database
        before = database.read(audit.length)
        for kind, rows in (
            ("divisions", DIVISIONS.replace(f"village,{COUNTY}", "village,222403101000")),
            ("people", PEOPLE),
            ("groups", GROUPS),
            ("places", PLACES),
            ("duty", DUTY),
        ):
            file = tmp_path / f"{kind}.csv"
            file.write_text(rows, encoding="utf-8")
            done = await run("import", kind, file, "--yes")
            assert done.code == 0, (kind, done)
        chief, head = COUNTY_COMMANDER["phone"], VILLAGERS[0]["phone"]
        words = ("--level", "yellow", "--hazard", "rainstorm", "--text", "注意防范")
        released = await run("release", *words, "--area", VILLAGES[0], "--by", chief, "--json")
        alert = released.facts["alert"]
        for verb in (
            ("report", alert, "--output", "r.xlsx"),
            ("report", alert, "--output", "r.pdf"),
            ("check", "-o", "check.xlsx"),
            ("sheets", VILLAGES[1], "--output", "s.pdf", "--all", "--bot-username", "b"),
            ("person", "export", head),
            ("person", "unlink", head),
            ("person", "unblock", head),
            ("person", "renew", head),
            ("person", "renumber", head, "19911112222"),
            ("person", "retire", TOWNSHIP_HEAD["phone"]),
            ("person", "erase", VILLAGERS[2]["phone"], "--yes"),
            ("confirm", VILLAGES[1]),
            ("backup", "copy.db"),
        ):
            done = await run(*verb)
            assert done.code == 0 or verb[0] == "check", (verb, done)
        assert (await run("db", "archive", "--before", "2025-01-01")).code == 0
        query = select(table).where(table.c.seq > before)
        entries = [
            {**row._mapping, "detail": json.loads(row.detail)}
            for row in database.read(lambda c: c.execute(query).all())
        ]
        of_bot = {"alert.called"}  # the running bot went on with it
        nobody = [
            entry["action"]
            for entry in entries
            if entry["action"] not in of_bot
            and not (
                entry["detail"].get("via") == COMMAND_LINE
                and entry["detail"]["os_user"]
                and entry["detail"]["host"]
            )
        ]
        assert not nobody
        assert {entry["action"] for entry in entries} >= TAKEN_OUT
        numbers = (head, chief, "1991111", RANGER["phone"])
        assert not [entry for entry in entries if any(part in str(entry) for part in numbers)]
        # Whose number was used to release is told, by the bot.
        await story.fast_forward(minutes=3)  # the command line has a clock of its own
        told = forget(story)
        chief_reads = [message for message in told if message["chat"]["id"] == story["县指挥"].id]
        assert any("由服务器命令行发布" in message["text"] for message in chief_reads)


async def test_in_the_name_of_somebody_who_cannot_read_it(tmp_path: Path) -> None:
    """The number of a director without an account: those above hear of it instead."""
    director = person(70, "县主任", COUNTY, Role.DIRECTOR, linked=False)
    async with story_of(tmp_path, more=(director,)) as story:
        words = ("--level", "yellow", "--hazard", "rainstorm", "--text", "注意防范")
        area = ("--area", VILLAGES[0], "--by", director["phone"])
        assert (await CommandLine(tmp_path)("release", *words, *area)).code == 0
        await story.fast_forward(minutes=3)  # the command line has a clock of its own
        for chief in ("州指挥", "州主任"):
            await story[chief].sees("服务器命令行", "县主任", "199 0000 0070")
        forget(story)
