/** What the line of a message shows: of one that was said, or of what we are about to say. */

import { isSlowed } from "./pace.js";
import { current } from "./state.js";

/** @import { Item } from "./outbox.js" */
/** @import { Message, Quote } from "./protocol.js" */
/** @import { State } from "./state.js" */

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
 * @property {Quote | Message} [original] what it answers, as far as that is known
 * @property {Map<string, string[]> | null} [reactions]
 * @property {Map<string, string> | null} [people] names by id
 * @property {string} [mentioned] the names of those whom it mentions, as far as we know them, a line each
 * @property {boolean} [isForMe] whether somebody else mentions us in it
 * @property {string} me
 */
/**
 * A row, and what it was made of beside its message.
 * @typedef {{ row: MessageRow, of: unknown[] }} Made
 */

/**
 * The rows of messages that nobody has changed since. Where one more is said, one row is made, and all others are the
 * same objects as before: so their elements need not look at them.
 * @type {WeakMap<Message, Made>}
 */
const made = new WeakMap();
/** The rows that continue others, by what they are alone. @type {WeakMap<MessageRow, MessageRow>} */
const continuing = new WeakMap();

/**
 * The row of a message that was said: `known` are those that we have, `changes` ours of this one that wait, and `limited`
 * is the first of all that was too fast.
 * @type {(
 *   state: State, frame: Message, known: Map<number, Message>, changes: Item[], limited: Item | undefined
 * ) => MessageRow}
 */
export function toMessage(state, frame, known, changes, limited) {
  const original = originalOf(known, frame);
  const mayRestore = current(state).may.includes("moderate");
  // Only where somebody is to be named, so that a newcomer does not change every line.
  const people = frame.reactions || frame.mentions || changes.length > 0 ? state.people : undefined;
  if (changes.length > 0) return composed(state, frame, original, mayRestore, people, changes, limited);
  const of = [state.me.id, original, mayRestore, people];
  const before = made.get(frame);
  if (before && of.every((one, index) => one === before.of[index])) return before.row;
  const row = composed(state, frame, original, mayRestore, people, changes, limited);
  made.set(frame, { row, of });
  return row;
}

/** The row of a message that stands together with the one before it. @type {(row: MessageRow) => MessageRow} */
export function continued(row) {
  const found = continuing.get(row) ?? { ...row, isContinued: true };
  continuing.set(row, found);
  return found;
}

/**
 * What we have just said, as it will stand once it is there.
 * @type {(state: State, item: Item, known: Map<number, Message>, limited: Item | undefined) => MessageRow}
 */
export function toComing({ me, skew }, item, known, limited) {
  return {
    kind: "message",
    key: `own-${item.ref}`,
    ref: item.ref,
    author: me.name ?? "",
    author_id: me.id,
    role: me.role,
    text: item.message ?? "",
    at: item.at + skew,
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
    original: originalOf(known, item),
    me: me.id,
  };
}

/**
 * @type {(
 *   state: State, frame: Message, original: Quote | Message | undefined, mayRestore: boolean,
 *   people: Map<string, string> | undefined, changes: Item[], limited: Item | undefined
 * ) => MessageRow}
 */
function composed({ me }, frame, original, mayRestore, people, changes, limited) {
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
    original,
    reactions: now.reactions,
    people: now.reactions && people,
    mentioned: frame.mentions?.flatMap((id) => people?.get(id) ?? []).join("\n"),
    isForMe: !isOwn && frame.mentions?.includes(me.id),
    me: me.id,
  };
}

/** How far something is that we have said. @type {(item: Item) => MessageRow["status"]} */
function statusOf({ status, isHeld }) {
  if (status === "failed") return "failed";
  if (status === "stored") return "sent";
  return isHeld ? "held" : "pending";
}

/**
 * What is answered: as we have it, or else as the server quotes it.
 * @type {(known: Map<number, Message>, answer: { reply_to?: number | null, quote?: Quote | null }) => Quote | Message | undefined}
 */
function originalOf(known, { reply_to, quote }) {
  return reply_to === null || reply_to === undefined ? undefined : (known.get(reply_to) ?? quote ?? undefined);
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
