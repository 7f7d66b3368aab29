/** Text from people: how long it is and whether there is anything to read. The page's half of core/text.py. */

/**
 * The length as the server counts it: in code points, where an emoji of two halves is one.
 * @type {(text: string) => number}
 */
export function length(text) {
  let count = 0;
  for (const _character of text) count++;
  return count;
}

/** How few characters are left when that is said, and that there are too many. */
const STEPS = [200, 100, 50, 20, 10, 0, -1];

/**
 * Which of the steps has been come to with so many characters left; null where there are plenty.
 * @type {(left: number) => number | null}
 */
export function stepOf(left) {
  return STEPS.findLast((step) => left <= step) ?? null;
}

// Letters and symbols by their category, yet nothing to see: Hangul fillers and the empty Braille cell.
const VISIBLE = /[^\p{Z}\p{C}\u115f\u1160\u3164\uffa0\u2800]/u;

/** Whether a reader would see nothing at all. @type {(text: string) => boolean} */
export function isBlank(text) {
  return !VISIBLE.test(text);
}

/** A text of more lines than this, or more characters, is long. */
const [LINES, CHARACTERS] = [15, 1000];

/** Whether a text is so long that its beginning is shown at first. @type {(text: string) => boolean} */
export function isLong(text) {
  return text.length > CHARACTERS || text.split("\n", LINES + 1).length > LINES;
}

/**
 * The first character of a name as people count them, to stand for the name.
 * @type {(name: string) => string}
 */
export function initial(name) {
  const [first] = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(name);
  return first ? first.segment.toUpperCase() : "";
}
