"""argparse whose errors are said in Chinese and in English, with what to do next."""

from __future__ import annotations

import argparse
import re
import sys
from typing import NoReturn

# What argparse says, and the same in Chinese; the parts in braces are its own.
_CHINESE = (
    (
        r"argument (.+?): invalid choice: (.+?) \(choose from (.+)\)",
        "{0} 没有 {1} 这一项，可用：{2}",
    ),
    (r"argument (.+?): invalid \w+ value: (.+)", "{0} 的值 {1} 不对"),
    (r"argument (.+?): expected .*argument.*", "{0} 后面要写一个值"),
    (r"argument (.+?): not allowed with argument (.+)", "{0} 和 {1} 只能写一个"),
    (r"the following arguments are required: (.+)", "还缺 {0}"),
    (r"unrecognized arguments: (.+)", "不认识 {0}"),
)


class Parser(argparse.ArgumentParser):
    """``argparse.ArgumentParser`` for people who read Chinese first; its sub-parsers are, too."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is; exit code 2 (wrong usage)."""
        for language in (
            f"{in_chinese(message)}。用法：{self.prog} --help",
            self._english(message),
        ):
            print(language, file=sys.stderr)
        sys.exit(2)

    def _english(self, message: str) -> str:
        return f"{message}. Usage: {self.prog} --help"


def in_chinese(message: str) -> str:
    """What argparse said, in Chinese; as it is where it says something else."""
    for pattern, chinese in _CHINESE:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found is not None:
            return chinese.format(*found.groups())
    return message
