"""What ``jiaoying import`` takes: a row for each kind of file.

The command's choices, its help and the table of docs/imports.md are made of these rows.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from data.database import Database

    Verb = Callable[[argparse.Namespace, Settings, TextIO, Database, datetime], int]


class ImportKind(NamedTuple):
    """One kind of file.

    :param verb: ``module.function`` in ``bot.console``: loaded when it is asked for, as it takes
        longer than to understand the command. A function of (arguments, settings, output,
        database, now) that returns the exit code.
    :param takes: the options it heeds beside ``--dry-run`` and ``--language``.
    :param page: the page of ``docs/`` that describes it.
    """

    word: str
    zh: str
    en: str
    files: str
    verb: str
    page: str
    takes: tuple[str, ...] = ()

    def imports(self) -> Verb:
        """What imports it."""
        module, _, function = self.verb.rpartition(".")
        found: Verb = getattr(import_module(f"bot.console.{module}"), function)
        return found


_TABLE = "CSV, XLSX, XLS, ET"
_PEOPLE = (
    "--role", "--area", "--column", "--successor", "--correction", "--return",
    "--retire-missing", "--threshold", "--all-posts", "--yes",
)  # fmt: skip
_CARDS = ("--households", "--routes", "--flood-zones", "--area", "--gcj02", "--yes")
_LIST = "roster_files.import_list"
_PATROL = "patrol.import_patrol"

IMPORT_KINDS = (
    ImportKind("divisions", "区划", "divisions", _TABLE, _LIST, "roster"),
    ImportKind("places", "点位", "places", _TABLE, _LIST, "roster"),
    ImportKind("people", "人员和职务", "people and posts", _TABLE, _LIST, "roster", _PEOPLE),
    ImportKind("groups", "工作群", "groups", _TABLE, _LIST, "roster"),
    ImportKind("duty", "值班表", "the duty plan", _TABLE, _LIST, "roster"),
    ImportKind(
        "boundaries", "边界", "boundaries", "GeoJSON", "roster_files.import_drawn", "roster",
        ("--replace", "--gcj02"),
    ),
    ImportKind(
        "stations", "水位、雨量站", "gauges and rain stations", _TABLE, "stations.import_stations",
        "water",
    ),
    ImportKind(
        "evacuation", "转移卡、户名单、路线、淹没区",
        "evacuation cards, households, routes, flood zones",
        f"{_TABLE}; GeoJSON, KML, GPX", "evacuation.import_evacuation", "evacuation", _CARDS,
    ),
    ImportKind("tasks", "任务", "tasks", _TABLE, "tasks.import_task_file", "tasks"),
    ImportKind(
        "templates", "预警用语、清单、手册、转移卡版式", "texts, lists, handbook cards, frames",
        "TOML, Markdown", "templates.import_templates", "handbook", ("--area",),
    ),
    ImportKind(
        "mechanism", "部门联动", "mechanisms of departments", "TOML",
        "templates.import_mechanisms", "mechanism",
    ),
    ImportKind("zones", "责任区、路线", "zones", "GeoJSON", _PATROL, "patrol", ("--gcj02",)),
    ImportKind(
        "heat-sources", "固定热源", "static heat sources", f"{_TABLE}; GeoJSON", _PATROL,
        "hotspots", ("--gcj02",),
    ),
    ImportKind(
        "rivers", "河段和沿岸村", "stretches of rivers", "GeoJSON, CSV, XLSX", _PATROL, "areas",
        ("--gcj02",),
    ),
    ImportKind("danger", "火险等级", "fire danger", _TABLE, _PATROL, "patrol"),
    ImportKind("season", "防火期", "fire seasons", _TABLE, _PATROL, "patrol"),
    ImportKind("shifts", "巡护班次", "patrol shifts", _TABLE, _PATROL, "patrol"),
    ImportKind("closed", "禁火期", "closed times", _TABLE, _PATROL, "patrol"),
)  # fmt: skip
"""In the order of the help."""

BY_WORD = {kind.word: kind for kind in IMPORT_KINDS}


def help_lines() -> str:
    """Each kind in a line, for the end of the command's help."""
    width = max(len(kind.word) for kind in IMPORT_KINDS)
    lines: list[str] = []
    for kind in IMPORT_KINDS:
        lines.append(f"  {kind.word:{width}}  {kind.zh} / {kind.en} ({kind.files})")
        lines += fill(" ".join(kind.takes), 76 - width).splitlines()
    return "\n".join(line if line[:2] == "  " else " " * (width + 4) + line for line in lines)


def table_lines() -> list[str]:
    """The rows of the table in ``docs/imports.md``."""
    return [
        f"| `{kind.word}` | {kind.zh} {kind.en} | {kind.files} |"
        f" {' '.join(f'`{option}`' for option in kind.takes) or '—'} |"
        f" [{kind.page}.md]({kind.page}.md) |"
        for kind in IMPORT_KINDS
    ]
