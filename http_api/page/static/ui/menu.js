/** A menu of things to do, at a place of the page: by right click, by a key, or below a button. */

import { h } from "./dom.js";

const MARGIN = 8;

/** @typedef {{text: string, hint?: string, run: () => void} | null} Entry a choice; null is a line between them */

/** @type {(() => void) | null} */
let closeCurrent = null;

/** Closes the menu that is open, if any. */
export function closeMenu() {
  closeCurrent?.();
}

/**
 * @param {{x: number, y: number}} place in the window
 * @param {string} label
 * @param {Entry[]} entries
 */
export function openMenu(place, label, entries) {
  closeMenu();
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const choose = (/** @type {() => void} */ run) => () => {
    close();
    run();
  };
  const items = entries.map((entry) =>
    entry === null
      ? h("div", { class: "menu-line", role: "separator" })
      : h(
          "button",
          { type: "button", class: "menu-row", role: "menuitem", tabindex: -1, onclick: choose(entry.run) },
          h("span", {}, entry.text),
          entry.hint && h("kbd", {}, entry.hint),
        ),
  );
  const menu = h("div", { class: "popover menu", role: "menu", "aria-label": label, onkeydown: onKey }, items);
  const buttons = items.filter((item) => item.matches("button"));

  function close() {
    closeCurrent = null;
    menu.remove();
    document.removeEventListener("pointerdown", onPointer, true);
    before?.focus({ preventScroll: true });
  }

  /** @param {PointerEvent} event */
  function onPointer(event) {
    if (!event.composedPath().includes(menu)) close();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const now = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = /** @type {Record<string, number>} */ ({
      ArrowDown: (now + 1) % buttons.length,
      ArrowUp: (now - 1 + buttons.length) % buttons.length,
      Home: 0,
      End: buttons.length - 1,
    })[event.key];
    const letter = event.key.length === 1 && event.key !== " " ? event.key.toLowerCase() : "";
    const begins = (/** @type {HTMLElement} */ one) => one.textContent?.toLowerCase().startsWith(letter);
    if (event.key === "Escape" || event.key === "Tab") close();
    else if (to !== undefined) buttons[to].focus();
    else if (letter) [...buttons.slice(now + 1), ...buttons].find(begins)?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  closeCurrent = close;
  // What is on the page stands in a landmark, so that it is found there.
  (document.querySelector("main") ?? document.body).append(menu);
  const { clientWidth, clientHeight } = document.documentElement;
  const left = Math.max(MARGIN, Math.min(place.x, clientWidth - menu.offsetWidth - MARGIN));
  const top = Math.max(MARGIN, Math.min(place.y, clientHeight - menu.offsetHeight - MARGIN));
  menu.style.setProperty("left", `${left}px`);
  menu.style.setProperty("top", `${top}px`);
  document.addEventListener("pointerdown", onPointer, true);
  buttons[0]?.focus();
}
