/** What a view shows when it has nothing to show: and what to do about it. */

import { ApiError } from "../service/client.js";
import { button } from "./button.js";
import { h } from "./dom.js";
import { explain } from "./failures.js";
import { icon } from "./icons.js";
import { platformSignIn, signInForm } from "./signin.js";

/**
 * @param {string} text what is being waited for
 */
export function loadingState(text) {
  return h(
    "div",
    { class: "state", role: "status" },
    h("fluent-spinner", { size: "small", "aria-hidden": "true" }),
    h("p", {}, text),
  );
}

/**
 * @param {string} title
 * @param {string} advice what to do
 * @param {...import("./dom.js").Child} actions
 */
export function emptyState(title, advice, ...actions) {
  return h(
    "div",
    { class: "state" },
    icon("search", "state-icon"),
    h("h2", {}, title),
    h("p", {}, advice),
    actions.length > 0 && h("div", { class: "state-actions" }, actions),
  );
}

/**
 * What went wrong, in words, and the way out.
 * @param {unknown} error
 * @param {() => void} retry
 */
export function errorState(error, retry) {
  const { title, advice } = explain(error);
  const signIn = error instanceof ApiError && error.status === 401;
  return h(
    "div",
    { class: "state", role: "alert" },
    icon(signIn ? "key" : "rejected", "state-icon"),
    h("h2", {}, title),
    h("p", {}, advice),
    signIn
      ? // Signing in builds the view anew.
        signInForm(() => {})
      : h("div", { class: "state-actions" }, button("Try again", retry)),
    // A key may be allowed less than a person who has signed in.
    error instanceof ApiError && error.status === 403 && platformSignIn(),
  );
}

/**
 * A part of the page that could not be fetched, as after the service got a newer one.
 * @param {string} what
 */
export function reloadState(what) {
  const again = () => location.reload();
  return h(
    "div",
    { class: "state", role: "alert" },
    icon("rejected", "state-icon"),
    h("h2", {}, `${what} could not be loaded`),
    h("p", {}, "The page may have been replaced by a newer one. Nothing is lost by loading it again."),
    h("div", { class: "state-actions" }, button("Load the page again", again)),
  );
}
