// One card for each warning: its colour, how many answered, how long it has been out.
import { el, en } from "./elements.js";
import { minuteClock, since } from "./times.js";

const LEVELS = { red: "红", orange: "橙", yellow: "黄", blue: "蓝" };

export function percent(done, every) {
  // 99.6 % is not all of them.
  return every ? Math.floor((100 * done) / every) : 0;
}

export function drawAlerts(into, facts, chosen, choose) {
  if (!facts.alerts.length) {
    into.replaceChildren(el("p.calm", {}, "现在没有生效的预警 ", en("No warning in force")));
    return;
  }
  into.replaceChildren(...facts.alerts.map((alert) => card(alert, chosen, choose)));
}

function card(alert, chosen, choose) {
  const { total } = alert;
  const node = el(
    `article.card.${alert.level}${alert.exercise ? ".exercise" : ""}`,
    { "aria-current": alert.id === chosen ? "true" : null },
    el("h2", {},
      el("button.pick", { type: "button", "data-alert": alert.id },
        alert.exercise ? el("span.mark", {}, "演练 ", en("EXERCISE")) : null,
        el("span.level", {}, alert.grade || LEVELS[alert.level]), alert.title, en(alert.titleEn))),
    alert.pending
      ? el("p.pending", {}, "⏳ 待第二人确认，尚未发出 ", en("waits for the second person, not sent"))
      : el("p.when", {}, "已发布 ", el("b.since", { "data-at": alert.released, title: "released" }),
        ` · ${minuteClock(alert.released)} · ${alert.sender}`),
  );
  if (alert.plan) node.append(el("p.when", {}, alert.plan));
  if (alert.change) {
    node.append(el("p.changed", {},
      `✏️ 第 ${alert.change.version} 版 · ${alert.change.zh} · ${minuteClock(alert.change.at)} ${alert.change.by}`
        + ` · 有效至 ${minuteClock(alert.expires)} `,
      en(`version ${alert.change.version}: ${alert.change.en}`)));
  }
  if (alert.held) {
    node.append(el("p.held", {}, "⏸️ 系统中断太久，等人决定是否还要发 ",
      en("held: somebody has to decide whether it is still sent")));
  }
  if (alert.called) {
    node.append(el("p.called", {}, "☑️ 叫应已销号，预警仍然有效，至 ", minuteClock(alert.expires), " ",
      en("calling complete, the warning is in force")));
  }
  if (!alert.pending) {
    node.append(figures(total, alert.incomplete), bar(total), under(total, alert.unreported, alert.evacuation), evacuation(alert.evacuation), tiers(alert.tiers));
    if (alert.uncalled) {
      node.append(el("p.uncalled", {}, `⚠️ 另有 ${alert.uncalled} 个村没有人可叫 `,
        en(`${alert.uncalled} more villages have nobody to call`)));
    }
    if (alert.cutOff) {
      node.append(el("p.uncalled", {}, `🚧 三断村庄 ${alert.cutOff} 个 `,
        en(`${alert.cutOff} villages cut off`)));
    }
    if (alert.departments.length) node.append(departments(alert.departments, alert.id === chosen));
    if (alert.id === chosen) node.append(places(alert.places));
  } else if (alert.id === chosen) {
    node.append(el("p.text", {}, alert.text));
  }
  node.querySelector(".pick").addEventListener("click", () => choose(alert.id));
  return node;
}

function figures(total, incomplete) {
  return el("p.figures", {},
    el("b.share", {}, `${percent(total.answered, total.calls)}%`),
    el("span.answered", {}, el("b", {}, `${total.answered}`), ` / ${total.calls} 已回应 `, en("answered")),
    total.waiting
      ? el("span.waiting", {}, el("b", {}, `${total.waiting}`), " 未回应 ", en("silent"))
      : total.discharged
        ? el("span.all", {}, "其余已销号 ", en("the rest struck off"))
        : incomplete
          ? el("span.waiting", {}, `已叫的都回应，${incomplete} 处下级没有完成 `,
            en(`all called answered, ${incomplete} places not complete below`))
          : el("span.all", {}, "全部回应 ", en("all answered")));
}

function bar(total) {
  const node = el("div.bar", { role: "img", "aria-label": `${total.answered} / ${total.calls}` });
  const parts = [
    ["own", total.acknowledged], ["proxied", total.proxied], ["discharged", total.discharged],
    ["reached", total.waiting - total.unreachable], ["unreachable", total.unreachable],
  ];
  for (const [name, count] of parts) {
    if (!count) continue;
    const part = el(`i.${name}`);
    part.style.flexGrow = count;
    node.append(part);
  }
  return node;
}

