/** The states that people give incidents and alerts, and how they say what it was. */

/** @type {ReadonlyMap<string, string>} */
export const STATUSES = new Map([
  ["Active", "Active"],
  ["InProgress", "In progress"],
  ["Resolved", "Resolved"],
  ["Dismissed", "Dismissed"],
]);

/** The states in which somebody still has to look. */
export const OPEN_STATUSES = Object.freeze(["Active", "InProgress"]);

/** @type {ReadonlyMap<string, string>} */
export const CLASSIFICATIONS = new Map([
  ["TruePositive", "True positive"],
  ["BenignPositive", "Benign positive (expected activity)"],
  ["FalsePositive", "False positive"],
  ["Undetermined", "Undetermined"],
]);

/** @param {string} status */
export function statusTitle(status) {
  return STATUSES.get(status) ?? status;
}

/** @param {string} classification */
export function classificationTitle(classification) {
  return CLASSIFICATIONS.get(classification) ?? classification;
}

/** @param {string} status */
export function isClosed(status) {
  return status === "Resolved" || status === "Dismissed";
}
