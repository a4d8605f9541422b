/** Modal dialogs. */

import { h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";

/**
 * @typedef {object} Dialog
 * @property {HTMLElement} element
 * @property {() => void} close
 * @property {(error: string) => void} fail shows what went wrong, without closing
 */

/**
 * Opens a dialog with a form. `submit` may throw or reject: the dialog then stays and says why.
 * @param {object} options
 * @param {string} options.title
 * @param {import("./dom.js").Child[]} options.content
 * @param {string} [options.action] the text of the button that submits; none for a dialog to read
 * @param {() => Promise<void> | void} [options.submit]
 * @param {(error: unknown) => string} [options.explain]
 * @returns {Dialog}
 */
export function openDialog({ title, content, action = "", submit = () => {}, explain = String }) {
  const titleId = uniqueId("dialog");
  const before = document.activeElement;
  const message = h("p", { class: "dialog-error", role: "alert", hidden: true });
  const go = h("fluent-button", { role: "button", appearance: "primary", onclick: run }, action);
  const body = h(
    "fluent-dialog-body",
    {},
    h("h2", { slot: "title", id: titleId }, title),
    h(
      "button",
      { slot: "title-action", type: "button", class: "icon-button", "aria-label": "Close", onclick: close },
      icon("close"),
    ),
    h("div", { class: "dialog-content" }, content, message),
    action && h("fluent-button", { slot: "action", role: "button", onclick: close }, "Cancel"),
    action && placed(go, "action"),
  );
  const element = /** @type {any} */ (
    h("fluent-dialog", { type: "modal", "aria-labelledby": titleId, "data-open": true }, body)
  );
  let open = true;
  let busy = false;

  function close() {
    if (!open) return;
    open = false;
    element.hide();
    element.remove();
    if (before instanceof HTMLElement) before.focus();
  }

  /** @param {string} text */
  function fail(text) {
    message.hidden = false;
    message.textContent = text;
  }

  async function run() {
    if (busy) return;
    busy = true;
    go.toggleAttribute("disabled", true);
    try {
      await submit();
      close();
    } catch (error) {
      fail(explain(error));
    } finally {
      busy = false;
      go.toggleAttribute("disabled", false);
    }
  }

  element.addEventListener("toggle", (/** @type {any} */ event) => {
    if (event.detail?.newState === "closed") close();
  });
  element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && action) run();
  });
  document.body.append(element);
  element.show();
  return { element, close, fail };
}

/**
 * @param {HTMLElement} element
 * @param {string} slot
 */
function placed(element, slot) {
  element.setAttribute("slot", slot);
  return element;
}
