"""Templates as files: what ships is sound; what is wrong is refused by its line; written back."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.model import RESPONSES, WARNED_OF, Hazard, Level
from alerts.template_files.faults import BadTemplate, TemplateFault
from alerts.template_files.files import bad_files, files_of
from alerts.template_files.lists import (
    read_list,
    read_scope_lines,
    read_task_lines,
    scope_lines,
    task_lines,
    write_list,
)
from alerts.template_files.model import Folders, Origin, TemplateKind, read_template
from alerts.template_files.warnings import read_warning, texts_typed, write_warning
from bot.config.settings import Settings
from bot.config.settings_handbook import TemplateSettings
from bot.console.running import _say_what_is_wrong
from bot.views.template_problems import FAULTS, bad_template_line
from tests.every_case import hold_for_every

HAIL = """hazard = "hail"

[[text]]  # 红
level = "red"
text = \"\"\"
将出现冰雹，
level = "这一行是正文"
立即进屋。\"\"\"

[[text]]
level = "橙"
text = "进屋"

[[text]]
level = "黄色"
text = '少出门'

[[text]]
level = "blue"
text = "留意"
"""

T = TemplateFault
USED = {"flood-move", "geological-move", "reservoir-move", "forest-fire"}
BAD = {
    HAIL.replace('"hail"', '"earthquake"'): (T.UNKNOWN_HAZARD, 1),
    HAIL.replace('hazard = "hail"\n', "\n"): (T.MISSING_FIELD, 1),
    HAIL.replace('hazard = "hail"', 'hazard = "hail"\nsender = "我"'): (T.UNKNOWN_FIELD, 2),
    HAIL.replace('"橙"', '"紫"'): (T.UNKNOWN_LEVEL, 11),
    HAIL.replace('text = "进屋"', 'texts = "进屋"'): (T.UNKNOWN_FIELD, 12),
    HAIL.replace('text = "进屋"', ""): (T.MISSING_FIELD, 10),
    HAIL.replace('text = "进屋"', 'text = " "'): (T.NO_TEXT, 12),
    HAIL.replace('text = "进屋"', "text = 5"): (T.WRONG_TYPE, 12),
    HAIL.replace('"进屋"', f'"{"进" * 501}"'): (T.TEXT_TOO_LONG, 12),
    HAIL.replace('"blue"', '"黄"'): (T.MISSING_FIELD, 1),  # nothing is left for 蓝
    HAIL.replace('text = "进屋"', 'text = "进屋'): (T.NOT_TOML, 12),
    HAIL.replace("[[text]]  # 红", "[text]"): (T.NOT_TOML, 10),
    f"{'.'.join('a' * 20_000)} = 1\n{HAIL}": (T.NOT_TOML, 1),  # seconds for the parser
    "text = 3\n" + HAIL.partition("[[")[0]: (T.WRONG_TYPE, 1),
    HAIL + '[[text]]\nlevel = "red"\ntext = "再一段"\n' * 8: (T.TOO_MANY, 42),
    "#" * 64_001: (T.TOO_LARGE, 1),
}


def refusal_of(content: str | bytes, file: str = "hail.toml") -> BadTemplate:
    with pytest.raises(BadTemplate) as raised:
        read_warning(content, file)
    return raised.value


def test_a_bad_template_is_refused_with_its_line() -> None:
    def refused(text: str) -> None:
        error = refusal_of(text)
        assert (error.fault, error.line) == BAD[text], (error.fault, error.line)
        for language in ("zh", "en"):
            line = bad_template_line(error, language)
            assert "hail.toml" in line and "{" not in line

    hold_for_every(BAD, refused)
    assert refusal_of(HAIL.encode() + b"#\xff").line == 21
    with pytest.raises(BadTemplate) as raised:
        read_template(TemplateKind.WARNING, "gale", HAIL)
    assert raised.value.fault is T.OTHER_NAME and raised.value.facts["value"] == "hail.toml"
    assert FAULTS.keys() == set(TemplateFault)


LIST = """title = "山洪红色"
hazards = ["山洪灾害", "rainstorm"]
levels = ["红"]
enabled = true

[[task]]
tier = "村"
role = "包保责任人"
title = "逐户叫醒"
minutes = 30
evidence = ["照片"]

