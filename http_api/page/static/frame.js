/** What stays around every view: navigation, search, theme, help, sign-in, and the live state. */

import { go, href, parseRoute } from "./router.js";
import { key } from "./service/session.js";
import { openDialog } from "./ui/dialog.js";
import { fill, h } from "./ui/dom.js";
import { icon } from "./ui/icons.js";
import { addShortcuts, currentShortcuts } from "./ui/keyboard.js";
import { signIn, signInForm } from "./ui/signin.js";
import { toast } from "./ui/toast.js";
import { askName } from "./views/entry-actions.js";
import { openPalette, setUpPalette } from "./views/palette.js";
import { isUtc, shortZone, switchZone, zoneName } from "./ui/zone.js";

/** @typedef {{name: string, text: string, icon: string, href: string, here: (route: Route) => boolean}} Place */
/** @typedef {import("./router.js").Route} Route */

const THEMES = /** @type {const} */ (["system", "light", "dark"]);
const THEME_ICONS = { system: "system", light: "sun", dark: "moon" };

/** @param {string} show */
const isList = (show) => (/** @type {Route} */ route) =>
  route.path[0] === "list" && (route.query.get("show") ?? "incidents") === show;

/** @param {string} name */
const isAt = (name) => (/** @type {Route} */ route) => (route.path[0] ?? "") === name;

/** @type {Place[]} */
const PLACES = [
  { name: "overview", text: "Overview", icon: "overview", href: "#/", here: isAt("") },
  {
    name: "incidents",
    text: "Incidents",
    icon: "incident",
    href: href(["list"], { show: "incidents", status: "Active,InProgress" }),
    here: (route) =>
      isList("incidents")(route) || isList("both")(route) || isAt("incidents")(route),
  },
  {
    name: "alerts",
    text: "Alerts",
    icon: "alert",
    href: href(["list"], { show: "alerts" }),
    here: (route) => isList("alerts")(route) || isAt("alerts")(route),
  },
  {
    name: "rejected",
    text: "Rejected",
    icon: "rejected",
    href: "#/rejected",
    here: isAt("rejected"),
  },
  {
    name: "suppressions",
    text: "Suppressions",
    icon: "mute",
    href: "#/suppressions",
    here: isAt("suppressions"),
  },
];

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * Brings the frame to life.
 * @returns {{mark: (route: Route) => void}}
 */
export function setUpFrame() {
  const links = new Map(
    PLACES.map((place) => [
      place,
      h("a", { href: place.href }, icon(place.icon), h("span", {}, place.text)),
    ]),
  );
  fill(byId("nav"), [...links.values()]);
  byId("skip").addEventListener("click", () => byId("main").focus());
  setUpSearch();
  setUpZone();
  setUpTheme();
  setUpAccount();
  setUpLive();
  fill(byId("help"), icon("help"));
  byId("help").addEventListener("click", showHelp);
  setUpPalette(pageCommands);
  addShortcuts([
    { key: "Ctrl+K", does: "Find a command, an entity, an incident", run: () => openPalette(pageCommands) },
    { key: "/", does: "Search", run: () => byId("search").focus() },
    { key: "?", does: "Show this help", run: showHelp },
    ...PLACES.slice(0, 3).map((place, index) => ({
      key: String(index + 1),
      does: `Go to ${place.text.toLowerCase()}`,
      run: () => go(place.href),
    })),
  ]);
  return {
    mark(route) {
      for (const [place, link] of links) {
        if (place.here(route)) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
      const search = /** @type {HTMLInputElement} */ (byId("search"));
      if (document.activeElement !== search) search.value = route.query.get("q") ?? "";
    },
  };
}

/** What can be done wherever one is. */
function pageCommands() {
  const click = (/** @type {string} */ id) => () => byId(id).click();
  return [
    ...PLACES.map((place) => ({
      group: "Go to",
      text: place.text,
      mark: icon(place.icon),
      run: () => go(place.href),
    })),
    { group: "Page", text: "Switch between local time and UTC", mark: icon("refresh"), run: click("zone") },
    { group: "Page", text: "Switch the theme", mark: icon("sun"), run: click("theme") },
    { group: "Page", text: key() ? "Sign out" : "Sign in", mark: icon("key"), run: click("account") },
    { group: "Page", text: "Your name", mark: icon("account"), run: () => askName(() => {}) },
  ];
}

function setUpSearch() {
  const search = /** @type {HTMLInputElement} */ (byId("search"));
  byId("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const route = parseRoute(location.hash);
    const onList = route.path[0] === "list";
    const query = onList ? new URLSearchParams(route.query) : new URLSearchParams({ show: "both" });
    query.set("q", search.value.trim());
    search.blur();
    go(href(["list"], query));
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    // The browser itself would clear the field.
    event.preventDefault();
    search.blur();
  });
}

