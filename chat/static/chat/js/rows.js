/**
 * What stands in the log, line by line: what was said and what is about to be, with a line for each day, and
 * messages of one author put together.
 */

import { isLimited } from "./outbox.js";
import { current } from "./state.js";

/** Messages of one author that follow each other this closely stand together. */
export const TOGETHER = 5 * 60 * 1000;
const PRESENCE = new Set(["join", "leave", "crowd"]);

export function rows(state) {
  const told = entries(state).filter(isLastWord);
  return told.flatMap((entry, index) => {
    const before = told[index - 1];
    const row = entry.kind === "message" ? { ...entry, isContinued: isTogether(entry, before) } : entry;
    return isSameDay(entry, before) ? [row] : [{ kind: "day", key: `day-${entry.key}`, at: entry.at }, row];
  });
}

/** Messages and lines of the room in their order, and at the end what is on its way. */
function entries(state) {
  const { slug, messages, notices, hasEarlier, hasLater } = current(state);
  const changes = state.outbox.filter(({ room }) => room === slug);
  const limited = changes.find(isLimited);
  const changesOf = groupBy(changes, ({ id }) => id);
  const known = new Map(messages.map((frame) => [frame.id, frame]));
  // A line goes with the message it stands after; where that is out of the window, so is the line.
  const linesAfter = groupBy(notices, ({ after }) => placeOf(messages, after));
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

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** The index of the last message that is not newer than `id`. */
function placeOf(messages, id) {
  return messages.findLastIndex((frame) => frame.id <= id);
}

function toMessage({ me, people }, frame, known, changes, limited) {
  const isOwn = frame.sender_id === me?.id;
  const now = changes.reduce((shown, item) => withChange(shown, item, me?.id), frame);
  const failed = changes.find(({ status }) => status === "failed");
  const isPending = changes.some(({ type, status }) => type !== "react" && status !== "stored");
  return {
    kind: "message",
    key: isOwn && frame.ref ? `own-${frame.ref}` : `message-${frame.id}`,
    id: frame.id,
    ref: failed?.ref,
    author: frame.sender,
    author_id: frame.sender_id,
    text: now.deleted ? "" : now.message,
    at: Date.parse(frame.sent_at),
    edited_at: frame.edited_at && Date.parse(frame.edited_at),
    isDeleted: Boolean(frame.deleted),
    isOwn,
    status: failed ? "failed" : isPending ? "pending" : "sent",
    /** Whether it is the first that was too fast. */
    isLimited: changes.includes(limited),
    reason: failed?.reason,
    reply_to: frame.reply_to ?? undefined,
    original: known.get(frame.reply_to),
    reactions: now.reactions,
    // Only where somebody is to be named, so that a newcomer does not change every line.
    people: now.reactions && people,
    me: me?.id,
  };
}

/** What we have just said, as it will stand once it is there. */
function toComing({ me }, item, known, limited) {
  const status = { failed: "failed", stored: "sent" }[item.status] ?? "pending";
  return {
    kind: "message",
    key: `own-${item.ref}`,
    ref: item.ref,
    author: me?.name ?? "",
    author_id: me?.id ?? "",
    text: item.message,
    at: item.at,
    isDeleted: false,
    isOwn: true,
    status,
    isLimited: item === limited,
    reason: item.reason,
    reply_to: item.reply_to,
    original: known.get(item.reply_to),
    me: me?.id,
  };
}

/** The message as it will stand after a change of ours. */
function withChange(frame, { type, message, emoji, on }, id) {
  if (type === "edit") return { ...frame, message };
  if (type !== "react") return frame;
  const others = (frame.reactions?.get(emoji) ?? []).filter((other) => other !== id);
  const reactions = new Map(frame.reactions).set(emoji, on ? [...others, id] : others);
  return { ...frame, reactions };
}

function isPresence({ kind, frame }) {
  return kind === "notice" && PRESENCE.has(frame.event);
}

/** Among comings and goings in a row, only the last of each person counts: a reload is no event. */
function isLastWord(entry, index, all) {
  if (!isPresence(entry) || entry.frame.event === "crowd") return true;
  for (const later of all.slice(index + 1)) {
    if (!isPresence(later)) return true;
    if (later.frame.id === entry.frame.id) return false;
  }
  return true;
}

function isTogether(entry, before) {
  return (
    before?.kind === "message" &&
    before.author_id === entry.author_id &&
    before.author === entry.author &&
    entry.at - before.at < TOGETHER &&
    isSameDay(entry, before)
  );
}

/** Whether both fall on one day of the reader's calendar. */
function isSameDay({ at }, before) {
  return before !== undefined && new Date(at).toDateString() === new Date(before.at).toDateString();
}
