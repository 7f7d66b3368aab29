/**
 * The wire, dialect v2: with wire.js, which is part of it, all that the page knows of what a frame looks like. See
 * docs/PROTOCOL.md.
 */

import * as wire from "./wire.js";
import { areAll, areTexts, areTitles, encode, isCount, isFlag, isMaybe, isMember, isMute, isPinned } from "./wire.js";
import { isSeconds, isText, isTime, titled, withKnownMode } from "./wire.js";

export * from "./wire.js";

/** @import { Change } from "./outbox.js" */
/** @import { Cursor, Where } from "./room.js" */

/** The error codes of what is over by itself. */
export const INTERNAL = "internal";
export const RATE_LIMITED = "rate_limited";
export const SLOW_MODE = "slow_mode";
export const TRANSIENT = new Set([INTERNAL, RATE_LIMITED, SLOW_MODE]);
/** The error codes of words that wait for a moderator, that a moderator has refused, that a filter stops. */
export const HELD = "held";
export const REFUSED = "refused";
export const FILTERED = "filtered";
/** The error code of a message that we have reported before. */
export const ALREADY_REPORTED = "already_reported";
/** The error codes of a room that is not there for us, and of one in which we may not speak. */
export const NOT_FOUND = "not_found";
export const FORBIDDEN = "forbidden";
export const READ_ONLY = "read_only";
/** What the colour of a notification may be, which becomes one on the page. */
export const COLORS = /** @type {const} */ (["success", "warning", "danger", "info"]);
/** The events of a notification that the page tells in its own words, or does something about. */
export const EVENTS = /** @type {const} */ (["join", "leave", "rename", "crowd", "room", "announce", "moderation"]);
/** What a moderator may have done to us, or what has come of what we have reported or said. */
export const ACTS = /** @type {const} */ ([
  "warn", "mute", "unmute", "accept_report", "dismiss_report", "dismiss_held",
]);
/** What one may do as a moderator: delete, mute, kick and warn; ban; run a room. */
export const RIGHTS = /** @type {const} */ (["moderate", "ban", "run"]);

// The frames, by the names of their classes in Python; only what the page looks at.

/** @typedef {typeof wire.MODES[number]} Mode */
/** @typedef {typeof RIGHTS[number]} Right */
/** What a room is called in languages in which it is not called by its title, by their codes. @typedef {Record<string, string>} Titles */
/** What is shown above all others of a room. @typedef {{ id: number, sender: string, message: string }} Pinned */
/** Until when we may say nothing, null for good; and why. @typedef {{ until?: string | null, reason?: string }} Muted */
/** @typedef {{ id: string, name: string, role?: string | null }} Member */
/** @typedef {{ type: "request_name", user?: string | null, guests?: string | null }} NameRequested */
/**
 * @typedef {Member & {
 *   type: "welcome", token: string, user?: boolean | null, name_was?: "taken" | "reserved" | null,
 *   may?: Right[] | null, at?: string | null,
 * }} Welcomed
 */
/**
 * @typedef {{
 *   type: "room", room: string, title?: string | null, topic?: string | null, mode?: Mode | null, speak?: boolean | null,
 *   epoch: string, version: number, recovered: boolean, members: Member[], online: number,
 *   slow?: number | null, pinned?: Pinned | null, muted?: Muted | null, may?: Right[] | null, titles?: Titles | null,
 * }} RoomEntered
 */
/** @typedef {{ type: "left", room: string }} RoomLeft */
/**
 * What a message answers, as it stood when that was told: a deleted one has no text, and one that is gone no author.
 * @typedef {{ id: number, sender?: string | null, sender_id?: string | null, message?: string | null, deleted?: boolean }} Quote
 */
/**
 * What was said, as it now stands; a deleted message has no text. Who put which emoji on it is a Map, as an emoji
 * is a word from outside, such as `__proto__`.
 * @typedef {object} Message
 * @property {"message" | "update"} type
 * @property {number} id
 * @property {number} version
 * @property {string} room
 * @property {string} sender
 * @property {string} sender_id
 * @property {string} sent_at
 * @property {string | null} [role] of the sender, then
 * @property {string} [message]
 * @property {string | null} [ref]
 * @property {number | null} [reply_to]
 * @property {Quote | null} [quote] what that is
 * @property {string | null} [edited_at]
 * @property {boolean | null} [deleted]
 * @property {boolean | null} [removed] whether a moderator has deleted it
 * @property {number | null} [follows] where versions are left out: who knows all up to this one misses nothing
 * @property {Map<string, string[]> | null} [reactions]
 * @property {string[] | null} [mentions] the ids of those whom it mentions
 */
