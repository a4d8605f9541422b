/** The axis of the attack map: ticks of time, and the pauses that are folded. */

import { svg } from "../../ui/dom.js";
import { dateTime, duration, tick } from "../../ui/format.js";
import { ticksOf } from "./attack-map-layout.js";

/** @typedef {import("./attack-map-layout.js").Axis} Axis */
/** @typedef {{x: (at: number) => number, along: (place: number) => number, seen: (place: number) => boolean, width: number, height: number}} Frame */

/** The height of the axis below the lanes. */
export const AXIS = 26;
const TICK_ROOM = 104;

/**
 * @param {Axis} axis
 * @param {Frame} frame where an instant is, and where a share of the axis is, in pixels from the left
 */
export function axisNodes(axis, frame) {
  return [pauses(axis, frame), ticks(axis, frame)];
}

/**
 * @param {Axis} axis
 * @param {Frame} frame
 */
function pauses(axis, { along, seen, height }) {
  return axis.folds
    .map(({ place, length }) => ({ length, at: along(place) }))
    .filter(({ at }) => seen(at))
    .map(({ at, length }) =>
      svg(
        "g",
        { class: "map-pause", transform: `translate(${at} 0)` },
        svg("line", { y1: 0, y2: height - AXIS }),
        svg("title", {}, `${duration(length)} without an event`),
      ),
    );
}

/**
 * @param {Axis} axis
 * @param {Frame} frame
 */
function ticks(axis, { x, seen, width, height }) {
  let day = "";
  return ticksOf(axis, x, TICK_ROOM)
    .filter((at) => seen(x(at)))
    .map((at) => {
      const place = x(at);
      const now = tick(at, true);
      const text = now === day ? dateTime(new Date(at).toISOString()).split(", ").at(-1) : `${now} ${tick(at, false)}`;
      day = now;
      const anchor = place < 40 ? "start" : place > width - 48 ? "end" : "middle";
      return svg(
        "g",
        { class: "map-tick" },
        svg("line", { x1: place, x2: place, y1: 0, y2: height - AXIS }),
        svg("text", { x: place, y: height - 7, "text-anchor": anchor }, text),
      );
    });
}
