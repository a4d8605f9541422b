/** The list: incidents, alerts, or both. */

import { entryKey, ofKind } from "../model/entry.js";
import { isComplete, together } from "../model/facets.js";
import { go, href } from "../router.js";
import { get, isAbort } from "../service/client.js";
import { keepLive } from "../service/live.js";
import { lookedUntil, markAllSeen, markSeen } from "../service/seen.js";
import { Pager } from "../service/pager.js";
import { key } from "../service/session.js";
import { button } from "../ui/button.js";
import { fill, h } from "../ui/dom.js";
import { count, minute, number } from "../ui/format.js";
import { emptyState, errorState, loadingState } from "../ui/states.js";
import { openMenu } from "../ui/menu.js";
import { VirtualList } from "../ui/virtual-list.js";
import { FilterBar } from "./filter-bar.js";
import { apiQuery, hasFilters, withoutFilters } from "./filters.js";
import { assignToMe, askName, entryHref, entryMenu, orSayWhat } from "./entry-actions.js";
import { columnsButton, hiddenColumns, viewsButton } from "./list-tools.js";
import { keepOrder } from "./neighbours.js";
import { QueueTabs } from "./queue.js";
import { entryCells, entryHead, entryRowHeight } from "./rows.js";
import { openTriage } from "./triage.js";

/** @typedef {import("../model/types.js").Entry} Entry */
/** @typedef {import("../model/types.js").Facets} Facets */
/** @typedef {"incidents" | "alerts" | "both"} Show */

/** What a row and the change of its state need of an entry. */
const OF_BOTH = ["title", "severity", "status", "classification", "assignedTo", "labels", "etag"];
const OF_INCIDENTS = [
  ...["incidentId", "confidence", "stages", "resources", "resourceCount", "alertCount"],
  ...["lastActivityUtc", "updatedUtc"],
];
const OF_ALERTS = ["alertId", "tactics", "resource", "product", "endTimeUtc", "incident"];
const SELECT = {
  incidents: [...OF_BOTH, ...OF_INCIDENTS].join(),
  alerts: [...OF_BOTH, ...OF_ALERTS].join(),
  both: [...OF_BOTH, ...OF_INCIDENTS, ...OF_ALERTS].join(),
};

const TITLES = { incidents: "Incidents", alerts: "Alerts", both: "Incidents and alerts" };
const SEGMENTS = /** @type {const} */ ([
  ["incidents", "Incidents"],
  ["alerts", "Alerts"],
  ["both", "Both"],
]);
/** @type {Record<Show, ("incidents" | "alerts")[]>} */
const KINDS = { incidents: ["incidents"], alerts: ["alerts"], both: ["incidents", "alerts"] };
/** @type {Record<Show, [value: string, text: string][]>} */
const ORDERS = {
  incidents: [
    ["", "Latest activity"],
    ["score", "Highest score"],
    ["severity", "Worst severity"],
    ["created", "Newest incident"],
  ],
  alerts: [
    ["", "Latest activity"],
    ["start", "Latest start"],
    ["severity", "Worst severity"],
    ["received", "Latest received"],
  ],
  both: [],
};

/**
 * The list as it was left, so that going back finds it so; for whom it was fetched, so that nobody
 * else does.
 * @type {{address: string, reader: string, pager: Pager<Entry>, scroll: number, activeKey: string} | null}
 */
let left = null;

/**
 * @param {URLSearchParams} query
 * @returns {Show}
 */
function showOf(query) {
  const asked = query.get("show");
  return asked === "alerts" || asked === "both" ? asked : "incidents";
}

/**
 * @param {URLSearchParams} query
 * @returns {Pager<Entry>}
 */
function pagerFor(query) {
  const show = showOf(query);
  const asked = { ...apiQuery(query, Date.now()), select: SELECT[show] };
  if (show === "both") return new Pager("feed", { ...asked, show, orderBy: "" }, entryKey);
  const kind = show === "alerts" ? "alert" : "incident";
  return new Pager(show, asked, entryKey, { shape: ofKind(kind) });
}

