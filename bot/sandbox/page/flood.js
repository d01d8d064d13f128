// The second tour. The flood of 建始 (Hubei), 4 July 2023, as published; millimetres, households and
// red are ours. What was done already is read from the phones: a page that is loaded anew goes on.

import { happen } from "/static/api.js";
import { point, pressSlowly } from "/static/fingers.js";
import { confirm } from "/static/releasing.js";

const KIND = "山洪灾害"; // this tour's warning, and no other tour's
const A_STEP = 1 / 6; // minutes
const NO_RAIN = "先让它下雨：这一段的第 1 步 / first let it rain: step 1 of this tour";
const NO_FLOOD = "先发布这一段的预警：第 2 步 / first release this tour's warning: step 2";
const RELEASED = "这一段的预警已经发布：接着做下一步，做完第 6 步可以从头再来 / released already: go on; after step 6 it can be begun again";
const RED = "已经是红色：接着做第 5 步 / it is red already: go on with step 5";
const NOT_CALLED = "这部手机还没有收到这一段的预警 / this phone has not got this tour's warning";

export const FLOOD = [
  {
    zh: "04:01 大雨", en: "04:01 heavy rain",
    text: ["2023年7月4日，湖北建始县 04:01 发布暴雨橙色预警。这里由雨量站开始：一小时 34 毫米，机器拟好预警，问指挥长。",
      "4 July 2023: Jianshi, Hubei, warned at 04:01. Here a gauge begins: 34 mm in an hour, and the machine drafts a warning."],
    act: ["让它下雨", "Let it rain"],
    run: rain,
  },
  {
    zh: "发布", en: "Release",
    text: ["机器只建议，发不发由人定：指挥长看预览，核对人数，确认发布。",
      "Machines propose, people decide: the commander looks at the preview and confirms."],
    act: ["预览并发布橙色预警", "Preview and release it"],
    run: releaseProposed,
  },
  {
    zh: "5 时 叫醒", en: "5:00 woken",
    text: ["村干部按「收到」，叫醒坡下一户，报转移 1 户 3 人。不到半小时，14 万立方米滑坡推倒那座房，无人伤亡。",
      "The village head answers, wakes the household below the slope and reports it. Within half an hour 140,000 m³ slid on the house."],
    act: ["村干部回应，报转移 1 户", "Answer and report"],
    run: (page) => answerAndMove(page, "1户3人"),
  },
  {
    zh: "升级", en: "Upgrade",
    text: ["雨更大：一小时 72 毫米，机器建议升级。指挥长看过，变更为红色：人人重新叫应，卡片换成新的。",
      "More rain: 72 mm, and the machine proposes it. The commander raises it to red: everybody is asked again."],
    act: ["下大雨，升级为红色", "More rain: raise it to red"],
    run: upgrade,
  },
  {
    zh: "08:02 滑坡", en: "08:02 the slide",
    text: ["罗家嘴 3 户 17 人十多分钟前撤完，约 20 万立方米滑下，房屋全埋，无人伤亡。",
      "Three households, 17 people, were out ten minutes before; some 200,000 m³ buried the houses; nobody was hurt."],
    act: ["再次回应，报转移 3 户 17 人", "Answer again, report 17 people"],
    run: (page) => answerAndMove(page, "3户17人"),
  },
  {
    zh: "解除", en: "Lift",
    text: ["过程结束，指挥长解除预警：收到过的人都会知道。",
      "It is over: the commander lifts the warning, and everybody who got it hears of it."],
    act: ["解除预警", "Lift the warning"],
    run: liftFlood,
  },
];

/** The warning of this tour that is in force: its card, with the button that lifts it. */
function card(phone) {
  const found = phone.find("解除预警", 0, KIND);
  // A view that was opened by hand shows how things stood then, also when it is lifted since.
  const over = phone.world.messages(phone.owner).some(({ message_id: id, text }) => text?.includes(KIND)
    && text.includes("预警已解除") && id > found?.message.message_id);
  return over ? null : found;
}

/** What the machine proposes and nobody has decided. */
const proposal = (phone) => phone.find("预览发布", 0, KIND);

/** The gauge says so, and the commander is asked; what waits already is shown again. */
async function rain(page) {
  const phone = await page.commander();
  if (card(phone)) throw new Error(RELEASED);
  if (!proposal(phone)) {
    await page.waiting(async () => page.world.setClock((await happen("rain")).now));
    await curve(page, phone);
  }
  point(await page.world.until(() => proposal(phone)));
}

/** The curve comes after the proposal, and would push it out of sight. */
async function curve(page, phone) {
  const asked = await page.world.until(() => phone.find("预览", 0, KIND));
  await page.world.until(() => page.world.newest(phone.owner) > asked.message.message_id);
  return asked;
}

async function releaseProposed(page) {
  const phone = await page.commander();
  const proposed = proposal(phone);
  if (!proposed) throw new Error(card(phone) ? RELEASED : NO_RAIN);
  const since = page.world.newest(phone.owner) + 1;
  await pressSlowly(phone, proposed);
  await confirm(page, phone, since);
  await page.world.until(() => card(phone));
}

/** Answers where something is to be answered, and reports the figures. */
async function answerAndMove(page, figures) {
  const { world } = page;
  if (!card(await page.commander())) throw new Error(NO_FLOOD);
  const phone = await page.villageHead();
  await world.until(() => phone.find("已转移群众", 0, KIND) ?? phone.find("收到", 0, KIND), 10, NOT_CALLED);
  const call = phone.find("收到", 0, KIND);
  const report = () => phone.find("已转移群众", call?.message.message_id ?? 0, KIND);
  if (call) await pressSlowly(phone, call); // its card becomes the answered one, with the buttons
  const since = world.newest(phone.owner) + 1;
  await pressSlowly(phone, await world.until(report));
  await world.until(() => phone.finds("多少户", since));
  await phone.type(figures);
  await world.until(() => phone.finds("已转移群众：", since));
}

async function upgrade(page) {
  const { world } = page;
  const phone = await page.commander();
  const before = card(phone);
  if (!before) throw new Error(NO_FLOOD);
  if (before.message.text.includes("红色")) throw new Error(RED);
  if (!phone.find("预览变更", 0, KIND)) {
    await page.waiting(async () => world.setClock((await happen("downpour")).now));
  }
  const since = world.newest(phone.owner) + 1;
  await pressSlowly(phone, await curve(page, phone));
  await pressSlowly(phone, await world.until(() => phone.find("确认变更", since)));
  await page.forward(A_STEP);
  await world.until(() => card(phone)?.message.text.includes("红色"));
}

async function liftFlood(page) {
  const { world } = page;
  const phone = await page.commander();
  const running = card(phone);
  if (!running) throw new Error(NO_FLOOD);
  const since = world.newest(phone.owner) + 1;
  await phone.type(`/status ${running.button.callback_data.split(":")[1]}`);
  await pressSlowly(phone, await world.until(() => phone.find("解除预警", since, KIND)));
  await pressSlowly(phone, await world.until(() => phone.find("确定解除", since)));
  await world.until(() => phone.finds("已解除", since));
  await world.until(() => !card(phone));
}
