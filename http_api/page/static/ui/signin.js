/** Signing in: with a key pasted once, or with the platform's own sign-in where there is one. */

import { forgetAnswers } from "../service/client.js";
import { setKey } from "../service/session.js";
import { submitButton } from "./button.js";
import { h } from "./dom.js";

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
  const platform = h("p", { class: "platform" });
  offerPlatform(platform);
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
    h("p", { class: "hint" }, "It is kept for this browser tab only."),
    submitButton("Sign in"),
    platform,
  );
}

/** @param {string} value the key; an empty one signs out */
export function signIn(value) {
  setKey(value);
  forgetAnswers();
  dispatchEvent(new Event("signedin"));
}

/**
 * Adds the link to Entra's sign-in when the platform's authentication stands before the service.
 * @param {HTMLElement} place
 */
async function offerPlatform(place) {
  const here = new URL(".auth/me", document.baseURI);
  const answer = await fetch(here, { cache: "no-store" }).catch(() => null);
  const type = answer?.headers.get("Content-Type") ?? "";
  if (!answer || answer.status === 404 || (answer.ok && !type.includes("json"))) return;
  const login = new URL(".auth/login/aad", document.baseURI);
  login.searchParams.set("post_login_redirect_uri", location.pathname);
  place.append(h("a", { href: login.href }, "Sign in with your organisation instead"));
}
