/**
 * The wire, dialect v2, as far as it takes to read the talk: the frames in which that comes, and how every frame is read
 * and written. All other frames are in protocol.js. See docs/PROTOCOL.md.
 */

/** @import { Frame, Introduction } from "./protocol.js" */

/** The error code of a room in which we may not speak just now. */
export const MUTED = "muted";
/** The error code of a site whose chat is for its users, and the code with which it closes. */
export const SIGN_IN_REQUIRED = { error: "sign_in_required", close: 4509 };
/** Those of somebody whom a moderator has shut out: for good or for long, or for a moment. */
export const BANNED = { error: "banned", close: 4501 };
export const KICKED = { error: "kicked", close: 4502 };
/** The code of a close after which one is somebody else, or has other rights. */
export const SESSION_ENDED = 4015;
/** What somebody is, from who may least to who may most; whoever is something else has no badge. */
export const ROLES = /** @type {const} */ (["guest", "member", "moderator", "owner"]);
/** Where a role stands among them; -1 for another. @type {(role?: string | null) => number} */
export const rank = (role) => ROLES.indexOf(/** @type {any} */ (role));
/** Who may read a room and speak in it. */
export const MODES = /** @type {const} */ (["open", "users", "read_only", "members", "archived"]);
/** No wait is longer, in seconds: a timer for more than 24 days would go off at once. */
const DAY = 86_400;

/**
 * What a frame of a type has that the page knows.
 * @typedef {Record<string, (frame: any) => boolean>} Checks
 */

/** @satisfies {Checks} */
export const CHECKS = {
  request_name: ({ user, guests }) => [user, guests].every((text) => isMaybe(isText, text)),
  welcome: (frame) =>
    isMember(frame) && isText(frame.token) && isMaybe(isFlag, frame.user) && isMaybe(isText, frame.name_was) &&
    isMaybe(areTexts, frame.may) && isMaybe(isTime, frame.at),
  room: ({ room, title, titles, topic, mode, speak, slow, pinned, muted, may, epoch, version, recovered, members, online }) =>
    [room, epoch].every(isText) &&
    isMaybe(areTitles, titles) &&
    isMaybe(isFlag, speak) &&
    isMaybe(isCount, slow) &&
    isMaybe(isPinned, pinned) &&
    isMaybe(isMute, muted) &&
    isMaybe(areTexts, may) &&
    [title, topic, mode].every((text) => isMaybe(isText, text)) &&
    [version, online].every(isCount) &&
    isFlag(recovered) &&
    areAll(isMember, members),
  message: (frame) => isSaid(frame) && isText(frame.message),
  update: (frame) =>
    isSaid(frame) &&
    (isText(frame.message) || frame.deleted === true) &&
    isMaybe(isTime, frame.edited_at) &&
    isMaybe(isFlag, frame.removed) &&
    isMaybe(isReactions, frame.reactions),
  history: ({ room, messages, more }) =>
    isText(room) && Array.isArray(messages) && isFlag(more),
  closing: ({ code, reason, retry_after }) =>
    isCount(code) && isText(reason) && isMaybe(isSeconds, retry_after),
};

/** The frames in a text from the server, one or an array of them; they may be anything. @type {(text: unknown) => any[]} */
export function framesIn(text) {
  const found = decode(text);
  return Array.isArray(found) ? found : [found];
}

/** Whether the page knows frames of this type, and this one is such a frame. @type {(frame: any, checks: Checks) => boolean} */
export function isKnown(frame, checks) {
  const type = frame?.type;
  return isText(type) && Object.hasOwn(checks, type) && checks[type](frame);
}

/** A frame that the page knows, with what the room is called in this language. @type {(frame: any, language: string) => any} */
export function understood(frame, language) {
  return titled(toValue(frame), language);
}

