"""The sandbox page as a newcomer uses it: a red warning is released, answered, chased, closed."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from playwright.async_api import Locator, Page, Route, expect

from tests.browser.chromium import DESK, PHONE, Complaints, in_one_browser, keep
from tests.forked import forked_command
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"(http://\S+)\n")
PAUSES = [
    int(milliseconds)
    for milliseconds in re.findall(
        r"const (?:PAUSE|LISTEN)_MS = (\d+)",
        "".join(
            (ROOT / "bot/sandbox/page" / name).read_text(encoding="utf-8")
            for name in ("guide.js", "fingers.js")
        ),
    )
]
WITHOUT_PAUSES = f"""
const real = window.setTimeout;
const patience = (after) => (after < 10_000 ? after : {PATIENCE * 1000});
const within = (after) => ({PAUSES}.includes(after) ? 10 : patience(after));
window.setTimeout = (act, after, ...given) => real(act, within(after), ...given);
"""
"""Nor does the page give the bot up sooner than a test does: the machine may be busy."""

pytestmark = in_one_browser


@asynccontextmanager
async def sandbox(folder: Path) -> AsyncIterator[str]:
    """``jiaoying sandbox`` as a process of its own; its address."""
    said = folder / "said.txt"
    said.touch()
    # Where pictures go is the tests' own and no setting of the sandbox.
    environ = {key: value for key, value in os.environ.items() if key != "JIAOYING_SCREENSHOTS"}
    process = forked_command(["sandbox", "--port", "0"], environ, folder=ROOT, out=str(said))
    try:
        await until(lambda: ADDRESS.search(said.read_text(encoding="utf-8")), "it is not ready")
        [address] = ADDRESS.findall(said.read_text(encoding="utf-8"))
        yield address
    finally:
        process.terminate()
        exit_code = await asyncio.to_thread(process.wait)
    assert exit_code == 0


async def opened(page: Page, address: str) -> None:
    """The page, with steps that do not pause for the eye to follow."""
    await page.add_init_script(WITHOUT_PAUSES)
    await page.goto(address)


class Phone:
    """One of the phones on the sandbox's page."""

    def __init__(self, page: Page, number: int) -> None:
        self._frame = page.locator("section.phone").nth(number)
        self.messages = self._frame.locator(".messages")

    async def taps(self, words: str) -> None:
        """The newest button that shows these words."""
        await button(self.messages, words).click()

    async def types(self, text: str) -> None:
        """Write a message and send it."""
        await self._frame.locator("textarea").fill(text)
        await self._frame.get_by_role("button", name="发送").click()

    async def sees(self, words: str) -> None:
        await expect(self.messages).to_contain_text(words)


def button(area: Locator, words: str) -> Locator:
    """The last button there that shows these words and can be pressed."""
    return area.locator("button:enabled:visible", has_text=words).last


async def forward(page: Page, minutes: str) -> None:
    """Let so many minutes pass by the page's own button."""
    await button(page.locator("#forward"), minutes).click()
    await expect(page.locator("body")).not_to_have_class(re.compile("hurrying"))


async def step(page: Page, words: str) -> list[str]:
    """Press a step of the guide, and wait for its end; what it says when it cannot.

    While the clock is moved it goes on, however slow the machine is.
    """
    guide, moved = page.locator("#guide"), -1
    await button(guide, words).click()
    while True:
        try:
            await expect(guide.locator("button:disabled")).to_have_count(0)
            break
        except AssertionError:
            before, moved = moved, await page.evaluate("window.sandbox.world.moved")
            if moved == before:
                raise
    return [said for said in await guide.locator(".status").all_inner_texts() if said]


async def test_each_step_of_the_guide_has_something_to_press(
    page: Page, complaints: Complaints, tmp_path: Path
) -> None:
    async with sandbox(tmp_path) as address:
        await opened(page, address)
        commander, village, third = Phone(page, 0), Phone(page, 1), Phone(page, 2)
        await commander.sees("绑定")  # the phones are there, and have their keys
        for words in (
            "替村干部按「收到」",
            "登记 12 户",
            "接电话",
            "看镇值班员的名单",
            "快进到销号",
        ):
            assert "先做第 1 步" in " ".join(await step(page, words)), words

        assert await step(page, "演示：发布红色暴雨预警") == []
        await village.sees("敦化市暴雨红色预警")

        await page.set_viewport_size(PHONE)
        await button(page.locator("body"), "村干部").click()
        await keep(page, "sandbox-phone")
        await page.set_viewport_size(DESK)
        await village.taps("收到")
        await village.sees("已回应")
        await village.taps("已转移群众")
        await village.sees("转移了多少户")
        await village.types("12户 35人")
        await village.sees("12 户 35 人")

        assert await step(page, "登记 12 户") == []
        await village.sees("已转 12 户 35 人 · 未转 0 户 0 人")
        await commander.sees("应转 12 户 35 人")
        await keep(page, "sandbox-households")

        assert await step(page, "接电话") == []
        await expect(page.locator(".screen")).to_contain_text("已记录您收到敦化市暴雨红色预警")
        await page.locator(".telephone .end").click()

        await forward(page, "+5")
        said = await commander.messages.inner_text()
        assert "叫应总结" not in said, "closed before the silent were chased"
        assert await step(page, "看镇值班员的名单") == []
        await keep(page, "sandbox-desktop")
        await third.taps("已电话叫应")
        await third.sees("撤回")
        assert await step(page, "快进到销号") == []
        await commander.sees("叫应总结")

        assert await step(page, "卫星热点") == []
        await third.taps("我去")
        await third.taps("未发现火情")
        assert await step(page, "没按时报位") == []
        await third.sees("应报位，还没有收到")
        assert await step(page, "指挥大屏") == []
        link = commander.messages.locator("a.key").last
        assert "/open#" in (await link.get_attribute("href") or "")
        assert await step(page, "巡护员求救") == []
        await third.sees("后自动发出求救")

        # The third tour: what comes of the warning, to the report of 17:00 and its remarks.
        assert "第 2 步" in " ".join(await step(page, "接手，发照片"))
        for words, phone, seen in LOOP:
            assert await step(page, words) == [], words
            await Phone(page, phone).sees(seen)
        await keep(page, "sandbox-loop")
        assert complaints == []


