/** The key that a person signed in with. It lives as long as the browser tab, and no longer. */

const NAME = "functions-key";

export function key() {
  return sessionStorage.getItem(NAME) ?? "";
}

/** @param {string} value an empty one signs out */
export function setKey(value) {
  if (value) sessionStorage.setItem(NAME, value);
  else sessionStorage.removeItem(NAME);
}
