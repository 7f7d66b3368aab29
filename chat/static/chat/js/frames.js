/** What the frames of the server make of what the page knows. The first half of reducer.js. */

import * as finding from "./finding.js";
import { isRead, listening, lost, opened, returned } from "./listening.js";
import * as moderation from "./moderation.js";
import { withNotice, withPace } from "./notices.js";
import * as opening from "./opening.js";
import * as outbox from "./outbox.js";
import * as protocol from "./protocol.js";
import { isDeed, withDeedDone, withError } from "./refusals.js";
import * as roomList from "./room-list.js";
import * as rooms from "./room.js";
import * as rosters from "./roster.js";
import { withHistory, withSaid } from "./said.js";
import { settled } from "./settling.js";
import { authorsOf, current, inEveryRoom, inRoom, isOwn, isToUs, met } from "./state.js";

/** @import { Acknowledged, Closing, Frame, MembersListed, Message } from "./protocol.js" */
/** @import { ReadMarked, RoomEntered, RoomsListed, Welcomed } from "./protocol.js" */
/** @import { Room } from "./room.js" */
/** @import { RoomList } from "./room-list.js" */
/** @import { Farewell, Note, State } from "./state.js" */

/**
 * The state once this frame has come, at this time.
 * @type {(state: State, frame: Frame, at: number) => State}
 */
export function heard(state, frame, at) {
  switch (frame.type) {
    case "request_name":
      return opening.withNameRequested(state, frame);
    case "welcome":
      return opening.withClock(withWelcome(state, frame), frame, at);
    case "room":
      return withRoom(state, frame);
    case "message":
    case "update":
      return withSaid(state, frame);
    case "history":
      return withHistory(state, frame);
    case "found":
      return finding.answered(state, frame);
    case "position":
      return settled(inRoom(state, frame.room, (room) => rooms.positioned(room, frame)));
    case "notification":
      return withNotice(state, frame, at);
    case "ack":
      if (moderation.find(state.desk, frame.ref)) return moderation.done(state, frame.ref);
      return isDeed(state, frame.ref) ? withDeedDone(state) : withAcknowledged(state, frame, at);
    case "error":
      return withError(state, frame, at);
    case "closing":
      return { ...state, farewell: farewell(frame, at) };
    case "rooms":
      return withRooms(state, frame);
    case "left":
      return lost(state, frame.room);
    case "members":
      return withMembers(state, frame);
    case "typing":
      return frame.id === state.me.id ? state : inRoom(state, frame.room, (room) => rooms.typed(room, frame));
    case "read":
      return withRead(state, frame);
    case "queue":
      return { ...state, desk: moderation.listed(state.desk, frame) };
    case "waiting":
      return { ...state, desk: { ...state.desk, count: frame.count } };
    case "pong":
      return opening.withClock(state, frame, at);
  }
}

/**
 * Who we are now, or are called from now on. What is unsent belongs to who wrote it.
 * @type {(state: State, frame: Welcomed) => State}
 */
function withWelcome(state, frame) {
  const known = opening.withWelcome(state, frame);
  const { id, name, name_was } = frame;
  if (id === "") return known;
  const isGiven = !name_was && name !== state.me.name;
  return {
    ...known,
    words: [id, ""].includes(state.me.id) ? state.words : [],
    note: isGiven && isOfName(known.note) ? null : known.note,
    renaming: name_was ? state.renaming : null,
    outbox: outbox.owned(state.outbox, authorsOf(known.me)),
  };
}

/** @type {(note: Note | null) => boolean} */
function isOfName(note) {
  return note?.kind === "taken" || note?.kind === "reserved";
}

/**
 * Why the server closes, and before when it does not let us in.
 * @type {(frame: Closing, at: number) => Farewell}
 */
function farewell({ code, reason, retry_after }, at) {
  const outside = [protocol.SIGN_IN_REQUIRED, protocol.BANNED, protocol.KICKED];
  const why = outside.find(({ close }) => close === code);
  if (!why) return { reason };
  return { reason, code: why.error, ...(retry_after ? { notBefore: at + retry_after * 1000 } : {}) };
}

/**
 * The rooms that we may enter. What is unread in each the server has counted, save where we are just reading.
 * @type {(state: State, frame: RoomsListed) => State}
 */
function withRooms(state, frame) {
  const isFirst = current(state).divider === undefined;
  const told = roomList.listed(frame, state.list);
  const known = inEveryRoom({ ...state, list: told }, (room) => {
    const summary = told.rooms.get(room.slug);
    if (!summary) return room;
    return { ...rooms.described(room, summary), may: summary.may ?? [], isGone: false };
  });
  const here = withNews(moderation.resigned(isFirst ? returned(known) : known), state.list);
  const list = isRead(here, state.slug) ? roomList.changed(told, state.slug, readAll) : told;
  const [first] = told.rooms.keys();
  // Whoever was sent out of the last room that they knew is where they may be.
  return current(here).isGone && first ? opened({ ...here, list }, first) : listening({ ...here, list });
}

