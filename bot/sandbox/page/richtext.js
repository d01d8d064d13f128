// Telegram's text with its entities, as DOM nodes. Offsets are UTF-16, as JavaScript's strings are.

import { el } from "/static/elements.js";

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  spoiler: "span.spoiler", blockquote: "blockquote", expandable_blockquote: "blockquote",
  mention: "span.link", bot_command: "span.link", phone_number: "span.link",
  text_mention: "span.link", hashtag: "span.link",
};
const PHONE = /\+86\d{11}/g; // Telegram's apps make a link of it

export function richText(text, entities = []) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const fragment = document.createDocumentFragment();
  fragment.append(...nodes(text, 0, text.length, sorted));
  return fragment;
}

function nodes(text, start, end, entities) {
  const made = [];
  let at = start;
  let rest = entities;
  while (rest.length) {
    const [first, ...others] = rest;
    const begin = Math.max(first.offset, at);
    const stop = Math.min(first.offset + first.length, end);
    if (begin > at) made.push(...plain(text.slice(at, begin)));
    if (stop > begin) {
      const inside = others.filter((one) => one.offset < stop);
      const node = element(first, text.slice(begin, stop));
      node.append(...nodes(text, begin, stop, inside));
      made.push(node);
      at = stop;
      // A quotation is a block: the line break after it is its own end, not an empty line.
      if (node.tagName === "BLOCKQUOTE" && text[at] === "\n" && at < end) at += 1;
    }
    rest = others.filter((one) => one.offset >= at);
  }
  if (at < end) made.push(...plain(text.slice(at, end)));
  return made;
}

function element(entity, text) {
  const address = entity.type === "text_link" ? entity.url : entity.type === "url" ? text : "";
  if (/^https?:\/\//.test(address)) {
    return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" });
  }
  return el(TAGS[entity.type] ?? "span");
}

function plain(text) {
  const made = [];
  let at = 0;
  for (const found of text.matchAll(PHONE)) {
    if (found.index > at) made.push(text.slice(at, found.index));
    made.push(el("span.link", { title: "在手机上点一下即可拨打 / tap to call" }, found[0]));
    at = found.index + found[0].length;
  }
  if (at < text.length) made.push(text.slice(at));
  return made;
}
