"""The rules of DESIGN that import-linter's contracts cannot say, read from the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "alerts", "contacts", "data")

# Marked P in DESIGN, and those whose docstring says the same. Some belong to later issues.
PURE = [
    "alerts.calls",
    "alerts.outbox.deliveries",
    "alerts.escalation",
    "alerts.oversight.findings",
    "alerts.outbox.lanes",
    "alerts.lifecycle",
    "alerts.model",
    "alerts.patrol.positions.model",
    "alerts.patrol.hotspots.model",
    "alerts.patrol.hotspots.responders",
    "alerts.patrol.shifts.model",
    "alerts.patrol.positions.model",
    "alerts.patrol.zones.zone_file",
    "alerts.patrol.zones.zone_file",
    "alerts.patrol.zones.model",
    "alerts.season.plan_sheets",
    "alerts.rules",
    "alerts.season.model",
    "alerts.sources.cap",
    "alerts.sources.gauges",
    "alerts.sources.hotspot_clusters",
    "alerts.sources.hotspot_feeds",
    "alerts.sources.hotspots",
    "bot.board.drawing",
    "contacts.board_links",
    "bot.telegram.pacing",
    "contacts.access",
    "contacts.divisions.gazetteer",
    "contacts.duty",
    "contacts.people",
    "contacts.targeting",
    "data.geo.boundaries",
    "data.geo.nearest",
    "data.geo.zone_geometry",
]
IO = {
    "aiohttp",
    "apscheduler",
    "asyncio",
    "httpx",
    "logging",
    "os",
    "random",
    "requests",
    "secrets",
    "socket",
    "sqlalchemy",
    "sqlite3",
    "subprocess",
    "threading",
    "time",
    "urllib",
}


def module_files() -> Iterator[tuple[str, Path]]:
    """Every module of the product by its dotted name."""
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" in file.parts:
                continue
            parts = file.relative_to(ROOT).with_suffix("").parts
            yield ".".join(part for part in parts if part != "__init__"), file


MODULES = dict(module_files())


def imported(file: Path) -> set[str]:
    """The full names a file imports, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


def roots(file: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(file)}


@pytest.mark.parametrize("name", [name for name in PURE if name in MODULES])
def test_pure_modules_do_no_io_and_hold_no_clock(name: str) -> None:
    assert roots(MODULES[name]) & (IO | {"telegram"}) == set()
    assert clock_calls(MODULES[name]) == []


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("bot.views")])
def test_views_only_turn_facts_into_text_and_pictures(name: str) -> None:
    # telegram's keyboard classes are plain data, so a view may build them.
    assert roots(MODULES[name]) & IO == set()
    assert clock_calls(MODULES[name]) == []


def clock_calls(file: Path) -> list[str]:
    """``datetime.now()`` and its like."""
    return [
        f"{file.name}:{node.lineno}"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
        if isinstance(node.value, (ast.Name, ast.Attribute))
        if getattr(node.value, "id", getattr(node.value, "attr", "")) in {"datetime", "date"}
    ]


def test_sql_is_written_in_data_and_the_stores_only() -> None:
    strangers = [
        name
        for name, file in MODULES.items()
        if "sqlalchemy" in roots(file)
        and not name.startswith("data.")
        and not (name.startswith(("alerts.", "contacts.")) and name.endswith(("store", "_store")))
    ]
    assert strangers == []


def test_no_clock_below_the_edge() -> None:
    clocks = [
        call
        for name, file in MODULES.items()
        if not name.startswith("bot")
        for call in clock_calls(file)
    ]
    assert clocks == []


def test_files_have_one_idea_each() -> None:
    long = [
        f"{name} ({lines} lines)"
        for name, file in MODULES.items()
        if ".migrations.versions." not in name  # a revision is generated and never edited
        and (lines := len(file.read_text(encoding="utf-8").splitlines())) > 500
    ]
    assert long == []
    vague = [
        name for name in MODULES if {"utils", "helpers", "manager", "misc"} & set(name.split("."))
    ]
    assert vague == []
