/** Why an incident is one: what ties its alerts, the rule that it met, and how its score came about. */

import { alertHref } from "../../router.js";
import { capital } from "../../ui/badges.js";
import { h } from "../../ui/dom.js";
import { entityAddress } from "../entity-address.js";

/** @typedef {import("../../model/types.js").Incident} Incident */
/** @typedef {import("../../model/types.js").Link} Link */

/** @param {Incident} incident */
export function whyContent({ why }) {
  if (!why) return h("p", { class: "quiet" }, "This incident carries no explanation.");
  return [
    h(
      "p",
      { class: "rule" },
      capital(why.rule),
      why.window && `, from first to last in ${why.window.length}`,
      ".",
      why.pattern && [" It matches the pattern ", h("em", {}, why.pattern.title), "."],
    ),
    why.links.length > 0 && h("h3", {}, "What ties the alerts together"),
    h("ul", { class: "links" }, why.links.map(linkItem)),
    why.background.length > 0 && [
      h("h3", {}, "Left out as background"),
      h(
        "p",
        { class: "quiet" },
        "These detections fire all the time here, so they count for nothing: ",
        why.background.join(", "),
        ".",
      ),
    ],
    h(
      "details",
      { class: "score" },
      h("summary", {}, `Score ${why.score.total}`),
      h(
        "ul",
        {},
        why.score.parts.map(({ points, reason }) =>
          h("li", {}, h("b", {}, `+${points}`), ` ${reason}`),
        ),
      ),
    ),
  ];
}

/** @param {Link} link */
function linkItem(link) {
  if (link.kind === "hand") return handItem(link);
  const ends = link.from && link.to ? [link.from, link.to] : (link.alerts ?? []);
  const [one, other] = ends.map((alert) =>
    h("a", { href: alertHref(alert.alertId), "data-alert": alert.alertId }, alert.title),
  );
  return h(
    "li",
    {},
    h("span", { class: "tag" }, link.kind),
    h(
      "div",
      {},
      h("a", { href: entityAddress(link), class: "link-value" }, link.value),
      h("span", { class: "sub" }, link.text),
      other && h("span", { class: "sub" }, one, " → ", other),
    ),
  );
}

/**
 * A join by hand: it names who made it, and no key.
 * @param {Link} link
 */
function handItem({ value, text }) {
  return h(
    "li",
    {},
    h("span", { class: "tag" }, "by hand"),
    h("div", {}, h("span", {}, value), h("span", { class: "sub" }, text)),
  );
}
