"""config.toml and the environment become settings, or one clear error in Chinese and English."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.escalation import RungChannels
from alerts.model import Level
from alerts.rules import Rules
from bot.config.errors import SettingError, SettingFault
from bot.config.load import load
from bot.config.reader import Secret, known_keys
from bot.config.rules import all_rules
from bot.config.settings import LadderSettings, Settings
from contacts.channels import Channel
from data.errors import ConfigError

SHIPPED = Path(__file__).parents[2] / "config.toml"


@pytest.fixture
def write(tmp_path: Path):
    def write_file(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def failing(path: Path | None, **environ: str) -> SettingError:
    with pytest.raises(ConfigError) as caught:
        load(path, environ)
    error = caught.value
    assert isinstance(error, SettingError)
    chinese, english = str(error).split("\n")
    assert chinese.startswith("配置有误")
    assert english.startswith("Configuration error")
    return error


# ------------------------------------------------------------------------------------- defaults


def test_the_shipped_file_says_the_built_in_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SHIPPED.parent)
    assert load(SHIPPED, {}) == load(None, {})


def test_the_shipped_file_names_every_key() -> None:
    def flat(table: object, path: str = "") -> set[str]:
        if isinstance(table, list) and table and isinstance(table[0], dict):
            return flat(table[0], f"{path}.0")
        if not isinstance(table, dict):
            return {path}
        return {
            key
            for name, value in table.items()
            for key in flat(value, f"{path}.{name}" if path else name)
        }

    known = {key for key in known_keys(Settings) if not key.startswith("release.expires_hours.")}
    assert flat(tomllib.loads(SHIPPED.read_text(encoding="utf-8"))) == known


def test_every_key_of_the_shipped_file_has_its_comment() -> None:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    explained = {line.strip("# ").split()[0] for line in lines if line.startswith("#   ")}
    bare = []
    for before, line in pairwise(lines):
        key = line.partition(" = ")[0]
        if " = " not in line or line.startswith("#") or key in explained | {"port"}:
            continue
        if not before.startswith("#") and key != "second_confirmation_tiers":
            bare.append(line)
    assert bare == []


def test_the_defaults_are_the_rules_defaults() -> None:
    settings, rules = load(None, {}), Rules()
    for level in Level:
        ladder, policy = getattr(settings.policy, level.value), rules.policies[level]
        for rung in ("remind", "stand_in", "duty_officer", "commander", "repeat", "report"):
            assert getattr(ladder, rung) == (getattr(policy, rung) or 0), (level, rung)
        assert getattr(settings.release.expires_hours, level.value) == rules.expires_hours[level]
    assert all_rules(settings).warnings.audience == rules.audience
    assert {Level(word) for word in settings.release.second_confirmation} == (
        rules.second_confirmation_levels
    )
    tiers = {tier.name.lower() for tier in rules.second_confirmation_tiers}
    assert set(settings.release.second_confirmation_tiers) == tiers
    assert settings.release.max_text == rules.max_text
    assert settings.time.info == rules.zone == ZoneInfo("Asia/Shanghai")


def test_a_ladder_that_is_written_down_has_only_its_own_rungs(write) -> None:
    settings = load(write("[policy.red]\nremind = 1\n"), {})
    assert settings.policy.red == LadderSettings(remind=1)
    assert settings.policy.orange.remind == 5


def test_bom_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf[log]\r\nlevel = 'DEBUG'\r\n")
    assert load(path, {}).log.level == "DEBUG"


def test_a_ladder_that_names_voice_needs_somebody_who_rings(write) -> None:
    ladder = '[policy.red]\nremind = 2\nstand_in_by = ["telegram", "voice"]\n'
    gateway = f'[channels.gateway]\nsecret = "{"s" * 32}"\n'
    assert failing(write(ladder)).facts["key"] == "channels.gateway.secret"
    assert failing(write(ladder + gateway)).facts["key"] == "channels.gateway.url"
    gateway += "pull = true\n"
    assert failing(write(ladder + gateway + "port = 0\n")).facts["key"] == "channels.gateway.port"
    assert load(write(ladder + gateway), {}).policy.red.stand_in_by == ("telegram", "voice")


def test_wecom_without_its_cipher_is_refused_at_the_start(
    write, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "k" * 43
    wecom = '[channels.wecom]\ncorp_id = "ww1"\nagent_id = 1\nsecret = "s"\ntoken = "t"\n'
    file = write(f'{wecom}aes_key = "{key}"\n')
    assert Channel.WECOM in load(file, {}).channels.served
    assert failing(write(f'{wecom}aes_key = "{key}="\n')).facts["key"] == "channels.wecom.aes_key"
    file = write(f'{wecom}aes_key = "{key}"\n')
    monkeypatch.setattr("bot.config.load.find_spec", lambda _: None)
    assert "pip install jiaoying[wecom]" in str(failing(file))


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://gw.example.gov.cn/a", True),
        ("http://127.0.0.1:8000", True),
        ("http://10.1.2.3/gw", True),
        ("http://[fd00::1]:80", True),
        ("http://localhost:9", True),
        ("http://gw.example.gov.cn", False),
        ("http://8.8.8.8", False),
        ("http://127.0.0.1:80@evil.example", False),
        ("http://[", False),
    ],
)
@pytest.mark.parametrize("section", ["gateway", "callbacks", "page"])
def test_what_is_outside_is_reached_by_tls_only(write, section: str, url: str, taken: bool) -> None:
    secret = f'secret = "{"s" * 32}"\n'
    file = write(f'[channels.{section}]\nurl = "{url}"\n{"" if section == "callbacks" else secret}')
    if taken:
        assert getattr(load(file, {}).channels, section).url == url
    else:
        assert failing(file).facts["key"] == f"channels.{section}.url"


# ---------------------------------------------------------------------------------- environment


def test_the_environment_overrides_every_kind_of_key() -> None:
    settings = load(
        None,
        {
            "JIAOYING_TELEGRAM__API_BASE_URL": "http://127.0.0.1:8081/",
            "JIAOYING_TELEGRAM__LIMITS__PER_SECOND": "3000e-2",
            "JIAOYING_POLICY__RED__REMIND": "3",
            "JIAOYING_RELEASE__SECOND_CONFIRMATION": "red, orange",
            "JIAOYING_RELEASE__SECOND_CONFIRMATION_TIERS": "",
            "JIAOYING_SANDBOX__PORT": "0",
            "PATH": "/bin",
        },
    )
    assert settings.telegram.api_base_url == "http://127.0.0.1:8081"
    assert settings.telegram.limits.per_second == 30
    assert settings.policy.red == LadderSettings(3, 5, 8, 15, 10, 30)
    assert settings.release.second_confirmation == ("red", "orange")
    assert settings.release.second_confirmation_tiers == ()
    assert settings.sandbox.port == 0


def test_the_environment_is_stronger_than_the_file(write) -> None:
    path = write('[log]\nlevel = "DEBUG"\n[release]\nexpires_hours = 12\n')
    environ = {"JIAOYING_LOG__LEVEL": "ERROR", "JIAOYING_RELEASE__EXPIRES_HOURS__RED": "6"}
    settings = load(path, environ)
    assert settings.log.level == "ERROR"
    hours = settings.release.expires_hours
    assert (hours.red, hours.orange, hours.blue) == (6, 12, 12)


def test_one_value_for_all_levels_or_one_each(write) -> None:
    assert load(None, {"JIAOYING_RELEASE__EXPIRES_HOURS": "8"}).release.expires_hours.blue == 8
    path = write("[release]\nexpires_hours = { red = 12, blue = 48 }\n")
    hours = load(path, {}).release.expires_hours
    assert (hours.red, hours.orange, hours.blue) == (12, 24, 48)


def test_the_token_of_the_first_bot(write) -> None:
    path = write(
        "[[telegram.bots]]\ndivision = '220000000000'\n"
        "[[telegram.bots]]\ndivision = '220100000000'\ntoken = '2:b'\n"
    )
    bots = load(path, {"JIAOYING_TELEGRAM_TOKEN": "1:a\n"}).telegram.bots
    assert [bot.token.reveal() for bot in bots] == ["1:a", "2:b"]


def test_bots_by_index_are_added_in_order() -> None:
    environ = {f"JIAOYING_TELEGRAM__BOTS__{at}__DIVISION": f"2201{at:02}000000" for at in range(12)}
    bots = load(None, environ).telegram.bots
    assert [bot.division for bot in bots] == [f"2201{at:02}000000" for at in range(12)]


def test_variables_that_are_no_settings_are_left_alone() -> None:
    environ = {"JIAOYING_CONFIG": "x", "JIAOYING_NO_APT": "1", "JIAOYING_TEST_DATABASE": "y"}
    assert load(None, environ) == load(None, {})


# ------------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("text", "fault", "key", "closest"),
    [
        (
            "[telegram]\napi_url = 'x'\n",
            SettingFault.UNKNOWN_KEY,
            "telegram.api_url",
            "api_base_url",
        ),
        ("[telegramm]\nmode = 'x'\n", SettingFault.UNKNOWN_KEY, "telegramm", "telegram.mode"),
        ("[policy.purple]\nremind = 1\n", SettingFault.UNKNOWN_KEY, "policy.purple", "policy."),
        (
            "[policy.red]\nremindd = 1\n",
            SettingFault.UNKNOWN_KEY,
            "policy.red.remindd",
            "red.remind",
        ),
        (
            "[[telegram.bots]]\ntokn = ''\n",
            SettingFault.UNKNOWN_KEY,
            "telegram.bots.0.tokn",
            "0.token",
        ),
        ("[log]\nlevel = 3\n", SettingFault.WRONG_TYPE, "log.level", ""),
        ("[sandbox]\nport = '80'\n", SettingFault.WRONG_TYPE, "sandbox.port", ""),
        ("[sandbox]\nport = true\n", SettingFault.WRONG_TYPE, "sandbox.port", ""),
        ("[sandbox]\nport = 1.5\n", SettingFault.WRONG_TYPE, "sandbox.port", ""),
        ("sandbox = 8080\n", SettingFault.WRONG_TYPE, "sandbox", ""),
        ("telegram = { bots = 3 }\n", SettingFault.WRONG_TYPE, "telegram.bots", ""),
        (
            "[release]\nsecond_confirmation = 'red'\n",
            SettingFault.WRONG_TYPE,
            "second_confirmation",
            "",
        ),
        ("[release]\nsecond_confirmation = ['rd']\n", SettingFault.NOT_ALLOWED, "confirmation", ""),
        ("[release]\nexpires_hours = 'x'\n", SettingFault.WRONG_TYPE, "release.expires_hours", ""),
        ("[sandbox]\nport = 70000\n", SettingFault.NOT_ALLOWED, "sandbox.port", ""),
        ("[policy.red]\nremind = -1\n", SettingFault.NOT_ALLOWED, "policy.red.remind", ""),
        ("[policy.red]\nremind = nan\n", SettingFault.NOT_ALLOWED, "policy.red.remind", ""),
        ("[telegram.limits]\nper_second = 0\n", SettingFault.NOT_ALLOWED, "per_second", ""),
        ("[telegram]\nmode = 'push'\n", SettingFault.NOT_ALLOWED, "telegram.mode", ""),
        ("[telegram]\nmode = 'webhook'\n", SettingFault.MISSING, "telegram.webhook.url", ""),
        ("[policy.red]\nat_once = ['pigeon']\n", SettingFault.NOT_ALLOWED, "red.at_once", ""),
        ("[policy.red]\nat_once = 'voice'\n", SettingFault.WRONG_TYPE, "red.at_once", ""),
        (
            "[policy.blue]\nstand_in_by = ['sms']\n",
            SettingFault.MISSING,
            "policy.blue.stand_in_by",
            "",
        ),
        (
            f"[policy.red]\nremind_by = ['voice']\n[channels.gateway]\nsecret = '{'s' * 32}'\n",
            SettingFault.MISSING,
            "channels.gateway.url",
            "",
        ),
        ("telegram = { bots = [] }\n", SettingFault.NOT_ALLOWED, "telegram.bots", ""),
        (
            "[[telegram.bots]]\ndivision = 220000000000\n",
            SettingFault.WRONG_TYPE,
            "bots.0.division",
            "",
        ),
        ("[[telegram.bots]]\n[[telegram.bots]]\n", SettingFault.TWICE, "telegram.bots", ""),
        ("[time]\nzone = 'Asia/Changchun'\n", SettingFault.NOT_ALLOWED, "time.zone", ""),
        ("[database]\nurl = 'jiaoying.db'\n", SettingFault.NOT_ALLOWED, "database.url", ""),
        ("[audience]\nflood = ['mayor']\n", SettingFault.NOT_ALLOWED, "audience.flood", ""),
        ("[audience]\nflood = []\n", SettingFault.NOT_ALLOWED, "audience.flood", ""),
        ("[log\n", SettingFault.NOT_TOML, "", ""),
    ],
)
def test_a_mistake_in_the_file_is_named(write, text, fault, key, closest) -> None:
    path = write(text)
    error = failing(path)
    assert error.code is fault
    assert str(path) in error.chinese
    assert str(path) in error.english
    assert key in error.chinese
    assert key in error.english
    assert closest in error.facts.get("closest", "")


def test_each_rung_names_its_channels(write) -> None:
    path = write(
        "[policy.red]\nremind = 2\nat_once = ['telegram', 'voice', 'sms']\nstand_in_by = ['sms']\n"
        f"[channels.gateway]\npull = true\nsecret = '{'s' * 32}'\n"
    )
    policies = all_rules(load(path, {})).warnings.policies
    voice, sms = Channel.VOICE, Channel.SMS
    assert policies[Level.RED].channels == RungChannels((voice, sms), (), (sms,))
    assert policies[Level.ORANGE].channels == RungChannels()
    by_environment = {"JIAOYING_POLICY__ORANGE__REMIND_BY": "telegram,sms"}
    policies = all_rules(load(path, by_environment)).warnings.policies
    assert policies[Level.ORANGE].channels == RungChannels((), (sms,), ())
    assert policies[Level.ORANGE].remind == 5


@pytest.mark.parametrize(
    ("variable", "value", "fault", "closest"),
    [
        ("JIAOYING_LOG__LEVL", "INFO", SettingFault.UNKNOWN_KEY, "JIAOYING_LOG__LEVEL"),
        ("JIAOYING_LOG_LEVEL", "INFO", SettingFault.UNKNOWN_KEY, "JIAOYING_LOG__LEVEL"),
        ("JIAOYING_LOG__LEVEL__X", "INFO", SettingFault.UNKNOWN_KEY, "JIAOYING_LOG__LEVEL"),
        ("JIAOYING_TELEGRAM_TOKN", "1:a", SettingFault.UNKNOWN_KEY, "JIAOYING_TELEGRAM"),
        ("JIAOYING_SANDBOX__PORT", "eighty", SettingFault.WRONG_TYPE, ""),
        ("JIAOYING_SANDBOX__PORT", "", SettingFault.WRONG_TYPE, ""),
        ("JIAOYING_SCHEDULE__SWEEP_SECONDS", "0", SettingFault.NOT_ALLOWED, ""),
        ("JIAOYING_SCHEDULE__SWEEP_SECONDS", "nan", SettingFault.NOT_ALLOWED, ""),
        ("JIAOYING_TIME__ZONE", "Mars/Olympus", SettingFault.NOT_ALLOWED, ""),
        ("JIAOYING_TELEGRAM__BOTS__7__TOKEN", "1:a", SettingFault.NOT_ALLOWED, ""),
        ("JIAOYING_TELEGRAM__BOTS__TOKEN", "1:a", SettingFault.NOT_ALLOWED, ""),
    ],
)
def test_a_mistake_in_the_environment_is_named(variable, value, fault, closest) -> None:
    error = failing(None, **{variable: value})
    assert error.code is fault
    assert error.where == variable
    assert closest in error.facts.get("closest", "")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    error = failing(tmp_path / "nowhere.toml")
    assert error.code is SettingFault.UNREADABLE
    assert "nowhere.toml" in error.chinese


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert failing(tmp_path).code is SettingFault.UNREADABLE


# -------------------------------------------------------------------------------------- secrets


def test_secrets_never_show(write) -> None:
    path = write(
        "[[telegram.bots]]\ntoken = '123:very-secret'\n"
        "[telegram.webhook]\nsecret_token = 'also_secret'\n"
        "[database]\nurl = 'postgresql://bot:pass-secret@localhost/x'\n"
    )
    settings = load(path, {})
    assert "secret'" not in repr(settings)
    assert (
        "very-secret"
        not in f"{settings} {settings.telegram.bots[0]!r} {settings.telegram.bots[0].token}"
    )
    assert settings.telegram.bots[0].token.reveal() == "123:very-secret"
    assert settings.telegram.bots[0].token != Secret("other")


@pytest.mark.parametrize(
    "text",
    [
        "[[telegram.bots]]\ntoken = 'hush hush'\n",
        "[[telegram.bots]]\ntoken = ['hush hush']\n",
        "[telegram.webhook]\nsecret_token = 'hush hush'\n",
        "[database]\nurl = 'mysql://root:hush@x'\n",
    ],
)
def test_a_complaint_about_a_secret_does_not_quote_it(write, text) -> None:
    error = failing(write(text))
    assert "hush" not in str(error)
    assert "hush" not in str(error.facts)


def test_a_secret_in_the_environment_is_not_quoted_either() -> None:
    assert "hush" not in str(failing(None, JIAOYING_TELEGRAM_TOKEN="hush hush"))
    assert "hush" not in str(failing(None, JIAOYING_TELEGRAM__BOTS__0__TOKEN__X="hush"))


# ------------------------------------------------------------------------------------- database


def test_a_relative_database_lies_beside_the_config_file(write, tmp_path: Path) -> None:
    assert load(write(""), {}).database.url == f"sqlite:///{tmp_path}/jiaoying.db"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////var/lib/jiaoying.db",
        "sqlite:///:memory:",
        "sqlite://",
        "postgresql://db/jiaoying",
    ],
)
def test_other_databases_stay_as_written(write, url: str) -> None:
    assert load(write(f"[database]\nurl = '{url}'\n"), {}).database.url == url


def test_a_database_query_is_kept(write, tmp_path: Path) -> None:
    path = write("[database]\nurl = 'sqlite:///a/b.db?timeout=3'\n")
    assert load(path, {}).database.url == f"sqlite:///{tmp_path}/a/b.db?timeout=3"


def test_the_media_directory_is_relative_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[media]\ndirectory = "media"\n', encoding="utf-8")
    assert load(file, {}).media.directory == str(tmp_path / "media")
    assert load(None, {}).media.directory == ""
