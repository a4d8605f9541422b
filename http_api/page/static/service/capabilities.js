/** What this service offers beyond its core; what it does not offer is not shown. */

import { get } from "./client.js";

/** Operations as `get /incidents/{}/export`. @type {Set<string>} */
let operations = new Set();

/**
 * Whether the service offers an operation.
 * @param {string} operation method, and path with `{}` for what is filled in
 */
export function offers(operation) {
  return operations.has(operation);
}

/** Reads what the service says of itself; one that says nothing offers only its core. */
export async function discover() {
  try {
    const { body } = await get("openapi.json");
    operations = new Set(Object.entries(body.paths ?? {}).flatMap(operationsOf));
  } catch {
    operations = new Set();
  }
}

/** @param {[string, Record<string, unknown>]} entry */
function operationsOf([path, methods]) {
  const short = path.replace(/^\/api(?=\/)/, "").replace(/\{[^}]*\}/g, "{}");
  return Object.keys(methods).map((method) => `${method} ${short}`);
}
