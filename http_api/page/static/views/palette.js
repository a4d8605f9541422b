/** The command palette (Ctrl-K): one field over actions, places, kept views, incidents and entities. */

import { ofKind } from "../model/entry.js";
import { entityHref, go, href, incidentHref } from "../router.js";
import { get } from "../service/client.js";
import { keptViews } from "../service/kept-views.js";
import { severityMark } from "../ui/badges.js";
import { fill, h } from "../ui/dom.js";
import { ago, count } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { currentShortcuts, isDialogOpen } from "../ui/keyboard.js";

/** @typedef {{group: string, text: string, detail?: string, mark: import("../ui/dom.js").Child, run: () => void}} Command */

const PAUSE_MS = 180;
const MOST_FOUND = 6;
const MOST_SHOWN = 24;
const KINDED = /^(account|address|host|file|mailbox|application|container|url|domain):(.+)$/i;

/**
 * Listens for Ctrl-K, or Cmd-K. Called once, when the page starts.
 * @param {() => Command[]} always commands of the page itself
 */
export function setUpPalette(always) {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    event.preventDefault();
    if (!isDialogOpen()) new Palette(always()).open();
  });
}

/** @param {() => Command[]} always */
export function openPalette(always) {
  new Palette(always()).open();
}

class Palette {
  /** @param {Command[]} always */
  constructor(always) {
    this.fixed = [...shortcutCommands(), ...always, ...viewCommands()];
    /** @type {Command[]} */
    this.found = [];
    /** @type {Command[]} */
    this.shown = [];
    this.chosen = 0;
    this.asked = 0;
    this.input = /** @type {HTMLInputElement} */ (
      h("input", {
        class: "palette-input",
        type: "text",
        role: "combobox",
        "aria-label": "Search entities, incidents, views and actions",
        "aria-expanded": "true",
        "aria-controls": "palette-list",
        "aria-autocomplete": "list",
        placeholder: "Search entities, incidents, views and actions",
        autocomplete: "off",
        spellcheck: "false",
        oninput: () => this.#onInput(),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event),
      })
    );
    this.list = h("div", { class: "palette-list", id: "palette-list", role: "listbox", "aria-label": "Found" });
    this.dialog = /** @type {HTMLDialogElement} */ (
      h(
        "dialog",
        {
          class: "palette",
          "aria-label": "Commands",
          onclose: () => this.dialog.remove(),
          onpointerdown: (/** @type {PointerEvent} */ event) => event.target === this.dialog && this.dialog.close(),
        },
        h("div", { class: "palette-box" }, this.input, this.list),
      )
    );
  }

