/** Decisions on what belongs together, which correlation carries out within seconds. */

import { ApiError, change, get } from "../../service/client.js";
import { h } from "../../ui/dom.js";

/** @typedef {import("../../model/types.js").Incident} Incident */
/** @typedef {{decision: string, state: string, incidentId: string, splitOff: string[]}} Decided */

const WAIT_MS = 1000;
const MOST_TRIES = 60;

/** A decision on one incident: it may be sent again after somebody else changed the incident. */
export class Decision {
  /** @param {Incident} incident */
  constructor({ incidentId, etag }) {
    this.path = `incidents/${encodeURIComponent(incidentId)}`;
    this.etag = etag;
  }

  /**
   * Sends it, and the same again until it is carried out.
   * @param {"merge" | "split" | "undo"} what
   * @param {Record<string, unknown>} body
   * @returns {Promise<Decided>}
   */
  async send(what, body) {
    try {
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const answer = await change("POST", `${this.path}/${what}`, body, this.etag);
        if (answer.state === "done") return answer;
        await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) {
        this.etag = (await get(this.path)).body.etag;
      }
      throw error;
    }
    throw new Error("It is not done yet, and will be: look again in a while.");
  }
}

/** The field for why, and what was put into it as part of a body. */
export class Why {
  constructor() {
    this.element = /** @type {HTMLTextAreaElement} */ (
      h(
        "fluent-textarea",
        { block: true, resize: "vertical" },
        h("label", { slot: "label" }, "Comment"),
      )
    );
  }

  /** @returns {{comment?: string}} */
  get body() {
    const comment = this.element.value.trim();
    return comment ? { comment } : {};
  }
}
