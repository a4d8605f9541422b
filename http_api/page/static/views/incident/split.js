/** Splitting resources off an incident. */

import { incidentHref, go } from "../../router.js";
import { openDialog } from "../../ui/dialog.js";
import { h } from "../../ui/dom.js";
import { sentence } from "../../ui/failures.js";
import { count } from "../../ui/format.js";
import { toast } from "../../ui/toast.js";
import { Decision, Why } from "./decide.js";

/** @typedef {import("../../model/types.js").Incident} Incident */

/** So many leave in one go at most. */
const MOST = 50;

/**
 * @param {Incident} incident
 * @param {() => void | Promise<void>} done called after resources were split off
 */
export function openSplit(incident, done) {
  const decision = new Decision(incident);
  const why = new Why();
  const boxes = incident.resources.map(({ id, name }) => ({
    id,
    name,
    box: /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" })),
  }));
  const chosen = () => boxes.filter(({ box }) => box.checked).map(({ id }) => id);
  openDialog({
    title: "Split off",
    content: h(
      "div",
      { class: "form" },
      h("p", { class: "subject" }, incident.title),
      h(
        "fieldset",
        { class: "choices" },
        h("legend", {}, "What does not belong here"),
        boxes.map(({ name, box }) => h("label", { class: "choice" }, box, name)),
      ),
      h(
        "p",
        { class: "hint" },
        "Their alerts leave together. What they share with the others so far ties them no more; the rest of the incident stays as it is.",
      ),
      why.element,
    ),
    action: "Split off",
    explain: sentence,
    submit: async () => {
      const resources = chosen();
      if (resources.length === 0) throw new Error("Choose at least one resource.");
      if (resources.length > MOST) throw new Error(`Choose at most ${MOST} resources.`);
      if (resources.length >= incident.resourceCount) {
        throw new Error("Leave out at least one resource: it stays in the incident.");
      }
      const { splitOff } = await decision.send("split", { resources, ...why.body });
      await done();
      const [other] = splitOff;
      const text = `${count(resources.length, "resource")} split off`;
      if (other) {
        toast(text, { action: { text: "Open", run: () => go(incidentHref(other)) } });
      } else toast(`${text}. By themselves their alerts are no incident.`);
    },
  });
}