/**
 * @param {"incidents" | "alerts"} kind
 * @param {URLSearchParams} query
 * @param {Pager<Entry>} pager
 * @returns {Promise<Facets>}
 */
async function facetsOf(kind, query, pager) {
  const { orderBy: _, confidence, ...asked } = apiQuery(query, Date.now());
  const question = kind === "incidents" ? { ...asked, confidence } : asked;
  const { body } = await get(`${kind}/facets`, question, pager.abort.signal);
  return body;
}

/**
 * @param {Facets} facets
 * @param {"incidents" | "alerts"} kind
 */
function totalText(facets, kind) {
  if (isComplete(facets)) return count(facets.total, kind.slice(0, -1));
  return `${number(facets.total)} ${kind} or more`;
}

export class ListView {
  /** @param {import("../router.js").Route} route */
  constructor(route) {
    this.query = route.query;
    this.address = location.hash;
    this.reader = key();
    this.returning = left?.address === this.address && left.reader === key() ? left : null;
    this.pager = this.returning?.pager ?? pagerFor(this.query);
    this.show = showOf(this.query);
    this.failed = false;

    this.heading = h("h1", { tabindex: -1 });
    this.total = h("span", { class: "view-count", role: "status" });
    this.segments = h("nav", { class: "segments", "aria-label": "Show" });
    this.order = h("span", { class: "order" });
    this.filters = new FilterBar((query, replace) => this.#apply(query, replace));
    this.queue = new QueueTabs(() => askName(() => this.#count()));
    this.tools = h("span", { class: "list-tools" });
    this.since = h("div", { class: "since" });
    this.place = h("div", { class: "list-place" });
    this.scroller = h("div", { class: "list-scroll" }, this.place);
    this.bar = h("div", {
      class: "selection-bar",
      role: "region",
      "aria-label": "Selection",
      hidden: true,
    });
    this.element = h(
      "section",
      { class: "view list-view" },
      h("header", { class: "view-head" }, this.heading, this.segments, this.total, this.order),
      this.queue.element,
      h("div", { class: "filter-line" }, this.filters.element, this.tools),
      this.since,
      this.scroller,
      this.bar,
    );
    this.list = this.#makeList();
    this.live = keepLive(() => this.#refresh());
    this.#start();
  }

  get shortcuts() {
    const { list } = this;
    return [
      { key: "j", does: "Next entry", run: () => list.move(1) },
      { key: "k", does: "Previous entry", run: () => list.move(-1) },
      {
        key: "Enter",
        does: "Open the entry",
        run: () => list.active && go(entryHref(list.active)),
      },
      { key: "m", does: "Assign to me", run: () => this.#assign() },
      { key: ".", does: "Open the menu of the entry", run: () => list.active && list.openMenu(list.active) },
      { key: "x", does: "Select the entry", run: () => list.active && list.toggle(list.active) },
      { key: "e", does: "Change the state of what is selected", run: () => this.#changeSelected() },
      { key: "Escape", does: "Clear the selection", run: () => list.clearSelection() },
    ];
  }

  title() {
    return TITLES[this.show];
  }

  /** Called when the view is in the document. */
  shown() {
    if (!this.returning) return;
    this.list.activeKey = this.returning.activeKey;
    this.list.draw();
    this.scroller.scrollTop = this.returning.scroll;
    this.list.refresh();
  }

  /** @param {import("../router.js").Route} route */
  update(route) {
    this.address = location.hash;
    this.query = route.query;
    this.pager.close();
    this.pager = pagerFor(this.query);
    this.failed = false;
    this.list.clearSelection();
    if (this.show !== showOf(this.query)) {
      this.show = showOf(this.query);
      this.list.close();
      this.list = this.#makeList();
    }
    this.scroller.scrollTop = 0;
    this.#start();
  }

  close() {
    const { address, pager, scroller, list } = this;
    left = {
      address,
      reader: this.reader,
      pager,
      scroll: scroller.scrollTop,
      activeKey: list.activeKey,
    };
    keepOrder(pager.items.flatMap((one) => (one.kind === "incident" ? [one.incidentId] : [])));
    this.live.stop();
    this.queue.close();
    list.close();
  }

  /** @returns {VirtualList<Entry>} */
  #makeList() {
    /** @type {VirtualList<Entry>} */
    const list = new VirtualList({
      label: TITLES[this.show],
      scroller: this.scroller,
      rowHeight: entryRowHeight,
      keyOf: entryKey,
      cells: (entry) => entryCells(entry, list.selected.has(entryKey(entry))),
      rowClass: (entry) => `row-${entry.kind}`,
      head: this.#head(),
      open: (entry) => go(entryHref(entry)),
      menu: (entry, place) => this.#openMenu(entry, place),
      nearEnd: () => this.#loadMore(),
      selectable: true,
      onSelection: (selected) => this.#drawBar(selected),
    });
    return list;
  }

  #head() {
    return entryHead(this.show, this.query.get("orderBy") ?? "", (orderBy) => {
      const next = new URLSearchParams(this.query);
      next.set("orderBy", orderBy);
      this.#apply(next, false);
    });
  }

  #start() {
    this.#drawHead();
    this.list.setHead(this.#head());
    this.#count();
    if (this.pager.started) {
      this.#drawList();
    } else {
      fill(this.place, loadingState("Loading"));
      this.#loadMore();
    }
  }

  /**
   * @param {URLSearchParams} query
   * @param {boolean} replace
   */
  #apply(query, replace) {
    go(href(["list"], query), { replace });
  }

  #drawHead() {
    const { query, show } = this;
    this.heading.textContent = TITLES[show];
    fill(
      this.segments,
      SEGMENTS.map(([value, text]) => {
        const next = new URLSearchParams(query);
        next.set("show", value);
        // What one kind is ordered or narrowed by, the other may not know.
        next.delete("orderBy");
        next.delete(value === "alerts" ? "confidence" : "incident");
        return h(
          "a",
          { href: href(["list"], next), "aria-current": value === show ? "true" : null },
          text,
        );
      }),
    );
    fill(this.order, ORDERS[show].length > 0 && this.#orderSelect());
    this.filters.hidden = [show === "alerts" ? "confidence" : "incident"];
    this.filters.draw(query);
    this.queue.draw(query, show === "incidents");
    fill(this.tools, viewsButton(), columnsButton(() => this.#drawColumns()));
    this.#drawColumns();
    this.#drawSince();
  }

  #drawColumns() {
    this.place.className = ["list-place", ...hiddenColumns().map((name) => `hide-${name}`)].join(" ");
  }

  /** Since when what is new is new, and the way to say that all of it was seen. */
  #drawSince() {
    const all = () => {
      markAllSeen();
      this.update({ path: ["list"], query: this.query });
    };
    this.since.hidden = !this.query.get("new");
    fill(
      this.since,
      h("span", { class: "quiet" }, `Since ${minute(Date.parse(lookedUntil()))}`),
      button("Mark all as seen", all, { small: true }),
    );
  }

  #orderSelect() {
    const now = this.query.get("orderBy") ?? "";
    const choose = (/** @type {Event} */ event) => {
      const next = new URLSearchParams(this.query);
      next.set("orderBy", /** @type {HTMLSelectElement} */ (event.target).value);
      this.#apply(next, false);
    };
    return h(
      "select",
      { "aria-label": "Order", onchange: choose },
      ORDERS[this.show].map(([value, text]) =>
        h("option", { value, selected: value === now }, text),
      ),
    );
  }

  #drawList() {
    const { pager, list, place } = this;
    if (pager.items.length > 0) {
      if (place.firstChild !== list.element) fill(place, list.element);
      list.setItems(pager.items);
      if (!this.failed) list.setFoot(!pager.complete && loadingState("Loading more"));
    } else if (pager.complete) {
      fill(place, this.#nothing());
    }
  }

  #nothing() {
    if (hasFilters(this.query)) {
      const clear = () => this.#apply(withoutFilters(this.query), false);
      return emptyState(
        "Nothing matches",
        "No entry passes all of the filters above. Take one away to see more.",
        button("Clear all filters", clear),
      );
    }
    if (this.show === "incidents") {
      return emptyState(
        "No incidents yet",
        "Alerts become an incident when they line up with the kill chain. Single alerts are listed under Alerts.",
        h("a", { class: "button-link", href: href(["list"], { show: "alerts" }) }, "Show alerts"),
      );
    }
    return emptyState(
      "No alerts yet",
      "Push alerts to the queue named “alerts”, and they appear here by themselves.",
    );
  }

  async #loadMore() {
    const { pager } = this;
    if (pager.complete || pager.loading || this.failed) return;
    try {
      await pager.more();
      if (pager === this.pager) this.#drawList();
    } catch (error) {
      if (pager === this.pager && !isAbort(error)) this.#fail(error);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.failed = true;
    const again = () => {
      this.failed = false;
      this.#show(loadingState("Loading"));
      this.#loadMore();
    };
    this.#show(errorState(error, again));
  }

  /**
   * Shows a state below the entries, or in their place when there are none.
   * @param {HTMLElement} state
   */
  #show(state) {
    if (this.pager.items.length > 0) this.list.setFoot(state);
    else fill(this.place, state);
  }