/**
 * Who belongs to another room now is told so, unless they are there already. What was said of a room that is there
 * again is not so any more.
 * @type {(state: State, before: RoomList | null) => State}
 */
function withNews(state, before) {
  const list = /** @type {RoomList} */ (state.list);
  const joined = roomList.joined(list, before);
  if (joined && joined.room !== state.slug) {
    return { ...state, note: { kind: "member", name: joined.title, slug: joined.room } };
  }
  const { note } = state;
  const isOfRoom = note && ["lost", "banned", "out"].includes(note.kind);
  return isOfRoom && list.rooms.has(note.slug ?? "") ? { ...state, note: null } : state;
}

/** @type {(summary: protocol.Summary) => Partial<protocol.Summary>} */
function readAll({ unread, mentions }) {
  return unread || mentions ? { unread: 0, mentions: 0 } : {};
}

/** What we have said is stored: in a slow room we wait from now on. @type {(state: State, frame: Acknowledged, at: number) => State} */
function withAcknowledged(state, frame, at) {
  const item = outbox.find(state.outbox, frame.ref);
  const known = { ...state, outbox: outbox.acknowledged(state.outbox, frame) };
  if (item?.type !== "message") return listening(settled(known));
  const said = inRoom(known, item.room, (room) => (room.slow ? { ...room, slowUntil: at + room.slow * 1000 } : room));
  return listening(settled(said));
}

/** @type {(state: State, frame: MembersListed) => State} */
function withMembers(state, frame) {
  const known = met(state, frame.members);
  return inRoom(known, frame.room, (room) => rooms.withRoster(room, rosters.listed(room.roster, frame)));
}

/**
 * We have read so far, maybe elsewhere.
 * @type {(state: State, frame: ReadMarked) => State}
 */
function withRead(state, { room: slug, id }) {
  const room = state.rooms.get(slug);
  const later = room?.messages.filter((message) => message.id > id && !isOwn(state, message) && !message.deleted);
  // What is beyond the messages that we have nobody can count here.
  const isKnown = room && (!room.hasEarlier || Number(room.messages[0]?.id) <= id);
  const toUs = later?.filter((message) => isToUs(state, message));
  /** @type {(left: Message[] | undefined, count?: number | null) => number | null | undefined} */
  const atMost = (left, count) => (left && typeof count === "number" ? Math.min(left.length, count) : count);
  const list = roomList.changed(state.list, slug, ({ read, unread, mentions }) => ({
    read: Math.max(read ?? 0, id),
    ...(isKnown && (read ?? 0) < id ? { unread: atMost(later, unread ?? 0), mentions: atMost(toUs, mentions) } : {}),
  }));
  // Where it was read for the first time, the room is one's own from now on.
  return listening({ ...state, list });
}

/** @type {(state: State, frame: RoomEntered) => State} */
function withRoom(state, frame) {
  const expected = isWished(state, frame) ? withWished(state, frame) : state;
  const known = withPace(opening.withRoom(expected, frame), state, frame.room);
  const { online, speak } = frame;
  const told = roomList.changed(known.list, frame.room, () => ({ online, ...((speak ?? null) === null ? {} : { speak }) }));
  // What it comes with otherwise shows what was missed.
  const isWatched = known.rooms.get(frame.room)?.way === "watch" && !frame.recovered;
  const list = isWatched ? roomList.listened(told, frame.room, frame.version) : told;
  const here = settled({ ...known, list });
  return expected === state ? listening(here) : opened(here, frame.room);
}

/**
 * Whether this is the room that we have wished for: it comes without our having entered it.
 * @type {(state: State, frame: RoomEntered) => boolean}
 */
function isWished({ wish, rooms: known, list }, { room, title }) {
  if (!wish || wish.error !== undefined) return false;
  if (wish.kind === "create") return !known.has(room) || title === wish.title;
  if (wish.kind !== "direct") return false;
  return !known.has(room) || list?.rooms.get(room)?.direct?.id === wish.id;
}

/** @type {(state: State, frame: RoomEntered) => State} */
function withWished(state, { room: slug }) {
  /** @type {Room} */
  const room = state.rooms.get(slug) ?? { ...rooms.unknown(slug), way: "here" };
  return { ...state, wish: null, rooms: new Map(state.rooms).set(slug, room) };
}
