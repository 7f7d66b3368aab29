/** Addresses in a text: where they end, which is hard to say, and where they lead. */

// No space, no quotes or angle brackets, and nothing that turns the direction of what is read.
const REST = String.raw`[^\s<>"'${"`"}\p{Cc}\p{Bidi_Control}]+`;
/** What looks like an address, as the source of a regular expression with the flags `iu`. */
export const ADDRESS = String.raw`https?:\/\/${REST}|(?<![\p{L}\p{N}@:/._-])www\.${REST}`;
/** Punctuation after an address belongs to the sentence around it. */
const TRAILING = new Set(".,;:!?…*_~|\\»”’)]}");
/** @type {Record<string, string>} */
const OPENING = { ")": "(", "]": "[", "}": "{" };

/** Written throughout in one alphabet that is not Latin, a host cannot pass for another: `кириллица.рф`. */
const CYRILLIC = /^(?:www\.)?[\p{Script=Cyrillic}\d.-]*\p{Script=Cyrillic}$/u;

/**
 * An address to open. Where it does not show by itself where it leads, as with letters that look like others,
 * `isPlain` is false; `host` says it in any case.
 * @typedef {{ text: string, href: string, host: string, isPlain: boolean }} Address
 */

/**
 * The address that begins with what looks like one; null where it would lead elsewhere, or nowhere.
 * @type {(match: string) => Address | null}
 */
export function address(match) {
  const text = withoutTrailing(match);
  const whole = /^www\./i.test(text) ? `https://${text}` : text;
  if (!URL.canParse(whole)) return null;
  const { href, protocol, hostname, username, password } = new URL(whole);
  // `https://bank.example@elsewhere.example` leads elsewhere.
  if (username || password) return null;
  const written = whole.match(/\/\/([^/\\?#:]*)/)?.[1] ?? "";
  // `www.` and one word more is no host.
  if (whole !== text && !/^www\.[^.]+\.[^.]/i.test(written)) return null;
  const isCyrillic = CYRILLIC.test(written);
  const isPlain = isCyrillic || whole.toLowerCase().startsWith(`${protocol}//${hostname}`);
  return { text, href, host: isCyrillic ? written : hostname, isPlain };
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
