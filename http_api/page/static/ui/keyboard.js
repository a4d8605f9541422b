/** The page's keyboard: one table of keys that the views add to and take from. */

/**
 * @typedef {object} Shortcut
 * @property {string} key as in KeyboardEvent.key
 * @property {string} does for the help
 * @property {(event: KeyboardEvent) => void} run
 */

/** @type {Shortcut[][]} */
const layers = [];

/**
 * Adds shortcuts on top of those there are; a later layer wins.
 * @param {Shortcut[]} shortcuts
 * @returns {() => void} takes them away
 */
export function addShortcuts(shortcuts) {
  layers.push(shortcuts);
  return () => {
    const index = layers.indexOf(shortcuts);
    if (index >= 0) layers.splice(index, 1);
  };
}

/** Every shortcut that works now, the most particular first. */
export function currentShortcuts() {
  /** @type {Map<string, Shortcut>} */
  const found = new Map();
  for (const layer of layers.toReversed()) {
    for (const shortcut of layer) if (!found.has(shortcut.key)) found.set(shortcut.key, shortcut);
  }
  return [...found.values()];
}

/** Listens. Called once, when the page starts. */
export function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "Escape" && isTyping(event)) return;
    if (isDialogOpen()) return;
    const shortcut = currentShortcuts().find((one) => one.key === event.key);
    if (!shortcut) return;
    if (event.key === "Enter" && isActivated(event)) return;
    event.preventDefault();
    shortcut.run(event);
  });
}

/** @param {KeyboardEvent} event */
function isTyping(event) {
  const target = event.composedPath()[0];
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
    target.getAttribute("type") !== "checkbox"
  );
}

/**
 * Whether Enter already means something to what has the focus.
 * @param {KeyboardEvent} event
 */
function isActivated(event) {
  const target = event.composedPath()[0];
  return (
    target instanceof HTMLElement &&
    target.matches("a, button, summary, fluent-button, [role=button]")
  );
}

export function isDialogOpen() {
  return document.querySelector("dialog[open]") !== null;
}
