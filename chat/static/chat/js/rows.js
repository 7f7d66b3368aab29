/**
 * What stands in the log, line by line: what was said and what is about to be, with a line for each day, and
 * messages of one author put together.
 */

import { isLimited, isSlowed } from "./outbox.js";
import { MANY } from "./room-list.js";
import { isNewBefore } from "./room.js";
import { current, isOwn } from "./state.js";

/** @import { Item } from "./outbox.js" */
/** @import { Message, Notified } from "./protocol.js" */
/** @import { Notice } from "./room.js" */
/** @import { State } from "./state.js" */

/** Messages of one author that follow each other this closely stand together. */
const TOGETHER = 5 * 60 * 1000;

/**
 * What somebody said, or will have said, with all that its line shows. `ref` is that of a change that failed, or
 * of what is on its way; `isLimited` says whether it is the first that was too fast, `isSlowed` whether it was so for
 * its room; what `isFiltered` is to be put otherwise.
 * @typedef {object} MessageRow
 * @property {"message"} kind
 * @property {string} key
 * @property {number} [id]
 * @property {string} [ref]
 * @property {string} author
 * @property {string} author_id
 * @property {string} role of the author, then
 * @property {string} text
 * @property {number} at
 * @property {number} [edited_at]
 * @property {boolean} isDeleted
 * @property {boolean} [isRemoved] by a moderator
 * @property {boolean} [isRestorable] whether we may have it back
 * @property {boolean} isOwn
 * @property {boolean} isContinued
 * @property {"sent" | "pending" | "held" | "failed"} status
 * @property {boolean} isLimited
 * @property {boolean} [isSlowed]
 * @property {boolean} [isFiltered]
 * @property {string | null} [reason]
 * @property {boolean} [isForeign] whether somebody else has written it here, and it is not sent
 * @property {number} [reply_to]
 * @property {Message} [original]
 * @property {Map<string, string[]> | null} [reactions]
 * @property {Map<string, string> | null} [people] names by id
 * @property {string} [mentioned] the names of those whom it mentions, as far as we know them, a line each
 * @property {boolean} [isForMe] whether somebody else mentions us in it
 * @property {string} me
 */
/** @typedef {Notice & { kind: "notice" }} NoticeRow */
/** @typedef {{ kind: "day", key: string, at: number }} DayRow */
/** Here begins what is new. @typedef {{ kind: "unread", key: "unread" }} UnreadRow */
/** @typedef {MessageRow | NoticeRow | DayRow | UnreadRow} Row */
/** @typedef {MessageRow | NoticeRow} Entry */

/** @type {(state: State) => Row[]} */
export function rows(state) {
  const told = entries(state).filter(isLastWord);
  const unread = isNewBefore(current(state)) ? undefined : firstUnread(told, current(state).divider);
  return told.flatMap((entry, index) => {
    const before = entry === unread ? undefined : told[index - 1];
    /** @type {Row} */
    const row = entry.kind === "message" ? { ...entry, isContinued: isTogether(entry, before) } : entry;
    /** @type {Row[]} */
    const found = isSameDay(entry, told[index - 1]) ? [] : [{ kind: "day", key: `day-${entry.key}`, at: entry.at }];
    if (entry === unread) found.push({ kind: "unread", key: "unread" });
    return [...found, row];
  });
}

/**
 * What is new in the room that is shown: how many messages `after` the one that was read last, and whether the first
 * of them comes before those that we have. Nothing where nothing is.
 * @typedef {{ after: number, count: number, isBefore: boolean }} News
 */
/** @type {(state: State) => News | null} */
export function news(state) {
  const room = current(state);
  const { divider, missed, messages } = room;
  if (typeof divider !== "number") return null;
  const known = messages.filter((frame) => frame.id > divider && !isOwn(state, frame) && !frame.deleted);
  const count = Math.min(Math.max(known.length, missed), MANY);
  return count > 0 ? { after: divider, count, isBefore: isNewBefore(room) } : null;
}

