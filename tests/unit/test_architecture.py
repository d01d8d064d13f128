"""Rules of the design that import-linter cannot check, read from the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "alerts", "contacts", "data")

IO = {
    "aiohttp",
    "apscheduler",
    "asyncio",
    "httpx",
    "logging",
    "os",
    "requests",
    "secrets",
    "socket",
    "sqlalchemy",
    "sqlite3",
    "subprocess",
    "telegram",
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
SAYS_PURE = re.compile(r"\b[Pp]ure[.;:]")


def is_pure(name: str) -> bool:
    """Whether the first paragraph of its docstring, or of a package around it, says "Pure."."""
    parts = name.split(".")
    around = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
    texts = (ast.get_docstring(parsed(MODULES[module])) for module in around)
    return any(SAYS_PURE.search(text.partition("\n\n")[0]) for text in texts if text)


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    """All there is in a file: each walk takes as long as the parsing."""
    return tuple(ast.walk(parsed(file)))


def imported(file: Path) -> set[str]:
    """The full names a file imports, inside functions too."""
    names: set[str] = set()
    for node in nodes(file):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


def roots(file: Path) -> set[str]:
    """The packages it imports; ``urllib.parse`` only takes addresses apart."""
    return {name.partition(".")[0] for name in imported(file) - {"urllib.parse"}}


def chance(file: Path) -> set[str]:
    """What it takes from ``random``, but for ``Random``: a seeded generator is an argument."""
    taken = {
        alias.name
        for node in nodes(file)
        if isinstance(node, ast.ImportFrom) and node.module == "random"
        for alias in node.names
    }
    whole = {
        alias.name for node in nodes(file) if isinstance(node, ast.Import) for alias in node.names
    }
    return (taken - {"Random"}) | (whole & {"random"})


def test_pure_modules_do_no_io_and_hold_no_clock() -> None:
    pure = {name: file for name, file in MODULES.items() if is_pure(name)}
    assert len(pure) > 100
    reaching_out = {name: roots(file) & IO for name, file in pure.items()}
    assert {name: found for name, found in reaching_out.items() if found} == {}
    assert [name for name, file in pure.items() if chance(file)] == []
    assert [call for file in pure.values() for call in clock_calls(file)] == []


def test_what_is_made_to_be_pure_says_so() -> None:
    """The rules of a folder, and the packages that turn facts into words or back."""
    rules = [name for name in MODULES if name.endswith(".model")]
    packages = ["bot.actions", "bot.compose", "bot.views"]
    assert [name for name in rules + packages if not is_pure(name)] == []


def clock_calls(file: Path) -> list[str]:
    """``datetime.now()`` and its like."""
    return [
        f"{file.name}:{node.lineno}"
        for node in nodes(file)
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
