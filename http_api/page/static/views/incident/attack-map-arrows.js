/** Where the arrows of the attack map run, and where their labels stand. */

/**
 * Where the label of an arrow goes: along it, near its goal, where no title of a mark is.
 * @param {{x: number, y: number}} from
 * @param {{x: number, y: number}} to
 * @param {number} bend
 * @param {string} text
 */
export function chipPlace(from, to, bend, text) {
  const width = text.length * 6.4 + 14;
  const [t, s] = [0.64, 0.36];
  const along = (/** @type {number[]} */ ...p) =>
    s ** 3 * p[0] + 3 * s * s * t * p[1] + 3 * s * t * t * p[2] + t ** 3 * p[3];
  const x = along(from.x, from.x + bend, to.x - bend, to.x);
  return { x: Math.max(width / 2 + 2, x), y: along(from.y, from.y, to.y, to.y), width };
}
