// The page: three phones, a telephone, a clock, the steps.

import { forward, takeUp } from "/static/api.js";
import { both, clockSecond, el } from "/static/elements.js";
import { buildGuide } from "/static/guide.js";
import { Phone } from "/static/phone.js";
import { Telephone } from "/static/telephone.js";
import { World } from "/static/world.js";

const LABELS = [["指挥长", "commander"], ["村干部", "village head"], ["巡护员", "patroller"]];

class Page {
  constructor(world) {
    this.world = world;
    this.tabs = document.getElementById("tabs");
    this.clock = document.getElementById("clock");
    this.buttons = [...document.querySelectorAll("#forward button")];
    this.phones = world.scene.phones.map(
      (owner, at) => new Phone(world, at, owner, LABELS[at]));
    this.telephone = new Telephone(world, world.scene.telephoned);
    this.devices = [...this.phones, this.telephone];
    document.getElementById("phones").append(...this.devices.map((device) => device.node));
    const guide = document.getElementById("guide");
    buildGuide(this, guide);
    this.panels = [...this.devices.map((device) => device.node), guide];
    this.narrow = window.matchMedia("(max-width: 760px)");
    this.narrow.addEventListener("change", () => this.bringPanel(this.front));
    this.buildTabs();
    this.bringPanel(0);
    for (const button of this.buttons) {
      button.addEventListener("click", () => this.forward(Number(button.dataset.minutes)));
    }
    world.addEventListener("connection", ({ detail }) => {
      document.body.classList.toggle("offline", !detail.up);
    });
    setInterval(() => this.drawClock(), 250);
    world.addEventListener("clock", () => this.drawClock());
  }

  drawClock() {
    this.clock.textContent = clockSecond(this.world.now());
  }

  /** Let minutes pass. */
  async forward(minutes) {
    await this.waiting(async () => this.world.setClock((await forward(minutes)).now));
  }

  /** While `hurry` goes on the clock runs, and cannot be moved; one waits for another's end. */
  async waiting(hurry) {
    while (this.hurrying) await this.hurrying.catch(() => undefined);
    this.hurrying = hurry();
    document.body.classList.add("hurrying");
    this.buttons.forEach((button) => { button.disabled = true; });
    try {
      await this.hurrying;
    } finally {
      this.hurrying = undefined;
      document.body.classList.remove("hurrying");
      this.buttons.forEach((button) => { button.disabled = false; });
    }
  }

  // -- a narrow screen shows one panel at a time -------------------------------------------------

  buildTabs() {
    const names = [...LABELS, ["电话", "telephone"], ["步骤", "steps"]];
    this.tabButtons = names.map((name, at) => el("button", {
      type: "button", onclick: () => this.bringPanel(at),
    }, ...both(...name)));
    this.tabs.append(...this.tabButtons);
    this.devices.forEach((device) => { device.onunread = () => this.drawBadges(); });
  }

  bringPanel(at) {
    this.front = at;
    this.panels.forEach((panel, index) => {
      panel.classList.toggle("behind", this.narrow.matches && index !== at);
    });
    this.tabButtons.forEach((button, index) => {
      button.setAttribute("aria-pressed", String(index === at));
    });
    this.phones.forEach((phone, index) => {
      phone.shown = !this.narrow.matches || index === at;
      if (phone.shown) phone.unread.delete(phone.chat);
      if (phone.shown && phone.nodes) phone.list.scrollTop = phone.list.scrollHeight;
    });
    this.telephone.shown = !this.narrow.matches || this.panels[at] === this.telephone.node;
    this.telephone.draw();
    this.panels[at].scrollIntoView({ inline: "nearest", block: "nearest" });
    this.drawBadges();
  }

  bringGuide() { this.bringPanel(this.panels.length - 1); }

  drawBadges() {
    this.phones.forEach((phone, at) => {
      this.drawBadge(at, [...phone.unread.values()].reduce((sum, one) => sum + one, 0));
    });
    const unseen = Object.values(this.telephone.unseen).reduce((sum, one) => sum + one, 0);
    this.drawBadge(this.phones.length, this.telephone.ringing ? "☎" : unseen);
  }

  drawBadge(at, count) {
    this.tabButtons[at].querySelector(".badge")?.remove();
    if (count) this.tabButtons[at].append(el("span.badge", {}, String(count)));
  }

  // -- whose phone is where ----------------------------------------------------------------------

  commander() { return this.lay(0, this.world.people.get(this.world.scene.phones[0])); }

  villageHead() { return this.lay(1, this.world.people.get(this.world.scene.phones[1])); }

  ranger() { return this.lay(2, this.world.people.get(this.world.scene.phones[2])); }

  /** A township's duty officer, on the third phone: the visitor does the ringing. */
  async officer() {
    const { officer } = this.world.scene;
    const phone = await this.lay(2, this.world.people.get(officer));
    await takeUp(officer);
    return phone;
  }

  /** Whether a warning was released: the commander has its card. */
  get released() {
    return this.world.messages(this.world.scene.phones[0]).some(
      ({ text }) => text?.includes("未回应") || text?.includes("已销号"));
  }

  /** The telephone of the village head without Telegram, in front. */
  async telephoned() {
    const { telephoned } = this.world.scene;
    if (this.telephone.owner !== telephoned) await this.telephone.show(telephoned);
    this.bringPanel(this.panels.indexOf(this.telephone.node));
    return this.telephone;
  }

  showNewcomer() {
    return this.lay(2, this.world.scene.people.find(
      (person) => person.new && !this.world.messages(person.id).length));
  }

  /** Put this person's own chat on one of the phones, in front; resolves to the phone. */
  async lay(at, person) {
    if (!person) throw new Error("没有这样的人了 / nobody left");
    const phone = this.phones[at];
    if (phone.owner !== person.id || phone.chat !== person.id) await phone.show(person.id);
    await phone.ready;
    this.bringPanel(at);
    return phone;
  }
}

const world = new World();
try {
  await world.open();
  window.sandbox = new Page(world); // for the console, and for the browser test
} catch (error) {
  document.getElementById("phones").append(el("p", {}, `打不开沙盒 / cannot open: ${error.message}`));
}
