/** What a view shows when it has nothing to show: and what to do about it. */

import { ApiError } from "../service/client.js";
import { key } from "../service/session.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { signInForm } from "./signin.js";

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
      : h(
          "div",
          { class: "state-actions" },
          h("fluent-button", { role: "button", onclick: retry }, "Try again"),
        ),
  );
}

/**
 * A failure as title and advice.
 * @param {unknown} error
 * @returns {{title: string, advice: string}}
 */
export function explain(error) {
  if (!(error instanceof ApiError)) {
    return { title: "This view failed", advice: String(error) };
  }
  const said = error.detail;
  switch (error.status) {
    case 0:
      return {
        title: "The service does not answer",
        advice: "Check that it runs and that this computer can reach it, then try again.",
      };
    case 401:
      return {
        title: "Sign in to go on",
        advice: key()
          ? "The service does not accept the key that was given. Paste another one."
          : said || "The service asks for a key. An administrator can give you one.",
      };
    case 403:
      return {
        title: "You may not do this",
        advice: `${said || "You are signed in, but your role does not allow it."} Ask an administrator for the role that does.`,
      };
    case 404:
      return { title: "Nothing is here", advice: said || "It may have been removed since." };
    case 412:
      return {
        title: "Someone else changed this meanwhile",
        advice: "Nothing was overwritten. Look at what changed, then make your change again.",
      };
    case 429:
      return { title: "Too many requests", advice: "Wait a few seconds, then try again." };
    default:
      return {
        title: error.status >= 500 ? "The service failed" : error.title,
        advice: [said || error.title, ...error.errors.map(fieldError)].join(" "),
      };
  }
}

/** @param {import("../service/client.js").FieldError} error */
function fieldError(error) {
  return `${error.field ?? ""}: ${error.reason ?? error.detail ?? ""}`;
}
