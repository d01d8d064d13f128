// The steps at the side: each shows one thing, by pressing what people press, on their phones.

import { happen } from "/static/api.js";
import { both, el } from "/static/elements.js";
import { point, pressKey, pressKeySlowly, pressSlowly } from "/static/fingers.js";
import { FLOOD } from "/static/flood.js";
import { LOOP } from "/static/loop.js";
import { NOT_YET, confirm, release } from "/static/releasing.js";

const RINGS_WITHIN = 6; // seconds: the exchange is asked every three
const HEARS_WITHIN = 0.4;
const A_STEP = 1 / 6; // minutes
const MOST_STEPS = 12; // a number is left alone for a minute between two rings
const LISTEN_MS = 2500;
const NO_RING = "电话不再响了：可能已经回应、或已响过三次。还可以在「短信」里回复 1 / it rings no more: answered, or rung three times. Replying 1 by SMS still counts";
const CARD_WITHIN = 15;
const NO_CARD = "没有可按的卡片：可能按过了 / no card to press: it may have been pressed";
const FRAIL = 3; // households of the demo's village in which somebody cannot go alone
const ANSWERED = "他已经回应过：接着做第 3 步 / he has answered already: go on with step 3";
const ALL_MOVED = "这个村已经全部登记：接着做第 4 步 / this village is ticked already: go on with step 4";
const NOT_ANSWERED = "先做第 2 步，替村干部按「收到」 / first answer for the village head: step 2";

const STEPS = [
  {
    zh: "发布", en: "Release",
    text: ["指挥长的手机选等级、灾害、区域，核对人数后确认。",
      "The commander picks level, hazard and area, checks the numbers and confirms."],
    act: ["演示：发布红色暴雨预警", "Demo: release a red rainstorm warning"],
    run: release,
  },
  {
    zh: "看回应", en: "Answer",
    text: ["中间是一位村干部的手机：按「✅ 收到」，再报转移了几户几人。别人会自己回应。",
      "The middle phone is a village head's: tap 收到, then report. The others answer by themselves."],
    act: ["替村干部按「收到」", "Tap 收到 for the village head"],
    run: acknowledge,
  },
  {
    zh: "逐户转移", en: "Household by household",
    text: ["他村里的转移卡有 12 户 35 人，老弱在前：走一户、按一户。县指挥长卡片上的应转、已转、未转随即变化。",
      "His village's evacuation card lists 12 households, the frail first: one tap for each that leaves. The county's card counts along."],
    act: ["替村干部登记 12 户", "Tick the 12 households"],
    run: moveHouseholds,
  },
  {
    zh: "打电话", en: "Telephone",
    text: ["第四部是一位没有 Telegram 的村干部的电话：发布后立刻响铃，接听后按 1 就是收到，指挥长的卡片上随即多一人回应。",
      "The fourth device is the telephone of a village head without Telegram: it rings at once; answered, 1 is 收到, and the commander's card counts one more."],
    act: ["替这位村干部接电话、按 1", "Pick up for them, and press 1"],
    run: answerTelephone,
  },
  {
    zh: "快进", en: "Fast-forward",
    text: ["2 分钟提醒本人，5 分钟叫替补，8 分钟把名单交给镇值班员。",
      "After 2 minutes a reminder, after 5 the stand-in, after 8 the duty officer gets the list."],
    act: ["快进 5 分钟", "Forward 5 minutes"],
    run: (page) => page.forward(5),
  },
  {
    zh: "追叫", en: "Chase",
    text: ["第三部手机换成镇值班员：按名单逐个打电话，叫到一个按一个「已电话叫应」。",
      "The third phone is the township's duty officer's now: ring down the list, strike off whoever is reached."],
    act: ["看镇值班员的名单", "See the duty officer's list"],
    run: chase,
  },
  {
    zh: "销号", en: "Close",
    text: ["人人有回应（或说明原因销号）后，叫应自动销号，指挥长收到用时统计；预警仍然有效，直到解除。",
      "When everybody is accounted for the calling closes, and the commander gets the figures; the warning stays in force until it is lifted."],
    act: ["快进到销号", "Forward until it closes"],
    run: close,
  },
];

