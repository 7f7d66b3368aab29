/**
 * Which rooms the page listens to: it is in those that were shown, and hears what is said in one's own others.
 * Whatever it no longer listens to it forgets, so that it does not grow with the rooms one has been in.
 */

import * as roomList from "./room-list.js";
import * as rooms from "./room.js";
import { current, inRoom, titleOf } from "./state.js";

/** @import { Item } from "./outbox.js" */
/** @import { Summary } from "./protocol.js" */
/** @import { Room, Way } from "./room.js" */
/** @import { Note, State } from "./state.js" */

/** How many rooms are heard beside the one that is shown; the server allows 50 in all. */
export const WATCHED = 40;

/**
 * Another room is shown from now on.
 * @type {(state: State, slug: string) => State}
 */
export function opened(state, slug) {
  if (slug === state.slug) return state;
  const left = inRoom(state, state.slug, rooms.putAside);
  const known = left.rooms.has(slug) ? left.rooms : new Map(left.rooms).set(slug, begun(left, slug));
  // What was said of this room has led here.
  const note = state.note?.slug === slug ? null : state.note;
  return listening(returned({ ...left, slug, rooms: known, note, composing: null, seeking: null }));
}

/**
 * The room that is shown has been opened, or somebody has come back to it: what is new begins here.
 * @type {(state: State) => State}
 */
export function returned(state) {
  const summary = state.list?.rooms.get(state.slug);
  if (!summary) return state;
  const divider = summary.unread ? (summary.read ?? null) : null;
  const missed = summary.unread ?? 0;
  return inRoom(state, state.slug, (room) => ({
    ...(room.hasLater ? rooms.asked(room, {}) : room),
    divider,
    missed,
  }));
}

/**
 * There is no such room, or not for us, maybe because we are banned there. Whoever is in it finds themselves where
 * everybody may be.
 * @type {(state: State, slug: string, why?: Pick<Note, "kind" | "until">) => State}
 */
export function lost(state, slug, why = { kind: /** @type {const} */ ("lost") }) {
  const gone = inRoom(state, slug, ({ enters }) => ({ ...rooms.unknown(slug), enters, isGone: true }));
  const search = state.search && { ...state.search, messages: state.search.messages.filter(({ room }) => room !== slug) };
  const known = { ...gone, search, list: roomList.without(state.list, slug) };
  if (slug !== state.slug) return listening(known);
  const name = titleOf(state, slug) || (slug === state.home && why.kind === "lost" ? "" : slug);
  /** @type {State} */
  const told = name ? { ...known, note: { ...why, name, slug } } : known;
  return opened(told, state.home);
}

/**
 * Listen to what is wanted and to nothing else. Rooms that are not shown are entered one after the other.
 * @type {(state: State) => State}
 */
export function listening(state) {
  const others = othersWanted(state);
  const known = state.list ? withoutOthers(state, others) : state;
  if (known.connection.phase !== "connected") return known;
  const here = inRoom(known, known.slug, (room) => entered(room, "here"));
  const isBusy = [...here.rooms.values()].some((room) => room.slug !== here.slug && room.entering && !room.isIn);
  const next = isBusy ? undefined : [...others].find(([slug, way]) => here.rooms.get(slug)?.way !== way);
  if (!next) return here;
  const [slug, way] = next;
  const room = entered(here.rooms.get(slug) ?? begun(here, slug), way);
  return { ...here, rooms: new Map(here.rooms).set(slug, room) };
}

/** A room as the list has it, before it is listened to. @type {(state: State, slug: string) => Room} */
function begun({ list }, slug) {
  return rooms.described(rooms.unknown(slug), list?.rooms.get(slug) ?? {});
}

/** @type {(room: Room, way: Way) => Room} */
function entered(room, way) {
  return room.way === way || room.isGone ? room : rooms.reentered({ ...room, way });
}

/**
 * How we want to listen to one's own rooms: we stay in those that were shown, or everybody there would hear of
 * each look at another room, and are in those where something of ours is still to be said. Where there are too many,
 * conversations and rooms with something unread come first.
 * @type {(state: State) => Map<string, Way>}
 */
function othersWanted({ list, me, outbox, slug, rooms: known }) {
  const unsaid = new Set(outbox.filter(isUnsaid).map(({ room }) => room));
  /** What is listened to already goes before what is not. @type {(summary: Summary) => number} */
  const rank = ({ room, direct, unread }) => (unsaid.has(room) ? 3 : direct || unread ? 2 : known.has(room) ? 1 : 0);
  const others = [...(list?.rooms.values() ?? [])]
    .filter((summary) => summary.room !== slug && !known.get(summary.room)?.isGone)
    .filter((summary) => unsaid.has(summary.room) || roomList.isOwn(summary, me.role))
    .toSorted((one, other) => rank(other) - rank(one))
    .slice(0, WATCHED);
  /** @type {(slug: string) => Way} */
  const way = (slug) => (unsaid.has(slug) || known.get(slug)?.way === "here" ? "here" : "watch");
  return new Map(others.map(({ room }) => [room, way(room)]));
}

/** @type {(item: Item) => boolean} */
function isUnsaid({ status }) {
  return status !== "failed" && status !== "stored" && status !== "held";
}

/** @type {(state: State, others: Map<string, Way>) => State} */
function withoutOthers(state, others) {
  const left = [...state.rooms].filter(([slug]) => slug === state.slug || others.has(slug));
  return left.length === state.rooms.size ? state : { ...state, rooms: new Map(left) };
}

/**
 * Whether what comes into a room is read at once: somebody looks at it, and at its end.
 * @type {(state: State, slug: string) => boolean}
 */
export function isRead(state, slug) {
  const { isAtEnd, hasLater } = current(state);
  return slug === state.slug && !state.isHidden && isAtEnd && !hasLater;
}
