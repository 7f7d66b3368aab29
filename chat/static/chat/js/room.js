/**
 * One room as the page knows it: a window of its messages, how far its changes have been heard, and what is being
 * asked. Plain rules; reducer.js and frames.js say when each applies. How the page comes to know it is in entering.js.
 */

import { described, isNewBefore, replaced, withDescription } from "./entering.js";
import { brief, put, withPage } from "./message-window.js";
import { quoting } from "./quotations.js";
import * as rosters from "./roster.js";

export * from "./entering.js";

/** @import { Cursor, Description, Notice, Room, Typist, Way, Where } from "./entering.js" */
/** @import { Described, HistoryRead, Message, Mode, Muted, Notified, Pinned, Position } from "./protocol.js" */
/** @import { Right, RoomEntered, Typing } from "./protocol.js" */
/** @import { Roster } from "./roster.js" */

/** How many messages are asked for at a time. */
export const PAGE = 50;
/** How many lines about coming and going stay. */
export const NOTICES = 100;
/** How many messages and lines stay of a room that is not shown. */
export const ASIDE = 50;

/**
 * Another room is shown: of this one its end stays. Who was reading far above begins at the end next time.
 * @type {(room: Room) => Room}
 */
export function putAside(room) {
  const { hasLater } = room;
  const aside = { ...room, isAtEnd: true, asking: null, strays: [], beyond: [], typists: [], divider: undefined };
  return shortened(hasLater ? { ...aside, messages: [], hasLater } : aside);
}

/** A room that is not shown, no larger than it needs to be. @type {(room: Room) => Room} */
export function shortened(room) {
  const { notices, beyond } = room;
  return { ...brief(room, ASIDE), notices: notices.slice(-ASIDE), beyond: beyond.slice(-ASIDE) };
}

/**
 * A message as it now stands. Where one is missing before it, it is not shown: all will be asked for.
 * @type {(room: Room, message: Message) => Room}
 */
export function changed(room, message) {
  if (room.version === null) return room;
  const follows = message.follows ?? message.version - 1;
  if (follows > heardUpTo(room)) return behind(room);
  const version = Math.max(room.version, message.version);
  const known = { ...withPinned(room, message), version };
  // Where there is no page, there is none to add to.
  if (!room.isCaughtUp) return { ...known, newest: Math.max(room.newest, message.id) };
  return withQuoted(put(silent(known, message.sender_id), message), message);
}

/**
 * What answers a message that stands otherwise now quotes it so. What is said for the first time nobody has answered.
 * @type {(room: Room, message: Message) => Room}
 */
function withQuoted(room, message) {
  if (message.type !== "update") return room;
  const [messages, strays] = [quoting(room.messages, [message]), quoting(room.strays, [message])];
  return messages === room.messages && strays === room.strays ? room : { ...room, messages, strays };
}

/**
 * We may speak again, as far as our clock can tell: the server says so where that is not right.
 * @type {(room: Room) => Room}
 */
export function unmuted(room) {
  return room.muted ? { ...room, muted: null, maySpeak: null } : room;
}

/**
 * What is pinned is shown as it now stands. One that is deleted may be restored.
 * @type {(room: Room, message: Message) => Room}
 */
function withPinned(room, { id, sender, message, deleted }) {
  const { pinned } = room;
  if (pinned?.id !== id) return room;
  if (deleted) return { ...room, pinned: { ...pinned, isGone: true } };
  return { ...room, pinned: { id, sender, message: message ?? "" } };
}

/** How far the room has come. @type {(room: Room, frame: Position) => Room} */
export function positioned(room, { epoch, version }) {
  if (room.version === null) return room;
  if (epoch !== room.epoch || version > heardUpTo(room)) return behind(room);
  return version > room.version ? { ...room, version } : room;
}

/**
 * The page that replaces all, or one that we have asked for.
 * @type {(room: Room, page: Pick<HistoryRead, "messages" | "more">) => Room}
 */
export function paged(room, { messages, more }) {
  if (room.isAwaited) return replaced(room, messages, more);
  if (room.sent === null) return room;
  // Nobody waits for this one any more: on to what is wanted now.
  if (room.sent !== room.asking) return { ...room, sent: room.asking };
  return { ...withPage(room, room.sent, messages, more), asking: null, sent: null, strays: [] };
}

/**
 * Ask for a page, once what was asked before is answered: so it is plain which question an answer is to.
 * @type {(room: Room, where: Where) => Room}
 */
export function asked(room, where) {
  return { ...room, asking: where, sent: room.sent ?? where, strays: [] };
}

/**
 * Ask for the page before or after the window, if there is one and nothing else is asked.
 * @type {(room: Room, side: "before" | "after") => Room}
 */
export function askedOn(room, side) {
  const { asking, messages, hasEarlier, hasLater } = room;
  const last = messages.at(-1);
  if (asking || !last) return room;
  if (side === "before" && hasEarlier) return asked(room, { before: messages[0].id });
  if (side === "after" && hasLater) return asked(room, { after: last.id });
  return room;
}

/** Ask for the page in which what is new begins, where we have it not. @type {(room: Room) => Room} */
export function askedAtDivider(room) {
  return isNewBefore(room) ? asked(room, { around: Number(room.divider) }) : room;
}

