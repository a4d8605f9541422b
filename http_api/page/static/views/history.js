/** What people and correlation have done, newest first. */

import { classificationTitle, statusTitle } from "../model/status.js";
import { incidentHref } from "../router.js";
import { capital } from "../ui/badges.js";
import { button } from "../ui/button.js";
import { h } from "../ui/dom.js";
import { time } from "../ui/facts.js";
import { ago } from "../ui/format.js";

/** @typedef {import("../model/types.js").HistoryEntry} HistoryEntry */

const UNDOABLE = new Set(["merged", "split"]);

const NAMES = /** @type {Record<string, string>} */ ({
  status: "State",
  classificationReason: "Reason",
  assignedTo: "Owner",
  upgraded: "Confidence raised",
  downgraded: "Confidence lowered",
});

/** What is told of the whole, not of a field that went from one value to another. */
const DEEDS = /** @type {Record<string, string>} */ ({
  merged: "Merged",
  split: "Split off",
  undone: "Taken back",
});

/** @typedef {(decision: string) => void} Undo */

/**
 * @param {HistoryEntry[]} history oldest first, one entry a field
 * @param {Undo} [undo] takes a merge or a split back, where that can be
 */
export function historyList(history, undo = undefined) {
  if (history.length === 0) return h("p", { class: "quiet" }, "Nobody has changed anything yet.");
  // One change of several fields is one thing that somebody did.
  const changes = Map.groupBy(history, ({ atUtc, by }) => `${atUtc} ${by}`);
  return h("ol", { class: "history" }, [...changes.values()].toReversed().map((entries) => changeItem(entries, undo)));
}

/**
 * @param {HistoryEntry[]} entries of one change
 * @param {Undo | undefined} undo
 */
function changeItem(entries, undo) {
  const [{ by, atUtc }] = entries;
  const fields = entries.filter(({ what }) => what !== "comment");
  const decided = entries.find(({ what, decision }) => decision && UNDOABLE.has(what))?.decision;
  const comments = entries.map(({ comment }) => comment).filter(Boolean);
  return h(
    "li",
    {},
    h(
      "div",
      { class: "history-head" },
      h("strong", {}, by),
      fields.length === 0 && h("span", {}, "commented"),
      h("span", { class: "history-time", title: ago(atUtc) }, time(atUtc)),
      undo && decided && button("Undo", () => undo(decided), { small: true }),
    ),
    fields.map(fieldLine),
    comments.map((comment) => h("blockquote", {}, comment)),
  );
}

/** @param {HistoryEntry} entry */
function fieldLine({ what, from, to }) {
  if (DEEDS[what]) return deedLine(what, from);
  return h(
    "div",
    { class: "history-change" },
    h("span", {}, `${NAMES[what] ?? capital(what)}: `),
    h("del", {}, valueText(what, from)),
    " → ",
    h("ins", {}, valueText(what, to)),
  );
}

/**
 * @param {string} what
 * @param {unknown} others the ids of the other incidents, separated by commas, where there are any
 */
function deedLine(what, others) {
  const ids = String(others ?? "").split(", ").filter(Boolean);
  const links = ids.map((id, index) => [index > 0 && ", ", h("a", { href: incidentHref(id) }, id)]);
  return h("div", { class: "history-change" }, DEEDS[what], links.length > 0 && [": ", links]);
}

/**
 * @param {string} what
 * @param {unknown} value
 */
function valueText(what, value) {
  if (value === null || value === undefined || value === "") return "none";
  if (Array.isArray(value)) return value.join(", ") || "none";
  const text = String(value);
  if (what === "status") return statusTitle(text);
  return what === "classification" ? classificationTitle(text) : text;
}
