/**
 * What the page knows: one value, and the one pure function that changes it. Whatever is found by words from
 * outside is in a Map: an object would have a `constructor` before anybody called themselves that.
 */

import * as outbox from "./outbox.js";
import { isTransient } from "./protocol.js";
import * as rooms from "./room.js";

/** What the page knows at first: maybe who we were last time, `{ id, name }`, and the room it shows. */
export function begin(me, slug) {
  return {
    /**
     * outside (no name yet), connecting, connected, doubtful (the network is said to be gone), waiting (`until`
     * the next try, a time of `performance.now`) or stopped (for a reason).
     */
    connection: { phase: "outside" },
    me,
    /** The room that is shown. */
    slug,
    rooms: new Map([[slug, rooms.unknown(slug)]]),
    /** Who was seen: names by id. */
    people: new Map(),
    /** What we asked for and was not acknowledged; see outbox.js. */
    outbox: [],
    /** What the composer is about: `{ kind: "edit" | "reply", id }`, or nothing but a new message. */
    composing: null,
    /** The message that is to be brought into sight. */
    seeking: null,
    /** Why the server is about to close: `{ reason, code }`, where the code of an error may be left out. */
    farewell: null,
    isHidden: false,
    /** Messages that came while nobody was looking. */
    unread: 0,
  };
}

/** The room that is shown. */
export function current(state) {
  return state.rooms.get(state.slug);
}

/** `frame` events are those of the protocol, in their own names; the others are the page's. */
export function reduce(state, event) {
  const { type, frame } = event;
  switch (type) {
    // The connection
    case "connecting":
      return { ...broken(state, outbox.recalled), connection: { phase: "connecting" } };
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
      return {
        ...broken(state, outbox.interrupted),
        connection: { phase: "stopped", reason: "", ...state.farewell },
      };

    // What the server says
    case "welcome":
      return { ...met(state, [frame]), me: { id: frame.id, name: frame.name } };
    case "room":
      return settled(
        inRoom(
          { ...met(state, frame.members), connection: { phase: "connected" } },
          frame.room,
          rooms.entered,
          frame,
        ),
      );
    case "message":
    case "update":
      return withSaid(state, frame);
    case "history":
      return withHistory(state, frame);
    case "position":
      return settled(inRoom(state, frame.room, rooms.positioned, frame));
    case "notification":
      return withNotice(state, frame, event.at);
    case "ack":
      return settled({ ...state, outbox: outbox.acknowledged(state.outbox, frame) });
    case "error":
      return withError(state, frame, event.at);
    case "closing":
      return { ...state, farewell: { reason: frame.reason } };

    // What the person does
    case "post":
      return withPost(state, event);
    case "change":
      return { ...state, outbox: outbox.add(state.outbox, event.change) };
    case "retry":
      return { ...state, outbox: outbox.retried(state.outbox, event.ref) };
    case "discard":
      return { ...state, outbox: outbox.discarded(state.outbox, event.ref) };
    case "compose":
      return { ...state, composing: event.composing };
    case "edit_last":
      return withLastEdited(state);
    case "earlier":
      return withAsked(state, rooms.askedOn, "before");
    case "later":
      return withAsked(state, rooms.askedOn, "after");
    case "latest":
      return current(state).hasLater ? withAsked(state, rooms.asked, {}) : state;
    case "seek":
      return sought(state, event.id);
    case "found":
      return { ...state, seeking: null };
    case "look":
      return inRoom(state, state.slug, (room) => ({ ...room, isAtEnd: event.isAtEnd }));
    case "visibility":
      return { ...state, isHidden: event.isHidden, unread: event.isHidden ? state.unread : 0 };

    // What the page does about it
    case "sent":
      return { ...state, outbox: outbox.sent(state.outbox, event.refs) };
    case "rested":
      return { ...state, outbox: outbox.rested(state.outbox, event.ref) };
    case "adopted":
      return withAdopted(state, event.items);
    case "released":
      return inEveryRoom(state, (room) => rooms.released(room, event.rooms.get(room.slug)));
    default:
      return state;
  }
}

function broken(state, hangUp) {
  return { ...inEveryRoom(state, rooms.broken), outbox: hangUp(state.outbox), farewell: null };
}

function withSaid(state, frame) {
  const before = state.rooms.get(frame.room);
  if (!before) return state;
  const known = heard(
    met(inRoom(state, frame.room, rooms.changed, frame), [{ id: frame.sender_id, name: frame.sender }]),
    frame,
  );
  const news = known.rooms.get(frame.room).newest > before.newest ? [frame] : [];
  return settled(withUnread(withoutDeleted(known, [frame]), news));
}

function withHistory(state, frame) {
  const before = state.rooms.get(frame.room);
  if (!before) return state;
  // Who is here has the name of today; whoever is not, the name of then.
  const authors = frame.messages.map(({ sender_id, sender }) => ({ id: sender_id, name: sender }));
  const strangers = authors.filter(({ id }) => !state.people.has(id));
  const paged = inRoom(met(state, strangers), frame.room, rooms.paged, frame);
  const known = frame.messages.reduce(heard, paged);
  const seeking = before.asking?.around === state.seeking && !isHeld(known, state.seeking);
  // On opening, the whole page is history; after a break, it is what came meanwhile.
  const isBack = before.isAwaited && before.isCaughtUp;
  const news = isBack ? frame.messages.filter(({ id }) => id > before.newest) : [];
  return settled(
    withUnread(
      withoutDeleted({ ...known, seeking: seeking ? null : known.seeking }, frame.messages),
      news,
    ),
  );
}

