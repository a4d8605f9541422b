/** Views of the list that the reader has given a name. Kept in this browser; their address can be shared. */

const NAME = "views";
const MOST = 50;

/** @typedef {{name: string, address: string}} KeptView */

/** @returns {KeptView[]} */
export function keptViews() {
  try {
    const views = JSON.parse(localStorage.getItem(NAME) ?? "[]");
    return Array.isArray(views) ? views : [];
  } catch {
    return [];
  }
}

/**
 * Keeps a view; one of the same name makes place for it.
 * @param {KeptView} view
 */
export function keepView(view) {
  const others = keptViews().filter(({ name }) => name !== view.name);
  localStorage.setItem(NAME, JSON.stringify([...others, view].slice(-MOST)));
}

/** @param {string} name */
export function dropView(name) {
  const rest = keptViews().filter((view) => view.name !== name);
  localStorage.setItem(NAME, JSON.stringify(rest));
}
