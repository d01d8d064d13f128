// One of the apps on the fourth device in which a card with buttons arrives.

import { both, clockMinute, el } from "/static/elements.js";

export const APPS = [
  { name: "wecom", zh: "企业微信", en: "WeCom", level: ["红色", "red"] },
  { name: "feishu", zh: "飞书", en: "Feishu", level: ["橙色", "orange"] },
  { name: "dingtalk", zh: "钉钉", en: "DingTalk", level: ["黄色", "yellow"] },
];

export class CardApp {
  constructor(device, { name, zh, en, level }) {
    this.device = device;
    this.name = name;
    this.empty = el("li.none", {}, ...both(
      `沙盒里，${level[0]}预警也用${zh}叫`, `in the sandbox ${level[1]} warnings call by ${en}, too`));
    this.list = el("ol.inbox", { role: "log", "aria-label": `${zh} ${en}`, tabIndex: 0 });
    this.words = el("input", {
      type: "text", maxLength: 500, placeholder: "发消息 Message", "aria-label": `在${zh}里发消息 message`,
      enterKeyHint: "send",
    });
    this.node = el(`div.letters.${name}`, {}, this.list, el("form.reply", {
      onsubmit: (event) => { event.preventDefault(); this.write(); },
    }, this.words, el("button", { type: "submit" }, "发送", el("small", { lang: "en" }, "send"))));
  }

  async write() {
    const text = this.words.value;
    if (await this.device.use("write", { app: this.name, text })) this.words.value = "";
  }

  draw(cards) {
    const drawn = JSON.stringify(cards);
    if (drawn === this.drawn) return; // a button must not change under a finger
    this.drawn = drawn;
    this.list.replaceChildren(...(cards.length ? cards.map((card) => this.card(card)) : [this.empty]));
    this.list.scrollTop = this.list.scrollHeight;
  }

  card(card) {
    if (card.mine) return el("li.mine", {}, card.text, el("small.when", {}, clockMinute(card.at)));
    return el("li.theirs", {},
      card.title ? el("b.title", {}, card.title) : undefined,
      el("span.text", {}, card.text),
      ...Object.entries(card.buttons).map(([key, words]) => el("button.press", {
        type: "button", onclick: () => this.press(card.id, key),
      }, words)),
      card.answered ? el("b.answered", {}, card.answered) : undefined,
      /^https?:/.test(card.link) ? el("a.link", {
        href: card.link, target: "_blank", rel: "noopener noreferrer",
      }, ...both("打开网页答复 ↗", "answer page")) : undefined,
      el("small.when", {}, clockMinute(card.at)));
  }

  press(card, key) { return this.device.use("press_card", { app: this.name, card, key }); }

  /** The newest button of this name, as a node to press. */
  button(words) {
    return [...this.list.querySelectorAll("button.press")].reverse()
      .find((node) => node.textContent.includes(words));
  }
}
