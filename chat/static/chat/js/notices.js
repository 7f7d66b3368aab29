/** The lines that the server says: of a room, or to us as a moderator's word. What they change (see frames.js). */

import * as outbox from "./outbox.js";
import * as roomList from "./room-list.js";
import * as rooms from "./room.js";
import { inEveryRoom, inRoom, met, titleOf } from "./state.js";

/** @import { Moderated, Notified, Summary } from "./protocol.js" */
/** @import { Item } from "./outbox.js" */
/** @import { Room } from "./room.js" */
/** @import { State, Word } from "./state.js" */

/** How many words of moderators wait to be read at most. */
const WORDS = 20;

/** @type {(state: State, frame: Notified, at: number) => State} */
export function withNotice(state, frame, at) {
  if (isRefusal(state, frame)) {
    return { ...state, farewell: { reason: frame.message, code: frame.code ?? undefined } };
  }
  if (frame.event === "moderation") return withWord(state, frame);
  if (isGranted(state, frame)) return withNotice(withGranted(state, frame), frame, at);
  // What is told of a room that we listen to no longer is news to nobody here.
  if (frame.room && !state.rooms.has(frame.room)) return state;
  const slug = frame.room ?? state.slug;
  const line = withBefore(state, frame, slug);
  const isOwn = (line.event === "join" || line.event === "leave") && line.id === state.me.id;
  const known = line.event === "join" || line.event === "rename" ? met(state, [line]) : state;
  const told = inRoom(known, slug, (room) => {
    const noticed = isOwn && room.hasCome ? rooms.attended(room, line) : rooms.noticed(room, line, at);
    const come = isOwn && !room.hasCome ? { ...noticed, hasCome: true } : noticed;
    return slug === state.slug ? come : rooms.shortened(come);
  });
  return withPace({ ...told, list: roomList.changed(told.list, slug, () => news(told, slug)) }, state, slug);
}

/** Where one waits otherwise than `before`, what waits is asked about anew. @type {(state: State, before: State, slug: string) => State} */
export function withPace(state, before, slug) {
  if (state.rooms.get(slug)?.slow === before.rooms.get(slug)?.slow) return state;
  return { ...state, outbox: outbox.hurried(state.outbox, slug) };
}

/**
 * A moderator has told us something, or has done something to us: in one room, or on the whole site.
 * @type {(state: State, frame: Notified & Moderated) => State}
 */
function withWord(state, { act, until, reason, room: slug }) {
  const word = { act, until, reason, title: slug ? titleOf(state, slug) || slug : "" };
  const told = withWordKept(state, word);
  /** @type {(change: (room: Room) => Room) => State} */
  const inRooms = (change) => (slug ? inRoom(told, slug, change) : inEveryRoom(told, change));
  if (act === "mute") return inRooms((room) => ({ ...room, muted: { until, reason: reason ?? "" } }));
  if (act === "unmute") return inRooms(rooms.unmuted);
  // Which it was is told to who asks.
  return act === "dismiss_held" ? { ...told, outbox: outbox.doubted(told.outbox) } : told;
}

/** @type {(state: State, word: Omit<Word, "key">) => State} */
function withWordKept(state, word) {
  const key = (state.words.at(-1)?.key ?? 0) + 1;
  // What is so no longer need not be read.
  const isOverWith = word.act === "unmute" ? "mute" : word.act === "mute" ? "unmute" : null;
  const others = state.words.filter(({ act, title }) => act !== isOverWith || title !== word.title);
  return { ...state, words: [...others, { ...word, key }].slice(-WORDS) };
}

/**
 * What we had said there was not let through by a moderator. That there was such a thing may have been told before.
 * @type {(state: State, item: Item) => State}
 */
export function withHeldRefused(state, { room, message }) {
  const text = message ?? "";
  const told = state.words.find(({ act, text: known }) => act === "dismiss_held" && known === undefined);
  if (!told) return withWordKept(state, { act: "dismiss_held", title: titleOf(state, room), text });
  return { ...state, words: state.words.map((word) => (word === told ? { ...told, text } : word)) };
}

/**
 * A line that says what is otherwise now, with what is known of before.
 * @type {(state: State, frame: Notified, slug: string) => Notified}
 */
function withBefore({ people, rooms: known }, frame, slug) {
  const room = known.get(slug);
  if (frame.event === "rename") return { ...frame, was: people.get(frame.id) };
  return frame.event === "room" && room ? { ...frame, news: rooms.newsOf(room, frame) } : frame;
}

/**
 * Whether somebody is now what we wished them to be in a room.
 * @type {(state: State, frame: Notified) => boolean}
 */
function isGranted({ wish }, { room, event, color }) {
  return wish?.kind === "member" && room === wish.room && !event && color === "success";
}

/**
 * What was wished for is so. Where the line that says it stands in another room, it is told here.
 * @type {(state: State, frame: Notified) => State}
 */
function withGranted(state, { room: slug, name }) {
  const known = { ...state, wish: null };
  if (!slug || slug === state.slug || !name) return known;
  return { ...known, note: { kind: "invited", name, title: titleOf(state, slug) } };
}

/**
 * What a line of a room changes of it in the list.
 * @type {(state: State, slug: string) => Partial<Summary>}
 */
function news({ rooms: known }, slug) {
  const { online, title, topic, mode } = /** @type {Room} */ (known.get(slug));
  return { ...(online === null ? {} : { online }), ...(title && mode ? { title, topic, mode } : {}) };
}

/**
 * Who is not let in hears why in v1, before there was time to ask for v2.
 * @type {(state: State, frame: Notified) => boolean}
 */
function isRefusal({ connection }, { color, code }) {
  return connection.phase === "connecting" && color === "danger" && Boolean(code);
}
