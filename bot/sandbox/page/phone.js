// One phone: whose it is, one chat at a time, the keyboard under it.

import { act, base64, get, putAway } from "/static/api.js";
import { both, el } from "/static/elements.js";
import { bubble, emptyChat, excerpt, fullName } from "/static/message.js";
import { askAttachment, askPlace, notify, samplePhoto } from "/static/sheets.js";

const TOAST_MS = 3500;
const TYPING_MS = 4000;

export class Phone {
  constructor(world, number, owner, label) {
    this.world = world;
    this.number = number;
    this.label = label;
    this.unread = new Map(); // chat id -> count
    this.shown = true; // false while another tab is in front, on a narrow screen
    this.build();
    world.addEventListener("chat", (event) => this.chatChanged(event.detail));
    world.addEventListener("keyboard", (event) => this.keyboardChanged(event.detail));
    world.addEventListener("typing", (event) => this.typing(event.detail.chatId));
    this.show(owner);
  }

  build() {
    this.select = el("select", {
      id: `owner-${this.number}`,
      onchange: () => this.show(Number(this.select.value)),
    });
    for (const [title, people] of this.choices()) {
      this.select.append(el("optgroup", { label: title }, ...people.map((person) => el(
        "option", { value: person.id }, describe(person)))));
    }
    this.whose = el("span.whose");
    this.title = el("b");
    this.subtitle = el("span.subtitle");
    this.avatar = el("span.avatar", { "aria-hidden": "true" });
    this.chatTabs = el("div.chats", { role: "group", "aria-label": "会话 chats" });
    this.list = el("ol.messages", { role: "log", "aria-label": "消息 messages", tabIndex: 0 });
    // A picture that has come takes room: the newest message stays in sight.
    this.list.addEventListener("load", ({ target }) => {
      if (target.closest("li") === this.list.lastElementChild) this.list.scrollTop = this.list.scrollHeight;
    }, true);
    this.quote = el("div.reply-to", { hidden: true });
    this.input = el("textarea", {
      rows: 1, placeholder: "输入消息 Message", "aria-label": "输入消息 message",
      onkeydown: (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
          event.preventDefault();
          this.send();
        }
      },
    });
    this.toggle = el("button.icon", {
      type: "button", "aria-label": "键盘 keyboard", "aria-expanded": "true",
      onclick: () => this.showKeys(this.keys.hidden),
    }, "⌨");
    this.composer = el("form.composer", {
      onsubmit: (event) => { event.preventDefault(); this.send(); },
    },
    el("button.icon", {
      type: "button", "aria-label": "发照片、位置 attach", onclick: () => this.attach(),
    }, "＋"), this.input, this.toggle,
    el("button.icon.send", { type: "submit", "aria-label": "发送 send" }, "➤"));
    this.keys = el("div.keys");
    this.startButton = el("button.start", {
      type: "button", hidden: true, onclick: () => this.tried(act("press_start", { user_id: this.owner })),
    }, ...both("开始", "START"));
    this.toasts = el("div.toasts", { role: "status" });
    this.node = el("section.phone", { "aria-label": this.label.join(" ") },
      el("label.owner", { for: this.select.id }, this.whose, this.select),
      el("div.bar", {}, this.avatar, el("div.who", {}, this.title, this.subtitle)),
      this.chatTabs, this.list, this.quote, this.startButton, this.composer, this.keys, this.toasts);
  }

  choices() {
    const usable = this.world.scene.people.filter((person) => person.usable);
    return [
      ["桌上的三部手机 on the table", usable.filter((one) => one.phone_on_table)],
      ["新手机，还没绑定 not linked yet", usable.filter((one) => one.new)],
      ["其他人 everybody else", usable.filter((one) => !one.phone_on_table && !one.new)],
    ];
  }

  /** Put this person's phone here. */
  async show(owner, chatId = owner) {
    if (this.owner !== undefined && this.owner !== owner) putAway(this.owner);
    this.owner = owner;
    this.person = this.world.people.get(owner);
    this.select.value = String(owner);
    this.whose.replaceChildren(...(owner === this.world.scene.phones[this.number]
      ? both(...this.label) : [this.person.role.zh]));
    this.unread.clear();
    await this.openChat(chatId);
  }

  async openChat(chatId) {
    this.chat = chatId;
    this.nodes = undefined; // drawn when the chat is loaded
    this.unread.delete(chatId);
    this.replyTo = undefined;
    this.quote.hidden = true;
    this.ready = this.world.load(chatId, this.owner);
    await this.ready;
  }

  // -- drawing ----------------------------------------------------------------------------------

  chatChanged({ chatId, message, fresh }) {
    if (chatId !== this.chat) {
      if (fresh && message.from.is_bot && this.has(chatId)) this.countUnread(chatId);
      return;
    }
    if (fresh && message.from.is_bot && !this.shown) this.countUnread(chatId);
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 120;
    if (!message) this.drawAll();
    else if (this.nodes) this.drawOne(message);
    if (fresh || !message || atEnd) this.list.scrollTop = this.list.scrollHeight;
    if (message?.force_reply && fresh && chatId === this.owner) this.answerTo(message);
    this.drawFrame();
  }

  has(chatId) {
    return chatId === this.owner || this.world.groupsOf(this.owner).some((one) => one.id === chatId);
  }

  countUnread(chatId) {
    this.unread.set(chatId, (this.unread.get(chatId) ?? 0) + 1);
    this.drawFrame();
  }

  drawAll() {
    const messages = this.world.messages(this.chat);
    this.nodes = new Map();
    this.list.replaceChildren(...(messages.length ? [] : [emptyChat()]));
    messages.forEach((message) => this.drawOne(message));
  }

  drawOne(message) {
    const node = bubble(message, this.owner, (...tap) => this.press(...tap));
    const old = this.nodes.get(message.message_id);
    if (old) {
      const focused = old.contains(document.activeElement);
      old.replaceWith(node);
      if (focused) (node.querySelector("button") ?? this.list).focus({ preventScroll: true });
    } else {
      if (!this.nodes.size) this.list.replaceChildren();
      this.list.append(node);
    }
    this.nodes.set(message.message_id, node);
  }

  drawFrame() {
    const groups = this.world.groupsOf(this.owner);
    const group = groups.find((one) => one.id === this.chat);
    this.title.textContent = group ? group.title : fullName(this.world.bot);
    this.subtitle.textContent = group ? `${group.members.length + 1} 位成员 members` : "机器人 bot";
    this.avatar.textContent = group ? group.title[0] : "叫";
    const chats = [[this.owner, "叫应"], ...groups.map((one) => [one.id, one.title])];
    this.chatTabs.hidden = chats.length < 2;
    this.chatTabs.replaceChildren(...chats.map(([id, name]) => el("button.chat", {
      type: "button", "aria-pressed": String(id === this.chat), onclick: () => this.openChat(id),
    }, name, this.unread.get(id) ? el("span.badge", {}, String(this.unread.get(id))) : undefined)));
    const stranger = this.chat === this.owner && !this.world.messages(this.chat).length;
    this.startButton.hidden = !stranger;
    this.composer.hidden = stranger;
    this.drawKeys();
    this.onunread?.();
  }

  drawKeys() {
    const keyboard = this.world.keyboard(this.chat, this.owner);
    if (keyboard === this.drawnKeys) return;
    this.drawnKeys = keyboard;
    const rows = keyboard?.keyboard ?? [];
    this.keys.replaceChildren(...rows.map((row) => el("div.row", {}, ...row.map((key) => el(
      "button.key", { type: "button", onclick: () => this.pressKey(key) }, key.text)))));
    this.toggle.hidden = !rows.length;
    this.showKeys(rows.length > 0);
    this.list.scrollTop = this.list.scrollHeight;
  }

  showKeys(visible) {
    this.keys.hidden = !visible;
    this.toggle.setAttribute("aria-expanded", String(visible));
  }

  keyboardChanged({ chatId, userId }) {
    if (chatId === this.chat && userId === this.owner) this.drawFrame();
  }

  typing(chatId) {
    if (chatId !== this.chat) return;
    this.subtitle.textContent = "正在输入… typing";
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => this.drawFrame(), TYPING_MS);
  }

  toast(text) {
    const node = el("div.toast", {}, text);
    this.toasts.replaceChildren(node);
    setTimeout(() => node.remove(), TOAST_MS);
  }

  answerTo(message) {
    this.replyTo = message.message_id;
    this.quote.replaceChildren(el("span", {}, "↩ ", excerpt(message)), el("button.icon", {
      type: "button", "aria-label": "不回复 do not reply",
      onclick: () => { this.replyTo = undefined; this.quote.hidden = true; },
    }, "✕"));
    this.quote.hidden = false;
    this.input.placeholder = message.force_reply.input_field_placeholder || "回复 Reply";
  }

  // -- acting -----------------------------------------------------------------------------------

  /** Do it, and say so on this phone if it cannot be done. */
  async tried(doing) {
    try {
      return await doing;
    } catch (error) {
      this.toast(error.message);
      return undefined;
    }
  }

  /** Tap an inline button; resolves to whether it was there to be tapped, once the bot answered. */
  async press(message, button, node) {
    node?.classList.add("waiting");
    try {
      const query = await this.tried(act("tap", {
        user_id: this.owner,
        chat_id: message.chat.id,
        message_id: message.message_id,
        data: button.callback_data,
      }));
      if (query === undefined) return false;
      const answer = await this.tried(get("answer", { query_id: query, timeout: 15 }));
      // Nobody is waited for to have read it: the steps at the side press on.
      if (answer?.text && answer.show_alert) notify(this.node, answer.text);
      else if (answer?.text) this.toast(answer.text);
      return true;
    } finally {
      node?.classList.remove("waiting");
    }
  }

  async pressKey(key) {
    const facts = { user_id: this.owner, chat_id: this.chat, text: key.text };
    if (key.request_location) {
      const place = await askPlace(this.node, this.world.scene.places);
      if (!place) return;
      facts.location = [place.latitude, place.longitude, place.accuracy];
    }
    await this.tried(act("press_key", facts));
  }

  async send() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.input.placeholder = "输入消息 Message";
    const facts = { user_id: this.owner, chat_id: this.chat, text, reply_to: this.replyTo };
    this.replyTo = undefined;
    this.quote.hidden = true;
    await this.tried(act("send_text", facts));
  }

  /** Write a text, as the steps at the side do. */
  async type(text) {
    this.input.value = text;
    await this.send();
  }

  /** Send a position without being asked which. */
  async sendPlace(place) {
    await this.tried(act("send_location", {
      user_id: this.owner,
      latitude: place.latitude,
      longitude: place.longitude,
      horizontal_accuracy: place.accuracy,
    }));
  }

  /** Send a picture drawn here. */
  async sendPhoto(caption) {
    const content = await base64(await samplePhoto(this.world.now()));
    await this.tried(act("send_photo", { user_id: this.owner, content, caption }));
  }

  /** Bring a message of the chat that is open into sight. */
  showMessage(message) {
    this.nodes?.get(message.message_id)?.scrollIntoView({ block: "nearest" });
  }

  /** The newest message to this person that says these words. */
  finds(words, since = 0) {
    return this.world.messages(this.owner).reverse().find((message) => message.message_id >= since
      && (message.text ?? message.caption ?? "").includes(words));
  }

  async attach() {
    const chosen = await this.tried(askAttachment(this.node, this.world.scene.places, this.world.now()));
    if (!chosen) return;
    const [action, facts] = chosen;
    await this.tried(act(action, {
      ...facts, user_id: this.owner, chat_id: this.chat, reply_to: this.replyTo,
    }));
  }

  /** The newest message here whose button says `words`, with that button; `about`: what it says. */
  find(words, since = 0, about = "") {
    for (const message of this.world.messages(this.owner).reverse()) {
      if (message.message_id < since) break;
      if (!(message.text ?? message.caption ?? "").includes(about)) continue;
      const rows = message.reply_markup?.inline_keyboard ?? [];
      const button = rows.flat().find((one) => one.text.includes(words));
      if (button) return { message, button, node: this.nodeOf(message, button) };
    }
    return null;
  }

  /** What was found, as it is there now; nothing when the message has lost that button. */
  still({ message: { message_id: id }, button }) {
    const message = this.world.messages(this.owner).find((one) => one.message_id === id);
    const rows = message?.reply_markup?.inline_keyboard ?? [];
    const there = rows.flat().find((one) => one.callback_data === button.callback_data);
    return there && { message, button: there, node: this.nodeOf(message, there) };
  }

  nodeOf(message, button) {
    const keys = this.nodes?.get(message.message_id)?.querySelectorAll("button.key") ?? [];
    return [...keys].find((key) => key.textContent === button.text);
  }
}

function describe(person) {
  const rank = person.rank > 1 ? "（替补）" : "";
  return `${person.name} ${person.place} ${person.role.zh}${rank}`;
}
