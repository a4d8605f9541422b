/** The one zone that every time of the page is told in: the reader's own, or UTC. */

const NAME = "zone";

export function isUtc() {
  return localStorage.getItem(NAME) === "utc";
}

/** The zone as `Intl` takes it; undefined is the reader's own. */
export function zone() {
  return isUtc() ? "UTC" : undefined;
}

/** The zone's name for people: `UTC`, `Europe/Berlin`. */
export function zoneName() {
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone() }).resolvedOptions().timeZone;
}

/** The zone's short name at present: `CET`, `GMT+5:30`. */
export function shortZone() {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone(), timeZoneName: "short" });
  const part = format.formatToParts().find(({ type }) => type === "timeZoneName");
  return part?.value ?? zoneName();
}

/** Tells times in the other zone from now on. */
export function switchZone() {
  if (isUtc()) localStorage.removeItem(NAME);
  else localStorage.setItem(NAME, "utc");
  dispatchEvent(new Event("zonechange"));
}

/**
 * A time as a field for times shows it, in that zone: `2026-11-24T09:41`.
 * @param {string | null} utc
 */
export function fieldTime(utc) {
  const instant = Date.parse(utc ?? "");
  if (Number.isNaN(instant)) return "";
  const offset = isUtc() ? 0 : new Date(instant).getTimezoneOffset() * 60_000;
  return new Date(instant - offset).toISOString().slice(0, 16);
}

/**
 * The instant that a field for times means.
 * @param {string} value empty for none
 */
export function instantOf(value) {
  return value ? new Date(isUtc() ? `${value}Z` : value).toISOString() : "";
}
