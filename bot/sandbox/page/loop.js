// The third tour: what comes of a warning. The handbook, a task struck off by a second person, the
// watch that changes hands, a text of the office's own, and the day's report with its remarks.

import { happen } from "/static/api.js";
import { point, pressSlowly } from "/static/fingers.js";
import { release } from "/static/releasing.js";

const NEED = "涵洞堵了，需要一台挖掘机";
const NO_CALL = "村干部这里没有生效的预警；请先发布一个 / no warning in force: release one first";
const LISTED = "他报的已经列入清单：接着做第 3 步 / his request is on the list already: go on with step 3";
const NO_TASK = "没有等接手的任务：先做这一段第 2 步 / no task waits to be taken: step 2 of this tour";
const NOT_DONE = "没有等核查的任务：先做这一段第 3 步 / no task waits to be checked: step 3 of this tour";
const NO_WATCH = "没有可换的班：班次已经换过或已开始 / no watch to swap: swapped already, or begun";
const NO_HANDOVER = "现在没有要交的班：已经交过，或接班人是同一个人 / no hand-over is due: done already";
const NOT_YOURS = "他已经在值班 / he is on duty already";
const NO_REPORT = "先做第 9 步：17 时的日报 / first the report of 17:00: step 9 of this tour";
const OWN_TEXT = "暴雨来了，救命要紧！\n河边、沟口、坡下的人马上走，带好老人孩子。";
const HAND_OVER = "威虎岭村老人已接走，桥头有人守；供电所 10 点来人。";
const REMARK = "转移快，老弱都有人接；涵洞要盯住。";
const WITHIN = 4; // times five minutes: the hand-over is asked for half an hour before

export const LOOP = [
  {
    zh: "手册", en: "Handbook",
    text: ["村干部按「收到」后有「📖 怎么做」：他这个岗位、这个灾种、这一步该做的几条。没有预警时先发布一个。",
      "After 收到 comes 📖: what his post does now, for this hazard. Without a warning one is released first."],
    act: ["回应，打开「怎么做」", "Answer, and open the card"],
    run: openHandbook,
  },
  {
    zh: "转为清单", en: "Onto the list",
    text: ["村里报「需要支援」，指挥长按「📌 转为清单」，交给镇里办，限 2 小时，办完要附照片。",
      "The village needs help; the commander makes it a task of the township's, due in two hours, with a photo."],
    act: ["报需要支援，转为清单", "Ask for help, make it a task"],
    run: makeTask,
  },
  {
    zh: "接手、完成", en: "Take it, do it",
    text: ["第三部手机是镇指挥长：接手，发一张现场照片，报完成。",
      "The third phone is the township commander's: takes it, sends a photo, says it is done."],
    act: ["接手，发照片，报完成", "Take it, send a photo, done"],
    run: doTask,
  },
  {
    zh: "核查销号", en: "Struck off",
    text: ["办的人不能自己核查。指挥长看过照片，按「✅ 核实，销号」，再看进度图。",
      "Who did it cannot check it. The commander looks at the photo, strikes it off, and sees the chart."],
    act: ["核实，销号；看进度图", "Strike it off; the chart"],
    run: strikeOff,
  },
  {
    zh: "换班", en: "Swapping watches",
    text: ["导入县里的值班表。值班员请副主任换一班，对方按「同意」才算，防办主任收到通知。",
      "The county's duty plan is imported. The duty officer asks to swap a watch; it counts once agreed."],
    act: ["请人换班，对方同意", "Ask to swap; agreed"],
    run: swapWatch,
  },
  {
    zh: "交接班", en: "Hand-over",
    text: ["换人前 30 分钟，没办结的自动列出，交班人可以写几句；接班人按「✅ 已接班」。",
      "Half an hour before the watch changes hands, what is open is listed; words are added; who comes confirms."],
    act: ["写交班说明，确认接班", "Write a note; confirmed"],
    run: handOver,
  },
  {
    zh: "现在接班", en: "Take over now",
    text: ["值班员有急事：副主任按「🙋 现在接班」，马上就是值班员，原值班人和防办主任都知道。",
      "The duty officer has to leave: the deputy takes over at once, and both who was on duty and the head of office know."],
    act: ["副主任现在接班", "The deputy takes over"],
    run: takeOver,
  },
  {
    zh: "模板", en: "Templates",
    text: ["防办主任把红色暴雨的用语改成本地话，先看三部手机上什么样，再保存；以后发布就用这一版。",
      "The head of office rewrites the red rainstorm's text, sees it on three phones, and saves it."],
    act: ["改用语，看三部手机，保存", "Change it, preview, save"],
    run: changeText,
  },
  {
    zh: "17 时日报", en: "The report of 17:00",
    text: ["时钟走到 17 时过一分：叫应、回应、转移、任务、值班逐级算好，自动发给指挥长。要等十几秒。",
      "The clock goes on to 17:01: calls, answers, moved, tasks, duty are summed and sent. It takes some seconds."],
    act: ["快进到 17 时", "Forward to 17:00"],
    run: evening,
  },
  {
    zh: "点评", en: "Remarks",
    text: ["第三部手机是州指挥长：点评敦化市，评「好」，写一句；县指挥长马上收到。",
      "The third phone is the prefecture's commander: good, with a sentence; the county's hears at once."],
    act: ["州里点评敦化市", "The prefecture remarks"],
    run: remark,
  },
];

