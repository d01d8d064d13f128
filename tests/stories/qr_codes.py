"""Reads QR codes out of the PDFs the product prints, by the standard and not by the library that
drew them (ISO/IEC 18004, versions 1 to 6). The squares are exact: no error correction is needed.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Callable, Iterator

Matrix = list[list[bool]]

_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_SQUARES = re.compile(r"n ((?:[-\d.]+ [-\d.]+ [-\d.]+ [-\d.]+ re\s)+)f")
_SQUARE = re.compile(r"([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+) re")

# Level by the two bits of the format information; data codewords of each block, by version.
_LEVELS = {0b01: "L", 0b00: "M", 0b11: "Q", 0b10: "H"}
_BLOCKS: dict[str, tuple[tuple[int, ...], ...]] = {
    "L": ((19,), (34,), (55,), (80,), (108,), (68,) * 2),
    "M": ((16,), (28,), (44,), (32,) * 2, (43,) * 2, (27,) * 4),
    "Q": ((13,), (22,), (17,) * 2, (24,) * 2, (15, 15, 16, 16), (19,) * 4),
    "H": ((9,), (16,), (13,) * 2, (9,) * 4, (11, 11, 12, 12), (15,) * 4),
}
_MASKS: tuple[Callable[[int, int], int], ...] = (
    lambda i, j: (i + j) % 2,
    lambda i, _: i % 2,
    lambda _, j: j % 3,
    lambda i, j: (i + j) % 3,
    lambda i, j: (i // 2 + j // 3) % 2,
    lambda i, j: i * j % 2 + i * j % 3,
    lambda i, j: (i * j % 2 + i * j % 3) % 2,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2,
)
_FORMAT_MASK = 0b101010000010010


def codes_in(pdf: bytes) -> list[str]:
    """The texts of all QR codes of a PDF, in the order they were drawn."""
    return [decode(matrix) for page in _pages(pdf) for matrix in _matrices(page)]


def decode(matrix: Matrix) -> str:
    """The text of one code, in bytes mode."""
    size = len(matrix)
    version = (size - 17) // 4
    cells = [(8, column) for column in (0, 1, 2, 3, 4, 5, 7, 8)]
    cells += [(row, 8) for row in (7, 5, 4, 3, 2, 1, 0)]
    format_bits = int("".join(str(int(matrix[i][j])) for i, j in cells), 2) ^ _FORMAT_MASK
    level, mask = _LEVELS[format_bits >> 13], _MASKS[format_bits >> 10 & 7]
    bits = [int(matrix[i][j]) ^ (mask(i, j) == 0) for i, j in _zigzag(size, version)]
    words = [int("".join(map(str, bits[at : at + 8])), 2) for at in range(0, len(bits) - 7, 8)]
    sizes = _BLOCKS[level][version - 1]
    blocks: list[list[int]] = [[] for _ in sizes]
    taking = iter(words)
    for place in range(max(sizes)):
        for block, most in zip(blocks, sizes, strict=True):
            if place < most:
                block.append(next(taking))
    stream = "".join(f"{word:08b}" for block in blocks for word in block)
    assert stream[:4] == "0100", "the link is not in bytes mode"
    length = int(stream[4:12], 2)
    return bytes(int(stream[at : at + 8], 2) for at in range(12, 12 + 8 * length, 8)).decode()


def _zigzag(size: int, version: int) -> Iterator[tuple[int, int]]:
    """The places of the data, two columns at a time from the lower right corner."""
    upwards = True
    for right in (*range(size - 1, 6, -2), 5, 3, 1):
        for row in range(size - 1, -1, -1) if upwards else range(size):
            for column in (right, right - 1):
                if not _reserved(row, column, size, version):
                    yield row, column
        upwards = not upwards


def _reserved(row: int, column: int, size: int, version: int) -> bool:
    finder = (
        (row < 9 and column < 9)
        or (row < 9 and column >= size - 8)
        or (row >= size - 8 and column < 9)
    )
    aligned = version > 1 and abs(row - (size - 7)) <= 2 and abs(column - (size - 7)) <= 2
    return finder or aligned or row == 6 or column == 6


def _pages(pdf: bytes) -> Iterator[str]:
    for stream in _STREAM.findall(pdf):
        if stream.rstrip().endswith(b"~>"):  # not the tables of the fonts, which are no text
            yield zlib.decompress(base64.a85decode(stream.strip()[:-2])).decode("latin1")


def _matrices(page: str) -> Iterator[Matrix]:
    for squares in _SQUARES.findall(page):
        runs = [tuple(map(float, run)) for run in _SQUARE.findall(squares)]
        module = runs[0][3]
        left = min(x for x, *_ in runs)
        top = max(y for _, y, *_ in runs)
        size = round(max(x + width for x, _, width, _ in runs) / module - left / module)
        matrix = [[False] * size for _ in range(size)]
        for x, y, width, _ in runs:
            row, column = round((top - y) / module), round((x - left) / module)
            for dark in range(column, column + round(width / module)):
                matrix[row][dark] = True
        yield matrix