function setUpZone() {
  const button = byId("zone");
  const draw = () => {
    const name = isUtc() ? "UTC" : `Local (${shortZone()})`;
    fill(button, name);
    const text = `Times are in ${zoneName()}. Switch to ${isUtc() ? "local time" : "UTC"}`;
    button.setAttribute("aria-label", `${name}: ${text}`);
    button.title = text;
  };
  button.addEventListener("click", switchZone);
  addEventListener("zonechange", draw);
  draw();
}

function setUpTheme() {
  const button = byId("theme");
  const draw = () => {
    const chosen = document.documentElement.dataset.theme ?? "system";
    const name = /** @type {keyof typeof THEME_ICONS} */ (chosen);
    fill(button, icon(THEME_ICONS[name]));
    button.setAttribute("aria-label", `Theme: ${name}`);
    button.title = `Theme: ${name}`;
  };
  button.addEventListener("click", () => {
    const now = THEMES.findIndex(
      (name) => name === (document.documentElement.dataset.theme ?? "system"),
    );
    const next = THEMES[(now + 1) % THEMES.length];
    if (next === "system") {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem("theme");
    } else {
      document.documentElement.dataset.theme = next;
      localStorage.setItem("theme", next);
    }
    draw();
    dispatchEvent(new Event("themechange"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    dispatchEvent(new Event("themechange")),
  );
  draw();
}

function setUpAccount() {
  const button = byId("account");
  const draw = () => {
    fill(button, icon("key"));
    const text = key() ? "Sign out" : "Sign in";
    button.setAttribute("aria-label", text);
    button.title = text;
    button.classList.toggle("on", Boolean(key()));
  };
  button.addEventListener("click", () => {
    if (key()) {
      signIn("");
      toast("Signed out: the key is forgotten.");
    } else {
      const close = openDialog({ title: "Sign in", content: signInForm(() => close()) });
    }
  });
  addEventListener("signedin", draw);
  draw();
}

function setUpLive() {
  const place = byId("live");
  const texts = {
    live: "Live",
    waiting: "Asking …",
    paused: "Not updating",
    offline: "No answer",
  };
  let known = false;
  const draw = (/** @type {import("./service/live.js").LiveState["state"]} */ state) => {
    known = true;
    if (place.dataset.state === state) return;
    place.dataset.state = state;
    fill(place, h("i", { "aria-hidden": "true" }), h("span", {}, texts[state]));
  };
  // It is live once the service has answered, not before.
  addEventListener("answered", () => known || draw("live"));
  addEventListener("livestate", (event) =>
    draw(/** @type {CustomEvent<import("./service/live.js").LiveState>} */ (event).detail.state),
  );
}

function showHelp() {
  const keys = currentShortcuts();
  openDialog({
    title: "Keyboard",
    content: h(
      "dl",
      { class: "keys" },
      keys.map(({ key: name, does }) => [
        h("dt", {}, h("kbd", {}, name === "Escape" ? "Esc" : name)),
        h("dd", {}, does),
      ]),
    ),
  });
}
