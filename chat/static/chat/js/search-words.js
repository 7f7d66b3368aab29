/** What is shown of a message that was found: a part of it, and in that the words that were asked for. */

/** How much is shown, in characters, and how much of that stands before the first word that was asked for. */
const LENGTH = 160;
const LEAD = 40;
/** A word of a text. */
const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** What does not tell words apart: accents, save the breve of й. */
const ACCENTS = /[\u0300-\u0305\u0307-\u036f]/g;

/** @typedef {{ text: string, isMarked: boolean }} Piece */

/**
 * Which words the server has recognised it does not say: here those are marked that begin alike.
 * @type {(text: string, question: string) => Piece[]}
 */
export function excerpt(text, question) {
  const wanted = words(question).map(({ word }) => beginning(word));
  const found = words(text).filter(({ word }) => wanted.some((start) => word.startsWith(start)));
  const [from, to] = part(text, found[0]?.at ?? 0);
  /** @type {Piece[]} */
  const pieces = [{ text: from > 0 ? "…" : "", isMarked: false }];
  let end = from;
  for (const { at, length } of found) {
    if (at < from || at + length > to) continue;
    pieces.push({ text: text.slice(end, at), isMarked: false }, { text: text.slice(at, at + length), isMarked: true });
    end = at + length;
  }
  pieces.push({ text: text.slice(end, to) + (to < text.length ? "…" : ""), isMarked: false });
  return pieces.filter((piece) => piece.text !== "");
}

/** From where to where a text is shown, with whole words. @type {(text: string, first: number) => [number, number]} */
function part(text, first) {
  const start = Math.max(0, first - LEAD);
  const from = start === 0 ? 0 : Math.min(first, text.indexOf(" ", start) + 1 || first);
  if (text.length - from <= LENGTH) return [from, text.length];
  const last = text.lastIndexOf(" ", from + LENGTH);
  // No half of an emoji.
  const end = last > from ? last : from + LENGTH;
  return [from, /[\ud800-\udbff]/.test(text[end - 1]) ? end - 1 : end];
}

/** @type {(text: string) => { at: number, length: number, word: string }[]} */
function words(text) {
  return [...text.matchAll(WORD)].map(({ 0: word, index }) => ({ at: index, length: word.length, word: folded(word) }));
}

/** @type {(word: string) => string} */
function folded(word) {
  return word.normalize("NFKD").toLowerCase().replace(ACCENTS, "").normalize("NFC");
}

/** What the forms of a word have in common, about. @type {(word: string) => string} */
function beginning(word) {
  return word.slice(0, Math.max(3, Math.ceil((word.length * 2) / 3)));
}
