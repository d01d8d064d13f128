// What slides up over a phone: a question to choose from, and the pictures and positions to send.

import { base64 } from "/static/api.js";
import { both, clockSecond, el } from "/static/elements.js";

const LARGEST = 20 * 1024 * 1024; // bytes
const LIVE_SECONDS = 900;

/** Choose one of `[node contents, value]`; resolves to the value, or undefined when left. */
export function choose(phone, title, choices) {
  return new Promise((resolve) => {
    const back = document.activeElement;
    const sheet = el("div.sheet", { role: "dialog", "aria-modal": "true", "aria-label": title[0] });
    const close = (value) => { sheet.remove(); back?.focus?.(); resolve(value); };
    sheet.append(el("div.card", {},
      el("p.question", {}, ...title),
      ...choices.map(([contents, value]) => el(
        "button.choice", { type: "button", onclick: () => close(value) }, ...contents)),
      el("button.choice.leave", { type: "button", onclick: () => close() }, ...both("取消", "cancel"))));
    sheet.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
    sheet.addEventListener("click", (event) => { if (event.target === sheet) close(); });
    phone.append(sheet);
    sheet.querySelector("button").focus();
  });
}

/** A question with an OK button, as Telegram shows `show_alert`. */
export function notify(phone, text) {
  return choose(phone, [text], [[both("好", "OK"), true]]).catch(() => undefined);
}

/** Where the phone says it is; undefined when the visitor thinks better of it. */
export async function askPlace(phone, places) {
  return choose(phone, both("这部手机在哪里？", "Where is this phone?"),
    places.map((place) => [["📍 ", ...both(place.zh, place.en)], place]));
}

/** What to attach; resolves to `[action, arguments]` for the control interface, or undefined. */
export async function askAttachment(phone, places, now) {
  const kind = await choose(phone, both("发送什么？", "Send what?"), [
    [["📷 ", ...both("示例照片", "a sample photo")], "sample"],
    [["🖼 ", ...both("从本机选照片或视频", "a photo or video of yours")], "file"],
    [["📍 ", ...both("位置", "position")], "place"],
    [["🛰 ", ...both("实时位置 15 分钟", "live position, 15 minutes")], "live"],
  ]);
  if (kind === "sample") return ["send_photo", { content: await base64(await samplePhoto(now)) }];
  if (kind === "file") return pickFile();
  if (kind !== "place" && kind !== "live") return undefined;
  const place = await askPlace(phone, places);
  if (!place) return undefined;
  return ["send_location", {
    latitude: place.latitude,
    longitude: place.longitude,
    horizontal_accuracy: place.accuracy || undefined,
    live_period: kind === "live" ? LIVE_SECONDS : undefined,
  }];
}

function pickFile() {
  return new Promise((resolve, reject) => {
    const input = el("input", { type: "file", accept: "image/*,video/*" });
    input.addEventListener("cancel", () => resolve(undefined));
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (!file) resolve(undefined);
      else if (file.size > LARGEST) reject(new Error("文件超过 20 MB / larger than 20 MB"));
      else {
        const action = file.type.startsWith("video/") ? "send_video" : "send_photo";
        resolve([action, { content: await base64(file) }]);
      }
    });
    input.click();
  });
}

/** A picture of a swollen river, drawn here: no camera, no download. */
export function samplePhoto(now) {
  const canvas = el("canvas", { width: 640, height: 420 });
  const draw = canvas.getContext("2d");
  const fill = (colour, ...box) => { draw.fillStyle = colour; draw.fillRect(...box); };
  fill("#7d8b99", 0, 0, 640, 190);
  draw.fillStyle = "#4b6152";
  draw.beginPath();
  [[0, 190], [120, 90], [240, 170], [380, 70], [520, 160], [640, 110], [640, 220], [0, 220]]
    .forEach(([x, y]) => draw.lineTo(x, y));
  draw.fill();
  fill("#8a7350", 0, 200, 640, 220);
  draw.strokeStyle = "#b59a70";
  draw.lineWidth = 5;
  for (let y = 220; y < 420; y += 26) {
    draw.beginPath();
    for (let x = 0; x <= 640; x += 16) draw.lineTo(x, y + 7 * Math.sin((x + y * 3) / 38));
    draw.stroke();
  }
  fill("#5c4632", 250, 205, 26, 150);
  fill("#e8e2d0", 254, 230, 18, 12);
  draw.fillStyle = "#fff";
  draw.font = "bold 26px sans-serif";
  draw.fillText(`河水上涨 示例照片 ${clockSecond(now)}`, 20, 400);
  return new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", 0.8); });
}
