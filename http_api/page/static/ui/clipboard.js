/** Putting text on the clipboard, and saying so. */

import { toast } from "./toast.js";

/**
 * @param {string} text
 * @param {string} said what is told when it is done
 */
export async function copyText(text, said = "Copied") {
  try {
    await navigator.clipboard.writeText(text);
    toast(said);
  } catch {
    toast("The browser does not allow copying here.", { bad: true });
  }
}
