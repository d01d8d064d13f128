// The fourth device: a plain telephone. It rings, speaks, takes keys, keeps missed calls and SMS.
// And, should its owner have them, the apps of WeCom, Feishu and DingTalk with their cards.

import { telephone, useTelephone } from "/static/api.js";
import { both, clockMinute, clockSecond, el } from "/static/elements.js";
import { APPS, CardApp } from "/static/card_app.js";

const DRAW_MS = 200;
const TOAST_MS = 4000;
const KEYS = [
  ["1", "收到 yes"], ["2", "求援 help"], ["3", ""], ["4", ""], ["5", ""], ["6", ""],
  ["7", ""], ["8", ""], ["9", "重听 again"], ["*", ""], ["0", ""], ["#", ""],
];
const ENDED = {
  missed: ["未接来电", "missed"], rejected: ["已拒接", "rejected"],
  heard: ["已接听", "picked up"], cut_short: ["接通未听完", "hung up early"],
};
const MISSED = new Set(["missed", "rejected"]);

export class Telephone {
  constructor(world, owner) {
    this.world = world;
    this.seen = new Map(); // "number view" -> how many were looked at
    this.shown = true; // false while another tab is in front, on a narrow screen
    this.view = "line";
    this.aloud = false;
    this.build();
    world.addEventListener("telephone", ({ detail }) => {
      if (detail.number === this.number) this.look();
    });
    world.addEventListener("connection", ({ detail }) => { if (detail.up) this.look(); });
    setInterval(() => this.drawLine(), DRAW_MS);
    this.show(owner);
  }

  build() {
    this.select = el("select", {
      id: "owner-of-telephone", onchange: () => this.show(Number(this.select.value)),
    });
    for (const [title, people] of this.choices()) {
      this.select.append(el("optgroup", { label: title }, ...people.map((person) => el(
        "option", { value: person.id }, `${person.name} ${person.place} ${person.role.zh}`))));
    }
    this.whose = el("span.whose");
    this.time = el("b.hour");
    this.power = el("button.switch", { type: "button", onclick: () => this.turn("on") });
    this.signal = el("button.switch", { type: "button", onclick: () => this.turn("signal") });
    this.voice = el("button.switch", {
      type: "button", hidden: !("speechSynthesis" in window), onclick: () => this.turnVoice(),
    });
    this.screen = el("div.screen", { role: "log", "aria-label": "屏幕 screen", tabIndex: 0 });
    this.green = el("button.answer", {
      type: "button", onclick: () => this.use("pick_up"),
    }, ...both("接听", "answer"));
    this.red = el("button.end", { type: "button", onclick: () => this.use(this.ringing ? "reject" : "hang_up") });
    this.keypad = el("div.keypad", { role: "group", "aria-label": "按键 keypad" }, ...KEYS.map(
      ([key, words]) => el("button.digit", {
        type: "button", "aria-label": `${key} ${words}`.trim(),
        onclick: () => this.use("press", { key }),
      }, key, el("small", {}, words))));
    this.line = el("div.line", {}, this.screen, el("div.hook", {}, this.green, this.red), this.keypad);
    this.log = el("ol.calls", { "aria-label": "通话记录 calls" });
    this.inbox = el("ol.inbox", { role: "log", "aria-label": "短信 messages", tabIndex: 0 });
    this.words = el("input", {
      type: "text", maxLength: 500, placeholder: "回复短信 Reply", "aria-label": "回复短信 reply",
      enterKeyHint: "send",
    });
    this.letters = el("div.letters", {}, this.inbox, el("form.reply", {
      onsubmit: (event) => { event.preventDefault(); this.reply(); },
    }, this.words, el("button", { type: "submit" }, "发送", el("small", { lang: "en" }, "send"))));
    this.apps = Object.fromEntries(APPS.map((app) => [app.name, new CardApp(this, app)]));
    this.views = { line: this.line, log: this.log, letters: this.letters };
    for (const [name, app] of Object.entries(this.apps)) this.views[name] = app.node;
    this.tabs = Object.fromEntries([
      ["line", "电话", "phone"], ["log", "来电", "calls"], ["letters", "短信", "SMS"],
      ...APPS.map(({ name, zh, en }) => [name, zh, en]),
    ].map(([view, zh, en]) => [view, el("button.view", {
      type: "button", onclick: () => this.turnTo(view),
    }, ...both(zh, en))]));
    this.toasts = el("div.toasts", { role: "status" });
    this.node = el("section.telephone", { "aria-label": "电话 telephone" },
      el("label.owner", { for: this.select.id }, this.whose, this.select),
      el("div.top-line", {}, this.time, this.signal, this.power, this.voice),
      el("div.views", { role: "group", "aria-label": "查看 view" }, ...Object.values(this.tabs)),
      ...Object.values(this.views), this.toasts);
  }

