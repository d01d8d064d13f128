"""The verbs about the roster: ``import``, ``check``, ``sheets``, ``card``.

Each is a function of (arguments, settings, output) and returns the exit code: 0, or 1 when nothing
was done and the output says why. This file holds their grammar. What does the work is loaded when
the command is understood: that takes longer than to understand it, and a long file is read
meanwhile.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot.console.import_kinds import BY_WORD, help_lines
from bot.locale import translator
from contacts.roster.book_apart import being_read
from contacts.roster.columns import RosterKind

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from contacts.roster.sheet import Book
    from data.database import Database

Opener = Callable[["Settings"], "Database"]


def open_database(settings: Settings) -> Database:
    """The configured database, as it is."""
    from data.database import Database

    return Database(settings.database.url, synchronous=settings.database.synchronous)


def register(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser],
    opener: Opener | None = None,
) -> None:
    """Add the parsers. Each sets ``func``, called with (arguments, settings, output).

    :param opener: how to open the database; left out, it is upgraded first.
    """

    def add(
        name: str,
        words: str,
        verb: Callable[[argparse.Namespace, Settings, TextIO, Database], int],
    ) -> argparse.ArgumentParser:
        parser = subparsers.add_parser(name, help=words, description=words)
        parser.add_argument(
            "--language", choices=("zh", "en"), default="zh", help="语言 / language of the answer"
        )

        def run(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
            from bot.services.opening import open_for_command
            from data.schema import missing_tables

            with closing((opener or open_for_command)(settings)) as database:
                if database.read(missing_tables):
                    _ = translator(arguments.language)
                    out.write(_("数据库还没有建好：请先运行 jiaoying db upgrade") + "\n")
                    return 1
                return verb(arguments, settings, out, database)

        parser.set_defaults(func=run)
        return parser

    importing = add("import", "导入文件：名册、转移卡、任务等 / import a file", _import)
    importing.set_defaults(begin=_begin_reading, begun=None)
    importing.epilog = f"KIND:\n{help_lines()}"
    importing.formatter_class = argparse.RawDescriptionHelpFormatter
    importing.add_argument(
        "kind", choices=list(BY_WORD), metavar="KIND", help="导入什么，见下 / what the file holds"
    )
    importing.add_argument("file", type=Path, help="CSV、XLSX、XLS、ET；GeoJSON / list or drawing")
    importing.add_argument(
        "--dry-run", action="store_true", help="只看会改什么，不写入 / show, write nothing"
    )
    importing.add_argument(
        "--role",
        help="people: 没写角色的都是什么人，如 护林员 / role where none is said",
    )
    importing.add_argument(
        "--area",
        help="people, evacuation: 都是哪里的；templates: 给哪个区划用"
        " / the area that all rows lie in; the division that uses the templates",
    )
    importing.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="写法=列名",
        help="people: 表里的列是什么，如 联络员=姓名 / what a column of the file holds",
    )
    for name, words in (
        ("--successor", "people: 号码换了人 / the number has another owner"),
        ("--correction", "people: 只是改正名字 / only the name was corrected"),
        ("--return", "people: 离任的人回来了 / who left is back"),
    ):
        importing.add_argument(name, action="append", default=[], metavar="PHONE", help=words)
    importing.add_argument(
        "--retire-missing",
        action="store_true",
        help="people: 停用 --area 内文件里没有的人 / retire those of the area not in the file",
    )
    importing.add_argument(
        "--threshold",
        type=int,
        help="people: 最多停用百分之几 / most that may be retired, per cent",
    )
    importing.add_argument(
        "--all-posts",
        action="store_true",
        help="people: 文件列出了所列人员的全部职务，没列的即免去 / they hold no other posts",
    )
    importing.add_argument(
        "--yes", action="store_true", help="对所问的都同意 / agree to what is asked about"
    )
    importing.add_argument(
        "--replace",
        action="store_true",
        help="boundaries: 代替现用的全部边界 / instead of all boundaries in use",
    )
    importing.add_argument(
        "--gcj02",
        action="store_true",
        help="图是在国内地图上画的（GCJ-02）/ drawn on a Chinese web map",
    )
    for name, words in (
        ("--households", "evacuation: 户名单 / who lives where"),
        ("--routes", "evacuation: 路线 / routes: GeoJSON, KML, GPX"),
        ("--flood-zones", "evacuation: 淹没区 / land that floods: GeoJSON, KML"),
    ):
        importing.add_argument(name, action="append", default=[], type=Path, help=words)
    checking = add("check", "哪些村联系不上 / who cannot be reached", _check)
    checking.add_argument("division", nargs="?", help="区划代码或名称 / code or name")
    checking.add_argument("-o", "--output", type=Path, help="XLSX")
    checking.add_argument("--all", action="store_true", help="列出全部 / name every village")
    checking.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    sheets = add("sheets", "打印绑定二维码 / printable QR invitations", _sheets)
    sheets.add_argument("division", help="区划代码或名称 / code or name")
    sheets.add_argument("--output", type=Path, required=True, help="PDF")
    sheets.add_argument(
        "--bot-username", help="机器人用户名；不写则按区划取 / the bot's @name; else by division"
    )
    sheets.add_argument(
        "--all", action="store_true", help="已绑定的也打印 / those already linked, too"
    )

    card = add("card", "转移卡：图或一页 A4 / an evacuation card: map or page", _card)
    card.add_argument("village", help="村（代码或名称）/ code or name")
    card.add_argument("--place", default="", help="屯、组或隐患点 / settlement or hazard point")
    card.add_argument("-o", "--output", type=Path, required=True, help="PDF, PNG")


def _import(
    arguments: argparse.Namespace, settings: Settings, out: TextIO, database: Database
) -> int:
    imports = BY_WORD[arguments.kind].imports()
    return imports(arguments, settings, out, database, datetime.now(UTC))


def _card(
    arguments: argparse.Namespace, settings: Settings, out: TextIO, database: Database
) -> int:
    from bot.console.evacuation import draw_card

    return draw_card(arguments, settings, out, database)


def _begin_reading(
    arguments: argparse.Namespace,
) -> AbstractContextManager[Callable[[], Book] | None]:
    listed = arguments.kind in {kind.value for kind in RosterKind}
    return being_read(arguments.file) if listed else nullcontext()


def _check(
    arguments: argparse.Namespace, settings: Settings, out: TextIO, database: Database
) -> int:
    from bot.console.coverage import check

    return check(arguments, settings, out, database)


def _sheets(
    arguments: argparse.Namespace, settings: Settings, out: TextIO, database: Database
) -> int:
    from bot.console.invitations import sheets

    return sheets(arguments, settings, out, database)
