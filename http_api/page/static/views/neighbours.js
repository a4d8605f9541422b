/** Which incident comes before and after one, in the list that the reader came from. */

/** @type {string[]} */
let order = [];

/** @param {string[]} incidentIds as the list shows them */
export function keepOrder(incidentIds) {
  order = incidentIds;
}

/**
 * @param {string} incidentId
 * @returns {{previous: string, next: string, place: number, total: number}} empty texts where there is none
 */
export function neighboursOf(incidentId) {
  const place = order.indexOf(incidentId);
  return {
    previous: place > 0 ? order[place - 1] : "",
    next: place >= 0 ? (order[place + 1] ?? "") : "",
    place: place + 1,
    total: order.length,
  };
}
