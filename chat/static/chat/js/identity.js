/** Who somebody is, as the browser remembers it from visit to visit; all else that it remembers is in memory.js. */

import { Keeper } from "./keeper.js";
import { randomHex } from "./random.js";

const NAME = "chat.name";
const CLIENT_ID = "chat.client_id";
const TOKEN = "chat.token";

/** What all tabs remember. */
export const shared = new Keeper(() => globalThis.localStorage);

/**
 * The name given last time; null where none ever was, while an empty one is an answer, too.
 * @type {() => string | null}
 */
export function recallName() {
  return shared.read(NAME);
}

/** @type {(name: string) => void} */
export function rememberName(name) {
  shared.write(NAME, name);
}

/**
 * Who we are: our id, made where there is none, and the token that proves it, null before the first visit.
 * @type {() => { id: string, token: string | null }}
 */
export function identity() {
  let id = shared.read(CLIENT_ID);
  if (!id) {
    id = randomHex(16);
    shared.write(CLIENT_ID, id);
  }
  return { id, token: shared.read(TOKEN) };
}

/** @type {(identity: { id: string, token: string }) => void} */
export function rememberIdentity({ id, token }) {
  shared.write(CLIENT_ID, id);
  shared.write(TOKEN, token);
}
