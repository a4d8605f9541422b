/** Draws the attack map: one picture of an incident, to be read, zoomed, played back and walked by keys. */

import { severityClass } from "../../ui/badges.js";
import { button } from "../../ui/button.js";
import { fill, h, svg } from "../../ui/dom.js";
import { count, dateTime, number } from "../../ui/format.js";
import { icon, severityShape } from "../../ui/icons.js";
import { chipPlace } from "./attack-map-arrows.js";
import { AXIS, axisNodes } from "./attack-map-axis.js";
import { MARK_WIDTH, axisOf, dotsOf, foldLanes, shorten } from "./attack-map-layout.js";
import { attackMap } from "./attack-map-model.js";
import { hopSentence, stepList } from "./attack-map-list.js";
import {
  ACCOUNT,
  MACHINE,
  arrowHead,
  dotTip,
  foldedText,
  hopTip,
  iconButton,
  laneName,
  middleOf,
} from "./attack-map-parts.js";
import { MapTip } from "./attack-map-tip.js";

/** @typedef {import("../../model/types.js").AlertItem} AlertItem */
/** @typedef {import("../../model/types.js").Incident} Incident */
/** @typedef {import("./attack-map-layout.js").Axis} Axis */
/** @typedef {import("./attack-map-layout.js").Dot} Dot */
/** @typedef {import("./attack-map-model.js").AttackMap} AttackMap */
/** @typedef {import("./attack-map-model.js").Hop} Hop */
/** @typedef {import("./attack-map-model.js").Lane} Lane */
/** @typedef {import("./attack-map-model.js").Step} Step */
/** @typedef {{lane: Lane, y: number, height: number, dots: Dot[]}} Row */
/** @typedef {{k: number, x: number}} View how far it is zoomed in, and moved */
/** @typedef {{id: string, node: SVGElement, group: SVGElement, at: number, tip: () => import("../../ui/dom.js").Child, open: () => void}} Item */

const EDGE = 16;
const MOST_LANES = 14;
const MOST_ZOOM = 40;
const PLAY_MS = 900;
const PAUSE_MS = 400;
const CHIP_LETTERS = 20;

export class AttackMapView {
  names = h("ol", { class: "map-lanes", "aria-label": "Lanes, in the order reached" });
  canvas = svg("svg", {
    class: "map-canvas",
    role: "group",
    "aria-label":
      "Attack map. Arrow keys go from event to event, Enter opens its alert, plus and minus zoom.",
  });
  plot = h("div", { class: "map-plot" }, this.canvas);
  tip = new MapTip();
  bar = h("div", { class: "map-bar" });
  fold = h("div", { class: "map-fold" });
  note = h("p", { class: "quiet", role: "status" });
  list = h("details", { class: "map-list" });
  slider = /** @type {HTMLInputElement} */ (
    h("input", { type: "range", min: 0, value: 0, "aria-label": "Event" })
  );
  playButton = h("button", {
    type: "button",
    class: "icon-button",
    onclick: () => this.#playOrPause(),
  });
  readout = h("span", { class: "map-readout" });
  /** @type {Incident | null} */
  incident = null;
  /** @type {Row[]} */
  rows = [];
  height = 0;
  /** What Tab reaches, by its id. */
  focused = "";
  /** @type {number | undefined} */
  frame = undefined;

  /**
   * @param {(alertId: string) => void} open
   * @param {number} [fixedWidth] for a picture of all lanes that stays as it is, as in a report
   */
  constructor(open, fixedWidth = 0) {
    this.open = open;
    this.fixedWidth = fixedWidth;
    /** @type {AttackMap | null} */
    this.map = null;
    /** @type {AlertItem[]} */
    this.alerts = [];
    /** @type {Item[]} */
    this.items = [];
    /** @type {View} */
    this.view = { k: 1, x: 0 };
    this.allLanes = fixedWidth > 0;
    this.context = false;
    /** How many steps play-back shows; all, while it does not play. */
    this.position = Infinity;
    this.width = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.drawing = undefined;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.playing = undefined;
    this.element = h(
      "div",
      { class: "map" },
      this.bar,
      h("div", { class: "map-body" }, this.names, this.plot, this.tip.element),
      this.fold,
      this.note,
      this.list,
    );
    this.slider.addEventListener("input", () => {
      this.#pause();
      this.#show(Number(this.slider.value));
    });
    this.observer = new ResizeObserver(() => {
      if (this.plot.clientWidth !== this.width) this.#draw();
    });
    if (fixedWidth > 0) return;
    this.observer.observe(this.plot);
    this.#listen();
    this.#fetchZoom();
  }

