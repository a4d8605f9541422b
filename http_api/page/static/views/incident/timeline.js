/** The timeline: each alert a mark, resources or stages as lanes. */

import { stageTitle } from "../../model/killchain.js";
import { severityClass } from "../../ui/badges.js";
import { fill, h, svg } from "../../ui/dom.js";
import { count, dateTime, minute, resourceType, tick } from "../../ui/format.js";
import { severityShape } from "../../ui/icons.js";
import { axisTicks, layTimeline } from "./timeline-model.js";

/** @typedef {import("../../model/types.js").AlertItem} AlertItem */
/** @typedef {import("./timeline-model.js").LaneKind} LaneKind */
/** @typedef {import("./timeline-model.js").Mark} Mark */

const LANE = 32;
const AXIS = 24;
const MARK = 14;
const MOST_LANES = 20;
const PAUSE_MS = 400;

export class Timeline {
  /** @param {(alerts: AlertItem[]) => void} open one alert, or those that share a mark */
  constructor(open) {
    this.open = open;
    /** @type {AlertItem[]} */
    this.alerts = [];
    /** @type {LaneKind} */
    this.lanes = "resource";
    this.width = 0;
    this.drawn = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.drawing = undefined;
    this.names = h("ol", { class: "lane-names" });
    this.plot = h("div", { class: "lane-plot" });
    this.note = h("p", { class: "quiet" });
    this.element = h(
      "div",
      { class: "timeline" },
      h("div", { class: "lanes" }, this.names, this.plot),
      this.note,
    );
    this.kinds = h("span", { class: "segments small", role: "group", "aria-label": "Lanes" });
    this.observer = new ResizeObserver(() => {
      if (this.plot.clientWidth !== this.width) this.#draw();
    });
    this.observer.observe(this.plot);
    this.plot.addEventListener("keydown", (event) => this.#onKey(event));
    this.#drawKinds();
  }

  /**
   * @param {AlertItem[]} alerts
   * @param {number} total how many there are, shown or not
   */
  show(alerts, total) {
    if (alerts === this.alerts && total === this.total) return;
    this.alerts = alerts;
    this.total = total;
    // Pages of alerts arrive faster than they can be looked at.
    if (!this.drawing) this.drawing = setTimeout(() => this.#draw(), this.drawn ? PAUSE_MS : 0);
  }

  close() {
    clearTimeout(this.drawing);
    this.observer.disconnect();
  }

  #drawKinds() {
    const kinds = /** @type {const} */ ([
      ["resource", "By resource"],
      ["stage", "By stage"],
    ]);
    fill(
      this.kinds,
      kinds.map(([kind, text]) =>
        h(
          "button",
          {
            type: "button",
            "aria-pressed": String(kind === this.lanes),
            onclick: () => {
              this.lanes = kind;
              this.#drawKinds();
              this.#draw();
            },
          },
          text,
        ),
      ),
    );
  }

  #draw() {
    clearTimeout(this.drawing);
    this.drawing = undefined;
    this.width = this.plot.clientWidth;
    if (this.width === 0 || this.alerts.length === 0) return;
    this.drawn = true;
    const inner = this.width - MARK;
    const laid = layTimeline(this.alerts, { lanes: this.lanes, width: inner, markWidth: MARK });
    const lanes = laid.lanes.slice(0, MOST_LANES);
    const height = lanes.length * LANE + AXIS;
    fill(
      this.names,
      lanes.map(({ title, detail, total }) =>
        h(
          "li",
          { title: `${title} ${resourceType(detail)}` },
          h("span", { class: "lane-title" }, title),
          h("span", { class: "lane-count" }, String(total)),
        ),
      ),
    );
    const drawing = svg("svg", {
      width: this.width,
      height,
      role: "group",
      "aria-label": "Alerts over time. Arrow keys move between them, Enter opens one.",
    });
    drawing.append(
      ...this.#axis(laid, inner, height),
      ...lanes.map((lane, index) =>
        svg(
          "g",
          { transform: `translate(${MARK / 2} ${index * LANE})`, class: "lane" },
          rule(inner),
          lane.marks.map((mark) => this.#mark(mark, lane.title)),
        ),
      ),
    );
    fill(this.plot, drawing);
    drawing.querySelector(".mark")?.setAttribute("tabindex", "0");
    this.note.textContent = this.#noteText(laid.lanes.length);
  }

  /** @param {number} lanes */
  #noteText(lanes) {
    const parts = [];
    if (lanes > MOST_LANES) parts.push(`The first ${MOST_LANES} of ${lanes} lanes are shown.`);
    const missing = (this.total ?? 0) - this.alerts.length;
    if (missing > 0)
      parts.push(`${count(this.alerts.length, "alert")} of ${this.total} are shown.`);
    return parts.join(" ");
  }

  /**
   * @param {import("./timeline-model.js").Timeline} laid
   * @param {number} inner
   * @param {number} height
   */
  #axis({ from, to }, inner, height) {
    const { ticks, withDay } = axisTicks(from, to, Math.max(2, Math.floor(inner / 96)));
    return ticks.map((at) => {
      const x = MARK / 2 + ((at - from) / (to - from)) * inner;
      // A label at an edge leans inwards instead of being cut.
      const anchor = x < 24 ? "start" : x > inner - 16 ? "end" : "middle";
      return svg(
        "g",
        { class: "tick" },
        svg("line", { x1: x, x2: x, y1: 0, y2: height - AXIS }),
        svg("text", { x, y: height - 6, "text-anchor": anchor }, tick(at, withDay)),
      );
    });
  }

  /**
   * @param {Mark} mark
   * @param {string} lane
   */
  #mark(mark, lane) {
    const [first] = mark.alerts;
    const several = mark.alerts.length > 1;
    const stages = first.tactics.map(stageTitle).join(", ");
    const name = several
      ? `${count(mark.alerts.length, "alert")} from ${dateTime(mark.firstUtc)}, worst ${mark.severity}, first: ${first.title}`
      : `${dateTime(mark.firstUtc)}, ${mark.severity}: ${first.title}`;
    return svg(
      "g",
      {
        class: ["mark", severityClass(mark.severity), several && "several"],
        transform: `translate(${mark.x} ${LANE / 2})`,
        role: "button",
        tabindex: -1,
        "aria-label": `${name}, ${lane}`,
        onclick: () => this.open(mark.alerts),
      },
      svg("title", {}, [name, stages].filter(Boolean).join("\n")),
      svg("circle", { class: "hit", r: 12 }),
      svg("path", {
        class: "shape",
        d: severityShape(mark.severity),
        transform: "scale(0.875) translate(-8 -8)",
      }),
      several &&
        svg(
          "text",
          { class: "several-count", x: 9, y: -5 },
          mark.alerts.length > 99 ? "99+" : mark.alerts.length,
        ),
    );
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const marks = [...this.plot.querySelectorAll(".mark")];
    const now = marks.indexOf(/** @type {Element} */ (document.activeElement));
    if (now < 0) return;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = marks[Math.max(0, Math.min(marks.length - 1, now + step))];
      marks[now].setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      /** @type {SVGElement} */ (next).focus();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      marks[now].dispatchEvent(new MouseEvent("click"));
    }
  }
}

/** @param {number} inner */
function rule(inner) {
  return svg("line", { class: "lane-rule", x1: 0, x2: inner, y1: LANE / 2, y2: LANE / 2 });
}

/**
 * The time that an incident spans, in words.
 * @param {string} first
 * @param {string} last
 */
export function spanText(first, last) {
  return `${minute(Date.parse(first))} – ${minute(Date.parse(last))}`;
}
