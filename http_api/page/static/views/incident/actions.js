/** What else can be done with an incident, where the service offers it. */

import { offers } from "../../service/capabilities.js";
import { download } from "../../service/client.js";
import { h } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { closePopover, openPopover } from "../../ui/popover.js";
import { explain } from "../../ui/states.js";
import { toast } from "../../ui/toast.js";

/** @typedef {import("../../model/types.js").Incident} Incident */

const FORMATS = /** @type {const} */ ([
  ["markdown", "Report (Markdown)", "md"],
  ["stix", "STIX 2.1 bundle", "json"],
  ["ocsf", "OCSF incident finding", "json"],
  ["navigator", "ATT&CK Navigator layer", "json"],
]);

/**
 * The menu, or nothing when the service offers nothing for it.
 * @param {Incident} incident
 */
export function incidentMenu(incident) {
  if (!offers("get /incidents/{}/export")) return null;
  const rows = FORMATS.map(([format, text, extension]) =>
    h(
      "button",
      {
        type: "button",
        class: "menu-row",
        onclick: () => {
          closePopover();
          save(incident, format, extension);
        },
      },
      text,
    ),
  );
  const open = (/** @type {MouseEvent} */ event) =>
    openPopover(/** @type {HTMLElement} */ (event.currentTarget), "Export as", [rows]);
  const mark = icon("download");
  mark.setAttribute("slot", "start");
  return h(
    "fluent-button",
    { role: "button", "aria-haspopup": "dialog", "aria-expanded": "false", onclick: open },
    mark,
    "Export",
  );
}

/**
 * @param {Incident} incident
 * @param {string} format
 * @param {string} extension
 */
async function save({ incidentId }, format, extension) {
  try {
    const { blob, name } = await download(`incidents/${encodeURIComponent(incidentId)}/export`, {
      format,
    });
    const address = URL.createObjectURL(blob);
    const link = h("a", {
      href: address,
      download: name || `${incidentId}.${format}.${extension}`,
    });
    link.click();
    URL.revokeObjectURL(address);
  } catch (error) {
    const { title, advice } = explain(error);
    toast(`${title}. ${advice}`, { bad: true });
  }
}