/**
 * The first message of somebody else after the one that was read last.
 * @type {(entries: Entry[], read: number | null | undefined) => Entry | undefined}
 */
function firstUnread(entries, read) {
  if (read === null || read === undefined) return undefined;
  const news = entries.filter((entry) => entry.kind === "message" && Number(entry.id) > read);
  return news.find((entry) => entry.kind === "message" && !entry.isOwn && !entry.isDeleted);
}

/**
 * Messages and lines of the room in their order, and at the end what is on its way.
 * @type {(state: State) => Entry[]}
 */
function entries(state) {
  const { slug, messages, notices, hasEarlier, hasLater } = current(state);
  const changes = state.outbox.filter(({ room }) => room === slug);
  const limited = changes.find(isLimited);
  const changesOf = groupBy(changes, ({ id }) => id);
  const known = new Map(messages.map((frame) => [frame.id, frame]));
  // A line goes with the message it stands after; where that is out of the window, so is the line.
  const linesAfter = groupBy(notices, ({ after }) => placeOf(messages, after));
  /** @type {(index: number) => NoticeRow[]} */
  const lines = (index) => (linesAfter.get(index) ?? []).map((notice) => ({ kind: "notice", ...notice }));

  const talk = messages.flatMap((frame, index) => {
    const isOpenEnd = hasLater && index === messages.length - 1;
    const entry = toMessage(state, frame, known, changesOf.get(frame.id) ?? [], limited);
    return isOpenEnd ? [entry] : [entry, ...lines(index)];
  });
  const coming = hasLater ? [] : changes.filter(({ type }) => type === "message");
  return [
    ...(hasEarlier ? [] : lines(-1)),
    ...talk,
    ...coming.map((item) => toComing(state, item, known, limited)),
  ];
}

/**
 * What there is under each key, in order.
 * @template Thing, Key
 * @param {Thing[]} things
 * @param {(thing: Thing) => Key} keyOf
 */
function groupBy(things, keyOf) {
  /** @type {Map<Key, Thing[]>} */
  const groups = new Map();
  for (const thing of things) groups.set(keyOf(thing), [...(groups.get(keyOf(thing)) ?? []), thing]);
  return groups;
}

/**
 * The index of the last message that is not newer than `id`.
 * @type {(messages: Message[], id: number) => number}
 */
function placeOf(messages, id) {
  return messages.findLastIndex((frame) => frame.id <= id);
}

/**
 * @type {(
 *   state: State, frame: Message, known: Map<number, Message>, changes: Item[], limited: Item | undefined
 * ) => MessageRow}
 */
function toMessage(state, frame, known, changes, limited) {
  const { me, people } = state;
  const mayRestore = current(state).may.includes("moderate");
  const isOwn = frame.sender_id === me.id;
  const now = changes.reduce((shown, item) => withChange(shown, item, me.id), frame);
  const failed = changes.find(({ status }) => status === "failed");
  const isPending = changes.some(({ type, status }) => type !== "react" && status !== "stored");
  return {
    kind: "message",
    key: isOwn && frame.ref ? `own-${frame.ref}` : `message-${frame.id}`,
    id: frame.id,
    ref: failed?.ref,
    author: frame.sender,
    author_id: frame.sender_id,
    role: frame.role ?? "guest",
    text: now.deleted ? "" : (now.message ?? ""),
    at: Date.parse(frame.sent_at),
    edited_at: frame.edited_at ? Date.parse(frame.edited_at) : undefined,
    isDeleted: Boolean(frame.deleted),
    isRemoved: Boolean(frame.removed),
    isRestorable: mayRestore && Boolean(frame.removed),
    isOwn,
    isContinued: false,
    status: failed ? "failed" : isPending ? "pending" : "sent",
    isLimited: limited !== undefined && changes.includes(limited),
    reason: failed?.reason,
    isFiltered: failed?.isFiltered,
    isForeign: failed?.isForeign,
    reply_to: frame.reply_to ?? undefined,
    original: original(known, frame.reply_to),
    reactions: now.reactions,
    // Only where somebody is to be named, so that a newcomer does not change every line.
    people: now.reactions && people,
    mentioned: frame.mentions?.flatMap((id) => people.get(id) ?? []).join("\n"),
    isForMe: !isOwn && frame.mentions?.includes(me.id),
    me: me.id,
  };
}

