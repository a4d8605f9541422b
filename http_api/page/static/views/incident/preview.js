/** What a merge or a split would make, shown before it is decided. */

import { change, isAbort } from "../../service/client.js";
import { fill, h } from "../../ui/dom.js";
import { sentence } from "../../ui/failures.js";
import { count, tick } from "../../ui/format.js";

/** @typedef {import("../../model/types.js").PreviewPart} PreviewPart */

const PAUSE_MS = 250;
const MOST_NAMED = 4;

export class Preview {
  /**
   * @param {string} incidentId
   * @param {"merge" | "split"} what
   */
  constructor(incidentId, what) {
    this.path = `incidents/${encodeURIComponent(incidentId)}/${what}/preview`;
    this.what = what;
    this.asked = 0;
    this.element = h("div", { class: "preview", role: "status", "aria-label": "What it makes" });
  }

  /**
   * Shows what a body would make, after a pause in which no other is wished.
   * @param {Record<string, unknown> | null} body null shows nothing
   */
  show(body) {
    clearTimeout(this.timer);
    this.asked += 1;
    const { asked } = this;
    if (body === null) fill(this.element);
    else this.timer = setTimeout(() => this.#ask(body, asked), PAUSE_MS);
  }

  /**
   * @param {Record<string, unknown>} body
   * @param {number} asked
   */
  async #ask(body, asked) {
    /** @type {import("../../ui/dom.js").Child} */
    let content;
    try {
      const { before, after } = await change("POST", this.path, body);
      content = [partList("Now", before, "Incident"), partList("Then", after, this.what === "split" ? "Splits off" : "Incident")];
    } catch (error) {
      if (isAbort(error)) return;
      content = h("p", { class: "hint" }, sentence(error));
    }
    if (asked === this.asked) fill(this.element, content);
  }
}

/**
 * @param {string} title
 * @param {PreviewPart[]} parts
 * @param {string} nameless what a part is called that is no incident yet
 */
function partList(title, parts, nameless) {
  return [
    h("h3", {}, title),
    h(
      "ul",
      {},
      parts.map((part) =>
        h("li", {}, h("strong", {}, part.title ?? nameless), h("span", { class: "sub" }, partText(part))),
      ),
    ),
  ];
}

/**
 * `14 alerts, 4 resources (web01, db01 …), 13 Nov to 15 Nov`.
 * @param {PreviewPart} part
 */
export function partText({ alertCount, resourceCount, resources, firstActivityUtc, lastActivityUtc }) {
  const names = resources.slice(0, MOST_NAMED).map(({ name }) => name).join(", ");
  const more = resourceCount > MOST_NAMED ? " …" : "";
  const [first, last] = [firstActivityUtc, lastActivityUtc].map((at) => (at ? tick(Date.parse(at), true) : ""));
  const period = first === last ? first : `${first} to ${last}`;
  const held = `${count(resourceCount, "resource")}${names && ` (${names}${more})`}`;
  return [count(alertCount, "alert"), held, period].filter(Boolean).join(", ");
}
