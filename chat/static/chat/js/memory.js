/** What the browser remembers from visit to visit; where it may not, the page remembers until it is closed. */

const NAME = "chat.name";
const CLIENT_ID = "chat.client_id";
/** What was remembered since the page was opened. */
const written = new Map();

/** The name given last time; null where none ever was, while an empty one is an answer, too. */
export function recallName() {
  return read("localStorage", NAME);
}

export function rememberName(name) {
  write("localStorage", NAME, name);
}

/** What was being written in a room. */
export function recallDraft(room) {
  return read("localStorage", draftOf(room)) ?? "";
}

export function rememberDraft(room, text) {
  write("localStorage", draftOf(room), text);
}

/** Our id in this tab, made where there is none. */
export function clientId() {
  const known = read("sessionStorage", CLIENT_ID);
  if (/^[0-9a-f]{32}$/.test(known ?? "")) return known;
  const id = randomId();
  write("sessionStorage", CLIENT_ID, id);
  return id;
}

function randomId() {
  // Not crypto.randomUUID: a browser has that on https and localhost only.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function draftOf(room) {
  return `chat.draft.${room}`;
}

function read(area, key) {
  return written.get(key) ?? attempt(area, (storage) => storage.getItem(key));
}

function write(area, key, value) {
  written.set(key, value);
  attempt(area, (storage) => storage.setItem(key, value));
}

/** Even naming a storage throws where the browser denies it, and writing where it is full. */
function attempt(area, use) {
  try {
    return use(globalThis[area]);
  } catch {
    return null;
  }
}
