/** What the reader has seen: until when everything, and which incidents since. Kept in this browser. */

const LOOKED = "looked";
const SEEN = "seen";
const MOST = 2000;
const DAY_MS = 86_400_000;

/** Everything up to this instant counts as seen; at first, what is older than a day. */
export function lookedUntil() {
  return localStorage.getItem(LOOKED) ?? new Date(Math.floor(Date.now() / DAY_MS - 1) * DAY_MS).toISOString();
}

/** From now on only what comes is new. */
export function markAllSeen() {
  localStorage.setItem(LOOKED, new Date().toISOString());
  localStorage.removeItem(SEEN);
  dispatchEvent(new Event("seen"));
}

/**
 * @param {string} incidentId
 * @param {string} updatedUtc the version that was seen
 */
export function markSeen(incidentId, updatedUtc) {
  const seen = read();
  if ((seen.get(incidentId) ?? lookedUntil()) >= updatedUtc) return;
  seen.delete(incidentId);
  seen.set(incidentId, updatedUtc);
  const kept = [...seen].slice(-MOST);
  localStorage.setItem(SEEN, JSON.stringify(kept));
}

/**
 * @param {{incidentId: string, updatedUtc?: string}} incident
 */
export function isUnread({ incidentId, updatedUtc = "" }) {
  return updatedUtc > (read().get(incidentId) ?? lookedUntil());
}

/** @type {{text: string, seen: Map<string, string>}} */
let last = { text: "", seen: new Map() };

/** @returns {Map<string, string>} */
function read() {
  const text = localStorage.getItem(SEEN) ?? "[]";
  if (text !== last.text) {
    try {
      last = { text, seen: new Map(JSON.parse(text)) };
    } catch {
      last = { text, seen: new Map() };
    }
  }
  return last.seen;
}
