/** The address of a view lives in the fragment: `#/list?severity=High`, so any view can be shared. */

/**
 * @typedef {object} Route
 * @property {string[]} path decoded parts
 * @property {URLSearchParams} query
 */

/**
 * @param {string} fragment with or without `#`
 * @returns {Route}
 */
export function parseRoute(fragment) {
  const text = fragment.replace(/^#\/?/, "");
  const mark = text.indexOf("?");
  const path = mark < 0 ? text : text.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? "" : text.slice(mark + 1));
  return { path: path.split("/").filter(Boolean).map(decodePart), query };
}

/** @param {string} part */
function decodePart(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * The address of a view. Parameters that are empty are left out.
 * @param {string[]} path
 * @param {URLSearchParams | Record<string, string | null | undefined>} [query]
 */
export function href(path, query = {}) {
  const kept = new URLSearchParams();
  const pairs = query instanceof URLSearchParams ? query.entries() : Object.entries(query);
  for (const [name, value] of pairs) {
    if (value) kept.append(name, value);
  }
  // Commas separate the values of one filter; leaving them readable costs nothing in a fragment.
  const search = kept.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return `#/${path.map(encodeURIComponent).join("/")}${search ? `?${search}` : ""}`;
}

/** @param {string} incidentId */
export function incidentHref(incidentId) {
  return href(["incidents", incidentId]);
}

/** @param {string} alertId */
export function alertHref(alertId) {
  return href(["alerts", alertId]);
}

/**
 * @param {string} kind
 * @param {string} value
 */
export function entityHref(kind, value) {
  return href(["entities", kind, value]);
}

/**
 * Goes to a view; with `replace`, the current one is not kept for the back button.
 * @param {string} address from `href`
 * @param {{replace?: boolean}} [options]
 */
export function go(address, { replace = false } = {}) {
  if (address === location.hash) return;
  if (replace) {
    history.replaceState(null, "", address);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = address;
  }
}
