/** The severity scale, worst first. */

export const SEVERITIES = Object.freeze(["Critical", "High", "Medium", "Low", "Informational"]);

/**
 * 0 for the worst. A word that is not on the scale ranks below all.
 * @param {string} severity
 */
export function severityOrder(severity) {
  const index = SEVERITIES.indexOf(severity);
  return index < 0 ? SEVERITIES.length : index;
}

/**
 * The worse of two severities.
 * @param {string} a
 * @param {string} b
 */
export function worse(a, b) {
  return severityOrder(a) <= severityOrder(b) ? a : b;
}
