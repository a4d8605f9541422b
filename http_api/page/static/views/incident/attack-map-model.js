/**
 * The attack as one picture, before anything is drawn: lanes for machines and accounts in the order
 * in which they were reached, what happened on each, and the hops between them with their proof.
 *
 * Read from an incident's detail and its alerts. `why.links` may name its two alerts as `alerts` or
 * as `from` and `to`; `why.steps` or `why.stages` may say how rare each deciding alert is here.
 */

import { severityOrder, worse } from "../../model/severity.js";

/** @typedef {import("../../model/types.js").AlertItem} AlertItem */
/** @typedef {import("../../model/types.js").AlertMention} AlertMention */
/** @typedef {import("../../model/types.js").Link} Link */
/** @typedef {import("../../model/types.js").MapSource} MapSource */

/**
 * @typedef {object} Mark one alert, or a wave of like ones
 * @property {string} id of its first alert
 * @property {string} lane
 * @property {"key" | "plain" | "wave" | "context"} kind whether it decides something, or how it is folded
 * @property {string} title
 * @property {string} severity the worst
 * @property {string[]} stages
 * @property {string} rarity how rare it is here, in words; empty where that is not known
 * @property {number} from in milliseconds since 1970
 * @property {number} to
 * @property {AlertItem[]} alerts
 *
 * @typedef {object} Lane
 * @property {string} key
 * @property {"machine" | "account"} kind
 * @property {string} title
 * @property {string} detail its type
 * @property {number} reached in milliseconds since 1970
 * @property {Mark[]} marks by time
 * @property {{at: number, alertId: string}[]} uses where other lanes' alerts name this account
 * @property {number} total alerts
 * @property {boolean} decides whether anything on it is more than context
 *
 * @typedef {object} Proof what ties two alerts
 * @property {string} kind
 * @property {string} value
 * @property {string} key
 * @property {string} text
 * @property {AlertMention} from
 * @property {AlertMention} to
 *
 * @typedef {object} Hop from a mark on one lane to one on another
 * @property {string} id
 * @property {string} from a mark's id
 * @property {string} to a mark's id
 * @property {boolean} first whether its goal was reached by it
 * @property {Proof[]} proofs
 *
 * @typedef {object} Step what play-back and the list go through, in order
 * @property {number} at
 * @property {Mark} mark
 * @property {Hop[]} hops that lead to it
 *
 * @typedef {{lanes: Lane[], hops: Hop[], steps: Step[], marks: Map<string, Mark>}} AttackMap
 */

/** Like alerts no farther apart than this, and as many as this, are one wave. */
const WAVE_GAP_MS = 30 * 60_000;
const WAVE_SIZE = 3;
const ACCOUNT_TYPES = new Set(["account", "accounts", "user", "users", "identity", "mailbox"]);

/**
 * @param {MapSource} incident
 * @param {AlertItem[]} alerts
 * @returns {AttackMap}
 */
export function attackMap(incident, alerts) {
  const proofs = proofsOf(incident.why?.links ?? []);
  const told = { ...decisionsOf(incident), proofs };
  const byLane = Map.groupBy(alerts, ({ resource }) => resource.id);
  const lanes = [...byLane.values()].map((mine) => machineLane(mine, told));
  const marks = new Map(lanes.flatMap((lane) => lane.marks).map((mark) => [mark.id, mark]));
  const owner = ownersOf(marks.values());
  lanes.push(...accountLanes(proofs, owner, lanes));
  lanes.sort((a, b) => a.reached - b.reached || a.title.localeCompare(b.title));
  const hops = hopsOf(proofs, owner);
  return { lanes, hops, marks, steps: stepsOf(marks, hops) };
}

/**
 * The ties that name two alerts, the earlier first.
 * @param {Link[]} links
 * @returns {Proof[]}
 */
