/**
 * One room as the page knows it: a window of its messages, how far its changes have been heard, and what is being
 * asked. Plain rules; reducer.js and frames.js say when each applies.
 */

import { brief, put, withPage } from "./message-window.js";
import { quoting } from "./quotations.js";
import * as rosters from "./roster.js";

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
 * `version` is the last one heard, so that nothing up to it is missing; `goal` is how far the frames that
 * follow a `room` frame bring us, up to where versions may be left out.
 *
 * `messages` are the window: each as it now stands, in the order of their ids and without holes; the oldest
 * and the newest may be somewhere else. What came after it is `beyond`. `strays` have changed outside of it
 * while a page was on its way, which may be too old to know.
 *
 * `way` is how we have asked to listen on this connection, and it `isIn` once that was answered.
 * `enters` counts how often we have asked to listen, or to hear what we missed, and `entering` how often that
 * was since the last answer. `asking` is the page that is wanted, `sent` the one that was asked for and is to
 * come: maybe one that was wanted before, which goes first.
 * @typedef {object} Room
 * @property {string} slug
 * @property {string | null} title as the server has told it
 * @property {string} topic
 * @property {Mode | null} mode
 * @property {boolean | null} maySpeak as the server has told it last
 * @property {number} slow for how many seconds one waits between two messages
 * @property {(Pinned & { isGone?: boolean }) | null} pinned the message that is shown above all others, unless it is
 *   deleted
 * @property {Muted | null} muted that we may say nothing just now
 * @property {number} slowUntil when we may say something again there
 * @property {Right[]} may what we may do here as a moderator
 * @property {Description | null} described as it was when we came, and the lines of the room say since: the list of
 *   rooms may know of a change before they do
 * @property {boolean} isGone whether the server knows no such room, or not for us
 * @property {boolean} needsName whether we may not read it before we have given a name
 * @property {Way | null} way
 * @property {boolean} isIn
 * @property {string | null} epoch
 * @property {number | null} version
 * @property {number} goal
 * @property {Message[]} messages
 * @property {boolean} hasEarlier
 * @property {boolean} hasLater
 * @property {Message[]} beyond
 * @property {Message[]} strays
 * @property {number} newest the newest message there is, as far as we know
 * @property {Notice[]} notices
 * @property {boolean} hasCome whether we have read that we came: what the line does to us later is no news
 * @property {number} noticed how many notices there have been
 * @property {number | null} online
 * @property {Roster} roster
 * @property {Typist[]} typists who is writing, the latest last
 * @property {number} turns how often anybody has said that they write
 * @property {number | null} [divider] the message that was read last when the room was opened; null for none
 * @property {number} missed how many messages were unread then
 * @property {boolean} isCaughtUp whether what we know is all there is to know
 * @property {boolean} isAwaited whether the next page replaces all we have
 * @property {number} enters
 * @property {number} entering
 * @property {Where | null} asking
 * @property {Where | null} sent
 * @property {boolean} isAtEnd whether the reader stands at the end
 */

/**
 * @typedef {{ title: string | null, topic: string, mode: Mode | null, slow: number, pinned: number | null }} Description
 */
/** To be in a room, or to hear what is said there without being in it. @typedef {"here" | "watch"} Way */
/**
 * Somebody who writes; no other has the `turn` at which they said so last, nor have they had it before.
 * @typedef {{ id: string, name: string, turn: number }} Typist
 */
/**
 * A line of the room, and the message it stands after.
 * @typedef {{ key: string, frame: Notified, at: number, after: number }} Notice
 */
/**
 * Which page: before, after or around a message, from a moment on, or the latest.
 * @typedef {{ before?: number, after?: number, around?: number, at?: string }} Where
 */
/**
 * How far we have read a room; nothing where that is unknown.
 * @typedef {{ epoch?: string | null, after?: number }} Cursor
 */

/** What is left of a room whose page we have not, or no longer. */
const FORGOTTEN = {
  messages: [],
  hasEarlier: false,
  hasLater: false,
  beyond: [],
  notices: [],
  isCaughtUp: false,
  isAwaited: false,
};

