/**
 * The outbox: what the person asked for and the server has not acknowledged, in order. Plain rules about a
 * list of changes; each has a `ref`, so that sending it again does nothing twice.
 */

import { FILTERED, HELD, INTERNAL, MUTED, RATE_LIMITED, REFUSED, SLOW_MODE } from "./protocol.js";
import { isLimited, isSlowed } from "./pace.js";

/** @import { Acknowledged, Refused } from "./protocol.js" */

/** How many changes may be on their way at once. */
export const IN_FLIGHT = 32;
/** A connection that dies over a change this often is no coincidence. */
const DEATHS = 2;
/** How often the server may say "not just now" before the person has to decide. */
export const REFUSALS = 3;
/** Who was too fast leaves as long as the server has asked for between two changes, up to this many seconds. */
export const PACE = 2;
/**
 * For how many days a change is sent by itself: the server knows its ref for longer, and does not do it twice.
 * After that the person decides.
 */
export const KEPT_DAYS = 30;

/**
 * What the person asked for, at this time; `id` is the message that is changed, `author` who they were then
 * (`authorOf` in state.js).
 * @typedef {object} Change
 * @property {"message" | "edit" | "delete" | "react"} type
 * @property {string} ref
 * @property {string} room
 * @property {number} at
 * @property {string} [author]
 * @property {number} [id]
 * @property {string} [message]
 * @property {string} [timestamp]
 * @property {number} [reply_to]
 * @property {string} [emoji]
 * @property {boolean} [on]
 */

/**
 * A change with what the outbox knows of it. It is waiting (to be sent), sending, resting (the server asked
 * for `rest` seconds), held (a moderator looks at it first), failed (the person decides; `reason` is the server's
 * sentence, if it gave one) or stored (acknowledged as `version`, and the frame that shows it is on its way). What was
 * too fast has a `pace`, in seconds, or `isSlow`, where it was so for its room alone; `isHeld` is what was held when
 * it was last asked about, `isFiltered` what has to be changed, `isForeign` what somebody else has written here.
 * @typedef {Change & {
 *   status: "waiting" | "sending" | "resting" | "held" | "failed" | "stored", deaths: number, refusals: number,
 *   rest?: number, pace?: number, isSlow?: boolean, isHeld?: boolean,
 *   reason?: string | null, isFiltered?: boolean, isForeign?: boolean,
 *   stored_as?: number, version?: number,
 * }} Item
 */

/** @typedef {Item[]} Outbox */

/** @type {(outbox: Outbox, change: Change) => Outbox} */
export function add(outbox, change) {
  /** @type {(item: Item) => boolean} */
  const overtaken = (item) => item.status !== "sending" && isOvertaken(item, change);
  return [
    ...outbox.filter((item) => !overtaken(item)),
    { ...change, status: "waiting", deaths: 0, refusals: 0 },
  ];
}

/**
 * What is to be sent now. Whatever a connection died over goes alone, so that no other is blamed for it; and
 * after one that was too fast they go one by one, so that none is refused and then overtaken by the next. What is
 * too fast for its room holds up only what is said there.
 * @type {(outbox: Outbox) => Item[]}
 */
export function due(outbox) {
  const sending = outbox.filter(isSending);
  const atOnce = outbox.some(isLimited) ? 1 : IN_FLIGHT;
  if (sending.some(isSuspect)) return [];
  /** @type {Item[]} */
  const found = [];
  /** @type {Set<string>} */
  const slowRooms = new Set();
  for (const item of outbox) {
    if (item.type === "message" && slowRooms.has(item.room)) continue;
    if (isSlowed(item)) slowRooms.add(item.room);
    if (item.status === "resting" && item.isSlow) continue;
    if (item.status === "resting" || sending.length + found.length >= atOnce) break;
    if (item.status !== "waiting") continue;
    if (!isSuspect(item)) found.push(item);
    else if (sending.length + found.length === 0) return [item];
    else break;
  }
  return found;
}

/** @type {(outbox: Outbox, refs: string[]) => Outbox} */
export function sent(outbox, refs) {
  return change(outbox, ({ ref }) => refs.includes(ref), { status: "sending" });
}

/**
 * We have hung up ourselves: what was on its way is to be sent again.
 * @type {(outbox: Outbox) => Outbox}
 */
export function recalled(outbox) {
  return change(outbox, isSending, { status: "waiting" });
}

/**
 * What waits for a moderator is asked about, since that may have been decided meanwhile.
 * @type {(outbox: Outbox) => Outbox}
 */
export function doubted(outbox) {
  return change(outbox, ({ status }) => status === "held", { status: "waiting" });
}

