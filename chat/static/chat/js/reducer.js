/** How the page comes to know what it knows: one pure function, from a state and an event to the next state. */

import * as finding from "./finding.js";
import { heard } from "./frames.js";
import { opened } from "./listening.js";
import * as moderation from "./moderation.js";
import * as outbox from "./outbox.js";
import { SIGN_IN_REQUIRED } from "./protocol.js";
import * as rooms from "./room.js";
import * as rosters from "./roster.js";
import { arrived } from "./settling.js";
import { authorOf, authorsOf, current, EMPTY_DESK, inEveryRoom, inRoom, isKnownUser, isOwn } from "./state.js";
import { isShutOut, withAsked } from "./state.js";
import { allDiscarded, allRetried } from "./unsent.js";

/** @import { Act, Place } from "./moderation.js" */
/** @import { Change, Item } from "./outbox.js" */
/** @import { Frame, Muted } from "./protocol.js" */
/** @import { Room } from "./room.js" */
/** @import { Composing, Farewell, State, Wish, Word } from "./state.js" */

/**
 * What happens: a frame of the server has come, or something on the page. Times are those of `Date.now`, save
 * `until`, which is of `performance.now`.
 * @typedef {(
 *   | { type: "frame", frame: Frame, at: number }
 *   | { type: "connecting" | "doubtful" | "trusted" | "revealed" | "noted" | "unreachable" | "search_on" }
 *   | { type: "copied", what: "link" | "words" }
 *   | { type: "stopped", code?: string }
 *   | { type: "waiting", until: number }
 *   | Posted
 *   | { type: "change", change: Change }
 *   | { type: "retry" | "discard" | "rested", ref: string }
 *   | { type: "retry_all" | "discard_all" }
 *   | { type: "compose", composing: Composing | null }
 *   | { type: "edit_last" | "earlier" | "later" | "latest" | "first_new" }
 *   | { type: "seek", id: number }
 *   | { type: "aim", slug: string, id: number }
 *   | { type: "jump", at: string }
 *   | { type: "search", q: string, room: string | null }
 *   | { type: "open", slug: string }
 *   | { type: "rename" | "named", name: string }
 *   | { type: "wish", wish: Wish }
 *   | { type: "cancel", what: "renaming" | "wish" }
 *   | { type: "act", acts: Act[] }
 *   | { type: "acted", place: Place }
 *   | { type: "queue", isAnew: boolean }
 *   | { type: "people", isOpened: boolean }
 *   | { type: "read", slug: string, id: number }
 *   | { type: "unmuted", slug: string, muted: Muted }
 *   | { type: "word_read", key: number }
 *   | { type: "revise", ref: string }
 *   | { type: "silent", slug: string, id: string, turn: number }
 *   | { type: "look", isAtEnd: boolean }
 *   | { type: "visibility", isHidden: boolean }
 *   | { type: "sent", refs: string[] }
 *   | { type: "adopted", items: unknown[], at: number }
 *   | { type: "recalled", reported: Set<number>, words: Word[] }
 *   | { type: "released", rooms: Map<string, Room> }
 * )} PageEvent
 */

/** @typedef {{ type: "post", ref: string, message: string, timestamp: string, at: number }} Posted */

/** @type {(state: State, event: PageEvent) => State} */
export function reduce(state, event) {
  return finding.onTheWay(after(state, event));
}