  choices() {
    const { people } = this.world.scene;
    return [
      ["没有 Telegram no Telegram", people.filter((one) => one.telephone_only)],
      ["还没绑定 not linked yet", people.filter((one) => one.new)],
      ["其他人 everybody else", people.filter((one) => !one.telephone_only && !one.new)],
    ];
  }

  /** Put this person's telephone here. */
  async show(owner) {
    this.hush();
    if (this.number) useTelephone(this.number, "put_away").catch(() => undefined);
    this.owner = owner;
    this.person = this.world.people.get(owner);
    this.number = this.person.number;
    this.state = undefined;
    this.select.value = String(owner);
    this.whose.replaceChildren(...both("电话", "telephone"));
    await this.use("take_up");
    this.turnTo("line");
  }

  get ringing() { return this.state?.line === "ringing"; }

  get talking() { return this.state?.line === "talking"; }

  /** How much there is that nobody has looked at. */
  get unseen() {
    const { past = [], messages = [], cards = {} } = this.state ?? {};
    const unseen = {
      log: past.slice(this.seenOf("log")).filter((call) => MISSED.has(call.ended)).length,
      letters: messages.slice(this.seenOf("letters")).filter((one) => !one.mine).length,
    };
    for (const [app, theirs] of Object.entries(cards)) {
      unseen[app] = theirs.slice(this.seenOf(app)).filter((card) => !card.mine).length;
    }
    return unseen;
  }

  seenOf(view) { return this.seen.get(`${this.number} ${view}`) ?? 0; }

  // -- what is done -------------------------------------------------------------------------------

  async look() {
    const { number } = this;
    try {
      this.take(await telephone(number), number);
    } catch (error) {
      this.toast(error.message);
    }
  }

  /** Do something with it; resolves to what it shows then, undefined when it cannot be done. */
  async use(deed, facts = {}) {
    const { number } = this;
    try {
      this.take(await useTelephone(number, deed, facts), number);
      return this.state;
    } catch (error) {
      this.toast(error.message);
      return undefined;
    }
  }

  take(state, number) {
    if (number !== this.number) return; // another one lies here now
    if (state.order < this.state?.order) return; // overtaken by a later answer
    const rang = this.ringing;
    this.state = state;
    if (this.ringing && !rang) this.turnTo("line");
    this.speak();
    this.draw();
  }

  async reply() {
    const text = this.words.value;
    if (await this.use("reply", { text })) this.words.value = "";
  }

  turn(what) {
    const { on, signal } = this.state;
    return this.use("switch", { on, signal, [what]: !this.state[what] });
  }

  turnVoice() {
    this.aloud = !this.aloud;
    if (this.aloud) this.speak(); else this.hush();
    this.draw();
  }

  /** Speak by the browser's voice what the telephone says, where the visitor wants it. */
  speak() {
    const last = this.talking ? this.state.call.spoken.at(-1) : undefined;
    if (!last) { this.hush(); return; }
    if (!this.aloud || this.speaking === last.began) return;
    this.hush();
    this.speaking = last.began;
    const words = new SpeechSynthesisUtterance(last.text);
    words.lang = "zh-CN";
    window.speechSynthesis.speak(words);
  }

  hush() {
    if (this.speaking === undefined) return;
    this.speaking = undefined;
    window.speechSynthesis.cancel();
  }

  toast(text) {
    const node = el("div.toast", {}, text);
    this.toasts.replaceChildren(node);
    setTimeout(() => node.remove(), TOAST_MS);
  }

  // -- drawing ------------------------------------------------------------------------------------

  turnTo(view) {
    this.view = view;
    this.draw();
  }

