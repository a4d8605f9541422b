/** Changing the state of incidents and alerts: one dialog for one or many. */

import { CLASSIFICATIONS, STATUSES, classificationTitle, isClosed, statusTitle } from "../model/status.js";
import { openDialog } from "../ui/dialog.js";
import { h } from "../ui/dom.js";
import { sentence } from "../ui/failures.js";
import { count } from "../ui/format.js";
import { toast } from "../ui/toast.js";
import { alertsFollow, asItIsNow, changeAll, isStale, undoOf } from "./changing.js";

/** @typedef {import("../model/types.js").Entry} Entry */
/** @typedef {import("./changing.js").Wanted} Wanted */

/**
 * @param {Entry[]} targets
 * @param {() => void | Promise<void>} done called after something was changed
 * @param {Record<string, string>} [start] what the dialog begins with, by field
 */
export async function openTriage(targets, done, start = {}) {
  const form = new TriageForm(targets, start);
  let waiting = targets;
  openDialog({
    title:
      targets.length === 1 ? "Change state" : `Change ${count(targets.length, "entry", "entries")}`,
    content: form.element,
    action: "Save",
    explain: (error) => (error instanceof Conflict ? error.content : sentence(error)),
    submit: async () => {
      const wanted = form.changes();
      if (waiting.every((entry) => Object.keys(wanted(entry)).length === 0)) {
        throw new Error("Nothing is changed yet.");
      }
      const failures = await changeAll(waiting, wanted);
      if (failures.length < waiting.length) await done();
      if (failures.length === 0) {
        const text = targets.length === 1 ? "Saved" : `${count(targets.length, "entry", "entries")} changed`;
        toast(text, { action: undoOf(targets, wanted, done) });
        return;
      }
      // Saving again tries only what is left, on what it has become.
      const [{ error }] = failures;
      const before = failures.map(({ entry }) => entry);
      waiting = isStale(error) ? await Promise.all(before.map(asItIsNow)) : before;
      if (isStale(error)) throw new Conflict(before, waiting, targets.length, wanted);
      if (targets.length === 1) throw error;
      throw new Error(`${failures.length} of ${targets.length} not changed. ${sentence(error)}`);
    },
  });
}

/** Somebody else was first: what they changed, beside what is about to be saved over it. */
class Conflict extends Error {
  /**
   * @param {Entry[]} before as the reader saw them
   * @param {Entry[]} now
   * @param {number} total
   * @param {Wanted} wanted
   */
  constructor(before, now, total, wanted) {
    super("Someone else changed this meanwhile");
    const head = total === 1 ? "" : `${before.length} of ${total} not changed. `;
    this.content = [
      h("p", {}, `${head}Someone else changed this meanwhile. Nothing is overwritten yet.`),
      now.slice(0, 3).map((entry, index) => comparison(before[index], entry, wanted(entry))),
      h("p", {}, "Save again to put yours on top of theirs."),
    ];
  }
}

const NAMES = /** @type {const} */ ({
  status: "State",
  classification: "Classification",
  classificationReason: "Reason",
  assignedTo: "Owner",
  labels: "Labels",
});

/**
 * @param {Entry} before
 * @param {Entry} now
 * @param {Record<string, unknown>} mine
 */
function comparison(before, now, mine) {
  const fields = /** @type {(keyof typeof NAMES)[]} */ (Object.keys(NAMES));
  const rows = fields.filter(
    (name) => valueText(name, before[name]) !== valueText(name, now[name]) || name in mine,
  );
  const deeds = /** @type {any} */ (now).history ?? /** @type {any} */ (now).triage?.history ?? [];
  const last = deeds.at(-1);
  return h(
    "table",
    { class: "conflict" },
    h("caption", {}, now.title, last && ` · last changed by ${last.by}`),
    h("thead", {}, h("tr", {}, ["", "It was", "Theirs now", "Yours"].map((text) => h("th", { scope: "col" }, text)))),
    h(
      "tbody",
      {},
      rows.map((name) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, NAMES[name]),
          h("td", {}, valueText(name, before[name])),
          h("td", {}, valueText(name, now[name])),
          h("td", {}, name in mine ? valueText(name, mine[name]) : "as theirs"),
        ),
      ),
      last?.comment && h("tr", {}, h("th", { scope: "row" }, "Comment"), h("td", {}), h("td", {}, last.comment), h("td", {})),
    ),
  );
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function valueText(name, value) {
  if (Array.isArray(value)) return value.join(", ") || "none";
  if (value === null || value === undefined || value === "") return "none";
  if (name === "status") return statusTitle(String(value));
  return name === "classification" ? classificationTitle(String(value)) : String(value);
}

