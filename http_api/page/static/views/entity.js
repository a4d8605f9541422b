/** Everything known on one account, host, address or file: its incidents and its alerts. */

import { ofKind } from "../model/entry.js";
import { href } from "../router.js";
import { get, isAbort } from "../service/client.js";
import { capital } from "../ui/badges.js";
import { fill, h } from "../ui/dom.js";
import { copyable, factList, section, time } from "../ui/facts.js";
import { icon } from "../ui/icons.js";
import { errorState, loadingState } from "../ui/states.js";
import { entryCells } from "./rows.js";

/** @typedef {import("../model/types.js").Entry} Entry */

/**
 * @typedef {object} Known
 * @property {string} key
 * @property {string} [firstUtc]
 * @property {string} [lastUtc]
 * @property {boolean} common whether it ties too many resources together to mean anything
 * @property {any[]} incidents the latest of them, as their list shows them
 * @property {any[]} alerts likewise
 */

export class EntityView {
  /** @type {import("../ui/keyboard.js").Shortcut[]} */
  shortcuts = [];

  /** @param {import("../router.js").Route} route */
  constructor(route) {
    this.kind = route.path[1] ?? "";
    this.value = route.path.slice(2).join("/");
    this.abort = new AbortController();
    this.body = h("div", { class: "entity-body" }, loadingState("Loading"));
    this.element = h(
      "article",
      { class: "view detail-view" },
      h(
        "header",
        { class: "detail-head" },
        h("p", { class: "kicker" }, icon("branch"), capital(this.kind)),
        h("div", { class: "detail-title" }, h("h1", { tabindex: -1 }, this.value)),
      ),
      this.body,
    );
    this.#show();
  }

  title() {
    return this.value;
  }

  close() {
    this.abort.abort();
  }

  async #show() {
    const path = `entities/${encodeURIComponent(this.kind)}/${encodeURIComponent(this.value)}`;
    try {
      const { body } = await get(path, {}, this.abort.signal);
      this.#draw(body);
    } catch (error) {
      if (!isAbort(error))
        fill(
          this.body,
          errorState(error, () => this.#show()),
        );
    }
  }

  /** @param {Known} known */
  #draw({ key, firstUtc, lastUtc, common, incidents, alerts }) {
    const all = (/** @type {Record<string, string>} */ query) =>
      h("a", { href: href(["list"], { entity: key, ...query }) }, "Show in the list");
    fill(
      this.body,
      section(
        "Entity",
        factList([
          ["Kind", capital(this.kind)],
          ["First seen", firstUtc && time(firstUtc)],
          ["Last seen", lastUtc && time(lastUtc)],
          ["Ties", common && "Too many resources share it, so it ties none together."],
          ["Key", copyable(key)],
        ]),
      ),
      section("Incidents", entries(incidents.map(ofKind("incident"))), {
        end: all({ show: "incidents", confidence: "high,medium,low" }),
      }),
      section("Alerts", entries(alerts.map(ofKind("alert"))), { end: all({ show: "alerts" }) }),
    );
  }
}

/** @param {Entry[]} list */
function entries(list) {
  if (list.length === 0) return h("p", { class: "quiet" }, "None.");
  return h(
    "ol",
    { class: "entries" },
    list.map((entry) =>
      h("li", { class: ["vrow", `row-${entry.kind}`] }, entryCells(entry, false).slice(1)),
    ),
  );
}
