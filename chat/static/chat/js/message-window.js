/**
 * The messages of a room that stay in the page: a window of the talk, in the order of the ids and without holes.
 * It moves as pages come, and grows at its end.
 */

import { quoting } from "./quotations.js";
import { current } from "./state.js";

/** @import { Message } from "./protocol.js" */
/** @import { Room, Where } from "./room.js" */
/** @import { State } from "./state.js" */

/** How many messages stay in the page. */
export const WINDOW = 500;

/** @type {(room: Room, id: number) => Message | undefined} */
export function find({ messages }, id) {
  const found = messages[place(messages, id)];
  return found?.id === id ? found : undefined;
}

/**
 * A message of the room that is shown.
 * @type {(state: State, id: number | null) => Message | undefined}
 */
export function shown(state, id) {
  return id === null ? undefined : find(current(state), id);
}

/**
 * The window with a message as it now stands, if it belongs in there.
 * @type {(room: Room, message: Message) => Room}
 */
export function put(room, message) {
  const { messages } = room;
  const index = place(messages, message.id);
  const newest = Math.max(room.newest, message.id);
  if (messages[index]?.id === message.id) {
    if (messages[index].version >= message.version) return room;
    return { ...room, messages: messages.with(index, message) };
  }
  const isNewest = index === messages.length;
  // Whoever reads up there must not lose the ground under their feet.
  const isFull = isNewest && !room.isAtEnd && messages.length >= WINDOW;
  const hasLater = room.hasLater || isFull;
  if ((isNewest && hasLater) || (index === 0 && room.hasEarlier)) {
    return outside({ ...room, hasLater, newest }, message);
  }
  return trimmed({ ...room, newest, messages: messages.toSpliced(index, 0, message) }, "start");
}

/**
 * The window with the page that was asked for. One that brings nothing on is the last: it would be asked for for
 * ever.
 * @type {(room: Room, where: Where, page: Message[], more: boolean) => Room}
 */
export function withPage(room, { before, after, around, at }, page, more) {
  if (before !== undefined) {
    if (room.messages[0]?.id !== before) return room;
    const messages = merged(room, page, room.messages);
    return trimmed({ ...room, messages, hasEarlier: more && messages[0].id < before }, "end");
  }
  if (after !== undefined) {
    if (room.messages.at(-1)?.id !== after) return room;
    const messages = merged(room, room.messages, page);
    return trimmed(atEnd({ ...room, messages }, more && lastId(messages) > after), "start");
  }
  if (page.length === 0 && around !== undefined) return room;
  if (page.length === 0 && at !== undefined) return room;
  const messages = merged(room, page);
  if (at !== undefined) return atEnd({ ...room, messages, hasEarlier: true }, more);
  if (around !== undefined) return { ...room, messages, hasEarlier: more, hasLater: true };
  return atEnd({ ...room, messages, hasEarlier: more && page.length > 0 }, false);
}

/** The window with its newest messages alone. @type {(room: Room, count: number) => Room} */
export function brief(room, count) {
  const { messages } = room;
  if (messages.length <= count) return room;
  return { ...room, messages: messages.slice(-count), hasEarlier: true };
}

/** @type {(room: Room, message: Message) => Room} */
function outside(room, message) {
  const { asking, strays, beyond, messages } = room;
  const isBeyond = message.id > lastId(messages);
  const others = beyond.filter(({ id }) => id !== message.id);
  return {
    ...room,
    strays: asking ? [...strays, message] : strays,
    beyond: isBeyond ? [...others, message].slice(-WINDOW) : beyond,
  };
}

/**
 * The window after a page at its newer side: what came while the page was on its way joins it.
 * @type {(room: Room, hasLater: boolean) => Room}
 */
function atEnd(room, hasLater) {
  const last = lastId(room.messages);
  const news = hasLater ? [] : room.strays.filter(({ id }) => id > last);
  const messages = merged(room, room.messages, news);
  const end = lastId(messages);
  return { ...room, messages, hasLater, beyond: room.beyond.filter(({ id }) => id > end) };
}

/**
 * Messages in the order of their ids, each in its latest version, the strays among them.
 * @type {(room: Room, ...lists: Message[][]) => Message[]}
 */
function merged({ strays }, ...lists) {
  /** @type {Map<number, Message>} */
  const found = new Map();
  /** @type {(message: Message) => void} */
  const take = (message) => {
    const known = found.get(message.id);
    if (!known || known.version < message.version) found.set(message.id, message);
  };
  lists.flat().forEach(take);
  strays.filter(({ id }) => found.has(id)).forEach(take);
  const messages = [...found.values()].toSorted((one, other) => one.id - other.id);
  return quoting(messages, [...strays, ...messages]);
}

/**
 * The window in its bounds: what is too much goes at the start or at the end.
 * @type {(room: Room, side: "start" | "end") => Room}
 */
function trimmed(room, side) {
  const { messages } = room;
  if (messages.length <= WINDOW) return room;
  if (side === "start") return { ...room, messages: messages.slice(-WINDOW), hasEarlier: true };
  return { ...room, messages: messages.slice(0, WINDOW), hasLater: true };
}

/** @type {(messages: Message[]) => number} */
function lastId(messages) {
  return messages.at(-1)?.id ?? 0;
}

/**
 * Where a message with this id stands, or would stand.
 * @type {(messages: Message[], id: number) => number}
 */
function place(messages, id) {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle].id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