/** @type {(state: State, event: PageEvent) => State} */
function after(state, event) {
  switch (event.type) {
    // The connection
    case "connecting":
      return { ...broken(state, (items) => outbox.doubted(outbox.recalled(items))), connection: { phase: "connecting" } };
    case "waiting":
      return {
        ...broken(state, outbox.interrupted),
        connection: { phase: "waiting", until: event.until },
      };
    case "doubtful":
      return state.connection.phase === "connected" ? { ...state, connection: { phase: "doubtful" } } : state;
    case "trusted":
      return state.connection.phase === "doubtful" ? { ...state, connection: { phase: "connected" } } : state;
    case "stopped":
      return withStopped(state, { reason: "", code: event.code, ...state.farewell });
    case "frame":
      return heard(state, event.frame, event.at);

    // What the person does
    case "post":
      return withPost(state, event);
    case "change":
      return { ...state, outbox: outbox.add(state.outbox, { ...event.change, author: authorOf(state.me) }) };
    case "retry":
      return { ...state, outbox: outbox.retried(state.outbox, event.ref, authorOf(state.me)) };
    case "discard":
      return { ...state, outbox: outbox.discarded(state.outbox, event.ref) };
    case "retry_all":
      return { ...state, outbox: allRetried(state.outbox, authorOf(state.me)) };
    case "discard_all":
      return { ...state, outbox: allDiscarded(state.outbox) };
    case "compose":
      return { ...state, composing: event.composing };
    case "edit_last":
      return withLastEdited(state);
    case "earlier":
      return withAsked(state, (room) => rooms.askedOn(room, "before"));
    case "later":
      return withAsked(state, (room) => rooms.askedOn(room, "after"));
    case "latest":
      return current(state).hasLater ? withAsked(state, (room) => rooms.asked(room, {})) : state;
    case "first_new":
      return withAsked(state, rooms.askedAtDivider);
    case "seek":
      return finding.sought(state, event.id);
    case "aim":
      return finding.aimedAt(state, event.slug, event.id);
    case "jump":
      return withAsked(state, (room) => rooms.asked(room, { at: event.at }));
    case "search":
      return finding.searched(state, event.q, event.room);
    case "search_on":
      return finding.searchedOn(state);
    case "copied":
      return { ...state, note: { kind: event.what, name: "" } };
    case "revealed":
      return { ...state, seeking: null };
    case "look":
      return inRoom(state, state.slug, (room) => ({ ...room, isAtEnd: event.isAtEnd }));
    case "visibility":
      return withVisibility(state, event.isHidden);
    case "open":
      return opened(state, event.slug);
    case "named":
      return { ...state, me: { ...state.me, name: event.name } };
    case "rename":
      return { ...state, renaming: { name: event.name, error: null } };
    case "wish":
      return withWish(state, event.wish);
    case "cancel":
      return withCancelled(state, event.what);
    case "act":
      return moderation.begun(state, event.acts);
    case "acted":
      return moderation.dismissed(state, event.place);
    case "queue":
      return moderation.askedFor(state, event.isAnew);
    case "revise":
      return withRevised(state, event.ref);
    case "word_read":
      return { ...state, words: state.words.filter(({ key }) => key !== event.key) };
    case "unreachable":
      return { ...state, note: { kind: "offline", name: "" } };
    case "noted":
      return { ...state, note: null };
    case "people":
      return withAsked(state, (room) => rooms.withRoster(room, rosters.asked(room.roster, event.isOpened)));

    // What the page does about it
    case "read":
      return heard(state, { type: "read", room: event.slug, id: event.id }, 0);
    case "silent":
      return inRoom(state, event.slug, (room) => rooms.silent(room, event.id, event.turn));
    case "unmuted":
      return inRoom(state, event.slug, (room) => (room.muted === event.muted ? rooms.unmuted(room) : room));
    case "sent":
      return { ...state, outbox: outbox.sent(state.outbox, event.refs) };
    case "rested":
      return { ...state, outbox: outbox.rested(state.outbox, event.ref) };
    case "adopted":
      return withAdopted(state, event.items, event.at);
    case "recalled":
      return { ...state, reported: event.reported, words: event.words };
    case "released":
      return inEveryRoom(state, (room) => withReleased(room, event.rooms.get(room.slug)));
  }
}

/** @type {(room: Room, then: Room | undefined) => Room} */
function withReleased(room, then) {
  return then ? rooms.released(room, then) : room;
}

/** @type {(state: State, hangUp: (outbox: Item[]) => Item[]) => State} */
function broken(state, hangUp) {
  const unasked = { ...finding.refused(withoutWish(state), { message: "" }), farewell: null, renaming: null };
  const known = moderation.interrupted(inEveryRoom(unasked, rooms.broken));
  return { ...known, outbox: hangUp(state.outbox) };
}

/**
 * There is no way in. Who was a user, and may not be here as a guest, sees nothing more.
 * @type {(state: State, why: Farewell) => State}
 */
function withStopped(state, why) {
  const isOver = isKnownUser(state) && why.code === SIGN_IN_REQUIRED.error;
  const known = broken(state, outbox.interrupted);
  /** @type {State} */
  const stopped = { ...known, connection: { phase: "stopped", ...why }, isOver: state.isOver || isOver };
  return isShutOut(stopped) ? forgotten(stopped) : stopped;
}

