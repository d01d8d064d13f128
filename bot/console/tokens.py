"""``jiaoying token new|list|revoke``: tokens of the API; each belongs to a person."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any, TextIO

import orjson

from alerts.accounts import tell_token
from bot.config.settings import Settings
from bot.console.divisions import division_meant
from bot.services.clocks import utc_now
from bot.services.opening import open_for_command
from bot.views.accounts import scope_names
from bot.views.clock import day_clock
from contacts import api_token_store, people_store, token_making
from contacts.access import Access
from contacts.api_tokens import (
    LONGEST_DAYS,
    PUBLIC_BYTES,
    SECRET_BYTES,
    ApiToken,
    Ended,
    NewToken,
    Scope,
)
from contacts.divisions.store import known_divisions
from contacts.people import Person
from contacts.phones import masked, normalise
from data.database import Connection
from data.errors import NotAllowed

_JSON = "输出 JSON / print JSON"
_DAYS = 365

_ENDED: Mapping[Ended, str] = {
    Ended.REVOKED: "已撤销 / revoked",
    Ended.LEFT: "主人离任 / its person left",
    Ended.POST_LOST: "主人不在岗 / its person lost the post",
}
_ADDRESSES = {"loopback": "本机", "private": "内网", "public": "外网", "unknown": "未知"}


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parsers."""
    words = "API 令牌：给其他系统用（docs/api.md）/ tokens for other systems"
    tokens = verbs.add_parser("token", help=words, description=words)
    what = tokens.add_subparsers(required=True, metavar="new|list|revoke")
    making = what.add_parser("new", help="发一个，只显示这一次 / make one: shown this once only")
    making.add_argument(
        "--person",
        required=True,
        metavar="PHONE",
        help="以谁的名义：其登记的手机号 / in whose name",
    )
    making.add_argument("--name", required=True, help="给哪个系统用 / for which system")
    making.add_argument(
        "--scope",
        action="append",
        default=[],
        choices=[scope.value for scope in Scope],
        help="权限，可写几次：read 查询（总有）、phones 看未应名单和电话、release 发布、变更、解除"
        "、取消、confirm 作为第二人确认（不能和 release 一起）/ what it may, may be given again;"
        " read always, confirm never with release",
    )
    making.add_argument(
        "--division",
        metavar="CODE|NAME",
        help="只管哪个区划；不写即其人所在区划 / its division; the person's without",
    )
    making.add_argument(
        "--days",
        type=int,
        default=_DAYS,
        help=f"有效天数，最多 {LONGEST_DAYS} / days it is good for",
    )
    making.add_argument("--json", action="store_true", help=_JSON)
    making.set_defaults(func=_new)
    listing = what.add_parser("list", help="有哪些，谁的，何时用过 / all there are")
    listing.add_argument("--all", action="store_true", help="连同作废的 / those that ended, too")
    listing.add_argument("--json", action="store_true", help=_JSON)
    listing.set_defaults(func=_list)
    ending = what.add_parser("revoke", help="撤销，立即无效 / end one, at once")
    ending.add_argument("token", type=int, help="令牌编号 / its number")
    ending.set_defaults(func=_revoke)


def _new(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    now, phone = utc_now(), normalise(arguments.person)
    with closing(open_for_command(settings)) as database:
        gazetteer = database.read(known_divisions)
        code = ""
        if arguments.division:
            division = division_meant(gazetteer, arguments.division, "zh", out, careful=True)
            if division is None:
                return 1
            code = division.code

        def unit(c: Connection) -> tuple[int, NewToken, Person, str]:
            person = people_store.person_by_phone(c, phone)
            if person is None:
                raise NotAllowed(Access.NOT_LINKED, phone=phone)
            person = replace(person, unproven=False)  # here no account acts
            where = code or person.division_code
            scopes = [Scope(word) for word in arguments.scope]
            chance = secrets.token_bytes(PUBLIC_BYTES + SECRET_BYTES)
            made = token_making.make(
                c, person, arguments.name, scopes, where, arguments.days, chance, now
            )
            tell_token(c, person, made[0], now)
            return *made, person, where

        number, made, person, where = database.do(unit)
        token = database.read(lambda c: api_token_store.by_id(c, number))
    assert token is not None
    if arguments.json:
        facts = {"id": number, "token": made.text} | _facts(token)
        out.write(orjson.dumps(facts).decode() + "\n")
        return 0
    print(
        f"令牌 {number}：{made.text}\n"
        f"  {arguments.name}，以 {person.name} 的名义，{gazetteer.path(where, province=True)}，"
        f"{_scopes(token)}，到 {_day(token.expires_at, settings.time.info)} 有效。\n"
        "  只显示这一次，请现在存到那个系统里；丢了就撤销，另发一个。\n"
        f"token {number}: shown this once only. Keep it in that system now; when it is lost, "
        f"jiaoying token revoke {number}, and make another.",
        file=out,
    )
    if not settings.api.url:
        print(
            "config.toml 的 [api] url 还没有填，API 没有开。/ [api] url is empty: the API is off.",
            file=out,
        )
    return 0


def _list(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    def look(c: Connection) -> tuple[list[ApiToken], dict[int, Person]]:
        found = api_token_store.every(c, ended=arguments.all)
        return found, people_store.people(c, {token.person_id for token in found})

    now, zone = utc_now(), settings.time.info
    with closing(open_for_command(settings)) as database:
        tokens, people = database.read(look)
        gazetteer = database.read(known_divisions)
    if arguments.json:
        told = [{"id": token.id, **_facts(token)} for token in tokens]
        out.write(orjson.dumps({"tokens": told}).decode() + "\n")
        return 0
    if not tokens:
        print("没有令牌 / there are no tokens", file=out)
    for token in tokens:
        person = people[token.person_id]
        used = "没有用过 / never used"
        if token.used_at is not None:
            whence = _ADDRESSES.get(token.used_from or "", "")
            used = f"上次用 {day_clock(token.used_at, zone)}（{whence}）"
        state = f"到 {_day(token.expires_at, zone)}"
        if token.ended_how is not None:
            state = _ENDED[token.ended_how]
        elif not token.good(now):
            state = "已过期 / expired"
        where = gazetteer.path(token.division_code, province=True)
        whose = f"{person.name} {masked(person.phone)}"
        words = (f"jy_{token.public}_…", token.name, whose, where, _scopes(token), state, used)
        print(f"{token.id}  " + "  ".join(words), file=out)
    return 0


def _revoke(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    now, number = utc_now(), arguments.token
    with closing(open_for_command(settings)) as database:
        token = database.do(lambda c: token_making.end(c, number, Ended.REVOKED, now))
    print(
        f"令牌 {number}（{token.name}）已撤销，立即无效 / token {number} is revoked, from now on",
        file=out,
    )
    return 0


def _day(at: datetime, zone: tzinfo) -> str:
    """With its year: most expire in another one."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _scopes(token: ApiToken) -> str:
    return scope_names(token.scopes, "zh")


def _facts(token: ApiToken) -> dict[str, Any]:
    return {
        "public": token.public,
        "name": token.name,
        "person": token.person_id,
        "division": token.division_code,
        "scopes": sorted(scope.value for scope in token.scopes),
        "made_at": token.made_at.isoformat(),
        "made_by": token.made_by,
        "expires_at": token.expires_at.isoformat(),
        "used_at": None if token.used_at is None else token.used_at.isoformat(),
        "ended": None if token.ended_how is None else token.ended_how.value,
    }