[[task]]
tier = "county"
role = "duty_officer"
title = "汇总"
measure = "缺谁"
minutes = 60
list = "整改"
"""
BAD_LISTS = {
    LIST.replace("minutes = 30", "minutes = -5"): (T.MINUTES, 10),
    LIST.replace("minutes = 30", "minutes = 0"): (T.MINUTES, 10),
    LIST.replace("minutes = 30", "minutes = 43201"): (T.MINUTES, 10),
    LIST.replace("minutes = 30", 'minutes = "30"'): (T.WRONG_TYPE, 10),
    LIST.replace("minutes = 30", "minutes = true"): (T.WRONG_TYPE, 10),
    LIST.replace("minutes = 30\n", ""): (T.MISSING_FIELD, 6),
    LIST.replace('title = "逐户叫醒"', 'title = ""'): (T.NO_TEXT, 9),
    LIST.replace('"山洪灾害"', '"地震"'): (T.UNKNOWN_HAZARD, 2),
    LIST.replace('["红"]', '["紫"]'): (T.UNKNOWN_LEVEL, 3),
    LIST.replace('["红"]', "[]"): (T.MISSING_FIELD, 3),
    LIST.replace('"村"', '"屯"'): (T.UNKNOWN_TIER, 7),
    LIST.replace('"包保责任人"', '"村霸"'): (T.UNKNOWN_ROLE, 8),
    LIST.replace('"照片"', '"表情"'): (T.UNKNOWN_EVIDENCE, 11),
    LIST.replace('"整改"', '"备忘"'): (T.UNKNOWN_LIST, 19),
    LIST.replace("measure", "how"): (T.UNKNOWN_FIELD, 17),
    LIST.partition("[[")[0]: (T.MISSING_FIELD, 1),
}


def test_a_bad_list_is_refused_with_its_line() -> None:
    def refused(text: str) -> None:
        with pytest.raises(BadTemplate) as raised:
            read_list(text, "flood-move.toml")
        error = raised.value
        assert (error.fault, error.line) == BAD_LISTS[text], (error.fault, error.line)
        assert all("{" not in bad_template_line(error, one) for one in ("zh", "en"))

    hold_for_every(BAD_LISTS, refused)


def test_an_office_may_do_without_the_shipped_lists(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "own.toml").write_text(LIST, encoding="utf-8")
    without = Folders(templates=str(tmp_path), shipped_lists=False)
    found = files_of(TemplateKind.LIST, without).templates
    assert {key for key, template in found.items() if template.task_list.enabled} == {"own"}
    for template in found.values():  # its text says so, too
        assert read_template(TemplateKind.LIST, template.key, template.body) == template.content


def test_a_task_is_copied_changed_and_read_again() -> None:
    read = read_list(LIST, "flood-move.toml")
    assert read_list(write_list(read), "x.toml") == read
    for template in files_of(TemplateKind.LIST, Folders()).templates.values():
        tasks = template.task_list
        # What ships in use moves people out of a place in danger; what comes wide and often waits.
        assert tasks.enabled is (template.key in USED)
        assert not (tasks.enabled and tasks.levels & {Level.YELLOW, Level.BLUE})
        for task in (*template.task_list.tasks, *read.tasks):
            assert read_task_lines(task_lines(task), "x") == task
    said = task_lines(read.tasks[0])
    cases = {
        said.replace("30分钟", "2小时"): 120,
        said.replace("30分钟", "1天内"): 1440,
        said.replace("30分钟", " 45 "): 45,
        said.replace("：", ": ").replace("佐证: 照片", "佐证: 无"): 30,
    }
    assert {text: read_task_lines(text, "x").minutes for text in cases} == cases
    bad = {
        said.replace("30分钟", "很快"): (T.MINUTES, 5),
        said.replace("30分钟", "-5分钟"): (T.MINUTES, 5),
        said.replace("时限", "期限"): (T.UNKNOWN_FIELD, 5),
        said + "\n谢谢": (T.NOT_A_FIELD, 8),
        said + "\n时限：5": (T.FIELD_TWICE, 8),
        said.replace("包保责任人", "村霸"): (T.UNKNOWN_ROLE, 4),
        said.replace("事项：逐户叫醒", ""): (T.MISSING_FIELD, 1),
    }

    def refused(text: str) -> None:
        with pytest.raises(BadTemplate) as raised:
            read_task_lines(text, "x")
        assert (raised.value.fault, raised.value.line) == bad[text]

    hold_for_every(bad, refused)
    with pytest.raises(BadTemplate) as raised:
        read_task_lines(said.replace("时限：30分钟", ""), "x")
    assert "缺「时限」" in bad_template_line(raised.value, "zh")
    scope = scope_lines(read)
    assert scope == "名称：山洪红色\n灾种：暴雨、山洪\n等级：红"
    assert read_scope_lines(scope, "x", read) == read
    wider = read_scope_lines(scope.replace("等级：红", "等级：红、橙色"), "x", read)
    assert wider.levels == {Level.RED, Level.ORANGE} and wider.tasks == read.tasks
    for text, wanted in {
        scope.replace("山洪", "地震"): (T.UNKNOWN_HAZARD, 2),
        scope.replace("等级：红", "等级："): (T.MISSING_FIELD, 3),
        scope.replace("名称", "名字"): (T.UNKNOWN_FIELD, 1),
    }.items():
        with pytest.raises(BadTemplate) as raised:
            read_scope_lines(text, "x", read)
        assert (raised.value.fault, raised.value.line) == wanted


def test_what_is_written_is_read_again() -> None:
    read = read_warning(HAIL, "hail.toml")
    assert read.texts[Level.RED] == ('将出现冰雹，\nlevel = "这一行是正文"\n立即进屋。',)
    assert read.texts[Level.ORANGE] == ("进屋",)
    odd = {**read.texts, Level.BLUE: ('说"三"\\遍\n再说\'\'\'四"""遍', "一")}
    again = read_warning(write_warning(read.hazard, odd), "hail.toml")
    assert again.texts == odd
    assert texts_typed("一\n 二 \n\n\n  \n三\r\n", "x") == ("一\n二", "三")
    typed = {
        " \n": (T.NO_TEXT, 1),
        "一\n\n" + "长" * 501: (T.TEXT_TOO_LONG, 3),
        "一\n\n" * 9: (T.TOO_MANY, 17),
    }
    for text, wanted in typed.items():
        with pytest.raises(BadTemplate) as raised:
            texts_typed(text, "x")
        assert (raised.value.fault, raised.value.line) == wanted


