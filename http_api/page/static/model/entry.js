/** What incidents and alerts have in common in lists and changes. */

/** @typedef {import("./types.js").Entry} Entry */

/** @param {Entry} entry */
export function entryId(entry) {
  return entry.kind === "incident" ? entry.incidentId : entry.alertId;
}

/**
 * A key among incidents and alerts together.
 * @param {Entry} entry
 */
export function entryKey(entry) {
  return `${entry.kind}:${entryId(entry)}`;
}

/** @param {Entry} entry */
export function lastActivity(entry) {
  return entry.kind === "incident" ? entry.lastActivityUtc : entry.endTimeUtc;
}

/**
 * A list's item with its kind, which lists of one kind leave out.
 * @param {"incident" | "alert"} kind
 * @returns {(item: any) => any}
 */
export function ofKind(kind) {
  return (item) => ({ kind, ...item });
}

/**
 * A detail with the reason of its classification where rows would have it.
 * @template {{triage?: {classificationReason?: string}}} T
 * @param {T} detail
 * @returns {T & {classificationReason?: string}}
 */
export function withReason(detail) {
  return { ...detail, classificationReason: detail.triage?.classificationReason };
}
