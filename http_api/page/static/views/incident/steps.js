/** The kill chain of an incident: how far along it the attack came, and the story, step by step. */

import { STAGES } from "../../model/killchain.js";
import { alertHref } from "../../router.js";
import { severityBadge, severityClass, severityMark } from "../../ui/badges.js";
import { h } from "../../ui/dom.js";
import { time } from "../../ui/facts.js";
import { count, dateTime, duration } from "../../ui/format.js";

/** @typedef {import("../../model/types.js").KillChainStep} Step */

/**
 * All fourteen stages in a row, the reached ones filled in the colour of their worst alert.
 * @param {Step[]} steps
 */
export function chainTrack(steps) {
  const byName = new Map(steps.map((step) => [step.stage, step]));
  return h(
    "ol",
    { class: "track", "aria-label": "Stages of the kill chain" },
    STAGES.map((stage) => trackCell(stage, byName.get(stage.name))),
  );
}

/**
 * @param {import("../../model/killchain.js").Stage} stage
 * @param {Step | undefined} step
 */
function trackCell(stage, step) {
  const state = step ? `reached ${dateTime(step.firstUtc)}` : "not reached";
  return h(
    "li",
    {
      class: [
        step && "reached",
        step && severityClass(step.severity),
        step?.background && "background",
      ],
      title: `${stage.title} (${stage.id}): ${state}`,
    },
    h("i", {}, step && severityMark(step.severity)),
    h("span", { "aria-hidden": "true" }, stage.short),
    h("span", { class: "sr" }, `${stage.title}: ${state}`),
  );
}

/**
 * What happened, in the order in which it happened.
 * @param {Step[]} steps
 */
export function story(steps) {
  const inTime = steps.toSorted((a, b) => a.firstUtc.localeCompare(b.firstUtc));
  return h(
    "ol",
    { class: "story" },
    inTime.map((step, index) => storyItem(step, inTime[index - 1])),
  );
}

/**
 * @param {Step} step
 * @param {Step | undefined} before
 */
function storyItem(step, before) {
  const apart = before ? Date.parse(step.firstUtc) - Date.parse(before.firstUtc) : 0;
  const { firstAlert, detections } = step;
  return h(
    "li",
    { class: [severityClass(step.severity), step.background && "background"] },
    h(
      "div",
      { class: "story-time" },
      time(step.firstUtc),
      before &&
        h("span", { class: "sub" }, apart > 0 ? `${duration(apart)} later` : "at the same time"),
    ),
    h("div", { class: "story-mark" }, severityMark(step.severity)),
    h(
      "div",
      { class: "story-what" },
      h(
        "div",
        { class: "story-stage" },
        step.title,
        h("span", { class: "sub" }, ` ${step.tacticId}`),
        step.background && h("span", { class: "tag" }, "background"),
      ),
      h(
        "a",
        {
          class: "story-alert",
          href: alertHref(firstAlert.alertId),
          "data-alert": firstAlert.alertId,
        },
        firstAlert.title,
      ),
      h(
        "span",
        { class: "sub" },
        firstAlert.resource && `on ${firstAlert.resource} · `,
        severityBadge(step.severity),
        detections.length > 1 && ` · ${count(detections.length, "detection")}`,
      ),
    ),
  );
}