LOOP = (
    ("打开「怎么做」", 1, "📗"),
    ("转为清单", 0, "已列入问题清单"),
    ("接手，发照片", 2, "待核查"),
    ("核实，销号", 0, "清单进度"),
    ("请人换班", 2, "已同意，排班已改"),
    ("写交班说明", 1, "已交接"),
    ("副主任现在接班", 1, "您现在是"),
    ("改用语", 2, "已保存：暴雨"),
    ("快进到 17 时", 0, "任务：新增"),
    ("州里点评", 0, "👍 好"),
)
"""The steps of the third tour, and what is seen then on which phone."""


SMALL = {"width": 360, "height": 740}


async def test_the_flood_of_jianshi_is_replayed(
    page: Page, complaints: Complaints, tmp_path: Path
) -> None:
    """The second tour: from the rain gauge to the lifted warning, each step by its button."""
    async with sandbox(tmp_path) as address:
        await opened(page, address)
        commander, village = Phone(page, 0), Phone(page, 1)
        await commander.sees("绑定")
        assert "先让它下雨" in " ".join(await step(page, "预览并发布橙色预警"))
        assert "先发布这一段的预警" in " ".join(await step(page, "报转移 1 户"))
        assert await step(page, "让它下雨") == []
        await commander.sees("山洪灾害橙色预警")
        assert await step(page, "预览并发布橙色预警") == []
        await village.sees("山洪灾害橙色预警")
        await page.evaluate(OLD_BUTTON)  # its message has lost it: the newest such one is pressed
        assert "已经发布" in " ".join(await step(page, "让它下雨"))
        await page.reload()  # in the middle: what was done is read from the phones
        assert await step(page, "报转移 1 户") == []
        await village.sees("1 户 3 人")
        assert await step(page, "报转移 1 户") == []  # once more is a report like any other
        assert await step(page, "升级为红色") == []
        await village.sees("红色")
        assert "已经是红色" in " ".join(await step(page, "升级为红色"))
        assert await step(page, "报转移 3 户 17 人") == []
        await village.sees("3 户 17 人")
        await page.set_viewport_size(SMALL)
        await button(page.locator("body"), "指挥长").click()
        await keep(page, "sandbox-flood")
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= SMALL["width"], "it has to be moved sideways"
        await page.set_viewport_size(DESK)
        assert await step(page, "解除预警") == []
        await village.sees("预警已解除")
        assert "先发布" in " ".join(await step(page, "解除预警"))
        assert await step(page, "让它下雨") == []  # the tour begins anew, with a storm of its own
        await commander.taps("预览发布")
        assert complaints == []