/**
 * @typedef {object} Notice
 * @property {"notification"} type
 * @property {string} message
 * @property {typeof COLORS[number]} color
 * @property {string | null} [room]
 * @property {string | null} [name]
 * @property {string | null} [title]
 * @property {Titles | null} [titles]
 * @property {string | null} [topic]
 * @property {Mode | null} [mode]
 * @property {number | null} [online]
 * @property {string | null} [code]
 */
/** @typedef {Member & { event: "join" | "leave" }} Presence */
/**
 * Somebody is called otherwise; `was` is put in by the page, where it knows.
 * @typedef {Member & { event: "rename", was?: string }} Renamed
 */
/** @typedef {{ event: "crowd", came: number, went: number }} Crowd */
/**
 * What the room is now; what is left out is as it was, and nothing is pinned where that is null. What is new of it is
 * put in by the page.
 * @typedef {{ event: "room", slow?: number | null, pinned?: Pinned | null, news?: string[] }} Described
 */
/** Said by the room, and by nobody in it. @typedef {{ event: "announce" }} Announced */
/**
 * A word of the moderators to us alone.
 * @typedef {{ event: "moderation", act: typeof ACTS[number], until?: string | null, reason?: string | null }} Moderated
 */
/** @typedef {Notice & (Presence | Renamed | Crowd | Described | Announced | Moderated | { event?: null })} Notified */
/** @typedef {{ type: "ack", ref?: string | null, id: number, version: number }} Acknowledged */
/** @typedef {{ type: "history", room: string, messages: Message[], more: boolean }} HistoryRead */
/** @typedef {{ type: "found", q: string, messages: Message[], more: boolean, before?: number | null }} Found */
/** @typedef {{ type: "position", room: string, epoch: string, version: number }} Position */
/**
 * @typedef {{
 *   type: "error", code: string, message: string, ref?: string | null, retry_after?: number | null,
 *   command?: string | null, room?: string | null,
 * }} Refused
 */
/** @typedef {{ type: "closing", code: number, reason: string, retry_after?: number | null }} Closing */
/** @typedef {Member & { type: "typing", room: string }} Typing */
/** @typedef {{ type: "members", room: string, members: Member[], more: boolean }} MembersListed */
/**
 * A room as the list of rooms has it: `unread` messages came after the one that was `read` last, 100 stands for
 * more than 99, and of these `mentions` mention us; `direct` is whom a conversation of two is with.
 * @typedef {object} Summary
 * @property {string} room
 * @property {string} title
 * @property {string} topic
 * @property {Mode} mode
 * @property {number} online
 * @property {string} role
 * @property {boolean | null} [speak] whether we may say something there
 * @property {Right[] | null} [may] what we may do there as a moderator
 * @property {Titles | null} [titles]
 * @property {number | null} [unread]
 * @property {number | null} [mentions]
 * @property {number | null} [read]
 * @property {Member | null} [direct]
 */
/** @typedef {{ type: "rooms", rooms: Summary[], more: boolean, counted: boolean, create: boolean }} RoomsListed */
/** @typedef {{ type: "read", room: string, id: number }} ReadMarked */
/**
 * What waits for a moderator: a message that was reported, with what was said around it, or one that a filter has held.
 * @typedef {object} QueueItem
 * @property {"report" | "held"} kind
 * @property {number} id that of the message, where that was reported
 * @property {string} room
 * @property {string} title
 * @property {string} sender
 * @property {string} sender_id
 * @property {string} message
 * @property {string} sent_at
 * @property {number} reports
 * @property {string[]} reasons
 * @property {Message[]} before
 * @property {Message[]} after
 */
/** @typedef {{ type: "queue", items: QueueItem[], count: number, next?: string | null }} QueueListed */
/** @typedef {{ type: "waiting", count: number }} QueueCounted */
/** @typedef {{ type: "pong", at?: string | null }} Pong */
/**
 * @typedef {NameRequested | Welcomed | RoomEntered | RoomLeft | Message | Notified | Acknowledged | HistoryRead | Found
 *   | Position | Refused | Closing | Typing | MembersListed | RoomsListed | ReadMarked
 *   | QueueListed | QueueCounted | Pong} Frame
 */