/** @type {(frame: any) => any} */
function toValue(frame) {
  if (frame.type === "history") return { ...frame, messages: messagesOf(frame.messages) };
  if (frame.type === "room" || frame.type === "notification") return withKnownMode(frame);
  // Who is shut out for long is told for how long.
  if (frame.retry_after > DAY && !isFinal(frame.code) && frame.code !== MUTED) return { ...frame, retry_after: DAY };
  return frame.reactions ? { ...frame, reactions: new Map(Object.entries(frame.reactions)) } : frame;
}

/** Those of a list that are messages. @type {(messages: any[]) => any[]} */
export function messagesOf(messages) {
  return messages.filter((message) => isKnown(message, CHECKS) && isSaid(message)).map(toValue);
}

/** A room with its title in a language. @type {(room: any, language: string) => any} */
export function titled(room, language) {
  const { titles } = room;
  return titles && Object.hasOwn(titles, language) ? { ...room, title: titles[language] } : room;
}

/** A mode of tomorrow is as good as open: the server decides. @type {(room: any) => any} */
export function withKnownMode(room) {
  return (room.mode ?? null) === null || MODES.includes(room.mode) ? room : { ...room, mode: "open" };
}

/**
 * The answer to `request_name`. Without a name the server finds one.
 * @type {(introduction: Introduction) => string}
 */
export function reply({ name, token, lang, rooms, watch }) {
  const who = name === null ? { reader: true } : { name, token: token ?? undefined };
  return encode({ ...who, v: 2, lang, rooms, watch });
}

/** The command that asks for the rooms that we may enter. */
export function rooms() {
  return encode({ type: "rooms" });
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
 * Half an emoji, as some keyboards leave it behind, is no JSON to the server.
 * @type {(frame: object) => string}
 */
export function encode(frame) {
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

/** What `message` and `update` have in common. @type {(frame: any) => boolean} */
function isSaid({ id, version, room, sender, sender_id, sent_at, role, ref, reply_to, quote, mentions, follows }) {
  return (
    [id, version].every(isCount) &&
    [room, sender, sender_id].every(isText) &&
    isTime(sent_at) &&
    [role, ref].every((text) => isMaybe(isText, text)) &&
    isMaybe(isCount, reply_to) &&
    isMaybe(isQuote, quote) &&
    isMaybe(areTexts, mentions) &&
    isMaybe(isCount, follows)
  );
}

/** @type {(quote: any) => boolean} */
function isQuote(quote) {
  return isCount(quote?.id) && [quote.sender, quote.sender_id, quote.message].every((text) => isMaybe(isText, text));
}

/** @type {(member: any) => boolean} */
export function isMember(member) {
  return isText(member?.id) && isText(member.name) && isMaybe(isText, member.role);
}

/** @type {(pinned: any) => boolean} */
export function isPinned(pinned) {
  return isCount(pinned?.id) && isText(pinned.sender) && isText(pinned.message);
}

/** @type {(mute: any) => boolean} */
export function isMute(mute) {
  return typeof mute === "object" && mute !== null && isMaybe(isTime, mute.until) && isMaybe(isText, mute.reason);
}

/** @type {(titles: unknown) => boolean} */
export function areTitles(titles) {
  return typeof titles === "object" && titles !== null && Object.values(titles).every(isText);
}

/** @type {(values: unknown) => boolean} */
export function areTexts(values) {
  return areAll(isText, values);
}

/** @type {(check: (value: unknown) => boolean, values: unknown) => boolean} */
export function areAll(check, values) {
  return Array.isArray(values) && values.every(check);
}

/** @type {(check: (value: unknown) => boolean, value: unknown) => boolean} */
export function isMaybe(check, value) {
  return value === undefined || value === null || check(value);
}

/** @type {(value: unknown) => value is string} */
export function isText(value) {
  return typeof value === "string";
}

/** @type {(value: unknown) => boolean} */
export function isFlag(value) {
  return typeof value === "boolean";
}

/** @type {(value: unknown) => boolean} */
export function isCount(value) {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** @type {(value: unknown) => boolean} */
export function isSeconds(value) {
  return Number.isFinite(value) && Number(value) >= 0;
}

/** @type {(value: unknown) => boolean} */
export function isTime(value) {
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
