/** A panel beside the view, for one alert of an incident. */

import { ofKind, withReason } from "../model/entry.js";
import { alertHref } from "../router.js";
import { get, isAbort } from "../service/client.js";
import { button } from "../ui/button.js";
import { fill, h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { errorState, loadingState } from "../ui/states.js";
import { alertBadges, alertDetails, alertStory } from "./alert-body.js";
import { openTriage } from "./triage.js";

/** @typedef {import("../model/types.js").Alert} Alert */

export class AlertPanel {
  /**
   * @param {() => void} onClose
   * @param {() => void} onChange
   */
  constructor(onClose, onChange) {
    this.onChange = onChange;
    this.id = "";
    /** @type {Alert | null} */
    this.alert = null;
    this.heading = h("h2", { tabindex: -1 });
    this.badges = h("div");
    this.actions = h("div", { class: "actions" });
    this.body = h("div", { class: "panel-body" });
    this.element = h(
      "aside",
      { class: "panel", "aria-label": "Alert", hidden: true },
      h(
        "header",
        { class: "panel-head" },
        h("p", { class: "kicker" }, icon("alert"), "Alert"),
        this.actions,
        h(
          "button",
          {
            type: "button",
            class: "icon-button",
            "aria-label": "Close the alert",
            onclick: onClose,
          },
          icon("close"),
        ),
      ),
      h("div", { class: "panel-scroll" }, this.heading, this.badges, this.body),
    );
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** @param {string} id empty to close */
  async show(id) {
    if (id === this.id) return;
    this.id = id;
    this.element.hidden = !id;
    if (id) {
      this.heading.textContent = "";
      fill(this.badges);
      fill(this.actions);
      fill(this.body, loadingState("Loading the alert"));
      await this.load();
      this.heading.focus({ preventScroll: true });
    }
  }

  async load() {
    const { id } = this;
    if (!id) return;
    try {
      const { body } = await get(`alerts/${encodeURIComponent(id)}`);
      if (id === this.id) this.#draw(ofKind("alert")(body));
    } catch (error) {
      if (id === this.id && !isAbort(error))
        fill(
          this.body,
          errorState(error, () => this.load()),
        );
    }
  }

  /** Opens the dialog that changes the alert's state. */
  change() {
    if (!this.alert) return;
    openTriage([withReason(this.alert)], async () => {
      await this.load();
      this.onChange();
    });
  }

  /** @param {Alert} alert */
  #draw(alert) {
    this.alert = alert;
    fill(this.heading, alert.title);
    fill(this.badges, alertBadges(alert));
    const change = () => this.change();
    fill(
      this.actions,
      h("a", { class: "button-link subtle", href: alertHref(alert.alertId) }, "Full page"),
      button("Change state", change, { small: true }),
    );
    fill(this.body, alertDetails(alert), alertStory(alert));
  }
}