const MORE = [
  [["📣 点名：谁在哪里，谁未到", "A roll call: who is where, who is absent"], callRoll],
  [["🛰 卫星热点：派巡护员去核查", "A satellite hotspot: a patroller is sent"], showHotspot],
  [["⏰ 巡护员没按时报位：先问本人，再找镇值班员",
    "A missed check-in: the patroller is asked, then the station"], missCheckIn],
  [["🖥 指挥大屏", "The command board"], openBoard],
  [["🆘 巡护员求救", "The patroller calls for help"], callForHelp],
  [["💬 企业微信里的卡片（红色预警）", "A card in WeCom (red warnings)"],
    (page) => pressCard(page, "wecom")],
  [["💬 飞书里的卡片（再发一个橙色预警）", "A card in Feishu (releases an orange one)"],
    (page) => pressCard(page, "feishu", "橙")],
  [["💬 钉钉里的卡片（再发一个黄色预警）", "A card in DingTalk (releases a yellow one)"],
    (page) => pressCard(page, "dingtalk", "黄")],
  [["📱 换一部没绑定的新手机", "A new phone that is not linked yet"], (page) => page.showNewcomer()],
];

export function buildGuide(page, node) {
  const buttons = [];
  /** A button that shows one thing, and says below itself why when it cannot. */
  const doing = (words, run, done) => {
    const said = el("p.status", { role: "status" });
    const press = async () => {
      // One at a time: two at once would tap each other's messages.
      buttons.forEach((button) => { button.disabled = true; });
      node.querySelectorAll(".status").forEach((one) => { one.textContent = ""; });
      try {
        await page.phones[0].ready; // whether a warning was released is read from the commander's
        await run(page);
        done?.();
      } catch (error) {
        said.textContent = error.message;
        page.bringGuide();
        said.scrollIntoView({ block: "nearest" });
      } finally {
        buttons.forEach((button) => { button.disabled = false; });
      }
    };
    const button = el("button.step", { type: "button", onclick: press },
      words[0], el("span.en", { lang: "en" }, words[1]));
    buttons.push(button);
    return [button, said];
  };
  const tour = (steps) => {
    const items = steps.map((step, index) => el("li", {},
      el("h3", {}, ...both(step.zh, step.en)),
      el("p", {}, step.text[0], el("span.en", { lang: "en" }, step.text[1])),
      ...doing(step.act, step.run, () => items.forEach(
        (item, at) => item.classList.toggle("next", at === index + 1)))));
    items[0].classList.add("next");
    return el("ol", {}, ...items);
  };
  node.append(
    el("h2", {}, ...both("两分钟看完一次叫应", "A call and its answers in two minutes")),
    tour(STEPS),
    el("h2", {}, ...both("建始洪水 2023：从雨量站到解除", "The flood of Jianshi 2023, from gauge to all-clear")),
    tour(FLOOD),
    el("h2", {}, ...both("闭环：手册、清单、值班、日报", "The loop: handbook, lists, duty, daily report")),
    tour(LOOP),
    el("h2", {}, ...both("还可以试", "Also try")),
    el("div.more", {}, ...MORE.flatMap(([words, run]) => doing(words, run))),
    el("p", {}, "每部手机上方可换成任何人。您用过的手机，换走后由本人继续操作。",
      el("span.en", { lang: "en" },
        "The menu over each phone hands it to anybody. Put away, it is its owner's again.")));
}

async function acknowledge(page) {
  if (!page.released) throw new Error(NOT_YET);
  const phone = await page.villageHead();
  await pressSlowly(phone, await page.world.until(
    () => phone.find("收到"), 3, phone.find("已转移群众") ? ANSWERED : NOT_YET));
}

/** The frail one by one, the rest at once; then the county's card. */
async function moveHouseholds(page) {
  if (!page.released) throw new Error(NOT_YET);
  const { world } = page;
  const phone = await page.villageHead();
  const report = phone.find("已转移群众");
  if (!report) throw new Error(NOT_ANSWERED);
  const since = world.newest(phone.owner) + 1;
  await pressSlowly(phone, report);
  await pressSlowly(phone, await world.until(() => phone.find("逐户登记", since)));
  await world.until(() => phone.find("☐", since) ?? phone.finds("未转 0 户", since));
  if (!phone.find("☐", since)) throw new Error(ALL_MOVED);
  for (let ticked = 0; ticked < FRAIL; ticked += 1) {
    const box = await world.until(() => phone.find("☐", since));
    await pressSlowly(phone, box);
    await world.until(() => !phone.find(box.button.text, since)); // its box is ticked now
  }
  await pressSlowly(phone, await world.until(() => phone.find("✅ 全部已转", since)));
  await pressSlowly(phone, await world.until(() => phone.find("是，全部已转", since)));
  await world.until(() => phone.finds("未转 0 户", since));
  const commander = await page.commander();
  await world.until(() => commander.finds("未转 0 户"));
}

