/**
 * The little of Markdown that sources use in steps: emphasis, code, links and lists. It builds nodes,
 * never markup, and links lead only to web pages.
 */

import { h } from "./dom.js";

/** @typedef {import("./dom.js").Child} Child */

const INLINE =
  /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\((https?:[^\s)]+)\)|(https?:\/\/[^\s<>()\]"']+[^\s<>()\]"'.,;:!?])/g;
const ITEM = /^\s*(?:[-*•]|\d+[.)])\s+/;

/**
 * A text with its lines as paragraphs, and those that begin with a mark as a list.
 * @param {string} text
 * @returns {Child[]}
 */
export function markdown(text) {
  /** @type {Child[]} */
  const parts = [];
  /** @type {Child[]} */
  let items = [];
  const close = () => {
    if (items.length > 0) parts.push(h("ul", { class: "bullets" }, items));
    items = [];
  };
  for (const line of text.split(/\r?\n/).filter((one) => one.trim())) {
    if (ITEM.test(line)) items.push(h("li", {}, inline(line.replace(ITEM, ""))));
    else {
      close();
      parts.push(h("p", {}, inline(line.replace(/^#+\s+/, ""))));
    }
  }
  close();
  return parts;
}

/**
 * One line.
 * @param {string} line
 * @returns {Child[]}
 */
export function inline(line) {
  /** @type {Child[]} */
  const parts = [];
  let end = 0;
  for (const found of line.matchAll(INLINE)) {
    const [whole, code, strong, name, target, bare] = found;
    parts.push(line.slice(end, found.index));
    if (code) parts.push(h("code", {}, code));
    else if (strong) parts.push(h("strong", {}, strong));
    else parts.push(outside(target ?? bare, name ?? bare));
    end = found.index + whole.length;
  }
  return [...parts, line.slice(end)];
}

/**
 * A link out of the page; where it leads can be read before it is followed.
 * @param {string} address
 * @param {string} text
 */
function outside(address, text) {
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer", title: address }, text);
}
