/** The pieces that the attack map is put together from. */

import { stageTitle } from "../../model/killchain.js";
import { href } from "../../router.js";
import { severityBadge } from "../../ui/badges.js";
import { h, svg } from "../../ui/dom.js";
import { count, dateTime, number, resourceType } from "../../ui/format.js";
import { icon } from "../../ui/icons.js";
import { entityAddress } from "../entity-address.js";

/** @typedef {import("./attack-map-layout.js").Dot} Dot */
/** @typedef {import("./attack-map-model.js").Hop} Hop */
/** @typedef {import("./attack-map-model.js").Lane} Lane */

/** The height of a lane with alerts, which has room for their titles, and of one without. */
export const MACHINE = 54;
export const ACCOUNT = 30;

/** @param {number} height of a lane */
export function middleOf(height) {
  return height === MACHINE ? 20 : height / 2;
}

export function arrowHead() {
  const shape = { id: "map-arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" };
  return svg("defs", {}, svg("marker", shape, svg("path", { d: "M0 0 8 4 0 8Z" })));
}

/** @param {{lane: Lane, height: number}} row */
export function laneName({ lane, height }) {
  const address =
    lane.marks.length > 0
      ? href(["list"], { show: "both", resource: lane.key })
      : entityAddress({ kind: "account", value: lane.title, key: lane.key });
  return h(
    "li",
    { class: `lane-of-${lane.kind}`, style: { height: `${height}px` } },
    icon(lane.kind),
    h("a", { class: "lane-title", href: address, title: `${lane.title} (${resourceType(lane.detail)})` }, lane.title),
    h("span", { class: "lane-count", title: count(lane.total, "alert") }, number(lane.total)),
  );
}

/** @param {Lane[]} folded */
export function foldedText(folded) {
  const accounts = folded.filter(({ kind }) => kind === "account").length;
  const machines = folded.length - accounts;
  return [
    machines > 0 && count(machines, "more machine"),
    accounts > 0 && count(accounts, "more account"),
  ]
    .filter(Boolean)
    .join(" and ");
}

/**
 * @param {string} name
 * @param {string} label
 * @param {() => void} run
 */
export function iconButton(name, label, run) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, onclick: run }, icon(name));
}

/** @param {Hop} hop */
export function hopTip({ proofs }) {
  return proofs.slice(0, 3).map(({ kind, value, text, from, to }) =>
    h(
      "div",
      {},
      h("div", {}, h("span", { class: "tag" }, kind), " ", h("strong", {}, value)),
      text && h("div", { class: "sub" }, text),
      [from, to].map((alert) =>
        h("div", { class: "sub" }, `${dateTime(alert.atUtc)} · ${alert.resource ?? ""} · ${alert.title}`),
      ),
    ),
  );
}

/**
 * @param {Dot} dot
 * @param {Lane} lane
 */
export function dotTip(dot, lane) {
  const { mark } = dot;
  const stages = mark.stages.map(stageTitle).join(", ");
  return [
    h("div", {}, severityBadge(dot.severity), h("span", { class: "sub" }, ` ${dateTime(mark.alerts[0].startTimeUtc)}`)),
    h("strong", {}, mark.title),
    h("div", { class: "sub" }, [lane.title, stages].filter(Boolean).join(" · ")),
    mark.rarity && h("div", { class: "sub" }, mark.rarity),
    dot.alerts > 1 &&
      h("div", { class: "sub" }, `${count(dot.alerts, "alert")} until ${dateTime(new Date(dot.marks.reduce((end, { to }) => Math.max(end, to), 0)).toISOString())}`),
  ];
}
