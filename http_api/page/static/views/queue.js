/** The tabs of the incidents' list: all that is open, mine, nobody's, and what is new to the reader. */

import { OPEN_STATUSES } from "../model/status.js";
import { href } from "../router.js";
import { get } from "../service/client.js";
import { myName } from "../service/me.js";
import { newCount } from "../service/news.js";
import { fill, h } from "../ui/dom.js";
import { number } from "../ui/format.js";
import { changed } from "./filters.js";

/** @typedef {{name: string, text: string, query: Record<string, string>}} Tab */

const OPEN = OPEN_STATUSES.join(",");
const TABS = ["status", "assignedTo", "new"];

export class QueueTabs {
  /** @param {() => void} ask for the reader's name */
  constructor(ask) {
    this.ask = ask;
    this.element = h("nav", { class: "queue", "aria-label": "Queue" });
    this.query = new URLSearchParams();
    this.me = "";
    /** How many each has, as far as it is known. @type {Record<string, number | null | undefined>} */
    this.counts = {};
    this.onNews = () => this.#draw();
    addEventListener("news", this.onNews);
  }

  close() {
    removeEventListener("news", this.onNews);
  }

  /**
   * @param {URLSearchParams} query
   * @param {boolean} visible only incidents have a queue
   */
  draw(query, visible) {
    this.query = query;
    this.element.hidden = !visible;
    this.#draw();
  }

  /** Counts what is in each; what fails stays without a number. @param {AbortSignal} signal */
  async count(signal) {
    const count = async (/** @type {string} */ name) => {
      const query = this.#tabs().find((tab) => tab.name === name)?.query;
      this.counts[name] = (await get("incidents/facets", query, signal)).body.total;
      this.#draw();
    };
    const mine = async () => {
      this.me = await myName();
      if (this.me) await count("mine");
      else this.#draw();
    };
    await Promise.allSettled([count("open"), count("unassigned"), mine()]);
  }

  /** @returns {Tab[]} */
  #tabs() {
    return [
      { name: "open", text: "All open", query: { status: OPEN } },
      { name: "mine", text: "Mine", query: { status: OPEN, assignedTo: this.me } },
      { name: "unassigned", text: "Unassigned", query: { status: OPEN, assignedTo: "none" } },
      { name: "new", text: "New since I last looked", query: { status: OPEN, new: "1" } },
    ];
  }

  #draw() {
    this.counts.new = newCount();
    fill(this.element, this.#tabs().map((tab) => this.#tab(tab)));
  }

  /** @param {Tab} tab */
  #tab({ name, text, query }) {
    const total = this.counts[name];
    const count = total !== null && total !== undefined && h("span", { class: "tab-count" }, number(total));
    if (query.assignedTo === "") {
      return h("button", { type: "button", class: "queue-tab", onclick: this.ask }, text);
    }
    const current = TABS.every((one) => (this.query.get(one) ?? "") === (query[one] ?? ""));
    const next = TABS.reduce((rest, one) => changed(rest, one, query[one] ?? ""), this.query);
    return h(
      "a",
      { class: "queue-tab", href: href(["list"], next), "aria-current": current ? "true" : null },
      text,
      " ",
      count,
    );
  }
}
