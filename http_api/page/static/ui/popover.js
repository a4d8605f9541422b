/** A small panel below the control that opened it. */

import { h } from "./dom.js";

const MARGIN = 8;

/** @type {(() => void) | null} */
let closeCurrent = null;

/** Closes the panel that is open, if any. */
export function closePopover() {
  closeCurrent?.();
}

/**
 * @param {HTMLElement} trigger
 * @param {string} label
 * @param {import("./dom.js").Child[]} content
 * @param {() => void} [onClose]
 */
export function openPopover(trigger, label, content, onClose = () => {}) {
  const again = trigger.getAttribute("aria-expanded") === "true";
  closePopover();
  if (again) return;
  const panel = h("div", { class: "popover", role: "dialog", "aria-label": label }, content);

  /** @param {boolean} giveBackFocus */
  function close(giveBackFocus) {
    closeCurrent = null;
    panel.remove();
    trigger.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", onPointer, true);
    document.removeEventListener("keydown", onKey, true);
    if (giveBackFocus) trigger.focus();
    onClose();
  }

  /** @param {PointerEvent} event */
  function onPointer(event) {
    const path = event.composedPath();
    if (!path.includes(panel) && !path.includes(trigger)) close(false);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close(true);
  }

  closeCurrent = () => close(panel.contains(document.activeElement));
  trigger.setAttribute("aria-expanded", "true");
  document.body.append(panel);
  place(panel, trigger);
  document.addEventListener("pointerdown", onPointer, true);
  document.addEventListener("keydown", onKey, true);
  /** @type {HTMLElement | null} */ (panel.querySelector("input, button"))?.focus();
}

/**
 * @param {HTMLElement} panel
 * @param {HTMLElement} trigger
 */
function place(panel, trigger) {
  const at = trigger.getBoundingClientRect();
  const room = document.documentElement.clientWidth - panel.offsetWidth - MARGIN;
  panel.style.setProperty("left", `${Math.max(MARGIN, Math.min(at.left, room))}px`);
  const below = at.bottom + 4;
  const above = at.top - panel.offsetHeight - 4;
  const fits = below + panel.offsetHeight < innerHeight || above < MARGIN;
  panel.style.setProperty("top", `${fits ? below : above}px`);
}
