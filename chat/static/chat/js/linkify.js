/** Addresses in a text: where they begin, and where they end, which is harder. */

// No space, no quotes or angle brackets, and nothing that turns the direction of what is read.
const ADDRESS = /https?:\/\/[^\s<>"'`\p{Cc}\p{Bidi_Control}]+/giu;
/** Punctuation after an address belongs to the sentence around it. */
const TRAILING = new Set(".,;:!?…*_~|\\»”’)]}");
/** @type {Record<string, string>} */
const OPENING = { ")": "(", "]": "[", "}": "{" };

/** Written throughout in one alphabet that is not Latin, a host cannot pass for another: `кириллица.рф`. */
const CYRILLIC = /^[\p{Script=Cyrillic}\d.-]*\p{Script=Cyrillic}$/u;

/**
 * A piece of a text, with an `href` where it is an address to open. Where that does not show where it leads, as
 * with letters that look like others, there is a `host` to be shown beside it.
 * @typedef {{ text: string, href?: string, host?: string }} Piece
 */

/** The text in pieces, in order. @type {(text: string) => Piece[]} */
export function linkify(text) {
  /** @type {Piece[]} */
  const pieces = [];
  let end = 0;
  for (const { 0: match, index } of text.matchAll(ADDRESS)) {
    const address = withoutTrailing(match);
    const link = toLink(address);
    if (!link) continue;
    if (index > end) pieces.push({ text: text.slice(end, index) });
    pieces.push({ text: address, ...link });
    end = index + address.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/**
 * `https://en.wikipedia.org/wiki/C_(letter)` keeps its bracket, `(see https://example.org)` does not.
 * @type {(address: string) => string}
 */
function withoutTrailing(address) {
  let end = address.length;
  // Counted once and not at every step: an address may be thousands of brackets.
  /** @type {Record<string, number>} */
  const unopened = {};
  for (const [closing, opening] of Object.entries(OPENING)) {
    unopened[closing] = count(address, closing) - count(address, opening);
  }
  for (; TRAILING.has(address[end - 1]); end--) {
    const last = address[end - 1];
    if (last in unopened && unopened[last]-- <= 0) break;
  }
  return address.slice(0, end);
}

/** @type {(text: string, character: string) => number} */
function count(text, character) {
  return text.split(character).length - 1;
}

/** @type {(address: string) => { href: string, host?: string } | null} */
function toLink(address) {
  if (!URL.canParse(address)) return null;
  const { href, protocol, hostname, username, password } = new URL(address);
  // `https://bank.example@elsewhere.example` leads elsewhere.
  if (username || password) return null;
  const isPlain = address.toLowerCase().startsWith(`${protocol}//${hostname}`);
  return isPlain || CYRILLIC.test(writtenHost(address)) ? { href } : { href, host: hostname };
}

/** @type {(address: string) => string} */
function writtenHost(address) {
  return address.match(/\/\/([^/\\?#:]*)/)?.[1] ?? "";
}
