/** The wire, dialect v1: the only file of the page that knows what a frame looks like. See docs/PROTOCOL.md. */

/** Closes after which coming back is for the person to decide: each says "not you" or "not now". */
const FINAL = new Set([4501, 4502, 4503, 4504, 4505, 4507, 4508]);
const COLORS = new Set(["success", "warning", "danger", "info"]);
/** What the page says in its reader's language, and so needs to know of whom. */
const PRESENCE = new Set(["join", "leave"]);

/** What is wrong with each type of frame that the page knows: nothing, or it is passed over. */
const CHECKS = {
  request_name: () => true,
  message: ({ id, sender, sender_id, message, sent_at }) =>
    Number.isSafeInteger(id) &&
    [sender, sender_id, message, sent_at].every(isText) &&
    !Number.isNaN(Date.parse(sent_at)),
  notification: ({ message, color, event, id, name }) =>
    isText(message) && COLORS.has(color) && (!PRESENCE.has(event) || [id, name].every(isText)),
};

/** The frame in a text from the server, or null where it is none that the page knows. */
export function parse(text) {
  const frame = decode(text);
  return isKnown(frame) ? frame : null;
}

/** The messages in an answer of the history page. Throws where the answer is no list. */
export function parseHistory(text) {
  const frames = decode(text);
  if (!Array.isArray(frames)) throw new TypeError("The history is not a list.");
  return frames.filter((frame) => isKnown(frame) && frame.type === "message");
}

/** The answer to `request_name`; without a name the server finds one. */
export function reply(name) {
  return JSON.stringify({ name: wellFormed(name) });
}

/** The command that says something. `timestamp` comes back with the message. */
export function post(message, timestamp) {
  return JSON.stringify({ type: "message", message: wellFormed(message), timestamp });
}

/** Whether the person has to ask for the next connection after a close with `code`. */
export function isFinal(code) {
  return FINAL.has(code);
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
  return Object.hasOwn(CHECKS, type) && CHECKS[type](frame);
}

function isText(value) {
  return typeof value === "string";
}

/** Half an emoji, as some keyboards leave it behind, is no JSON to the server. */
function wellFormed(text) {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}
