/** What could not be read: why, and another try. */

import { href } from "../router.js";
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

export class RejectedView {
  /** @type {import("../ui/keyboard.js").Shortcut[]} */
  shortcuts = [];

  /** @param {import("../router.js").Route} route */
  constructor(route) {
    this.segments = h("nav", { class: "segments", "aria-label": "State" });
    this.actions = h("span", { class: "order" });
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
    const status = query.get("status") ?? "";
    fill(
      this.segments,
      STATES.map(([value, text]) =>
        h(
          "a",
          {
            href: href(["rejected"], { status: value }),
            "aria-current": value === status ? "true" : null,
          },
          text,
        ),
      ),
    );
    /** What is drawn for each, kept while it has not changed. @type {Map<string, {text: string, node: HTMLElement}>} */
    this.drawn = new Map();
    /** @type {Pager<Rejected>} */
    const pager = new Pager("rejected", { status }, (one) => one.id);
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
      h("ol", { class: "rejected-list" }, items.map(this.#node, this)),
      !complete && button("Show more", more),
    );
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
      messageDetails(one),
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
      let answer = await change("POST", "rejected/redrive");
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
 */
function messageDetails(one) {
  const place = h("div", { class: "rejected-message" });
  const load = async () => {
    if (place.hasChildNodes()) return;
    fill(place, loadingState("Loading the message"));
    try {
      const { body } = await get(`rejected/${encodeURIComponent(one.id)}`);
      fill(place, messageParts(body));
    } catch (error) {
      fill(place);
      complain(error);
    }
  };
  return h("details", { ontoggle: load }, h("summary", {}, "The message"), place);
}

/** @param {Rejected & RejectedExtra} one */
function messageParts(one) {
  return [
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