/**
 * Who we are, in answer to `request_name`, and how far we have read each room.
 * Who we are, and where we want to be; without a name we are a reader.
 * @typedef {{ name: string | null, token: string | null, lang: string, rooms: Record<string, Cursor>, watch?: boolean }} Introduction
 */

/** @typedef {{ title: string, topic: string, mode: Exclude<Mode, "archived"> }} NewRoom */
/**
 * What moderators do, and what everybody may ask of them. Without a room it is on the whole site, without `minutes`
 * for good; what is left out of `run` stays.
 * @typedef {(
 *   | { type: "report", id: number, reason: string }
 *   | { type: "delete" | "restore", id: number, reason?: string }
 *   | { type: "sanction", kind: "mute" | "kick" | "ban", id: string, room?: string, minutes?: number, reason?: string, address?: boolean }
 *   | { type: "lift", kind: "mute" | "ban", id: string, room?: string, reason?: string }
 *   | { type: "warn", id: string, room?: string, reason: string }
 *   | { type: "purge", id: string, room?: string, minutes?: number, reason?: string }
 *   | { type: "run", room: string, topic?: string, mode?: Mode, slow?: number, reason?: string }
 *   | { type: "pin", room: string, id: number | null }
 *   | { type: "announce", room: string, message: string }
 *   | { type: "decide", kind: "report" | "held", id: number, accept: boolean, reason?: string }
 * )} Deed
 */

/**
 * What every frame of a type has that the page knows, or it is passed over.
 * @type {Record<Frame["type"], (frame: any) => boolean>}
 */
const CHECKS = {
  ...wire.CHECKS,
  left: ({ room }) => isText(room),
  found: ({ q, messages, more, before }) =>
    isText(q) && Array.isArray(messages) && isFlag(more) && isMaybe(isCount, before),
  notification: (frame) =>
    isText(frame.message) &&
    COLORS.includes(frame.color) &&
    isMaybe(isCount, frame.online) &&
    [frame.code, frame.name, frame.title, frame.topic, frame.mode].every((text) => isMaybe(isText, text)) &&
    (!["join", "leave", "rename"].includes(frame.event) || isMember(frame)) &&
    (frame.event !== "crowd" || [frame.came, frame.went].every(isCount)) &&
    isMaybe(areTitles, frame.titles) &&
    isMaybe(isCount, frame.slow) &&
    isMaybe(isPinned, frame.pinned) &&
    (frame.event !== "moderation" || (isText(frame.act) && isMute(frame))),
  ack: ({ ref, id, version }) => isMaybe(isText, ref) && [id, version].every(isCount),
  position: ({ room, epoch, version }) => [room, epoch].every(isText) && isCount(version),
  error: ({ code, message, ref, retry_after, command, room }) =>
    [code, message].every(isText) &&
    [ref, command, room].every((text) => isMaybe(isText, text)) &&
    isMaybe(isSeconds, retry_after),
  typing: (frame) => isText(frame.room) && isMember(frame),
  members: ({ room, members, more }) => isText(room) && areAll(isMember, members) && isFlag(more),
  rooms: ({ rooms, more, counted, create }) => areAll(isSummary, rooms) && [more, counted, create].every(isFlag),
  read: ({ room, id }) => isText(room) && isCount(id),
  queue: ({ items, count, next }) => areAll(isQueued, items) && isCount(count) && isMaybe(isText, next),
  waiting: ({ count }) => isCount(count),
  pong: ({ at }) => isMaybe(isTime, at),
};

/**
 * The frames in a text from the server, one or an array of them, with what rooms are called in this language. What the
 * page does not know is left out.
 * @type {(text: unknown, language?: string) => Frame[]}
 */
export function parse(text, language = "") {
  return known(wire.framesIn(text), language);
}

/** Those of these frames that the page knows, as `parse` has them. @type {(frames: any[], language: string) => Frame[]} */
export function known(frames, language) {
  return frames.filter((frame) => wire.isKnown(frame, CHECKS)).map((frame) => toValue(frame, language));
}

/** @type {(frame: any, language: string) => any} */
function toValue(frame, language) {
  switch (frame.type) {
    case "found":
      return { ...frame, messages: wire.messagesOf(frame.messages) };
    case "queue":
      return { ...frame, items: frame.items.map(toQueued) };
    case "rooms":
      return { ...frame, rooms: frame.rooms.map((/** @type {any} */ room) => titled(withKnownMode(room), language)) };
    default:
      return wire.understood(frame, language);
  }
}

