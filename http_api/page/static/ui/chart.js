/** Counts over time as stacked bars, worst severity at the bottom. Click or drag chooses a time. */

import { SEVERITIES } from "../model/severity.js";
import { severityMark } from "./badges.js";
import { fill, h } from "./dom.js";
import { count, minute, tick } from "./format.js";
import { reloadState } from "./states.js";
import { isUtc } from "./zone.js";

const HEIGHT = 200;
/** So tall in pixels is what is there at all. */
const LEAST_BAR = 3;
const DAY = 86_400_000;
/** Steps of the time axis in seconds, once its labels are days. */
const DAYS = [1, 2, 3, 5, 7, 14, 30, 60].map((days) => days * 86_400);

/** @typedef {{startUtc: string, counts: Record<string, number>}} Bucket */
/** @typedef {import("../vendor/uplot.js")} uPlot */

export class SeverityChart {
  /** @param {(from: number, to: number) => void} onRange */
  constructor(onRange) {
    this.onRange = onRange;
    /** @type {Bucket[]} */
    this.buckets = [];
    this.width = 0;
    this.noun = "alert";
    this.tip = h("div", { class: "chart-tip", hidden: true });
    this.plotPlace = h("div", { class: "chart-plot", role: "img" });
    this.table = h("div", { class: "chart-table" });
    this.element = h(
      "div",
      { class: "chart" },
      h("div", { class: "chart-area" }, this.plotPlace, this.tip),
      h(
        "div",
        { class: "chart-foot" },
        legend(),
        h("details", { class: "chart-details" }, h("summary", {}, "As a table"), this.table),
      ),
    );
    this.redraw = () => this.#draw();
    this.observer = new ResizeObserver(() => {
      if (this.plotPlace.clientWidth !== this.width) this.#draw();
    });
    this.observer.observe(this.plotPlace);
    addEventListener("themechange", this.redraw);
    this.#fetchLibrary();
  }

