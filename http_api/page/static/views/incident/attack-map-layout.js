/** Where things of the attack map go, in pixels: an axis that folds pauses, and labels that fit. */

import { severityOrder, worse } from "../../model/severity.js";

/** @typedef {import("./attack-map-model.js").AttackMap} AttackMap */
/** @typedef {import("./attack-map-model.js").Lane} Lane */
/** @typedef {import("./attack-map-model.js").Mark} Mark */

/**
 * @typedef {object} Axis
 * @property {(at: number) => number} place of an instant, from 0 to 1
 * @property {{place: number, length: number}[]} folds pauses that are drawn shorter than they were, in ms
 * @property {number[]} anchors the instants that have a place of their own
 *
 * @typedef {object} Dot what is drawn for one mark, or for several that would overlap
 * @property {Mark} mark the one that says most
 * @property {Mark[]} marks
 * @property {number} x
 * @property {number} until where the last of them is
 * @property {string} severity
 * @property {number} alerts how many
 * @property {{text: string, x: number, width: number} | null} label
 */

const MOST_ANCHORS = 400;
const FOLD_MS = 2 * 3_600_000;
const WIDEST = 90;
export const MARK_WIDTH = 14;
const LETTER = 6.2;
const LEAST_LABEL = 64;
const MOST_LABEL = 260;
const MOST_LABELS = 60;

/**
 * How wide the time between two events is drawn: by its logarithm, so that seconds can be told apart
 * and nights do not push everything else together.
 * @param {number} milliseconds
 */
function widthOf(milliseconds) {
  if (milliseconds <= 0) return 0;
  return Math.min(WIDEST, 6 + 7 * Math.log2(1 + milliseconds / 15_000));
}

/**
 * @param {AttackMap} map
 * @returns {Axis}
 */
export function axisOf({ marks }) {
  const all = [...marks.values()];
  const deciding = all.filter(({ kind }) => kind === "key" || kind === "wave");
  const chosen = all.length <= MOST_ANCHORS || deciding.length === 0 ? all : deciding;
  const ends = all.flatMap(({ from, to }) => [from, to]);
  const edge = [ends.reduce((a, b) => Math.min(a, b)), ends.reduce((a, b) => Math.max(a, b))];
  const instants = [...edge, ...chosen.flatMap(({ from, to }) => [from, to])];
  const anchors = [...new Set(instants)].sort((a, b) => a - b);
  const places = [0];
  for (let i = 1; i < anchors.length; i += 1) {
    places.push(places[i - 1] + widthOf(anchors[i] - anchors[i - 1]));
  }
  const total = places[places.length - 1] || 1;
  const share = places.map((place) => (anchors.length === 1 ? 0.5 : place / total));
  const folds = anchors.slice(1).flatMap((at, index) => {
    const length = at - anchors[index];
    return length < FOLD_MS ? [] : [{ place: (share[index] + share[index + 1]) / 2, length }];
  });
  return { place: (at) => interpolate(anchors, share, at), folds, anchors };
}

/**
 * @param {number[]} from ascending
 * @param {number[]} to
 * @param {number} at
 */
function interpolate(from, to, at) {
  let [low, high] = [0, from.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (from[middle] <= at) low = middle;
    else high = middle;
  }
  const span = from[high] - from[low];
  if (span === 0) return to[low];
  const share = Math.max(0, Math.min(1, (at - from[low]) / span));
  return to[low] + share * (to[high] - to[low]);
}

/**
 * What is drawn on a lane. Marks that would overlap share one, but none hides one that decides.
 * @param {Lane} lane
 * @param {(at: number) => number} x an instant's place in pixels
 * @param {number} width of the whole axis as drawn
 * @returns {Dot[]}
 */
