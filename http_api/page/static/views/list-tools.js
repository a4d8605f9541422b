/** What stands beside the list's filters: views that are kept, and the columns to show. */

import { go } from "../router.js";
import { dropView, keepView, keptViews } from "../service/kept-views.js";
import { submitButton } from "../ui/button.js";
import { copyText } from "../ui/clipboard.js";
import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { closePopover, openPopover } from "../ui/popover.js";
import { toast } from "../ui/toast.js";

const COLUMNS = /** @type {const} */ ([
  ["severity", "Severity"],
  ["stages", "Kill chain"],
  ["count", "Alerts"],
  ["status", "State"],
  ["owner", "Owner"],
  ["time", "Last activity"],
]);
const HIDDEN = "hidden-columns";

/** Classes that hide the columns which the reader has put away. */
export function hiddenColumns() {
  const hidden = (localStorage.getItem(HIDDEN) ?? "").split(",");
  return COLUMNS.map(([name]) => name).filter((name) => hidden.includes(name));
}

/**
 * @param {() => void} redraw
 */
export function columnsButton(redraw) {
  const choose = (/** @type {string} */ name, /** @type {boolean} */ on) => {
    const hidden = new Set(/** @type {string[]} */ (hiddenColumns()));
    if (on) hidden.delete(name);
    else hidden.add(name);
    localStorage.setItem(HIDDEN, [...hidden].join());
    if (hidden.size === 0) localStorage.removeItem(HIDDEN);
    redraw();
  };
  const row = (/** @type {string} */ name, /** @type {string} */ text) => {
    const shown = !(/** @type {string[]} */ (hiddenColumns()).includes(name));
    const box = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", checked: shown }));
    box.addEventListener("change", () => choose(name, box.checked));
    return h("label", { class: "choice" }, box, h("span", {}, text));
  };
  return opener("columns", "Columns", (trigger) =>
    openPopover(trigger, "Columns", [
      h("div", { class: "choices" }, COLUMNS.map(([name, text]) => row(name, text))),
    ]),
  );
}

export function viewsButton() {
  return opener("views", "Views", (trigger) => openPopover(trigger, "Views", [viewsContent()]));
}

function viewsContent() {
  const name = /** @type {HTMLInputElement} */ (
    h("input", { class: "text-input", "aria-label": "Name of this view", placeholder: "Name of this view", maxlength: 60 })
  );
  const keep = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!name.value.trim()) return;
    keepView({ name: name.value.trim(), address: location.hash });
    closePopover();
    toast(`The view “${name.value.trim()}” is kept in this browser.`);
  };
  const views = keptViews();
  return [
    views.length > 0 && h("div", { class: "kept-views" }, views.map(viewRow)),
    h(
      "form",
      { class: "popover-form", onsubmit: keep },
      name,
      submitButton("Keep this view"),
    ),
    h(
      "button",
      {
        type: "button",
        class: "menu-row",
        onclick: () => {
          closePopover();
          copyText(location.href, "Link to this view copied");
        },
      },
      "Copy a link to this view",
    ),
  ];
}

/** @param {import("../service/kept-views.js").KeptView} view */
function viewRow({ name, address }) {
  const open = () => {
    closePopover();
    go(address);
  };
  const drop = (/** @type {MouseEvent} */ event) => {
    dropView(name);
    /** @type {HTMLElement} */ (event.currentTarget).parentElement?.remove();
    toast(`The view “${name}” is gone.`, {
      action: { text: "Undo", run: () => keepView({ name, address }) },
    });
  };
  return h(
    "div",
    { class: "kept-view" },
    h("button", { type: "button", class: "menu-row", onclick: open }, name),
    h("button", { type: "button", class: "icon-button", "aria-label": `Drop ${name}`, onclick: drop }, icon("close")),
  );
}

/**
 * @param {string} name
 * @param {string} text
 * @param {(trigger: HTMLElement) => void} open
 */
function opener(name, text, open) {
  return h(
    "button",
    {
      type: "button",
      class: "link list-tool",
      "data-tool": name,
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
      onclick: (/** @type {MouseEvent} */ event) => open(/** @type {HTMLElement} */ (event.currentTarget)),
    },
    text,
  );
}