  /** The lanes and what is on them, without anything to press. */
  get picture() {
    for (const { node } of this.items) {
      for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
    }
    this.canvas.setAttribute("aria-hidden", "true");
    return h("div", { class: "map-body" }, this.names, this.plot);
  }

  #listen() {
    const { plot } = this;
    this.onPrint = () => this.list.setAttribute("open", "");
    addEventListener("beforeprint", this.onPrint);
    this.list.addEventListener("toggle", () => this.#drawList());
    plot.addEventListener("keydown", (event) => this.#onKey(event));
    for (const name of ["pointerover", "focusin"]) {
      plot.addEventListener(name, (event) => this.#onPoint(event));
    }
    plot.addEventListener("pointerleave", () => this.tip.hide());
    plot.addEventListener("focusout", () => this.tip.hide());
    plot.addEventListener("click", (event) => this.#itemOf(event)?.open());
  }

  /** Panning and zooming by mouse and touch come with a library; the map is there without it. */
  async #fetchZoom() {
    try {
      this.d3 = await import("../../vendor/d3.js");
    } catch {
      return; // the keys and buttons still zoom
    }
    const { d3 } = this;
    this.zoom = d3
      .zoom()
      .scaleExtent([1, MOST_ZOOM])
      .extent(() => [
        [0, 0],
        [this.width, this.height],
      ])
      .filter((event) => isForZoom(event))
      .on("zoom", ({ transform, sourceEvent }) => {
        if (!sourceEvent) return;
        this.#setView(transform.k, transform.x);
      });
    d3.select(/** @type {any} */ (this.canvas)).call(this.zoom).on("dblclick.zoom", null);
    this.#syncZoom();
  }

  /**
   * @param {Incident} incident
   * @param {AlertItem[]} alerts those that have been fetched
   */
  show(incident, alerts) {
    if (incident === this.incident && alerts === this.alerts) return;
    this.incident = incident;
    this.alerts = alerts;
    // Pages of alerts arrive faster than they can be looked at.
    if (!this.drawing) this.drawing = setTimeout(() => this.read(), this.map ? PAUSE_MS : 0);
  }

  close() {
    clearTimeout(this.drawing);
    this.#pause();
    if (this.onPrint) removeEventListener("beforeprint", this.onPrint);
    this.observer.disconnect();
  }

  /** Reads what it was given, and draws it. */
  read() {
    clearTimeout(this.drawing);
    this.drawing = undefined;
    if (!this.incident || this.alerts.length === 0) return;
    this.map = attackMap(this.incident, this.alerts);
    this.axis = axisOf(this.map);
    fill(this.list, h("summary", {}, "As a list"));
    this.#drawList();
    this.#draw();
  }

  /** The list is made when somebody wants it, or prints. */
  #drawList() {
    if (this.map && this.list.hasAttribute("open") && this.list.childElementCount === 1) {
      this.list.append(...stepList(this.map));
    }
  }

  /** The steps that can be seen. @returns {Step[]} */
  get steps() {
    const steps = this.map?.steps ?? [];
    return this.context ? steps : steps.filter(({ mark }) => mark.kind !== "context");
  }

  #draw() {
    this.width = this.fixedWidth || this.plot.clientWidth;
    if (!this.map || this.width === 0) return;
    this.#drawBar();
    this.#drawLanes();
    this.#render();
  }

