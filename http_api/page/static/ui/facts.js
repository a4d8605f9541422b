/** Small building blocks that several views share. */

import { copyText } from "./clipboard.js";
import { h } from "./dom.js";
import { dateTime } from "./format.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";

/**
 * A list of names and values; what has no value is left out.
 * @param {[string, import("./dom.js").Child][]} facts
 */
export function factList(facts) {
  return h(
    "dl",
    { class: "facts" },
    facts
      .filter(([, value]) => !isNothing(value))
      .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

/** @param {import("./dom.js").Child} value */
function isNothing(value) {
  if (Array.isArray(value)) return value.length === 0;
  return value === "" || value === null || value === undefined || value === false;
}

/**
 * A part of a view with a heading of its own.
 * @param {string} title
 * @param {import("./dom.js").Child} content
 * @param {object} [options]
 * @param {string} [options.name] a class
 * @param {import("./dom.js").Child} [options.end] what stands at the end of the heading's line
 * @param {string} [options.of] what it is part of, where another on the page has the same title
 */
export function section(title, content, { name = "", end = null, of = "" } = {}) {
  return h(
    "section",
    { class: ["card", name], "aria-label": of ? `${title} – ${of}` : title },
    h("header", { class: "card-head" }, h("h2", {}, title), end),
    content,
  );
}

/** @param {string} utc */
export function time(utc) {
  return h("time", { datetime: utc, title: utc }, dateTime(utc));
}

/**
 * A value that can be copied.
 * @param {string} value
 */
export function copyable(value) {
  const copy = () => copyText(value);
  return h(
    "span",
    { class: "copyable" },
    h("code", {}, value),
    h(
      "button",
      { type: "button", class: "icon-button small", "aria-label": "Copy", onclick: copy },
      icon("copy"),
    ),
  );
}

/**
 * Steps in their order, with the little of Markdown that sources use.
 * @param {string[]} steps
 */
export function remediation(steps) {
  if (steps.length === 0) return h("p", { class: "quiet" }, "No source names any steps.");
  // Sources number their steps themselves at times; the list does it here.
  return h(
    "ol",
    { class: "steps" },
    steps.map((step) => h("li", {}, markdown(step.replace(/^\s*\d+[.)]\s+/, "")))),
  );
}

/**
 * Text with its own line breaks, as paragraphs.
 * @param {string} text
 */
export function prose(text) {
  return text
    .split(/\n+/)
    .filter((line) => line.trim())
    .map((line) => h("p", {}, line));
}
