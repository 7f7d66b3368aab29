/** The wire, dialect v2: the only file of the page that knows what a frame looks like. See docs/PROTOCOL.md. */

/** @import { Change } from "./outbox.js" */
/** @import { Cursor, Where } from "./room.js" */

/** The error codes of what is over by itself. */
export const INTERNAL = "internal";
export const RATE_LIMITED = "rate_limited";
export const TRANSIENT = new Set([INTERNAL, RATE_LIMITED]);
/** What the colour of a notification may be, which becomes one on the page. */
export const COLORS = /** @type {const} */ (["success", "warning", "danger", "info"]);
/** The events of a notification that the page tells in its own words, or does something about. */
export const EVENTS = /** @type {const} */ (["join", "leave", "crowd", "room"]);
/** No wait is longer, in seconds: a timer for more than 24 days would go off at once. */
const DAY = 86_400;

// The frames, by the names of their classes in Python; only what the page looks at.

/** @typedef {{ id: string, name: string }} Member */
/** @typedef {{ type: "request_name" }} NameRequested */
/** @typedef {Member & { type: "welcome", token: string }} Welcomed */
/**
 * @typedef {{
 *   type: "room", room: string, title?: string | null, epoch: string, version: number, recovered: boolean,
 *   members: Member[], online: number,
 * }} RoomEntered
 */
/** @typedef {{ type: "left", room: string }} RoomLeft */
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
 * @property {string} [message]
 * @property {string | null} [ref]
 * @property {number | null} [reply_to]
 * @property {string | null} [edited_at]
 * @property {boolean | null} [deleted]
 * @property {number | null} [follows] where versions are left out: who knows all up to this one misses nothing
 * @property {Map<string, string[]> | null} [reactions]
 */
/**
 * @typedef {object} Notice
 * @property {"notification"} type
 * @property {string} message
 * @property {typeof COLORS[number]} color
 * @property {string | null} [room]
 * @property {string | null} [title]
 * @property {number | null} [online]
 * @property {string | null} [code]
 */
/** @typedef {Member & { event: "join" | "leave" }} Presence */
/** @typedef {{ event: "crowd", came: number, went: number }} Crowd */
/** @typedef {Notice & (Presence | Crowd | { event?: "room" | null })} Notified */
/** @typedef {{ type: "ack", ref?: string | null, id: number, version: number }} Acknowledged */
/** @typedef {{ type: "history", room: string, messages: Message[], more: boolean }} HistoryRead */
/** @typedef {{ type: "position", room: string, epoch: string, version: number }} Position */
/**
 * @typedef {{
 *   type: "error", code: string, message: string, ref?: string | null, retry_after?: number | null,
 * }} Refused
 */
/** @typedef {{ type: "closing", code: number, reason: string, retry_after?: number | null }} Closing */
/** @typedef {{ type: "pong" }} Pong */
/**
 * @typedef {NameRequested | Welcomed | RoomEntered | RoomLeft | Message | Notified | Acknowledged | HistoryRead
 *   | Position | Refused | Closing | Pong} Frame
 */

/**
 * Who we are, in answer to `request_name`, and how far we have read each room.
 * @typedef {{ name: string, token: string | null, lang: string, rooms: Record<string, Cursor> }} Introduction
 */

/**
 * What every frame of a type has that the page knows, or it is passed over.
 * @type {Record<Frame["type"], (frame: any) => boolean>}
 */
const CHECKS = {
  request_name: () => true,
  welcome: ({ id, name, token }) => [id, name, token].every(isText),
  room: ({ room, title, epoch, version, recovered, members, online }) =>
    [room, epoch].every(isText) &&
    isMaybe(isText, title) &&
    [version, online].every(isCount) &&
    typeof recovered === "boolean" &&
    Array.isArray(members) &&
    members.every((member) => isText(member?.id) && isText(member.name)),
  left: ({ room }) => isText(room),
  message: (frame) => isSaid(frame) && isText(frame.message),
  update: (frame) =>
    isSaid(frame) &&
    (isText(frame.message) || frame.deleted === true) &&
    isMaybe(isTime, frame.edited_at) &&
    isMaybe(isReactions, frame.reactions),
  history: ({ room, messages, more }) =>
    isText(room) && Array.isArray(messages) && typeof more === "boolean",
  notification: ({ message, color, event, id, name, title, online, came, went, code }) =>
    isText(message) &&
    COLORS.includes(color) &&
    isMaybe(isCount, online) &&
    isMaybe(isText, code) &&
    isMaybe(isText, title) &&
    (!["join", "leave"].includes(event) || [id, name].every(isText)) &&
    (event !== "crowd" || [came, went].every(isCount)),
  ack: ({ ref, id, version }) => isMaybe(isText, ref) && [id, version].every(isCount),
  position: ({ room, epoch, version }) => [room, epoch].every(isText) && isCount(version),
  error: ({ code, message, ref, retry_after }) =>
    [code, message].every(isText) && isMaybe(isText, ref) && isMaybe(isSeconds, retry_after),
  closing: ({ code, reason, retry_after }) =>
    isCount(code) && isText(reason) && isMaybe(isSeconds, retry_after),
  pong: () => true,
};

