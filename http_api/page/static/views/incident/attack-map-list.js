/** The attack map in words: an ordered list, for screen readers, print and export. */

import { stageTitle } from "../../model/killchain.js";
import { alertHref } from "../../router.js";
import { severityBadge } from "../../ui/badges.js";
import { h } from "../../ui/dom.js";
import { time } from "../../ui/facts.js";
import { count, number } from "../../ui/format.js";

/** @typedef {import("./attack-map-model.js").AttackMap} AttackMap */
/** @typedef {import("./attack-map-model.js").Hop} Hop */
/** @typedef {import("./attack-map-model.js").Step} Step */

const MOST_LISTED = 300;

/**
 * Why the attack is said to have gone from one place to another: `From web-01 to sql-01 by the account svc`.
 * @param {Hop} hop
 */
export function hopSentence({ proofs }) {
  const [{ from, to }] = proofs;
  const ties = proofs.map(({ kind, value }) => [kind, value].filter(Boolean).join(" ")).join(" and ");
  return `From ${from.resource ?? "elsewhere"} to ${to.resource ?? "elsewhere"} by the shared ${ties}`;
}

/** @param {AttackMap} map */
export function stepList({ steps, lanes }) {
  const names = new Map(lanes.map((lane) => [lane.key, lane.title]));
  const listed = steps.slice(0, MOST_LISTED);
  return [
    h(
      "ol",
      { class: "map-steps" },
      listed.map((step) => stepItem(step, names)),
    ),
    ...(steps.length > listed.length
      ? [h("p", { class: "quiet" }, `${number(steps.length - listed.length)} more are listed under Alerts.`)]
      : []),
  ];
}

/**
 * @param {Step} step
 * @param {Map<string, string>} names
 */
function stepItem({ mark, hops }, names) {
  const { alertId, startTimeUtc } = mark.alerts[0];
  return h(
    "li",
    {},
    time(startTimeUtc),
    severityBadge(mark.severity),
    h(
      "span",
      { class: "map-step" },
      h("a", { href: alertHref(alertId), "data-alert": alertId }, mark.title),
      ` on ${names.get(mark.lane) ?? ""}`,
      mark.alerts.length > 1 && `, ${count(mark.alerts.length, "time")}`,
      mark.stages.length > 0 && h("span", { class: "sub" }, mark.stages.map(stageTitle).join(", ")),
      mark.rarity && h("span", { class: "sub" }, mark.rarity),
      hops.map((hop) => h("span", { class: "sub" }, hopSentence(hop))),
    ),
  );
}
