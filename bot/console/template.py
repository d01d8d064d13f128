"""``jiaoying template people AREA -o F.xlsx``: a list to be filled in, with the villages in it."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import TextIO

from bot.config.settings import Settings
from bot.locale import translator
from bot.services.opening import open_for_command
from contacts.divisions.gazetteer import Found
from contacts.divisions.store import known_divisions
from data.private_files import write_private


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser."""
    words = "空白名单，村名和代码已填好 / a list to fill in, with villages and codes"
    verb = verbs.add_parser("template", help=words, description=words)
    verb.add_argument("kind", choices=["people"], help="名单的种类 / what it lists")
    verb.add_argument("area", help="区划代码或名称 / code or name")
    verb.add_argument("-o", "--output", type=Path, required=True, help="XLSX")
    verb.add_argument("--language", choices=("zh", "en"), default="zh", help="语言 / language")
    verb.set_defaults(func=_run)


def _run(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    _ = translator(arguments.language)
    with closing(open_for_command(settings)) as database:
        gazetteer = database.read(known_divisions)
    found = gazetteer.find(arguments.area)
    if found.division is None:
        unclear = found.outcome is Found.AMBIGUOUS
        words = _("“{text}”有多处，请用代码：") if unclear else _("没有区划“{text}”")
        out.write(words.format(text=arguments.area) + "\n")
        for candidate in found.candidates:
            out.write(f"  {candidate.division.code} {candidate.path}\n")
        return 1
    # Here: openpyxl takes longer to load than most commands run.
    from bot.views.roster.template_sheet import people_template

    content, villages = people_template(gazetteer, found.division.code)
    try:
        write_private(arguments.output, content)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        text = _("写不了 {file}：{reason}")
        out.write(text.format(file=arguments.output, reason=reason) + "\n")
        return 1
    text = _("已写好 {area} {villages} 个村、社区的空白名单：{file}")
    area = gazetteer.path(found.division.code)
    out.write(text.format(area=area, villages=villages, file=arguments.output) + "\n")
    return 0
