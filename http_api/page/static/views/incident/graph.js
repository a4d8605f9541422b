/** Draws the graph: resources on the left, what they share on the right, a line for each tie. */

import { href } from "../../router.js";
import { capital } from "../../ui/badges.js";
import { fill, h, svg } from "../../ui/dom.js";
import { resourceType } from "../../ui/format.js";
import { entityAddress } from "../entity-address.js";
import { layGraph } from "./graph-model.js";

/** @typedef {import("./graph-model.js").Node} Node */

const ROW = 52;
const SHOWN = 12;

/**
 * @param {import("../../model/types.js").Incident} incident
 */
export function connectionGraph(incident) {
  const all = layGraph(incident.resources, incident.why?.links ?? []);
  const resources = all.resources.slice(0, SHOWN);
  const entities = all.entities.slice(0, SHOWN);
  if (entities.length === 0) {
    return h(
      "p",
      { class: "quiet" },
      "All alerts are on one resource, or are tied by time on the same resource.",
    );
  }
  const edges = all.edges.filter(
    (edge) => resources.includes(edge.resource) && entities.includes(edge.entity),
  );
  const height = Math.max(resources.length, entities.length) * ROW;
  const place = (/** @type {Node[]} */ column) => (/** @type {Node} */ node) =>
    ((column.indexOf(node) + 0.5) * height) / column.length;
  const [atLeft, atRight] = [place(resources), place(entities)];
  const lines = svg("svg", {
    class: "graph-lines",
    viewBox: `0 0 100 ${height}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  const drawn = edges.map((edge) => {
    const [a, b] = [atLeft(edge.resource), atRight(edge.entity)];
    const path = svg("path", {
      d: `M0 ${a}C50 ${a} 50 ${b} 100 ${b}`,
      "vector-effect": "non-scaling-stroke",
    });
    return { edge, path };
  });
  fill(
    lines,
    drawn.map(({ path }) => path),
  );

  /** @param {Node | null} node */
  function highlight(node) {
    for (const { edge, path } of drawn) {
      path.classList.toggle("lit", edge.resource === node || edge.entity === node);
    }
  }

  /**
   * @param {Node} node
   * @param {number} y
   * @param {string} address
   * @param {string} kind
   */
  const box = (node, y, address, kind) =>
    h(
      "li",
      {
        style: { top: `${y}px` },
        onpointerenter: () => highlight(node),
        onpointerleave: () => highlight(null),
      },
      h(
        "a",
        {
          href: address,
          title: node.value,
          onfocus: () => highlight(node),
          onblur: () => highlight(null),
        },
        h("span", { class: "node-value" }, node.value),
        h("span", { class: "sub" }, kind),
      ),
    );
  return h(
    "div",
    { class: "graph", style: { height: `${height}px` } },
    h(
      "ol",
      { class: "graph-column", "aria-label": "Resources" },
      resources.map((node) =>
        box(
          node,
          atLeft(node),
          href(["list"], { show: "both", resource: node.id }),
          capital(resourceType(node.kind)),
        ),
      ),
    ),
    lines,
    h(
      "ol",
      { class: "graph-column", "aria-label": "Shared entities" },
      entities.map((node) => box(node, atRight(node), entityAddress(node), capital(node.kind))),
    ),
  );
}