  /** The lanes with their heights; they stay while the picture is zoomed. */
  #drawLanes() {
    const map = /** @type {AttackMap} */ (this.map);
    const { shown, folded } = foldLanes(map.lanes, this.allLanes ? Infinity : MOST_LANES);
    const lanes = this.allLanes ? map.lanes : shown;
    let y = 0;
    this.rows = lanes.map((lane) => {
      const height = lane.marks.length > 0 ? MACHINE : ACCOUNT;
      const row = { lane, y, height, dots: [] };
      y += height;
      return row;
    });
    this.height = y + AXIS;
    fill(this.names, this.rows.map(laneName));
    const more = () => {
      this.allLanes = !this.allLanes;
      this.#draw();
    };
    const text = this.allLanes ? "Show fewer lanes" : `Show ${foldedText(folded)}`;
    fill(this.fold, (folded.length > 0 || this.allLanes) && button(text, more, { small: true }));
    const missing = (this.incident?.alertCount ?? 0) - this.alerts.length;
    this.note.textContent =
      missing > 0 ? `${count(this.alerts.length, "alert")} of ${number(this.incident?.alertCount ?? 0)} are on the map.` : "";
  }

  /** An instant's place, in pixels from the left of the plot. @param {number} at */
  #x(at) {
    return this.#along(/** @type {Axis} */ (this.axis).place(at));
  }

  /** The place of a share of the axis, in pixels from the left of the plot. @param {number} place */
  #along(place) {
    return EDGE + place * (this.width - 2 * EDGE) * this.view.k + this.view.x;
  }

  /** Draws everything between the lanes' names and the axis, as it is zoomed now. */
  #render() {
    const { rows, width, view, height } = this;
    const x = (/** @type {number} */ at) => this.#x(at);
    const along = (/** @type {number} */ place) => this.#along(place);
    const right = width * view.k + view.x;
    for (const row of rows) {
      const marks = this.context ? row.lane.marks : row.lane.marks.filter(({ kind }) => kind !== "context");
      row.dots = dotsOf({ ...row.lane, marks }, x, right);
    }
    const seen = (/** @type {number} */ place) => place > -40 && place < width + 40;
    this.items = [];
    this.canvas.setAttribute("width", String(width));
    this.canvas.setAttribute("height", String(height));
    fill(
      this.canvas,
      arrowHead(),
      axisNodes(/** @type {Axis} */ (this.axis), { x, along, seen, width, height }),
      rows.map((row) => this.#laneNode(row)),
      this.#hopNodes(rows, seen),
      rows.flatMap((row) => row.dots.filter((dot) => seen(dot.x)).map((dot) => this.#dotNode(row, dot))),
    );
    this.items.sort((a, b) => a.at - b.at);
    this.#focusable()?.node.setAttribute("tabindex", "0");
    this.#dim();
  }

  /** @param {Row} row */
  #laneNode({ lane, y, height }) {
    const middle = y + middleOf(height);
    const uses = lane.uses.map(({ at }) => this.#x(at));
    return svg(
      "g",
      { class: ["map-lane", lane.kind === "account" && "map-account"] },
      svg("line", { class: "map-rule", x1: 0, x2: this.width, y1: middle, y2: middle }),
      uses.length > 1 &&
        svg("line", { class: "map-use", x1: uses[0], x2: uses[uses.length - 1], y1: middle, y2: middle }),
      uses.map((x) => svg("circle", { class: "map-used", cx: x, cy: middle, r: 4 })),
    );
  }

  /**
   * @param {Row[]} rows
   * @param {(place: number) => boolean} seen
   */
  #hopNodes(rows, seen) {
    const places = new Map(
      rows.flatMap(({ y, height, dots }) =>
        dots.flatMap((dot) => dot.marks.map((mark) => [mark.id, { x: dot.x, y: y + middleOf(height) }])),
      ),
    );
    /** @type {{x: number, y: number, width: number}[]} */
    const chips = [];
    const map = /** @type {AttackMap} */ (this.map);
    return map.hops.flatMap((hop) => {
      const [from, to] = [places.get(hop.from), places.get(hop.to)];
      if (!from || !to || (!seen(from.x) && !seen(to.x))) return [];
      return [this.#hopNode(hop, from, to, chips)];
    });
  }

  /**
   * @param {Hop} hop
   * @param {{x: number, y: number}} from
   * @param {{x: number, y: number}} to
   * @param {{x: number, y: number, width: number}[]} chips those that are drawn already
   */
  #hopNode(hop, from, to, chips) {
    const bend = Math.max(14, (to.x - from.x) / 2);
    const end = to.x - MARK_WIDTH / 2 - 2;
    const d = `M${from.x} ${from.y}C${from.x + bend} ${from.y} ${end - bend} ${to.y} ${end} ${to.y}`;
    const [proof] = hop.proofs;
    const more = hop.proofs.length - 1;
    const text = shorten(proof.value || proof.kind, CHIP_LETTERS) + (more > 0 ? ` +${more}` : "");
    const chip = chipPlace(from, { x: end, y: to.y }, bend, text);
    const free = chips.every(
      (other) =>
        Math.abs(other.y - chip.y) > 19 || Math.abs(other.x - chip.x) > (other.width + chip.width) / 2,
    );
    if (free) chips.push(chip);
    const node = svg(
      "g",
      { class: "map-hop-button", role: "button", tabindex: -1, "aria-label": hopSentence(hop) },
      svg("path", { class: "map-hop-hit", d }),
      svg("path", { class: "map-hop-line", d, "marker-end": "url(#map-arrow)" }),
    );
    const group = svg(
      "g",
      { class: ["map-hop", hop.first && "first"], "data-item": hop.id },
      node,
      free && [
        svg("rect", { x: chip.x - chip.width / 2, y: chip.y - 9, width: chip.width, height: 18, rx: 9 }),
        shownText({ x: chip.x, y: chip.y + 4, "text-anchor": "middle" }, text),
      ],
    );
    const goal = this.map?.marks.get(hop.to);
    this.items.push({
      id: hop.id,
      node,
      group,
      at: (goal?.from ?? 0) - 0.5,
      tip: () => hopTip(hop),
      open: () => this.open(proof.to.alertId),
    });
    return group;
  }

  /**
   * @param {Row} row
   * @param {Dot} dot
   */
  #dotNode({ lane, y, height }, dot) {
    const { mark, severity, label } = dot;
    const middle = y + middleOf(height);
    const name = `${dateTime(mark.alerts[0].startTimeUtc)}, ${severity}: ${mark.title}`;
    const size = mark.kind === "context" ? 0.5 : 0.875;
    const node = svg("path", {
      class: "mark",
      role: "button",
      tabindex: -1,
      "aria-label": [name, dot.alerts > 1 && count(dot.alerts, "alert"), lane.title]
        .filter(Boolean)
        .join(", "),
      d: severityShape(severity),
      transform: `translate(${dot.x} ${middle}) scale(${size}) translate(-8 -8)`,
    });
    const several = dot.alerts > 99 ? "99+" : String(dot.alerts);
    const group = svg(
      "g",
      { class: [severityClass(severity), `mark-of-${mark.kind}`], "data-item": mark.id },
      dot.until - dot.x > MARK_WIDTH &&
        svg("line", { class: "map-wave-line", x1: dot.x, x2: dot.until, y1: middle, y2: middle }),
      node,
      dot.alerts > 1 &&
        shownText({ class: "several-count", x: dot.x + 9, y: middle - 6 }, several),
      label && shownText({ class: "map-label", x: label.x, y: middle + 22 }, label.text),
    );
    this.items.push({
      id: mark.id,
      node,
      group,
      at: mark.from,
      tip: () => dotTip(dot, lane),
      open: () => this.open(mark.id),
    });
    return group;
  }

  // Play-back

  #drawBar() {
    const steps = this.steps.length;
    this.slider.max = String(Math.max(0, steps - 1));
    this.slider.value = String(Math.min(this.position, steps - 1));
    const context = (this.map?.steps.length ?? 0) - (this.map?.steps.filter(({ mark }) => mark.kind !== "context").length ?? 0);
    const box = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", checked: this.context }));
    box.addEventListener("change", () => {
      this.context = box.checked;
      this.#draw();
    });
    const zoomBy = (/** @type {number} */ factor) => () => this.#zoomBy(factor);
    fill(
      this.bar,
      this.playButton,
      this.slider,
      this.readout,
      h("span", { class: "map-gap" }),
      context > 0 && h("label", { class: "map-check" }, box, `Context (${number(context)})`),
      iconButton("minus", "Zoom out", zoomBy(1 / 1.6)),
      iconButton("plus", "Zoom in", zoomBy(1.6)),
      h("button", { type: "button", class: "link", onclick: () => this.#setViewAndSync(1, 0) }, "Fit"),
    );
    this.#drawPlay();
  }

  #drawPlay() {
    fill(this.playButton, icon(this.playing ? "pause" : "play"));
    this.playButton.setAttribute("aria-label", this.playing ? "Pause" : "Play the attack back");
  }

  #playOrPause() {
    if (this.playing) {
      this.#pause();
      return;
    }
    if (this.position >= this.steps.length - 1) this.#show(0);
    this.playing = setInterval(() => {
      this.#show(this.position + 1);
      if (this.position >= this.steps.length - 1) this.#pause();
    }, PLAY_MS);
    this.#drawPlay();
  }

  #pause() {
    clearInterval(this.playing);
    this.playing = undefined;
    this.#drawPlay();
  }

  /**
   * Shows what had happened by a step.
   * @param {number} position
   */
  #show(position) {
    this.position = position;
    const step = this.steps[position];
    if (!step) return;
    this.slider.value = String(position);
    const { mark } = step;
    const text = `${dateTime(mark.alerts[0].startTimeUtc)} · ${mark.title}`;
    this.slider.setAttribute("aria-valuetext", `${position + 1} of ${this.steps.length}: ${text}`);
    this.readout.textContent = text;
    this.#dim();
  }

  /** What comes after the step that is shown is faint. */
  #dim() {
    const now = this.steps[this.position]?.at ?? Infinity;
    for (const { group, at } of this.items) {
      group.classList.toggle("later", at > now);
      group.classList.toggle("now", Number.isFinite(now) && Math.ceil(at) === now);
    }
  }

  // Zoom

  /**
   * @param {number} k
   * @param {number} x
   */
  #setView(k, x) {
    const kept = Math.max(1, Math.min(MOST_ZOOM, k));
    const room = this.width * (1 - kept);
    this.view = { k: kept, x: Math.min(0, Math.max(room, x)) };
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.tip.hide();
      this.#render();
    });
  }

  /**
   * @param {number} k
   * @param {number} x
   */
  #setViewAndSync(k, x) {
    this.#setView(k, x);
    this.#syncZoom();
  }

  /** @param {number} factor */
  #zoomBy(factor) {
    const middle = this.width / 2;
    const k = Math.max(1, Math.min(MOST_ZOOM, this.view.k * factor));
    this.#setViewAndSync(k, middle - ((middle - this.view.x) / this.view.k) * k);
  }

  /** Tells the library where the view is. */
  #syncZoom() {
    if (!this.d3 || !this.zoom) return;
    const { k, x } = this.view;
    const at = this.d3.zoomIdentity.translate(x, 0).scale(k);
    this.d3.select(/** @type {any} */ (this.canvas)).call(this.zoom.transform, at);
  }

  // Keys and pointer

  /** What Tab reaches. */
  #focusable() {
    return this.items.find(({ id }) => id === this.focused) ?? this.items[0];
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const now = this.items.findIndex(({ node }) => node === document.activeElement);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const factor = { "+": 1.6, "=": 1.6, "-": 1 / 1.6 }[event.key];
    if (now >= 0 && step) this.#focus(Math.max(0, Math.min(this.items.length - 1, now + step)));
    else if (now >= 0 && (event.key === "Home" || event.key === "End"))
      this.#focus(event.key === "Home" ? 0 : this.items.length - 1);
    else if (now >= 0 && (event.key === "Enter" || event.key === " ")) this.items[now].open();
    else if (factor) this.#zoomBy(factor);
    else if (event.key === "0") this.#setViewAndSync(1, 0);
    else return;
    event.preventDefault();
  }

  /** @param {number} index */
  #focus(index) {
    for (const { node } of this.items) node.setAttribute("tabindex", "-1");
    const { node, id } = this.items[index];
    this.focused = id;
    node.setAttribute("tabindex", "0");
    node.focus();
  }

  /** @param {Event} event */
  #itemOf(event) {
    const node = /** @type {Element} */ (event.target).closest("[data-item]");
    return node && this.items.find((item) => item.group === node);
  }

  /** @param {Event} event */
  #onPoint(event) {
    const item = this.#itemOf(event);
    if (!item) {
      this.tip.hide();
      return;
    }
    this.tip.show(item);
  }
}

/**
 * Text for the eye: what it stands beside says more to a screen reader.
 * @param {Record<string, string | number>} attributes
 * @param {string} text
 */
function shownText(attributes, text) {
  return svg("text", { ...attributes, "aria-hidden": "true" }, text);
}

/**
 * Dragging pans and pinching zooms; the wheel does only with Ctrl, for without it the page scrolls.
 * @param {any} event
 */
function isForZoom(event) {
  if (event.type === "wheel") return event.ctrlKey || event.metaKey;
  if (event.type.startsWith("touch")) return event.touches.length > 1;
  return !event.button && !event.target.closest("[data-item]");
}
