/**
 * What the browser remembers from visit to visit, one memory for all its tabs; where it may not, the page
 * remembers until it is closed.
 */

import { randomHex } from "./random.js";

const NAME = "chat.name";
const CLIENT_ID = "chat.client_id";
const TOKEN = "chat.token";
/** What the storage did not take. */
const written = new Map();

/** The name given last time; null where none ever was, while an empty one is an answer, too. */
export function recallName() {
  return read(NAME);
}

export function rememberName(name) {
  write(NAME, name);
}

/** Who we are: our id, made where there is none, and the token that proves it, null before the first visit. */
export function identity() {
  let id = read(CLIENT_ID);
  if (!id) {
    id = randomHex(16);
    write(CLIENT_ID, id);
  }
  return { id, token: read(TOKEN) };
}

export function rememberIdentity({ id, token }) {
  write(CLIENT_ID, id);
  write(TOKEN, token);
}

/** What was being written in a room. */
export function recallDraft(room) {
  return read(draftOf(room)) ?? "";
}

export function rememberDraft(room, text) {
  write(draftOf(room), text);
}

function draftOf(room) {
  return `chat.draft.${room}`;
}

// Another tab may have written since, so the storage is asked every time.

function read(key) {
  return written.get(key) ?? attempt((storage) => storage.getItem(key)) ?? null;
}

function write(key, value) {
  const isKept = attempt((storage) => {
    storage.setItem(key, value);
    return true;
  });
  if (isKept) written.delete(key);
  else written.set(key, value);
}

/** Even naming the storage throws where the browser denies it, and writing where it is full. */
function attempt(use) {
  try {
    return use(globalThis.localStorage);
  } catch {
    return null;
  }
}
