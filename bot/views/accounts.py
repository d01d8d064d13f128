"""Whose account it is: to those above somebody whose post gives rights, and to who asks. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import tzinfo

from bot.actions.accounts import ApproveLink, RefuseLink
from bot.locale import N_, translator
from bot.views.clock import BEIJING, dated_clock
from bot.views.screen import Button, Inline, ReplyKeyboard, Screen, bold, escape, name
from bot.views.telephones import FIRE_LINE, of_officer
from bot.views.vocabulary import held_name, role_name
from contacts.api_tokens import ApiToken, Scope
from contacts.link_requests import LinkRequest, Proof
from contacts.people import RIGHTS, Person
from contacts.phones import display


def who(person: Person, place: str, language: str) -> str:
    """A person with place and post, in one line of HTML."""
    return f"{name(place)} {held_name(person, language)} <b>{name(person.name)}</b>"


def wait_for_more(
    person: Person, shown: Proof, place: str, language: str, *, asked: bool, duty: str = FIRE_LINE
) -> Screen:
    """To an account that showed a code or a number alone, where both are needed.

    :param asked: somebody above was asked to approve it.
    :param duty: the duty officer to ring up, with the number (``Facts.duty_phone``).
    """
    _ = translator(language)
    lines = [
        bold(_("🔐 还差一步，尚未绑定")),
        who(person, place, language),
        _("这个职务能发布预警或值班，只凭一样不能绑定。"),
    ]
    keyboard = None
    if shown is Proof.CODE:
        lines.append(_("请再按「📱 分享手机号」：须是通讯录里登记的本人号码。"))
        share = Button(_("📱 分享手机号"), request_contact=True)
        keyboard = ReplyKeyboard(((share,),))
    else:
        lines.append(_("请再打开本人的邀请链接，或扫邀请单上的二维码。"))
    if asked:
        lines.append(_("也已请上级核实，批准后会通知您。"))
    else:
        duty = of_officer(duty, language)
        lines.append(_("办不了请打电话给值班员 {duty}。").format(duty=escape(duty)))
    return Screen("\n".join(lines), keyboard)


def ask_to_approve(person: Person, wanted: LinkRequest, place: str, language: str) -> Screen:
    """To those above: is this account the person's?"""
    _ = translator(language)
    shown = [
        words
        for words, at in ((_("邀请码"), wanted.code_at), (_("本人手机号"), wanted.phone_at))
        if at is not None
    ]
    head = _("🔐 有人要绑定一个有权限的职务")
    if person.unproven:
        head = _("🔐 新任有权限的职务，账号要重新核实")
        if not person.holds(RIGHTS):
            head = _("🔐 将要值班，账号要重新核实")
    lines = [
        bold(head),
        who(person, place, language),
        _("账号：{asker}（编号 {account}）").format(
            asker=name(wanted.asker) or "—", account=wanted.account
        ),
        _("出示了：{shown}").format(shown="、".join(shown))
        if shown
        else _("这个账号早先已绑定此人，只核实了一样。"),
        _("批准后，这个账号就能以此人名义发布预警或代答。"),
        _("请先打登记电话 {phone}，听到本人说是，再批准。").format(phone=display(person.phone)),
    ]
    return Screen(
        "\n".join(lines),
        Inline(
            (
                (
                    Button(
                        _("✅ 已电话核实，批准"), ApproveLink(person.id, wanted.account).encode()
                    ),
                ),
                (Button(_("❌ 不是本人"), RefuseLink(person.id, wanted.account).encode()),),
            )
        ),
    )


def approved(person: Person, place: str, language: str) -> Screen:
    """To whoever approved it."""
    _ = translator(language)
    return Screen(_("✅ 已批准绑定：{who}").format(who=who(person, place, language)))


def refused(person: Person, place: str, language: str, *, new_code: bool) -> Screen:
    """To whoever refused it.

    :param new_code: the account had the person's code, which opens nothing any more.
    """
    _ = translator(language)
    lines = [_("❌ 已拒绝绑定：{who}").format(who=who(person, place, language))]
    if new_code:
        lines.append(_("此人的邀请码在别人手里，已作废；请管理员重印邀请单。"))
    return Screen("\n".join(lines))


