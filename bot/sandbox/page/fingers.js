// The finger that the steps at the side show: what it presses, slowly enough to be followed.

const PAUSE_MS = 550; // so that the eye can follow
const TRIES = 3;
const WITHIN = 5; // seconds
const GONE = "按钮已经变了，请再按一次这一步 / the button has changed: press this step again";

const pause = () => new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });

export function point(found) {
  found.node?.scrollIntoView({ block: "nearest" });
  found.node?.classList.add("finger");
}

/** Tap a button under a message; where the message has changed meanwhile, the newest such button. */
export async function pressSlowly(phone, found) {
  point(found);
  await pause();
  for (let times = 0; times < TRIES; times += 1) {
    const there = await phone.world.until(() => phone.still(found) ?? phone.find(found.button.text), WITHIN, GONE);
    if (await phone.press(there.message, there.button, there.node)) return;
  }
  throw new Error(GONE);
}

/** Press a button of a telephone or of another app. */
export async function pressKeySlowly(button) {
  button.classList.add("finger");
  await pause();
  button.click();
  setTimeout(() => button.classList.remove("finger"), PAUSE_MS);
}

/** Press a key of the keyboard under the chat. */
export async function pressKey(page, phone, words) {
  const key = () => (page.world.keyboard(phone.owner, phone.owner)?.keyboard ?? [])
    .flat().find((one) => one.text.includes(words));
  await phone.pressKey(await page.world.until(key));
}