function proofsOf(links) {
  return links.flatMap((link) => {
    const ends = link.from && link.to ? [link.from, link.to] : (link.alerts ?? []).slice(0, 2);
    if (ends.length < 2) return [];
    const [from, to] = ends.toSorted((a, b) => a.atUtc.localeCompare(b.atUtc));
    const { kind = "", value = "", key = "", text = "" } = link;
    return [{ kind, value, key, text, from, to }];
  });
}

/**
 * The alerts that decide something, what is known of their rarity, and the detections that do not count.
 * @param {MapSource} incident
 */
function decisionsOf({ killChain, why }) {
  const chain = killChain.filter((step) => !step.background);
  const steps = (why?.steps ?? why?.stages ?? []).filter((step) => step.alert);
  const rarity = new Map(steps.map((step) => [step.alert?.alertId ?? "", rarityText(step.rarity)]));
  const deciding = new Set([
    ...chain.map(({ firstAlert }) => firstAlert.alertId),
    ...rarity.keys(),
  ]);
  return { deciding, rarity, background: new Set(why?.background ?? []) };
}

/** @param {unknown} rarity a text, or an object that has one */
function rarityText(rarity) {
  if (typeof rarity === "string") return rarity;
  const text = /** @type {{text?: unknown} | null | undefined} */ (rarity)?.text;
  return typeof text === "string" ? text : "";
}

/**
 * @typedef {ReturnType<typeof decisionsOf> & {proofs: Proof[]}} Told
 */

/**
 * @param {AlertItem[]} alerts of one resource
 * @param {Told} told
 * @returns {Lane}
 */
function machineLane(alerts, told) {
  const [{ resource }] = alerts;
  const marks = marksOf(alerts, told).sort(byTime);
  return {
    key: resource.id,
    kind: isAccount(resource.type) ? "account" : "machine",
    title: resource.name,
    detail: resource.type,
    reached: marks[0].from,
    marks,
    uses: [],
    total: alerts.length,
    decides: marks.some(({ kind }) => kind !== "context"),
  };
}

/** @param {string} type */
function isAccount(type) {
  return ACCOUNT_TYPES.has(type.split("/").at(-1)?.toLowerCase() ?? "");
}

/**
 * One mark an alert, but for waves.
 * @param {AlertItem[]} alerts
 * @param {Told} told
 */
function marksOf(alerts, told) {
  const linked = new Set(told.proofs.flatMap(({ from, to }) => [from.alertId, to.alertId]));
  const isKey = (/** @type {AlertItem} */ alert) =>
    told.deciding.has(alert.alertId) || linked.has(alert.alertId);
  const [keys, rest] = [alerts.filter(isKey), alerts.filter((alert) => !isKey(alert))];
  const marks = keys.map((alert) => markOf([alert], "key", told));
  for (const like of Map.groupBy(rest, kindOfAlert).values()) {
    const context = isContext(like[0], told);
    for (const run of runsOf(like)) {
      if (run.length >= WAVE_SIZE) marks.push(markOf(run, context ? "context" : "wave", told));
      else for (const one of run) marks.push(markOf([one], context ? "context" : "plain", told));
    }
  }
  return marks;
}

/** @param {AlertItem} alert */
function kindOfAlert({ alertType, title }) {
  return `${alertType}\n${title}`;
}

/**
 * @param {AlertItem} alert
 * @param {Told} told
 */
function isContext(alert, { background }) {
  return (
    alert.severity === "Informational" ||
    background.has(alert.alertType) ||
    background.has(alert.title)
  );
}

/**
 * Like alerts in stretches without a long pause.
 * @param {AlertItem[]} alerts
 */
function runsOf(alerts) {
  /** @type {AlertItem[][]} */
  const runs = [];
  let last = -Infinity;
  for (const alert of alerts.toSorted((a, b) => a.startTimeUtc.localeCompare(b.startTimeUtc))) {
    const at = Date.parse(alert.startTimeUtc);
    if (at - last > WAVE_GAP_MS) runs.push([]);
    runs[runs.length - 1].push(alert);
    last = at;
  }
  return runs;
}

