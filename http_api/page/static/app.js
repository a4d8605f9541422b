/** The page: its frame, and the view that the address names. */

import "./vendor/fluent.js";
import { parseRoute } from "./router.js";
import { setUpFrame } from "./frame.js";
import { watchNews } from "./service/news.js";
import { restorePlace } from "./service/session.js";
import { h } from "./ui/dom.js";
import { addShortcuts, listenForKeys } from "./ui/keyboard.js";
import { closeMenu } from "./ui/menu.js";
import { closePopover } from "./ui/popover.js";
import { emptyState } from "./ui/states.js";
import { setTitle } from "./ui/tab-title.js";
import { AlertView } from "./views/alert.js";
import { EntityView } from "./views/entity.js";
import { IncidentView } from "./views/incident.js";
import { ListView } from "./views/list.js";
import { OverviewView } from "./views/overview.js";
import { RejectedView } from "./views/rejected.js";
import { SuppressionsView } from "./views/suppressions.js";

/**
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {() => string} title
 * @property {import("./ui/keyboard.js").Shortcut[]} shortcuts
 * @property {(route: import("./router.js").Route) => void} [update] takes another query of its path
 * @property {() => void} [shown] called once the view is in the document
 * @property {() => void} close
 */

/** @type {Record<string, new (route: import("./router.js").Route) => View>} */
const VIEWS = {
  "": OverviewView,
  list: ListView,
  incidents: IncidentView,
  alerts: AlertView,
  entities: EntityView,
  rejected: RejectedView,
  suppressions: SuppressionsView,
};

const main = /** @type {HTMLElement} */ (document.getElementById("main"));

class Page {
  constructor() {
    /** @type {View | null} */
    this.view = null;
    this.path = "";
    this.removeShortcuts = () => {};
  }

  /** Shows what the address names. */
  show() {
    const route = parseRoute(location.hash);
    const path = route.path.join("\n");
    if (this.view?.update && path === this.path) {
      this.view.update(route);
    } else {
      this.#change(route);
      this.path = path;
    }
    this.#announce();
    this.frame.mark(route);
  }

  /** Builds the view anew, as after signing in. */
  again() {
    this.path = "\n";
    this.show();
  }

  frame = setUpFrame();

  /** @param {import("./router.js").Route} route */
  #change(route) {
    closePopover();
    closeMenu();
    const first = this.view === null;
    this.view?.close();
    this.removeShortcuts();
    const Kind = VIEWS[route.path[0] ?? ""];
    this.view = Kind ? new Kind(route) : unknownView();
    main.replaceChildren(this.view.element);
    this.view.shown?.();
    this.removeShortcuts = addShortcuts(this.view.shortcuts);
    // What has changed is said to a screen reader by moving to its heading; the page's start is not,
    // and whoever has begun to type a search meanwhile goes on.
    const typing = document.activeElement?.id === "search";
    if (!first && !typing) main.querySelector("h1")?.focus({ preventScroll: true });
  }

  #announce() {
    setTitle(this.view?.title() ?? "");
  }
}

/** @returns {View} */
function unknownView() {
  const home = h("a", { class: "button-link", href: "#/" }, "Go to the overview");
  const state = emptyState("There is no such page", "The address may be mistyped.", home);
  return {
    element: h(
      "section",
      { class: "view" },
      h("h1", { class: "sr", tabindex: -1 }, "Not found"),
      state,
    ),
    title: () => "Not found",
    shortcuts: [],
    close: () => {},
  };
}

restorePlace();
const page = new Page();
addEventListener("hashchange", () => page.show());
addEventListener("signedin", () => page.again());
addEventListener("zonechange", () => page.again());
listenForKeys();
page.show();
watchNews();
document.documentElement.dataset.started = "true";