/** The command for a change that waits in the outbox. @type {(change: Change) => string} */
export function command({ type, ref, room, id, message, timestamp, reply_to, emoji, on }) {
  switch (type) {
    case "message":
      return encode({ type, ref, room, message, timestamp, reply_to });
    case "edit":
      return encode({ type, ref, id, message });
    case "delete":
      return encode({ type, ref, id });
    case "react":
      return encode({ type, ref, id, emoji, on });
    default:
      throw new TypeError(`There is no change of type ${type}.`);
  }
}

/** The command that asks for a page. @type {(room: string, where: Where, limit: number) => string} */
export function history(room, where, limit) {
  return encode({ type: "history", room, ...where, limit });
}

/**
 * The command that searches for words, in one room or in all.
 * @type {(q: string, room: string | null, where: { before?: number }) => string}
 */
export function search(q, room, where) {
  return encode({ type: "search", q, ...(room === null ? {} : { room }), ...where });
}

/**
 * The command that asks to listen to a room, and for what was missed there. Who only `watch`es is not there.
 * @type {(room: string, cursor: Cursor, watch: boolean) => string}
 */
export function enter(room, cursor, watch) {
  return encode({ type: "enter", room, ...cursor, watch });
}

/** The command that listens to a room no longer. @type {(room: string) => string} */
export function leave(room) {
  return encode({ type: "leave", room });
}

/** The command that asks for another name. @type {(name: string) => string} */
export function rename(name) {
  return encode({ type: "rename", name });
}

/** The command that says that we are writing. @type {(room: string) => string} */
export function typing(room) {
  return encode({ type: "typing", room });
}

/** The command that says how far we have read. @type {(room: string, id: number) => string} */
export function read(room, id) {
  return encode({ type: "read", room, id });
}

/** The command that asks who is in a room, after this id. @type {(room: string, after: string) => string} */
export function members(room, after) {
  return encode({ type: "members", room, after });
}

/** The command that makes a room. @type {(wanted: NewRoom) => string} */
export function create({ title, topic, mode }) {
  return encode({ type: "create", title, topic, mode });
}

/** The command that opens the conversation with one other person. @type {(id: string) => string} */
export function direct(id) {
  return encode({ type: "direct", id });
}

/**
 * The command that has somebody be a member of a room.
 * @type {(room: string, id: string, role: "member" | "moderator" | "owner" | null) => string}
 */
export function member(room, id, role) {
  return encode({ type: "member", room, id, role });
}

/** The command of a moderator, or for one. With the same `ref` it is done once. @type {(deed: Deed, ref: string) => string} */
export function moderation(deed, ref) {
  return encode({ ...deed, ref });
}

/**
 * The command that asks what waits for moderators, after this place in it.
 * @type {(page: { after: string, limit: number }) => string}
 */
export function queue({ after, limit }) {
  return encode({ type: "queue", after, limit });
}

/**
 * Whether what was refused with this code of an error may be asked for again.
 * @type {(code: string) => boolean}
 */
export function isTransient(code) {
  return TRANSIENT.has(code);
}

/** @type {(summary: any) => boolean} */
function isSummary(summary) {
  return (
    [summary?.room, summary?.title, summary?.topic, summary?.mode, summary?.role].every(isText) &&
    isCount(summary.online) &&
    isMaybe(isFlag, summary.speak) &&
    isMaybe(areTexts, summary.may) &&
    isMaybe(areTitles, summary.titles) &&
    [summary.unread, summary.read, summary.mentions].every((count) => isMaybe(isCount, count)) &&
    isMaybe(isMember, summary.direct)
  );
}

/** @type {(item: any) => boolean} */
function isQueued(item) {
  return (
    [item?.kind, item?.room, item?.title, item?.sender, item?.sender_id, item?.message].every(isText) &&
    isCount(item.id) &&
    isTime(item.sent_at) &&
    isMaybe(isCount, item.reports) &&
    isMaybe(areTexts, item.reasons) &&
    [item.before, item.after].every((said) => isMaybe(Array.isArray, said))
  );
}

/** @type {(item: any) => any} */
function toQueued(item) {
  const [before, after] = [item.before ?? [], item.after ?? []].map((said) => known(said, ""));
  return { ...item, reports: item.reports ?? 0, reasons: item.reasons ?? [], before, after };
}
