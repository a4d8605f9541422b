/** What this service offers beyond its core; what it does not offer is not shown. */

import { ApiError, get } from "./client.js";

/**
 * @typedef {object} Capabilities
 * @property {boolean} rejected
 * @property {boolean} suppressions
 * @property {Set<string>} operations `get /incidents/{}/export`, as its OpenAPI document lists them
 */

/** @type {Capabilities} */
export const capabilities = { rejected: false, suppressions: false, operations: new Set() };

/** Finds out. A service without an OpenAPI document offers only its core. */
export async function discover() {
  const [operations, rejected, suppressions] = await Promise.all([
    listOperations(),
    answers("rejected"),
    answers("suppressions"),
  ]);
  Object.assign(capabilities, { operations, rejected, suppressions });
}

/** @returns {Promise<Set<string>>} */
async function listOperations() {
  try {
    const { body } = await get("openapi.json");
    return new Set(
      Object.entries(body.paths ?? {}).flatMap(([path, methods]) =>
        Object.keys(methods).map(
          (method) => `${method} ${path.replace(/^\/api(?=\/)/, "").replace(/\{[^}]*\}/g, "{}")}`,
        ),
      ),
    );
  } catch {
    return new Set();
  }
}

/**
 * Whether a list is there at all; being refused means that it is.
 * @param {string} path
 */
async function answers(path) {
  try {
    await get(path, { limit: 1 });
    return true;
  } catch (error) {
    return error instanceof ApiError && (error.status === 401 || error.status === 403);
  }
}
