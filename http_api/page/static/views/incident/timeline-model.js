/** Where each alert's mark goes: a lane, a place in time, and marks that would overlap made one. */

import { byStage, stageTitle } from "../../model/killchain.js";
import { severityOrder, worse } from "../../model/severity.js";

/** @typedef {import("../../model/types.js").AlertItem} AlertItem */
/** @typedef {{key: string, title: string, detail: string, marks: Mark[], total: number}} Lane */
/** @typedef {{x: number, severity: string, alerts: AlertItem[], firstUtc: string, lastUtc: string}} Mark */
/** @typedef {"resource" | "stage"} LaneKind */
/** @typedef {{lanes: Lane[], from: number, to: number}} Timeline */

export const NO_STAGE = "none";

/**
 * @param {AlertItem[]} alerts
 * @param {{lanes: LaneKind, width: number, markWidth: number}} options in pixels
 * @returns {Timeline}
 */
export function layTimeline(alerts, { lanes, width, markWidth }) {
  const instants = alerts.map((alert) => Date.parse(alert.startTimeUtc));
  const { from, to } = extent(instants);
  const byLane = Map.groupBy(
    alerts.flatMap((alert) => lanesOf(alert, lanes).map((lane) => ({ lane, alert }))),
    ({ lane }) => lane.key,
  );
  const laid = [...byLane.values()].map((entries) => {
    const inLane = entries.map(({ alert }) => alert);
    const place = (/** @type {AlertItem} */ alert) =>
      ((Date.parse(alert.startTimeUtc) - from) / (to - from)) * width;
    return { ...entries[0].lane, total: inLane.length, marks: marksOf(inLane, place, markWidth) };
  });
  return { lanes: laid.sort(lanes === "stage" ? byStageOrder : byFirstMark), from, to };
}

/**
 * The time to show: all of it, with a little room at both ends.
 * @param {number[]} instants
 */
function extent(instants) {
  const first = instants.reduce((a, b) => Math.min(a, b), Infinity);
  const last = instants.reduce((a, b) => Math.max(a, b), -Infinity);
  const room = Math.max(30_000, (last - first) * 0.02);
  return { from: first - room, to: last + room };
}

/**
 * @param {AlertItem} alert
 * @param {LaneKind} kind
 */
function lanesOf(alert, kind) {
  if (kind === "resource") {
    const { id, name, type } = alert.resource;
    return [{ key: id, title: name, detail: type }];
  }
  const stages = alert.tactics.length > 0 ? alert.tactics : [NO_STAGE];
  return stages.map((stage) => ({
    key: stage,
    title: stage === NO_STAGE ? "No stage" : stageTitle(stage),
    detail: "",
  }));
}

/**
 * Marks from left to right; alerts that would overlap share one, of the worst severity among them.
 * @param {AlertItem[]} alerts
 * @param {(alert: AlertItem) => number} place
 * @param {number} markWidth
 * @returns {Mark[]}
 */
function marksOf(alerts, place, markWidth) {
  /** @type {Mark[]} */
  const marks = [];
  for (const alert of alerts.toSorted(byStart)) {
    const x = place(alert);
    const last = marks[marks.length - 1];
    if (last && x - last.x < markWidth) {
      last.alerts.push(alert);
      last.severity = worse(last.severity, alert.severity);
      last.lastUtc = alert.startTimeUtc;
    } else {
      const at = alert.startTimeUtc;
      marks.push({ x, severity: alert.severity, alerts: [alert], firstUtc: at, lastUtc: at });
    }
  }
  return marks;
}

/**
 * @param {AlertItem} a
 * @param {AlertItem} b
 */
function byStart(a, b) {
  return a.startTimeUtc.localeCompare(b.startTimeUtc) || a.alertId.localeCompare(b.alertId);
}

/**
 * @param {Lane} a
 * @param {Lane} b
 */
function byStageOrder(a, b) {
  return byStage(a.key, b.key);
}

/**
 * The lane that was attacked first comes first; of two at once, the worse hit.
 * @param {Lane} a
 * @param {Lane} b
 */
function byFirstMark(a, b) {
  const [first, second] = [a.marks[0], b.marks[0]];
  return (
    first.firstUtc.localeCompare(second.firstUtc) ||
    severityOrder(first.severity) - severityOrder(second.severity) ||
    a.key.localeCompare(b.key)
  );
}

/**
 * Round instants to mark on the axis, at most `most`.
 * @param {number} from
 * @param {number} to
 * @param {number} most
 */
export function axisTicks(from, to, most) {
  const MINUTE = 60_000;
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 43_200].map(
    (m) => m * MINUTE,
  );
  const step = steps.find((one) => (to - from) / one <= most) ?? Math.ceil((to - from) / most);
  // Midnights of the reader's zone are round; those of UTC need not be.
  const zone = new Date(from).getTimezoneOffset() * MINUTE;
  const first = Math.ceil((from - zone) / step) * step + zone;
  const ticks = [];
  for (let at = first; at <= to; at += step) ticks.push(at);
  return { ticks, withDay: step >= 1440 * MINUTE };
}
