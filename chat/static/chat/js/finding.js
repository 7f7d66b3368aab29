/** Finding what was said: by its address, from a day on, by its words. Plain rules; reducer.js says when each applies. */

import { opened } from "./listening.js";
import { shown } from "./message-window.js";
import * as rooms from "./room.js";
import { current, withAsked } from "./state.js";

/** @import { Found, Message, Refused } from "./protocol.js" */
/** @import { State } from "./state.js" */

/**
 * What was searched for, in one room or in all, and what was found so far. The question that was `sent` last is
 * awaited, or has an `error`: what the server says, or nothing where it could not be asked.
 * @typedef {object} Search
 * @property {string} q
 * @property {string | null} room
 * @property {Message[]} messages
 * @property {boolean} more
 * @property {number} [before] where to go on from
 * @property {{ before?: number }} sent
 * @property {boolean} isAwaited
 * @property {string | null} error
 */

/** Bring a message into sight, in its room. @type {(state: State, slug: string, id: number) => State} */
export function aimedAt(state, slug, id) {
  return { ...opened(state, slug), aim: { slug, id } };
}

/** Where the room of a message that we are on our way to is there, look for it. @type {(state: State) => State} */
export function onTheWay(state) {
  const { aim, slug, connection } = state;
  if (aim === null) return state;
  // There is no such room, or somebody has gone elsewhere.
  if (aim.slug !== slug) return { ...state, aim: null };
  return current(state).isCaughtUp && connection.phase === "connected" ? sought({ ...state, aim: null }, aim.id) : state;
}

/** @type {(state: State, id: number) => State} */
export function sought(state, id) {
  const asked = shown(state, id) ? state : withAsked(state, (room) => rooms.asked(room, { around: id }));
  return shown(state, id) || asked !== state ? { ...asked, seeking: id } : state;
}

/** Search for this from now on. @type {(state: State, q: string, room: string | null) => State} */
export function searched(state, q, room) {
  return asked(state, { q, room, messages: [], more: false, sent: {}, isAwaited: true, error: null });
}

/** Go on with it. @type {(state: State) => State} */
export function searchedOn(state) {
  const { search } = state;
  if (!search || search.isAwaited) return state;
  const { before } = search;
  return asked(state, { ...search, sent: before === undefined ? {} : { before }, isAwaited: true, error: null });
}

/** @type {(state: State, search: Search) => State} */
function asked(state, search) {
  const isOn = state.connection.phase === "connected";
  return { ...state, search: isOn ? search : { ...search, isAwaited: false, error: "" } };
}

/** @type {(state: State, frame: Found) => State} */
export function answered(state, { q, messages, more, before }) {
  const { search } = state;
  if (!search?.isAwaited || search.q !== q) return state;
  const all = [...search.messages, ...messages];
  return { ...state, search: { ...search, messages: all, more, before: before ?? undefined, isAwaited: false } };
}

/** @type {(state: State, frame: Pick<Refused, "message">) => State} */
export function refused(state, { message: error }) {
  return state.search?.isAwaited ? { ...state, search: { ...state.search, isAwaited: false, error } } : state;
}

/** Something that was found stands otherwise now. @type {(state: State, message: Message) => State} */
export function changed(state, message) {
  const { search } = state;
  if (!search?.messages.some(({ id }) => id === message.id)) return state;
  const messages = search.messages.flatMap((one) => (one.id !== message.id ? one : message.deleted ? [] : message));
  return { ...state, search: { ...search, messages } };
}