/**
 * @param {AlertItem[]} alerts by time
 * @param {Mark["kind"]} kind
 * @param {Told} told
 * @returns {Mark}
 */
function markOf(alerts, kind, { rarity }) {
  const [first] = alerts;
  return {
    id: first.alertId,
    lane: first.resource.id,
    kind,
    title: first.title,
    severity: alerts.map(({ severity }) => severity).reduce(worse),
    stages: first.tactics,
    rarity: rarity.get(first.alertId) ?? "",
    from: Date.parse(first.startTimeUtc),
    to: Date.parse(alerts[alerts.length - 1].startTimeUtc),
    alerts,
  };
}

/**
 * The mark that each alert is part of.
 * @param {Iterable<Mark>} marks
 * @returns {Map<string, Mark>}
 */
function ownersOf(marks) {
  const owner = new Map();
  for (const mark of marks) for (const { alertId } of mark.alerts) owner.set(alertId, mark);
  return owner;
}

/**
 * Lanes of the accounts that tie alerts of others together.
 * @param {Proof[]} proofs
 * @param {Map<string, Mark>} owner
 * @param {Lane[]} lanes those there are: an account that is attacked itself has its own
 * @returns {Lane[]}
 */
function accountLanes(proofs, owner, lanes) {
  const known = new Set(lanes.filter(({ kind }) => kind === "account").map(({ title }) => title));
  const mine = proofs.filter(({ kind, value }) => kind === "account" && !known.has(value));
  return [...Map.groupBy(mine, ({ key }) => key).values()].flatMap((ties) => {
    const ends = ties.flatMap(({ from, to }) => [from.alertId, to.alertId]);
    const uses = [...new Set(ends)]
      .filter((alertId) => owner.has(alertId))
      .map((alertId) => ({ alertId, at: /** @type {Mark} */ (owner.get(alertId)).from }))
      .sort((a, b) => a.at - b.at);
    if (uses.length === 0) return [];
    const [{ key, value }] = ties;
    return [
      {
        ...{ key, kind: /** @type {const} */ ("account"), title: value, detail: "account" },
        ...{ reached: uses[0].at, marks: [], uses, total: uses.length, decides: true },
      },
    ];
  });
}

/**
 * Arrows between lanes, one for each pair of marks, whatever number of ties there is.
 * @param {Proof[]} proofs
 * @param {Map<string, Mark>} owner
 * @returns {Hop[]}
 */
function hopsOf(proofs, owner) {
  /** @type {Map<string, Hop>} */
  const hops = new Map();
  const inTime = proofs.toSorted((a, b) => a.to.atUtc.localeCompare(b.to.atUtc));
  /** @type {Set<string>} */
  const reached = new Set();
  for (const proof of inTime) {
    const [from, to] = [owner.get(proof.from.alertId), owner.get(proof.to.alertId)];
    if (!from || !to || from.lane === to.lane) continue;
    const id = `${from.id}→${to.id}`;
    const hop = hops.get(id);
    if (hop) hop.proofs.push(proof);
    else {
      const first = !reached.has(to.lane);
      hops.set(id, { id, from: from.id, to: to.id, first, proofs: [proof] });
    }
    reached.add(to.lane);
  }
  return [...hops.values()];
}

/**
 * @param {Map<string, Mark>} marks
 * @param {Hop[]} hops
 * @returns {Step[]}
 */
function stepsOf(marks, hops) {
  const to = Map.groupBy(hops, (hop) => hop.to);
  return [...marks.values()]
    .sort(byTime)
    .map((mark) => ({ at: mark.from, mark, hops: to.get(mark.id) ?? [] }));
}

/**
 * @param {Mark} a
 * @param {Mark} b
 */
function byTime(a, b) {
  return (
    a.from - b.from ||
    severityOrder(a.severity) - severityOrder(b.severity) ||
    a.id.localeCompare(b.id)
  );
}
