/** Sends changes of state: of one entry or many at once, and back again. */

import { entryId } from "../model/entry.js";
import { isClosed } from "../model/status.js";
import { ApiError, change, errorOf, get } from "../service/client.js";
import { complain } from "../ui/failures.js";
import { toast } from "../ui/toast.js";

/** @typedef {import("../model/types.js").Entry} Entry */
/** @typedef {{entry: Entry, error: unknown}} Failure */
/** @typedef {(entry: Entry) => Record<string, unknown>} Wanted what each is changed to */

/** So many are changed in one request at most. */
const BATCH = 100;
/** So many requests at most take the alerts of one incident along, each some two hundred. */
const MOST_GOES = 100;

/** @param {Entry} entry */
export function pathOf(entry) {
  return `${entry.kind}s/${encodeURIComponent(entryId(entry))}`;
}

/**
 * Changes each entry; those that there is nothing to change of are left alone.
 * @param {Entry[]} targets
 * @param {Wanted} wanted
 * @returns {Promise<Failure[]>}
 */
export async function changeAll(targets, wanted) {
  const asked = targets
    .map((entry) => ({ entry, body: wanted(entry) }))
    .filter(({ body }) => Object.keys(body).length > 0);
  if (asked.length === 1) return changeOne(asked[0].entry, asked[0].body);
  /** @type {Failure[]} */
  const failures = [];
  // An incident that its alerts follow is changed by itself; others of one kind that are changed alike
  // go in one request.
  for (const { entry, body } of asked.filter(takesAlerts)) failures.push(...(await changeOne(entry, body)));
  const rest = asked.filter((one) => !takesAlerts(one));
  const alike = Map.groupBy(rest, ({ entry, body }) => `${entry.kind} ${JSON.stringify(body)}`);
  for (const group of alike.values()) {
    for (let start = 0; start < group.length; start += BATCH) {
      failures.push(...(await changeBatch(group.slice(start, start + BATCH))));
    }
  }
  return failures;
}

/** @param {{body: Record<string, unknown>}} asked */
function takesAlerts({ body }) {
  return Boolean(body.closeAlerts || body.reopenAlerts);
}

/**
 * @param {Entry} entry
 * @param {Record<string, unknown>} body
 * @returns {Promise<Failure[]>}
 */
async function changeOne(entry, body) {
  try {
    let answer = await change("PATCH", pathOf(entry), body, entry.etag);
    // One request takes so many alerts along; the same field again goes on with the rest.
    const { closeAlerts, reopenAlerts } = body;
    const along = closeAlerts ? { closeAlerts } : { reopenAlerts };
    for (let tries = 0; tries < MOST_GOES && answer?.alertsChanged?.complete === false; tries += 1) {
      answer = await change("PATCH", pathOf(entry), along, answer.etag);
    }
    if (answer?.alertsChanged?.complete === false) throw new Error("Some of its alerts are not changed yet. Save again to go on.");
    return [];
  } catch (error) {
    return [{ entry, error }];
  }
}

/**
 * @param {{entry: Entry, body: Record<string, unknown>}[]} group of one kind and one change
 * @returns {Promise<Failure[]>}
 */
async function changeBatch(group) {
  const items = group.map(({ entry }) => ({ id: entryId(entry), etag: entry.etag }));
  const [{ entry, body }] = group;
  try {
    const { value } = await change("PATCH", `${entry.kind}s`, { items, change: body });
    return group.flatMap((one, index) => {
      const { status, problem } = value[index];
      return status < 400 ? [] : [{ entry: one.entry, error: errorOf(status, problem) }];
    });
  } catch (error) {
    return group.map((one) => ({ entry: one.entry, error }));
  }
}

/**
 * The field by which the alerts of an incident follow it to another state; empty where none do.
 * @param {Entry} entry
 * @param {string} status
 * @returns {"closeAlerts" | "reopenAlerts" | ""}
 */
export function alertsFollow(entry, status) {
  if (entry.kind !== "incident" || !status || isClosed(entry.status) === isClosed(status)) return "";
  return isClosed(status) ? "closeAlerts" : "reopenAlerts";
}

/**
 * What changes of some fields are taken back with.
 * @param {Entry} before as it was
 * @param {Record<string, unknown>} body what it was changed to
 */
export function inverse(before, body) {
  const was = /** @type {Record<string, unknown>} */ ({
    status: before.status,
    classification: before.classification ?? null,
    classificationReason: before.classificationReason ?? null,
    assignedTo: before.assignedTo ?? null,
    labels: before.labels ?? [],
  });
  const changed = Object.keys(body).filter((name) => name in was);
  return {
    ...Object.fromEntries(changed.map((name) => [name, was[name]])),
    ...(body.closeAlerts ? { reopenAlerts: true } : {}),
    ...(body.reopenAlerts ? { closeAlerts: true } : {}),
  };
}

/**
 * Changes at once, without a dialog, and offers to take it back.
 * @param {Entry[]} targets
 * @param {Wanted} wanted
 * @param {string} text what was done
 * @param {() => void | Promise<void>} done called after something was changed, and taken back
 */
export async function changeNow(targets, wanted, text, done) {
  const failures = await changeAll(targets, wanted);
  if (failures.length < targets.length) await done();
  if (failures.length > 0) complain(failures[0].error);
  else toast(text, { action: undoOf(targets, wanted, done) });
}

/**
 * Takes a change back, on what the entries have become.
 * @param {Entry[]} targets as they were before
 * @param {Wanted} wanted
 * @param {() => void | Promise<void>} done
 */
export function undoOf(targets, wanted, done) {
  const run = async () => {
    try {
      const now = await Promise.all(targets.map(asItIsNow));
      const before = new Map(targets.map((entry) => [entryId(entry), entry]));
      const back = (/** @type {Entry} */ entry) => {
        const was = before.get(entryId(entry)) ?? entry;
        return inverse(was, wanted(was));
      };
      const failures = await changeAll(now, back);
      await done();
      if (failures.length > 0) complain(failures[0].error);
      else toast("Taken back");
    } catch (error) {
      complain(error);
    }
  };
  return { text: "Undo", run };
}

/**
 * The present version of an entry.
 * @param {Entry} entry
 * @returns {Promise<Entry>}
 */
export async function asItIsNow(entry) {
  const { body } = await get(pathOf(entry));
  const { classificationReason } = body.triage ?? {};
  return { kind: entry.kind, ...body, classificationReason };
}

/**
 * Whether somebody else changed it since it was read.
 * @param {unknown} error
 */
export function isStale(error) {
  return error instanceof ApiError && error.status === 412;
}
