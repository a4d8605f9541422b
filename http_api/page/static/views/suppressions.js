/** Rules that dismiss alerts people know about. */

import { get, isAbort } from "../service/client.js";
import { fill, h } from "../ui/dom.js";
import { emptyState, errorState, loadingState } from "../ui/states.js";

export class SuppressionsView {
  /** @type {import("../ui/keyboard.js").Shortcut[]} */
  shortcuts = [];

  constructor() {
    this.abort = new AbortController();
    this.body = h("div", { class: "rules" }, loadingState("Loading"));
    this.element = h(
      "section",
      { class: "view" },
      h("header", { class: "view-head" }, h("h1", { tabindex: -1 }, "Suppressions")),
      h(
        "p",
        { class: "quiet intro" },
        "An alert that matches a rule is stored as dismissed, and takes no part in incidents.",
      ),
      this.body,
    );
    this.#load();
  }

  title() {
    return "Suppressions";
  }

  close() {
    this.abort.abort();
  }

  async #load() {
    try {
      const { body } = await get("suppressions", {}, this.abort.signal);
      if (body.value.length > 0) fill(this.body, h("pre", {}, JSON.stringify(body.value, null, 2)));
      else fill(this.body, emptyState("No rules", "Nothing is suppressed."));
    } catch (error) {
      if (!isAbort(error))
        fill(
          this.body,
          errorState(error, () => this.#load()),
        );
    }
  }
}
