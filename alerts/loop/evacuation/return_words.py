"""What a call home says, and what each has to do when it comes. Pure.

Every Chinese string is one entry of the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping

Lines = tuple[str, ...]

_OVER = "经核实险情已排除，可以组织群众返回。"
_CHECK = "返回前先查房屋、水电、道路，不安全的先不回。"
RETURN_TEXT = f"{_OVER}\n{_CHECK}"
"""What a call home says."""

_VILLAGE: Lines = (
    "逐户通知可以返回，老弱有人送到家",
    "进屋前查墙体、水电、道路，不安全不进",
    "都到家后按「已返回」，有没回的说明",
)
_COMMAND: Lines = ("派人查看房屋、道路，安排车辆", "不能返回的村继续安置，报上级")
_OFFICE: Lines = ("盯住未回应的村，逐个打电话", "汇总返回户数，报指挥员")


def return_instruction(work: str) -> Lines:
    """What this work (a value of ``alerts.instructions.Work``) has to do."""
    known: Mapping[str, Lines] = {"command": _COMMAND, "office": _OFFICE}
    return known.get(work, _VILLAGE)
