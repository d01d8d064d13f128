"""The verbs about the roster: ``import``, ``check``, ``sheets``.

Each is a function of (arguments, settings, output) and returns the exit code: 0, or 1 when nothing
was done and the output says why.
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import orjson

from alerts.accounts import ask_for_proof, tell_left, tell_linked_by_file, tell_post_taken
from alerts.plans.sheets import PlanKind
from bot.config.rules import all_rules
from bot.config.settings import Settings
from bot.console.divisions import division_meant
from bot.console.progress import progress
from bot.locale import translator
from bot.services.opening import open_for_command
from bot.views.rare_characters import rare_character_lines
from bot.views.roster.coverage import LISTED, readiness_lines
from bot.views.roster.coverage_facts import readiness_facts
from bot.views.roster.import_text import BadOption, boundary_lines, file_problem_text, report_lines
from bot.views.vocabulary import held_name
from contacts import bot_store
from contacts.access_log_store import note_by_command
from contacts.bots import nearest
from contacts.coverage_store import readiness
from contacts.divisions.boundary_file import boundaries_path, import_boundaries
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import known_divisions, load_gazetteer
from contacts.linking import hand_out
from contacts.people import Person
from contacts.people_store import people_within
from contacts.phones import normalise
from contacts.roster.columns import ROLE_WORDS, RosterKind, word
from contacts.roster.comings import THRESHOLD, Spoken
from contacts.roster.importing import import_file
from contacts.roster.reading.headings import Field, heading, plain
from contacts.roster.reading.people_list import Defaults
from data.audit import Entry, append
from data.database import Database
from data.errors import InvalidInput
from data.private_files import write_private
from data.schema import missing_tables

if TYPE_CHECKING:
    from bot.views.roster.invitation_sheet import Invitation

Opener = Callable[[Settings], Database]
BOUNDARIES = "boundaries"
PATROL_FILES = ("zones", *(plan.value for plan in PlanKind))


def open_database(settings: Settings) -> Database:
    """The configured database, as it is."""
    return Database(settings.database.url, synchronous=settings.database.synchronous)


def register(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser],
    opener: Opener = open_for_command,
) -> None:
    """Add the parsers. Each sets ``func``, called with (arguments, settings, output).

    :param opener: how to open the database; the command line's upgrades it first.
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
            with closing(opener(settings)) as database:
                if database.read(missing_tables):
                    _ = translator(arguments.language)
                    out.write(_("数据库还没有建好：请先运行 jiaoying db upgrade") + "\n")
                    return 1
                return verb(arguments, settings, out, database)

        parser.set_defaults(func=run)
        return parser

    importing = add("import", "导入通讯录文件 / import a roster file", _import)
    kinds = [*(kind.value for kind in RosterKind), BOUNDARIES, *PATROL_FILES]
    importing.add_argument("kind", choices=kinds, help="导入什么 / what the file holds")
    importing.add_argument("file", type=Path, help="CSV、XLSX、XLS、ET；GeoJSON / list or drawing")
    importing.add_argument(
        "--dry-run", action="store_true", help="只看会改什么，不写入 / show, write nothing"
    )
    importing.add_argument(
        "--role",
        help="people: 没写角色的都是什么人，如 护林员 / role where none is said",
    )
    importing.add_argument(
        "--area", help="people: 都是哪里的（代码或名称）/ the area that all rows lie in"
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
        default=THRESHOLD,
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
        help="boundaries, zones: 由 GCJ-02 换算为 WGS-84 / drawn on a Chinese web map",
    )
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


def _import(
    arguments: argparse.Namespace, settings: Settings, out: TextIO, database: Database
) -> int:
    now = datetime.now(UTC)
    language: str = arguments.language
    if arguments.kind in PATROL_FILES:
        # Here: what draws zones takes longer to load than a short list of persons to import.
        from bot.console.patrol import import_patrol

        return import_patrol(
            database,
            settings,
            arguments.kind,
            arguments.file,
            now,
            out,
            language=language,
            gcj02=arguments.gcj02,
            dry_run=arguments.dry_run,
        )
    try:
        if arguments.kind == BOUNDARIES:
            target = boundaries_path(settings.database.url, Path.cwd())
            with progress(str(arguments.file.name)):
                drawn = import_boundaries(
                    database,
                    arguments.file,
                    target,
                    now,
                    gcj02=arguments.gcj02,
                    dry_run=arguments.dry_run,
                    instead=arguments.replace,
                    agreed=arguments.yes,
                )
            gazetteer = database.read(known_divisions)
            out.writelines(line + "\n" for line in boundary_lines(drawn, gazetteer, language))
            return 1 if drawn.vanishing and not (drawn.agreed or drawn.dry_run) else 0
        with _uncollected(), progress(str(arguments.file.name)) as told:
            report = import_file(
                database,
                RosterKind(arguments.kind),
                arguments.file,
                now,
                zone=settings.time.info,
                dry_run=arguments.dry_run,
                said=_said(arguments, database),
                spoken=_spoken(arguments),
                all_posts=arguments.all_posts,
                agreed=arguments.yes,
                told=told,
                after_leaving=tell_left,
                after_linking=tell_linked_by_file,
                after_losing=tell_post_taken,
                after_gaining=ask_for_proof,
            )
    except InvalidInput as error:
        out.write(file_problem_text(error, language) + "\n")
        return 1
    out.writelines(line + "\n" for line in report_lines(report, language))
    return 1 if report.problems.total or (report.unanswered and not report.dry_run) else 0


