/**
 * What sources wrote, made visible: characters that would change how other text reads are named
 * instead of obeyed, and text that runs from right to left is kept apart from what is around it.
 */

/** Controls but tab and line breaks; marks and overrides of direction; what has no width. */
const UNSEEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const FROM_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const [ISOLATE, END] = ["\u2068", "\u2069"];

/**
 * Text with its unseen characters named: `invoice⟨U+202E⟩fdp.exe`.
 * @param {string} text
 */
export function shown(text) {
  return text.replace(UNSEEN, (one) => {
    const code = /** @type {number} */ (one.codePointAt(0)).toString(16).toUpperCase();
    return `⟨U+${code.padStart(4, "0")}⟩`;
  });
}

/**
 * Whether text runs from right to left, in part or as a whole.
 * @param {string} text
 */
export function runsFromRight(text) {
  return FROM_RIGHT.test(text);
}

/**
 * The same as plain text, for attributes and drawings, which no element can isolate in.
 * @param {string} text
 */
export function shownPlain(text) {
  const seen = shown(text);
  return runsFromRight(seen) ? `${ISOLATE}${seen}${END}` : seen;
}
