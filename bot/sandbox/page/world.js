// What the page knows of the sandbox's world, kept up to date by server-sent events.

import { get, scene } from "/static/api.js";

export class World extends EventTarget {
  constructor() {
    super();
    this.chats = new Map(); // chat id -> Map(message id -> message), once somebody looked
    this.keyboards = new Map(); // "chat:user" -> reply keyboard
    this.people = new Map();
    this.groups = [];
  }

  async open() {
    this.scene = await scene();
    this.bot = this.scene.bot;
    this.groups = this.scene.groups;
    for (const person of this.scene.people) this.people.set(person.id, person);
    this.setClock(this.scene.now);
    const events = new EventSource("/sandbox/events");
    let before = false;
    events.onopen = () => {
      if (before) this.reload(); // what was said while we did not listen
      before = true;
      this.tell("connection", { up: true });
    };
    events.onerror = () => this.tell("connection", { up: false });
    events.onmessage = (event) => this.happened(JSON.parse(event.data));
    await new Promise((resolve) => { events.addEventListener("open", resolve, { once: true }); });
  }

  now() { return this.clockBase + performance.now(); }

  setClock(milliseconds) { this.clockBase = milliseconds - performance.now(); }

  groupsOf(userId) { return this.groups.filter((group) => group.members.includes(userId)); }

  messages(chatId) { return [...(this.chats.get(chatId)?.values() ?? [])]; }

  /** The number of the newest message in a chat; 0 when there is none. */
  newest(chatId) {
    return Math.max(0, ...this.messages(chatId).map((message) => message.message_id));
  }

  keyboard(chatId, userId) { return this.keyboards.get(`${chatId}:${userId}`) ?? null; }

  /** Load a chat as one person sees it. */
  async load(chatId, userId) {
    // What is said while the answer is under way is kept: it may not be in the answer yet.
    if (!this.chats.has(chatId)) this.chats.set(chatId, new Map());
    const [messages, keyboard] = await Promise.all([
      get("messages", { chat_id: chatId }).catch(() => []),
      get("keyboard", { chat_id: chatId, user_id: userId }).catch(() => null),
    ]);
    const known = new Map(messages.map((message) => [message.message_id, message]));
    for (const [id, message] of this.chats.get(chatId)) known.set(id, message);
    this.chats.set(chatId, new Map([...known].sort(([a], [b]) => a - b)));
    this.keyboards.set(`${chatId}:${userId}`, keyboard);
    this.tell("chat", { chatId });
  }

  async reload() {
    for (const chatId of [...this.chats.keys()]) {
      const messages = await get("messages", { chat_id: chatId }).catch(() => []);
      this.chats.set(chatId, new Map(messages.map((one) => [one.message_id, one])));
      this.tell("chat", { chatId });
    }
  }

  happened(event) {
    const chatId = event.chat_id;
    switch (event.type) {
      case "message":
      case "edited":
        this.chats.get(chatId)?.set(event.message.message_id, event.message);
        this.tell("chat", { chatId, message: event.message, fresh: event.type === "message" });
        break;
      case "deleted":
        this.chats.get(chatId)?.delete(event.message_id);
        this.tell("chat", { chatId });
        break;
      case "keyboard":
        this.keyboards.set(`${chatId}:${event.user_id}`, event.keyboard);
        this.tell("keyboard", { chatId, userId: event.user_id });
        break;
      case "chat_action":
        this.tell("typing", { chatId });
        break;
      case "clock":
        this.setClock(event.now);
        this.tell("clock", {});
        break;
      case "telephone":
        this.tell("telephone", { number: event.number });
        break;
      default:
        break;
    }
  }

  tell(kind, detail) { this.dispatchEvent(new CustomEvent(kind, { detail })); }

  /** Wait until `look()` returns something; it is asked again whenever anything happens. */
  until(look, seconds = 30, otherwise = "没有等到机器人的回复 / the bot did not answer") {
    return new Promise((resolve, reject) => {
      const kinds = ["chat", "keyboard", "telephone"];
      const finish = (result, error) => {
        kinds.forEach((kind) => this.removeEventListener(kind, again));
        clearTimeout(timer);
        if (error) reject(error); else resolve(result);
      };
      const again = () => { const found = look(); if (found) finish(found); };
      const timer = setTimeout(
        () => finish(null, new Error(otherwise)), seconds * 1000);
      kinds.forEach((kind) => this.addEventListener(kind, again));
      again();
    });
  }
}
