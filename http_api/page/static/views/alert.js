/** One alert. */

import { ofKind, withReason } from "../model/entry.js";
import { conditionsLike } from "../model/suppression.js";
import { get, isAbort } from "../service/client.js";
import { keepLive } from "../service/live.js";
import { button } from "../ui/button.js";
import { fill, h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { errorState, loadingState } from "../ui/states.js";
import { setTitle } from "../ui/tab-title.js";
import { alertBadges, alertDetails, alertStory, belonging } from "./alert-body.js";
import { assignToMe } from "./entry-actions.js";
import { openRule } from "./suppression-form.js";
import { openTriage } from "./triage.js";

/** @typedef {import("../model/types.js").Alert} Alert */

export class AlertView {
  /** @param {import("../router.js").Route} route */
  constructor(route) {
    this.id = route.path[1] ?? "";
    /** @type {Alert | null} */
    this.alert = null;
    this.abort = new AbortController();
    this.heading = h("h1", { tabindex: -1 }, "Alert");
    this.body = h("div", { class: "alert-body" }, loadingState("Loading the alert"));
    this.badges = h("div");
    this.actions = h("div", { class: "actions" });
    this.element = h(
      "article",
      { class: "view detail-view" },
      h(
        "header",
        { class: "detail-head" },
        h("p", { class: "kicker" }, icon("alert"), "Alert"),
        h("div", { class: "detail-title" }, this.heading, this.actions),
        this.badges,
      ),
      this.body,
    );
    this.live = keepLive(() => this.#load());
    this.#show();
  }

  get shortcuts() {
    return [
      { key: "e", does: "Change the state", run: () => this.#change() },
      { key: "m", does: "Assign to me", run: () => this.#assign() },
    ];
  }

  title() {
    return this.alert?.title ?? "Alert";
  }

  close() {
    this.abort.abort();
    this.live.stop();
  }

  /** Shows the alert, or why it cannot be shown. */
  async #show() {
    try {
      await this.#load();
    } catch (error) {
      if (!isAbort(error))
        fill(
          this.body,
          errorState(error, () => this.#show()),
        );
    }
  }

  async #load() {
    const { body, changed } = await get(
      `alerts/${encodeURIComponent(this.id)}`,
      {},
      this.abort.signal,
    );
    if (changed || !this.alert) this.#draw(ofKind("alert")(body));
    return changed;
  }

  /** @param {Alert} alert */
  #draw(alert) {
    this.alert = alert;
    setTitle(alert.title);
    fill(this.heading, alert.title);
    fill(this.badges, alertBadges(alert));
    const change = () => this.#change();
    const suppress = () => openRule(null, conditionsLike(alert), () => {});
    fill(
      this.actions,
      button("Change state", change, { primary: true }),
      button("Suppress such alerts", suppress),
    );
    fill(
      this.body,
      h("div", { class: "alert-column" }, belonging(alert), alertStory(alert)),
      h("div", { class: "alert-column" }, alertDetails(alert)),
    );
  }

  #assign() {
    if (this.alert) assignToMe([this.alert], () => this.live.now());
  }

  #change() {
    if (this.alert) openTriage([withReason(this.alert)], () => this.live.now());
  }
}
