// How a warning is released on the commander's phone, whatever the bot asks for.

import { pressKey, pressSlowly } from "/static/fingers.js";

// Whatever the bot asks next, one of these is the answer; the first that is on a button is taken.
const RELEASE = ["确认发布", "用第 1 条", "2小时内", "不写时间", "确认此区域", "暴雨", "红色"];
const LONGEST = 14; // taps

export const NOT_YET = "先做第 1 步，发布一个预警 / first release a warning: step 1";

/** Tap through the release, as a commander would. */
export async function release(page) {
  const phone = await page.commander();
  const since = page.world.newest(phone.owner) + 1;
  await pressKey(page, phone, "发布预警");
  await confirm(page, phone, since);
  await page.world.until(() => page.released); // the card is there: the next step has what it needs
}

/** Tap whatever is asked, until the warning is released. */
export async function confirm(page, phone, since) {
  const { world } = page;
  let last = "";
  for (let taps = 0; taps < LONGEST; taps += 1) {
    const { found, words } = await world.until(() => nextTap(phone, since, last));
    await pressSlowly(phone, found);
    if (words === "确认发布") {
      await world.until(() => phone.find("看态势", since) ?? phone.finds("未回应", since));
      return;
    }
    last = `${found.message.message_id} ${found.button.callback_data}`;
  }
  throw new Error("没有走到确认发布 / did not come to the confirmation");
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
