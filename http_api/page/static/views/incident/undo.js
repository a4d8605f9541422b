/** Taking a merge or a split back. */

import { complain } from "../../ui/failures.js";
import { toast } from "../../ui/toast.js";
import { Decision } from "./decide.js";

/** @typedef {import("../../model/types.js").Incident} Incident */

/**
 * @param {() => Incident | null} incident as it is by then
 * @param {string} decision its name
 * @param {() => void | Promise<void>} done
 */
export async function undoDecision(incident, decision, done) {
  const now = incident();
  if (!now) return;
  try {
    await new Decision(now).send("undo", { decision });
    await done();
    toast("Taken back");
  } catch (error) {
    complain(error);
  }
}