/**
 * The connection died: what was on its way is to be sent again, but not for ever.
 * @type {(outbox: Outbox) => Outbox}
 */
export function interrupted(outbox) {
  if (!outbox.some(isSending)) return outbox;
  return outbox.map((item) => {
    if (!isSending(item)) return item;
    const deaths = item.deaths + 1;
    return { ...item, deaths, status: deaths < DEATHS ? "waiting" : "failed", reason: null };
  });
}

/** @type {(outbox: Outbox, frame: Acknowledged) => Outbox} */
export function acknowledged(outbox, { ref, id, version }) {
  const item = find(outbox, ref);
  if (!item) return outbox;
  const news = { stored_as: id, version, pace: undefined, isSlow: undefined, isHeld: undefined };
  return paced(
    change(outbox, (one) => one === item, { ...news, status: "stored" }),
    item,
  );
}

/**
 * The room has told everything up to `version`: what is stored is shown by now.
 * @type {(outbox: Outbox, room: string, version: number) => Outbox}
 */
export function shown(outbox, room, version) {
  /** @type {(item: Item) => boolean} */
  const isShown = (item) => item.status === "stored" && item.room === room && Number(item.version) <= version;
  return outbox.some(isShown) ? outbox.filter((item) => !isShown(item)) : outbox;
}

/**
 * What we said has come back from the room, maybe before its acknowledgement.
 * @type {(outbox: Outbox, ref: string) => Outbox}
 */
export function heard(outbox, ref) {
  /** @type {(item: Item) => boolean} */
  const isHeard = (item) => item.type === "message" && item.ref === ref;
  if (!outbox.some(isHeard)) return outbox;
  return paced(
    outbox.filter((item) => !isHeard(item)),
    find(outbox, ref),
  );
}

/**
 * The server refuses the change `ref`. Words wait for the person's decision; a deletion or a reaction is
 * forgotten, as the message shows how things stand.
 * @type {(outbox: Outbox, frame: Refused) => Outbox}
 */
export function refused(outbox, { ref, code, message, retry_after }) {
  const item = find(outbox, ref);
  if (!item) return outbox;
  const index = outbox.indexOf(item);
  if (outbox.slice(index + 1).some((later) => isOvertaken(item, later))) return discarded(outbox, item.ref);

  /** @type {(one: Item) => boolean} */
  const isMeant = (one) => one === item;
  if (code === RATE_LIMITED) {
    const rest = retry_after ?? 1;
    const pace = Math.min(Math.max(item.pace ?? 0, rest), PACE);
    return change(outbox, isMeant, { status: "resting", rest, pace });
  }
  if (code === SLOW_MODE) return change(outbox, isMeant, { status: "resting", rest: retry_after ?? 1, isSlow: true });
  // Until one may speak again, nothing is sent to that room.
  if (code === MUTED && hasWords(item)) return change(outbox, isMeant, { status: "waiting" });
  if (code === HELD) return change(outbox, isMeant, { status: "held", isHeld: true, isSlow: undefined });
  if (code === REFUSED) return discarded(outbox, item.ref);
  const refusals = item.refusals + 1;
  if (code === INTERNAL && refusals < REFUSALS) {
    return change(outbox, isMeant, { status: "resting", refusals, rest: retry_after ?? 2 });
  }
  if (!hasWords(item)) return discarded(outbox, item.ref);
  const isFiltered = code === FILTERED;
  return change(outbox, isMeant, { status: "failed", refusals, reason: message, isFiltered, isSlow: undefined });
}

/**
 * We are any of these authors now, and write as the first. Nothing that somebody else wrote goes out under our name
 * by itself: words wait for the person's decision, or until who wrote them is back; anything else is forgotten.
 * @type {(outbox: Outbox, authors: string[]) => Outbox}
 */
export function owned(outbox, authors) {
  const [author] = authors;
  return outbox.flatMap((item) => {
    // What has no author was written by a guest.
    const isOurs = authors.includes(item.author ?? "guest");
    const named = isOurs && item.author !== author ? { ...item, author } : item;
    if (isOurs && item.isForeign) return { ...named, status: "waiting", isForeign: false };
    if (isOurs || item.status === "stored") return named;
    return hasWords(item) ? { ...item, status: "failed", isForeign: true, reason: null } : [];
  });
}

/**
 * The wait between two messages of a room is another now: what rests there is tried at once.
 * @type {(outbox: Outbox, room: string) => Outbox}
 */
export function hurried(outbox, room) {
  return change(outbox, (item) => item.room === room && item.status === "resting" && isSlowed(item), { status: "waiting" });
}

