/** Saving an incident as a file, in one of several formats. */

import { download } from "../../service/client.js";
import { h } from "../../ui/dom.js";
import { complain } from "../../ui/failures.js";
import { icon } from "../../ui/icons.js";
import { closePopover, openPopover } from "../../ui/popover.js";

import { printReport, saveReport } from "./report.js";

/** @typedef {import("../../model/types.js").Incident} Incident */

const FORMATS = /** @type {const} */ ([
  ["markdown", "Report (Markdown)", "md"],
  ["stix", "STIX 2.1 bundle", "json"],
  ["ocsf", "OCSF incident finding", "json"],
  ["navigator", "ATT&CK Navigator layer", "json"],
]);

/**
 * A button that saves the incident as a file, or prints it.
 * @param {Incident} incident
 * @param {() => HTMLElement} report made when it is wanted
 */
export function exportButton(incident, report) {
  const own = /** @type {[string, () => void][]} */ ([
    ["Report (HTML, one file)", () => saveReport(report(), incident.incidentId)],
    ["Print, or save as PDF", () => printReport(report())],
  ]).map(([text, run]) =>
    h(
      "button",
      {
        type: "button",
        class: "menu-row",
        onclick: () => {
          closePopover();
          run();
        },
      },
      text,
    ),
  );
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
    openPopover(/** @type {HTMLElement} */ (event.currentTarget), "Export as", [own, rows]);
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
    complain(error);
  }
}
