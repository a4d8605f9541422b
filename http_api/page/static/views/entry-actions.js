/** What can be done at once with incidents and alerts: the same by menu, by key and in the palette. */

import { isClosed } from "../model/status.js";
import { alertHref, go, incidentHref } from "../router.js";
import { myName, setMyName } from "../service/me.js";
import { copyText } from "../ui/clipboard.js";
import { openDialog } from "../ui/dialog.js";
import { h } from "../ui/dom.js";
import { count } from "../ui/format.js";
import { toast } from "../ui/toast.js";
import { alertsFollow, changeNow } from "./changing.js";
import { openTriage } from "./triage.js";

/** @typedef {import("../model/types.js").Entry} Entry */
/** @typedef {() => void | Promise<void>} Done called after something was changed */

/** @param {Entry} entry */
export function entryHref(entry) {
  return entry.kind === "incident" ? incidentHref(entry.incidentId) : alertHref(entry.alertId);
}

/**
 * Assigns entries to the reader, who is asked for a name where nobody knows it.
 * @param {Entry[]} targets
 * @param {Done} done
 */
export async function assignToMe(targets, done) {
  const name = await myName();
  if (name) return assign(targets, name, done);
  askName((given) => assign(targets, given, done));
}

/**
 * Asks for the reader's name, which this browser keeps.
 * @param {(name: string) => void | Promise<void>} then
 */
export function askName(then) {
  const input = /** @type {HTMLInputElement} */ (
    h("input", { id: "my-name", class: "text-input", autocomplete: "username", maxlength: 200 })
  );
  openDialog({
    title: "Your name",
    content: h(
      "div",
      { class: "form" },
      h("div", { class: "field" }, h("label", { for: "my-name" }, "As it stands in Owner"), input),
      h("p", { class: "hint" }, "The service does not know who you are. This browser keeps the name."),
    ),
    action: "Go on",
    submit: async () => {
      const name = input.value.trim();
      if (!name) throw new Error("Give a name first.");
      setMyName(name);
      await then(name);
    },
    explain: (error) => (error instanceof Error ? error.message : String(error)),
  });
}

/**
 * @param {Entry[]} targets
 * @param {string} name
 * @param {Done} done
 */
function assign(targets, name, done) {
  return changeNow(targets, () => ({ assignedTo: name }), `${said(targets)} assigned to you`, done);
}

/** @param {Entry[]} targets */
function said(targets) {
  if (targets.length > 1) return count(targets.length, "entry", "entries");
  return targets[0].kind === "incident" ? "Incident" : "Alert";
}

/**
 * What a menu offers on entries.
 * @param {Entry[]} targets
 * @param {Done} done
 * @returns {import("../ui/menu.js").Entry[]}
 */
export function entryMenu(targets, done) {
  const [one] = targets;
  const alone = targets.length === 1;
  const now = (/** @type {string} */ text, /** @type {Record<string, unknown>} */ wanted) => ({
    text,
    run: () => changeNow(targets, (entry) => withAlerts(entry, wanted), `${said(targets)}: ${text.toLowerCase()}`, done),
  });
  const resolved = { classification: "TruePositive", status: "Resolved" };
  const allClosed = targets.every(({ status }) => isClosed(status));
  return [
    ...(alone ? [{ text: "Open", hint: "Enter", run: () => go(entryHref(one)) }, newTab(one), null] : []),
    { text: "Assign to me", hint: "m", run: () => assignToMe(targets, done) },
    ...(allClosed
      ? [now("Open again", { status: "Active" })]
      : [
          now("Start work", { status: "InProgress" }),
          now("Resolve as a true positive", resolved),
          now("Dismiss as a false positive", { status: "Dismissed", classification: "FalsePositive" }),
        ]),
    { text: "Change state …", hint: "e", run: () => openTriage(targets, done) },
    null,
    ...(alone
      ? [
          { text: "Copy the link", run: () => copyText(linkTo(one), "Link copied") },
          { text: "Copy the id", run: () => copyText(idOf(one), "Id copied") },
        ]
      : [{ text: "Copy the links", run: () => copyText(targets.map(linkTo).join("\n"), "Links copied") }]),
  ];
}

/**
 * A change of state that the alerts of an incident follow.
 * @param {Entry} entry
 * @param {Record<string, unknown>} wanted
 */
function withAlerts(entry, wanted) {
  const field = alertsFollow(entry, String(wanted.status ?? ""));
  return field ? { ...wanted, [field]: true } : wanted;
}

/** @param {Entry} entry */
function newTab(entry) {
  return { text: "Open in a new tab", run: () => void window.open(entryHref(entry), "_blank", "noopener") };
}

/** @param {Entry} entry */
function linkTo(entry) {
  return new URL(entryHref(entry), document.baseURI).href;
}

/** @param {Entry} entry */
function idOf(entry) {
  return entry.kind === "incident" ? entry.incidentId : entry.alertId;
}

/**
 * What a key acts on, or nothing and why.
 * @param {Entry[]} targets
 */
export function orSayWhat(targets) {
  if (targets.length === 0) toast("Choose an entry first: j and k move, x selects.");
  return targets.length > 0;
}
