/**
 * What the tabs of one browser agree on: of what somebody wants to be told, and of which messages they have been. So one
 * tab speaks, whichever comes first.
 */

import { Keeper } from "./keeper.js";
import { CHOICES, NOTHING } from "./telling.js";

/** @import { Wanted } from "./telling.js" */

/** The ids of the latest messages that were told: they say nothing of the rooms. */
const TOLD = "chat.told";
/** How many of them. */
const COUNT = 100;
/** For how long, in milliseconds, the lock says so: what one tab stores another reads some time later. */
const HELD = 2000;

const shared = new Keeper(() => globalThis.localStorage);

/** What somebody wants; nothing, where they have not said. @type {(author: string) => Wanted} */
export function recallWanted(author) {
  const { what, sound } = Object(decoded(shared.read(wantedBy(author))));
  return CHOICES.includes(what) ? { what, sound: sound === true } : NOTHING;
}

/** @type {(author: string, wanted: Wanted) => void} */
export function rememberWanted(author, { what, sound }) {
  shared.write(wantedBy(author), JSON.stringify({ what, sound }));
}

/** @type {(author: string) => string} */
function wantedBy(author) {
  return `chat.wanted.${author}`;
}

/**
 * Whether this tab is the first to tell of a message; then no other is. Without locks, which only secure pages have, two
 * that ask at nearly the same time may both be.
 * @type {(id: number) => Promise<boolean>}
 */
export async function isFirst(id) {
  const { locks } = navigator;
  if (!locks) return take(id);
  return new Promise((answer) =>
    locks.request(`${TOLD}.${id}`, { ifAvailable: true }, (lock) => {
      const isOurs = lock !== null && take(id);
      answer(isOurs);
      return isOurs ? new Promise((done) => setTimeout(done, HELD)) : undefined;
    }),
  );
}

/** @type {(id: number) => boolean} */
function take(id) {
  const found = decoded(shared.read(TOLD));
  const ids = Array.isArray(found) ? found : [];
  if (ids.includes(id)) return false;
  shared.write(TOLD, JSON.stringify([...ids, id].slice(-COUNT)));
  return true;
}

/** @type {(text: string | null) => any} */
function decoded(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
