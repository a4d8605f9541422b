/** Counts for a filter, of one kind of entry or of both. */

/** @typedef {import("./types.js").Facets} Facets */

/**
 * The counts of incidents and alerts added up: what they both have.
 * @param {Facets[]} parts
 * @returns {Facets}
 */
export function together(parts) {
  return {
    total: sum(parts.map(({ total }) => total)),
    bySeverity: added(parts.map(({ bySeverity }) => bySeverity)),
    byStatus: added(parts.map(({ byStatus }) => byStatus)),
    complete: parts.every(isComplete),
  };
}

/**
 * Whether nothing was left uncounted; only of alerts there may be too many to count.
 * @param {Facets} facets
 */
export function isComplete({ complete = true }) {
  return complete;
}

/** @param {Record<string, number>[]} counts */
function added(counts) {
  const names = new Set(counts.flatMap((each) => Object.keys(each)));
  return Object.fromEntries(
    [...names].map((name) => [name, sum(counts.map((each) => each[name] ?? 0))]),
  );
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, each) => total + each, 0);
}
