/** One incident: the story first. */

import { ofKind, withReason } from "../model/entry.js";
import { classificationTitle, isClosed } from "../model/status.js";
import { go, href, incidentHref } from "../router.js";
import { get, isAbort } from "../service/client.js";
import { keepLive } from "../service/live.js";
import { markSeen } from "../service/seen.js";
import { Pager } from "../service/pager.js";
import { confidenceBadge, severityBadge, statusBadge } from "../ui/badges.js";
import { button } from "../ui/button.js";
import { fill, h } from "../ui/dom.js";
import { copyable, factList, prose, remediation, section, time } from "../ui/facts.js";
import { count, duration, number } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { errorState, loadingState } from "../ui/states.js";
import { setTitle } from "../ui/tab-title.js";
import { toast } from "../ui/toast.js";
import { entityTable, resourceLink } from "./alert-body.js";
import { AlertPanel } from "./beside.js";
import { assignToMe } from "./entry-actions.js";
import { historyList } from "./history.js";
import { IncidentAlerts } from "./incident/alerts.js";
import { AttackMapView } from "./incident/attack-map.js";
import { commentForm } from "./incident/comment.js";
import { exportButton } from "./incident/export.js";
import { openMerge } from "./incident/merge.js";
import { reportOf } from "./incident/report.js";
import { openSplit } from "./incident/split.js";
import { chainTrack, story } from "./incident/steps.js";
import { undoDecision } from "./incident/undo.js";
import { whyContent } from "./incident/why.js";
import { neighboursOf } from "./neighbours.js";
import { openTriage } from "./triage.js";

/** @typedef {import("../model/types.js").Incident} Incident */
/** @typedef {import("../model/types.js").AlertItem} AlertItem */

const PAGE = 500;
/** So many alerts are fetched for the map without being asked for. */
const MOST_UNASKED = 10_000;
const MOST_NAMED = 8;

const TABS = /** @type {const} */ ([
  ["", "Story"],
  ["alerts", "Alerts"],
  ["map", "Attack map"],
  ["history", "History"],
]);

