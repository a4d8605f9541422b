/** What could not be read: why, and another try. */

import { go, href } from "../router.js";
import { change, follow, get, isAbort } from "../service/client.js";
import { keepLive } from "../service/live.js";
import { Pager } from "../service/pager.js";
import { button } from "../ui/button.js";
import { fill, h } from "../ui/dom.js";
import { copyable, factList, time } from "../ui/facts.js";
import { complain } from "../ui/failures.js";
import { count } from "../ui/format.js";
import { emptyState, errorState, loadingState } from "../ui/states.js";
import { toast } from "../ui/toast.js";
import { messageActions } from "./rejected-message.js";

/**
 * @typedef {object} Rejected
 * @property {string} id
 * @property {string} atUtc
 * @property {string} reason
 * @property {string} message
 * @property {{index?: number, field: string, reason: string}[]} [errors]
 * @property {string} [source]
 * @property {string} [messageId]
 * @property {string} status
 * @property {number} [bodyBytes]
 *
 * @typedef {object} RejectedExtra
 * @property {string} [body]
 * @property {string} [bodyBase64] where the body is no UTF-8
 * @property {boolean} [bodyCut] whether only its beginning was kept
 * @property {{atUtc: string, what: string, reason?: string, message?: string}[]} history
 */

const STATES = /** @type {const} */ ([
  ["", "All"],
  ["rejected", "Rejected"],
  ["redriven", "Tried again"],
  ["accepted", "Accepted since"],
]);
const STATE_TEXTS = /** @type {Record<string, string>} */ (Object.fromEntries(STATES));

/** @typedef {"reason" | "source"} Named */

/** What can be filtered and grouped by. @type {[Named, string][]} */
const NAMED = [
  ["reason", "Reason"],
  ["source", "Format"],
];

/** @param {string} value @returns {[string, string]} */
const same = (value) => [value, value];
/** @param {[Named, string]} one @returns {[string, string]} */
const named = ([name, text]) => [name, text];

export class RejectedView {
  /** @type {import("../ui/keyboard.js").Shortcut[]} */
  shortcuts = [];

  /** @param {import("../router.js").Route} route */
  constructor(route) {
    this.segments = h("nav", { class: "segments", "aria-label": "State" });
    this.actions = h("span", { class: "order" });
    this.filters = h("div", { class: "rejected-filters" });
    /** Reasons and formats that were met, to choose from. @type {Record<Named, Set<string>>} */
    this.met = { reason: new Set(), source: new Set() };
    this.query = route.query;
    this.body = h("div");
    this.element = h(
      "section",
      { class: "view" },
      h(
        "header",
        { class: "view-head" },
        h("h1", { tabindex: -1 }, "Rejected"),
        this.segments,
        this.actions,
      ),
      h(
        "p",
        { class: "quiet intro" },
        "Messages that could not be read as alerts. Nothing is lost: each is kept here with the reason.",
      ),
      this.filters,
      this.body,
    );
    this.pager = this.#open(route.query);
    this.live = keepLive(() => this.#refresh());
  }

  title() {
    return "Rejected";
  }

  /** @param {import("../router.js").Route} route */
  update(route) {
    this.pager.close();
    this.pager = this.#open(route.query);
  }

  close() {
    this.pager.close();
    this.live.stop();
  }

  /**
   * Starts to show what an address asks for.
   * @param {URLSearchParams} query
   */
  #open(query) {
    this.query = query;
    const status = query.get("status") ?? "";
    const [reason, source] = NAMED.map(([name]) => query.get(name) ?? "");
    fill(
      this.segments,
      STATES.map(([value, text]) =>
        h(
          "a",
          {
            href: href(["rejected"], { status: value, reason, source }),
            "aria-current": value === status ? "true" : null,
          },
          text,
        ),
      ),
    );
    /** What is drawn for each, kept while it has not changed. @type {Map<string, {text: string, node: HTMLElement}>} */
    this.drawn = new Map();
    /** @type {Pager<Rejected>} */
    const pager = new Pager("rejected", { status, reason, source }, (one) => one.id);
    fill(this.body, loadingState("Loading"));
    this.#more(pager);
    return pager;
  }

  /** @param {Pager<Rejected>} pager */
  async #more(pager) {
    try {
      await pager.more();
      if (pager === this.pager) this.#draw();
    } catch (error) {
      if (!isAbort(error))
        fill(
          this.body,
          errorState(error, () => this.#more(pager)),
        );
    }
  }

