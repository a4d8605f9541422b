/** The title of the browser's tab: what is shown, and how much is new. */

import { shownPlain } from "./shown.js";

let view = "";
let news = 0;

/** @param {string} text */
export function setTitle(text) {
  view = text;
  draw();
}

/** @param {number} count of incidents that are new to the reader */
export function setNews(count) {
  news = count;
  draw();
}

function draw() {
  const count = news > 0 ? `(${news > 99 ? "99+" : news}) ` : "";
  document.title = `${count}${shownPlain(view)} · Alerts to Incidents`;
}