def refused_to_asker(language: str, duty: str = FIRE_LINE) -> Screen:
    """To the account that was refused."""
    _ = translator(language)
    duty = of_officer(duty, language)
    return Screen(_("没有批准绑定。如有误，请打电话给值班员 {duty}。").format(duty=escape(duty)))


def linked(person: Person, place: str, by: str, language: str) -> Screen:
    """To those above: the person has an account."""
    _ = translator(language)
    lines = [_("🔐 已绑定账号：{who}").format(who=who(person, place, language))]
    if by:
        lines.append(_("由 {by} 批准。").format(by=name(by)))
    return _told(lines, person, language)


def unlinked(person: Person, place: str, by: str, language: str) -> Screen:
    """To those above: the person has no account any more."""
    _ = translator(language)
    lines = [_("🔐 已解除绑定：{who}").format(who=who(person, place, language))]
    if not person.active:
        lines.append(_("此人已不在名册：预警转替补或上级；接任的人请尽快导入、绑定。"))
    else:
        lines.append(
            _("重新绑定之前，预警发不到，请打电话：{phone}").format(phone=display(person.phone))
        )
    if by:
        lines.append(_("由 {by} 解除。").format(by=name(by)))
    return Screen("\n".join(lines))


def post_taken(person: Person, place: str, role: str, language: str) -> Screen:
    """To those above: a post that gave rights is no longer the person's."""
    _ = translator(language)
    lines = [
        bold(
            _("‼️ {name} 不再是 {place} {role}，不能再以此职发布预警或代答。").format(
                name=name(person.name), place=name(place), role=role_name(role, language)
            )
        ),
        _("由管理员更改。若不对，请打 {phone} 核实，并让管理员改回。").format(
            phone=display(person.phone)
        ),
    ]
    return Screen("\n".join(lines))


def command_line(person: Person, place: str, language: str) -> Screen:
    """To those above: the command line released in the name of somebody who cannot read it."""
    _ = translator(language)
    lines = [
        _("🖥 服务器命令行或 API 以此人名义发布：{who}").format(who=who(person, place, language)),
        _("此人没有可用的账号，收不到通知。请打 {phone} 核实；若不知情，请取消并找管理员。").format(
            phone=display(person.phone)
        ),
    ]
    return Screen("\n".join(lines))


def token_made(
    person: Person,
    place: str,
    token: ApiToken,
    area: str,
    language: str,
    *,
    own: bool,
    zone: tzinfo = BEIJING,
) -> Screen:
    """A token acts in somebody's name: what it may, until when, how it is ended.

    :param own: to the person; else to those above, as they have no account.
    :param area: what it is for.
    """
    _ = translator(language)
    if own:
        head = _("🔑 以您的名义给「{name}」发了 API 令牌 {number}").format(
            name=name(token.name), number=token.id
        )
    else:
        head = _("🔑 以此人名义给「{name}」发了 API 令牌 {number}：{who}").format(
            name=name(token.name), number=token.id, who=who(person, place, language)
        )
    may = _("可以：{scopes}。管：{area}。到 {until} 有效。").format(
        scopes=scope_names(token.scopes, language),
        area=name(area),
        until=dated_clock(token.expires_at, zone),
    )
    end = _("若不知情，请马上让管理员撤销这个令牌（{number} 号）。").format(number=token.id)
    return Screen("\n".join([bold(head) if own else head, may, end]))


_SCOPES: Mapping[Scope, str] = {
    Scope.READ: N_("查询"),
    Scope.PHONES: N_("看电话"),
    Scope.RELEASE: N_("发布、变更、解除、取消"),
    Scope.CONFIRM: N_("作为第二人确认"),
}


def scope_names(scopes: Collection[Scope], language: str) -> str:
    """What a token may do, in words."""
    _ = translator(language)
    return _("、").join(_(_SCOPES[scope]) for scope in Scope if scope in scopes)


def used(person: Person, place: str, language: str) -> Screen:
    """To those above: the person did what the post lets them do, with an account that is new."""
    _ = translator(language)
    head = _("🔐 新绑定的账号第一次行使权限：{who}").format(who=who(person, place, language))
    return _told([head], person, language)


def _told(lines: list[str], person: Person, language: str) -> Screen:
    _ = translator(language)
    doubt = _("若不是本人所为，请打 {phone} 核实，并让管理员解除绑定。")
    lines.append(doubt.format(phone=display(person.phone)))
    return Screen("\n".join(lines))
