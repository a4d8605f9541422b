/** The page's own icons: strokes on a 20 by 20 grid, in the colour of the text around them. */

import { svg } from "./dom.js";

/** @type {Record<string, string>} */
const PATHS = {
  account: "M10 3.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM4 16.5c0-3 2.5-4.5 6-4.5s6 1.5 6 4.5",
  alert:
    "M10 3a4.5 4.5 0 0 0-4.5 4.5c0 4-1.5 5-1.5 6h12c0-1-1.5-2-1.5-6A4.5 4.5 0 0 0 10 3Zm-1.8 10.5a1.9 1.9 0 0 0 3.6 0",
  arrowRight: "M4 10h12m-4.5-4.5L16 10l-4.5 4.5",
  back: "M16 10H4m4.5-4.5L4 10l4.5 4.5",
  branch: "M6 4v12M6 12c0-4 8-2 8-7M3.8 4h4.4M11.8 5h4.4M3.8 16h4.4",
  check: "m4 10.5 4 4 8-9",
  chevronDown: "m5 8 5 5 5-5",
  close: "m5 5 10 10M15 5 5 15",
  copy: "M7 7V4h9v9h-3M4 7h9v9H4z",
  dash: "M5 10h10",
  dots: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  download: "M10 3v9m-4-4 4 4 4-4M4 16h12",
  edit: "m4 16 .8-3.4L13 4.4a1.4 1.4 0 0 1 2 0l.6.6a1.4 1.4 0 0 1 0 2L7.4 15.2z",
  external: "M8 5H4v11h11v-4M11 4h5v5m0-5-7 7",
  filter: "M3.5 5h13M6 10h8m-5.5 5h3",
  help: "M7.5 7.6a2.5 2.5 0 1 1 3.7 2.2c-.9.5-1.2 1-1.2 1.8m0 3v.01M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4Z",
  incident:
    "M5.5 13.5 9 6.5m2 0 3.5 7M6.8 15h6.4M10 3.2a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4ZM4.7 13.2a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4Zm10.6 0a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4Z",
  key: "M12.5 3.5a4 4 0 1 1-2.9 6.8L4 16v-2.5h2v-2h2M13.5 6.5h.01",
  list: "M7 5h10M7 10h10M7 15h10M3.5 5h.01M3.5 10h.01M3.5 15h.01",
  machine: "M3.5 4.5h13v8h-13zM7 16h6M10 12.5V16",
  minus: "M5 10h10",
  pause: "M7.5 4.5v11m5-11v11",
  play: "M6.5 4.5v11l9-5.5z",
  plus: "M10 5v10M5 10h10",
  merge: "M5 4c0 5 5 4 5 8v4M15 4c0 5-5 4-5 8m-2.5 1.5L10 16l2.5-2.5",
  mute: "M4 8v4h3l4 3.5v-11L7 8zM14 8l3 4m0-4-3 4",
  overview: "M3.5 16.5h13M5 13.5V9m5 4.5V4m5 9.5V7",
  refresh: "M15.5 7A6 6 0 1 0 16 10m0-6v3.5h-3.5",
  rejected: "M4 4h12v12H4zM7.5 7.5l5 5m0-5-5 5",
  search: "M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4Zm3.6 8.6L16.5 16.5",
  split: "M10 16v-4c0-4-5-3-5-8m5 8c0-4 5-3 5-8M3 6l2-2 2 2m6 0 2-2 2 2",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM10 2v1.5m0 13V18M2 10h1.5m13 0H18M4.3 4.3l1.1 1.1m9.2 9.2 1.1 1.1m0-11.4-1.1 1.1m-9.2 9.2-1.1 1.1",
  moon: "M15.8 12A6.5 6.5 0 0 1 8 4.2a6.5 6.5 0 1 0 7.8 7.8Z",
  system: "M3 4h14v9.5H3zM7 16.5h6M10 13.5v3",
  undo: "M7 5 3.5 8.5 7 12M4 8.5h7.5a4 4 0 0 1 0 8H9",
};

/**
 * An icon. It says nothing to a screen reader: the text beside it does.
 * @param {keyof typeof PATHS} name
 * @param {string} [className]
 */
export function icon(name, className = "") {
  return svg(
    "svg",
    { class: ["icon", className], viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: PATHS[name] }),
  );
}

/** Outlines on a 16 by 16 grid, so that severity can be told apart without colour. */
const SHAPES = /** @type {Record<string, string>} */ ({
  Critical: "M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1Z",
  High: "M8 1.2 15.4 14.5H.6Z",
  Medium: "M8 .8 15.2 8 8 15.2.8 8Z",
  Low: "M2 2h12v12H2Z",
  Informational: "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13Z",
});

/**
 * The outline of a severity's mark on a 16 by 16 grid.
 * @param {string} severity
 */
export function severityShape(severity) {
  return SHAPES[severity] ?? SHAPES.Informational;
}
