/**
 * A room as the page comes to know it: before it is entered, entered, and with its latest page. How it goes on from there
 * is in room.js. Plain rules.
 */

import * as rosters from "./roster.js";

/** @import { Message, Mode, Muted, Notified, Pinned, Right, RoomEntered } from "./protocol.js" */
/** @import { Roster } from "./roster.js" */

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

/** @type {(room: Room) => Room} */
export function withDescription(room) {
  const { title, topic, mode, slow, pinned } = room;
  return { ...room, described: { title, topic, mode, slow, pinned: pinned?.id ?? null } };
}

/** The latest page, which takes the place of all there was. @type {(room: Room, messages: Message[], more: boolean) => Room} */
export function replaced(room, messages, more) {
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

/**
 * Whether what is new begins before the messages that we have.
 * @type {(room: Room) => boolean}
 */
export function isNewBefore({ divider, messages, hasEarlier }) {
  return hasEarlier && typeof divider === "number" && Number(messages[0]?.id) > divider;
}
