/**
 * Builds DOM nodes. Text only ever becomes a text node, so no value can become markup; what it holds
 * that cannot be seen is shown by its name.
 */

import { runsFromRight, shown, shownPlain } from "./shown.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * What an element may hold; lists may hold lists.
 * @typedef {Node | string | number | null | undefined | false | Iterable<any>} Child
 * @typedef {Record<string, any>} Attributes
 */

/**
 * An HTML element. `on…` attributes are listeners, `style` an object of CSS properties, `class`
 * may be a list; true gives an empty attribute; false, null and undefined give none.
 * @param {string} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  dress(element, attributes);
  add(element, children);
  return element;
}

/**
 * An SVG element, with attributes as for `h`.
 * @param {string} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  dress(element, attributes);
  add(element, children);
  return element;
}

/**
 * Replaces what an element holds.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren();
  add(element, children);
}

/**
 * @param {Element} element
 * @param {Child} child
 */
function add(element, child) {
  if (Array.isArray(child)) {
    for (const one of child) add(element, one);
  } else if (child !== null && child !== undefined && child !== false) {
    element.append(child instanceof Node ? child : textNode(String(child), element));
  }
}

/**
 * @param {string} text
 * @param {Element} element it goes into
 */
function textNode(text, element) {
  if (element.namespaceURI === SVG) return shownPlain(text);
  const seen = shown(text);
  if (!runsFromRight(seen) || element.tagName === "OPTION") return seen;
  const apart = document.createElement("bdi");
  apart.textContent = seen;
  return apart;
}

/** Attributes that people read or hear. */
const READ = new Set(["title", "aria-label", "alt", "placeholder"]);

/**
 * @param {HTMLElement | SVGElement} element
 * @param {Attributes} attributes
 */
function dress(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else if (name === "style") {
      for (const [property, setting] of Object.entries(value)) {
        element.style.setProperty(property, setting);
      }
    } else if (name === "class" && Array.isArray(value)) {
      element.setAttribute("class", value.filter(Boolean).join(" "));
    } else if (READ.has(name)) {
      element.setAttribute(name, shownPlain(String(value)));
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
}
