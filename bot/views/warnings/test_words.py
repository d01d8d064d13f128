"""A test call as it is spoken and written, and what is said to whoever answers it: plain text.

Whatever it says begins with 测试: nobody is to take it for a warning, or a warning for it.
"""

from __future__ import annotations

from alerts.test_calls.proving import Proof
from bot.locale import N_, translator
from bot.views.warnings.spoken import LONGEST_VARIABLE
from contacts.channels import ACCOUNTS, Channel

TEST_KEYS = {"1": "acknowledge", "9": "again"}
"""What the keys of a telephone mean during a test."""


def title_of_test(language: str) -> str:
    """For the head of a card, the subject of an e-mail, the variable of a template."""
    return translator(language)("测试，不是预警")


def spoken_test(name: str, place: str, sender: str, language: str) -> str:
    """What the telephone says.

    :param name: whose number it is; empty: of a satellite telephone.
    :param place: the village, for a satellite telephone.
    :param sender: in whose name; may be empty.
    """
    _ = translator(language)
    if name:
        about = _("正在核对{name}的电话能不能叫到人。是本人请按1，").format(name=name)
    else:
        about = _("正在核对{place}的卫星电话能不能打通。听到请按1，").format(place=place)
    return _("测试呼叫，不是预警。{sender}{about}重听请按9。").format(
        sender=_("这里是{sender}。").format(sender=sender) if sender else "", about=about
    )


def written_test(name: str, sender: str, code: str, channel: Channel, language: str) -> str:
    """What the SMS, the card or the e-mail says: with the code that proves it."""
    _ = translator(language)
    if channel is Channel.EMAIL:
        how = _("请把数字 {code} 发给预警机器人，或用登记的手机发短信回复。")
    elif channel in ACCOUNTS:
        how = _("请按下面的按钮，或回复数字 {code}。")
    else:
        how = _("请回复数字{code}。")
    return _("测试，不是预警：核对{name}的联系方式能不能收到。{how}{sender}").format(
        name=name, how=how.format(code=code), sender=sender
    )


def variables_of_test(name: str, sender: str, code: str, language: str) -> dict[str, str]:
    """The same for carriers that send by registered templates."""
    _ = translator(language)
    asks = _("请回复数字{code}").format(code=code) if code else _("是本人请按1")
    pieces = {
        "warning": title_of_test(language),
        "text1": _("核对{name}的联系方式。").format(name=name),
        "text2": asks,
        "text3": "",
        "sender": sender,
    }
    return {key: piece[:LONGEST_VARIABLE] for key, piece in pieces.items()}


def buttons_of_test(language: str) -> dict[str, str]:
    """What stands on a card's only button, by the key that comes back."""
    return {"1": translator(language)("✅ 收到测试")}


def test_over(language: str) -> str:
    """On a card of a test that has ended."""
    return translator(language)("测试已经结束了，不用再按。")


_PROOFS = {
    Proof.PROVEN: N_("测试已记录，这里能叫到{name}，谢谢。"),
    Proof.ALREADY: N_("测试之前已记录，谢谢。"),
    Proof.OVER: N_("测试已经结束，没有记录。"),
    Proof.NO_HELP: N_("这是测试，没有记录求助。是本人请按1；真有险情请打电话 {duty}"),
    Proof.AGAIN: N_("请再听一遍。"),
    Proof.NOT_UNDERSTOOD: N_("这是测试，没有这个按键。是本人请按1，重听请按9。"),
    Proof.WRONG: N_("这是测试：数字不对，没有记录。请照收到的数字再回复一次。"),
    Proof.NEW_CODE: N_("这是测试：数字错了三次，已另发一个新的，请照新的回复。"),
    Proof.NO_MORE: N_("这是测试：数字错的次数太多，没有记录。请打电话 {duty} 告诉值班员。"),
}


def proof_words(proof: Proof, name: str, language: str, *, duty: str) -> str:
    """What is said to whoever answered a test.

    :param duty: the number to ring up.
    """
    _ = translator(language)
    return _(_PROOFS[proof]).format(name=name or _("这部电话"), duty=duty)