/**
 * The frames in a text from the server, one or an array of them. What the page does not know is left out.
 * @type {(text: unknown) => Frame[]}
 */
export function parse(text) {
  const found = decode(text);
  return (Array.isArray(found) ? found : [found]).filter(isKnown).map(toValue);
}

/**
 * The answer to `request_name`. Without a name the server finds one.
 * @type {(introduction: Introduction) => string}
 */
export function reply({ name, token, lang, rooms }) {
  return encode({ name, v: 2, token: token ?? undefined, lang, rooms });
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
 * The command that asks once more for what was missed in a room.
 * @type {(room: string, cursor: Cursor) => string}
 */
export function enter(room, cursor) {
  return encode({ type: "enter", room, ...cursor });
}

/** The command that only wants an answer. @type {(n: number) => string} */
export function ping(n) {
  return encode({ type: "ping", n });
}

/**
 * Whether the person has to ask for the next connection after a close with `code`: 45xx is "not you" or "not
 * now".
 * @type {(code: number) => boolean}
 */
export function isFinal(code) {
  return code >= 4500 && code < 4600;
}

/**
 * Whether what was refused with this code of an error may be asked for again.
 * @type {(code: string) => boolean}
 */
export function isTransient(code) {
  return TRANSIENT.has(code);
}

/**
 * Half an emoji, as some keyboards leave it behind, is no JSON to the server.
 * @type {(frame: object) => string}
 */
function encode(frame) {
  return JSON.stringify(frame, (_key, value) =>
    isText(value) ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value,
  );
}

/** @type {(text: any) => unknown} */
function decode(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @type {(frame: any) => boolean} */
function isKnown(frame) {
  const type = frame?.type;
  return isText(type) && Object.hasOwn(CHECKS, type) && CHECKS[/** @type {Frame["type"]} */ (type)](frame);
}

/** @type {(frame: any) => any} */
function toValue(frame) {
  if (frame.type === "history") {
    const messages = frame.messages.filter((/** @type {any} */ message) => isKnown(message) && isSaid(message));
    return { ...frame, messages: messages.map(toValue) };
  }
  if (frame.retry_after > DAY) return { ...frame, retry_after: DAY };
  return frame.reactions ? { ...frame, reactions: new Map(Object.entries(frame.reactions)) } : frame;
}

/** What `message` and `update` have in common. @type {(frame: any) => boolean} */
function isSaid({ id, version, room, sender, sender_id, sent_at, ref, reply_to, follows }) {
  return (
    [id, version].every(isCount) &&
    [room, sender, sender_id].every(isText) &&
    isTime(sent_at) &&
    isMaybe(isText, ref) &&
    isMaybe(isCount, reply_to) &&
    isMaybe(isCount, follows)
  );
}

/** @type {(check: (value: unknown) => boolean, value: unknown) => boolean} */
function isMaybe(check, value) {
  return value === undefined || value === null || check(value);
}

/** @type {(value: unknown) => value is string} */
function isText(value) {
  return typeof value === "string";
}

/** @type {(value: unknown) => boolean} */
function isCount(value) {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** @type {(value: unknown) => boolean} */
function isSeconds(value) {
  return Number.isFinite(value) && Number(value) >= 0;
}

/** @type {(value: unknown) => boolean} */
function isTime(value) {
  return isText(value) && !Number.isNaN(Date.parse(value));
}

/** @type {(value: unknown) => boolean} */
function isReactions(value) {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((people) => Array.isArray(people) && people.every(isText))
  );
}