function evacuation(found) {
  if (!found) return "";
  const told = (households, persons) => `${households} 户 ${persons} 人`;
  // Villages without a card have moved people, too: nobody said how many were to.
  const others = found.movedHouseholds + found.leftHouseholds > found.targetHouseholds;
  return el("p.evacuation", {},
    el("span", {},
      `应转 ${told(found.targetHouseholds, found.targetPersons)}${others ? "（有转移卡的村）" : ""} `,
      en(others ? "to move, where there are cards" : "to move")),
    el("span", {}, "已转 ", el("b", {}, told(found.movedHouseholds, found.movedPersons)), " ", en("moved")),
    found.leftHouseholds
      ? el("span.waiting", {}, "未转 ", el("b", {}, told(found.leftHouseholds, found.leftPersons)), " ", en("still to move"))
      : el("span.all", {}, "全部转完 ", en("all moved")));
}

function under(total, unreported, moving) {
  const parts = [
    ["own", total.acknowledged, "本人", "in person"],
    ["proxied", total.proxied, "代答", "by proxy"],
    ["discharged", total.discharged, "销号", "discharged"],
    ["reached", total.waiting - total.unreachable, "等待", "waiting"],
    ["unreachable", total.unreachable, "联系不上", "unreachable"],
  ].filter(([, count]) => count);
  const line = el("p.under", {}, parts.map(([name, count, zh, english]) =>
    el("span", {}, el(`i.key.${name}`), `${zh} ${count} `, en(english))));
  if (unreported) {
    line.append(el("span", {}, `已回应未反馈 ${unreported} `, en("answered, nothing reported")));
  }
  if (total.persons && !moving) {
    line.append(el("span", {}, `已转移 ${total.households} 户 ${total.persons} 人 `, en("moved")));
  }
  return line;
}

function tiers(rows) {
  return el("p.tiers", {}, rows.map((row) =>
    el("span", {}, `${row.zh} `, el("b", {}, `${row.answered}/${row.calls}`), en(row.en))));
}

// Departments beside the tiers: how many answered; of the chosen warning, each by name.
function departments(rows, all) {
  const answered = rows.filter((row) => row.answer === "answered").length;
  const overdue = rows.reduce((sum, row) => sum + row.overdue, 0);
  const line = el("p.tiers.departments", {},
    el("span", {}, "🏢 部门 ", el("b", {}, `${answered}/${rows.length}`), en("departments")));
  if (overdue) line.append(el("span.late", {}, `任务逾期 ${overdue} `, en("tasks overdue")));
  const shown = all ? rows.slice(0, 24) : rows.filter((row) => row.answer === "waiting").slice(0, 8);
  const marks = { answered: "✓", waiting: "✕", ended: "–" };
  for (const row of shown) {
    const tasks = row.tasks ? ` ${row.done}/${row.tasks}` : "";
    line.append(el(`span.${row.overdue ? "late" : row.answer}`, {}, `${marks[row.answer]} ${row.name}${tasks}`));
  }
  if (all && rows.length > shown.length) line.append(el("span", {}, `另有 ${rows.length - shown.length} 家`));
  return line;
}

function left(row) {
  if (row.complete) return "✓";
  if (row.cutOff) return `三断 ${row.cutOff}`;
  return row.waiting ? `差 ${row.waiting}` : `下级差 ${row.belowOpen}`;
}

function places(rows) {
  const shown = rows.slice(0, 9);
  const table = el("table.places", {}, el("tbody", {}, shown.map((row) =>
    el(`tr${row.complete ? ".done" : ""}`, {},
      el("th", { scope: "row" }, row.name), el("td.mini", {}, bar(row)),
      el("td", {}, `${row.answered}/${row.calls}`),
      el("td.left", {}, [left(row), row.toMove ? `未转 ${row.toMove} 户` : ""].filter(Boolean).join(" "))))));
  if (rows.length > shown.length) {
    const rest = rows.slice(9).reduce((sum, row) => sum + row.waiting, 0);
    table.append(el("caption", {}, `另有 ${rows.length - 9} 地，未回应 ${rest} 人 `,
      en(`${rows.length - 9} more places`)));
  }
  return table;
}

export function drawEnded(into, facts) {
  if (!facts.ended.length) {
    into.replaceChildren();
    return;
  }
  into.replaceChildren(
    el("h3", {}, "24 小时内已结束 ", en("ended within 24 h")),
    el("ul.ended", {}, facts.ended.map((one) =>
      el("li", {}, el(`i.dot.${one.level}`), el("time", {}, minuteClock(one.at)),
        `${one.exercise ? "【演练】" : ""}${one.title} `, el("b", {}, one.zh), en(one.en)))));
}

export function tick(root) {
  for (const node of root.querySelectorAll("[data-at]")) {
    const passed = since(Number(node.dataset.at));
    node.textContent = passed.zh;
    if (node.title) node.title = `${passed.en} ago`;
  }
}
