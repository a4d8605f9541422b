/** The tip of the attack map: what is pointed at or focused, told beside it. */

import { fill, h } from "../../ui/dom.js";

/** @typedef {{node: SVGElement, group: SVGElement, tip: () => import("../../ui/dom.js").Child}} Pointed */

export class MapTip {
  element = h("div", { class: "map-tip", role: "tooltip", id: "map-tip", hidden: true });
  /** @type {Pointed | undefined} */
  pointed = undefined;

  /** @param {Pointed} item */
  show(item) {
    this.pointed?.group.classList.remove("lit");
    this.pointed = item;
    item.group.classList.add("lit");
    item.node.setAttribute("aria-describedby", "map-tip");
    fill(this.element, item.tip());
    this.element.hidden = false;
    this.#place(item.node);
  }

  hide() {
    this.element.hidden = true;
    this.pointed?.group.classList.remove("lit");
    this.pointed?.node.removeAttribute("aria-describedby");
    this.pointed = undefined;
  }

  /** @param {SVGElement} node */
  #place(node) {
    const { element } = this;
    const shape = node.querySelector(".map-hop-line") ?? node;
    const [at, body] = [shape.getBoundingClientRect(), element.parentElement?.getBoundingClientRect()];
    if (!body) return;
    const middle = at.left + at.width / 2 - body.left - element.offsetWidth / 2;
    const left = Math.max(0, Math.min(middle, body.width - element.offsetWidth));
    const above = at.top - body.top - element.offsetHeight - 8;
    const top = above > -40 ? above : at.bottom - body.top + 8;
    element.style.setProperty("left", `${left}px`);
    element.style.setProperty("top", `${top}px`);
  }
}
