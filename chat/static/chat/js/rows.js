/**
 * What stands in the log, line by line: what was said and what is about to be, with a line for each day, and
 * messages of one author put together.
 */

import { folded } from "./comings.js";
import { dayOf } from "./dates.js";
import { isNewBefore } from "./entering.js";
import { MANY } from "./many.js";
import { continued, toComing, toMessage } from "./message-row.js";
import { isLimited } from "./pace.js";
import { current, isOwn } from "./state.js";

/** @import { PresenceRow } from "./comings.js" */
/** @import { MessageRow } from "./message-row.js" */
/** @import { Message } from "./protocol.js" */
/** @import { Notice } from "./room.js" */
/** @import { State } from "./state.js" */

/** Messages of one author that follow each other this closely stand together. */
const TOGETHER = 5 * 60 * 1000;

/** @typedef {Notice & { kind: "notice" }} NoticeRow */
/** A day begins; `skew` is how far the server's clock is ahead of ours. @typedef {{ kind: "day", key: string, at: number, skew: number }} DayRow */
/** Here begins what is new, and so much there is. @typedef {{ kind: "unread", key: "unread", count: number }} UnreadRow */
/** @typedef {MessageRow | NoticeRow | PresenceRow | DayRow | UnreadRow} Row */
/** @typedef {MessageRow | NoticeRow} Entry */

/** @type {(state: State) => Row[]} */
export function rows(state) {
  const told = folded(entries(state));
  const unread = isNewBefore(current(state)) ? undefined : firstUnread(told, current(state).divider);
  return told.flatMap((entry, index) => {
    const before = told[index - 1];
    /** @type {Row} */
    const row = entry !== unread && isTogether(entry, before) ? continued(entry) : entry;
    if (entry !== unread && isSameDay(entry, before)) return row;
    /** @type {Row[]} */
    const found = isSameDay(entry, before) ? [] : [{ kind: "day", key: `day-${entry.key}`, at: entry.at, skew: state.skew }];
    if (entry === unread) found.push({ kind: "unread", key: "unread", count: news(state)?.count ?? 0 });
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
 * @type {(entries: (Entry | PresenceRow)[], read: number | null | undefined) => Entry | PresenceRow | undefined}
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
  const lines = (index) =>
    (linesAfter.get(index) ?? []).map((notice) => ({ kind: "notice", ...notice, at: notice.at + state.skew }));
  /** @type {Entry[]} */
  const found = hasEarlier ? [] : lines(-1);
  messages.forEach((frame, index) => {
    found.push(toMessage(state, frame, known, changesOf.get(frame.id) ?? [], limited));
    const isOpenEnd = hasLater && index === messages.length - 1;
    if (linesAfter.has(index) && !isOpenEnd) found.push(...lines(index));
  });
  const coming = hasLater ? [] : changes.filter(({ type }) => type === "message");
  return [...found, ...coming.map((item) => toComing(state, item, known, limited))];
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
  for (const thing of things) {
    const group = groups.get(keyOf(thing));
    if (group) group.push(thing);
    else groups.set(keyOf(thing), [thing]);
  }
  return groups;
}

/**
 * The index of the last message that is not newer than `id`.
 * @type {(messages: Message[], id: number) => number}
 */
function placeOf(messages, id) {
  return messages.findLastIndex((frame) => frame.id <= id);
}

/** @type {(entry: Entry | PresenceRow, before: Entry | PresenceRow | undefined) => entry is MessageRow} */
function isTogether(entry, before) {
  return (
    entry.kind === "message" &&
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
 * @type {(entry: { at: number }, before: { at: number } | undefined) => boolean}
 */
function isSameDay({ at }, before) {
  return before !== undefined && dayOf(at) === dayOf(before.at);
}
