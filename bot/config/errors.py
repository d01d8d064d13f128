"""What can be wrong with a setting, said in Chinese and in English."""

from __future__ import annotations

from enum import Enum
from typing import Any

from data.errors import ConfigError


class SettingFault(Enum):
    """What is wrong with a setting."""

    UNREADABLE = "unreadable"
    NOT_TOML = "not_toml"
    UNKNOWN_KEY = "unknown_key"
    WRONG_TYPE = "wrong_type"
    NOT_ALLOWED = "not_allowed"
    MISSING = "missing"
    TWICE = "twice"


# Both languages at once, not by catalogue: a broken configuration is met before anybody has said
# which language they read.
_SENTENCES = {
    SettingFault.UNREADABLE: (
        "读不了配置文件：{detail}",
        "cannot read the configuration file: {detail}",
    ),
    SettingFault.NOT_TOML: ("不是合法的 TOML：{detail}", "not valid TOML: {detail}"),
    SettingFault.UNKNOWN_KEY: (
        "没有“{key}”这个设置项{closest_zh}",
        'there is no setting "{key}"{closest_en}',
    ),
    SettingFault.WRONG_TYPE: (
        "“{key}”应为{wanted_zh}，现为 {value}",
        '"{key}" must be {wanted_en}, not {value}',
    ),
    SettingFault.NOT_ALLOWED: (
        "“{key}”应为{wanted_zh}，现为 {value}",
        '"{key}" must be {wanted_en}, not {value}',
    ),
    SettingFault.MISSING: ("缺少“{key}”：{wanted_zh}", '"{key}" is missing: {wanted_en}'),
    SettingFault.TWICE: ("“{key}”里 {value} 出现了两次", '{value} stands twice in "{key}"'),
}


class SettingError(ConfigError):
    """``str(error)`` is for the operator: a Chinese line, then the same in English."""

    def __init__(self, fault: SettingFault, where: str, **facts: Any) -> None:
        super().__init__(fault, where=where, **facts)
        self.where = where
        zh, en = _SENTENCES[fault]
        self.chinese = f"配置有误（{where}）：{zh.format(**facts)}。"
        self.english = f"Configuration error ({where}): {en.format(**facts)}."

    def __str__(self) -> str:
        return f"{self.chinese}\n{self.english}"
