/** The overview: how much there is, when it came, and what needs somebody first. */

import { STAGES } from "../model/killchain.js";
import { SEVERITIES } from "../model/severity.js";
import { OPEN_STATUSES } from "../model/status.js";
import { go, href, incidentHref } from "../router.js";
import { get, isAbort, lastBody } from "../service/client.js";
import { keepLive } from "../service/live.js";
import { severityBadge, severityClass, severityMark, stageStrip } from "../ui/badges.js";
import { SeverityChart } from "../ui/chart.js";
import { fill, h } from "../ui/dom.js";
import { ago, compactNumber, count, number, resourceType } from "../ui/format.js";
import { emptyState, errorState, loadingState } from "../ui/states.js";
import { PERIODS, periodStart } from "./filters.js";
import { resourcesText } from "./rows.js";

/** @typedef {import("../model/types.js").IncidentItem} IncidentItem */
/** @typedef {import("../router.js").Route} Route */

const DEFAULT_PERIOD = "7d";
const URGENT = {
  status: OPEN_STATUSES.join(","),
  orderBy: "score",
  limit: 50,
  select: "incidentId,title,severity,stages,resources,resourceCount,lastActivityUtc",
};
const URGENT_SHOWN = 5;
const RESOURCES_SHOWN = 5;

export class OverviewView {
  /** @type {import("../ui/keyboard.js").Shortcut[]} */
  shortcuts = [];

  /** @param {Route} route */
  constructor(route) {
    this.period = route.query.get("last") ?? DEFAULT_PERIOD;
    /** @type {"incidents" | "alerts"} */
    this.kind = route.query.get("graph") === "incidents" ? "incidents" : "alerts";
    this.abort = new AbortController();
    this.chart = new SeverityChart((from, to) => this.#openRange(from, to));
    this.tiles = h("div", { class: "tiles" });
    this.periods = h("nav", { class: "segments", "aria-label": "Time" });
    this.kinds = h("nav", { class: "segments small", "aria-label": "What the graph counts" });
    this.urgent = h("div", { class: "urgent" });
    this.stages = h("ol", { class: "heat" });
    this.resources = h("div");
    this.body = h("div", { class: "overview-body" });
    this.element = h(
      "section",
      { class: "view" },
      h("header", { class: "view-head" }, h("h1", { tabindex: -1 }, "Overview"), this.periods),
      this.body,
    );
    this.live = keepLive(() => this.#load(false));
    this.#drawHead();
    const known = lastBody("summary", this.#question());
    if (known) this.#draw(known);
    else fill(this.body, loadingState("Loading"));
    this.#show();
  }

  title() {
    return "Overview";
  }

  /** @param {Route} route */
  update(route) {
    this.period = route.query.get("last") ?? DEFAULT_PERIOD;
    this.kind = route.query.get("graph") === "incidents" ? "incidents" : "alerts";
    this.#drawHead();
    this.#show();
  }

  close() {
    this.abort.abort();
    this.live.stop();
    this.chart.close();
  }

  #question() {
    return { from: periodStart(this.period, Date.now()) };
  }

  /** Shows what was asked for, or why it cannot be shown. */
  async #show() {
    try {
      await this.#load(true);
    } catch (error) {
      if (!isAbort(error))
        fill(
          this.body,
          errorState(error, () => this.#show()),
        );
    }
  }

  /** @param {boolean} always whether to draw even if nothing has changed */
  async #load(always) {
    const { signal } = this.abort;
    const [summary, urgent] = await Promise.all([
      get("summary", this.#question(), signal),
      get("incidents", URGENT, signal),
    ]);
    if (always || summary.changed) this.#draw(summary.body);
    if (always || urgent.changed) this.#drawUrgent(urgent.body.value);
    return summary.changed || urgent.changed;
  }

  #drawHead() {
    fill(
      this.periods,
      PERIODS.slice(1).map(([last, , milliseconds]) =>
        h(
          "a",
          {
            href: href([], { last, graph: this.kind === "incidents" ? "incidents" : "" }),
            "aria-current": last === this.period ? "true" : null,
          },
          milliseconds > 86_400_000 ? `${milliseconds / 86_400_000} days` : "24 hours",
        ),
      ),
    );
    fill(
      this.kinds,
      /** @type {const} */ (["alerts", "incidents"]).map((kind) =>
        h(
          "a",
          {
            href: href([], { last: this.period, graph: kind === "incidents" ? "incidents" : "" }),
            "aria-current": kind === this.kind ? "true" : null,
          },
          kind === "alerts" ? "Alerts" : "Incidents",
        ),
      ),
    );
  }

  /** @param {any} summary */
  #draw(summary) {
    if (summary.alerts.total === 0 && summary.incidents.total === 0) {
      fill(this.body, this.#nothing());
      return;
    }
    if (this.tiles.parentElement !== this.body) this.#layOut();
    fill(this.tiles, this.#tilesOf(summary));
    fill(this.stages, stageCells(summary.stages, this.period));
    const buckets = summary.series.map((/** @type {any} */ one) => ({
      startUtc: one.startUtc,
      counts: one[this.kind],
    }));
    this.chart.show(buckets, this.kind === "alerts" ? "alert" : "incident", Date.parse(summary.to));
  }

  #layOut() {
    fill(
      this.body,
      this.tiles,
      card(
        "Needs attention",
        "urgent-card",
        this.urgent,
        h("a", { href: openHref({ orderBy: "score" }) }, "All open incidents"),
      ),
      card("Most attacked resources", "resources-card", this.resources),
      card("Over time", "chart-card", this.chart.element, this.kinds),
      card("Kill chain", "heat-card", this.stages),
    );
  }

  #nothing() {
    if (this.period !== "90d") {
      return emptyState(
        "Nothing in this time",
        "No alert started in the time chosen above.",
        h("a", { class: "button-link", href: href([], { last: "90d" }) }, "Show the last 90 days"),
      );
    }
    return emptyState(
      "No alerts yet",
      "Push alerts to the queue named “alerts”, and they appear here by themselves. “make demo” plays a sample attack.",
    );
  }