export class IncidentView {
  /** @param {import("../router.js").Route} route */
  constructor(route) {
    this.id = route.path[1] ?? "";
    this.query = route.query;
    /** @type {Incident | null} */
    this.incident = null;
    this.abort = new AbortController();
    /** @type {Pager<AlertItem>} */
    this.pager = new Pager(
      `incidents/${encodeURIComponent(this.id)}/alerts`,
      {},
      (alert) => alert.alertId,
      {
        page: PAGE,
        shape: ofKind("alert"),
      },
    );
    this.panel = new AlertPanel(
      () => this.#openAlert(""),
      () => this.pager.refresh(),
    );
    this.map = new AttackMapView((alertId) => this.#openAlert(alertId));
    this.heading = h("h1", { tabindex: -1 }, "Incident");
    this.place = h("span", { class: "list-neighbours" });
    this.badges = h("div", { class: "badges" });
    this.actions = h("div", { class: "actions" });
    this.tabs = h("nav", { class: "tabs", "aria-label": "Parts of the incident" });
    this.body = h("div", { class: "incident-body" }, loadingState("Loading the incident"));
    this.scroller = this.#frame();
    this.element = h("section", { class: "view incident-view" }, this.scroller, this.panel.element);
    this.alerts = new IncidentAlerts(
      this.scroller,
      (alert) => this.#openAlert(alert.alertId),
      () => this.#loadMore(),
    );
    this.history = h("div");
    this.comment = commentForm(
      () => /** @type {Incident} */ (this.incident),
      () => this.live.now(),
    );
    this.scroller.addEventListener("click", (event) => this.#onClick(event));
    this.live = keepLive(() => this.#load());
    this.#show();
  }

  get shortcuts() {
    const { list } = this.alerts;
    const onAlerts = (/** @type {() => void} */ act) => () => {
      if (this.#tab !== "alerts") this.#go({ tab: "alerts" });
      act();
    };
    return [
      { key: "e", does: "Change the state", run: () => this.#change() },
      { key: "J", does: "Next incident", run: () => this.#goTo("next") },
      { key: "K", does: "Previous incident", run: () => this.#goTo("previous") },
      { key: "m", does: "Assign to me", run: () => this.#assign() },
      { key: "j", does: "Next alert", run: onAlerts(() => list.move(1)) },
      { key: "k", does: "Previous alert", run: onAlerts(() => list.move(-1)) },
      {
        key: "Enter",
        does: "Open the alert beside",
        run: () => list.active && this.#openAlert(list.active.alertId),
      },
      { key: "Escape", does: "Close the alert", run: () => this.#openAlert("") },
    ];
  }

  title() {
    return this.incident?.title ?? "Incident";
  }

  /** @param {import("../router.js").Route} route */
  update(route) {
    this.query = route.query;
    if (this.incident) this.#drawTab();
    this.panel.show(this.query.get("alert") ?? "");
  }

  close() {
    this.abort.abort();
    this.live.stop();
    this.pager.close();
    this.alerts.close();
    this.map.close();
  }

  get #tab() {
    return this.query.get("tab") ?? "";
  }

  #frame() {
    return h(
      "article",
      { class: "detail-view incident-scroll" },
      h(
        "header",
        { class: "detail-head" },
        h("p", { class: "kicker" }, icon("incident"), "Incident", this.place),
        h("div", { class: "detail-title" }, this.heading, this.actions),
        this.badges,
      ),
      this.tabs,
      this.body,
    );
  }

  /** Shows the incident, or why it cannot be shown. */
  async #show() {
    try {
      await this.#load();
    } catch (error) {
      if (!isAbort(error))
        fill(
          this.body,
          errorState(error, () => this.#show()),
        );
      return;
    }
    this.#loadAlerts();
    this.panel.show(this.query.get("alert") ?? "");
  }

  async #load() {
    const { body, changed } = await get(
      `incidents/${encodeURIComponent(this.id)}`,
      {},
      this.abort.signal,
    );
    if (!changed && this.incident) return false;
    const known = this.incident !== null;
    this.#draw(ofKind("incident")(body));
    if (known && (await this.pager.refresh())) this.#showAlerts();
    return true;
  }

  /** Fetches alerts on and on, as far as is reasonable without being asked. */
  async #loadAlerts() {
    while (await this.#loadMore()) {
      if (this.pager.items.length >= MOST_UNASKED) return;
    }
  }

  /**
   * Fetches the next alerts.
   * @returns {Promise<boolean>} whether there are more after these
   */
  async #loadMore() {
    const { pager } = this;
    if (pager.complete) return false;
    try {
      await pager.more();
    } catch (error) {
      if (!isAbort(error)) this.alerts.fail(error, () => this.#loadAlerts());
      return false;
    }
    this.#showAlerts();
    return !pager.complete;
  }

  #showAlerts() {
    const { items, complete } = this.pager;
    if (this.incident) this.map.show(this.incident, items);
    this.alerts.show(items, complete);
  }

  /** @param {Incident} incident */
  #draw(incident) {
    if (incident.incidentId !== this.id) {
      // The one that was asked for has been absorbed by this one.
      go(href(["incidents", incident.incidentId], this.query), { replace: true });
      return;
    }
    this.incident = incident;
    setTitle(incident.title);
    markSeen(incident.incidentId, incident.updatedUtc);
    this.#drawPlace();
    fill(this.heading, incident.title);
    fill(
      this.badges,
      severityBadge(incident.severity),
      statusBadge(incident.status, incident.classification),
      confidenceBadge(incident.confidence),
      h(
        "span",
        { class: "quiet" },
        `${count(incident.alertCount, "alert")} on ${count(incident.resourceCount, "resource")}`,
      ),
    );
    const change = () => this.#change();
    fill(
      this.actions,
      button("Change state", change, { primary: true }),
      ...this.#decisions(incident),
      exportButton(incident, () => reportOf(incident, this.pager.items, new Date())),
    );
    this.#drawTab();
  }

  /**
   * What can be decided on which alerts belong to it; a closed incident stays as it is.
   * @param {Incident} incident
   */
  #decisions(incident) {
    if (isClosed(incident.status)) return [];
    const done = () => this.live.now();
    const merge = button("Merge with…", () => openMerge(incident, () => this.incident, done));
    if (incident.alertCount < 2) return [merge];
    return [merge, button("Split off…", () => openSplit(incident, this.pager.items, done))];
  }

  #drawTab() {
    const incident = /** @type {Incident} */ (this.incident);
    const counts = /** @type {Record<string, number>} */ ({
      alerts: incident.alertCount,
      history: incident.history.length,
    });
    fill(
      this.tabs,
      TABS.map(([name, text]) =>
        h(
          "a",
          {
            href: this.#address({ tab: name }),
            "aria-current": name === this.#tab ? "true" : null,
          },
          text,
          " ",
          counts[name] !== undefined && h("span", { class: "tab-count" }, number(counts[name])),
        ),
      ),
    );
    const content = {
      alerts: () => [this.alerts.element],
      map: (/** @type {Incident} */ one) => mapTab(one, this.map.element),
      history: (/** @type {Incident} */ one) => {
        this.#drawHistory(one);
        return [section("Comment", this.comment), this.history];
      },
    }[this.#tab];
    this.body.className = `incident-body tab-${this.#tab || "story"}`;
    if (this.#tab === "history" && this.body.contains(this.comment)) this.#drawHistory(incident);
    else if (content) fill(this.body, content(incident));
    else fill(this.body, this.#story(incident));
    this.#showAlerts();
  }

  /** Only what changes: whoever writes a comment beside it is left alone. @param {Incident} incident */
  #drawHistory({ history, status }) {
    const undo = (/** @type {string} */ name) =>
      undoDecision(() => this.incident, name, () => this.live.now());
    fill(this.history, section("History", historyList(history, isClosed(status) ? undefined : undo)));
  }

  /** @param {Incident} incident */
  #story(incident) {
    return [
      h(
        "div",
        { class: "story-main" },
        section("What happened", [
          chainTrack(incident.killChain),
          h("div", { class: "lead" }, prose(withoutBullets(incident.description))),
          story(incident.killChain),
        ]),
        section("Attack map", this.map.element, { name: "map-card" }),
        section("Why these alerts belong together", whyContent(incident)),
      ),
      h(
        "div",
        { class: "story-side" },
        section("At a glance", incidentFacts(incident)),
        section("Attacked resources", resourceList(incident)),
        section("What to do", remediation(incident.remediationSteps)),
      ),
    ];
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const link = /** @type {HTMLElement} */ (event.target).closest("[data-alert]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // An alert that the story names opens beside it; its own address stays for a new tab.
    event.preventDefault();
    this.#openAlert(link.getAttribute("data-alert") ?? "");
  }

  /** @param {string} id empty closes */
  #openAlert(id) {
    this.#go({ alert: id });
  }

  /** @param {Record<string, string>} more */
  #address(more) {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(more)) query.set(name, value);
    return href(["incidents", this.id], query);
  }

  /** @param {Record<string, string>} more */
  #go(more) {
    go(this.#address(more));
  }

  #assign() {
    const { incident } = this;
    if (incident) assignToMe([incident], () => this.live.now());
  }

