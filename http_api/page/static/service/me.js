/** Who is at the page: as the service or the platform knows them, or by the name they give. */

import { ApiError, get } from "./client.js";

const NAME = "my-name";
/** What the service calls whoever has nothing but a key. */
const NOBODY = "function key";

/** @type {Promise<string> | null} */
let asked = null;

/** Asks anew, as after signing in as somebody else. */
export function forgetMe() {
  asked = null;
}

/** The reader's name as owners are written; empty where nobody knows it. */
export function myName() {
  const given = localStorage.getItem(NAME);
  if (given) return Promise.resolve(given);
  asked ??= known();
  return asked;
}

/** @param {string} name an empty one forgets it */
export function setMyName(name) {
  if (name) localStorage.setItem(NAME, name);
  else localStorage.removeItem(NAME);
}

async function known() {
  try {
    const { name } = (await get("me")).body;
    return name && name !== NOBODY ? String(name) : "";
  } catch (error) {
    // An older service does not say; the platform before it may.
    return error instanceof ApiError && error.status === 404 ? ((await principal()) ?? "") : "";
  }
}

/**
 * Who is signed in with the platform: empty for nobody, null where it has no sign-in.
 * @returns {Promise<string | null>}
 */
export async function principal() {
  const here = new URL(".auth/me", document.baseURI);
  const answer = await fetch(here, { cache: "no-store" }).catch(() => null);
  if (!answer || answer.status === 404) return null;
  if (!answer.ok) return "";
  const told = await answer.json().catch(() => null);
  return told && (told[0]?.user_id ?? "");
}