async def test_a_plain_telephone_rings_in_a_clumsy_hand(
    page: Page, complaints: Complaints, tmp_path: Path
) -> None:
    """Switched off while it rings, answered with words that are no answer, then with keys."""
    async with sandbox(tmp_path) as address:
        await opened(page, address)
        telephone = page.locator(".telephone")
        screen = telephone.locator(".screen")
        ringing = page.locator(".telephone.ringing")
        await Phone(page, 0).sees("绑定")
        assert await step(page, "演示：发布红色暴雨预警") == []
        await expect(ringing).to_have_count(1)
        await keep(page, "sandbox-telephone")
        await page.set_viewport_size(SMALL)
        await page.locator("#tabs button", has_text="电话").click()
        await keep(page, "telephone-ringing")
        await large_enough(telephone)

        await button(telephone, "已开机").click()  # while it rings
        await expect(screen).to_contain_text("已关机")
        await button(telephone, "已关机").click()
        await expect(screen).to_contain_text("未接来电")
        await button(telephone, "短信").click()
        await telephone.get_by_label("回复短信").fill("好的")
        await button(telephone, "发送").click()
        await expect(telephone.locator(".inbox:visible")).to_contain_text("没有记为收到")
        await keep(page, "telephone-sms")
        await large_enough(telephone)

        assert await page.evaluate(OVERTAKEN) != "talking"  # an answer that a later one overtook
        await button(telephone, "来电").click()
        await expect(telephone.locator(".calls")).to_contain_text("未接来电")
        await keep(page, "telephone-calls")

        await page.set_viewport_size(DESK)
        assert await step(page, "接电话") == []
        await page.set_viewport_size(SMALL)
        await page.locator("#tabs button", has_text="电话").click()
        await expect(screen).to_contain_text("已记录您收到")
        await button(telephone, "7").click()
        await expect(screen).to_contain_text("没有这个按键")
        await keep(page, "telephone-talking")
        await large_enough(telephone)

        await button(telephone, "企业微信").click()
        await button(telephone.locator(".wecom"), "收到").click()
        await expect(telephone.locator(".wecom")).to_contain_text("之前已记录")
        await keep(page, "telephone-wecom")
        await large_enough(telephone)
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= SMALL["width"], "it has to be moved sideways"
        await page.set_viewport_size(DESK)
        for app in ("飞书里的卡片", "钉钉里的卡片"):
            assert await step(page, app) == [], app
        assert complaints == []


SEEN = """telephone => [...telephone.querySelectorAll("button, input")]
  .filter((it) => it.checkVisibility({ visibilityProperty: true }))
  .map((it) => [it.innerText, it.getBoundingClientRect(), it.scrollWidth <= it.clientWidth + 1])
  .filter(([, box]) => box.width > 0 && box.height > 0)
  .map(([words, box, whole]) => [words, box.width, box.height, whole])"""


async def large_enough(telephone: Locator) -> None:
    """Every button is large enough for a thumb, and its words are not cut."""
    targets = await telephone.evaluate(SEEN)
    assert len(targets) > 2
    for words, width, height, whole in targets:
        assert height >= 44 and width >= 44, words
        assert whole, f"{words} is cut"


OLD_BUTTON = """async () => {
  const { pressSlowly } = await import("/static/fingers.js");
  const phone = window.sandbox.phones[0];
  const { button } = phone.find("看态势") ?? phone.find("刷新");
  const message = { message_id: 1, chat: { id: phone.owner } };
  await pressSlowly(phone, { message, button: { ...button, callback_data: "gone" } });
}"""
KEYS_CAME = """head => {
  const { world } = window.sandbox;
  return world.until(() => world.keyboard(head, head));
}"""
OVERTAKEN = """() => {
  const { telephone } = window.sandbox;
  const before = { ...telephone.state, order: telephone.state.order - 1, line: "talking" };
  telephone.take(before, telephone.number);
  return telephone.state.line;
}"""


async def test_what_comes_while_a_chat_is_being_loaded_is_shown_with_it(
    page: Page, complaints: Complaints, tmp_path: Path
) -> None:
    async with sandbox(tmp_path) as address:
        scene = await (await page.request.get(f"{address.rstrip('/')}/scene")).json()
        head = scene["phones"][1]
        held: dict[str, Route] = {}  # what the village head's phone asks for when the page opens
        for what in ("messages", "keyboard"):
            keep_it = partial(held.__setitem__, what)
            await page.route(f"**/sandbox/{what}?chat_id={head}*", keep_it)
        await opened(page, address)
        await button(page.locator("#guide"), "演示：发布红色暴雨预警").click()
        await Phone(page, 0).sees("未回应")  # the card leaves last: every call has arrived
        start = f"{address.rstrip('/')}/sandbox/people/press_start"
        await page.request.post(start, data={"user_id": head})
        await page.evaluate(KEYS_CAME, head)
        await held["messages"].fulfill(json={"ok": True, "result": []})  # before the warning
        await held["keyboard"].fulfill(json={"ok": True, "result": None})  # before the keys
        await Phone(page, 1).sees("敦化市暴雨红色预警")
        keys = page.locator("section.phone").nth(1).locator(".keys")
        await expect(button(keys, "我的任务")).to_be_visible()
        assert complaints == []


async def test_a_roll_call_grows_with_its_map(
    page: Page, complaints: Complaints, tmp_path: Path
) -> None:
    async with sandbox(tmp_path) as address:
        await opened(page, address)
        commander, ranger = Phone(page, 0), Phone(page, 2)
        await commander.sees("绑定")  # the phones are there, and have their keys
        await commander.types("/rollcall 敦化市 三员 20")
        await commander.taps("开始点名")
        await ranger.sees("请在")  # the visitor's own ranger is asked too
        await ranger.sees("点名")
        await forward(page, "+5")
        await commander.sees("不在责任区")
        await commander.taps("地图")
        await expect(commander.messages.locator("img").first).to_be_visible()
        await commander.taps("未到")
        await commander.sees("请打电话")
        await keep(page, "roll-call")
        assert complaints == []
