// The apps beside Telegram on somebody's telephone: cards with buttons, and words that are typed.

import { both, clockMinute, el } from "/static/elements.js";

export class Cards {
  /** `use(deed, facts)` does something with the telephone and resolves to what it shows then. */
  constructor(use) {
    this.use = use;
    this.list = el("ol.inbox.cards", { role: "log", "aria-label": "卡片 cards", tabIndex: 0 });
    this.words = el("input", {
      type: "text", maxLength: 500, placeholder: "写给叫应 Write", "aria-label": "写给叫应 write",
      enterKeyHint: "send",
    });
    this.form = el("form.reply", {
      onsubmit: (event) => { event.preventDefault(); this.write(); },
    }, this.words, el("button", { type: "submit" }, "发送", el("small", { lang: "en" }, "send")));
    this.node = el("div.letters", {}, this.list, this.form);
  }

  /** Every card and reply, of all apps. */
  static of(state) {
    return (state?.apps ?? []).flatMap((app) => app.cards.map((card) => ({ ...card, app })));
  }

  draw(state) {
    const cards = Cards.of(state);
    this.app = state.apps.find((app) => app.member);
    this.form.hidden = !this.app;
    this.list.replaceChildren(...(cards.length ? cards.map((card) => this.drawCard(card))
      : [el("li.none", {}, ...(this.app ? both("没有卡片", "no cards")
        : both("没有加入企业微信", "not a member of WeCom")))]));
    this.list.scrollTop = this.list.scrollHeight;
  }

  drawCard(card) {
    if (!card.title) {
      return el(card.mine ? "li.mine" : "li.theirs", {}, card.text,
        el("small.when", {}, clockMinute(card.at)));
    }
    const press = (key) => this.use("press_card", { app: card.app.app, card: card.id, key });
    return el("li.card", {},
      el("small.when", {}, `${card.app.name.zh} · ${clockMinute(card.at)}`),
      el("b", {}, card.title), el("p", {}, card.text),
      card.link && el("a", { href: card.link, target: "_blank", rel: "noreferrer" },
        "打开网页答复", el("small", { lang: "en" }, " answer by browser")),
      card.answered && el("p.done", {}, card.answered),
      ...card.buttons.map(([key, words]) => el("button", {
        type: "button", onclick: () => press(key),
      }, words)));
  }

  /** The newest button with these words, if there is one. */
  find(words) {
    return [...this.list.querySelectorAll("button")].reverse()
      .find((button) => button.textContent.includes(words));
  }

  async write() {
    const text = this.words.value;
    if (await this.use("write", { app: this.app.app, text })) this.words.value = "";
  }
}