  async #refresh() {
    const { pager } = this;
    if (!pager.started || pager.loading || this.failed) return false;
    const changed = await pager.refresh();
    if (!changed || pager !== this.pager) return false;
    this.#drawList();
    this.#count();
    return true;
  }

  /** Counts what the filters let through. */
  async #count() {
    const { query, show, pager } = this;
    /** @type {Facets[]} */
    let found = [];
    try {
      // A search goes through the alerts for the list and for the counts: the list comes first.
      if (query.get("q")) await pager.loading;
      const counted = Promise.all(KINDS[show].map((kind) => facetsOf(kind, query, pager)));
      if (show === "incidents") this.queue.count(pager.abort.signal);
      found = await counted;
    } catch {
      // The list says what is wrong; without counts it is as good.
    }
    if (pager === this.pager) this.#drawFacets(found);
  }

  /** @param {Facets[]} found of each kind that is shown; of none where they are not known */
  #drawFacets(found) {
    this.filters.facets = found.length > 1 ? together(found) : (found[0] ?? null);
    this.total.textContent = found
      .map((facets, index) => totalText(facets, KINDS[this.show][index]))
      .join(", ");
  }

  /** @param {Set<string>} selected */
  #drawBar(selected) {
    this.bar.hidden = selected.size === 0;
    const change = () => this.#changeSelected();
    const clear = () => this.list.clearSelection();
    fill(
      this.bar,
      h("strong", {}, `${count(selected.size, "entry", "entries")} selected`),
      button("Change state", change, { primary: true }),
      button("Clear selection", clear),
    );
  }

  /** What is selected, or where the keyboard is. @returns {Entry[]} */
  get #targets() {
    const { list, pager } = this;
    const chosen = pager.items.filter((entry) => list.selected.has(entryKey(entry)));
    return chosen.length === 0 && list.active ? [list.active] : chosen;
  }

  /** @param {Entry[]} targets */
  #after(targets) {
    return async () => {
      for (const one of targets) {
        // What the reader changes is not news to them.
        if (one.kind === "incident") markSeen(one.incidentId, new Date().toISOString());
      }
      this.list.clearSelection();
      await this.live.now();
      this.list.refresh();
    };
  }

  #changeSelected() {
    const targets = this.#targets;
    if (orSayWhat(targets)) openTriage(targets, this.#after(targets));
  }

  #assign() {
    const targets = this.#targets;
    if (orSayWhat(targets)) assignToMe(targets, this.#after(targets));
  }

  /**
   * @param {Entry} entry
   * @param {{x: number, y: number}} place
   */
  #openMenu(entry, place) {
    const { list } = this;
    const among = list.selected.has(entryKey(entry)) ? this.#targets : [entry];
    openMenu(place, "Actions", entryMenu(among, this.#after(among)));
  }
}
