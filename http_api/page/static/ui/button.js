/** Buttons, as Fluent UI draws them. */

import { h } from "./dom.js";

/**
 * @param {string} text
 * @param {(event: MouseEvent) => void} run
 * @param {object} [options]
 * @param {boolean} [options.primary]
 * @param {boolean} [options.small]
 * @param {string} [options.label] what it does, where its text alone does not say
 */
export function button(text, run, { primary = false, small = false, label = "" } = {}) {
  return h(
    "fluent-button",
    {
      // The component has this role by itself, but only browsers know.
      role: "button",
      appearance: primary ? "primary" : null,
      size: small ? "small" : null,
      "aria-label": label || null,
      onclick: run,
    },
    text,
  );
}

/**
 * The button that sends its form.
 * @param {string} text
 */
export function submitButton(text) {
  return h("fluent-button", { role: "button", type: "submit", appearance: "primary" }, text);
}