def test_what_ships_is_sound_and_whole() -> None:
    found = files_of(TemplateKind.WARNING, Folders())
    assert found.bad == ()
    assert found.templates.keys() == {hazard.value for hazard in (*WARNED_OF, *RESPONSES)}
    for template in found.templates.values():
        assert template.origin is Origin.SHIPPED
        body = write_warning(template.texts.hazard, template.texts.texts)
        assert read_warning(body, "x.toml") == template.texts


def test_an_own_folder_is_above_the_shipped_and_its_mistakes_are_told(tmp_path: Path) -> None:
    own = tmp_path / "warnings"
    own.mkdir()
    (own / "hail.toml").write_text(HAIL, encoding="utf-8")
    (own / "gale.toml").write_text(HAIL, encoding="utf-8")
    folders = Folders(templates=str(tmp_path))
    found = files_of(TemplateKind.WARNING, folders).templates
    assert found["hail"].origin is Origin.FOLDER
    assert found["gale"].origin is Origin.SHIPPED
    assert found["hail"].texts.texts[Level.BLUE] == ("留意",)
    assert found["rainstorm"].texts.hazard is Hazard.RAINSTORM
    assert [(fault.file, fault.fault) for fault in bad_files(folders)] == [
        ("gale.toml", T.OTHER_NAME)
    ]
    assert bad_files(Folders()) == []


def test_a_start_names_the_own_files_that_are_refused(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "mine.toml").write_text(LIST.replace("30", "-3"), encoding="utf-8")
    settings = replace(Settings(), templates=TemplateSettings(str(tmp_path)))
    said = io.StringIO()
    _say_what_is_wrong(settings, said)
    assert "没有用：mine.toml 第 10 行" in said.getvalue() and "not used" in said.getvalue()
    nothing = io.StringIO()
    _say_what_is_wrong(Settings(), nothing)
    assert nothing.getvalue() == ""
