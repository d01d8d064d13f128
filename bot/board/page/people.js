// Who has not answered, and who calls for help.
import { el, en } from "./elements.js";
import { minuteClock } from "./times.js";

export function drawSilent(into, alert) {
  if (!alert || alert.pending) {
    into.replaceChildren(el("h2", {}, "未回应 ", en("Not answered")), el("p.calm", {}, "—"));
    return;
  }
  const { waiting } = alert.total;
  const head = el("h2", {}, "未回应 ", el("b.count", {}, `${waiting}`), " 人 ", en("not answered"),
    alert.exercise ? el("span.mark", {}, "演练 ", en("EXERCISE")) : null);
  const about = el(`p.about.${alert.level}`, {}, alert.title);
  if (!waiting) {
    into.replaceChildren(head, about, el("p.calm.good", {}, "没有人未回应 ", en("Nobody is silent")));
    return;
  }
  const list = el("ol.people", { tabindex: "0" }, alert.silent.map(row));
  const before = into.querySelector(".people")?.scrollTop ?? 0;
  const left = waiting - alert.silent.length;
  into.replaceChildren(head, about, list,
    left > 0 ? el("p.more", {}, `另有 ${left} 人 `, en(`and ${left} more`)) : "");
  list.scrollTop = before;
}

function row(one) {
  return el(`li${one.unreachable ? ".unreachable" : ""}`, {},
    el("span.who", {}, el("b", {}, one.name), ` ${one.role}`),
    phones(one),
    el("span.where", {}, one.place),
    el("span.long", {}, one.unreachable ? "联系不上 · " : "", el("span", { "data-at": one.called })),
    ...(one.tried ?? []).map((how) => el("span.tried", {}, how)));
}

// The number to ring, and further ones beside it.
function phones(person) {
  const more = (person.morePhones ?? []).flatMap((number) => [" ", phone(number)]);
  return more.length ? el("span", {}, phone(person.phone), ...more) : phone(person.phone);
}

function phone(number) {
  if (!number) return el("span.phone", {}, "—");
  return el("a.phone", { href: `tel:${number}` }, spaced(number));
}

// +8613900000001 is read aloud as 139 0000 0001.
function spaced(number) {
  const found = /^\+86(1\d{2})(\d{4})(\d{4})$/.exec(number);
  return found ? found.slice(1).join(" ") : number;
}

// Whoever cannot comply or needs help, until it is settled: those nobody has taken on come first.
export function drawHelp(into, facts) {
  into.hidden = !facts.help.length;
  into.replaceChildren(...facts.help.map((request) =>
    el(`p${request.takenBy ? ".taken" : ""}`, {},
      el("b.sos", {}, `🙋 ${request.what} `, en(request.whatEn)),
      request.exercise ? el("span.mark", {}, "演练 ", en("EXERCISE")) : null,
      el("span", {}, el("b", {}, request.name), ` ${request.role} · ${request.place}`),
      phones(request),
      request.text ? el("span.said", {}, `“${request.text}”`) : null,
      request.takenBy
        ? el("span.by", {}, `${request.takenBy} 已接手 `, en("taken"))
        : el("span.nobody", {}, "还没有人接手 ", en("not taken")),
      el("span", {}, `${minuteClock(request.asked)} · `, el("span", { "data-at": request.asked })),
      el("span.about", {}, request.title))));
}

export function drawDistress(into, facts) {
  into.hidden = !facts.distress.length;
  into.replaceChildren(...facts.distress.map((one) =>
    el(`p${one.takenBy ? ".taken" : ""}`, {},
      el("b.sos", {}, "🆘 求救 ", en("HELP")),
      el("span", {}, el("b", {}, one.name), ` ${one.role} · ${one.place}`),
      phones(one),
      one.takenBy
        ? el("span.by", {}, `${one.takenBy} 已接手 `, en("taken"))
        : el("span.nobody", {}, "还没有人接手 ", en("not taken")),
      el("span", {}, `${minuteClock(one.raised)} · `, el("span", { "data-at": one.raised })),
      one.position
        ? el("span", {}, `${one.position[1].toFixed(4)}°N ${one.position[0].toFixed(4)}°E`)
        : el("span", {}, "没有位置 ", en("no position")))));
}
