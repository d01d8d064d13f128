"""Cuts a font down to the characters of the maps; run by hand, with fonttools.

    python -m data.fonts.subset NotoSansCJKsc-Medium.otf

writes NotoSansSC-Medium.otf beside this file: GB 2312, the names of every division that ships,
ASCII, punctuation and units. fonttools is not a dependency of the product: install it for this.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

from data.fonts import MAP_FONT
from data.reference import JILIN_DIVISIONS

_MORE = "·—–…‘’“”′″°℃×÷±≈≤≥→←↑↓●○■□▲△◆◇★☆"


def characters() -> str:
    """All of them, once each, in order."""
    wanted = {chr(code) for code in range(0x20, 0x7F)}
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                wanted.add(bytes((high, low)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    with JILIN_DIVISIONS.open(encoding="utf-8", newline="") as file:
        wanted.update(*(row["name"] for row in csv.DictReader(file)))
    return "".join(sorted(wanted | set(_MORE)))


def main(source: Path, target: Path = MAP_FONT) -> None:
    """Write the subset.

    :raises subprocess.CalledProcessError: when fonttools refuses.
    """
    command = [sys.executable, "-m", "fontTools.subset", str(source), f"--text={characters()}"]
    options = ["--layout-features=", "--no-hinting", "--name-IDs=*", "--notdef-outline"]
    subprocess.run([*command, *options, f"--output-file={target}"], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
