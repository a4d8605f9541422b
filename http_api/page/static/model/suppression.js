/** Suppression rules: what they are made of, and how they read. */

/**
 * @typedef {object} Condition
 * @property {string} field
 * @property {string} [operator] `equals` when left out
 * @property {string[]} values alternatives
 * @property {string} [kind] of an entity
 *
 * @typedef {object} Rule
 * @property {string} id
 * @property {string} reason
 * @property {string} author
 * @property {Condition[]} conditions all must hold
 * @property {string} [expiresUtc]
 * @property {string} updatedUtc
 * @property {boolean} active
 * @property {number} matched
 * @property {string} etag
 */

/** @type {ReadonlyMap<string, string>} */
export const FIELDS = new Map([
  ["title", "Title"],
  ["type", "Type"],
  ["severity", "Severity"],
  ["source", "Format"],
  ["resource", "Resource"],
  ["entity", "Entity"],
]);

/** @type {ReadonlyMap<string, string>} */
export const OPERATORS = new Map([
  ["equals", "is"],
  ["contains", "contains"],
  ["cidr", "is in the network"],
]);

export const ENTITY_KINDS = Object.freeze([
  "host",
  "account",
  "address",
  "file",
  "mailbox",
  "application",
  "container",
  "url",
  "domain",
]);

/**
 * A condition as a sentence without its values: `Entity (address) is in the network`.
 * @param {Condition} condition
 */
export function conditionText({ field, operator = "equals", kind = "" }) {
  const name = FIELDS.get(field) ?? field;
  return `${name}${kind ? ` (${kind})` : ""} ${OPERATORS.get(operator) ?? operator}`;
}

/**
 * An id for a new rule, from its reason and the present: `our-own-scanner-k3x9`.
 * @param {string} reason
 * @param {number} now
 */
export function newId(reason, now) {
  const words = reason.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return [...words.slice(0, 6), now.toString(36).slice(-4)].join("-").slice(-80);
}

/**
 * Conditions that an alert meets, and others like it on the same resource.
 * @param {import("./types.js").AlertItem} alert
 * @returns {Condition[]}
 */
export function conditionsLike({ alertType, title, resource }) {
  const like = alertType
    ? { field: "type", values: [alertType] }
    : { field: "title", values: [title] };
  return [like, { field: "resource", values: [resource.name] }];
}
