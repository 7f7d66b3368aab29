/** Whom one may want to mention, as far as the page knows. Who is mentioned in the end, the server says. */

import { sorted } from "./roster.js";
import { current } from "./state.js";

/** @import { State } from "./state.js" */
/** @typedef {{ id: string, name: string }} Named */

const MARKS = /\p{M}/gu;
/** How many of the latest messages say who spoke lately, as for the server. */
const LATELY = 100;

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

/** @type {(text: string) => string} */
function folded(text) {
  return text.normalize("NFKD").replace(MARKS, "").toLowerCase();
}
