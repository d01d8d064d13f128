// The page: three phones, a clock, the steps.

import { forward } from "/static/api.js";
import { both, clockSecond, el } from "/static/elements.js";
import { buildGuide } from "/static/guide.js";
import { Phone } from "/static/phone.js";
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
    document.getElementById("phones").append(...this.phones.map((phone) => phone.node));
    const guide = document.getElementById("guide");
    buildGuide(this, guide);
    this.panels = [...this.phones.map((phone) => phone.node), guide];
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
    if (document.body.classList.contains("hurrying")) return;
    document.body.classList.add("hurrying");
    this.buttons.forEach((button) => { button.disabled = true; });
    try {
      this.world.setClock((await forward(minutes)).now);
    } finally {
      document.body.classList.remove("hurrying");
      this.buttons.forEach((button) => { button.disabled = false; });
    }
  }

  // -- a narrow screen shows one panel at a time -------------------------------------------------

  buildTabs() {
    const names = [...LABELS, ["步骤", "steps"]];
    this.tabButtons = names.map((name, at) => el("button", {
      type: "button", onclick: () => this.bringPanel(at),
    }, ...both(...name)));
    this.tabs.append(...this.tabButtons);
    this.phones.forEach((phone) => { phone.onunread = () => this.drawBadges(); });
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
    this.drawBadges();
  }

  bring(phone) { this.bringPanel(this.phones.indexOf(phone)); }

  drawBadges() {
    this.phones.forEach((phone, at) => {
      const count = [...phone.unread.values()].reduce((sum, one) => sum + one, 0);
      this.tabButtons[at].querySelector(".badge")?.remove();
      if (count) this.tabButtons[at].append(el("span.badge", {}, String(count)));
    });
  }

  // -- whose phone is where ----------------------------------------------------------------------

  commander() {
    const [phone] = this.phones;
    phone.owner = this.world.scene.phones[0];
    return { phone, world: this.world };
  }

  villageHead() {
    const phone = this.phones[1];
    phone.owner = this.world.scene.phones[1];
    return phone;
  }

  async showOfficer() {
    const township = this.world.people.get(this.world.scene.phones[1]).path.split(" ").at(-2);
    const officer = this.world.scene.people.find(
      (one) => one.place === township && one.post === "duty_officer");
    await this.lay(officer);
  }

  async showNewcomer() {
    await this.lay(this.world.scene.people.find((one) => one.new
      && !this.world.messages(one.id).length));
  }

  async lay(person) {
    if (!person) throw new Error("没有这样的人了 / nobody left");
    await this.phones[2].show(person.id);
    this.bring(this.phones[2]);
  }
}

const world = new World();
try {
  await world.open();
  window.sandbox = new Page(world); // for the console, and for the browser test
} catch (error) {
  document.getElementById("phones").append(el("p", {}, `打不开沙盒 / cannot open: ${error.message}`));
}
