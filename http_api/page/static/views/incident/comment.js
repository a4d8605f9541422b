/** Adding a comment to an incident. */

import { change } from "../../service/client.js";
import { submitButton } from "../../ui/button.js";
import { h } from "../../ui/dom.js";
import { complain } from "../../ui/failures.js";
import { toast } from "../../ui/toast.js";

/**
 * One form for as long as the incident is shown: what is being typed outlives the incident's growth.
 * @param {() => import("../../model/types.js").Incident} current the incident as it is now
 * @param {() => void} done
 */
export function commentForm(current, done) {
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
    const incident = current();
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
