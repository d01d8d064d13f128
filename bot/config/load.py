"""config.toml and the environment -> frozen settings.

Every key may be given in the environment: ``[policy.red] remind`` is
``JIAOYING_POLICY__RED__REMIND``; a list is comma-separated; the first bot is
``JIAOYING_TELEGRAM__BOTS__0__...`` and its token simply ``JIAOYING_TELEGRAM_TOKEN``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from alerts.escalation import RungChannels
from alerts.sky_pictures.addresses import has_time
from bot.config.environment import overlay
from bot.config.errors import SettingError, SettingFault
from bot.config.reader import TableReader
from bot.config.settings import (
    LEVELS,
    PolicySettings,
    Settings,
)
from bot.config.settings_channels import APPRISE
from contacts.channels import Channel


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of the file (``None``: the built-in defaults), then of the environment.

    A relative SQLite file is taken from the config file's folder (without a file: from the working
    directory), so ``url`` is absolute in the result.

    :raises SettingError: (a ConfigError) the file cannot be read, a key or variable is unknown, a
        value is of the wrong type or out of range. Its text is Chinese, then English.
    """
    where = str(path) if path is not None else "内置默认值 / built-in defaults"
    raw = _read(path) if path is not None else {}
    _fill_ladders(raw)
    overlay(raw, environ)
    settings = TableReader(Settings, where).table(Settings, raw)
    assert isinstance(settings, Settings)
    _check_together(settings, where)
    folder = path.resolve().parent if path is not None else Path.cwd()
    database = replace(settings.database, url=_absolute(settings.database.url, folder))
    telegram = replace(settings.telegram, api_base_url=settings.telegram.api_base_url.rstrip("/"))
    media = settings.media
    if media.directory:
        media = replace(media, directory=str(folder / media.directory))
    sources = settings.sources
    gauges = tuple(
        replace(feed, file=str(folder / feed.file)) if feed.file else feed
        for feed in sources.gauges
    )
    settings = replace(settings, sources=replace(sources, gauges=gauges))
    publish = settings.publish
    if publish.directory:
        publish = replace(publish, directory=str(folder / publish.directory))
    handbook = settings.handbook
    if handbook.folder:
        handbook = replace(handbook, folder=str(folder / handbook.folder))
    mechanism = settings.mechanism
    if mechanism.folder:
        mechanism = replace(mechanism, folder=str(folder / mechanism.folder))
    templates = settings.templates
    if templates.folder:
        templates = replace(templates, folder=str(folder / templates.folder))
    return replace(
        settings,
        mechanism=mechanism,
        database=database,
        telegram=telegram,
        media=media,
        publish=publish,
        handbook=handbook,
        templates=templates,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingError(SettingFault.UNREADABLE, str(path), detail=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(SettingFault.NOT_TOML, str(path), detail=error) from error


def _fill_ladders(raw: dict[str, Any]) -> None:
    """A level the file does not speak of keeps its default rungs, also under the environment's.

    In a ladder that is written down, a rung left out is never climbed.
    """
    policy = raw.setdefault("policy", {})
    if isinstance(policy, dict):
        defaults = asdict(PolicySettings())
        for level in LEVELS:
            rungs = defaults[level].items()
            as_written = {
                name: list(value) if isinstance(value, tuple) else value for name, value in rungs
            }
            policy.setdefault(level, as_written)


def _check_together(settings: Settings, where: str) -> None:
    """What no single key can tell."""
    divisions = [bot.division for bot in settings.telegram.bots]
    for division in divisions:
        if divisions.count(division) > 1:
            raise SettingError(SettingFault.TWICE, where, key="telegram.bots", value=division)
    _check_pictures(settings, where)
    feeds = [feed.name for feed in settings.feeds]
    feeds += [feed.name for feed in settings.sources.gauges]
    feeds += [picture.name for picture in settings.sources.pictures]
    feeds += [feed.name for feed in settings.sources.cap]
    for feed in feeds:
        if feeds.count(feed) > 1:
            raise SettingError(SettingFault.TWICE, where, key="feeds", value=feed)
    webhook = settings.telegram.webhook
    if settings.telegram.mode == "webhook" and not (webhook.url and webhook.secret_token):
        raise SettingError(
            SettingFault.MISSING,
            where,
            key="telegram.webhook.secret_token" if webhook.url else "telegram.webhook.url",
            wanted_zh='mode = "webhook" 时必填',
            wanted_en='needed when mode = "webhook"',
        )
    _check_webhooks(settings, where)
    _check_channels(settings, where)


def _check_webhooks(settings: Settings, where: str) -> None:
    """Each that has an address has a name of its own, and a secret to sign with."""
    told = [hook for hook in settings.webhooks if hook.url]
    for hook in told:
        for key in ("name", "secret"):
            if not getattr(hook, key):
                raise SettingError(
                    SettingFault.MISSING,
                    where,
                    key=f"webhooks.{key}",
                    wanted_zh="写了 url 的 webhook 要有名称和至少 32 字符的密钥",
                    wanted_en="a webhook with a url has a name, and a secret of 32 characters",
                )
    names = [hook.name for hook in told]
    for name in names:
        if names.count(name) > 1:
            raise SettingError(SettingFault.TWICE, where, key="webhooks.name", value=name)


def _check_pictures(settings: Settings, where: str) -> None:
    """What the address of a picture must hold follows from where its time is read."""
    for entry in settings.sources.pictures:
        if not (entry.url or entry.index):
            continue
        wanted = {
            "url": (has_time(entry.url), "url", "{time:%Y%m%d%H%M}"),
            "index": (bool(entry.index), "index", "https://"),
        }.get(entry.time, (bool(entry.url), "url", "https://"))
        good, key, part = wanted
        if not good:
            raise SettingError(
                SettingFault.MISSING,
                where,
                key=f"sources.pictures.{key}",
                wanted_zh=f'time = "{entry.time}" 时要有 {part}，见 docs/sky.md',
                wanted_en=f'needed when time = "{entry.time}": {part}; docs/sky.md',
            )


def _check_channels(settings: Settings, where: str) -> None:
    """Whatever is set up can work, and whatever a ladder names is set up."""
    for channel, package in _PACKAGES.items():
        if channel in settings.channels.served and find_spec(package) is None:
            extra = f"jiaoying[{channel.value}]"
            raise SettingError(
                SettingFault.MISSING,
                where,
                key=extra,
                wanted_zh=f"接了 {channel.value}，请先 pip install {extra}",
                wanted_en=f"{channel.value} is set up and needs it: pip install {extra}",
            )
    _check_robots(settings, where)
    for level in LEVELS:
        ladder = getattr(settings.policy, level)
        for rung in fields(RungChannels):
            named = set(getattr(ladder, rung.name)) - {Channel.TELEGRAM.value}
            # Who writes that relies on it: that nobody rings must not be found out in a flood.
            for channel in sorted(named):
                if missing := settings.channels.missing(Channel(channel)):
                    key = f"policy.{level}.{rung.name}"
                    raise SettingError(
                        SettingFault.MISSING,
                        where,
                        key=f"channels.{missing}",
                        wanted_zh=f"{key} 用了 {channel}，须接好它，见 docs/channels.md",
                        wanted_en=f"{key} names {channel}, which needs it: docs/channels.md",
                    )


def _check_robots(settings: Settings, where: str) -> None:
    for robot in settings.channels.robots:
        if robot.url and not robot.division:
            raise SettingError(
                SettingFault.MISSING,
                where,
                key="channels.robots.division",
                wanted_zh="群机器人要写明是哪个区划的群",
                wanted_en="a robot is of a division's group: say which",
            )
        by_apprise = robot.kind == APPRISE
        if by_apprise and find_spec(APPRISE) is None:
            raise SettingError(
                SettingFault.MISSING,
                where,
                key="channels.robots.kind",
                wanted_zh='用 apprise 请先 pip install "jiaoying[apprise]"',
                wanted_en='kind = "apprise" needs it: pip install "jiaoying[apprise]"',
            )
        if robot.url and not by_apprise and not robot.url.reveal().startswith("http"):
            raise SettingError(
                SettingFault.MISSING,
                where,
                key="channels.robots.url",
                wanted_zh="这种机器人的网址以 https:// 开头",
                wanted_en="the address of such a robot begins with https://",
            )


_PACKAGES = {Channel.WECOM: "cryptography"}
"""What a channel needs that is not installed with everything else: an extra of its name."""


def _absolute(url: str, folder: Path) -> str:
    """A relative SQLite file, made absolute; every other URL as it is."""
    scheme, slashes, rest = url.partition(":///")
    file, question, query = rest.partition("?")
    if not (scheme.startswith("sqlite") and slashes and file) or file.startswith((":", "/")):
        return url
    return f"{scheme}:///{folder / file}{question}{query}"
