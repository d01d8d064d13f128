// A link's pass for a session. The pass stands behind the #, so it is in no server's log; it is
// taken out of the address, so it is in no history either.
const AGAIN = "请在 Telegram 里给叫应机器人发 /board，点新的链接。 Send /board to the bot and open the new link.";
const WHY = {
  no_pass: "这里要有链接才能看。 The board opens by a link only.",
  forged: "这个链接无效。 This link is not valid.",
  expired: "这个链接过了 10 分钟。 This link is older than 10 minutes.",
  used: "这个链接已经打开过一次。 This link was opened before.",
  ended: "已退出，或由管理员结束。 It was left, or ended by an administrator.",
  not_in_post: "您的职务、区划或 Telegram 账号已变动。 Your post, division or account has changed.",
};
const say = document.getElementById("say");

async function open() {
  const pass = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  const answer = await fetch("session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ pass }),
    credentials: "same-origin",
  });
  if (answer.status === 204) {
    location.replace("./");
    return;
  }
  const refusal = answer.status === 403 ? (await answer.json()).refusal : "";
  say.textContent = refusal
    ? `${WHY[refusal] ?? WHY.forged} ${AGAIN}`
    : "系统正忙，请过几秒再点一次链接。 Busy: tap the link again in a few seconds.";
}

open().catch(() => {
  say.textContent = "连不上服务器，请检查网络后再点一次链接。 No connection: tap the link again.";
});
