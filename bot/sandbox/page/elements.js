// Building the page: never innerHTML, so nobody's name can become markup.

/** `el("p.note", {title: "x"}, "text", child)` */
export function el(what, properties = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.includes("-") || ["role", "for", "lang"].includes(name)) {
      node.setAttribute(name, value);
    } else node[name] = value;
  }
  node.append(...children.filter((child) => child !== undefined && child !== null));
  return node;
}

/** Chinese, then English smaller. */
export const both = (zh, en) => [zh, " ", el("span.en", { lang: "en" }, en)];

const BEIJING = { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false };
const minute = new Intl.DateTimeFormat("zh-CN", BEIJING);
const second = new Intl.DateTimeFormat("zh-CN", { ...BEIJING, second: "2-digit" });

export const clockMinute = (milliseconds) => minute.format(milliseconds);
export const clockSecond = (milliseconds) => second.format(milliseconds);