  /** @param {any} summary */
  #tilesOf({ incidents, alerts, reduction, alertsUntilUtc }) {
    const open = OPEN_STATUSES.reduce((sum, status) => sum + (incidents.byStatus[status] ?? 0), 0);
    const { InProgress = 0, Resolved = 0, Dismissed = 0 } = incidents.byStatus;
    const period = this.period;
    return [
      tile(
        "Open incidents",
        number(open),
        openHref({ last: period }),
        `${number(InProgress)} in progress`,
      ),
      tile(
        "Closed incidents",
        number(Resolved + Dismissed),
        href(["list"], { show: "incidents", status: "Resolved,Dismissed", last: period }),
        `${number(Resolved)} resolved, ${number(Dismissed)} dismissed`,
      ),
      tile(
        // Right after a burst the latest are not counted yet.
        alertsUntilUtc ? "Alerts so far" : "Alerts",
        compactNumber(alerts.total),
        href(["list"], { show: "alerts", last: period }),
        severityBar(alerts.bySeverity),
      ),
      tile(
        "Reduction",
        reduction === null || reduction === undefined ? "–" : percent(reduction),
        "",
        `${count(alerts.total, "alert")} → ${count(incidents.total, "incident")}`,
      ),
    ];
  }

  /** @param {IncidentItem[]} incidents */
  #drawUrgent(incidents) {
    const rows = incidents.slice(0, URGENT_SHOWN).map(urgentRow);
    fill(
      this.urgent,
      rows.length > 0
        ? h("ol", {}, rows)
        : h("p", { class: "quiet" }, "No incident is open. Well done."),
    );
    fill(this.resources, topResources(incidents));
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #openRange(from, to) {
    const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    go(href(["list"], { show: this.kind, ...times }));
  }
}

/** @param {Record<string, string>} more */
function openHref(more) {
  return href(["list"], { show: "incidents", status: OPEN_STATUSES.join(","), ...more });
}

