/** Entities by their address: kind, and the rest of their key (the normalised value). */

import { entityHref } from "../router.js";

/**
 * The address of everything known on an entity; empty for one whose value says nothing.
 * @param {{kind: string, value: string, key?: string}} entity
 */
export function entityAddress({ kind, value, key }) {
  if (key === undefined) return "";
  const rest = key.slice(key.indexOf(":") + 1);
  return entityHref(kind, rest || value);
}
