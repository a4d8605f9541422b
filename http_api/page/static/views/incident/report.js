/** A report on an incident for those who do not work here: printed, or saved as one file of HTML. */

import { classificationTitle, statusTitle } from "../../model/status.js";
import { incidentHref } from "../../router.js";
import { h } from "../../ui/dom.js";
import { factList, prose, remediation, section, time } from "../../ui/facts.js";
import { count, dateTime, duration } from "../../ui/format.js";
import { shownPlain } from "../../ui/shown.js";
import { zoneName } from "../../ui/zone.js";
import { historyList } from "../history.js";
import { attackMap } from "./attack-map-model.js";
import { stepList } from "./attack-map-list.js";
import { AttackMapView } from "./attack-map.js";
import { whyContent } from "./why.js";

/** @typedef {import("../../model/types.js").AlertItem} AlertItem */
/** @typedef {import("../../model/types.js").Incident} Incident */

const WIDTH = 960;
const STYLES = "STYLES-OF-THE-REPORT";
/** What a saved report may do when it is opened: be read. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * @param {Incident} incident
 * @param {AlertItem[]} alerts those that have been fetched
 * @param {Date} now
 */
export function reportOf(incident, alerts, now) {
  const map = new AttackMapView(() => {}, WIDTH);
  map.show(incident, alerts);
  map.read();
  map.close();
  return h(
    "article",
    { class: "report" },
    h("h1", {}, incident.title),
    h("p", { class: "quiet" }, `Report of ${dateTime(now.toISOString())}. Times are in ${zoneName()}.`),
    section("Summary", [summary(incident), prose(incident.description)]),
    alerts.length > 0 && section("Attack map", h("div", { class: "map" }, map.picture)),
    alerts.length > 0 && section("Timeline", stepList(attackMap(incident, alerts))),
    section("Why these alerts belong together", whyContent(incident)),
    section("What to do", remediation(incident.remediationSteps)),
    section("Actions taken and comments", historyList(incident.history)),
  );
}

/** @param {Incident} incident */
function summary(incident) {
  const { triage } = incident;
  const lasted = Date.parse(incident.lastActivityUtc) - Date.parse(incident.firstActivityUtc);
  return factList([
    ["Severity", incident.severity],
    ["Confidence", incident.confidence],
    ["State", statusTitle(incident.status)],
    ["Classification", triage.classification && classificationTitle(triage.classification)],
    ["Reason", triage.classificationReason],
    ["Owner", incident.assignedTo ?? "Nobody"],
    ["First activity", time(incident.firstActivityUtc)],
    ["Last activity", [time(incident.lastActivityUtc), lasted > 0 && `, ${duration(lasted)} later`]],
    ["Extent", `${count(incident.alertCount, "alert")} on ${count(incident.resourceCount, "resource")}`],
    ["Resources", incident.resources.map(({ name }) => name).join(", ")],
    ["Incident", h("a", { href: incidentHref(incident.incidentId) }, incident.incidentId)],
  ]);
}

/**
 * Prints a report and nothing else.
 * @param {HTMLElement} report
 */
export function printReport(report) {
  const place = h("div", { class: "printed" }, report);
  document.body.append(place);
  addEventListener("afterprint", () => place.remove(), { once: true });
  print();
}

/**
 * Saves a report as one file that needs nothing else.
 * @param {HTMLElement} report
 * @param {string} incidentId
 */
export function saveReport(report, incidentId) {
  const address = URL.createObjectURL(new Blob([reportFile(report)], { type: "text/html" }));
  h("a", { href: address, download: `${incidentId}.html` }).click();
  URL.revokeObjectURL(address);
}

/**
 * The report as a document of its own: its text escaped by the serializer, its styles put in whole.
 * @param {HTMLElement} report
 */
export function reportFile(report) {
  for (const link of report.querySelectorAll("a[href]")) {
    link.setAttribute("href", new URL(link.getAttribute("href") ?? "", document.baseURI).href);
  }
  const root = h(
    "html",
    { lang: "en", "data-theme": "light" },
    h(
      "head",
      {},
      h("meta", { charset: "utf-8" }),
      h("meta", { "http-equiv": "Content-Security-Policy", content: POLICY }),
      h("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
      h("title", {}, shownPlain(report.querySelector("h1")?.textContent ?? "Report")),
      h("style", {}, STYLES),
    ),
    h("body", { class: "report-file" }, report),
  );
  const text = new XMLSerializer().serializeToString(root);
  return `<!doctype html>\n${text.replace(STYLES, () => styles())}\n`;
}

/** The page's own rules; a style sheet that could end its element is left out. */
function styles() {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  return rules
    .filter((rule) => !(rule instanceof CSSFontFaceRule))
    .map(({ cssText }) => cssText)
    .filter((text) => !text.includes("</"))
    .join("\n");
}