/**
 * @param {string} title
 * @param {string} name
 * @param {HTMLElement} content
 * @param {HTMLElement} [end]
 */
function card(title, name, content, end) {
  return h(
    "section",
    { class: ["card", name] },
    h("header", { class: "card-head" }, h("h2", {}, title), end),
    content,
  );
}

/**
 * @param {string} title
 * @param {string} value
 * @param {string} address
 * @param {import("../ui/dom.js").Child} below
 */
function tile(title, value, address, below) {
  return h(
    address ? "a" : "div",
    { class: "card tile", href: address || null },
    h("span", { class: "tile-title" }, title),
    h("span", { class: "tile-value" }, value),
    h("span", { class: "tile-below" }, below),
  );
}

/**
 * Counts by severity, worst first, as marks with numbers.
 * @param {Record<string, number>} counts
 */
function severityBar(counts) {
  return SEVERITIES.filter((severity) => counts[severity]).map((severity) =>
    h(
      "span",
      { class: ["severity", severityClass(severity)], title: severity },
      severityMark(severity),
      h("span", {}, compactNumber(counts[severity])),
      h("span", { class: "sr" }, severity),
    ),
  );
}

/** @param {IncidentItem} incident */
function urgentRow(incident) {
  return h(
    "li",
    {},
    h("span", { class: "urgent-severity" }, severityBadge(incident.severity)),
    h(
      "span",
      { class: "urgent-title" },
      h("a", { class: "title", href: incidentHref(incident.incidentId) }, incident.title),
      h("span", { class: "sub" }, resourcesText(incident)),
    ),
    h("span", { class: "urgent-stages" }, stageStrip(incident.stages)),
    h(
      "time",
      { class: "urgent-time", datetime: incident.lastActivityUtc },
      ago(incident.lastActivityUtc),
    ),
  );
}

/**
 * @param {Record<string, number>} counts incidents by stage
 * @param {string} last
 */
function stageCells(counts, last) {
  const most = Math.max(1, ...Object.values(counts));
  return STAGES.map(({ name, title }) => {
    const value = counts[name] ?? 0;
    const level = value === 0 ? 0 : Math.ceil((value / most) * 4);
    return h(
      "li",
      {},
      h(
        "a",
        { class: `heat-${level}`, href: href(["list"], { show: "incidents", stage: name, last }) },
        h("b", {}, number(value)),
        h("span", {}, hyphenated(title)),
      ),
    );
  });
}

/**
 * A title that may break where its longest word would not fit.
 * @param {string} title
 */
function hyphenated(title) {
  return title.replace("naissance", "nais\u00adsance");
}

/**
 * The resources that most of the incidents name.
 * @param {IncidentItem[]} incidents
 */
function topResources(incidents) {
  /** @type {Map<string, {resource: import("../model/types.js").Resource, incidents: number}>} */
  const found = new Map();
  for (const resource of incidents.flatMap((incident) => incident.resources)) {
    const entry = found.get(resource.id) ?? { resource, incidents: 0 };
    entry.incidents += 1;
    found.set(resource.id, entry);
  }
  const top = [...found.values()]
    .sort((a, b) => b.incidents - a.incidents || a.resource.name.localeCompare(b.resource.name))
    .slice(0, RESOURCES_SHOWN);
  if (top.length === 0) return h("p", { class: "quiet" }, "No resource is under attack.");
  return h(
    "ol",
    { class: "ranking" },
    top.map(({ resource, incidents: times }) =>
      h(
        "li",
        {},
        h("a", { href: openHref({ resource: resource.id }) }, resource.name),
        h("span", { class: "sub" }, resourceType(resource.type)),
        h("span", { class: "ranking-count" }, count(times, "incident")),
      ),
    ),
  );
}

/** @param {number} share */
function percent(share) {
  const digits = share >= 0.999 && share < 1 ? 2 : 1;
  return `${(share * 100).toFixed(digits)} %`;
}
