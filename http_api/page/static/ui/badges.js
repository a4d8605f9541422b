/** Small marks for severity, state, confidence and stages: colour, and always shape or text too. */

import { STAGES, stageTitle } from "../model/killchain.js";
import { classificationTitle, statusTitle } from "../model/status.js";
import { h, svg } from "./dom.js";
import { icon, severityShape } from "./icons.js";

/**
 * The mark of a severity alone; for places where its word stands beside it.
 * @param {string} severity
 */
export function severityMark(severity) {
  const bang = severity === "Critical" && svg("path", { class: "bang", d: "M8 4.2v4.6m0 2.4v.6" });
  return svg(
    "svg",
    { class: ["sev-mark", severityClass(severity)], viewBox: "0 0 16 16", "aria-hidden": "true" },
    svg("path", { class: "shape", d: severityShape(severity) }),
    bang,
  );
}

/** @param {string} severity */
export function severityClass(severity) {
  return `sev-${severity.toLowerCase()}`;
}

/**
 * Mark and word.
 * @param {string} severity
 */
export function severityBadge(severity) {
  return h(
    "span",
    { class: ["severity", severityClass(severity)] },
    severityMark(severity),
    h("span", {}, severity),
  );
}

const STATUS_ICONS = /** @type {Record<string, string>} */ ({
  Resolved: "M4.5 8.3 7 10.8l4.5-5.3",
  Dismissed: "M5 8h6",
});

/**
 * The state, with the classification where it has one.
 * @param {string} status
 * @param {string} [classification]
 */
export function statusBadge(status, classification = "") {
  const mark = svg(
    "svg",
    { class: "status-mark", viewBox: "0 0 16 16", "aria-hidden": "true" },
    svg("circle", { cx: 8, cy: 8, r: 6.2, class: "ring" }),
    status === "InProgress" && svg("path", { class: "half", d: "M8 3.5a4.5 4.5 0 0 1 0 9Z" }),
    status === "Active" && svg("circle", { cx: 8, cy: 8, r: 3, class: "dot" }),
    STATUS_ICONS[status] && svg("path", { class: "stroke", d: STATUS_ICONS[status] }),
  );
  return h(
    "span",
    {
      class: ["status", `status-${status.toLowerCase()}`],
      title: classification ? classificationTitle(classification) : null,
    },
    mark,
    h("span", {}, statusTitle(status)),
  );
}

const CONFIDENCE = /** @type {Record<string, number>} */ ({ low: 1, medium: 2, high: 3 });

/** @param {string} confidence */
export function confidenceBadge(confidence) {
  const level = CONFIDENCE[confidence] ?? 0;
  const bars = [1, 2, 3].map((step) =>
    svg("rect", {
      class: step <= level ? "on" : "off",
      x: 1 + (step - 1) * 5,
      y: 12 - step * 3.4,
      width: 3.4,
      height: step * 3.4,
      rx: 0.8,
    }),
  );
  return h(
    "span",
    { class: "confidence" },
    svg("svg", { viewBox: "0 0 16 13", "aria-hidden": "true" }, bars),
    h("span", {}, `${capital(confidence)} confidence`),
  );
}

/**
 * The whole chain as fourteen cells, the reached ones filled; its text names them in order.
 * @param {string[]} stages
 */
export function stageStrip(stages) {
  const reached = new Set(stages);
  const label = stages.length ? stages.map(stageTitle).join(" → ") : "No stage of the kill chain";
  return h(
    "span",
    { class: "stage-strip", role: "img", "aria-label": label, title: label },
    STAGES.map((stage) => h("i", { class: reached.has(stage.name) && "on" })),
  );
}

/** @param {"incident" | "alert"} kind */
export function kindIcon(kind) {
  return h("span", { class: ["kind", `kind-${kind}`], title: capital(kind) }, icon(kind));
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
