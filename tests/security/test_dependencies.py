"""Every dependency has a fixed version and hash in the lock, and only the lock installs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")


def requirements(lock: str) -> dict[str, list[str]]:
    """The hashes of each requirement."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s;]+", line), line
            name = line.split("==")[0]
            found.setdefault(line, [])
            name = line
        found[name] += re.findall(r"--hash=sha256:[0-9a-f]{64}\b", line)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed(lock: str) -> None:
    locked = requirements(lock)
    assert len(locked) > 10
    for line, hashes in locked.items():
        assert hashes, line


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_place_to_fetch_from(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"https?://|--index-url|--extra-index|--find-links|@ git|^-e ", text, re.M)


def test_what_the_project_needs_is_in_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = {line.split("==")[0].split("[")[0].lower() for line in requirements(LOCKS[0])}
    for wanted in project["dependencies"]:
        assert re.split(r"[<>=;\[ ]", wanted)[0].lower() in locked, wanted
    assert "defusedxml" in locked  # without it openpyxl reads entities


def test_the_scripts_install_only_what_the_hashes_allow() -> None:
    text = (ROOT / "scripts" / "environment").read_text(encoding="utf-8").replace("\\\n", " ")
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert installs
    for line in installs:
        assert "--require-hashes" in line or ("--no-deps" in line and "-e ." in line), line


def test_openpyxl_reads_by_defusedxml() -> None:
    from openpyxl.reader import strings
    from openpyxl.worksheet import _reader

    for module in (strings, _reader):
        assert module.iterparse.__module__.startswith("defusedxml"), module