export function dotsOf(lane, x, width) {
  /** @type {Dot[]} */
  const dots = [];
  for (const mark of lane.marks) {
    const at = x(mark.from);
    const last = dots[dots.length - 1];
    const joins = last && at - last.x < MARK_WIDTH && !(last.mark.kind === "key" && mark.kind === "key");
    if (joins) join(last, mark, at, x(mark.to));
    else {
      const { severity, alerts } = mark;
      const until = x(mark.to);
      dots.push({ mark, marks: [mark], x: at, until, severity, alerts: alerts.length, label: null });
    }
  }
  label(dots, width);
  return dots;
}

/**
 * @param {Dot} dot
 * @param {Mark} mark
 * @param {number} at
 * @param {number} until
 */
function join(dot, mark, at, until) {
  dot.until = Math.max(dot.until, until);
  dot.marks.push(mark);
  dot.alerts += mark.alerts.length;
  dot.severity = worse(dot.severity, mark.severity);
  if (rank(mark) < rank(dot.mark)) {
    dot.mark = mark;
    dot.x = at;
  }
}

const KINDS = { key: 0, wave: 1, plain: 2, context: 3 };

/** @param {Mark} mark the one that says most has the least */
function rank(mark) {
  return KINDS[mark.kind] * 10 + severityOrder(mark.severity);
}

/**
 * Titles below the marks, those that decide first, each as long as there is room.
 * @param {Dot[]} dots by x
 * @param {number} width
 */
function label(dots, width) {
  /** @type {[number, number][]} */
  const taken = [];
  const wanted = dots.filter(({ mark }) => mark.kind !== "context");
  const inOrder = wanted.toSorted((a, b) => rank(a.mark) - rank(b.mark) || a.x - b.x);
  for (const dot of inOrder.slice(0, MOST_LABELS)) {
    const from = dot.x - MARK_WIDTH / 2;
    const needed = Math.min(MOST_LABEL, dot.mark.title.length * LETTER + 4);
    const next = taken.filter(([start]) => start >= from).reduce((a, [b]) => Math.min(a, b), width);
    const covered = taken.some(([start, end]) => start <= from && end > from);
    // At the right edge, a label leans to the left of its mark.
    const left = next === width ? Math.min(from, width - Math.min(needed, LEAST_LABEL * 2)) : from;
    const room = Math.min(needed, next - 8 - left);
    const blocked = covered || taken.some(([start, end]) => start < left + room && end > left);
    if (blocked || room < Math.min(needed, LEAST_LABEL)) continue;
    dot.label = { text: shorten(dot.mark.title, Math.floor(room / LETTER)), x: left, width: room };
    taken.push([left, left + room + 8]);
  }
}

/**
 * @param {string} text
 * @param {number} most letters
 */
export function shorten(text, most) {
  const letters = Array.from(text);
  return letters.length <= most ? text : `${letters.slice(0, Math.max(1, most - 1)).join("").trimEnd()}…`;
}

/**
 * The lanes to show, in order, and how many are folded: those that only give context, and the last
 * reached beyond `most`.
 * @param {Lane[]} lanes
 * @param {number} most
 * @returns {{shown: Lane[], folded: Lane[]}}
 */
export function foldLanes(lanes, most) {
  const deciding = lanes.filter(({ decides }) => decides);
  const wanted = new Set((deciding.length > 0 ? deciding : lanes).slice(0, most));
  return {
    shown: lanes.filter((lane) => wanted.has(lane)),
    folded: lanes.filter((lane) => !wanted.has(lane)),
  };
}

/**
 * The instants to name on the axis: as many of the anchors as have room, the first and last first.
 * @param {Axis} axis
 * @param {(at: number) => number} x
 * @param {number} room between two of them, in pixels
 * @returns {number[]}
 */
export function ticksOf({ anchors }, x, room) {
  const [first, last] = [anchors[0], anchors[anchors.length - 1]];
  const ticks = [first];
  for (const at of anchors) {
    const apart = x(at) - x(ticks[ticks.length - 1]);
    if (apart >= room && x(last) - x(at) >= room) ticks.push(at);
  }
  if (x(last) - x(ticks[ticks.length - 1]) >= room) ticks.push(last);
  return ticks;
}
