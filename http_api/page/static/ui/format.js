/** Times, numbers and words as people read them. Times are told in one zone: see `zone.js`. */

import { isUtc, zone } from "./zone.js";

const NUMBER = new Intl.NumberFormat("en");
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
/** What is told of a time; its formatters are made once for each zone. */
const PARTS = /** @type {const} */ ({
  day: { day: "numeric", month: "short" },
  dayOfYear: { day: "numeric", month: "short", year: "numeric" },
  clock: { hour: "2-digit", minute: "2-digit" },
  seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
});
/** @type {Map<string, Intl.DateTimeFormat>} */
const formatters = new Map();

/**
 * @param {keyof typeof PARTS} part
 * @param {Date} moment
 */
function tell(part, moment) {
  const name = `${part} ${isUtc()}`;
  let formatter = formatters.get(name);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-GB", { ...PARTS[part], timeZone: zone() });
    formatters.set(name, formatter);
  }
  return formatter.format(moment);
}

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY_LENGTH = 24 * HOUR;

/** @param {number} value */
export function number(value) {
  return NUMBER.format(value);
}

/** @param {number} value */
export function compactNumber(value) {
  return value < 10_000 ? NUMBER.format(value) : COMPACT.format(value);
}

/**
 * `1 alert`, `2 alerts`.
 * @param {number} count
 * @param {string} noun
 * @param {string} [plural]
 */
export function count(count, noun, plural = `${noun}s`) {
  return `${number(count)} ${count === 1 ? noun : plural}`;
}

/**
 * `24 Nov, 09:41:07`; with the year where it is not this one.
 * @param {string} utc an ISO 8601 instant
 */
export function dateTime(utc) {
  const moment = new Date(utc);
  if (Number.isNaN(moment.getTime())) return utc;
  return `${dayOf(moment)}, ${tell("seconds", moment)}`;
}

/**
 * `24 Nov, 09:41`.
 * @param {number} instant in milliseconds since 1970
 */
export function minute(instant) {
  const moment = new Date(instant);
  return `${dayOf(moment)}, ${tell("clock", moment)}`;
}

/** @param {Date} moment */
function dayOf(moment) {
  const thisYear = moment.getUTCFullYear() === new Date().getUTCFullYear();
  return tell(thisYear ? "day" : "dayOfYear", moment);
}

/**
 * `09:41`, or `24 Nov` when it is not on the same day as the other.
 * @param {number} instant in milliseconds since 1970
 * @param {boolean} withDay
 */
export function tick(instant, withDay) {
  const moment = new Date(instant);
  return tell(withDay ? "day" : "clock", moment);
}

/**
 * `5 min. ago`, `yesterday`; a date when it is more than a month away.
 * @param {string} utc an ISO 8601 instant
 */
export function ago(utc) {
  const instant = Date.parse(utc);
  if (Number.isNaN(instant)) return utc;
  const past = Date.now() - instant;
  const size = Math.abs(past);
  if (size < MINUTE) return "now";
  if (size < HOUR) return RELATIVE.format(-Math.round(past / MINUTE), "minute");
  if (size < DAY_LENGTH) return RELATIVE.format(-Math.round(past / HOUR), "hour");
  if (size < 31 * DAY_LENGTH) return RELATIVE.format(-Math.round(past / DAY_LENGTH), "day");
  return dayOf(new Date(instant));
}

/**
 * The length of a time in its two largest units: `2 h 14 min`, `3 d`, `41 s`.
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const units = /** @type {const} */ ([
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
    ["s", 1],
  ]);
  const first = units.findIndex(([, size]) => seconds >= size);
  const [name, size] = units[first];
  const whole = Math.floor(seconds / size);
  const [next, nextSize] = units[first + 1];
  const rest = Math.floor((seconds - whole * size) / nextSize);
  return rest && whole < 10 ? `${whole} ${name} ${rest} ${next}` : `${whole} ${name}`;
}

/**
 * Words from a name written together: `virtualMachines` → `virtual machines`.
 * @param {string} name
 */
export function words(name) {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}

/**
 * The last part of a resource type, in words: `Microsoft.Compute/virtualMachines` → `virtual machine`.
 * @param {string} type
 */
export function resourceType(type) {
  return words(type.split("/").at(-1) ?? "").replace(/([^s])s$/, "$1");
}
