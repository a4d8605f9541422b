/** The key that a person signed in with. It lives as long as the browser tab, and no longer. */

const NAME = "functions-key";
const PLACE = "place";

export function key() {
  return sessionStorage.getItem(NAME) ?? "";
}

/** @param {string} value an empty one signs out */
export function setKey(value) {
  if (value) sessionStorage.setItem(NAME, value);
  else sessionStorage.removeItem(NAME);
}

/** Remembers the view for when the platform's sign-in leads back to the page, without its fragment. */
export function keepPlace() {
  sessionStorage.setItem(PLACE, location.hash);
}

/** Goes back to the view that was remembered, once. */
export function restorePlace() {
  const place = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (place && !location.hash) history.replaceState(null, "", place);
}