/**
 * What we have just said, as it will stand once it is there.
 * @type {(state: State, item: Item, known: Map<number, Message>, limited: Item | undefined) => MessageRow}
 */
function toComing({ me }, item, known, limited) {
  return {
    kind: "message",
    key: `own-${item.ref}`,
    ref: item.ref,
    author: me.name ?? "",
    author_id: me.id,
    role: me.role,
    text: item.message ?? "",
    at: item.at,
    isDeleted: false,
    isOwn: true,
    isContinued: false,
    status: statusOf(item),
    isLimited: item === limited,
    isSlowed: isSlowed(item),
    reason: item.reason,
    isFiltered: item.isFiltered,
    isForeign: item.isForeign,
    reply_to: item.reply_to,
    original: original(known, item.reply_to),
    me: me.id,
  };
}

/** How far something is that we have said. @type {(item: Item) => MessageRow["status"]} */
function statusOf({ status, isHeld }) {
  if (status === "failed") return "failed";
  if (status === "stored") return "sent";
  return isHeld ? "held" : "pending";
}

/** @type {(known: Map<number, Message>, id: number | null | undefined) => Message | undefined} */
function original(known, id) {
  return id === null || id === undefined ? undefined : known.get(id);
}

/**
 * The message as it will stand after a change of ours.
 * @type {(frame: Message, change: Item, me: string) => Message}
 */
function withChange(frame, { type, message, emoji, on }, me) {
  if (type === "edit") return { ...frame, message };
  if (type !== "react" || emoji === undefined) return frame;
  const others = (frame.reactions?.get(emoji) ?? []).filter((id) => id !== me);
  const reactions = new Map(frame.reactions).set(emoji, on ? [...others, me] : others);
  return { ...frame, reactions };
}

/**
 * Among comings and goings in a row, only the last of each person counts: a reload is no event.
 * @type {(entry: Entry, index: number, all: Entry[]) => boolean}
 */
function isLastWord(entry, index, all) {
  const id = comingOrGoing(entry);
  if (id === undefined) return true;
  for (const later of all.slice(index + 1)) {
    if (comingOrGoing(later) === id) return false;
    if (!isPresence(later)) return true;
  }
  return true;
}

/** Who comes or goes in this line. @type {(entry: Entry) => string | undefined} */
function comingOrGoing(entry) {
  if (entry.kind !== "notice") return undefined;
  return entry.frame.event === "join" || entry.frame.event === "leave" ? entry.frame.id : undefined;
}

/** Whether somebody comes or goes in this line, or a crowd. @type {(entry: Entry) => boolean} */
function isPresence(entry) {
  const isCrowd = entry.kind === "notice" && entry.frame.event === "crowd";
  return isCrowd || comingOrGoing(entry) !== undefined;
}

/** @type {(entry: MessageRow, before: Entry | undefined) => boolean} */
function isTogether(entry, before) {
  return (
    before?.kind === "message" &&
    before.author_id === entry.author_id &&
    before.author === entry.author &&
    before.role === entry.role &&
    entry.at - before.at < TOGETHER &&
    isSameDay(entry, before)
  );
}

/**
 * Whether both fall on one day of the reader's calendar.
 * @type {(entry: Entry, before: Entry | undefined) => boolean}
 */
function isSameDay({ at }, before) {
  return before !== undefined && new Date(at).toDateString() === new Date(before.at).toDateString();
}
