// The lists of tasks: struck off, to be checked, under way, late; by list and by division.
import { el, en } from "./elements.js";

const PARTS = [["own", "done"], ["proxied", "submitted"], ["going", "going"], ["late", "late"]];

export function drawTasks(into, facts) {
  const tasks = facts.tasks;
  if (!tasks) {
    into.replaceChildren();
    return;
  }
  const head = el("h3", {}, "清单进度 ", en("tasks"), ` 销号 ${tasks.done}/${tasks.every} `,
    tasks.late ? el("b.late", {}, `逾期 ${tasks.late} `, en("overdue")) : null);
  const rows = [...tasks.lists.map((one) => row(one.zh, one)), ...tasks.places.map((one) => row(one.name, one))];
  const table = el("table.tasks", {}, el("tbody", {}, rows));
  if (tasks.more) table.append(el("caption", {}, `另有 ${tasks.more} 地 `, en(`${tasks.more} more`)));
  into.replaceChildren(head, table);
}

function row(name, bar) {
  const drawn = el("div.bar", { role: "img", "aria-label": `${bar.done} / ${bar.every}` });
  for (const [look, part] of PARTS) {
    if (!bar[part]) continue;
    const piece = el(`i.${look}`);
    piece.style.flexGrow = bar[part];
    drawn.append(piece);
  }
  return el("tr", {},
    el("th", { scope: "row" }, name), el("td.mini", {}, drawn), el("td", {}, `${bar.done}/${bar.every}`),
    el("td.late", {}, bar.late ? `逾期 ${bar.late}` : ""));
}
