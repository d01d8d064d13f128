// Drawing an area of a warning on the map, with a pointer or a finger; it goes on in the chat.
import { el, en, svg } from "./elements.js";

const LEAST = 4; // pixels between two points that are kept
const MOST = 400; // points
let [mode, points, told, wrong, redraw] = ["off", [], null, "", () => {}];

// Whether a line is being drawn: the map must not be made anew under the finger.
export function drawingNow() {
  return mode === "stroke";
}

export function stopDrawing() {
  [mode, points, told, wrong] = ["off", [], null, ""];
}

// What stands below the map, and the drawing on it.
export function areaTool(picture, map, again) {
  redraw = again;
  const bar = el("div.area", { "aria-live": "polite" });
  const shape = svg("path.drawn", { d: path() });
  picture.append(shape);
  if (mode === "ready" || mode === "stroke") listen(picture, map, shape);
  fill(bar);
  return bar;
}

function fill(bar) {
  if (mode === "off") {
    bar.append(button("draw", "✏️ 圈画预警区域 ", "draw an area to warn", start));
    return;
  }
  if (mode === "ready") {
    bar.append(el("p", {}, "用手指或鼠标在图上圈一圈，松开即可。 ", en("Circle the area; let go when it is closed.")),
      button("quiet", "取消 ", "cancel", stop));
    return;
  }
  if (mode === "asking") bar.append(el("p", {}, "正在查… ", en("looking")));
  if (wrong) bar.append(el("p.wrong", {}, wrong));
  if (told && mode !== "asking") {
    bar.append(told.empty
      ? el("p.wrong", {}, "圈内没有您可以预警的村。 ", en("No village you may warn lies in it."))
      : el("p", {}, el("b", {}, `${told.villages} 个村 `), en("villages"), `：${told.areas}`));
    bar.append(...told.lines.map((line) => el("p.small", {}, line)));
  }
  if (mode === "sent") {
    bar.append(el("p.done", {}, "✅ 已发到您与机器人的对话：请在 Telegram 里接着写预警，还没有发布。 ",
      en("Sent to your chat with the bot; nothing is released yet.")), button("quiet", "好 ", "close", stop));
    return;
  }
  if (mode === "shown" && told && !told.empty) {
    bar.append(button("send", "📨 发到我的对话，写预警 ", "to my chat", () => ask(true)));
  }
  if (mode === "shown") bar.append(button("quiet", "重画 ", "again", start), button("quiet", "取消 ", "cancel", stop));
}

function button(kind, zh, english, act) {
  const made = el(`button.${kind}`, { type: "button" }, zh, en(english));
  made.addEventListener("click", act);
  return made;
}

function start() {
  [mode, points, told, wrong] = ["ready", [], null, ""];
  redraw();
  document.querySelector(".picture")?.scrollIntoView({ block: "center" });
}

function stop() {
  stopDrawing();
  redraw();
}

function listen(picture, map, shape) {
  picture.classList.add("drawing");
  let last = null;
  picture.addEventListener("pointerdown", (event) => {
    if (mode !== "ready") return;
    event.preventDefault();
    picture.setPointerCapture(event.pointerId);
    [mode, points, last] = ["stroke", [], null];
    add(event);
  });
  picture.addEventListener("pointermove", (event) => {
    if (mode === "stroke") add(event);
  });
  picture.addEventListener("pointerup", () => finish());
  picture.addEventListener("pointercancel", () => start());

  function add(event) {
    if (last && Math.hypot(event.clientX - last[0], event.clientY - last[1]) < LEAST) return;
    last = [event.clientX, event.clientY];
    const at = new DOMPoint(...last).matrixTransform(picture.getScreenCTM().inverse());
    points.push([at.x, at.y]);
    shape.setAttribute("d", path());
  }

  function finish() {
    if (mode !== "stroke") return;
    if (points.length < 3) {
      start();
      return;
    }
    const every = Math.ceil(points.length / MOST);
    points = points.filter((_, n) => n % every === 0);
    asked = points.map(([x, y]) => [map.west + (x - map.margin) / map.perDegreeX,
      map.north - (y - map.margin) / map.perDegreeY].map((degrees) => Number(degrees.toFixed(6))));
    ask(false);
  }
}

let asked = [];

async function ask(send) {
  [mode, wrong] = ["asking", ""];
  redraw();
  try {
    const answer = await fetch("area", { method: "POST", credentials: "same-origin",
      headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ring: asked, send }) });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const read = await answer.json();
    wrong = read.problem ?? "";
    told = read.problem ? null : read;
    mode = read.sent ? "sent" : "shown";
    if (send && !read.sent && !wrong) wrong = "没有发成：您的 Telegram 没有绑定。";
  } catch {
    wrong = "没有发成，请再试。 Not sent, try again.";
    mode = "shown";
  }
  redraw();
}

function path() {
  const closed = mode === "stroke" || mode === "ready" ? "" : "Z";
  return points.length ? `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}${closed}` : "";
}
