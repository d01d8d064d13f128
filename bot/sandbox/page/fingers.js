// The finger that the steps at the side show: what it presses, slowly enough to be followed.

const PAUSE_MS = 550; // so that the eye can follow

const pause = () => new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });

export function point(found) {
  found.node?.scrollIntoView({ block: "nearest" });
  found.node?.classList.add("finger");
}

/** Tap a button under a message. */
export async function pressSlowly(phone, found) {
  point(found);
  await pause();
  await phone.press(found.message, found.button, found.node);
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
