/** A list of any length of which only the rows in sight are in the document. */

import { fill, h } from "./dom.js";

const BEYOND = 8;
const NEAR_END = 30;

/**
 * @template Item
 * @typedef {object} ListOptions
 * @property {string} label what the list holds, for screen readers
 * @property {HTMLElement} scroller what scrolls: the list's element or one around it
 * @property {() => number} rowHeight in pixels; may change with the width of the page
 * @property {(item: Item) => string} keyOf
 * @property {(item: Item) => HTMLElement[]} cells
 * @property {(item: Item) => string} rowClass
 * @property {HTMLElement[]} head cells of the heading row
 * @property {(item: Item) => void} open
 * @property {() => void} nearEnd called when the last rows come into sight
 * @property {(item: Item, place: {x: number, y: number}) => void} [menu] opens what can be done with a row
 * @property {boolean} [selectable]
 * @property {(selected: Set<string>) => void} [onSelection]
 */

/** @template Item */
export class VirtualList {
  /** @param {ListOptions<Item>} options */
  constructor(options) {
    this.options = options;
    /** @type {Item[]} */
    this.items = [];
    /** @type {Set<string>} */
    this.selected = new Set();
    this.activeKey = "";
    /** The row that was selected last; a range starts there. */
    this.rangeKey = "";
    /** @type {Map<string, {item: Item, node: HTMLElement, index: number}>} */
    this.shown = new Map();
    this.body = h("div", { class: "vlist-body", role: "rowgroup" });
    this.foot = h("div", { class: "vlist-foot" });
    this.grid = h(
      "div",
      {
        class: "vlist",
        role: "grid",
        "aria-label": options.label,
        "aria-multiselectable": options.selectable ? "true" : null,
      },
      h("div", { role: "rowgroup" }, h("div", { class: "vrow vhead", role: "row" }, options.head)),
      this.body,
    );
    this.element = h("div", { class: "vlist-frame" }, this.grid, this.foot);
    this.draw = this.draw.bind(this);
    options.scroller.addEventListener("scroll", this.draw, { passive: true });
    this.observer = new ResizeObserver(this.draw);
    this.observer.observe(options.scroller);
    this.body.addEventListener("click", (event) => this.#onClick(event));
    this.body.addEventListener("keydown", (event) => this.#onKey(event));
    this.body.addEventListener("contextmenu", (event) => this.#onMenu(event));
    this.body.addEventListener("focusin", (event) => this.#onFocus(event));
  }

  /**
   * Shows other items. What is in sight stays in place, unless the list is at its top.
   * @param {Item[]} items
   */
  setItems(items) {
    const anchor = this.#anchor();
    this.items = items;
    if (anchor) {
      const index = this.#indexOfKey(anchor.key);
      this.#layout();
      const moved = index < 0 ? 0 : (index - anchor.index) * anchor.height;
      if (moved) this.options.scroller.scrollTop += moved;
    }
    this.draw();
  }

  /**
   * Shows other headings.
   * @param {HTMLElement[]} head
   */
  setHead(head) {
    const place = this.grid.querySelector(".vhead");
    if (place) fill(place, head);
  }

  /**
   * Shows something below the last row.
   * @param {...import("./dom.js").Child} children
   */
  setFoot(...children) {
    fill(this.foot, ...children);
  }

  /** Draws the rows in sight again, as after a change of selection. */
  refresh() {
    for (const entry of this.shown.values()) entry.item = /** @type {any} */ (null);
    this.draw();
  }

  get activeIndex() {
    return this.#indexOfKey(this.activeKey);
  }

  /** The item that the keyboard acts on. @returns {Item | undefined} */
  get active() {
    return this.items[this.activeIndex];
  }

  /**
   * Moves the keyboard's place by some rows.
   * @param {number} by
   */
  move(by) {
    if (this.items.length === 0) return;
    const now = this.activeIndex;
    const to = now < 0 ? 0 : Math.max(0, Math.min(this.items.length - 1, now + by));
    this.activate(to);
  }

  /**
   * Puts the keyboard's place on a row and brings it into sight.
   * @param {number} index
   */
  activate(index) {
    const key = this.options.keyOf(this.items[index]);
    this.#reveal(index);
    this.draw();
    this.#mark(key);
    this.shown.get(key)?.node.focus({ preventScroll: true });
  }

  /** @param {Item} item */
  toggle(item) {
    const key = this.options.keyOf(item);
    if (!this.selected.delete(key)) this.selected.add(key);
    this.rangeKey = key;
    this.refresh();
    this.options.onSelection?.(this.selected);
  }

  clearSelection() {
    this.selected.clear();
    this.refresh();
    this.options.onSelection?.(this.selected);
  }

  close() {
    this.options.scroller.removeEventListener("scroll", this.draw);
    this.observer.disconnect();
  }

  /** Puts the rows in sight into the document and takes the others out. */
  draw() {
    if (!this.grid.isConnected) return;
    const height = this.options.rowHeight();
    this.#layout();
    const { top, size } = this.#window();
    const first = Math.max(0, Math.floor(top / height) - BEYOND);
    const last = Math.min(this.items.length, Math.ceil((top + size) / height) + BEYOND);
    /** @type {Set<string>} */
    const wanted = new Set();
    for (let index = first; index < last; index += 1) {
      wanted.add(this.#place(index, height));
    }
    // The row that has the focus stays, so that the focus is never lost by scrolling.
    if (this.shown.get(this.activeKey)?.node.contains(document.activeElement)) {
      const index = this.activeIndex;
      if (index >= 0) wanted.add(this.#place(index, height));
    }
    for (const [key, { node }] of this.shown) {
      if (!wanted.has(key)) {
        node.remove();
        this.shown.delete(key);
      }
    }
    this.#order();
    if (size > 0 && last > this.items.length - NEAR_END) this.options.nearEnd();
  }

  /**
   * @param {string} key
   * @returns {number} -1 when there is no such item
   */
  #indexOfKey(key) {
    const { keyOf } = this.options;
    const near = this.shown.get(key)?.index ?? 0;
    const item = this.items[near];
    if (item && keyOf(item) === key) return near;
    return key ? this.items.findIndex((one) => keyOf(one) === key) : -1;
  }

  #layout() {
    this.body.style.setProperty("height", `${this.items.length * this.options.rowHeight()}px`);
    this.grid.setAttribute("aria-rowcount", String(this.items.length + 1));
  }

  #window() {
    const view = this.options.scroller.getBoundingClientRect();
    const body = this.body.getBoundingClientRect();
    const top = Math.max(0, view.top - body.top);
    return {
      top,
      size: Math.max(0, Math.min(view.bottom - Math.max(view.top, body.top), view.height)),
    };
  }

  #anchor() {
    const height = this.options.rowHeight();
    const { top } = this.#window();
    if (top <= 0 || this.items.length === 0) return null;
    const index = Math.min(this.items.length - 1, Math.floor(top / height));
    return { key: this.options.keyOf(this.items[index]), index, height };
  }

  /**
   * @param {number} index
   * @param {number} height
   */
  #place(index, height) {
    const item = this.items[index];
    const key = this.options.keyOf(item);
    const entry = this.shown.get(key);
    if (entry && entry.item === item && entry.index === index) {
      entry.node.style.setProperty("transform", `translateY(${index * height}px)`);
      return key;
    }
    const node = this.#row(item, key, index);
    node.style.setProperty("transform", `translateY(${index * height}px)`);
    if (entry) {
      const hadFocus = entry.node.contains(document.activeElement);
      entry.node.replaceWith(node);
      if (hadFocus) node.focus({ preventScroll: true });
    }
    this.shown.set(key, { item, node, index });
    return key;
  }

  /** Rows stand in the document in their order, so that reading and tabbing follow it. */
  #order() {
    let next = this.body.firstChild;
    for (const { node } of [...this.shown.values()].sort((a, b) => a.index - b.index)) {
      if (node === next) next = node.nextSibling;
      else this.body.insertBefore(node, next);
    }
  }

