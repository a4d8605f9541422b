/** Signing in: with a key pasted once, and with the platform's own sign-in where there is one. */

import { forgetAnswers } from "../service/client.js";
import { forgetMe, principal } from "../service/me.js";
import { keepPlace, setKey } from "../service/session.js";
import { submitButton } from "./button.js";
import { fill, h } from "./dom.js";

/**
 * @param {() => void} done called once a key is set
 * @returns {HTMLElement}
 */
export function signInForm(done) {
  const input = h(
    "fluent-text-input",
    { type: "password", name: "key", autocomplete: "off" },
    "Key",
  );
  return h(
    "form",
    {
      class: "sign-in",
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        const value = /** @type {HTMLInputElement} */ (input).value.trim();
        if (!value) return;
        signIn(value);
        done();
      },
    },
    input,
    h("p", { class: "hint" }, "A function key of this service. It is kept for this browser tab only."),
    submitButton("Sign in"),
    platformSignIn(),
  );
}

/** @param {string} value the key; an empty one signs out */
export function signIn(value) {
  setKey(value);
  forgetAnswers();
  forgetMe();
  dispatchEvent(new Event("signedin"));
}

/**
 * What the platform's own sign-in has to offer, where it stands before the service: who is signed
 * in, or the way to do so. Empty where there is none.
 */
export function platformSignIn() {
  const place = h("p", { class: "platform" });
  offerPlatform(place);
  return place;
}

/** @param {HTMLElement} place */
async function offerPlatform(place) {
  const name = await principal();
  if (name === null) return;
  if (name) {
    const logout = platformAddress("logout", "post_logout_redirect_uri");
    fill(place, `You are signed in as ${name}. `, h("a", { href: logout }, "Sign out"));
  } else {
    const login = platformAddress("login/aad", "post_login_redirect_uri");
    fill(place, h("a", { href: login, onclick: keepPlace }, "Sign in with your organisation"));
  }
}

/**
 * @param {string} path
 * @param {string} back the parameter that says where to go afterwards
 */
function platformAddress(path, back) {
  const address = new URL(`.auth/${path}`, document.baseURI);
  address.searchParams.set(back, location.pathname);
  return address.href;
}
