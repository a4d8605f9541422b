/** Adding a comment to an incident. */

import { change } from "../../service/client.js";
import { submitButton } from "../../ui/button.js";
import { h } from "../../ui/dom.js";
import { complain } from "../../ui/failures.js";
import { toast } from "../../ui/toast.js";

/**
 * @param {import("../../model/types.js").Incident} incident
 * @param {() => void} done
 */
export function commentForm(incident, done) {
  const text = /** @type {HTMLTextAreaElement} */ (
    h(
      "fluent-textarea",
      { block: true, placeholder: "What did you find?" },
      h("label", { slot: "label", class: "sr" }, "Comment"),
    )
  );
  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const comment = text.value.trim();
    if (!comment) return;
    try {
      await change(
        "PATCH",
        `incidents/${encodeURIComponent(incident.incidentId)}`,
        { comment },
        incident.etag,
      );
      text.value = "";
      toast("Comment added");
    } catch (error) {
      complain(error);
    }
    done();
  };
  return h("form", { class: "comment", onsubmit: send }, text, submitButton("Add the comment"));
}
