/** Changing the state of incidents and alerts: one dialog for one or many. */

import { entryId } from "../model/entry.js";
import { CLASSIFICATIONS, STATUSES, isClosed } from "../model/status.js";
import { ApiError, change, errorOf, get } from "../service/client.js";
import { openDialog } from "../ui/dialog.js";
import { h } from "../ui/dom.js";
import { sentence } from "../ui/failures.js";
import { count } from "../ui/format.js";
import { toast } from "../ui/toast.js";

/** @typedef {import("../model/types.js").Entry} Entry */
/** @typedef {{entry: Entry, error: unknown}} Failure */

/** So many are changed in one request at most. */
const BATCH = 100;

/**
 * @param {Entry[]} targets
 * @param {() => void | Promise<void>} done called after something was changed
 */
export function openTriage(targets, done) {
  const form = new TriageForm(targets);
  let waiting = targets;
  openDialog({
    title:
      targets.length === 1 ? "Change state" : `Change ${count(targets.length, "entry", "entries")}`,
    content: form.element,
    action: "Save",
    explain: sentence,
    submit: async () => {
      const wanted = form.changes();
      if (Object.keys(wanted).length === 0) throw new Error("Nothing is changed yet.");
      const failures = await changeAll(waiting, wanted);
      if (failures.length < waiting.length) await done();
      if (failures.length === 0) {
        toast(
          targets.length === 1 ? "Saved" : `${count(targets.length, "entry", "entries")} changed`,
        );
        return;
      }
      // Saving again tries only what is left, on what it has become.
      waiting = await Promise.all(failures.map(asItIsNow));
      const [{ error }] = failures;
      if (targets.length === 1) throw error;
      throw new Error(`${failures.length} of ${targets.length} not changed. ${sentence(error)}`);
    },
  });
}

/** @param {Entry} entry */
function pathOf(entry) {
  return `${entry.kind}s/${encodeURIComponent(entryId(entry))}`;
}

/**
 * What could not be changed, in its present version.
 * @param {Failure} failure
 * @returns {Promise<Entry>}
 */
async function asItIsNow({ entry, error }) {
  if (!(error instanceof ApiError) || error.status !== 412) return entry;
  const { body } = await get(pathOf(entry));
  return { ...entry, etag: body.etag };
}

/**
 * Makes one change to each.
 * @param {Entry[]} targets
 * @param {Record<string, unknown>} wanted
 * @returns {Promise<Failure[]>}
 */
async function changeAll(targets, wanted) {
  if (targets.length === 1) {
    const [entry] = targets;
    try {
      await change("PATCH", pathOf(entry), wanted, entry.etag);
      return [];
    } catch (error) {
      return [{ entry, error }];
    }
  }
  /** @type {Failure[]} */
  const failures = [];
  for (const [kind, entries] of Map.groupBy(targets, (entry) => entry.kind)) {
    for (let start = 0; start < entries.length; start += BATCH) {
      failures.push(...(await changeBatch(kind, entries.slice(start, start + BATCH), wanted)));
    }
  }
  return failures;
}

/**
 * @param {string} kind
 * @param {Entry[]} entries
 * @param {Record<string, unknown>} wanted
 * @returns {Promise<Failure[]>}
 */
async function changeBatch(kind, entries, wanted) {
  const items = entries.map((entry) => ({ id: entryId(entry), etag: entry.etag }));
  try {
    const { value } = await change("PATCH", `${kind}s`, { items, change: wanted });
    return entries.flatMap((entry, index) => {
      const { status, problem } = value[index];
      return status < 400 ? [] : [{ entry, error: errorOf(status, problem) }];
    });
  } catch (error) {
    return entries.map((entry) => ({ entry, error }));
  }
}

class TriageForm {
  /** @param {Entry[]} targets */
  constructor(targets) {
    const one = targets.length === 1 ? targets[0] : null;
    this.before = {
      status: one?.status ?? "",
      classification: one?.classification ?? "",
      assignedTo: one?.assignedTo ?? "",
      labels: one ? (one.labels ?? []).join(", ") : "",
    };
    const keep = one ? null : "Leave as it is";
    const { status, classification, assignedTo, labels } = this.before;
    this.status = select("triage-status", STATUSES, status, keep);
    this.classification = select(
      "triage-class",
      CLASSIFICATIONS,
      classification,
      keep ?? "Not classified",
    );
    this.owner = textInput("Owner", assignedTo, keep ?? "Nobody");
    this.labels = textInput("Labels, separated by commas", labels, keep ?? "None");
    this.comment = h(
      "fluent-textarea",
      { block: true, resize: "vertical" },
      h("label", { slot: "label" }, "Comment"),
    );
    this.hint = h("p", { class: "hint" });
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
      h("div", { class: "form-row" }, this.owner, this.labels),
      this.comment,
    );
    this.#drawHint();
  }

  /** Only what differs from before. @returns {Record<string, unknown>} */
  changes() {
    const now = {
      status: valueOf(this.status),
      classification: valueOf(this.classification),
      assignedTo: valueOf(this.owner).trim(),
      labels: valueOf(this.labels).trim(),
    };
    /** @type {Record<string, unknown>} */
    const wanted = {};
    if (now.status && now.status !== this.before.status) wanted.status = now.status;
    if (now.classification && now.classification !== this.before.classification) {
      wanted.classification = now.classification;
    }
    if (now.assignedTo !== this.before.assignedTo) wanted.assignedTo = now.assignedTo || null;
    if (now.labels !== this.before.labels) {
      wanted.labels = now.labels
        .split(",")
        .map((label) => label.trim())
        .filter(Boolean);
    }
    const comment = valueOf(this.comment).trim();
    if (comment) wanted.comment = comment;
    return wanted;
  }

  #drawHint() {
    const closing = isClosed(valueOf(this.status));
    this.hint.textContent = closing
      ? "Closing seals it: later activity opens a new incident that names this one."
      : "";
  }
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
  return h("fluent-text-input", { value, placeholder }, label);
}