/** Who holds a post: the first in the roster. */
function holder(page, place, post) {
  return page.world.scene.people.find((one) => one.place === place && one.post === post);
}

const county = (page) => page.world.people.get(page.world.scene.phones[0]).place;

/** The words of a message as it stands now. */
function reads(page, phone, id) {
  const message = page.world.messages(phone.owner).find((one) => one.message_id === id);
  return message?.text ?? message?.caption ?? "";
}

async function openHandbook(page) {
  if (!page.released) await release(page);
  await open(page);
}

async function open(page) {
  const phone = await page.villageHead();
  const { world } = page;
  await world.until(() => phone.find("收到") ?? phone.find("怎么做"), 10, NO_CALL);
  const call = phone.find("收到");
  if (call) {
    await pressSlowly(phone, call);
    await world.until(() => phone.find("怎么做", call.message.message_id));
  }
  const since = world.newest(phone.owner) + 1;
  await pressSlowly(phone, phone.find("怎么做"));
  await world.until(() => phone.finds("📗", since));
  return phone;
}

async function makeTask(page) {
  const { world } = page;
  const village = await page.villageHead();
  if (!village.find("需要支援")) await openHandbook(page);
  await page.villageHead();
  const since = world.newest(village.owner) + 1;
  await pressSlowly(village, await world.until(() => village.find("需要支援"), 5, NO_CALL));
  await world.until(() => village.finds("需要什么支援", since));
  await village.type(NEED);
  const phone = await page.commander();
  // A message of its own, or a line more in that of all who need help.
  const told = await world.until(
    () => phone.finds(NEED) && phone.find(`转为清单：${village.person.name}`));
  const next = world.newest(phone.owner) + 1;
  await pressSlowly(phone, told);
  await world.until(() => phone.find("⬆️", next) ?? phone.finds("已经列入清单", next));
  const asked = phone.find("⬆️", next);
  if (!asked) throw new Error(LISTED);
  const id = asked.message.message_id;
  await pressSlowly(phone, asked);
  const chief = holder(page, township(page), "commander");
  await pressSlowly(phone, await world.until(() => phone.find(chief.name, id)));
  await pressSlowly(phone, await world.until(() => phone.find("2 小时", id)));
  await pressSlowly(phone, await world.until(() => phone.find("列入清单", id)));
  await world.until(() => reads(page, phone, id).includes("已列入"));
}

/** The township of the village head: the last but one of the places that hold the village. */
function township(page) {
  const head = page.world.people.get(page.world.scene.phones[1]);
  return head.path.split(" ").at(-2);
}

async function doTask(page) {
  const { world } = page;
  const phone = await page.lay(2, holder(page, township(page), "commander"));
  // Lists that ship give the township tasks of their own: the one that is meant bears these words.
  const told = await world.until(() => phone.finds(NEED), 3, NO_TASK);
  const given = await world.until(() => phone.find("接手", told.message_id), 3, NO_TASK);
  const id = given.message.message_id;
  await pressSlowly(phone, given);
  await world.until(() => reads(page, phone, id).includes("已接手"));
  const since = world.newest(phone.owner) + 1;
  await pressSlowly(phone, phone.find("✅ 完成", id));
  await world.until(() => phone.finds("请发来", since));
  await phone.sendPhoto("挖掘机到了，涵洞已疏通");
  const kept = await world.until(() => {
    const message = phone.finds("都齐了", since);
    return message && phone.find("报完成", message.message_id);
  });
  await pressSlowly(phone, kept);
  await world.until(() => reads(page, phone, kept.message.message_id).includes("待核查"));
}

async function strikeOff(page) {
  const { world } = page;
  const phone = await page.commander();
  const asked = await world.until(() => phone.find("核实，销号"), 3, NOT_DONE);
  await pressSlowly(phone, asked);
  await world.until(() => reads(page, phone, asked.message.message_id).includes("已销号"));
  const since = world.newest(phone.owner) + 1;
  await phone.type("/taskchart");
  await world.until(() => phone.finds("清单进度", since));
}