@contextmanager
def _uncollected() -> Iterator[None]:
    """Python does not look for rubbish: a long file makes none that refers to itself, and looking
    through its rows again and again is a tenth of the time (measured with 46,000)."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _said(arguments: argparse.Namespace, database: Database) -> Defaults:
    """What the options say of a whole file.

    :raises InvalidInput: with a ``BadOption``.
    """
    role = None
    if arguments.role:
        role = word(ROLE_WORDS, arguments.role)
        if role is None:
            raise InvalidInput(BadOption.ROLE, text=arguments.role)
    area = ""
    if arguments.area:
        found = database.read(known_divisions).find(arguments.area)
        if found.division is None:
            near = "、".join(f"{place.division.code} {place.path}" for place in found.candidates)
            raise InvalidInput(BadOption.AREA, text=arguments.area, near=near)
        area = found.division.code
    columns = {}
    for given in arguments.column:
        written, _equals, meant = given.rpartition("=")
        held = heading(meant).field
        if not written or held in (Field.UNKNOWN, Field.NOTHING):
            raise InvalidInput(BadOption.COLUMN, text=given)
        columns[plain(written)] = held
    return Defaults(role, area, columns)


def _spoken(arguments: argparse.Namespace) -> Spoken:
    """What the options say of single persons.

    :raises InvalidInput: a number that is none, or RETIRE_WHERE: --area is missing.
    """
    if arguments.retire_missing and not arguments.area:
        raise InvalidInput(BadOption.RETIRE_WHERE)
    successors, corrections, returning = (
        frozenset(normalise(phone) for phone in phones)
        for phones in (arguments.successor, arguments.correction, getattr(arguments, "return"))
    )
    return Spoken(successors, corrections, returning, arguments.retire_missing, arguments.threshold)


def _check(
    arguments: argparse.Namespace, settings: Settings, out: TextIO, database: Database
) -> int:
    gazetteer = database.read(load_gazetteer)
    area = None
    if arguments.division:
        division = division_meant(gazetteer, arguments.division, arguments.language, out)
        if division is None:
            return 1
        area = division.code
    families = all_rules(settings).warnings.called
    ready = database.read(lambda connection: readiness(connection, families, area))
    most = None if arguments.all else LISTED
    now, zone, language = datetime.now(UTC), settings.time.info, arguments.language
    if arguments.output is not None:
        # Here: openpyxl takes longer to load than most commands run.
        from bot.views.roster.coverage_sheet import coverage_sheet

        with progress(translator(language)("正在写表")) as tell:
            content = coverage_sheet(ready, gazetteer, language, area, now, zone, tell)
        entry = Entry("coverage.written", "roster", detail={"file": arguments.output.name})
        database.do(lambda c: append(c, now, [entry]))  # first: it names people
        if not _written(arguments.output, content, language, out):
            return 1
    if arguments.json:
        facts = readiness_facts(ready, now, area)
        out.write(orjson.dumps(facts).decode() + "\n")
        return 0
    lines = readiness_lines(ready, gazetteer, language, now, zone, area=area, most=most)
    out.writelines(line + "\n" for line in lines)
    return 0


def _written(file: Path, content: bytes, language: str, out: TextIO) -> bool:
    """Whether the file could be written; if not, that is said."""
    try:
        write_private(file, content)
    except OSError as error:
        text = translator(language)("写不了 {file}：{reason}")
        reason = error.strerror or type(error).__name__
        out.write(text.format(file=file, reason=reason) + "\n")
        return False
    return True


def _sheets(
    arguments: argparse.Namespace, settings: Settings, out: TextIO, database: Database
) -> int:
    _ = translator(arguments.language)
    gazetteer = database.read(load_gazetteer)
    division = division_meant(gazetteer, arguments.division, arguments.language, out)
    if division is None:
        return 1
    people = database.read(lambda connection: people_within(connection, division.code))
    wanted = [person for person in people if arguments.all or person.telegram_id is None]
    if not wanted:
        out.write(_("{name}没有需要绑定的人员。").format(name=gazetteer.name(division.code)) + "\n")
        return 1
    serving = database.read(bot_store.serving)
    names = {}
    for person in wanted:
        of_division = nearest(person.division_code, serving)
        names[person.id] = arguments.bot_username or (of_division.username if of_division else "")
    if not all(names.values()):
        out.write(
            _("还不知道机器人的用户名：请先运行一次 jiaoying run，或写 --bot-username。") + "\n"
        )
        return 1
    # Here, for reportlab and segno take a tenth of a second: `run` shall not load them.
    from bot.views.roster.invitation_sheet import invitation_sheets, unprintable

    valid_for = timedelta(days=settings.linking.code_days)
    wanted = database.do(lambda c: hand_out(c, wanted, None, "sheet", datetime.now(UTC), valid_for))
    database.do(lambda c: note_by_command(c, [person.id for person in wanted], datetime.now(UTC)))
    cards = [_invitation(person, gazetteer, names[person.id]) for person in wanted]
    with progress(_("正在排版")) as tell:
        content = invitation_sheets(cards, tell)
    if not _written(arguments.output, content, arguments.language, out):
        return 1
    text = _("已为 {count} 人生成绑定二维码：{file}")
    out.write(text.format(count=len(cards), file=arguments.output) + "\n")
    rare = [(f"{card.name} {card.place}", marks) for card, marks in unprintable(cards)]
    out.writelines(line + "\n" for line in rare_character_lines(rare, arguments.language))
    return 0


def _invitation(person: Person, gazetteer: Gazetteer, bot_username: str) -> Invitation:
    from bot.views.roster.invitation_sheet import Invitation

    township = person.division_code
    if person.tier is Tier.VILLAGE:
        parent = gazetteer.parent(person.division_code)
        township = parent.code if parent else person.division_code
    return Invitation(
        name=person.name,
        phone=person.phone,
        post=held_name(person, "zh"),
        place=gazetteer.path(person.division_code),
        township=gazetteer.path(township),
        code=person.invite_code,
        bot_username=bot_username,
    )
