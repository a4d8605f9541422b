/** Short messages at the edge of the page, read out by screen readers. */

import { h } from "./dom.js";
import { icon } from "./icons.js";

const SHOWN_MS = 7000;

/** @type {HTMLElement | null} */
let place = null;

/**
 * @param {string} text
 * @param {{bad?: boolean, action?: {text: string, run: () => void}}} [options]
 */
export function toast(text, { bad = false, action = undefined } = {}) {
  place ??= document.body.appendChild(
    h("div", { class: "toasts", role: "region", "aria-label": "Messages", "aria-live": "polite" }),
  );
  const leave = () => {
    clearTimeout(timer);
    message.remove();
  };
  const act =
    action &&
    h(
      "button",
      {
        class: "link",
        type: "button",
        onclick: () => {
          leave();
          action.run();
        },
      },
      action.text,
    );
  const message = h(
    "div",
    { class: ["toast", bad && "toast-bad"] },
    icon(bad ? "rejected" : "check"),
    h("span", {}, text),
    act,
    h(
      "button",
      { class: "icon-button", type: "button", "aria-label": "Close", onclick: leave },
      icon("close"),
    ),
  );
  place.append(message);
  const timer = setTimeout(leave, bad ? 2 * SHOWN_MS : SHOWN_MS);
}