async function swapWatch(page) {
  const { world } = page;
  await page.waiting(async () => world.setClock((await happen("duty")).now));
  const asks = await page.lay(2, holder(page, county(page), "duty_officer"));
  const other = holder(page, county(page), "deputy_director");
  const asked = await page.lay(1, other);
  const before = world.newest(asked.owner) + 1;
  await page.lay(2, asks.person);
  const since = world.newest(asks.owner) + 1;
  await asks.type("/duty");
  const home = await world.until(() => asks.finds("📅 值班", since));
  const id = home.message_id;
  const swap = asks.find("换班", id);
  if (!swap) throw new Error(NO_WATCH);
  await pressSlowly(asks, swap);
  await world.until(() => reads(page, asks, id).includes("换哪一班"));
  await pressSlowly(asks, await world.until(() => asks.find(" 至 ", id), 3, NO_WATCH));
  await pressSlowly(asks, await world.until(() => asks.find(other.name, id)));
  await world.until(() => reads(page, asks, id).includes("哪一班"));
  await pressSlowly(asks, asks.find(" 至 ", id) ?? asks.find("不换回", id));
  await world.until(() => reads(page, asks, id).includes("等答复"));
  await page.lay(1, other);
  await pressSlowly(asked, await world.until(() => asked.find("同意", before)));
  await page.lay(2, asks.person);
  await world.until(() => asks.finds("排班已改", id));
}

async function handOver(page) {
  const { world } = page;
  await page.waiting(async () => world.setClock((await happen("duty")).now));
  const goes = await page.lay(2, holder(page, county(page), "duty_officer"));
  for (let times = 0; times < WITHIN && !goes.find("写交班说明"); times += 1) await page.forward(5);
  const note = goes.find("写交班说明");
  if (!note) throw new Error(NO_HANDOVER);
  const since = world.newest(goes.owner) + 1;
  await pressSlowly(goes, note);
  await world.until(() => goes.finds("请发交班说明", since));
  await goes.type(HAND_OVER);
  await pressSlowly(goes, await world.until(() => goes.find("✅ 交班", since)));
  await world.until(() => goes.finds("已交给", since));
  const comes = await page.lay(1, holder(page, county(page), "flood_office_head"));
  const given = await world.until(() => comes.find("已接班"), 10, NO_HANDOVER);
  await pressSlowly(comes, given);
  await world.until(() => comes.finds("已交接"));
}

async function takeOver(page) {
  const { world } = page;
  await page.waiting(async () => world.setClock((await happen("duty")).now));
  const phone = await page.lay(1, holder(page, county(page), "deputy_director"));
  const since = world.newest(phone.owner) + 1;
  await phone.type("/duty");
  const home = await world.until(() => phone.finds("📅 值班", since));
  const id = home.message_id;
  const over = phone.find("现在接班", id);
  if (!over) throw new Error(NOT_YOURS);
  await pressSlowly(phone, over);
  await world.until(() => reads(page, phone, id).includes("按下后"));
  await pressSlowly(phone, phone.find("🙋", id));
  await world.until(() => reads(page, phone, id).includes("您现在是"));
}

async function changeText(page) {
  const { world } = page;
  const phone = await page.lay(2, holder(page, county(page), "flood_office_head"));
  const since = world.newest(phone.owner) + 1;
  await phone.type("/templates");
  await pressSlowly(phone, await world.until(() => phone.find("预警用语", since)));
  await pressSlowly(phone, await world.until(() => phone.find("暴雨", since)));
  const edit = await world.until(() => phone.find("修改", since));
  const asked = world.newest(phone.owner) + 1;
  await pressSlowly(phone, edit);
  await world.until(() => phone.finds("请发来新的用语", asked));
  await phone.type(OWN_TEXT);
  const save = await world.until(() => phone.find("✅ 保存", asked));
  await pressSlowly(phone, save);
  await world.until(() => reads(page, phone, save.message.message_id).includes("已保存"));
}

async function evening(page) {
  const { world } = page;
  const phone = await page.commander();
  const since = world.newest(phone.owner) + 1;
  await page.waiting(async () => world.setClock((await happen("evening")).now));
  await world.until(() => phone.finds("日报", since));
  phone.showMessage(phone.finds("日报", since));
}

async function remark(page) {
  const { world } = page;
  const name = county(page);
  const head = page.world.people.get(page.world.scene.phones[0]);
  const above = head.path.split(" ").at(-2);
  const phone = await page.lay(2, holder(page, above, "commander"));
  const report = phone.find("点评下级");
  if (!report) throw new Error(NO_REPORT);
  const boss = page.phones[0];
  const before = world.newest(world.scene.phones[0]) + 1;
  const id = report.message.message_id;
  await pressSlowly(phone, report);
  await pressSlowly(phone, await world.until(() => phone.find(`${name}：`, id)));
  await pressSlowly(phone, await world.until(() => phone.find("👍", id)));
  await world.until(() => reads(page, phone, id).includes("写一句"));
  const shown = world.newest(phone.owner) + 1;
  await phone.type(REMARK);
  await pressSlowly(phone, await world.until(() => phone.find("✅ 发出", shown)));
  await page.commander();
  const told = await world.until(() => boss.finds(REMARK, before));
  boss.showMessage(told);
}