/** @type {(slug: string) => Room} */
export function unknown(slug) {
  return {
    slug,
    title: null,
    topic: "",
    mode: null,
    maySpeak: null,
    slow: 0,
    pinned: null,
    muted: null,
    slowUntil: 0,
    may: [],
    described: null,
    isGone: false,
    needsName: false,
    way: null,
    isIn: false,
    epoch: null,
    version: null,
    goal: 0,
    messages: [],
    hasEarlier: false,
    hasLater: false,
    beyond: [],
    newest: 0,
    notices: [],
    hasCome: false,
    noticed: 0,
    online: null,
    roster: rosters.NOBODY,
    typists: [],
    turns: 0,
    missed: 0,
    isCaughtUp: false,
    isAwaited: false,
    enters: 0,
    entering: 0,
    asking: null,
    sent: null,
    strays: [],
    isAtEnd: true,
  };
}

/**
 * How far we have read, for the server to go on from there. Of a room that was only ever watched there is nothing
 * to go on from.
 * @type {(room: Room) => Cursor}
 */
export function cursor({ epoch, version, isCaughtUp }) {
  return version === null || !isCaughtUp ? {} : { epoch, after: version };
}

/** The handshake enters it. @type {(room: Room) => Room} */
export function expected(room) {
  return { ...room, way: "here" };
}

/** The connection is gone, and with it everything that was asked on it. @type {(room: Room) => Room} */
export function broken(room) {
  const unasked = { isAwaited: false, entering: 0, asking: null, sent: null, strays: [] };
  const roster = rosters.unanswered(room.roster);
  return { ...room, ...unasked, roster, needsName: false, way: null, isIn: false, typists: [] };
}

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
 * What follows is either what we missed, or a page that replaces what we have; but none for who only watches.
 * @type {(room: Room, frame: RoomEntered) => Room}
 */
export function entered(room, { title, topic, mode, speak, epoch, version, recovered, members, online, ...more }) {
  const { slow, pinned = null, muted = null, may } = more;
  const told = described(room, { title, topic, mode, speak, slow, pinned });
  const known = { ...told, muted, may: may ?? [] };
  const here = { way: room.way ?? "here", isIn: true, isGone: false, needsName: false, roster: rosters.begun(members, online) };
  const found = { ...withDescription(known), ...here, epoch, online, goal: version, entering: 0 };
  if (recovered) return { ...found, isCaughtUp: true };
  if (found.way === "watch") return { ...found, ...FORGOTTEN, version };
  // Of this epoch we have heard nothing before the page has come.
  return { ...found, version: null, isAwaited: true };
}

/**
 * What the server says of a room; what it leaves out is as it was.
 * @type {(room: Room, told: Partial<Pick<RoomEntered, "title" | "topic" | "mode" | "speak" | "slow" | "pinned">>) => Room}
 */
export function described(room, { title, topic, mode, speak, slow, pinned }) {
  const isPaced = (slow ?? room.slow) === room.slow;
  return {
    ...room,
    title: title || room.title,
    topic: topic ?? room.topic,
    mode: mode ?? room.mode,
    maySpeak: speak ?? room.maySpeak,
    slow: slow ?? room.slow,
    slowUntil: isPaced ? room.slowUntil : 0,
    pinned: pinned === undefined ? room.pinned : pinned,
  };
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

/**
 * Whether what is new begins before the messages that we have.
 * @type {(room: Room) => boolean}
 */
export function isNewBefore({ divider, messages, hasEarlier }) {
  return hasEarlier && typeof divider === "number" && Number(messages[0]?.id) > divider;
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

/** @type {(room: Room) => Room} */
function withDescription(room) {
  const { title, topic, mode, slow, pinned } = room;
  return { ...room, described: { title, topic, mode, slow, pinned: pinned?.id ?? null } };
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

/** @type {(room: Room, messages: Message[], more: boolean) => Room} */
function replaced(room, messages, more) {
  return {
    ...room,
    messages,
    hasEarlier: more && messages.length > 0,
    hasLater: false,
    beyond: [],
    newest: messages.at(-1)?.id ?? 0,
    notices: [],
    version: room.goal,
    isCaughtUp: true,
    isAwaited: false,
    // A page that was asked for before joins nothing now.
    asking: null,
    strays: [],
  };
}
