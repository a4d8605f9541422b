/** Splitting resources or single alerts off an incident. */

import { incidentHref, go } from "../../router.js";
import { openDialog } from "../../ui/dialog.js";
import { fill, h } from "../../ui/dom.js";
import { sentence } from "../../ui/failures.js";
import { count, dateTime } from "../../ui/format.js";
import { toast } from "../../ui/toast.js";
import { Decision, Why } from "./decide.js";
import { Preview } from "./preview.js";

/** @typedef {import("../../model/types.js").AlertItem} AlertItem */
/** @typedef {import("../../model/types.js").Incident} Incident */
/** @typedef {"resources" | "alerts"} By */
/** @typedef {{id: string, name: string, about: string, box: HTMLInputElement}} Choice */

/** So many leave in one go at most. */
const MOST = { resources: 50, alerts: 200 };
const NOUNS = { resources: "resource", alerts: "alert" };

/**
 * @param {Incident} incident
 * @param {AlertItem[]} alerts those that have been fetched
 * @param {() => void | Promise<void>} done called after something was split off
 */
export function openSplit(incident, alerts, done) {
  const decision = new Decision(incident);
  const why = new Why();
  const preview = new Preview(incident.incidentId, "split");
  const picker = new Picker(incident, alerts, () => preview.show(picker.body));
  openDialog({
    title: "Split off",
    content: h(
      "div",
      { class: "form" },
      h("p", { class: "subject" }, incident.title),
      picker.element,
      h(
        "p",
        { class: "hint" },
        "What is chosen leaves together. What it shares with the others so far ties it no more; the rest of the incident stays as it is.",
      ),
      preview.element,
      why.element,
    ),
    action: "Split off",
    explain: sentence,
    submit: async () => {
      const body = picker.checked();
      const { splitOff } = await decision.send("split", { ...body, ...why.body });
      await done();
      const [other] = splitOff;
      const text = `${count(picker.chosen.length, NOUNS[picker.by])} split off`;
      if (other) {
        toast(text, { action: { text: "Open", run: () => go(incidentHref(other)) } });
      } else toast(`${text}. By themselves their alerts are no incident.`);
    },
  });
}

/** Resources or alerts to tick, one of the two. */
class Picker {
  /**
   * @param {Incident} incident
   * @param {AlertItem[]} alerts
   * @param {() => void} changed
   */
  constructor(incident, alerts, changed) {
    this.changed = changed;
    this.total = { resources: incident.resourceCount, alerts: incident.alertCount };
    /** @type {By} */
    this.by = incident.resourceCount > 1 ? "resources" : "alerts";
    /** @type {Record<By, Choice[]>} */
    this.choices = {
      resources: incident.resources.map(({ id, name }) => choice(id, name, "")),
      alerts: alerts.map(({ alertId, title, startTimeUtc, resource, severity }) =>
        choice(alertId, title, `${severity} on ${resource.name}, ${dateTime(startTimeUtc)}`),
      ),
    };
    this.list = h("fieldset", { class: "choices", onchange: changed });
    const ways = [this.#way("resources", "By resource"), this.#way("alerts", "By alert")];
    this.element = h(
      "div",
      { class: "form" },
      incident.resourceCount > 1 &&
        h("div", { class: "form-row", role: "radiogroup", "aria-label": "Split by" }, ways),
      this.list,
    );
    this.#draw();
  }

  get chosen() {
    return this.choices[this.by].filter(({ box }) => box.checked).map(({ id }) => id);
  }

  /** What it asks for; null while there is nothing to ask. */
  get body() {
    const { chosen, by } = this;
    const fits = chosen.length > 0 && chosen.length <= MOST[by] && chosen.length < this.total[by];
    return fits ? { [by]: chosen } : null;
  }

  /** The same. Throws Error, in words, for what cannot be asked. */
  checked() {
    const { chosen, by } = this;
    if (chosen.length === 0) throw new Error(`Choose at least one ${NOUNS[by]}.`);
    if (chosen.length > MOST[by]) throw new Error(`Choose at most ${MOST[by]} ${by}.`);
    if (chosen.length >= this.total[by]) {
      throw new Error(`Leave out at least one ${NOUNS[by]}: it stays in the incident.`);
    }
    return { [by]: chosen };
  }

  /**
   * @param {By} by
   * @param {string} text
   */
  #way(by, text) {
    const radio = /** @type {HTMLInputElement} */ (
      h("input", { type: "radio", name: "split-by", checked: by === this.by })
    );
    radio.addEventListener("change", () => {
      this.by = by;
      this.#draw();
      this.changed();
    });
    return h("label", { class: "choice" }, radio, text);
  }

  #draw() {
    fill(
      this.list,
      h("legend", {}, "What does not belong here"),
      h(
        "div",
        { class: "choice-list" },
        this.choices[this.by].map(({ name, about, box }) =>
          h("label", { class: "choice" }, box, h("span", {}, name, about && h("span", { class: "sub" }, about))),
        ),
      ),
    );
  }
}

/**
 * @param {string} id
 * @param {string} name
 * @param {string} about
 * @returns {Choice}
 */
function choice(id, name, about) {
  const box = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" }));
  return { id, name, about, box };
}