/** @type {(outbox: Outbox, ref: string) => Outbox} */
export function rested(outbox, ref) {
  return change(outbox, (item) => item.ref === ref && item.status === "resting", { status: "waiting" });
}

/**
 * The person, who is `author` now, wants another try. It goes alone if a connection died over it.
 * @type {(outbox: Outbox, ref: string, author: string) => Outbox}
 */
export function retried(outbox, ref, author) {
  return outbox.map((item) => {
    if (item.ref !== ref || item.status !== "failed") return item;
    const afresh = { author, isForeign: false, isFiltered: false, refusals: 0, pace: undefined };
    return { ...item, ...afresh, status: "waiting", deaths: Math.min(item.deaths, DEATHS - 1) };
  });
}

/** @type {(outbox: Outbox, ref: string) => Outbox} */
export function discarded(outbox, ref) {
  return outbox.filter((item) => item.ref !== ref);
}

/**
 * What another tab has left behind, in its place by time.
 * @type {(outbox: Outbox, items: unknown[], now: number) => Outbox}
 */
export function adopted(outbox, items, now) {
  /** @type {(item: Item) => boolean} */
  const isFresh = ({ at }) => now - at < KEPT_DAYS * 24 * 3600 * 1000;
  const news = items.filter(isSound).filter((item) => !find(outbox, item.ref) && (isFresh(item) || hasWords(item)));
  if (news.length === 0) return outbox;
  const found = news.map((item) => ({
    ...item,
    status: isFresh(item) ? item.status : "failed",
    deaths: Number(item.deaths) || 0,
    refusals: Number(item.refusals) || 0,
  }));
  return merged(outbox, found);
}

/** The outbox as it is to be found after a reload. @type {(outbox: Outbox) => Item[]} */
export function keepsake(outbox) {
  return outbox
    .filter(({ status }) => status !== "stored")
    .map((item) => ({ ...item, status: item.status === "failed" ? "failed" : "waiting" }));
}

/** @type {(outbox: Outbox, ref: string | null | undefined) => Item | undefined} */
export function find(outbox, ref) {
  return outbox.find((item) => item.ref === ref);
}

/**
 * Whether a change carries something the person has written.
 * @type {(change: Pick<Change, "type">) => boolean}
 */
export function hasWords({ type }) {
  return type === "message" || type === "edit";
}

/**
 * Whether `later` makes `item` pointless: the last word on the same thing counts.
 * @type {(item: Item, later: Change) => boolean}
 */
function isOvertaken(item, later) {
  if (item.status === "stored" || item.id === undefined || item.id !== later.id) return false;
  if (later.type === "delete") return true;
  return item.type === later.type && item.emoji === later.emoji;
}

/**
 * After a change that was too fast and has arrived, the next one takes its time, too.
 * @type {(outbox: Outbox, arrived: Item | undefined) => Outbox}
 */
function paced(outbox, arrived) {
  const pace = arrived?.pace;
  if (pace === undefined) return outbox;
  const next = outbox.find(({ status }) => status === "waiting" || status === "resting");
  /** @type {(item: Item) => boolean} */
  const isNext = (item) => item === next && item.status === "waiting";
  return change(outbox, isNext, { status: "resting", rest: pace, pace });
}

/**
 * Two lists by time; each keeps its own order, whatever the clock has been set to.
 * @type {(ours: Item[], theirs: Item[]) => Item[]}
 */
function merged(ours, theirs) {
  const left = [...theirs];
  const all = ours.flatMap((item) => {
    const index = left.findIndex(({ at }) => at > item.at);
    return [...left.splice(0, index < 0 ? left.length : index), item];
  });
  return [...all, ...left];
}

/** @type {(item: Item) => boolean} */
function isSending({ status }) {
  return status === "sending";
}

/** @type {(item: Item) => boolean} */
function isSuspect({ deaths }) {
  return deaths > 0;
}

/** @type {(outbox: Outbox, isMeant: (item: Item) => boolean, news: Partial<Item>) => Outbox} */
function change(outbox, isMeant, news) {
  if (!outbox.some(isMeant)) return outbox;
  return outbox.map((item) => (isMeant(item) ? { ...item, ...news } : item));
}

/** Whether something from a storage is a change as we write it. @type {(item: any) => item is Item} */
function isSound(item) {
  return (
    ["message", "edit", "delete", "react"].includes(item?.type) &&
    ["waiting", "failed"].includes(item.status) &&
    typeof item.ref === "string" &&
    typeof item.room === "string" &&
    Number.isFinite(item.at) &&
    (typeof item.message === "string" || !hasWords(item))
  );
}
