/** The graph of resources and what they share: two columns, ordered so that few lines cross. */

/** @typedef {import("../../model/types.js").Link} Link */
/** @typedef {import("../../model/types.js").Resource} Resource */
/** @typedef {{id: string, kind: string, value: string, key: string, row: number}} Node */
/** @typedef {{resource: Node, entity: Node, text: string}} Edge */
/** @typedef {{resources: Node[], entities: Node[], edges: Edge[]}} Graph */

const SWEEPS = 6;

/**
 * @param {Resource[]} resources
 * @param {Link[]} links
 * @returns {Graph} nodes with their row from the top; the same input always gives the same rows
 */
export function layGraph(resources, links) {
  const shared = links.filter(
    (link) => new Set(link.alerts.map(({ resource }) => resource)).size > 1,
  );
  /** @type {Map<string, Node>} */
  const left = new Map();
  for (const { name, id, type, key } of resources) {
    if (!left.has(name)) left.set(name, { id, kind: type, value: name, key: key ?? "", row: 0 });
  }
  /** @type {Edge[]} */
  const edges = [];
  const entities = shared.map((link) => {
    const entity = { id: link.key, kind: link.kind, value: link.value, key: link.key, row: 0 };
    for (const name of new Set(link.alerts.map(({ resource }) => resource ?? ""))) {
      const resource = left.get(name) ?? { id: name, kind: "", value: name, key: "", row: 0 };
      left.set(name, resource);
      edges.push({ resource, entity, text: link.text });
    }
    return entity;
  });
  const graph = { resources: [...left.values()], entities, edges };
  order(graph);
  return graph;
}

/** @param {Graph} graph */
function order({ resources, entities, edges }) {
  number(resources);
  number(entities);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    byMiddle(entities, (node) =>
      edges.filter(({ entity }) => entity === node).map(({ resource }) => resource.row),
    );
    byMiddle(resources, (node) =>
      edges.filter(({ resource }) => resource === node).map(({ entity }) => entity.row),
    );
  }
}

/**
 * Puts each node near the middle of its neighbours; one without neighbours goes last.
 * @param {Node[]} nodes
 * @param {(node: Node) => number[]} neighbours
 */
function byMiddle(nodes, neighbours) {
  const middle = new Map(
    nodes.map((node) => {
      const rows = neighbours(node);
      return [node, rows.length ? rows.reduce((sum, row) => sum + row, 0) / rows.length : Infinity];
    }),
  );
  const place = (/** @type {Node} */ node) => /** @type {number} */ (middle.get(node));
  nodes.sort((a, b) => {
    const [x, y] = [place(a), place(b)];
    return x === y ? a.row - b.row : x - y;
  });
  number(nodes);
}

/** @param {Node[]} nodes */
function number(nodes) {
  nodes.forEach((node, row) => {
    node.row = row;
  });
}
