"""Nobody else of the machine reads the database, a secret, a report: files are born closed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.config.load import load
from bot.config.private import holds_secrets
from data.database import Database
from tests.roster import COUNTY, EVERYBODY, fill
from tests.stories.command_line import CommandLine


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=["umask 000", "umask 022", "umask 077"])
def jiaoying(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CommandLine]:
    before = os.umask(request.param)
    try:
        yield CommandLine(tmp_path)
    finally:
        assert os.umask(before) == request.param, "the caller's umask is as it was"


def others(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode) & 0o077


def filled(folder: Path) -> Path:
    database = Database(f"sqlite:///{folder / 'story.db'}", synchronous="normal")
    fill(database, EVERYBODY)
    beside = [file for file in folder.iterdir() if file.name.startswith("story.db")]
    assert len(beside) == 3 and not any(map(others, beside))  # with its log and shared memory
    database.close()
    return folder / "story.db"


def test_all_that_is_written_is_born_closed(jiaoying: CommandLine) -> None:
    folder = jiaoying.folder
    assert jiaoying.run("db", "upgrade").code == 0
    (folder / "story.db").unlink()
    filled(folder)
    for words in (
        ("sheets", COUNTY, "--output", "sheets.pdf", "--all", "--bot-username", "b"),
        ("check", "-o", "check.xlsx"),
        ("template", "people", "敦化市", "-o", "list.xlsx"),
        ("person", "export", EVERYBODY[0]["phone"], "--output", "of_one.json"),
        ("backup", "copy.db"),
    ):
        done = jiaoying.run(*words)
        assert done.code == 0 or words[0] == "check", done
    for name in ("story.db", "sheets.pdf", "copy.db", "check.xlsx", "list.xlsx", "of_one.json"):
        assert others(folder / name) == 0, name


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o644])
@pytest.mark.parametrize("name", ["story.db", "story.history.db"])
def test_an_open_database_is_refused_with_what_mends_it(
    tmp_path: Path, name: str, mode: int
) -> None:
    jiaoying, file = CommandLine(tmp_path), filled(tmp_path)
    (tmp_path / name).touch()
    (tmp_path / name).chmod(mode)
    refused = jiaoying.run("check")
    assert refused.code == 2
    assert f"chmod 600 {tmp_path / name}" in refused.err
    (tmp_path / name).chmod(0o600)
    file.chmod(0o640)  # a group that the operator made
    (tmp_path / "story.history.db").unlink(missing_ok=True)
    assert jiaoying.run("check").code == 0


SECRETS = {
    "a token": '[[telegram.bots]]\ntoken = "123456:abcdefghijklmnopqrstuvwxyzABCDEFGHI"\n',
    "a webhook's secret": '[telegram.webhook]\nsecret_token = "abc"\n',
    "the board's secret": '[board]\nsecret = "0123456789abcdef0123456789abcdef"\n',
    "a password": '[database]\nurl = "postgresql://jiaoying:secret@127.0.0.1/x"\n',
}


@pytest.mark.parametrize("secret", SECRETS)
def test_a_file_of_secrets_that_others_read_is_refused(tmp_path: Path, secret: str) -> None:
    jiaoying, config = CommandLine(tmp_path), tmp_path / "my config.toml"
    filled(tmp_path)
    config.write_text(SECRETS[secret], encoding="utf-8")
    config.chmod(0o644)
    refused = jiaoying.run("--config", config, "check")
    assert refused.code == 2
    assert f"chmod 600 '{config}'" in refused.err
    assert "abc" not in refused.err and "secret@" not in refused.err
    config.chmod(0o600)
    assert jiaoying.run("--config", config, "check").code == 0


def test_the_file_that_ships_holds_no_secret_and_may_be_open(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "config.toml"
    assert not holds_secrets(load(shipped, {}))
    filled(tmp_path)
    config = tmp_path / "config.toml"
    config.write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    config.chmod(0o644)
    assert CommandLine(tmp_path).run("--config", config, "check").code == 0
