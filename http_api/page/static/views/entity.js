/** Everything known on one account, host, address or file: its incidents and its alerts. */

import { get, isAbort } from "../service/client.js";
import { ofKind } from "../model/entry.js";
import { href } from "../router.js";
import { capital } from "../ui/badges.js";
import { fill, h } from "../ui/dom.js";
import { copyable, factList, section } from "../ui/facts.js";
import { icon } from "../ui/icons.js";
import { errorState, loadingState } from "../ui/states.js";
import { entryCells, entryHref } from "./rows.js";

/** @typedef {import("../model/types.js").Entry} Entry */

const SHOWN = 50;

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
        h("div", { class: "detail-title" }, h("h1", { tabindex: -1 }, this.name)),
      ),
      this.body,
    );
    this.#load();
  }

  /** The value without the tenant that scopes it. */
  get name() {
    const scope = /^[0-9a-f]{8}-[0-9a-f-]{27}:/i.exec(this.value);
    return scope ? this.value.slice(scope[0].length) : this.value;
  }

  title() {
    return this.name;
  }

  close() {
    this.abort.abort();
  }

  async #load() {
    const entity = `${this.kind}:${this.value}`;
    const { signal } = this.abort;
    try {
      const [incidents, alerts] = await Promise.all([
        get("incidents", { entity, confidence: "all", limit: SHOWN }, signal),
        get("alerts", { entity, limit: SHOWN }, signal),
      ]);
      this.#draw(entity, incidents.body, alerts.body);
    } catch (error) {
      if (!isAbort(error))
        fill(
          this.body,
          errorState(error, () => this.#load()),
        );
    }
  }

  /**
   * @param {string} entity
   * @param {any} incidents
   * @param {any} alerts
   */
  #draw(entity, incidents, alerts) {
    const all = (/** @type {string} */ show, /** @type {any} */ page) =>
      page.nextLink && h("a", { href: href(["list"], { show, entity }) }, "Show all");
    fill(
      this.body,
      section(
        "Entity",
        factList([
          ["Kind", capital(this.kind)],
          ["Value", this.name],
          ["Key", copyable(entity)],
        ]),
      ),
      section("Incidents", entries(incidents.value.map(ofKind("incident"))), {
        end: all("incidents", incidents),
      }),
      section("Alerts", entries(alerts.value.map(ofKind("alert"))), { end: all("alerts", alerts) }),
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
      h(
        "li",
        { class: ["vrow", `row-${entry.kind}`], "data-href": entryHref(entry) },
        entryCells(entry, false).slice(1),
      ),
    ),
  );
}
