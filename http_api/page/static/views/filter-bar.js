/** The filters as chips: each opens its choice; one that filters says what, and can be taken away. */

import { isComplete } from "../model/facets.js";
import { submitButton } from "../ui/button.js";
import { fill, h } from "../ui/dom.js";
import { number } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { closePopover, openPopover } from "../ui/popover.js";
import { fieldTime, instantOf, zoneName } from "../ui/zone.js";
import {
  FILTERS,
  PERIODS,
  changed,
  hasFilters,
  timeText,
  valuesOf,
  withTime,
  withoutFilters,
} from "./filters.js";

/** @typedef {import("./filters.js").Filter} Filter */

const ALWAYS = FILTERS.slice(0, 3);
const SELDOM = FILTERS.slice(ALWAYS.length);

export class FilterBar {
  /**
   * @param {(query: URLSearchParams, replace: boolean) => void} apply
   */
  constructor(apply) {
    this.apply = apply;
    /** Filters that do not apply to what is listed. @type {string[]} */
    this.hidden = [];
    /** Counts to show beside the choices, where they are known. @type {import("../model/types.js").Facets | null} */
    this.facets = null;
    this.query = new URLSearchParams();
    this.element = h("div", { class: "chips", role: "group", "aria-label": "Filters" });
  }