/**
 * The server could not answer just now: what has no answer since then, as `then` has it, is asked again.
 * @type {(room: Room, then: Room) => Room}
 */
export function released(room, then) {
  const isMissing = room.entering > 0 && room.entering === then.entering;
  const { asking: members } = room.roster;
  const isListing = members && members === then.roster.asking;
  const listing = isListing ? { ...room, roster: { ...room.roster, asking: { ...members } } } : room;
  const known = isMissing ? reentered(listing) : listing;
  if (room.sent === null || room.sent !== then.sent) return known;
  const asking = room.asking && { ...room.asking };
  return { ...known, asking, sent: asking };
}

/**
 * A line of the room. How many came and went is one line until somebody speaks, and so is one complaint.
 * @type {(room: Room, frame: Notified, at: number) => Room}
 */
export function noticed(room, frame, at) {
  const number = room.noticed + 1;
  const before = room.notices.findLast((notice) => notice.after === room.newest && isSame(notice.frame, frame));
  const others = room.notices.filter((notice) => notice !== before);
  const notice = { key: `notice-${number}`, frame, at, after: room.newest };
  const line = before ? { ...notice, key: before.key, frame: summed(before.frame, frame) } : notice;
  const told = frame.event === "room" && frame.room === room.slug ? withDescription(described(room, frame)) : room;
  return {
    ...attended(told, frame),
    noticed: number,
    notices: [...others, line].slice(-NOTICES),
  };
}

/**
 * Who is here after this line, and how many, where nobody need read it.
 * @type {(room: Room, frame: Notified) => Room}
 */
export function attended(room, frame) {
  return {
    ...room,
    roster: rosterAfter(room.roster, frame),
    typists: frame.event === "leave" ? without(room.typists, frame.id) : room.typists,
    online: frame.online ?? room.online,
  };
}

/**
 * What a line says anew of the room: its title, its topic or that it has none, its mode, how slow it is, what is
 * pinned. Nothing where that is known.
 * @type {(room: Room, told: Pick<Notified, "title" | "topic" | "mode"> & Omit<Described, "event">) => string[]}
 */
export function newsOf({ described: before }, { title, topic, mode, slow, pinned }) {
  if (!before?.title || !before.mode) return [];
  return [
    ...(title && title !== before.title ? ["title"] : []),
    ...(typeof topic === "string" && topic !== before.topic ? [topic ? "topic" : "no_topic"] : []),
    ...(mode && mode !== before.mode ? [mode] : []),
    ...(typeof slow === "number" && slow !== before.slow ? [slow ? "slow" : "no_slow"] : []),
    ...(pinned !== undefined && (pinned?.id ?? null) !== before.pinned ? [pinned ? "pinned" : "no_pinned"] : []),
  ];
}

/** Who is here after this line. @type {(roster: Roster, frame: Notified) => Roster} */
function rosterAfter(roster, frame) {
  switch (frame.event) {
    case "join":
    case "rename":
      return rosters.came(roster, frame);
    case "leave":
      return rosters.went(roster, frame.id);
    case "crowd":
      return rosters.blurred(roster);
    default:
      return roster;
  }
}

/** Who is here, as somebody has found out. @type {(room: Room, roster: Roster) => Room} */
export function withRoster(room, roster) {
  return roster === room.roster ? room : { ...room, roster };
}

/** Somebody is writing. @type {(room: Room, frame: Typing) => Room} */
export function typed(room, { id, name }) {
  const turns = room.turns + 1;
  return { ...room, turns, typists: [...without(room.typists, id), { id, name, turn: turns }] };
}

/**
 * Somebody writes no longer: they have said something, or nothing since that turn.
 * @type {(room: Room, id: string, turn?: number) => Room}
 */
export function silent(room, id, turn) {
  const typist = room.typists.find((one) => one.id === id);
  if (!typist || (turn !== undefined && typist.turn !== turn)) return room;
  return { ...room, typists: without(room.typists, id) };
}

/** @type {(typists: Typist[], id: string) => Typist[]} */
function without(typists, id) {
  return typists.filter((typist) => typist.id !== id);
}

/** Whether a line may take the place of another. @type {(before: Notified, frame: Notified) => boolean} */
function isSame(before, frame) {
  if (frame.event === "crowd") return before.event === "crowd";
  return frame.color === "danger" && before.color === "danger" && before.message === frame.message;
}

/** @type {(before: Notified, frame: Notified) => Notified} */
function summed(before, frame) {
  if (frame.event !== "crowd" || before.event !== "crowd") return frame;
  return { ...frame, came: before.came + frame.came, went: before.went + frame.went };
}

/** Something is missing: one question about it is enough. @type {(room: Room) => Room} */
function behind(room) {
  return room.entering ? room : reentered(room);
}

/** Ask to listen, and for what was missed. @type {(room: Room) => Room} */
export function reentered(room) {
  return { ...room, enters: room.enters + 1, entering: room.entering + 1 };
}

/** Everything up to here has been heard, or is just being told. @type {(room: Room) => number} */
function heardUpTo({ version, goal }) {
  return Math.max(version ?? 0, goal);
}

