// The steps at the side, and the demonstration that taps through the commander's phone.

import { both, el } from "/static/elements.js";

const PAUSE_MS = 550; // so that the eye can follow
// Whatever the bot asks next, one of these is the answer; the first that is on a button is taken.
const RELEASE = ["确认发布", "用第 1 条", "2小时内", "不写时间", "确认此区域", "暴雨", "红色"];
const LONGEST = 14; // taps

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
    zh: "快进", en: "Fast-forward",
    text: ["2 分钟提醒本人，5 分钟叫替补，8 分钟把名单交给镇值班员。",
      "After 2 minutes a reminder, after 5 the stand-in, after 8 the duty officer gets the list."],
    act: ["快进 5 分钟", "Forward 5 minutes"],
    run: (page) => page.forward(5),
  },
  {
    zh: "追叫", en: "Chase",
    text: ["镇值班员按名单逐个打电话，叫到一个按一个。",
      "The township's duty officer telephones down the list and strikes off whoever is reached."],
    act: ["第三部手机换成镇值班员", "Third phone: the township's duty officer"],
    run: (page) => page.showOfficer(),
  },
  {
    zh: "销号", en: "Close",
    text: ["人人有回应（或说明原因销号）后，叫应自动销号，指挥长收到用时统计；预警仍然有效，直到解除。",
      "When everybody is accounted for the calling closes, and the commander gets the figures; the warning stays in force until it is lifted."],
    act: ["快进 10 分钟", "Forward 10 minutes"],
    run: (page) => page.forward(10),
  },
];

export function buildGuide(page, node) {
  const status = el("p.status", { role: "status" });
  const items = STEPS.map((step, index) => el("li", {},
    el("h3", {}, ...both(step.zh, step.en)),
    el("p", {}, step.text[0], el("span.en", { lang: "en" }, step.text[1])),
    el("button.step", {
      type: "button",
      onclick: async (event) => {
        const button = event.currentTarget;
        button.disabled = true;
        status.textContent = "";
        try {
          await step.run(page);
          items.forEach((item, at) => item.classList.toggle("next", at === index + 1));
        } catch (error) {
          status.textContent = error.message;
        } finally {
          button.disabled = false;
        }
      },
    }, step.act[0], el("span.en", { lang: "en" }, step.act[1]))));
  items[0].classList.add("next");
  node.append(
    el("h2", {}, ...both("两分钟看完一次叫应", "A call and its answers in two minutes")),
    el("ol", {}, ...items), status,
    el("h2", {}, ...both("还可以试", "Also try")),
    el("ul", {},
      el("li", {}, "巡护员：📍 一键报位、📷 现场上报、🆘 求救",
        el("span.en", { lang: "en" }, "The patroller: position, field report, call for help")),
      el("li", {}, el("button.plain", { type: "button", onclick: () => page.showNewcomer() },
        ...both("换一部没绑定的新手机", "A new phone that is not linked yet"))),
      el("li", {}, "每部手机上方可换成任何人",
        el("span.en", { lang: "en" }, "The menu over each phone hands it to anybody"))));
}

/** Tap through the release, as a commander would. */
async function release(page) {
  const { phone, world } = page.commander();
  await phone.show(phone.owner);
  page.bring(phone);
  await world.until(() => keyOf(world, phone, "发布预警"));
  const since = 1 + Math.max(0, ...world.messages(phone.owner).map((one) => one.message_id));
  await phone.pressKey(keyOf(world, phone, "发布预警"));
  let last = "";
  for (let taps = 0; taps < LONGEST; taps += 1) {
    const { found, words } = await world.until(() => nextTap(phone, since, last));
    found.node?.scrollIntoView({ block: "nearest" });
    found.node?.classList.add("finger");
    await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });
    await phone.press(found.message, found.button, found.node);
    if (words === "确认发布") return;
    last = `${found.message.message_id} ${found.button.callback_data}`;
  }
  throw new Error("没有走到确认发布 / did not come to the confirmation");
}

function keyOf(world, phone, words) {
  const rows = world.keyboard(phone.owner, phone.owner)?.keyboard ?? [];
  return rows.flat().find((key) => key.text.includes(words));
}

function nextTap(phone, since, last) {
  for (const words of RELEASE) {
    const found = phone.find(words, since);
    if (found && `${found.message.message_id} ${found.button.callback_data}` !== last) {
      return { found, words };
    }
  }
  return null;
}

async function acknowledge(page) {
  const phone = page.villageHead();
  await phone.show(phone.owner);
  page.bring(phone);
  const found = await page.world.until(() => phone.find("收到"));
  found.node?.classList.add("finger");
  await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });
  await phone.press(found.message, found.button, found.node);
}