/** Nothing of what was said is known any more. @type {(state: State) => State} */
function forgotten(state) {
  const { slug } = state;
  const nothing = { list: null, desk: EMPTY_DESK, composing: null, aim: null, search: null, seeking: null, note: null };
  return { ...state, ...nothing, rooms: new Map([[slug, rooms.unknown(slug)]]), people: new Map() };
}

/**
 * What was wished for is not awaited any more, since there is nobody to ask: the person is told, and may wish again.
 * @type {(state: State) => State}
 */
function withoutWish(state) {
  const { wish } = state;
  if (wish === null) return state;
  if (wish.kind === "create") return { ...state, wish: { ...wish, error: "" } };
  if (wish.kind === "deed") return wish.isDone ? state : { ...state, wish: { ...wish, error: "" } };
  return { ...state, wish: null, note: { kind: "offline", name: "" } };
}

/**
 * The dialog in which something was asked for is closed. Whatever is answered yet is not awaited.
 * @type {(state: State, what: "renaming" | "wish") => State}
 */
function withCancelled(state, what) {
  if (what === "renaming") return state.renaming ? { ...state, renaming: null } : state;
  const { wish } = state;
  return wish?.kind === "create" || wish?.kind === "deed" ? { ...state, wish: null } : state;
}

/** A conversation that there is already need not be wished for. @type {(state: State, wish: Wish) => State} */
function withWish(state, wish) {
  const summaries = [...(state.list?.rooms.values() ?? [])];
  const known = wish.kind === "direct" && summaries.find(({ direct }) => direct?.id === wish.id);
  if (known) return opened(state, known.room);
  const wished = { ...state, wish, note: state.note?.kind === "offline" ? null : state.note };
  return state.connection.phase === "connected" ? wished : withoutWish(wished);
}

/**
 * The page is looked at, or no longer. What comes meanwhile is new to whoever comes back; where nothing has come,
 * nothing is.
 * @type {(state: State, isHidden: boolean) => State}
 */
function withVisibility(state, isHidden) {
  const known = { ...state, isHidden, unread: isHidden ? state.unread : 0 };
  if (isHidden === state.isHidden) return known;
  const { isAtEnd, newest, divider } = current(state);
  // Where what is new begins is not known yet, or stays where it is.
  if (isHidden && (!isAtEnd || divider === undefined)) return known;
  if (!isHidden && divider !== newest) return known;
  return inRoom(known, known.slug, (room) => ({ ...room, divider: (isHidden && newest) || null, missed: 0 }));
}

/**
 * Say something new, or change what was said: whatever the composer is about.
 * @type {(state: State, posted: Posted) => State}
 */
function withPost(state, { ref, message, timestamp, at }) {
  const { composing, slug } = state;
  const base = { ref, room: slug, message, at, author: authorOf(state.me) };
  const known = { ...state, composing: null };
  if (composing?.kind === "edit") {
    return { ...known, outbox: outbox.add(state.outbox, { ...base, type: "edit", id: composing.id }) };
  }
  const answer = composing && { reply_to: composing.id };
  const said = outbox.add(state.outbox, { ...base, type: "message", timestamp, ...answer });
  // What one says stands at the end, and there one wants to be.
  return reduce({ ...known, outbox: said }, { type: "latest" });
}

/**
 * What was not let through is to be put otherwise: an edit as one of the same message.
 * @type {(state: State, ref: string) => State}
 */
function withRevised(state, ref) {
  const item = outbox.find(state.outbox, ref);
  const left = { ...state, outbox: outbox.discarded(state.outbox, ref) };
  if (item?.type === "edit" && item.id !== undefined) return { ...left, composing: { kind: "edit", id: item.id } };
  const original = item?.reply_to;
  return { ...left, composing: original === undefined ? null : { kind: "reply", id: original } };
}

/** @type {(state: State) => State} */
function withLastEdited(state) {
  const last = current(state).messages.findLast((message) => isOwn(state, message) && !message.deleted);
  return last ? { ...state, composing: { kind: "edit", id: last.id } } : state;
}

/**
 * What another tab had asked for; what the room shows already has arrived.
 * @type {(state: State, items: unknown[], at: number) => State}
 */
function withAdopted(state, items, at) {
  const messages = [...state.rooms.values()].flatMap((room) => room.messages);
  const adopted = outbox.adopted(state.outbox, items, at);
  return messages.reduce(arrived, { ...state, outbox: outbox.owned(adopted, authorsOf(state.me)) });
}
