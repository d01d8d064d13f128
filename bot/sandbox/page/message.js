// One message as a bubble.

import { fileUrl } from "/static/api.js";
import { both, clockMinute, el } from "/static/elements.js";
import { richText } from "/static/richtext.js";

/** `viewer` is whose phone it is; `press(message, button, node)` is called for inline buttons. */
export function bubble(message, viewer, press) {
  const service = serviceText(message);
  if (service) return el("li.service", { id: undefined }, el("span", {}, service));
  const mine = message.from.id === viewer;
  const body = el("div.bubble");
  if (message.chat.id < 0 && !mine) body.append(el("b.sender", {}, fullName(message.from)));
  if (message.reply_to_message) {
    body.append(el("div.quoted", {}, excerpt(message.reply_to_message)));
  }
  body.append(...media(message));
  const text = message.text ?? message.caption;
  if (text) {
    const entities = message.entities ?? message.caption_entities ?? [];
    body.append(el("div.text", { lang: "zh" }, richText(text, entities)));
  }
  const edited = message.edit_date && message.from.is_bot
    ? el("span", { title: "edited" }, "已编辑 ") : undefined;
  body.append(el("small.when", {}, edited, clockMinute(message.date * 1000), mine ? " ✓✓" : ""));
  const rows = message.reply_markup?.inline_keyboard ?? [];
  return el(mine ? "li.mine" : "li.theirs", {}, body, rows.length
    ? el("div.inline", {}, ...rows.map((row) => inlineRow(message, row, press)))
    : undefined);
}

function inlineRow(message, row, press) {
  return el("div.row", {}, ...row.map((button) => {
    if (/^https?:\/\//.test(button.url ?? "")) {
      return el("a.key", { href: button.url, target: "_blank", rel: "noopener noreferrer" },
        `${button.text} ↗`);
    }
    return el(row.length > 1 || button.text.length > 6 ? "button.key" : "button.key.big", {
      type: "button",
      onclick: (event) => press(message, button, event.currentTarget),
    }, button.text);
  }));
}

function media(message) {
  if (message.photo) {
    const largest = message.photo[message.photo.length - 1];
    const src = fileUrl(largest.file_id);
    return [el("a", { href: src, target: "_blank", rel: "noopener noreferrer" },
      el("img", { src, alt: "照片 photo", loading: "lazy" }))];
  }
  if (message.video) {
    return [el("video", { src: fileUrl(message.video.file_id), controls: true, preload: "metadata" })];
  }
  if (message.location) {
    const { latitude, longitude, horizontal_accuracy: accuracy, live_period: live } = message.location;
    const figures = `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`;
    return [el("div.place", {}, el("span.pin", { "aria-hidden": "true" }, "📍"),
      el("div", {}, el("b", {}, live ? "实时位置" : "位置"), el("br"), figures,
        accuracy ? ` ±${Math.round(accuracy)} m` : ""))];
  }
  if (message.contact) {
    const { first_name: name, phone_number: phone } = message.contact;
    return [el("div.place", {}, el("span.pin", { "aria-hidden": "true" }, "👤"),
      el("div", {}, el("b", {}, name), el("br"), phone))];
  }
  const file = message.document ?? message.voice ?? message.video_note;
  return file ? [el("div.place", {}, el("span.pin", { "aria-hidden": "true" }, "📎"),
    file.file_name ?? "文件 file")] : [];
}

function serviceText(message) {
  const names = (users) => users.map(fullName).join("、");
  if (message.new_chat_members) return `${names(message.new_chat_members)} 加入了群`;
  if (message.left_chat_member) return `${fullName(message.left_chat_member)} 离开了群`;
  if (message.migrate_to_chat_id) return "群已升级为超级群";
  if (message.pinned_message) return "置顶了一条消息";
  return "";
}

export function excerpt(message) {
  const text = message.text ?? message.caption ?? (message.photo ? "照片" : "消息");
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

export const fullName = (user) => [user.first_name, user.last_name].filter(Boolean).join(" ");

export const emptyChat = () => el("li.service", {}, el("span", {}, ...both("还没有消息", "no messages yet")));