  open() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.input.focus();
    this.#draw();
  }

  get #text() {
    return this.input.value.trim();
  }

  #onInput() {
    clearTimeout(this.timer);
    this.found = [];
    this.chosen = 0;
    this.#draw();
    if (this.#text.length > 1) this.timer = setTimeout(() => this.#find(), PAUSE_MS);
  }

  async #find() {
    this.asked += 1;
    const { asked } = this;
    try {
      const query = { q: this.#text, confidence: "all", limit: MOST_FOUND };
      const { body } = await get("incidents", query);
      if (asked !== this.asked) return;
      this.found = body.value.map(ofKind("incident")).map(incidentCommand);
    } catch {
      if (asked === this.asked) this.found = []; // the rest is as good
    }
    this.#draw();
  }

  #draw() {
    const text = this.#text.toLowerCase();
    const words = text.split(/\s+/);
    const fits = (/** @type {Command} */ one) =>
      words.every((word) => `${one.group} ${one.text}`.toLowerCase().includes(word));
    this.shown = [...entityCommands(this.#text), ...this.found, ...this.fixed.filter(fits), ...searchCommands(this.#text)].slice(0, MOST_SHOWN);
    this.chosen = Math.max(0, Math.min(this.chosen, this.shown.length - 1));
    let group = "";
    fill(
      this.list,
      this.shown.map((one, index) => {
        const head = one.group !== group && h("div", { class: "palette-group", role: "presentation" }, one.group);
        group = one.group;
        return [head, this.#option(one, index)];
      }),
    );
    this.#mark();
  }

  /**
   * @param {Command} command
   * @param {number} index
   */
  #option(command, index) {
    return h(
      "div",
      {
        class: "palette-option",
        role: "option",
        id: `palette-${index}`,
        "aria-selected": "false",
        onclick: () => this.#run(index),
        onpointermove: () => {
          this.chosen = index;
          this.#mark();
        },
      },
      command.mark,
      h("span", { class: "palette-text" }, command.text),
      command.detail && h("span", { class: "sub" }, command.detail),
    );
  }

  #mark() {
    for (const one of this.list.querySelectorAll(".palette-option")) {
      one.setAttribute("aria-selected", String(one.id === `palette-${this.chosen}`));
    }
    this.input.setAttribute("aria-activedescendant", this.shown.length > 0 ? `palette-${this.chosen}` : "");
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.chosen = (this.chosen + step + this.shown.length) % Math.max(1, this.shown.length);
      this.#mark();
      this.list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") this.#run(this.chosen);
    else return;
    event.preventDefault();
  }

  /** @param {number} index */
  #run(index) {
    const command = this.shown[index];
    if (!command) return;
    this.dialog.close();
    command.run();
  }
}

/** What the keys of the view do. @returns {Command[]} */
function shortcutCommands() {
  return currentShortcuts()
    .filter(({ key }) => !["Escape", "Enter", "j", "k"].includes(key))
    .map(({ key, does, run }) => ({
      group: "Actions",
      text: does,
      detail: key,
      mark: icon("arrowRight"),
      run: () => run(new KeyboardEvent("keydown", { key })),
    }));
}

/** @returns {Command[]} */
function viewCommands() {
  return keptViews().map(({ name, address }) => ({
    group: "Views",
    text: name,
    mark: icon("list"),
    run: () => go(address),
  }));
}

/**
 * @param {import("../model/types.js").IncidentItem} incident
 * @returns {Command}
 */
function incidentCommand(incident) {
  const { title, severity, alertCount, lastActivityUtc, incidentId } = incident;
  return {
    group: "Incidents",
    text: title,
    detail: `${count(alertCount, "alert")}, ${ago(lastActivityUtc)}`,
    mark: h("span", { class: `severity sev-${severity.toLowerCase()}` }, severityMark(severity)),
    run: () => go(incidentHref(incidentId)),
  };
}

/**
 * What a text may name, by its shape: `kind:value`, an address, an account, a file's digest.
 * @param {string} text
 * @returns {Command[]}
 */
function entityCommands(text) {
  const kinded = KINDED.exec(text);
  const guesses = kinded ? [[kinded[1].toLowerCase(), kinded[2].trim()]] : guess(text);
  return guesses.map(([kind, value]) => ({
    group: "Entities",
    text: value,
    detail: `all that is known on this ${kind}`,
    mark: icon("branch"),
    run: () => go(entityHref(kind, value)),
  }));
}

/**
 * @param {string} text
 * @returns {string[][]}
 */
function guess(text) {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text) || /^[0-9a-f]*:[0-9a-f:]+$/i.test(text)) return [["address", text]];
  if (/^[0-9a-f]{32,64}$/i.test(text)) return [["file", text.toLowerCase()]];
  if (/^\S+@\S+$/.test(text) || /^[\w.-]+\\\S+$/.test(text)) return [["account", text]];
  return [];
}

/**
 * @param {string} text
 * @returns {Command[]}
 */
function searchCommands(text) {
  if (!text) return [];
  return [
    {
      group: "Search",
      text: `Search for “${text}”`,
      detail: "in incidents and alerts",
      mark: icon("search"),
      run: () => go(href(["list"], { show: "both", q: text })),
    },
  ];
}
