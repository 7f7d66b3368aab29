/** The wire, dialect v2: the only file of the page that knows what a frame looks like. See docs/PROTOCOL.md. */

/** Closes after which coming back is for the person to decide: each says "not you" or "not now". */
const FINAL = new Set([4501, 4502, 4503, 4504, 4505, 4506, 4507, 4508]);
/** Refusals that are over by themselves. */
const TRANSIENT = new Set(["internal", "rate_limited"]);
/** No wait is longer, in seconds: a timer for more than 24 days would go off at once. */
const DAY = 86_400;
const COLORS = new Set(["success", "warning", "danger", "info"]);
/** What the page says in its reader's language, and so needs to know of whom. */
const PRESENCE = new Set(["join", "leave"]);

/** What every frame of a type has that the page knows, or it is passed over. */
const CHECKS = {
  request_name: () => true,
  welcome: ({ id, name, token }) => [id, name, token].every(isText),
  room: ({ room, epoch, version, recovered, members, online }) =>
    [room, epoch].every(isText) &&
    [version, online].every(isCount) &&
    typeof recovered === "boolean" &&
    Array.isArray(members) &&
    members.every((member) => isText(member?.id) && isText(member.name)),
  message: (frame) => isSaid(frame) && isText(frame.message),
  update: (frame) =>
    isSaid(frame) &&
    (isText(frame.message) || frame.deleted === true) &&
    isMaybe(isTime, frame.edited_at) &&
    isMaybe(isReactions, frame.reactions),
  history: ({ room, messages, more }) =>
    isText(room) && Array.isArray(messages) && typeof more === "boolean",
  notification: ({ message, color, event, id, name, online, came, went, code }) =>
    isText(message) &&
    COLORS.has(color) &&
    isMaybe(isCount, online) &&
    isMaybe(isText, code) &&
    (!PRESENCE.has(event) || [id, name].every(isText)) &&
    (event !== "crowd" || [came, went].every(isCount)),
  ack: ({ ref, id, version }) => isText(ref) && [id, version].every(isCount),
  position: ({ room, epoch, version }) => [room, epoch].every(isText) && isCount(version),
  error: ({ code, message, ref, retry_after }) =>
    [code, message].every(isText) && isMaybe(isText, ref) && isMaybe(isSeconds, retry_after),
  closing: ({ code, reason, retry_after }) =>
    isCount(code) && isText(reason) && isMaybe(isSeconds, retry_after),
  pong: () => true,
};

/**
 * The frames in a text from the server, one or an array of them. What the page does not know is left out, and
 * the people of each reaction are a Map: an emoji is a word from outside, such as `__proto__`.
 */
export function parse(text) {
  const found = decode(text);
  return (Array.isArray(found) ? found : [found]).filter(isKnown).map(toValue);
}

/** The answer to `request_name`. Without a name the server finds one; `rooms` says how far each was read. */
export function reply({ name, token, lang, rooms }) {
  return encode({ name, v: 2, token: token ?? undefined, lang, rooms });
}

/** The command for a change that waits in the outbox. */
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

/** The command that asks for a page: `where` is one of before, after and around with an id, or empty. */
export function history(room, where, limit) {
  return encode({ type: "history", room, ...where, limit });
}

/** The command that asks once more for what was missed in a room. */
export function enter(room, cursor) {
  return encode({ type: "enter", room, ...cursor });
}

/** The command that only wants an answer. */
export function ping(n) {
  return encode({ type: "ping", n });
}

/** Whether the person has to ask for the next connection after a close with `code`. */
export function isFinal(code) {
  return FINAL.has(code);
}

/** Whether what was refused with this code of an error may be asked for again. */
export function isTransient(code) {
  return TRANSIENT.has(code);
}

/** Half an emoji, as some keyboards leave it behind, is no JSON to the server. */
function encode(frame) {
  return JSON.stringify(frame, (_key, value) =>
    isText(value) ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value,
  );
}

function decode(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isKnown(frame) {
  const type = frame?.type;
  return isText(type) && Object.hasOwn(CHECKS, type) && CHECKS[type](frame);
}

function toValue(frame) {
  if (frame.type === "history") {
    const messages = frame.messages.filter((message) => isKnown(message) && isSaid(message));
    return { ...frame, messages: messages.map(toValue) };
  }
  if (frame.retry_after > DAY) return { ...frame, retry_after: DAY };
  return frame.reactions ? { ...frame, reactions: new Map(Object.entries(frame.reactions)) } : frame;
}

/** What `message` and `update` have in common. */
function isSaid({ id, version, room, sender, sender_id, sent_at, ref, reply_to }) {
  return (
    [id, version].every(isCount) &&
    [room, sender, sender_id].every(isText) &&
    isTime(sent_at) &&
    isMaybe(isText, ref) &&
    isMaybe(isCount, reply_to)
  );
}

function isMaybe(check, value) {
  return value === undefined || value === null || check(value);
}

function isText(value) {
  return typeof value === "string";
}

function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

function isSeconds(value) {
  return Number.isFinite(value) && value >= 0;
}

function isTime(value) {
  return isText(value) && !Number.isNaN(Date.parse(value));
}

function isReactions(value) {
  return (
    typeof value === "object" &&
    Object.values(value).every((people) => Array.isArray(people) && people.every(isText))
  );
}
