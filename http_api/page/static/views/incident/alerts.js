/** The alerts of an incident, oldest first, narrowed to a stage or a resource if wished. */

import { byStage, stageTitle } from "../../model/killchain.js";
import { severityBadge, statusBadge } from "../../ui/badges.js";
import { fill, h } from "../../ui/dom.js";
import { dateTime } from "../../ui/format.js";
import { emptyState, errorState, loadingState } from "../../ui/states.js";
import { VirtualList } from "../../ui/virtual-list.js";

/** @typedef {import("../../model/types.js").AlertItem} AlertItem */

const PHONE = matchMedia("(max-width: 720px)");

export class IncidentAlerts {
  /**
   * @param {HTMLElement} scroller
   * @param {(alert: AlertItem) => void} open
   * @param {() => void} nearEnd
   */
  constructor(scroller, open, nearEnd) {
    /** @type {AlertItem[]} */
    this.alerts = [];
    this.stage = "";
    this.resource = "";
    this.complete = false;
    this.choices = h("div", { class: "chips", role: "group", "aria-label": "Narrow to" });
    this.place = h("div");
    this.element = h("div", { class: "incident-alerts" }, this.choices, this.place);
    /** @type {VirtualList<AlertItem>} */
    this.list = new VirtualList({
      label: "Alerts of the incident",
      scroller,
      rowHeight: () => (PHONE.matches ? 84 : 52),
      keyOf: (alert) => alert.alertId,
      cells: alertCells,
      rowClass: () => "row-incident-alert",
      head: ["Started", "Severity", "Title", "Stage", "Resource", "State"].map((text) =>
        h("div", { role: "columnheader" }, text),
      ),
      open,
      nearEnd,
    });
  }

  /**
   * @param {AlertItem[]} alerts
   * @param {boolean} complete whether these are all
   */
  show(alerts, complete) {
    this.alerts = alerts;
    this.complete = complete;
    this.#draw();
  }

  /**
   * Says why there are no more.
   * @param {unknown} error
   * @param {() => void} retry
   */
  fail(error, retry) {
    this.list.setFoot(errorState(error, retry));
  }

  close() {
    this.list.close();
  }

  #draw() {
    this.#drawChoices();
    const chosen = this.alerts.filter(
      (alert) =>
        (!this.stage || alert.tactics.includes(this.stage)) &&
        (!this.resource || alert.resource.id === this.resource),
    );
    if (chosen.length === 0 && this.complete) {
      fill(
        this.place,
        emptyState("No such alert", "No alert of this incident is of that stage on that resource."),
      );
      return;
    }
    if (this.place.firstChild !== this.list.element) fill(this.place, this.list.element);
    this.list.setItems(chosen);
    this.list.setFoot(!this.complete && loadingState("Loading more"));
  }

  #drawChoices() {
    const stages = [...new Set(this.alerts.flatMap(({ tactics }) => tactics))].sort(byStage);
    const resources = new Map(this.alerts.map(({ resource }) => [resource.id, resource.name]));
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.id;
    fill(
      this.choices,
      choice(
        "Stage",
        this.stage,
        stages.map((stage) => [stage, stageTitle(stage)]),
        (value) => {
          this.stage = value;
          this.#draw();
        },
      ),
      choice("Resource", this.resource, [...resources], (value) => {
        this.resource = value;
        this.#draw();
      }),
    );
    if (focused) document.getElementById(focused)?.focus();
  }
}

/**
 * @param {string} name
 * @param {string} chosen
 * @param {[string, string][]} options
 * @param {(value: string) => void} choose
 */
function choice(name, chosen, options, choose) {
  return h(
    "select",
    {
      id: `narrow-${name.toLowerCase()}`,
      "aria-label": name,
      onchange: (/** @type {Event} */ event) =>
        choose(/** @type {HTMLSelectElement} */ (event.target).value),
    },
    h("option", { value: "" }, `Any ${name.toLowerCase()}`),
    options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
  );
}

/** @param {AlertItem} alert */
function alertCells(alert) {
  return [
    h(
      "div",
      { class: "start-cell" },
      h("time", { datetime: alert.startTimeUtc }, dateTime(alert.startTimeUtc)),
    ),
    h("div", { class: "severity-cell" }, severityBadge(alert.severity)),
    h(
      "div",
      { class: "title-cell" },
      h("span", { class: "title" }, alert.title),
      h("span", { class: "sub" }, alert.product),
    ),
    h(
      "div",
      { class: "stage-cell" },
      alert.tactics.map(stageTitle).join(", ") || h("span", { class: "none" }, "–"),
    ),
    h("div", { class: "resource-cell", title: alert.resource.id }, alert.resource.name),
    h("div", { class: "status-cell" }, statusBadge(alert.status)),
  ];
}
