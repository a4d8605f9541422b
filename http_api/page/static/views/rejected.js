/** What could not be read: why, and another try. */

import { offers } from "../service/capabilities.js";
import { change, isAbort } from "../service/client.js";
import { Pager } from "../service/pager.js";
import { fill, h } from "../ui/dom.js";
import { copyable, factList, time } from "../ui/facts.js";
import { emptyState, errorState, explain, loadingState } from "../ui/states.js";
import { toast } from "../ui/toast.js";

/**
 * @typedef {object} Rejected
 * @property {string} id
 * @property {string} atUtc
 * @property {string} reason
 * @property {string} message
 * @property {{index?: number, field: string, reason: string}[]} [errors]
 * @property {string} [source]
 * @property {string} [body]
 * @property {string} [messageId]
 * @property {string} status
 */

export class RejectedView {
  /** @type {import("../ui/keyboard.js").Shortcut[]} */
  shortcuts = [];

  constructor() {
    /** @type {Pager<Rejected>} */
    this.pager = new Pager("rejected", {}, (one) => one.id);
    this.body = h("div", { class: "rejected-body" }, loadingState("Loading"));
    this.element = h(
      "section",
      { class: "view" },
      h("header", { class: "view-head" }, h("h1", { tabindex: -1 }, "Rejected")),
      h(
        "p",
        { class: "quiet intro" },
        "Messages that could not be read as alerts. Nothing is lost: each is kept here with the reason.",
      ),
      this.body,
    );
    this.#load();
  }

  title() {
    return "Rejected";
  }

  offered() {
    if (this.pager.started) this.#draw();
  }

  close() {
    this.pager.close();
  }

  async #load() {
    try {
      await this.pager.more();
      this.#draw();
    } catch (error) {
      if (!isAbort(error))
        fill(
          this.body,
          errorState(error, () => this.#load()),
        );
    }
  }

  #draw() {
    const { items, complete } = this.pager;
    if (items.length === 0) {
      fill(this.body, emptyState("Nothing was rejected", "Every message so far could be read."));
      return;
    }
    const more = h("fluent-button", { role: "button", onclick: () => this.#load() }, "Show more");
    fill(
      this.body,
      h(
        "ol",
        { class: "rejected-list" },
        items.map((one) => this.#item(one)),
      ),
      !complete && more,
    );
  }

  /** @param {Rejected} one */
  #item(one) {
    const errors = one.errors ?? [];
    return h(
      "li",
      { class: "card" },
      h(
        "header",
        { class: "card-head" },
        h("span", { class: "tag" }, one.reason),
        h("strong", {}, one.message),
        h("span", { class: "quiet" }, time(one.atUtc)),
        this.#action(one),
      ),
      errors.length > 0 &&
        h(
          "ul",
          { class: "bullets" },
          errors.map(({ index, field, reason }) =>
            h(
              "li",
              {},
              index !== undefined && `alert ${index + 1}, `,
              h("code", {}, field),
              `: ${reason}`,
            ),
          ),
        ),
      h(
        "details",
        {},
        h("summary", {}, "The message"),
        factList([
          ["Format", one.source],
          ["Message", one.messageId && copyable(one.messageId)],
        ]),
        h("pre", { tabindex: 0 }, one.body ?? ""),
      ),
    );
  }

  /** @param {Rejected} one */
  #action(one) {
    if (one.status !== "rejected") return h("span", { class: "tag" }, one.status);
    if (!offers("post /rejected/{}/redrive")) return null;
    return h(
      "fluent-button",
      { role: "button", size: "small", onclick: () => this.#redrive(one) },
      "Try again",
    );
  }

  /** @param {Rejected} one */
  async #redrive(one) {
    try {
      await change("POST", `rejected/${encodeURIComponent(one.id)}/redrive`);
      toast("It is back in the queue.");
      this.pager.replace({ ...one, status: "redriven" });
      this.#draw();
    } catch (error) {
      const { title, advice } = explain(error);
      toast(`${title}. ${advice}`, { bad: true });
    }
  }
}