/** What another tab had asked for; what the room shows already has arrived. */
function withAdopted(state, items) {
  const shown = [...state.rooms.values()].flatMap(({ messages }) => messages);
  return shown.reduce(heard, { ...state, outbox: outbox.adopted(state.outbox, items) });
}

/** Our own words have come back: they need not be sent again. */
function heard(state, { sender_id, ref }) {
  return ref && sender_id === state.me?.id ? { ...state, outbox: outbox.heard(state.outbox, ref) } : state;
}

/** What is stored and shown has no place in the outbox. */
function settled(state) {
  const left = [...state.rooms.values()].reduce(
    (items, { slug, version }) => (version === null ? items : outbox.shown(items, slug, version)),
    state.outbox,
  );
  return left === state.outbox ? state : { ...state, outbox: left };
}

function withUnread(state, frames) {
  if (!state.isHidden) return state;
  const others = frames.filter(({ sender_id, deleted }) => sender_id !== state.me?.id && !deleted);
  return { ...state, unread: state.unread + others.length };
}

/** Nobody edits or answers what is gone. */
function withoutDeleted(state, frames) {
  const isGone = frames.some(({ id, deleted }) => deleted && id === state.composing?.id);
  return isGone ? { ...state, composing: null } : state;
}

function withNotice(state, frame, at) {
  if (isRefusal(state, frame)) return { ...state, farewell: { reason: frame.message, code: frame.code } };
  const known = frame.event === "join" ? met(state, [frame]) : state;
  const slug = state.rooms.has(frame.room) ? frame.room : state.slug;
  return inRoom(known, slug, (room) => rooms.noticed(room, frame, at));
}

/** Who is not let in hears why in v1, before there was time to ask for v2. */
function isRefusal({ connection }, { color, code }) {
  return connection.phase === "connecting" && color === "danger" && Boolean(code);
}

/** A change was refused; what the person cannot see on a message itself is said as a line of the room. */
function withError(state, frame, at) {
  const { ref, message, code } = frame;
  // What has no ref is asked again by itself.
  if (!ref && code === "rate_limited") return state;
  const item = ref ? outbox.find(state.outbox, ref) : undefined;
  if (ref && !item) return state;
  const left = ref ? outbox.refused(state.outbox, frame) : state.outbox;
  const known = ref || isTransient(code) ? { ...state, outbox: left } : withoutPages(state);
  if (item && outbox.find(left, ref)) return known;
  return withNotice(known, { type: "notification", color: "danger", message, code }, at);
}

/** The page that was asked for will not come: as if there were nothing. */
function withoutPages(state) {
  const asked = [...state.rooms.values()].filter(({ sent, isAwaited }) => sent && !isAwaited);
  return asked.reduce((known, { slug }) => withHistory(known, { room: slug, messages: [], more: false }), state);
}

/** Say something new, or change what was said: whatever the composer is about. */
function withPost(state, { ref, message, timestamp, at }) {
  const { composing, slug } = state;
  const target = composing ? { id: composing.id } : {};
  const base = { ref, room: slug, message, at };
  const change =
    composing?.kind === "edit"
      ? { ...base, ...target, type: "edit" }
      : { ...base, type: "message", timestamp, ...(composing && { reply_to: composing.id }) };
  const known = { ...state, composing: null, outbox: outbox.add(state.outbox, change) };
  // What one says stands at the end, and there one wants to be.
  return change.type === "message" ? reduce(known, { type: "latest" }) : known;
}

function withLastEdited(state) {
  const isOwn = ({ sender_id, deleted }) => sender_id === state.me?.id && !deleted;
  const last = current(state).messages.findLast(isOwn);
  return last ? { ...state, composing: { kind: "edit", id: last.id } } : state;
}

function sought(state, id) {
  const asked = isHeld(state, id) ? state : withAsked(state, rooms.asked, { around: id });
  return isHeld(state, id) || asked !== state ? { ...asked, seeking: id } : state;
}

/** Ask for a page, if there is somebody to ask. */
function withAsked(state, ask, where) {
  return state.connection.phase === "connected" ? inRoom(state, state.slug, ask, where) : state;
}

function isHeld(state, id) {
  return rooms.find(current(state), id) !== undefined;
}

function met(state, people) {
  const news = people.filter(({ id, name }) => state.people.get(id) !== name);
  if (news.length === 0) return state;
  return { ...state, people: new Map([...state.people, ...news.map(({ id, name }) => [id, name])]) };
}

function inRoom(state, slug, change, ...details) {
  const room = state.rooms.get(slug);
  const changed = room && change(room, ...details);
  return changed === room ? state : { ...state, rooms: new Map(state.rooms).set(slug, changed) };
}

function inEveryRoom(state, change) {
  return [...state.rooms.keys()].reduce((known, slug) => inRoom(known, slug, change), state);
}
