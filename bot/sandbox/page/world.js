// What the page knows of the sandbox's world, kept up to date by server-sent events.

import { get, scene } from "/static/api.js";

export class World extends EventTarget {
  constructor() {
    super();
    this.chats = new Map(); // chat id -> Map(message id -> message), once somebody looked
    this.keyboards = new Map(); // "chat:user" -> reply keyboard
    this.people = new Map();
    this.groups = [];
    this.moved = 0; // how often the clock was moved
    this.asked = new Set(); // for each answer under way, what has happened since it was asked for
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
    if (!this.chats.has(chatId)) this.chats.set(chatId, new Map());
    await this.ask(async () => {
      const [messages, keyboard] = await Promise.all([
        get("messages", { chat_id: chatId }),
        get("keyboard", { chat_id: chatId, user_id: userId }),
      ]);
      return () => {
        this.take(chatId, messages);
        this.keyboards.set(`${chatId}:${userId}`, keyboard);
      };
    });
    this.tell("chat", { chatId });
    this.tell("keyboard", { chatId, userId });
  }

  /** All that is shown, asked for anew: what happened while we did not listen is not told again. */
  async reload() {
    const { now } = await scene();
    this.setClock(now);
    for (const chatId of [...this.chats.keys()]) {
      await this.ask(async () => {
        const messages = await get("messages", { chat_id: chatId });
        return () => this.take(chatId, messages);
      });
      this.tell("chat", { chatId });
    }
    for (const key of [...this.keyboards.keys()]) {
      const [chatId, userId] = key.split(":").map(Number);
      await this.ask(async () => {
        const keyboard = await get("keyboard", { chat_id: chatId, user_id: userId });
        return () => this.keyboards.set(key, keyboard);
      });
      this.tell("keyboard", { chatId, userId });
    }
  }

  /**
   * Take an answer that shows how things stood; what happened while it was under way is newer, and
   * is kept upon it. Without an answer all stays as it is.
   */
  async ask(question) {
    const meanwhile = [];
    this.asked.add(meanwhile);
    try {
      (await question())();
      meanwhile.forEach((event) => this.keep(event));
    } catch (error) {
      console.warn(error.message);
    } finally {
      this.asked.delete(meanwhile);
    }
  }

  take(chatId, messages) {
    this.chats.set(chatId, new Map(messages.map((message) => [message.message_id, message])));
  }

  happened(event) {
    this.asked.forEach((meanwhile) => meanwhile.push(event));
    this.keep(event);
    const { chat_id: chatId, message } = event;
    switch (event.type) {
      case "message":
      case "edited":
        this.tell("chat", { chatId, message, fresh: event.type === "message" });
        break;
      case "deleted":
        this.tell("chat", { chatId });
        break;
      case "keyboard":
        this.tell("keyboard", { chatId, userId: event.user_id });
        break;
      case "chat_action":
        this.tell("typing", { chatId });
        break;
      case "clock":
        this.setClock(event.now);
        this.moved += 1;
        this.tell("clock", {});
        break;
      case "telephone":
        this.tell("telephone", { number: event.number });
        break;
      default:
        break;
    }
  }

  /** Note what an event says of a chat. */
  keep(event) {
    const messages = this.chats.get(event.chat_id);
    if (event.type === "message" || event.type === "edited") {
      messages?.set(event.message.message_id, event.message);
    } else if (event.type === "deleted") {
      messages?.delete(event.message_id);
    } else if (event.type === "keyboard") {
      this.keyboards.set(`${event.chat_id}:${event.user_id}`, event.keyboard);
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
