/** Writing a suppression rule, and trying it before it is saved. */

import { ENTITY_KINDS, FIELDS, OPERATORS, newId } from "../model/suppression.js";
import { change } from "../service/client.js";
import { button } from "../ui/button.js";
import { openDialog } from "../ui/dialog.js";
import { fill, h } from "../ui/dom.js";
import { sentence } from "../ui/failures.js";
import { count, number } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { toast } from "../ui/toast.js";

/** @typedef {import("../model/suppression.js").Condition} Condition */
/** @typedef {import("../model/suppression.js").Rule} Rule */

const DAYS = 7;
const EXAMPLES = 3;

/**
 * @param {Rule | null} rule the one to change; none for a new one
 * @param {Condition[]} conditions to begin with
 * @param {() => void | Promise<void>} done called after it was saved
 */
export function openRule(rule, conditions, done) {
  const form = new RuleForm(rule, conditions);
  openDialog({
    title: rule ? `Change the rule ${rule.id}` : "New suppression rule",
    content: form.element,
    action: "Save",
    explain: sentence,
    submit: async () => {
      const { id, body } = form.read();
      await change("PUT", `suppressions/${encodeURIComponent(id)}`, body, rule?.etag ?? "");
      toast("Saved. It acts on alerts that arrive from now on.");
      await done();
    },
  });
}

class RuleForm {
  /**
   * @param {Rule | null} rule
   * @param {Condition[]} conditions
   */
  constructor(rule, conditions) {
    this.rule = rule;
    this.reason = h("fluent-textarea", { block: true }, h("label", { slot: "label" }, "Reason"));
    /** @type {any} */ (this.reason).value = rule?.reason ?? "";
    this.expires = /** @type {HTMLInputElement} */ (
      h("input", {
        id: "rule-expires",
        class: "text-input",
        type: "date",
        value: rule?.expiresUtc?.slice(0, 10) ?? "",
      })
    );
    this.rows = h("div", { class: "conditions" });
    for (const condition of conditions) this.#add(condition);
    this.outcome = h("div", { class: "trial", role: "status" });
    this.element = h(
      "div",
      { class: "form" },
      h(
        "p",
        { class: "hint" },
        "An alert for which all conditions hold is stored as dismissed, and takes no part in incidents.",
      ),
      this.reason,
      h("h3", {}, "Conditions"),
      this.rows,
      h(
        "div",
        { class: "form-actions" },
        button("Add a condition", () => this.#add({ field: "title", values: [] }), { small: true }),
        button("Try it", () => this.#try(), { small: true }),
      ),
      this.outcome,
      h(
        "div",
        { class: "field" },
        h("label", { for: "rule-expires" }, "Ends on (never, when left empty)"),
        this.expires,
      ),
    );
  }

  /** The rule as it is sent. Throws with what is missing. */
  read() {
    const reason = /** @type {any} */ (this.reason).value.trim();
    if (!reason) throw new Error("Give a reason: others will want to know why.");
    const expires = this.expires.value;
    const body = {
      reason,
      conditions: this.#conditions(),
      ...(expires ? { expiresUtc: `${expires}T00:00:00.000Z` } : {}),
    };
    return { id: this.rule?.id ?? newId(reason, Date.now()), body };
  }

  /** @returns {Condition[]} */
  #conditions() {
    const conditions = [...this.rows.children].map(readRow);
    if (conditions.length === 0) throw new Error("Add a condition: without one, all would match.");
    if (conditions.some(({ values }) => values.length === 0)) {
      throw new Error("Each condition needs a value.");
    }
    return conditions;
  }

  /** @param {Condition} condition */
  #add(condition) {
    const row = conditionRow(condition);
    row.querySelector(".remove")?.addEventListener("click", () => row.remove());
    this.rows.append(row);
  }

  async #try() {
    try {
      fill(this.outcome, "Trying …");
      const path = `suppressions/dry-run?days=${DAYS}`;
      fill(
        this.outcome,
        outcomeText(await change("POST", path, { conditions: this.#conditions() })),
      );
    } catch (error) {
      fill(this.outcome, h("p", { class: "dialog-error" }, sentence(error)));
    }
  }
}

/**
 * What a rule would have matched.
 * @param {{matched: number, examined: number, complete: boolean, examples: {title: string, resource: {name: string}}[]}} trial
 */
function outcomeText({ matched, examined, complete, examples }) {
  const span = complete ? `of the last ${DAYS} days` : "that arrived last";
  return [
    h("p", {}, h("strong", {}, number(matched)), ` of ${count(examined, "alert")} ${span} match.`),
    examples.length > 0 &&
      h(
        "ul",
        { class: "bullets" },
        examples
          .slice(0, EXAMPLES)
          .map(({ title, resource }) =>
            h("li", {}, title, h("span", { class: "sub" }, ` on ${resource.name}`)),
          ),
      ),
  ];
}

/**
 * One condition: what is looked at, how, and for which values.
 * @param {Condition} condition
 */
function conditionRow({ field, operator = "equals", kind = "", values }) {
  const kinds = select("kind", "Kind", [["", "any"], ...ENTITY_KINDS.map(same)], kind);
  const fields = select("field", "Look at", [...FIELDS], field);
  const show = () => {
    kinds.hidden = fields.value !== "entity";
  };
  fields.addEventListener("change", show);
  show();
  return h(
    "div",
    { class: "condition" },
    fields,
    kinds,
    select("operator", "How", [...OPERATORS], operator),
    h("input", {
      name: "values",
      class: "text-input",
      "aria-label": "Values, separated by semicolons",
      placeholder: "Values, separated by semicolons",
      value: values.join("; "),
    }),
    h(
      "button",
      { type: "button", class: "icon-button remove", "aria-label": "Remove the condition" },
      icon("close"),
    ),
  );
}

/**
 * @param {Element} row
 * @returns {Condition}
 */
function readRow(row) {
  const value = (/** @type {string} */ name) =>
    /** @type {HTMLInputElement} */ (row.querySelector(`[name=${name}]`)).value;
  const values = value("values")
    .split(";")
    .map((one) => one.trim())
    .filter(Boolean);
  const condition = { field: value("field"), operator: value("operator"), values };
  const kind = value("kind");
  return condition.field === "entity" && kind ? { ...condition, kind } : condition;
}

/**
 * @param {string} text
 * @returns {[string, string]}
 */
function same(text) {
  return [text, text];
}

/**
 * @param {string} name
 * @param {string} label
 * @param {[string, string][]} options
 * @param {string} chosen
 */
function select(name, label, options, chosen) {
  return /** @type {HTMLSelectElement} */ (
    h(
      "select",
      { name, class: "text-input", "aria-label": label },
      options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
    )
  );
}
