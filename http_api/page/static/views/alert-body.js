/** Everything on one alert; used by its own view and beside an incident. */

import { stageTitle } from "../model/killchain.js";
import { classificationTitle } from "../model/status.js";
import { href, incidentHref } from "../router.js";
import { confidenceBadge, severityBadge, statusBadge } from "../ui/badges.js";
import { h } from "../ui/dom.js";
import { copyable, factList, prose, remediation, section, time } from "../ui/facts.js";
import { duration, resourceType } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { entityAddress } from "./entity-address.js";
import { historyList } from "./history.js";

/** @typedef {import("../model/types.js").Alert} Alert */
/** @typedef {import("../model/types.js").Entity} Entity */

/** Beside an incident, its parts have the same titles as some of the incident's. */
const OF_ALERT = { of: "alert" };

/**
 * What happened and what to do about it.
 * @param {Alert} alert
 */
export function alertStory(alert) {
  const { title, description, notes = [], remediationSteps = [], triage } = alert;
  return [
    // Some sources repeat the title as the description.
    description.trim() !== title.trim() &&
      section(
        "What happened",
        description
          ? prose(description)
          : h("p", { class: "quiet" }, "The source gives no description."),
        OF_ALERT,
      ),
    section("What to do", remediation(remediationSteps), OF_ALERT),
    notes.length > 0 &&
      section(
        "What could not be read",
        h(
          "ul",
          { class: "bullets" },
          notes.map((note) => h("li", {}, note)),
        ),
      ),
    section("History", historyList(triage?.history ?? []), OF_ALERT),
    original(alert),
  ];
}

/**
 * Its details, and what it names.
 * @param {Alert} alert
 */
export function alertDetails(alert) {
  return [
    section("Details", alertFacts(alert), OF_ALERT),
    section("Entities", entityTable(alert.entities), OF_ALERT),
  ];
}

/** @param {Alert} alert */
export function alertBadges(alert) {
  return h(
    "div",
    { class: "badges" },
    severityBadge(alert.severity),
    statusBadge(alert.status, alert.classification),
    alert.tactics.map((tactic) => h("span", { class: "tag" }, stageTitle(tactic))),
    h("span", { class: "quiet" }, `on ${alert.resource.name}, `, time(alert.startTimeUtc)),
  );
}

/**
 * The incident that the alert is part of, or why there is none.
 * @param {Alert} alert
 */
export function belonging({ incident, incidentReason }) {
  if (!incident) {
    return h(
      "div",
      { class: "callout" },
      icon("alert"),
      h("div", {}, h("strong", {}, "Not part of an incident"), h("p", {}, incidentReason ?? "")),
    );
  }
  return h(
    "a",
    { class: "callout callout-link", href: incidentHref(incident.incidentId) },
    icon("incident"),
    h(
      "div",
      {},
      h("span", { class: "sub" }, "Part of the incident"),
      h("strong", {}, incident.title),
      h(
        "span",
        { class: "badges" },
        severityBadge(incident.severity),
        statusBadge(incident.status),
        confidenceBadge(incident.confidence),
      ),
    ),
    icon("arrowRight"),
  );
}

/** @param {Alert} alert */
function alertFacts(alert) {
  const lasted = Date.parse(alert.endTimeUtc) - Date.parse(alert.startTimeUtc);
  return factList([
    ["Resource", resourceLink(alert.resource)],
    ["Started", time(alert.startTimeUtc)],
    ["Ended", lasted > 0 && [time(alert.endTimeUtc), ` (${duration(lasted)})`]],
    ["Stages", alert.tactics.map(stageTitle).join(", ")],
    ["Techniques", (alert.techniques ?? []).join(", ")],
    ["Type", alert.alertType],
    ["Product", [alert.product, alert.vendor && ` by ${alert.vendor}`]],
    ["Format", alert.source],
    ["Suppressed by", alert.suppressedBy && h("a", { href: "#/suppressions" }, alert.suppressedBy)],
    ["Owner", alert.assignedTo],
    ["Labels", (alert.labels ?? []).join(", ")],
    [
      "Classification",
      alert.triage?.classification && classificationTitle(alert.triage.classification),
    ],
    ["Reason", alert.triage?.classificationReason],
    ["At the source", safeLink(alert.link)],
    ["Id at the source", copyable(alert.systemAlertId)],
    ["Id", copyable(alert.alertId)],
  ]);
}

/**
 * A link out, if it is one that can do no harm: a source may write anything here.
 * @param {string} address
 */
function safeLink(address) {
  if (!/^https?:\/\//i.test(address ?? "")) return address ?? "";
  return h(
    "a",
    { href: address, target: "_blank", rel: "noopener noreferrer" },
    "Open ",
    icon("external", "inline"),
  );
}

/** @param {import("../model/types.js").Resource} resource */
export function resourceLink(resource) {
  return h(
    "span",
    { class: "resource", title: resource.id },
    h("a", { href: href(["list"], { show: "both", resource: resource.id }) }, resource.name),
    h("span", { class: "sub" }, resourceType(resource.type)),
  );
}

/** @param {Entity[]} entities */
export function entityTable(entities) {
  if (!entities || entities.length === 0)
    return h("p", { class: "quiet" }, "It names no account, host, address or file.");
  return h("ul", { class: "entities" }, entities.map(entityItem));
}

/** @param {Entity} entity */
function entityItem(entity) {
  const address = entityAddress(entity);
  const fields = Object.entries(Object(entity.fields));
  return h(
    "li",
    {},
    h("span", { class: "tag" }, entity.kind),
    h(
      "span",
      { class: "entity-value" },
      address
        ? h("a", { href: address }, entity.value)
        : h("span", { title: "This says nothing about who or where" }, entity.value),
      fields.length > 0 &&
        h("span", { class: "sub" }, fields.map(([name, value]) => `${name}: ${value}`).join(" · ")),
    ),
  );
}

/** @param {Alert} alert */
function original(alert) {
  return h(
    "details",
    { class: "card original" },
    h("summary", {}, "Raw event"),
    h("pre", { tabindex: 0 }, JSON.stringify(alert.original, null, 2)),
  );
}
