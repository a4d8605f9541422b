/** What people and correlation have done, newest first. */

import { classificationTitle, statusTitle } from "../model/status.js";
import { h } from "../ui/dom.js";
import { time } from "../ui/facts.js";
import { ago } from "../ui/format.js";

/** @typedef {import("../model/types.js").HistoryEntry} HistoryEntry */

const NAMES = /** @type {Record<string, string>} */ ({
  status: "State",
  classification: "Classification",
  classificationReason: "Reason of the classification",
  assignedTo: "Owner",
  labels: "Labels",
});

/** @param {HistoryEntry[]} history oldest first */
export function historyList(history) {
  if (history.length === 0) return h("p", { class: "quiet" }, "Nobody has changed anything yet.");
  return h("ol", { class: "history" }, history.toReversed().map(entryItem));
}

/** @param {HistoryEntry} entry */
function entryItem(entry) {
  return h(
    "li",
    {},
    h(
      "div",
      { class: "history-head" },
      h("strong", {}, entry.by),
      " ",
      h("span", {}, whatText(entry)),
      h("span", { class: "history-time", title: ago(entry.atUtc) }, time(entry.atUtc)),
    ),
    changesOf(entry),
    entry.comment && h("blockquote", {}, entry.comment),
  );
}

/** @param {HistoryEntry} entry */
function whatText({ what, comment, from, to }) {
  if (from === undefined && to === undefined)
    return comment && what === "comment" ? "commented" : what;
  return isFields(from) || isFields(to)
    ? "changed"
    : `changed ${(NAMES[what] ?? what).toLowerCase()}`;
}

/**
 * From what to what: one value, or several by name.
 * @param {HistoryEntry} entry
 */
function changesOf({ what, from, to }) {
  if (from === undefined && to === undefined) return null;
  if (!isFields(from) && !isFields(to)) return changeLine("", what, from, to);
  const before = isFields(from) ? from : {};
  const after = isFields(to) ? to : {};
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.map((name) => changeLine(NAMES[name] ?? name, name, before[name], after[name]));
}

/**
 * @param {string} title
 * @param {string} name
 * @param {unknown} from
 * @param {unknown} to
 */
function changeLine(title, name, from, to) {
  return h(
    "div",
    { class: "history-change" },
    title && h("span", {}, `${title}: `),
    h("del", {}, valueText(name, from)),
    h("span", { "aria-label": "to" }, " → "),
    h("ins", {}, valueText(name, to)),
  );
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isFields(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function valueText(name, value) {
  if (value === null || value === undefined || value === "") return "none";
  if (Array.isArray(value)) return value.join(", ") || "none";
  const text = String(value);
  if (name === "status") return statusTitle(text);
  return name === "classification" ? classificationTitle(text) : text;
}