/** It rings by itself after the release; missed, it rings again a minute later. */
async function answerTelephone(page) {
  if (!page.released) throw new Error(NOT_YET);
  const { world } = page;
  const telephone = await page.telephoned();
  if (!telephone.state.on || !telephone.state.signal) {
    await telephone.use("switch", { on: true, signal: true });
  }
  if (!telephone.talking) {
    if (!telephone.state.past.length) {
      await world.until(() => telephone.ringing, RINGS_WITHIN).catch(() => undefined);
    }
    for (let times = 0; times < MOST_STEPS && !telephone.ringing; times += 1) {
      await page.forward(A_STEP); // the telephone hears of it a moment later than the clock
      await world.until(() => telephone.ringing, HEARS_WITHIN).catch(() => undefined);
    }
    if (!telephone.ringing) throw new Error(NO_RING);
    await pressKeySlowly(telephone.green);
  }
  await world.until(() => telephone.talking, 10, NO_RING);
  await new Promise((resolve) => { setTimeout(resolve, LISTEN_MS); });
  await pressKeySlowly(telephone.keypad.querySelector("button"));
  await world.until(() => telephone.state.call?.spoken.length > 1, 10,
    "已经挂断，没有按上 / the call was over before the key");
}

/** A card comes to the fourth device, and its button is pressed; `level`: release such a one first. */
async function pressCard(page, name, level) {
  if (!level && !page.released) throw new Error(NOT_YET);
  const { world } = page;
  if (level) {
    const phone = await page.commander();
    const since = world.newest(phone.owner) + 1;
    await phone.type(`/warn ${level} 暴雨 大石头镇 检查低洼地、山洪沟，做好转移准备`);
    await confirm(page, phone, since);
  }
  const device = await page.telephoned();
  device.turnTo(name);
  const app = device.apps[name];
  const button = await world.until(() => app.button("收到"), CARD_WITHIN, NO_CARD);
  button.scrollIntoView({ block: "nearest" });
  await pressKeySlowly(button);
  await world.until(() => !button.isConnected && !app.list.querySelector(".theirs:last-child .press"), 10);
}

/** The township's duty officer has the list eight minutes after the release. */
async function chase(page) {
  if (!page.released) throw new Error(NOT_YET);
  const phone = await page.officer();
  for (let times = 0; times < 5 && !phone.find("已电话叫应"); times += 1) await page.forward(2);
  const found = phone.find("已电话叫应");
  if (!found) throw new Error("都有回应了，没有人要打电话 / everybody has answered");
  point(found);
}

async function close(page) {
  if (!page.released) throw new Error(NOT_YET);
  await page.ranger(); // the duty officer's phone is its owner's again, who goes on ringing
  const phone = await page.commander();
  const card = phone.finds("未回应"); // edited when it is over: then it does not say so any more
  const over = () => phone.finds("叫应总结", card?.message_id);
  for (let times = 0; times < 8 && !over(); times += 1) await page.forward(5);
}

async function callRoll(page) {
  const ranger = await page.ranger();
  const phone = await page.commander();
  const since = page.world.newest(phone.owner) + 1;
  await phone.type("/rollcall 敦化市 三员 20");
  await pressSlowly(phone, await page.world.until(() => phone.find("开始点名", since)));
  await page.world.until(() => ranger.finds("点名"));
  await page.forward(5);
}

async function showHotspot(page) {
  const { world } = page;
  const phone = await page.ranger();
  const before = world.newest(phone.owner);
  await phone.sendPlace(world.scene.places[0]); // whoever was seen lately is sent
  await world.until(() => world.messages(phone.owner).some(
    (message) => message.message_id > before && message.from.is_bot)); // his place is known now
  const since = world.newest(phone.owner) + 1;
  await page.waiting(async () => world.setClock((await happen("hotspot")).now));
  point(await world.until(() => phone.find("我去", since)));
}

/** Due in two minutes, missed after fifteen; fifteen later the station hears of it. */
async function missCheckIn(page) {
  const { world } = page;
  const phone = await page.ranger();
  const since = world.newest(phone.owner) + 1;
  await page.waiting(async () => world.setClock((await happen("shift")).now));
  await page.forward(19);
  await world.until(() => phone.finds("报位", since));
}

async function openBoard(page) {
  const phone = await page.commander();
  const since = page.world.newest(phone.owner) + 1;
  await phone.type("/board");
  point(await page.world.until(() => phone.find("大屏", since)));
}

async function callForHelp(page) {
  await pressKey(page, await page.ranger(), "求救");
}