  /**
   * @param {Item} item
   * @param {string} key
   * @param {number} index
   */
  #row(item, key, index) {
    const { cells, rowClass, selectable } = this.options;
    const active = key === this.activeKey || (index === 0 && this.activeIndex < 0);
    const selected = this.selected.has(key);
    return h(
      "div",
      {
        class: ["vrow", rowClass(item), key === this.activeKey && "active", selected && "selected"],
        role: "row",
        tabindex: active ? 0 : -1,
        "aria-rowindex": index + 2,
        "aria-selected": selectable ? String(selected) : null,
        "data-key": key,
      },
      cells(item).map((cell) => {
        cell.setAttribute("role", "gridcell");
        return cell;
      }),
    );
  }

  /**
   * @param {Event} event
   * @returns {number} -1 outside of any row
   */
  #indexOf(event) {
    const row = /** @type {HTMLElement} */ (event.target).closest(".vrow");
    const key = row?.getAttribute("data-key") ?? "";
    return this.shown.get(key)?.index ?? -1;
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const index = this.#indexOf(event);
    if (index < 0) return;
    const item = this.items[index];
    if (target.closest(".row-menu")) {
      this.openMenu(item);
    } else if (target.closest(".select-cell")) {
      const from = this.#indexOfKey(this.rangeKey);
      if (event.shiftKey && from >= 0) this.#selectRange(from, index);
      else this.toggle(item);
    } else if (!target.closest("a, button") && !getSelection()?.toString()) {
      this.options.open(item);
    }
  }

  /** @param {MouseEvent} event by the right button, or by the keyboard's own key for menus */
  #onMenu(event) {
    const index = this.#indexOf(event);
    if (index < 0 || !this.options.menu || getSelection()?.toString()) return;
    event.preventDefault();
    const item = this.items[index];
    if (event.button === 2) {
      this.#mark(this.options.keyOf(item));
      this.options.menu(item, { x: event.clientX, y: event.clientY });
    } else this.openMenu(item);
  }

  /**
   * Opens the menu of a row, at its end.
   * @param {Item} item
   */
  openMenu(item) {
    const key = this.options.keyOf(item);
    const node = this.shown.get(key)?.node;
    const at = (node?.querySelector(".row-menu") ?? node)?.getBoundingClientRect();
    if (!node || !at) return;
    this.#mark(key);
    node.focus({ preventScroll: true });
    this.options.menu?.(item, { x: at.left, y: at.bottom });
  }

  /**
   * @param {number} a
   * @param {number} b
   */
  #selectRange(a, b) {
    for (const item of this.items.slice(Math.min(a, b), Math.max(a, b) + 1)) {
      this.selected.add(this.options.keyOf(item));
    }
    this.refresh();
    this.options.onSelection?.(this.selected);
  }

  /** @param {FocusEvent} event */
  #onFocus(event) {
    const index = this.#indexOf(event);
    if (index >= 0) this.#mark(this.options.keyOf(this.items[index]));
  }

  /**
   * Makes a row the one that the keyboard acts on, and the only one that Tab reaches.
   * @param {string} key
   */
  #mark(key) {
    this.activeKey = key;
    for (const [other, { node }] of this.shown) {
      node.classList.toggle("active", other === key);
      node.tabIndex = other === key ? 0 : -1;
    }
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const page = Math.max(1, Math.floor(this.#window().size / this.options.rowHeight()) - 1);
    const steps = /** @type {Record<string, number>} */ ({
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -this.items.length,
      End: this.items.length,
    });
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.move(step);
  }

  /** @param {number} index */
  #reveal(index) {
    const { scroller, rowHeight } = this.options;
    const height = rowHeight();
    const view = scroller.getBoundingClientRect();
    const sticky = this.grid.querySelector(".vhead")?.getBoundingClientRect().height ?? 0;
    const above = this.body.getBoundingClientRect().top + index * height - view.top - sticky;
    const below = above + height + sticky - view.height;
    if (above < 0) scroller.scrollTop += above;
    else if (below > 0) scroller.scrollTop += below;
  }
}
