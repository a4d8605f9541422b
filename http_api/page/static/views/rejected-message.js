/** What can be done with a rejected message itself: copied, saved, mended and sent again. */

import { change } from "../service/client.js";
import { button } from "../ui/button.js";
import { copyText } from "../ui/clipboard.js";
import { openDialog } from "../ui/dialog.js";
import { h } from "../ui/dom.js";
import { sentence } from "../ui/failures.js";
import { toast } from "../ui/toast.js";

/** @typedef {{id: string, body?: string, bodyBase64?: string, bodyCut?: boolean}} Message */

/**
 * @param {Message} message
 * @param {() => void | Promise<void>} done called after it was sent again
 */
export function messageActions(message, done) {
  const text = message.body ?? message.bodyBase64 ?? "";
  // What is no text, or not whole, would be sent as something else than it was.
  const canMend = message.body !== undefined && !message.bodyCut;
  return h(
    "div",
    { class: "actions" },
    button("Copy", () => copyText(text, "Message copied"), { small: true }),
    button("Download", () => save(text, `${message.id}.txt`), { small: true }),
    canMend && button("Edit and send…", () => openMend(message, done), { small: true }),
  );
}

/**
 * @param {Message} message
 * @param {() => void | Promise<void>} done
 */
function openMend({ body = "" }, done) {
  const field = /** @type {HTMLTextAreaElement} */ (
    h("textarea", { id: "mended", class: "text-input", rows: 16, spellcheck: false }, indented(body))
  );
  openDialog({
    title: "Edit and send",
    content: h(
      "div",
      { class: "form" },
      h("div", { class: "field" }, h("label", { for: "mended" }, "The message, as JSON"), field),
      h("p", { class: "hint" }, "It is sent as a new message. The rejected one stays here as it came."),
    ),
    action: "Send",
    explain: sentence,
    submit: async () => {
      await change("POST", "alerts", parsed(field.value));
      toast("The mended message is in the queue.");
      await done();
    },
  });
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`That is no JSON yet. ${/** @type {Error} */ (error).message}`);
  }
}

/** @param {string} text JSON or not */
function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/**
 * @param {string} text
 * @param {string} name
 */
function save(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  h("a", { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}
