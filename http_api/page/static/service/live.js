/** Keeps a view up to date by asking again; an answer that nothing changed costs one 304. */

import { ApiError } from "./client.js";

const EVERY_MS = 5000;
const LONGEST_MS = 60_000;

/**
 * @typedef {object} LiveState
 * @property {"live" | "paused" | "offline"} state
 * @property {Date} [at] when the service last answered
 */

/** @param {LiveState} detail */
function tell(detail) {
  dispatchEvent(new CustomEvent("livestate", { detail }));
}

/**
 * Calls `load` now and then while the tab is visible; less often while it fails.
 * @param {() => Promise<void>} load
 * @param {{every?: number}} [options]
 * @returns {{stop: () => void, now: () => Promise<void>}}
 */
export function keepLive(load, { every = EVERY_MS } = {}) {
  let wait = every;
  let stopped = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  async function turn() {
    clearTimeout(timer);
    if (stopped || document.hidden) return;
    try {
      await load();
      wait = every;
      if (!stopped) tell({ state: "live", at: new Date() });
    } catch (error) {
      // Being refused will not change by itself; being out of reach may.
      wait = Math.min(LONGEST_MS, wait * 2);
      if (!stopped)
        tell({ state: error instanceof ApiError && error.status ? "paused" : "offline" });
    }
    if (!stopped) timer = setTimeout(turn, wait);
  }

  function onVisibility() {
    if (document.hidden) clearTimeout(timer);
    else turn();
  }

  timer = setTimeout(turn, every);
  tell({ state: "live", at: new Date() });
  document.addEventListener("visibilitychange", onVisibility);
  return {
    now: turn,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisibility);
    },
  };
}
