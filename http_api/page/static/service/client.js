/** Speaks HTTP with the service: the key, problem+json as errors, and conditional requests. */

import { key } from "./session.js";

const BASE = new URL("api/", document.baseURI);
const KEPT = 60;

/** @typedef {{index?: number, field?: string, reason?: string, detail?: string}} FieldError */

/** An answer that is no success, or no answer at all (status 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} title
   * @param {string} detail
   * @param {FieldError[]} [errors]
   * @param {string} [reference] what the service's log has a fault under
   */
  constructor(status, title, detail, errors = [], reference = "") {
    super(detail || title);
    this.name = "ApiError";
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.errors = errors;
    this.reference = reference;
  }
}

/**
 * @typedef {object} Answer
 * @property {any} body
 * @property {string} etag
 * @property {boolean} changed false when the service said that nothing has changed since last time
 */

/** Bodies by address, the latest used last, to answer 304s with. @type {Map<string, {etag: string, text: string, body: any}>} */
const kept = new Map();

/** Questions that are not answered yet, by address. @type {Map<string, {signal: AbortSignal | undefined, answer: Promise<Answer>}>} */
const underWay = new Map();

/** Forgets every answer, as after signing in as somebody else. */
export function forgetAnswers() {
  kept.clear();
  underWay.clear();
}

/**
 * GET. Asks only for what has changed since the last time, where the service says so.
 * @param {string} path under the API, `incidents/1`
 * @param {Record<string, string | number | null | undefined>} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answer>}
 */
export function get(path, query = {}, signal = undefined) {
  const url = address(path, query);
  // What two parts of a view ask at the same time is asked once.
  const under = underWay.get(url.href);
  if (under && under.signal === signal) return under.answer;
  const answer = ask(url, signal).finally(() => underWay.delete(url.href));
  underWay.set(url.href, { signal, answer });
  return answer;
}

/**
 * @param {URL} url
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Answer>}
 */
async function ask(url, signal) {
  const known = kept.get(url.href);
  /** @type {Record<string, string>} */
  const headers = known?.etag ? { "If-None-Match": known.etag } : {};
  const response = await send(url, { headers, signal });
  if (response.status === 304 && known) {
    remember(url.href, known);
    return { body: known.body, etag: known.etag, changed: false };
  }
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  const etag = response.headers.get("ETag") ?? "";
  if (known && known.text === text) {
    remember(url.href, { ...known, etag });
    return { body: known.body, etag, changed: false };
  }
  const body = JSON.parse(text);
  remember(url.href, { etag, text, body });
  return { body, etag, changed: true };
}

/**
 * The last body of an address, if it is still kept.
 * @param {string} path
 * @param {Record<string, string | number | null | undefined>} [query]
 * @returns {any}
 */
export function lastBody(path, query = {}) {
  return kept.get(address(path, query).href)?.body;
}

/**
 * Follows a `nextLink`, which may be absolute or relative to the service.
 * @param {string} link
 * @param {RequestInit} [init]
 * @returns {Promise<any>}
 */
export async function follow(link, init = {}) {
  const target = new URL(link, BASE);
  // Only path and query count: behind a proxy the service may not know its own public name.
  const response = await send(new URL(target.pathname + target.search, BASE), init);
  if (!response.ok) throw await problemOf(response);
  return response.json();
}

/**
 * Sends a change.
 * @param {"POST" | "PUT" | "PATCH" | "DELETE"} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {string} [etag] the version that the change is based on
 * @returns {Promise<any>} the answer's body, or null when it has none
 */
export async function change(method, path, body = undefined, etag = "") {
  /** @type {Record<string, string>} */
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (etag) headers["If-Match"] = etag;
  const response = await send(address(path), {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

/**
 * GET of a file, whatever its type.
 * @param {string} path
 * @param {Record<string, string>} query
 * @returns {Promise<{blob: Blob, name: string}>}
 */
export async function download(path, query) {
  const response = await send(address(path, query), {});
  if (!response.ok) throw await problemOf(response);
  const disposition = response.headers.get("Content-Disposition") ?? "";
  const name = /filename="?([^";]+)"?/.exec(disposition)?.[1] ?? "";
  return { blob: await response.blob(), name };
}

/**
 * @param {string} path
 * @param {Record<string, string | number | null | undefined>} [query]
 */
function address(path, query = {}) {
  const url = new URL(path, BASE);
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") {
      url.searchParams.set(name, String(value));
    }
  }
  return url;
}

/**
 * @param {URL} url
 * @param {RequestInit} init
 */
async function send(url, init) {
  const headers = new Headers(init.headers);
  headers.set("Accept", "application/json");
  if (key()) headers.set("x-functions-key", key());
  try {
    // The page keeps answers itself, so that it knows what has changed.
    const response = await fetch(url, { ...init, headers, cache: "no-store" });
    if (response.status < 400) dispatchEvent(new Event("answered"));
    return response;
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError(0, "No answer", "The service cannot be reached. Is it running?");
  }
}

/**
 * Whether a request ended because its view was left.
 * @param {unknown} error
 */
export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/** @param {Response} response */
async function problemOf(response) {
  const text = await response.text();
  try {
    return errorOf(response.status, JSON.parse(text));
  } catch {
    return new ApiError(response.status, response.statusText || `Status ${response.status}`, "");
  }
}

/**
 * A problem (RFC 9457) as an error.
 * @param {number} status
 * @param {any} problem
 */
export function errorOf(status, problem) {
  const { title = `Status ${status}`, detail = "", errors = [], reference = "" } = problem;
  return new ApiError(status, title, detail, errors, reference);
}

/**
 * @param {string} url
 * @param {{etag: string, text: string, body: any}} answer
 */
function remember(url, answer) {
  kept.delete(url);
  kept.set(url, answer);
  const oldest = kept.keys().next().value;
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
}