  get #counted() {
    return this.facets === null || isComplete(this.facets);
  }

  /** @param {URLSearchParams} query */
  draw(query) {
    this.query = query;
    // A panel that is open goes on; the chips follow when it closes.
    if (!this.element.querySelector("[aria-expanded=true]")) this.#drawChips();
  }

  #drawChips() {
    const { query, element } = this;
    const focused = document.activeElement?.closest("[data-chip]")?.getAttribute("data-chip");
    const filters = FILTERS.filter(({ name }) => !this.hidden.includes(name));
    const used = SELDOM.filter((filter) => query.get(filter.name) && filters.includes(filter));
    const unused = SELDOM.filter((filter) => !used.includes(filter) && filters.includes(filter));
    const clearAll = () => this.apply(withoutFilters(query), false);
    fill(
      element,
      query.get("q") && this.#searchChip(),
      [...ALWAYS.filter((filter) => filters.includes(filter)), ...used].map((filter) =>
        this.#filterChip(filter),
      ),
      this.#timeChip(),
      unused.length > 0 && this.#moreChip(unused),
      hasFilters(query) &&
        h("button", { type: "button", class: "link", onclick: clearAll }, "Clear all"),
    );
    if (focused) {
      /** @type {HTMLElement | null} */ (
        element.querySelector(`[data-chip="${focused}"] .chip-main`)
      )?.focus();
    }
  }

  /**
   * @param {string} name
   * @param {string} text
   * @param {string} value what it filters by now; empty when it does not
   * @param {(trigger: HTMLElement) => void} open
   * @param {() => URLSearchParams} cleared
   */
  #chip(name, text, value, open, cleared) {
    const main = h(
      "button",
      {
        type: "button",
        class: "chip-main",
        "aria-haspopup": "dialog",
        "aria-expanded": "false",
        onclick: (/** @type {MouseEvent} */ event) =>
          open(/** @type {HTMLElement} */ (event.currentTarget)),
      },
      value
        ? [
            h("span", { class: "chip-name" }, `${text}: `),
            h("span", { class: "chip-value" }, value),
          ]
        : [text, icon("chevronDown")],
    );
    const clear = h(
      "button",
      {
        type: "button",
        class: "chip-clear",
        "aria-label": `Remove the filter ${text}`,
        onclick: () => this.apply(cleared(), false),
      },
      icon("close"),
    );
    return h(
      "span",
      { class: ["chip", value && "chip-on"], "data-chip": name },
      main,
      value && clear,
    );
  }

  /** @param {Filter} filter */
  #filterChip(filter) {
    const titles = new Map(filter.options ?? []);
    const value = valuesOf(this.query, filter.name)
      .map((one) => titles.get(one) ?? one)
      .join(", ");
    return this.#chip(
      filter.name,
      filter.title,
      value,
      (trigger) => this.#open(trigger, filter),
      () => changed(this.query, filter.name, ""),
    );
  }

  #searchChip() {
    return this.#chip(
      "q",
      "Search",
      this.query.get("q") ?? "",
      () => document.getElementById("search")?.focus(),
      () => changed(this.query, "q", ""),
    );
  }

  #timeChip() {
    const open = (/** @type {HTMLElement} */ trigger) => this.#openTime(trigger);
    return this.#chip("time", "Time", timeText(this.query), open, () => withTime(this.query, {}));
  }

  /** @param {Filter[]} filters */
  #moreChip(filters) {
    const row = (/** @type {Filter} */ filter, /** @type {HTMLElement} */ trigger) =>
      h(
        "button",
        {
          type: "button",
          class: "menu-row",
          onclick: () => {
            closePopover();
            this.#open(trigger, filter);
          },
        },
        filter.title,
        filter.hint && h("span", { class: "hint" }, filter.hint),
      );
    return this.#chip(
      "more",
      "More",
      "",
      (trigger) =>
        openPopover(trigger, "More filters", [filters.map((filter) => row(filter, trigger))]),
      () => this.query,
    );
  }

  /**
   * @param {HTMLElement} trigger
   * @param {Filter} filter
   */
  #open(trigger, filter) {
    if (filter.options) this.#openChoice(trigger, filter);
    else this.#openText(trigger, filter);
  }

  /**
   * @param {HTMLElement} trigger
   * @param {Filter} filter
   */
  #openChoice(trigger, filter) {
    const options = filter.options ?? [];
    const chosen = new Set(valuesOf(this.query, filter.name));
    let first = true;
    const choose = (/** @type {string} */ value, /** @type {boolean} */ on) => {
      if (on) chosen.add(value);
      else chosen.delete(value);
      const values = options.map(([one]) => one).filter((one) => chosen.has(one));
      // One panel is one step back, however many boxes were ticked in it.
      this.apply(changed(this.query, filter.name, values.join(",")), !first);
      first = false;
    };
    const rows = options.map(([value, text]) => {
      const box = /** @type {HTMLInputElement} */ (
        h("input", { type: "checkbox", checked: chosen.has(value) })
      );
      box.addEventListener("change", () => choose(value, box.checked));
      const left = filter.facet && this.facets?.[filter.facet]?.[value];
      return h(
        "label",
        { class: "choice" },
        box,
        h("span", {}, text),
        " ",
        left !== undefined && h("span", { class: "choice-count" }, number(left), !this.#counted && "+"),
      );
    });
    openPopover(trigger, filter.title, [h("div", { class: "choices" }, rows)], () =>
      this.#drawChips(),
    );
  }

  /**
   * @param {HTMLElement} trigger
   * @param {Filter} filter
   */
  #openText(trigger, filter) {
    const input = /** @type {HTMLInputElement} */ (
      h("input", {
        class: "text-input",
        type: "text",
        value: this.query.get(filter.name) ?? "",
        "aria-label": filter.hint,
      })
    );
    const use = (/** @type {Event} */ event) => {
      event.preventDefault();
      closePopover();
      this.apply(changed(this.query, filter.name, input.value.trim()), false);
    };
    openPopover(trigger, filter.title, [
      h(
        "form",
        { class: "popover-form", onsubmit: use },
        h("p", { class: "hint" }, filter.hint),
        input,
        submitButton("Apply"),
      ),
    ]);
  }

  /** @param {HTMLElement} trigger */
  #openTime(trigger) {
    const use = (/** @type {{last?: string, from?: string, to?: string}} */ time) => {
      closePopover();
      this.apply(withTime(this.query, time), false);
    };
    const [from, to] = ["from", "to"].map(
      (name) =>
        /** @type {HTMLInputElement} */ (
          h("input", {
            class: "text-input",
            type: "datetime-local",
            value: fieldTime(this.query.get(name)),
          })
        ),
    );
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      use({ from: instantOf(from.value), to: instantOf(to.value) });
    };
    openPopover(trigger, "Time", [
      PERIODS.map(([last, text]) =>
        h("button", { type: "button", class: "menu-row", onclick: () => use({ last }) }, text),
      ),
      h(
        "form",
        { class: "popover-form", onsubmit: submit },
        h("label", { class: "labelled" }, "From", from),
        h("label", { class: "labelled" }, "To", to),
        h("p", { class: "hint" }, `Times are in ${zoneName()}.`),
        submitButton("Apply"),
      ),
    ]);
  }
}
