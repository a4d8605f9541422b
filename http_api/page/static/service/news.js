/** How many open incidents are new to the reader; the tab's title tells it in every view. */

import { OPEN_STATUSES } from "../model/status.js";
import { setNews } from "../ui/tab-title.js";
import { ApiError, get } from "./client.js";
import { keepLive } from "./live.js";
import { lookedUntil } from "./seen.js";

/** Whether the service can be asked for what was updated since; else what was active since. */
let byUpdate = true;
/** @type {number | null} */
let known = null;

/** How the API is asked for what is new. @returns {Record<string, string>} */
export function newQuery() {
  return { [byUpdate ? "updatedFrom" : "from"]: lookedUntil() };
}

/** The number, as far as it is known. */
export function newCount() {
  return known;
}

/** Keeps the number up to date. Called once, when the page starts. */
export function watchNews() {
  const live = keepLive(count);
  count().catch(() => {}); // the view says what is wrong
  for (const name of ["seen", "signedin"]) addEventListener(name, () => live.now());
}

async function count() {
  try {
    const asked = { status: OPEN_STATUSES.join(","), ...newQuery() };
    const { body, changed } = await get("incidents/facets", asked);
    known = body.total;
    setNews(body.total);
    dispatchEvent(new Event("news"));
    return changed;
  } catch (error) {
    if (!byUpdate || !(error instanceof ApiError) || error.status !== 400) throw error;
    byUpdate = false;
    return count();
  }
}
