/** What the frames of the server make of what the page knows. The first half of reducer.js. */

import * as outbox from "./outbox.js";
import { isTransient, RATE_LIMITED } from "./protocol.js";
import * as rooms from "./room.js";
import { arrived, inRoom, isOwn, met, settled, shown } from "./state.js";

/** @import { Frame, HistoryRead, Message, Notified, Refused, RoomEntered } from "./protocol.js" */
/** @import { State } from "./state.js" */

/**
 * The state once this frame has come, at this time.
 * @type {(state: State, frame: Frame, at: number) => State}
 */
export function heard(state, frame, at) {
  switch (frame.type) {
    case "welcome":
      return { ...met(state, [frame]), me: { id: frame.id, name: frame.name } };
    case "room":
      return withRoom(state, frame);
    case "message":
    case "update":
      return withSaid(state, frame);
    case "history":
      return withHistory(state, frame);
    case "position":
      return settled(inRoom(state, frame.room, (room) => rooms.positioned(room, frame)));
    case "notification":
      return withNotice(state, frame, at);
    case "ack":
      return settled({ ...state, outbox: outbox.acknowledged(state.outbox, frame) });
    case "error":
      return withError(state, frame, at);
    case "closing":
      return { ...state, farewell: { reason: frame.reason } };
    case "request_name":
    case "left":
    case "pong":
      return state;
  }
}

/** @type {(state: State, frame: RoomEntered) => State} */
function withRoom(state, frame) {
  const known = inRoom(met(state, frame.members), frame.room, (room) => rooms.entered(room, frame));
  return settled({ ...known, connection: { phase: "connected" } });
}

/** @type {(state: State, frame: Message) => State} */
function withSaid(state, frame) {
  const before = state.rooms.get(frame.room);
  if (!before) return state;
  const changed = inRoom(state, frame.room, (room) => rooms.changed(room, frame));
  const known = arrived(met(changed, [{ id: frame.sender_id, name: frame.sender }]), frame);
  const isNews = newest(known, frame.room) > before.newest;
  return settled(withUnread(withoutDeleted(known, [frame]), isNews ? [frame] : []));
}

/** @type {(state: State, frame: Pick<HistoryRead, "room" | "messages" | "more">) => State} */
function withHistory(state, frame) {
  const before = state.rooms.get(frame.room);
  if (!before) return state;
  // Who is here has the name of today; whoever is not, the name of then.
  const authors = frame.messages.map(({ sender_id, sender }) => ({ id: sender_id, name: sender }));
  const strangers = authors.filter(({ id }) => !state.people.has(id));
  const paged = inRoom(met(state, strangers), frame.room, (room) => rooms.paged(room, frame));
  const known = frame.messages.reduce(arrived, paged);
  const isLost = before.asking?.around === state.seeking && !shown(known, state.seeking);
  // On opening, the whole page is history; after a break, it is what came meanwhile.
  const isBack = before.isAwaited && before.isCaughtUp;
  const news = isBack ? frame.messages.filter(({ id }) => id > before.newest) : [];
  const told = withoutDeleted({ ...known, seeking: isLost ? null : known.seeking }, frame.messages);
  return settled(withUnread(told, news));
}

/** @type {(state: State, slug: string) => number} */
function newest(state, slug) {
  return state.rooms.get(slug)?.newest ?? 0;
}

/** @type {(state: State, messages: Message[]) => State} */
function withUnread(state, messages) {
  if (!state.isHidden) return state;
  const others = messages.filter((message) => !isOwn(state, message) && !message.deleted);
  return { ...state, unread: state.unread + others.length };
}

/**
 * Nobody edits or answers what is gone.
 * @type {(state: State, messages: Message[]) => State}
 */
function withoutDeleted(state, messages) {
  const isGone = messages.some(({ id, deleted }) => deleted && id === state.composing?.id);
  return isGone ? { ...state, composing: null } : state;
}

/** @type {(state: State, frame: Notified, at: number) => State} */
function withNotice(state, frame, at) {
  if (isRefusal(state, frame)) {
    return { ...state, farewell: { reason: frame.message, code: frame.code ?? undefined } };
  }
  const known = frame.event === "join" ? met(state, [frame]) : state;
  const slug = frame.room && state.rooms.has(frame.room) ? frame.room : state.slug;
  return inRoom(known, slug, (room) => rooms.noticed(room, frame, at));
}

/**
 * Who is not let in hears why in v1, before there was time to ask for v2.
 * @type {(state: State, frame: Notified) => boolean}
 */
function isRefusal({ connection }, { color, code }) {
  return connection.phase === "connecting" && color === "danger" && Boolean(code);
}

/**
 * A change was refused; what the person cannot see on a message itself is said as a line of the room.
 * @type {(state: State, frame: Refused, at: number) => State}
 */
function withError(state, frame, at) {
  const { ref, message, code } = frame;
  // What has no ref is asked again by itself.
  if (!ref && code === RATE_LIMITED) return state;
  const item = ref ? outbox.find(state.outbox, ref) : undefined;
  if (ref && !item) return state;
  const left = ref ? outbox.refused(state.outbox, frame) : state.outbox;
  const known = ref || isTransient(code) ? { ...state, outbox: left } : withoutPages(state);
  if (ref && outbox.find(left, ref)) return known;
  return withNotice(known, { type: "notification", color: "danger", message, code }, at);
}

/**
 * The page that was asked for will not come: as if there were nothing.
 * @type {(state: State) => State}
 */
function withoutPages(state) {
  const asked = [...state.rooms.values()].filter(({ sent, isAwaited }) => sent && !isAwaited);
  const nothing = { messages: [], more: false };
  return asked.reduce((known, { slug }) => withHistory(known, { ...nothing, room: slug }), state);
}