  draw() {
    const { state } = this;
    if (!state) return;
    this.markSeen();
    const unseen = this.unseen;
    for (const [name, node] of Object.entries(this.views)) node.hidden = name !== this.view;
    for (const [name, tab] of Object.entries(this.tabs)) {
      tab.setAttribute("aria-pressed", String(name === this.view));
      tab.querySelector(".badge")?.remove();
      if (name === "line" && this.ringing && this.view !== name) tab.append(el("span.badge", {}, "☎"));
      if (unseen[name]) tab.append(el("span.badge", {}, String(unseen[name])));
    }
    this.node.classList.toggle("ringing", this.ringing);
    this.node.classList.toggle("off", !state.on);
    drawSwitch(this.power, state.on, ["已开机", "on"], ["已关机", "off"]);
    drawSwitch(this.signal, state.signal, ["有信号", "signal"], ["无信号", "no signal"]);
    drawSwitch(this.voice, this.aloud, ["朗读开", "voice on"], ["朗读关", "voice off"]);
    this.green.disabled = !this.ringing;
    this.red.disabled = !this.ringing && !this.talking;
    this.red.replaceChildren(...(this.ringing ? both("拒接", "reject") : both("挂断", "hang up")));
    this.keypad.querySelectorAll("button").forEach((key) => { key.disabled = !this.talking; });
    this.log.replaceChildren(...(state.past.length ? [...state.past].reverse().map(pastCall)
      : [el("li.none", {}, ...both("没有来电", "no calls"))]));
    this.inbox.replaceChildren(...(state.messages.length ? state.messages.map(letter)
      : [el("li.none", {}, ...both("没有短信", "no messages"))]));
    this.inbox.scrollTop = this.inbox.scrollHeight;
    for (const [name, app] of Object.entries(this.apps)) app.draw(state.cards[name]);
    this.drawn = undefined;
    this.drawLine();
    this.onunread?.();
  }

  /** What is in sight counts as seen. */
  markSeen() {
    if (!this.shown) return;
    const { past, messages, cards } = this.state;
    const here = { log: past, letters: messages, ...cards }[this.view];
    if (here) this.seen.set(`${this.number} ${this.view}`, here.length);
  }

  /** The screen: redrawn as the voice goes on. */
  drawLine() {
    const { state } = this;
    if (!state) return;
    const now = this.world.now();
    this.time.textContent = state.on ? clockMinute(now) : "";
    const lines = this.lines(now);
    const drawn = lines.map((line) => line.join("")).join("\n");
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.screen.replaceChildren(...lines.map(([kind, ...words]) => el(`p.${kind}`, {}, ...words)));
    this.screen.scrollTop = this.screen.scrollHeight;
  }

  lines(now) {
    const { call, on, signal, past } = this.state;
    if (!on) return [["big", "已关机"], ["small", "按「已关机」开机 press “off” to switch it on"]];
    if (this.ringing) {
      return [["big", "来电"], ["from", "县应急叫应"], ["small", "incoming call · the county calls"]];
    }
    if (call) {
      const seconds = Math.max(0, Math.floor((now - call.picked_up) / 1000));
      const pressed = call.keys.length ? ` · 按了 pressed ${call.keys.join(" ")}` : "";
      return [["from", `通话中 ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}${pressed}`],
        ...call.spoken.map((words, at) => ["says", heard(words, call.spoken[at + 1], now)])];
    }
    const last = past.at(-1);
    const ended = last ? `${clockMinute(last.at)} ${ENDED[last.ended].join(" ")}` : "";
    return [["big", clockMinute(now)],
      ["small", signal ? "待机 standby" : "无信号 no signal"],
      ["small", ended || "发布预警后，这部电话会响 it rings after a release"]];
  }
}

function drawSwitch(button, is, yes, no) {
  const [zh, en] = is ? yes : no;
  button.setAttribute("aria-pressed", String(is));
  button.replaceChildren(zh, el("small", { lang: "en" }, en));
}

/** So much of the words as the voice has come to. */
function heard(words, next, now) {
  const until = next ? Math.min(next.began, now) : now;
  const share = Math.min(1, Math.max(0, (until - words.began) / 1000 / words.seconds));
  const count = Math.floor(words.text.length * share);
  return words.text.slice(0, count) + (count < words.text.length ? "…" : "");
}

function pastCall(call) {
  const [zh, en] = ENDED[call.ended];
  const keys = call.keys ? ` · 按 key ${[...call.keys].join(" ")}` : "";
  return el(MISSED.has(call.ended) ? "li.missed" : "li", {},
    el("b", {}, ...both(zh, en)), el("small", {}, `${clockSecond(call.at)} 县应急叫应${keys}`));
}

function letter(message) {
  return el(message.mine ? "li.mine" : "li.theirs", {}, message.text,
    el("small.when", {}, clockMinute(message.at)));
}
