/** Joining an incident with others. */

import { ofKind } from "../../model/entry.js";
import { get } from "../../service/client.js";
import { severityBadge } from "../../ui/badges.js";
import { openDialog } from "../../ui/dialog.js";
import { fill, h } from "../../ui/dom.js";
import { sentence } from "../../ui/failures.js";
import { ago, count } from "../../ui/format.js";
import { toast } from "../../ui/toast.js";
import { Decision, Why } from "./decide.js";
import { Preview } from "./preview.js";
import { undoDecision } from "./undo.js";

/** @typedef {import("../../model/types.js").Incident} Incident */
/** @typedef {import("../../model/types.js").IncidentItem} IncidentItem */

const SHOWN = 20;
/** So many are joined in one go at most. */
const MOST = 10;
const PAUSE_MS = 250;
const ID = /^[\w.:]+-[\w.:-]+$/;

/**
 * @param {Incident} incident
 * @param {() => Incident | null} now the incident as it is by then
 * @param {() => void | Promise<void>} done called after incidents were joined
 */
export function openMerge(incident, now, done) {
  const decision = new Decision(incident);
  const why = new Why();
  const preview = new Preview(incident.incidentId, "merge");
  const picker = new Picker(incident, (ids) => {
    preview.show(ids.length > 0 && ids.length <= MOST ? { with: ids } : null);
  });
  openDialog({
    title: "Merge with",
    content: h(
      "div",
      { class: "form" },
      h("p", { class: "subject" }, incident.title),
      picker.element,
      h(
        "p",
        { class: "hint" },
        "They become one incident and stay one. One of the ids stands; the others lead to it.",
      ),
      preview.element,
      why.element,
    ),
    action: "Merge",
    explain: sentence,
    submit: async () => {
      const others = [...picker.chosen.keys()];
      if (others.length === 0) throw new Error("Choose at least one incident.");
      if (others.length > MOST) throw new Error(`Choose at most ${MOST} incidents.`);
      const { decision: name } = await decision.send("merge", { with: others, ...why.body });
      await done();
      const undo = { text: "Undo", run: () => undoDecision(now, name, done) };
      toast(`${count(others.length + 1, "incident")} merged`, { action: undo });
    },
  });
}

/** A search for incidents, with those that were found or chosen to tick. */
class Picker {
  /**
   * @param {Incident} incident which is not offered
   * @param {(ids: string[]) => void} changed called when others are chosen
   */
  constructor(incident, changed) {
    this.incident = incident;
    this.changed = changed;
    /** @type {Map<string, IncidentItem>} */
    this.chosen = new Map();
    /** @type {IncidentItem[]} */
    this.found = [];
    this.asked = 0;
    this.search = /** @type {HTMLInputElement} */ (
      h("input", { type: "search", id: "merge-search", class: "text-input", autofocus: true })
    );
    this.search.addEventListener("input", () => this.#later());
    this.state = h("p", { class: "hint", role: "status" });
    this.list = h("div", { class: "choice-list" });
    this.element = h(
      "div",
      { class: "form" },
      h(
        "div",
        { class: "field" },
        h("label", { for: "merge-search" }, "Find by title, resource, account or id"),
        this.search,
      ),
      h(
        "fieldset",
        { class: "choices" },
        h("legend", {}, "Open incidents, latest activity first"),
        this.list,
        this.state,
      ),
    );
    this.#find();
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#find(), PAUSE_MS);
  }

  async #find() {
    this.asked += 1;
    const { asked } = this;
    const text = this.search.value.trim();
    try {
      const found = ID.test(text) ? await byId(text) : await byText(text);
      if (asked !== this.asked) return;
      this.found = found.filter(({ incidentId }) => incidentId !== this.incident.incidentId);
      this.state.textContent = this.found.length > 0 ? "" : "No open incident matches.";
    } catch (error) {
      if (asked !== this.asked) return;
      this.found = [];
      this.state.textContent = sentence(error);
    }
    this.#draw();
  }

  #draw() {
    const rest = this.found.filter(({ incidentId }) => !this.chosen.has(incidentId));
    fill(
      this.list,
      [...this.chosen.values(), ...rest].map((one) => this.#row(one)),
    );
  }

  /** @param {IncidentItem} one */
  #row(one) {
    const box = /** @type {HTMLInputElement} */ (
      h("input", { type: "checkbox", checked: this.chosen.has(one.incidentId) })
    );
    box.addEventListener("change", () => {
      if (box.checked) this.chosen.set(one.incidentId, one);
      else this.chosen.delete(one.incidentId);
      this.changed([...this.chosen.keys()]);
    });
    const about = `${count(one.alertCount, "alert")} on ${count(one.resourceCount, "resource")}, ${ago(one.lastActivityUtc)}`;
    return h(
      "label",
      { class: "choice" },
      box,
      h("span", {}, one.title, h("span", { class: "sub" }, severityBadge(one.severity), " ", about)),
    );
  }
}

/**
 * @param {string} text
 * @returns {Promise<IncidentItem[]>}
 */
async function byText(text) {
  const query = { q: text, status: "Active,InProgress", confidence: "all", limit: SHOWN };
  const { body } = await get("incidents", query);
  return body.value.map(ofKind("incident"));
}

/**
 * The incident with an id; those that have the text in them where there is none.
 * @param {string} id
 */
async function byId(id) {
  try {
    const { body } = await get(`incidents/${encodeURIComponent(id)}`);
    return [ofKind("incident")(body)];
  } catch {
    return byText(id);
  }
}
