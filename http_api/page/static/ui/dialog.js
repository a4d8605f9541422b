/** Modal dialogs. */

import { button } from "./button.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";

const FIELDS = "input, select, textarea, fluent-text-input, fluent-textarea";

/**
 * Opens a dialog; closing it takes it out of the document and gives the focus back. The focus starts
 * on its first field. Escape, and a click beside it, ask once before they throw away what was typed.
 * `submit` may throw or reject: the dialog then stays and says why.
 * @param {object} options
 * @param {string} options.title
 * @param {import("./dom.js").Child} options.content
 * @param {string} [options.action] the text of the button that submits; none for a dialog to read
 * @param {() => Promise<void> | void} [options.submit]
 * @param {(error: unknown) => import("./dom.js").Child} [options.explain]
 * @returns {() => void} closes it
 */
export function openDialog({ title, content, action = "", submit = () => {}, explain = String }) {
  const message = h("div", { class: "dialog-error", role: "alert", hidden: true });
  const go = button(action, run, { primary: true });
  const body = h("div", { class: "dialog-content", oninput: onInput, onchange: onInput }, content, message);
  const dialog = /** @type {HTMLDialogElement} */ (
    h(
      "dialog",
      {
        class: "dialog",
        "aria-label": title,
        onclose: leave,
        oncancel: onCancel,
        onpointerdown: onPointer,
        onkeydown: onKey,
      },
      h(
        "header",
        { class: "dialog-head" },
        h("h2", {}, title),
        h(
          "button",
          { type: "button", class: "icon-button", "aria-label": "Close", onclick: close },
          icon("close"),
        ),
      ),
      body,
      action && h("footer", { class: "dialog-foot" }, button("Cancel", close), go),
    )
  );
  let busy = false;
  let typed = false;

  function close() {
    dialog.close();
  }

  function onInput() {
    typed = true;
  }

  /** Whether nothing would be lost, or the reader was asked already. */
  function mayLeave() {
    if (!typed || !action) return true;
    typed = false;
    message.hidden = false;
    message.textContent = "What you typed is not saved. Do the same again to discard it.";
    return false;
  }

  /** @param {Event} event */
  function onCancel(event) {
    if (mayLeave()) return;
    event.preventDefault();
  }

  function leave() {
    dialog.remove();
  }

  async function run() {
    if (busy) return;
    busy = true;
    message.hidden = true;
    go.toggleAttribute("disabled", true);
    try {
      await submit();
      close();
    } catch (error) {
      message.hidden = false;
      fill(message, explain(error));
    } finally {
      busy = false;
      go.toggleAttribute("disabled", false);
    }
  }

  /** @param {PointerEvent} event */
  function onPointer(event) {
    // The dialog's own box is all that is not its backdrop.
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const { clientX: x, clientY: y, target } = event;
    if (target === dialog && (x < left || x > right || y < top || y > bottom) && mayLeave()) {
      close();
    }
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && action) run();
  }

  document.body.append(dialog);
  dialog.showModal();
  /** @type {HTMLElement | null} */ (body.querySelector(FIELDS))?.focus();
  return close;
}