class TriageForm {
  /**
   * @param {Entry[]} targets
   * @param {Record<string, string>} start
   */
  constructor(targets, start) {
    const one = targets.length === 1 ? targets[0] : null;
    this.one = one;
    this.before = {
      status: one?.status ?? "",
      classification: one?.classification ?? "",
      classificationReason: one?.classificationReason ?? "",
      assignedTo: one?.assignedTo ?? "",
      labels: one ? (one.labels ?? []).join(", ") : "",
    };
    const keep = one ? null : "Leave as it is";
    const { status, classification, classificationReason, assignedTo, labels } = {
      ...this.before,
      ...start,
    };
    this.status = select("triage-status", STATUSES, status, keep);
    this.classification = select("triage-class", CLASSIFICATIONS, classification, keep ?? "Not classified");
    this.reason = textInput("Reason for the classification", classificationReason, keep ?? "None");
    this.owner = textInput("Owner", assignedTo, keep ?? "Nobody");
    this.labels = one ? textInput("Labels, separated by commas", labels, "None") : null;
    this.added = one ? null : textInput("Add labels", "", "Separated by commas");
    this.removed = one ? null : textInput("Remove labels", "", labelsOf(targets).join(", ") || "None");
    this.comment = h(
      "fluent-textarea",
      { block: true, resize: "vertical" },
      h("label", { slot: "label" }, "Comment"),
    );
    this.hint = h("p", { class: "hint" });
    this.alerts = new AlertsAlong(targets);
    this.status.addEventListener("change", () => this.#drawHint());
    this.element = h(
      "div",
      { class: "form" },
      one ? h("p", { class: "subject" }, one.title) : null,
      h(
        "div",
        { class: "form-row" },
        field("State", this.status),
        field("Classification", this.classification),
      ),
      this.hint,
      this.alerts.element,
      this.reason,
      h("div", { class: "form-row" }, this.owner, this.labels),
      this.added && h("div", { class: "form-row" }, this.added, this.removed),
      this.comment,
    );
    this.#drawHint();
  }

  /**
   * What each is changed to: only what differs from before.
   * @returns {Wanted}
   */
  changes() {
    const wanted = this.#common();
    const along = (/** @type {Entry} */ entry) => ({ ...wanted, ...this.alerts.wanted(entry, wanted.status) });
    if (this.labels) return along;
    const added = listOf(this.added);
    const removed = new Set(listOf(this.removed));
    return (entry) => {
      const had = entry.labels ?? [];
      const labels = [...new Set([...had, ...added])].filter((label) => !removed.has(label));
      const same = labels.length === had.length && labels.every((label) => had.includes(label));
      return same ? along(entry) : { ...along(entry), labels };
    };
  }

  /** @returns {Record<string, unknown>} */
  #common() {
    const { before } = this;
    const now = {
      status: valueOf(this.status),
      classification: valueOf(this.classification),
      classificationReason: valueOf(this.reason).trim(),
      assignedTo: valueOf(this.owner).trim(),
      labels: this.labels ? valueOf(this.labels).trim() : before.labels,
    };
    /** @type {Record<string, unknown>} */
    const wanted = {};
    if (now.status && now.status !== before.status) wanted.status = now.status;
    if (now.classification !== before.classification) wanted.classification = now.classification || null;
    if (now.classificationReason !== before.classificationReason) {
      wanted.classificationReason = now.classificationReason || null;
    }
    if (wanted.classificationReason && !now.classification && this.one) {
      throw new Error("Give a classification too: the reason is one for it.");
    }
    if (now.assignedTo !== before.assignedTo) wanted.assignedTo = now.assignedTo || null;
    if (now.labels !== before.labels) wanted.labels = listOf(this.labels);
    const comment = valueOf(this.comment).trim();
    if (comment) wanted.comment = comment;
    return wanted;
  }

  #drawHint() {
    const closing = isClosed(valueOf(this.status));
    this.hint.textContent = closing
      ? "Closing seals it: later activity opens a new incident that names this one."
      : "";
    this.alerts.draw(valueOf(this.status));
  }
}

/** Whether the alerts of incidents follow them when they are closed or opened again. */
class AlertsAlong {
  /** @param {Entry[]} targets */
  constructor(targets) {
    this.incidents = targets.filter(({ kind }) => kind === "incident");
    this.box = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", checked: true }));
    this.text = h("span");
    this.element = h("label", { class: "choice", hidden: true }, this.box, this.text);
  }

  /** @param {string} status what is chosen */
  draw(status) {
    const asked = this.incidents.map((one) => alertsFollow(one, status)).find(Boolean);
    this.element.hidden = !asked;
    this.text.textContent =
      asked === "closeAlerts" ? "Close its open alerts too" : "Open the alerts again that were closed with it";
  }

  /**
   * @param {Entry} entry
   * @param {unknown} status what it is changed to, if it is
   * @returns {Record<string, unknown>}
   */
  wanted(entry, status) {
    const field = alertsFollow(entry, String(status ?? ""));
    return field && this.box.checked ? { [field]: true } : {};
  }
}

/** @param {Entry[]} targets */
function labelsOf(targets) {
  return [...new Set(targets.flatMap(({ labels }) => labels ?? []))].sort().slice(0, 8);
}

/** @param {HTMLElement | null} control */
function listOf(control) {
  const values = control ? valueOf(control).split(",") : [];
  return [...new Set(values.map((one) => one.trim()).filter(Boolean))];
}

/** @param {HTMLElement} control */
function valueOf(control) {
  return /** @type {HTMLInputElement} */ (control).value ?? "";
}

/**
 * @param {string} text
 * @param {HTMLElement} control
 */
function field(text, control) {
  return h("div", { class: "field" }, h("label", { for: control.id }, text), control);
}

/**
 * @param {string} id
 * @param {ReadonlyMap<string, string>} options
 * @param {string} value
 * @param {string | null} nothing the text of the empty choice, if there is one
 */
function select(id, options, value, nothing) {
  return h(
    "select",
    { id, class: "text-input" },
    nothing && h("option", { value: "", selected: value === "" }, nothing),
    [...options].map(([one, text]) => h("option", { value: one, selected: one === value }, text)),
  );
}

/**
 * @param {string} label
 * @param {string} value
 * @param {string} placeholder
 */
function textInput(label, value, placeholder) {
  return h("fluent-text-input", { value, placeholder, maxlength: 500 }, label);
}