  /** The library is large, and only this needs it: it comes when the first graph is drawn. */
  async #fetchLibrary() {
    try {
      /** @type {typeof import("../vendor/uplot.js") | undefined} */
      this.library = (await import("../vendor/uplot.js")).default;
      this.#draw();
    } catch {
      fill(this.plotPlace, reloadState("The graph"));
    }
  }

  /**
   * @param {Bucket[]} buckets at least one, evenly apart
   * @param {string} noun what is counted
   * @param {number} end when the last bucket ends, in milliseconds since 1970
   */
  show(buckets, noun, end) {
    this.buckets = buckets;
    this.noun = noun;
    this.end = end;
    this.#draw();
  }

  close() {
    removeEventListener("themechange", this.redraw);
    this.observer.disconnect();
    this.plot?.destroy();
  }

  #draw() {
    this.width = this.plotPlace.clientWidth;
    if (!this.library || this.buckets.length === 0 || this.width === 0) return;
    this.plot?.destroy();
    const total = this.buckets.reduce((sum, bucket) => sum + totalOf(bucket), 0);
    this.plotPlace.setAttribute("aria-label", `${count(total, this.noun)} over time, by severity`);
    this.plot = new this.library(this.#options(), this.#data(), this.plotPlace);
    fill(this.table, countTable(this.buckets));
  }

  /** Seconds, then one series a severity, each on top of the worse ones, the tallest first. */
  #data() {
    const times = this.buckets.map(({ startUtc }) => Date.parse(startUtc) / 1000);
    const heights = this.buckets.map(() => 0);
    const least = this.#top * (LEAST_BAR / HEIGHT);
    const stacked = SEVERITIES.map((severity) =>
      this.buckets.map(({ counts }, index) => {
        // One of a rare severity beside thousands of others is still to be seen.
        const value = counts[severity] ?? 0;
        heights[index] += value > 0 ? Math.max(value, least) : 0;
        return heights[index];
      }),
    );
    return /** @type {any} */ ([times, ...stacked.toReversed()]);
  }

  /** The tallest bar's count. */
  get #top() {
    return this.buckets.map(totalOf).reduce((a, b) => Math.max(a, b), 0);
  }

  /** The length of one bucket in seconds. */
  get #step() {
    const [first, second] = this.buckets.map(({ startUtc }) => Date.parse(startUtc) / 1000);
    return second ? second - first : (this.end ?? 0) / 1000 - first || 3600;
  }

  #options() {
    const style = getComputedStyle(document.documentElement);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const font = `12px ${colour("--font")}`;
    const first = Date.parse(this.buckets[0].startUtc) / 1000;
    const last = Date.parse(this.buckets[this.buckets.length - 1].startUtc) / 1000 + this.#step;
    const withDay = (last - first) * 1000 > 2 * DAY;
    const bars = /** @type {any} */ (this.library?.paths).bars({ size: [0.72, 48], align: 1 });
    const axis = { stroke: colour("--text-3"), font, ticks: { show: false } };
    const grid = { stroke: colour("--line-soft"), width: 1 };
    return /** @type {any} */ ({
      width: this.width,
      height: HEIGHT,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      tzDate: (/** @type {number} */ at) =>
        isUtc()
          ? /** @type {any} */ (this.library).tzDate(new Date(at * 1000), "Etc/UTC")
          : new Date(at * 1000),
      scales: {
        x: { time: true, range: [first, last] },
        y: {
          range: (/** @type {any} */ _, /** @type {number} */ low, /** @type {number} */ high) => [
            low * 0,
            nice(high),
          ],
        },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 28,
          space: 72,
          incrs: withDay ? DAYS : undefined,
          values: (/** @type {any} */ _, /** @type {number[]} */ splits) =>
            splits.map((at) => tick(at * 1000, withDay)),
        },
        {
          ...axis,
          grid,
          size: 44,
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6],
        },
      ],
      series: [
        {},
        ...SEVERITIES.toReversed().map((severity) => ({
          paths: bars,
          points: { show: false },
          fill: colour(`--${severity.toLowerCase()}-fill`),
          width: 0,
        })),
      ],
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      hooks: {
        setCursor: [(/** @type {uPlot} */ plot) => this.#point(plot)],
        setSelect: [(/** @type {uPlot} */ plot) => this.#select(plot)],
        ready: [(/** @type {uPlot} */ plot) => this.#clickable(plot)],
      },
    });
  }

  /** @param {uPlot} plot */
  #clickable(plot) {
    plot.over.addEventListener("click", () => {
      const index = this.#at(plot);
      if (index < 0) return;
      const start = Date.parse(this.buckets[index].startUtc);
      this.onRange(start, start + this.#step * 1000);
    });
    plot.over.addEventListener("mouseleave", () => {
      this.tip.hidden = true;
    });
  }

  /**
   * The bucket under the pointer, or -1.
   * @param {uPlot} plot
   */
  #at(plot) {
    const left = plot.cursor.left ?? -1;
    if (left < 0) return -1;
    const at = plot.posToVal(left, "x");
    return this.buckets.findLastIndex(({ startUtc }) => Date.parse(startUtc) / 1000 <= at);
  }

  /** @param {uPlot} plot */
  #select(plot) {
    const { left, width } = plot.select;
    if (width < 4) return;
    const [from, to] = [left, left + width].map((x) => Math.round(plot.posToVal(x, "x") * 1000));
    this.onRange(from, to);
  }

  /** @param {uPlot} plot */
  #point(plot) {
    const index = this.#at(plot);
    this.tip.hidden = index < 0;
    if (index < 0) return;
    const bucket = this.buckets[index];
    const lines = SEVERITIES.filter((severity) => bucket.counts[severity]).map((severity) =>
      h(
        "div",
        {},
        severityMark(severity),
        h("span", {}, severity),
        h("b", {}, String(bucket.counts[severity])),
      ),
    );
    const start = Date.parse(bucket.startUtc);
    fill(this.tip, h("strong", {}, minute(start)), lines.length ? lines : h("div", {}, "None"));
    const room = this.width - this.tip.offsetWidth;
    const x = (plot.cursor.left ?? 0) + plot.bbox.left / devicePixelRatio + 16;
    this.tip.style.setProperty("left", `${Math.min(x, room)}px`);
  }
}

function legend() {
  return h(
    "ul",
    { class: "legend", "aria-hidden": "true" },
    SEVERITIES.map((severity) => h("li", {}, severityMark(severity), severity)),
  );
}

/** @param {Bucket} bucket */
function totalOf({ counts }) {
  return Object.values(counts).reduce((sum, one) => sum + one, 0);
}

/** @param {Bucket[]} buckets */
function countTable(buckets) {
  return h(
    "table",
    {},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ["From", ...SEVERITIES].map((text) => h("th", { scope: "col" }, text)),
      ),
    ),
    h(
      "tbody",
      {},
      buckets
        .filter((bucket) => totalOf(bucket) > 0)
        .map(({ startUtc, counts }) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, minute(Date.parse(startUtc))),
            SEVERITIES.map((severity) => h("td", {}, counts[severity] ?? 0)),
          ),
        ),
    ),
  );
}

/**
 * The next round number, so that the axis ends on one.
 * @param {number} high
 */
function nice(high) {
  if (high <= 4) return 4;
  const unit = 10 ** Math.floor(Math.log10(high));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((step) => step * unit).find((top) => top >= high) ?? high;
}