  async #refresh() {
    const { pager } = this;
    const changed = pager.started && (await pager.refresh()) && pager === this.pager;
    if (changed) this.#draw();
    return changed;
  }

  #draw() {
    const { items, complete } = this.pager;
    const waiting = items.filter(({ status }) => status === "rejected");
    const all = () => this.#redriveAll();
    fill(this.actions, waiting.length > 1 && button("Try all again", all));
    this.#drawFilters(items);
    if (items.length === 0) {
      fill(
        this.body,
        emptyState("Nothing is here", "Every message of this state could be read so far."),
      );
      return;
    }
    const more = () => this.#more(this.pager);
    fill(
      this.body,
      this.#groups(items),
      !complete && button("Show more", more),
    );
  }

  /** @param {Rejected[]} items */
  #drawFilters(items) {
    for (const one of items) {
      for (const [name] of NAMED) if (one[name]) this.met[name].add(String(one[name]));
    }
    const group = this.query.get("group") ?? "";
    fill(
      this.filters,
      NAMED.map(([name, text]) => {
        const chosen = this.query.get(name) ?? "";
        const options = [...new Set([...this.met[name], ...(chosen ? [chosen] : [])])].sort();
        return this.#select(name, text, [["", "All"], ...options.map(same)], chosen);
      }),
      this.#select("group", "Group by", [["", "Nothing"], ...NAMED.map(named)], group),
    );
  }

  /**
   * @param {string} name in the address
   * @param {string} text
   * @param {[value: string, text: string][]} options
   * @param {string} chosen
   */
  #select(name, text, options, chosen) {
    const select = /** @type {HTMLSelectElement} */ (
      h(
        "select",
        { class: "text-input", "aria-label": text },
        options.map(([value, shown]) => h("option", { value, selected: value === chosen }, shown)),
      )
    );
    select.addEventListener("change", () => {
      const query = new URLSearchParams(this.query);
      query.set(name, select.value);
      go(href(["rejected"], query));
    });
    return h("label", { class: "labelled" }, text, select);
  }

  /** The list, or one for each reason or format. @param {Rejected[]} items */
  #groups(items) {
    const list = (/** @type {Rejected[]} */ some) =>
      h("ol", { class: "rejected-list" }, some.map(this.#node, this));
    const by = NAMED.find(([name]) => name === this.query.get("group"))?.[0];
    if (!by) return list(items);
    const groups = [...Map.groupBy(items, (one) => one[by] || "unknown")];
    return groups.map(([name, some]) => [h("h2", {}, `${name} (${count(some.length, "message")})`), list(some)]);
  }

  /** @param {Rejected} one */
  #node(one) {
    const text = JSON.stringify(one);
    const known = this.drawn?.get(one.id);
    if (known?.text === text) return known.node;
    const node = this.#item(one);
    this.drawn?.set(one.id, { text, node });
    return node;
  }

  /** @param {Rejected} one */
  #item(one) {
    const again = () => this.#redrive(one);
    return h(
      "li",
      { class: "card" },
      h(
        "header",
        { class: "card-head" },
        h("span", { class: "tag" }, one.reason),
        h("strong", {}, headline(one)),
        h("span", { class: "quiet" }, time(one.atUtc)),
        one.status === "rejected"
          ? button("Try again", again, { small: true })
          : h("span", { class: "tag" }, STATE_TEXTS[one.status] ?? one.status),
      ),
      errorList(one.errors ?? []),
      messageDetails(one, () => this.live.now()),
    );
  }

  /** @param {Rejected} one */
  async #redrive(one) {
    try {
      await change("POST", `rejected/${encodeURIComponent(one.id)}/redrive`);
      toast("It is back in the queue. What becomes of it shows here.");
      await this.live.now();
    } catch (error) {
      complain(error);
    }
  }

  async #redriveAll() {
    try {
      const only = new URLSearchParams(NAMED.map(([name]) => [name, this.query.get(name) ?? ""]));
      let answer = await change("POST", `rejected/redrive?${only}`);
      let { queued, skipped } = answer;
      while (answer.nextLink) {
        answer = await follow(answer.nextLink, { method: "POST" });
        queued += answer.queued;
        skipped += answer.skipped;
      }
      const rest = skipped > 0 ? ` ${count(skipped, "message")} cannot be tried again.` : "";
      toast(`${count(queued, "message")} back in the queue.${rest}`);
      await this.live.now();
    } catch (error) {
      complain(error);
    }
  }
}

/**
 * The message, but for one that only strings together what is listed below it.
 * @param {Rejected} one
 */
function headline({ message, source, errors = [] }) {
  const listed = errors.every(({ field, reason }) => message.includes(`${field}: ${reason}`));
  if (errors.length === 0 || !listed) return message;
  const fields = `${count(errors.length, "field")} cannot be used`;
  return source ? `${fields} (${source})` : fields;
}

/** @param {NonNullable<Rejected["errors"]>} errors */
function errorList(errors) {
  if (errors.length === 0) return null;
  return h(
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
  );
}

/**
 * The message itself, fetched when it is asked for.
 * @param {Rejected} one
 * @param {() => void | Promise<void>} done called after it was sent again
 */
function messageDetails(one, done) {
  const place = h("div", { class: "rejected-message" });
  const load = async () => {
    if (place.hasChildNodes()) return;
    fill(place, loadingState("Loading the message"));
    try {
      const { body } = await get(`rejected/${encodeURIComponent(one.id)}`);
      fill(place, messageParts(body, done));
    } catch (error) {
      fill(place);
      complain(error);
    }
  };
  return h("details", { ontoggle: load }, h("summary", {}, "The message"), place);
}

/**
 * @param {Rejected & RejectedExtra} one
 * @param {() => void | Promise<void>} done
 */
function messageParts(one, done) {
  return [
    messageActions(one, done),
    factList([
      ["Format", one.source],
      ["Message", one.messageId && copyable(one.messageId)],
      ["Size", one.bodyBytes && count(one.bodyBytes, "byte")],
      ["Kept", one.bodyCut && "only its beginning"],
    ]),
    h("pre", { tabindex: 0 }, one.body ?? one.bodyBase64 ?? ""),
    one.history.length > 0 &&
      h(
        "ol",
        { class: "history" },
        one.history.map(({ atUtc, what, message }) =>
          h(
            "li",
            {},
            h("div", { class: "history-head" }, h("strong", {}, what), time(atUtc)),
            message,
          ),
        ),
      ),
  ];
}
