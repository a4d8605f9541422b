/**
 * Keeps views up to date. One cheap question, whether anything has changed at all, comes first: a
 * view asks for its own only then. While nothing changes the question comes less and less often.
 */

import { ApiError, get } from "./client.js";

const SHORTEST_MS = 5_000;
const LONGEST_MS = 60_000;
/** Without that question each view asks for its own, which costs more: so it does so less often. */
const LONGEST_ALONE_MS = 120_000;
const GROWTH = 1.3;
/** So long after a person's last key or click, news no longer make the questions come faster. */
const PRESENT_MS = 120_000;

/**
 * @typedef {object} LiveState
 * @property {"live" | "waiting" | "paused" | "offline"} state
 * @property {Date} [at] when the service last answered
 *
 * @typedef {() => Promise<boolean | void>} Load asks again; says whether anything was new
 */

/** @param {LiveState["state"]} state */
function tell(state) {
  dispatchEvent(new CustomEvent("livestate", { detail: { state, at: new Date() } }));
}

class Pulse {
  constructor() {
    /** @type {Set<Load>} */
    this.loads = new Set();
    /** The latest version of all there is; empty while it is not known. */
    this.version = "";
    /** Whether the service answers the question. */
    this.answered = true;
    this.wait = SHORTEST_MS;
    this.asked = 0;
    this.present = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.asking = false;
  }

  listen() {
    for (const name of ["pointerdown", "keydown", "wheel"]) {
      addEventListener(name, () => this.#onPerson(), { capture: true, passive: true });
    }
    document.addEventListener("visibilitychange", () => this.#onVisibility());
    addEventListener("signedin", () => {
      this.answered = true;
      this.version = "";
    });
  }

  /** @param {Load} load */
  add(load) {
    this.loads.add(load);
    this.wait = SHORTEST_MS;
    this.#plan();
  }

  /** @param {Load} load */
  remove(load) {
    this.loads.delete(load);
    if (this.loads.size === 0) clearTimeout(this.timer);
  }

  #plan() {
    clearTimeout(this.timer);
    if (!document.hidden && this.loads.size > 0) {
      this.timer = setTimeout(() => this.#turn(), this.wait);
    }
  }

  async #turn() {
    if (this.asking || document.hidden) return;
    this.asking = true;
    this.asked = Date.now();
    try {
      const news = await this.#ask();
      const found = news && (await this.#load());
      this.wait = found && this.#isPresent ? SHORTEST_MS : this.#longer(GROWTH);
      tell("live");
    } catch (error) {
      this.wait = this.#longer(2);
      // Being refused will not change by itself; being out of reach may.
      tell(error instanceof ApiError && error.status ? "paused" : "offline");
    } finally {
      this.asking = false;
      this.#plan();
    }
  }

  /** Whether views have reason to ask. */
  async #ask() {
    if (!this.answered) return true;
    try {
      const { version } = (await get("changes")).body;
      const news = version !== this.version;
      this.version = version;
      return news;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
      this.answered = false;
      return true;
    }
  }

  /** Whether any view found something new. Throws what the first of them throws, after all ended. */
  async #load() {
    const ended = await Promise.allSettled([...this.loads].map((load) => load()));
    for (const one of ended) {
      if (one.status === "rejected") {
        this.version = "";
        throw one.reason;
      }
    }
    return ended.some((one) => one.status === "fulfilled" && one.value);
  }

  get #isPresent() {
    return Date.now() - this.present < PRESENT_MS;
  }

  /** @param {number} growth */
  #longer(growth) {
    return Math.min(this.answered ? LONGEST_MS : LONGEST_ALONE_MS, this.wait * growth);
  }

  /** Whoever comes back to the page does not wait for the next question. */
  #onPerson() {
    this.present = Date.now();
    if (this.wait === SHORTEST_MS || this.asking) return;
    this.wait = SHORTEST_MS;
    if (this.present - this.asked > SHORTEST_MS) this.#turn();
    else this.#plan();
  }

  #onVisibility() {
    clearTimeout(this.timer);
    if (document.hidden) return;
    tell("waiting");
    this.wait = SHORTEST_MS;
    if (this.loads.size > 0) this.#turn();
  }
}

const pulse = new Pulse();
pulse.listen();

/**
 * Calls `load` when something may have changed, while the tab is visible.
 * @param {Load} load
 * @returns {{stop: () => void, now: () => Promise<void>}} `now` asks at once, as after a change
 */
export function keepLive(load) {
  // A view may ask twice with the same function, of which each is its own.
  const own = () => load();
  pulse.add(own);
  return {
    now: async () => {
      try {
        await load();
        tell("live");
      } catch (error) {
        tell(error instanceof ApiError && error.status ? "paused" : "offline");
      }
    },
    stop: () => pulse.remove(own),
  };
}
