/** Modal dialogs. */

import { button } from "./button.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/**
 * Opens a dialog; closing it takes it out of the document and gives the focus back.
 * `submit` may throw or reject: the dialog then stays and says why.
 * @param {object} options
 * @param {string} options.title
 * @param {import("./dom.js").Child} options.content
 * @param {string} [options.action] the text of the button that submits; none for a dialog to read
 * @param {() => Promise<void> | void} [options.submit]
 * @param {(error: unknown) => string} [options.explain]
 * @returns {() => void} closes it
 */
export function openDialog({ title, content, action = "", submit = () => {}, explain = String }) {
  const message = h("p", { class: "dialog-error", role: "alert", hidden: true });
  const go = button(action, run, { primary: true });
  const dialog = /** @type {HTMLDialogElement} */ (
    h(
      "dialog",
      {
        class: "dialog",
        "aria-label": title,
        onclose: leave,
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
      h("div", { class: "dialog-content" }, content, message),
      action && h("footer", { class: "dialog-foot" }, button("Cancel", close), go),
    )
  );
  let busy = false;

  function close() {
    dialog.close();
  }

  function leave() {
    dialog.remove();
  }

  async function run() {
    if (busy) return;
    busy = true;
    go.toggleAttribute("disabled", true);
    try {
      await submit();
      close();
    } catch (error) {
      message.hidden = false;
      message.textContent = explain(error);
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
    if (target === dialog && (x < left || x > right || y < top || y > bottom)) close();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && action) run();
  }

  document.body.append(dialog);
  dialog.showModal();
  return close;
}
