/** The filters of the list: their place in the address, and in the API's query. */

import { STAGES } from "../model/killchain.js";
import { SEVERITIES } from "../model/severity.js";
import { STATUSES } from "../model/status.js";
import { newQuery } from "../service/news.js";
import { minute } from "../ui/format.js";

/**
 * @typedef {object} Filter
 * @property {string} name in the address and in the API
 * @property {string} title
 * @property {[string, string][]} [options] value and text; without them any text may be given
 * @property {string} [hint]
 * @property {"bySeverity" | "byStatus" | "byStage" | "byConfidence"} [facet] where its counts are
 */

/** @type {Filter[]} */
export const FILTERS = [
  {
    name: "severity",
    title: "Severity",
    options: SEVERITIES.map((one) => [one, one]),
    facet: "bySeverity",
  },
  { name: "status", title: "State", options: [...STATUSES], facet: "byStatus" },
  {
    name: "stage",
    title: "Stage",
    options: STAGES.map(({ name, title }) => [name, title]),
    facet: "byStage",
  },
  {
    name: "confidence",
    title: "Confidence",
    options: [
      ["high", "High"],
      ["medium", "Medium"],
      ["low", "Low"],
    ],
    facet: "byConfidence",
  },
  { name: "resource", title: "Resource", hint: "The name or id of a resource" },
  { name: "entity", title: "Entity", hint: "Kind and value, such as account:alice" },
  { name: "source", title: "Source", hint: "The format that alerts came in" },
  { name: "assignedTo", title: "Owner", hint: "Who it is assigned to; none for nobody" },
  { name: "label", title: "Label", hint: "A label that people gave it" },
  { name: "incident", title: "Incident", options: [["none", "In no incident"]], hint: "Alerts that are in none" },
];

/** @type {[name: string, text: string, milliseconds: number][]} */
export const PERIODS = [
  ["1h", "Last hour", 3_600_000],
  ["24h", "Last 24 hours", 86_400_000],
  ["7d", "Last 7 days", 7 * 86_400_000],
  ["30d", "Last 30 days", 30 * 86_400_000],
  ["90d", "Last 90 days", 90 * 86_400_000],
];
// A period's start moves in steps, so that the same question is asked, and a 304 answered, for a while.
const STEP = 300_000;

const TIME = ["last", "from", "to"];
/** Names in the address that filter the list, beside `show` and `orderBy`. */
const NAMES = [...FILTERS.map(({ name }) => name), "q", "new", ...TIME];

/**
 * The start of a period that ends now, or an empty text for a name that is none.
 * @param {string | null} name
 * @param {number} now
 */
export function periodStart(name, now) {
  const period = PERIODS.find(([one]) => one === name);
  return period ? new Date(Math.floor((now - period[2]) / STEP) * STEP).toISOString() : "";
}

/**
 * The API's query for an address.
 * @param {URLSearchParams} query
 * @param {number} now
 * @returns {Record<string, string>}
 */
export function apiQuery(query, now) {
  /** @type {Record<string, string>} */
  const asked = {};
  for (const name of [...FILTERS.map((filter) => filter.name), "q", "from", "to", "orderBy"]) {
    const value = query.get(name);
    if (value) asked[name] = value;
  }
  const start = periodStart(query.get("last"), now);
  return { ...asked, ...(start && { from: start }), ...(query.get("new") && newQuery()) };
}

/** @param {URLSearchParams} query */
export function hasFilters(query) {
  return NAMES.some((name) => query.get(name));
}

/**
 * The address without its filters.
 * @param {URLSearchParams} query
 */
export function withoutFilters(query) {
  return without(query, NAMES);
}

/**
 * @param {URLSearchParams} query
 * @param {string} name
 * @param {string} value an empty one takes the filter away
 */
export function changed(query, name, value) {
  const next = without(query, [name]);
  if (value) next.set(name, value);
  return next;
}

/**
 * The address with another time: a period's name as `last`, or `from` and `to`, or none.
 * @param {URLSearchParams} query
 * @param {{last?: string, from?: string, to?: string}} time
 */
export function withTime(query, time) {
  const next = without(query, TIME);
  for (const [name, value] of Object.entries(time)) if (value) next.set(name, value);
  return next;
}

/**
 * The values of a filter of which several can be chosen.
 * @param {URLSearchParams} query
 * @param {string} name
 */
export function valuesOf(query, name) {
  return (query.get(name) ?? "").split(",").filter(Boolean);
}

/**
 * The time that an address filters by, in words.
 * @param {URLSearchParams} query
 */
export function timeText(query) {
  const period = PERIODS.find(([name]) => name === query.get("last"));
  if (period) return period[1];
  const [from, to] = ["from", "to"].map((name) => {
    const instant = Date.parse(query.get(name) ?? "");
    return Number.isNaN(instant) ? "" : minute(instant);
  });
  if (from && to) return `${from} – ${to}`;
  if (from) return `from ${from}`;
  return to ? `until ${to}` : "";
}

/**
 * @param {URLSearchParams} query
 * @param {string[]} names
 */
function without(query, names) {
  const rest = new URLSearchParams(query);
  for (const name of names) rest.delete(name);
  return rest;
}
