/** Names behind an "@": whom one may want to mention, and where somebody is mentioned. The server says who that is. */

import { current } from "./state.js";
import { sorted } from "./roster.js";

/** @import { State } from "./state.js" */
/** @typedef {{ id: string, name: string }} Named */
/** A piece of a text; one that `isMention` is a name with its sign. @typedef {{ text: string, isMention: boolean }} Piece */

/** Where a mention may begin: not within a word. The page's half of chat/core/mentions.py. */
const AT = /(?<![\p{L}\p{N}@])@(?=[^\s@])/gu;
const WORD = /^[\p{L}\p{M}\p{N}_]/u;
const MARKS = /\p{M}/gu;
/** How many of the latest messages say who spoke lately, as for the server. */
const LATELY = 100;

/** In whatever case, width and accents. @type {Intl.Collator | undefined} */
let plainly;

/**
 * Who may be mentioned in the room that is shown, as far as the page knows: those who spoke lately, the last first, and
 * then whoever else is here.
 * @type {(state: State) => Named[]}
 */
export function mentionable(state) {
  const { messages, roster } = current(state);
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const { sender_id, sender } of messages.slice(-LATELY).toReversed()) {
    if (!found.has(sender_id)) found.set(sender_id, state.people.get(sender_id) ?? sender);
  }
  for (const { id, name } of sorted(roster)) if (!found.has(id)) found.set(id, name);
  found.delete(state.me.id);
  return [...found].map(([id, name]) => ({ id, name }));
}

/**
 * Those whose name begins like this, and then those with a word that does.
 * @type {<Person extends { name: string }>(people: Person[], word: string) => Person[]}
 */
export function matching(people, word) {
  const sought = folded(word);
  const named = people.map((person) => ({ person, name: folded(person.name) }));
  const first = named.filter(({ name }) => name.startsWith(sought));
  const rest = named.filter(({ name }) => !name.startsWith(sought) && name.includes(` ${sought}`));
  return [...first, ...rest].map(({ person }) => person);
}

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

/** @type {(text: string) => string} */
function folded(text) {
  return text.normalize("NFKD").replace(MARKS, "").toLowerCase();
}
