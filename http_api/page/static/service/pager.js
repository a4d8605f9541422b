/** A list that is fetched page by page, and kept fresh from its first page. */

import { follow, get } from "./client.js";

const PAGE = 100;

/**
 * @template {object} Item
 */
export class Pager {
  /**
   * @param {string} path
   * @param {Record<string, string | number | null | undefined>} query
   * @param {(item: any) => string} keyOf
   * @param {{page?: number, shape?: (item: any) => any}} [options] `shape` may complete an item
   */
  constructor(path, query, keyOf, { page = PAGE, shape = (item) => item } = {}) {
    this.path = path;
    this.query = { ...query, limit: page };
    this.keyOf = keyOf;
    this.shape = shape;
    /** @type {Item[]} */
    this.items = [];
    /** Their keys. @type {Set<string>} */
    this.keys = new Set();
    this.nextLink = "";
    this.started = false;
    /** The rest of the first answer, such as facets. @type {Record<string, any>} */
    this.extra = {};
    /** @type {Promise<void> | null} */
    this.loading = null;
    this.abort = new AbortController();
  }

  /** Whether everything has been fetched. */
  get complete() {
    return this.started && !this.nextLink;
  }

  /** Fetches the next page that has anything; while one is being fetched, that one. */
  more() {
    this.loading ??= this.#fetchMore().finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  /**
   * Asks for the first page again and works it in.
   * @returns {Promise<boolean>} whether anything changed
   */
  async refresh() {
    const { body, changed } = await get(this.path, this.query, this.abort.signal);
    if (!changed) return false;
    // A search that took long has found nothing among the latest: what it found later stays.
    if (body.value.length === 0 && body.nextLink && this.items.length > 0) return false;
    this.#take(body);
    return true;
  }

  /** Stops whatever is under way. */
  close() {
    this.abort.abort();
  }

  async #fetchMore() {
    const before = this.items.length;
    do {
      await this.#fetchPage();
    } while (!this.complete && this.items.length === before);
  }

  async #fetchPage() {
    if (this.complete) return;
    if (!this.started) {
      const { body } = await get(this.path, this.query, this.abort.signal);
      this.#take(body);
      return;
    }
    const body = await follow(this.nextLink, { signal: this.abort.signal });
    /** @type {Item[]} */
    const page = body.value.map(this.shape);
    // What has moved up since is in the list already, from its first page.
    const fresh = page.filter((item) => !this.keys.has(this.keyOf(item)));
    this.items = [...this.items, ...fresh];
    for (const item of fresh) this.keys.add(this.keyOf(item));
    this.nextLink = body.nextLink ?? "";
  }

  /**
   * The first page is the truth for the head of the list; what lies behind its last item stays.
   * @param {any} body
   */
  #take(body) {
    const { value, nextLink = "", ...extra } = body;
    /** @type {Item[]} */
    const head = value.map(this.shape);
    const keys = new Set(head.map(this.keyOf));
    const last = head.length ? this.keyOf(head[head.length - 1]) : "";
    const joint = this.items.findIndex((item) => this.keyOf(item) === last);
    const rest = nextLink && joint >= 0 ? this.items.slice(joint + 1) : [];
    const tail = rest.filter((item) => !keys.has(this.keyOf(item)));
    if (tail.length === 0) this.nextLink = nextLink;
    this.items = [...head, ...tail];
    this.keys = new Set(this.items.map(this.keyOf));
    this.extra = extra;
    this.started = true;
  }
}
