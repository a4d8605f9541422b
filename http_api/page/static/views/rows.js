/** Rows of incidents and alerts, in one set of columns. */

import { lastActivity } from "../model/entry.js";
import { isUnread } from "../service/seen.js";
import { kindIcon, severityBadge, stageStrip, statusBadge, capital } from "../ui/badges.js";
import { h } from "../ui/dom.js";
import { ago, compactNumber, count, dateTime } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { entryHref } from "./entry-actions.js";

/** @typedef {import("../model/types.js").Entry} Entry */
/** @typedef {import("../model/types.js").IncidentItem} IncidentItem */
/** @typedef {import("../model/types.js").AlertItem} AlertItem */

const PHONE = matchMedia("(max-width: 720px)");

export function entryRowHeight() {
  return PHONE.matches ? 104 : 60;
}

/**
 * Headings of the columns; those that would say nothing to the eye are there for the ear. The last is
 * what the API can order by, of incidents and of alerts.
 */
const HEAD = /** @type {[name: string, text: string, seen: boolean, order?: string][]} */ ([
  ["select-cell", "Select", false],
  ["severity-cell", "Severity", true, "severity"],
  ["title-cell", "Title and resources", true],
  ["stages-cell", "Kill chain", true],
  ["count-cell", "Alerts", true],
  ["status-cell", "State", true],
  ["owner-cell", "Owner", true],
  ["time-cell", "Last activity", true, "activity"],
  ["menu-cell", "Menu", false],
]);

/**
 * @param {"incidents" | "alerts" | "both"} show
 * @param {string} orderBy as in the address: a name, perhaps with ` asc` after it
 * @param {(orderBy: string) => void} sort
 */
export function entryHead(show, orderBy, sort) {
  const [now = "", way = ""] = (orderBy || "activity").split(" ");
  return HEAD.map(([name, text, seen, order]) => {
    const hidden = !seen || (name === "count-cell" && show === "alerts");
    const label = h("span", { class: hidden && "sr" }, text);
    if (!order || show === "both") return h("div", { class: name, role: "columnheader" }, label);
    const current = order === now;
    const direction = way === "asc" ? "ascending" : "descending";
    const next = current && way !== "asc" ? `${order} asc` : order;
    return h(
      "div",
      { class: name, role: "columnheader", "aria-sort": current ? direction : "none" },
      h(
        "button",
        { type: "button", class: "head-sort", onclick: () => sort(next === "activity" ? "" : next) },
        label,
        current && h("span", { "aria-hidden": "true" }, way === "asc" ? " ↑" : " ↓"),
      ),
    );
  });
}

/**
 * @param {Entry} entry
 * @param {boolean} selected
 * @returns {HTMLElement[]}
 */
export function entryCells(entry, selected) {
  const incident = entry.kind === "incident" ? entry : null;
  const alert = entry.kind === "alert" ? entry : null;
  const at = lastActivity(entry);
  const unread = incident && isUnread(incident);
  return [
    h("div", { class: "select-cell" }, selectBox(entry.title, selected)),
    h(
      "div",
      { class: "severity-cell" },
      severityBadge(entry.severity),
      incident && h("span", { class: "sub" }, `${capital(incident.confidence)} confidence`),
    ),
    h(
      "div",
      { class: "title-cell" },
      h(
        "span",
        { class: "title-line" },
        kindIcon(entry.kind),
        unread && h("span", { class: "unread", title: "New to you" }, h("span", { class: "sr" }, "New: ")),
        h(
          "a",
          { class: "title", href: entryHref(entry), title: entry.title, tabindex: -1 },
          entry.title,
        ),
      ),
      h("span", { class: "sub" }, incident ? resourcesText(incident) : alert && originText(alert)),
    ),
    h(
      "div",
      { class: "stages-cell" },
      stageStrip(incident ? incident.stages : (alert?.tactics ?? [])),
    ),
    h(
      "div",
      { class: "count-cell" },
      incident &&
        h(
          "span",
          { title: count(incident.alertCount, "alert") },
          compactNumber(incident.alertCount),
          h("span", { class: "unit" }, " alerts"),
        ),
    ),
    h("div", { class: "status-cell" }, statusBadge(entry.status, entry.classification)),
    h("div", { class: "owner-cell", title: entry.assignedTo ?? null }, ownerText(entry)),
    h("div", { class: "time-cell" }, h("time", { datetime: at, title: dateTime(at) }, ago(at))),
    h(
      "div",
      { class: "menu-cell" },
      h(
        "button",
        { type: "button", class: "icon-button row-menu", tabindex: -1, "aria-label": "Actions" },
        icon("dots"),
      ),
    ),
  ];
}

/**
 * Who owns it, an address without its domain: the column is narrow.
 * @param {Entry} entry
 */
function ownerText({ assignedTo }) {
  return assignedTo ? assignedTo.split("@")[0] || assignedTo : h("span", { class: "none" }, "–");
}

/**
 * @param {string} title
 * @param {boolean} selected
 */
function selectBox(title, selected) {
  return h(
    "span",
    {
      class: "box",
      role: "checkbox",
      "aria-checked": String(selected),
      "aria-label": `Select ${title}`,
      tabindex: -1,
    },
    icon("check"),
  );
}

/** @param {AlertItem} alert */
function originText({ resource, product, incident }) {
  const place = incident ? `in ${incident.title}` : "in no incident";
  return [resource.name, product, place].filter(Boolean).join(" · ");
}

/** @param {IncidentItem} incident */
export function resourcesText(incident) {
  const names = incident.resources.map(({ name }) => name);
  const more = incident.resourceCount - names.length;
  return names.join(", ") + (more > 0 ? ` and ${count(more, "more", "more")}` : "");
}
