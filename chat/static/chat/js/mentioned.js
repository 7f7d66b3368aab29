/** Where in a text somebody is mentioned whose name is known: the page's half of chat/core/mentions.py. */

/** A piece of a text; one that `isMention` is a name with its sign. @typedef {{ text: string, isMention: boolean }} Piece */

/** Where a mention may begin: not within a word. */
const AT = /(?<![\p{L}\p{N}@])@(?=[^\s@])/gu;
const WORD = /^[\p{L}\p{M}\p{N}_]/u;

/** In whatever case, width and accents. @type {Intl.Collator | undefined} */
let plainly;

/**
 * The text in pieces, in order: each of these names behind an "@" is one.
 * @type {(text: string, names: string[]) => Piece[]}
 */
export function pieces(text, names) {
  const longestFirst = names.toSorted((one, other) => other.length - one.length);
  /** @type {Piece[]} */
  const found = [];
  let end = 0;
  for (const { index } of text.matchAll(AT)) {
    const name = longestFirst.find((one) => isThere(text, index + 1, one));
    if (name === undefined || index < end) continue;
    if (index > end) found.push({ text: text.slice(end, index), isMention: false });
    end = index + 1 + name.length;
    found.push({ text: text.slice(index, end), isMention: true });
  }
  if (end < text.length) found.push({ text: text.slice(end), isMention: false });
  return found;
}

/** @type {(text: string, at: number, name: string) => boolean} */
function isThere(text, at, name) {
  plainly ??= new Intl.Collator(undefined, { sensitivity: "base" });
  const end = at + name.length;
  return plainly.compare(text.slice(at, end), name) === 0 && !WORD.test(text.slice(end));
}
