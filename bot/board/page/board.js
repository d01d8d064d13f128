// The wall: asks every three seconds, shows what came, and says so when nothing does.
import { drawAlerts, drawEnded, tick } from "./cards.js";
import { el, en } from "./elements.js";
import { drawMap } from "./map.js";
import { drawTasks } from "./tasks.js";
import { drawDistress, drawHelp, drawSilent } from "./people.js";
import { clock, date, now, setNow } from "./times.js";

const EVERY = 3000;
const PATIENCE = 8000;
const OLD = 10000;
const WHY = {
  expired: ["12 小时到了，已自动退出。", "Its twelve hours are over."],
  ended: ["已退出，或由管理员结束。", "It was left, or ended by an administrator."],
  not_in_post: ["您的职务、区划或 Telegram 账号已变动。", "Your post, division or account has changed."],
};
const at = (id) => document.getElementById(id);
let [facts, map, tag, chosen, picked] = [null, null, "", null, false];
let arrived = 0; // by performance.now(): it never jumps
let shownAt = 0; // the server's time of what is shown
let over = false;

async function ask() {
  const answer = await fetch("facts", {
    cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE),
    headers: tag ? { "If-None-Match": tag } : {},
  });
  if (answer.status === 403) return end((await answer.json()).refusal);
  if (answer.status !== 200 && answer.status !== 304) throw new Error(`${answer.status}`);
  setNow(Number(answer.headers.get("Board-Now")));
  if (answer.status === 200) {
    const read = await answer.json();
    if (map === null) map = (await (await fetch("map", { cache: "no-store" })).json()) ?? false;
    [facts, tag] = [read, answer.headers.get("ETag")];
  }
  arrived = performance.now();
  shownAt = now();
  draw();
}

// What is shown: the one picked; else the newest real one that waits for somebody.
function current() {
  const found = picked && facts.alerts.find((alert) => alert.id === chosen);
  if (found) return found;
  const running = facts.alerts.filter((alert) => !alert.pending);
  const real = running.filter((alert) => !alert.exercise);
  return real.find((alert) => alert.total.waiting) ?? real[0] ?? running[0] ?? facts.alerts[0];
}

function draw() {
  const alert = current();
  chosen = alert?.id ?? null;
  at("scope").textContent = facts.scope.name;
  at("viewer").textContent = facts.viewer;
  drawAlerts(at("alerts"), facts, chosen, (id) => {
    [chosen, picked] = [id, true];
    draw();
  });
  drawTasks(at("tasks"), facts);
  drawEnded(at("ended"), facts);
  drawDistress(at("distress"), facts);
  drawHelp(at("help"), facts);
  drawMap(at("map"), map, facts, alert);
  at("main").classList.toggle("mapless", !map);
  drawSilent(at("silent"), alert);
  second();
}

function second() {
  if (over) return;
  const passed = performance.now() - arrived;
  const lost = facts !== null && passed > OLD;
  document.body.classList.toggle("old", lost);
  at("lost").hidden = !lost;
  if (lost) {
    at("lost").replaceChildren(
      `⚠ 连接中断，正在重连。下面是 ${clock(shownAt)} 的数据，已过 ${Math.floor(passed / 1000)} 秒。 `,
      en("Connection lost: what you see is old."));
  }
  at("live").className = lost || !facts ? "live lost" : "live";
  if (facts) {
    at("live").replaceChildren(
      lost ? "● 数据已旧 " : "● 实时 ", en(lost ? "old" : "live"));
  }
  at("clock").textContent = clock(now());
  at("date").textContent = `${date(now())} 北京时间`;
  tick(document.body);
}

// The session is over: nothing of what was shown stays on the wall.
function end(refusal) {
  over = true;
  const [zh, english] = WHY[refusal] ?? ["请重新打开大屏。", "Open the board again."];
  for (const id of ["alerts", "tasks", "ended", "silent", "map", "distress", "help", "viewer"]) at(id).replaceChildren();
  for (const id of ["main", "distress", "help", "lost"]) at(id).hidden = true;
  [facts, map] = [null, null];
  document.body.classList.remove("old");
  at("live").className = "live lost";
  at("live").replaceChildren("已退出 ", en("signed out"));
  at("leave").hidden = true;
  at("over").hidden = false;
  at("over").replaceChildren(el("div.box", {}, el("h1", {}, "大屏已退出"),
    el("p.why", {}, `${zh} `, en(english)),
    el("p.do", {}, "请在 Telegram 里给叫应机器人发 ", el("b", {}, "/board"), "，点新的链接。"),
    el("p", { lang: "en" }, "Send /board to the bot in Telegram and open the new link.")));
}

async function forever() {
  while (!over) {
    try {
      await ask();
    } catch {
      // Said on the page by second(): what is shown gets old.
      if (!facts) at("live").replaceChildren("连不上，正在重试… ", en("no connection, trying again"));
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

at("leave").addEventListener("click", async () => {
  await fetch("leave", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
  end("left");
});
setInterval(second, 1000);
forever();
