/** Rules that dismiss alerts people know about. */

import { conditionText } from "../model/suppression.js";
import { change, get, isAbort } from "../service/client.js";
import { button } from "../ui/button.js";
import { fill, h } from "../ui/dom.js";
import { time } from "../ui/facts.js";
import { complain } from "../ui/failures.js";
import { count } from "../ui/format.js";
import { emptyState, errorState, loadingState } from "../ui/states.js";
import { toast } from "../ui/toast.js";
import { openRule } from "./suppression-form.js";

/** @typedef {import("../model/suppression.js").Rule} Rule */

export class SuppressionsView {
  constructor() {
    this.abort = new AbortController();
    this.body = h("div", {}, loadingState("Loading"));
    const create = () => this.#create();
    this.element = h(
      "section",
      { class: "view" },
      h(
        "header",
        { class: "view-head" },
        h("h1", { tabindex: -1 }, "Suppressions"),
        button("New rule", create, { primary: true }),
      ),
      h(
        "p",
        { class: "quiet intro" },
        "An alert that a rule matches is stored as dismissed, and takes no part in incidents.",
      ),
      this.body,
    );
    this.#show();
  }

  get shortcuts() {
    return [{ key: "n", does: "New rule", run: () => this.#create() }];
  }

  title() {
    return "Suppressions";
  }

  close() {
    this.abort.abort();
  }

  #create() {
    openRule(null, [{ field: "title", operator: "contains", values: [] }], () => this.#show());
  }

  async #show() {
    try {
      const { body } = await get("suppressions", {}, this.abort.signal);
      this.#draw(body.value);
    } catch (error) {
      if (!isAbort(error))
        fill(
          this.body,
          errorState(error, () => this.#show()),
        );
    }
  }

  /** @param {Rule[]} rules */
  #draw(rules) {
    if (rules.length === 0) {
      const advice =
        "An alert that people know, such as one about your own scanner, can be dismissed by a rule as it arrives.";
      fill(this.body, emptyState("No rules yet", advice, button("Write a rule", () => this.#create())));
      return;
    }
    const inOrder = rules.toSorted((a, b) => Number(b.active) - Number(a.active));
    fill(this.body, h("ol", { class: "rules" }, inOrder.map(this.#item, this)));
  }

  /** @param {Rule} rule */
  #item(rule) {
    const edit = () => openRule(rule, rule.conditions, () => this.#show());
    const remove = () => this.#remove(rule);
    return h(
      "li",
      { class: "card" },
      h(
        "header",
        { class: "card-head" },
        h("h2", {}, rule.id),
        h("span", { class: ["tag", rule.active && "tag-on"] }, rule.active ? "active" : "ended"),
        button("Change", edit, { small: true, label: `Change ${rule.id}` }),
        button("Delete", remove, { small: true, label: `Delete ${rule.id}` }),
      ),
      h("p", {}, rule.reason),
      h("ul", { class: "bullets" }, rule.conditions.map(conditionItem)),
      h(
        "p",
        { class: "quiet" },
        `${count(rule.matched, "alert")} dismissed · by ${rule.author} · changed `,
        time(rule.updatedUtc),
        rule.expiresUtc && [rule.active ? " · ends " : " · ended ", time(rule.expiresUtc)],
      ),
    );
  }

  /** @param {Rule} rule */
  async #remove(rule) {
    try {
      await change("DELETE", `suppressions/${encodeURIComponent(rule.id)}`, undefined, rule.etag);
      const { id, reason, conditions, expiresUtc } = rule;
      const body = { reason, conditions, ...(expiresUtc ? { expiresUtc } : {}) };
      const restore = async () => {
        await change("PUT", `suppressions/${encodeURIComponent(id)}`, body).catch(complain);
        await this.#show();
      };
      toast(`The rule ${id} is deleted.`, { action: { text: "Undo", run: restore } });
    } catch (error) {
      complain(error);
    }
    await this.#show();
  }
}

/** @param {import("../model/suppression.js").Condition} condition */
function conditionItem(condition) {
  const values = condition.values.map((value, index) => [
    index > 0 && " or ",
    h("code", {}, value),
  ]);
  return h("li", {}, `${conditionText(condition)} `, values);
}
