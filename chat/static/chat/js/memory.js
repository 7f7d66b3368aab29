/**
 * What the browser remembers: from visit to visit, one memory for all its tabs, and each tab its own draft
 * until it is closed. Where the browser may not remember, the page does.
 */

import { shared } from "./identity.js";
import { Keeper } from "./keeper.js";
import { GUEST } from "./state.js";

export * from "./identity.js";

/** @import { Composing, Word } from "./state.js" */

const ROOMS = "chat.rooms";
const REPORTED = "chat.reported";
/** How many messages that were reported are remembered. */
const REPORTS = 200;

const own = new Keeper(() => globalThis.sessionStorage);

/** Whether there were other rooms than the one, the last time: then they have their place at once. */
export function recallRooms() {
  return shared.read(ROOMS) === "1";
}

/** @type {(hasRooms: boolean) => void} */
export function rememberRooms(hasRooms) {
  if (hasRooms !== recallRooms()) shared.write(ROOMS, hasRooms ? "1" : "0");
}

/** The messages that were reported from here, the latest of them. @type {() => number[]} */
export function recallReported() {
  return decoded(shared.read(REPORTED)).filter(Number.isSafeInteger);
}

/** @type {(ids: Iterable<number>) => void} */
export function rememberReported(ids) {
  shared.write(REPORTED, JSON.stringify([...ids].slice(-REPORTS)));
}

/** What the moderators have told somebody in this tab, and was not read. @type {(author: string) => Word[]} */
export function recallWords(author) {
  return decoded(own.read(wordsTo(author))).filter(({ key, act, title }) => key && act && typeof title === "string");
}

/** @type {(author: string, words: Word[]) => void} */
export function rememberWords(author, words) {
  own.write(wordsTo(author), JSON.stringify(words));
}

/** @type {(author: string) => string} */
function wordsTo(author) {
  return `chat.words.${author}`;
}

/** A list, empty where there is none. @type {(text: string | null) => any[]} */
function decoded(text) {
  try {
    const found = JSON.parse(text ?? "[]");
    return Array.isArray(found) ? found.filter((one) => one !== null) : [];
  } catch {
    return [];
  }
}

/**
 * What somebody was writing in a room: in this tab, or for a new one the last that any tab has left. To a user
 * comes what a guest was writing in this tab, who has signed in; to nobody else what another has written.
 * @type {(author: string, room: string) => string}
 */
export function recallDraft(author, room) {
  const key = draftOf(author, room);
  const known = own.read(key) ?? shared.read(key);
  return known || author === GUEST ? (known ?? "") : takeAlong(room);
}

/** What the guest of this tab was writing, who takes it along. @type {(room: string) => string} */
function takeAlong(room) {
  const text = own.read(draftOf(GUEST, room)) ?? "";
  if (text !== "") rememberDraft(GUEST, room, "");
  return text;
}

/**
 * Each tab has its own draft, or the one would overwrite the other. What a new tab finds is a copy of the last
 * one, which only the tab takes back that has written it.
 * @type {(author: string, room: string, text: string) => void}
 */
export function rememberDraft(author, room, text) {
  const key = draftOf(author, room);
  const isOurs = shared.read(key) === own.read(key);
  own.write(key, text);
  if (text !== "" || isOurs) shared.write(key, text);
}

/**
 * The tab goes: what stands there outlives it, whoever has written since.
 * @type {(author: string, room: string) => void}
 */
export function leaveDraft(author, room) {
  const key = draftOf(author, room);
  const text = own.read(key);
  if (text) shared.write(key, text);
}

/**
 * What it is about that somebody was writing in a room, in this tab. @type {(author: string, room: string) => Composing | null}
 */
export function recallComposing(author, room) {
  const [found] = decoded(own.read(composingOf(author, room)));
  const isSound = ["edit", "reply"].includes(found?.kind) && Number.isSafeInteger(found.id);
  const isText = (/** @type {unknown} */ text) => text === undefined || typeof text === "string";
  return isSound && [found.author, found.text, found.edited].every(isText) ? { ...found, isRecalled: true } : null;
}

/** @type {(author: string, room: string, composing: Composing | null) => void} */
export function rememberComposing(author, room, composing) {
  const key = composingOf(author, room);
  if (composing || own.read(key)) own.write(key, JSON.stringify(composing ? [composing] : []));
}

/** @type {(author: string, room: string) => string} */
function composingOf(author, room) {
  return `chat.composing.${author}.${room}`;
}

/** @type {(author: string, room: string) => string} */
function draftOf(author, room) {
  return `chat.draft.${author}.${room}`;
}
