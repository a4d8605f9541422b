/** What went wrong, in words. */

import { ApiError } from "../service/client.js";
import { key } from "../service/session.js";
import { toast } from "./toast.js";

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
        advice: unauthenticated(said),
      };
    case 403:
      return {
        title: "You may not do this",
        advice: said
          ? `${said} Ask an administrator for it.`
          : "Your role does not allow it. Ask an administrator for one that does.",
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
        advice: [said || error.title, ...unsaid(error), ...referenceOf(error)].join(" "),
      };
  }
}

/**
 * Only the service itself says something: the platform, which looks at keys, answers without a body.
 * @param {string} said
 */
function unauthenticated(said) {
  if (said) return `${said} The key alone is not enough: sign in with your organisation too.`;
  return key()
    ? "The service does not accept the key that was given. Paste another one."
    : "The service asks for a key. An administrator can give you one.";
}

/**
 * The reasons that the detail does not give already.
 * @param {ApiError} error
 */
function unsaid({ detail, errors }) {
  return errors.map(fieldError).filter((text) => !detail.includes(text));
}

/**
 * What whoever runs the service finds the fault under in its log.
 * @param {ApiError} error
 */
function referenceOf({ reference, detail }) {
  return reference && !detail.includes(reference) ? [`Reference: ${reference}.`] : [];
}

/** @param {import("../service/client.js").FieldError} error */
function fieldError(error) {
  return `${error.field ?? ""}: ${error.reason ?? error.detail ?? ""}`;
}

/**
 * A failure as one text.
 * @param {unknown} error
 */
export function sentence(error) {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  const { title, advice } = explain(error);
  return `${title}. ${advice}`;
}

/**
 * Says at the edge of the page what went wrong.
 * @param {unknown} error
 */
export function complain(error) {
  toast(sentence(error), { bad: true });
}