  /** @param {"next" | "previous"} way */
  #goTo(way) {
    const { [way]: other, place } = neighboursOf(this.id);
    if (other) go(incidentHref(other));
    else toast(place > 0 ? `There is no ${way} incident in the list.` : "Open an incident from the list first: then J and K go on from one to the next.");
  }

  /** Where it stands in the list, and the ways on from there. */
  #drawPlace() {
    const { previous, next, place, total } = neighboursOf(this.id);
    const way = (/** @type {string} */ id, /** @type {string} */ text, /** @type {string} */ name) =>
      id && h("a", { class: "icon-button", href: incidentHref(id), "aria-label": text, title: text }, icon(name));
    fill(
      this.place,
      place > 0 && [
        way(previous, "Previous incident (K)", "back"),
        h("span", {}, `${number(place)} of ${number(total)}`),
        way(next, "Next incident (J)", "arrowRight"),
      ],
    );
  }

  #change() {
    if (this.panel.isOpen) this.panel.change();
    else if (this.incident) openTriage([withReason(this.incident)], () => this.live.now());
  }
}

/**
 * A description without its list of steps, which the story tells with more.
 * @param {string} text
 */
function withoutBullets(text) {
  return text.replace(/^\s*•.*$/gm, "");
}

/**
 * @param {Incident} incident
 * @param {HTMLElement} map
 */
function mapTab(incident, map) {
  return [
    section("Attack map", map, { name: "map-card" }),
    section("Why these alerts belong together", whyContent(incident)),
    section("Entities", entityTable(incident.entities)),
  ];
}

/** @param {Incident} incident */
function incidentFacts(incident) {
  const lasted = Date.parse(incident.lastActivityUtc) - Date.parse(incident.firstActivityUtc);
  const { triage } = incident;
  return factList([
    ["State", statusBadge(incident.status)],
    ["Classification", triage.classification && classificationTitle(triage.classification)],
    ["Reason", triage.classificationReason],
    ["Owner", incident.assignedTo ?? "Nobody"],
    ["Labels", incident.labels.map((label) => h("span", { class: "tag" }, label))],
    ["First activity", time(incident.firstActivityUtc)],
    [
      "Last activity",
      [
        time(incident.lastActivityUtc),
        lasted > 0 && h("span", { class: "sub" }, `over ${duration(lasted)}`),
      ],
    ],
    ["Score", String(incident.score)],
    ["Products", incident.sources.join(", ")],
    [
      "Follows",
      incident.follows &&
        h("a", { href: incidentHref(incident.follows) }, "an earlier incident, now closed"),
    ],
    [
      "Absorbed",
      (incident.absorbed ?? []).length > 0 && count((incident.absorbed ?? []).length, "incident"),
    ],
    ["Id", copyable(incident.incidentId)],
  ]);
}

/** @param {Incident} incident */
function resourceList({ resources, resourceCount }) {
  const shown = resources.slice(0, MOST_NAMED);
  const rest = resources.slice(MOST_NAMED);
  const missing = resourceCount - resources.length;
  return [
    h("ul", { class: "resource-list" }, shown.map(resourceItem)),
    rest.length > 0 &&
      h(
        "details",
        {},
        h("summary", {}, `${number(rest.length)} more`),
        h("ul", { class: "resource-list" }, rest.map(resourceItem)),
      ),
    missing > 0 &&
      h("p", { class: "quiet" }, `${count(missing, "further resource")} not named here.`),
  ];
}

/** @param {import("../model/types.js").Resource} resource */
function resourceItem(resource) {
  return h("li", {}, resource.severity && severityBadge(resource.severity), resourceLink(resource));
}
