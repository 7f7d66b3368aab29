/**
 * One room as the page knows it: a window of its messages in the order of their ids, how far its changes have
 * been heard, and what is being asked. Plain rules; state.js says when each applies.
 */

/** How many messages stay in the page. */
export const WINDOW = 500;
/** How many messages are asked for at a time. */
export const PAGE = 50;
/** How many lines about coming and going stay. */
export const NOTICES = 100;

export function unknown(slug) {
  return {
    slug,
    epoch: null,
    /** The last version heard, so that nothing up to it is missing; null before the first. */
    version: null,
    /** How far the frames that follow a `room` frame bring us: up to there versions may be left out. */
    goal: 0,
    /** Each as it now stands, without holes; the oldest and the newest may be somewhere else. */
    messages: [],
    hasEarlier: false,
    hasLater: false,
    /** What came after the window, and is not in it. */
    beyond: [],
    /** The newest message there is, as far as we know. */
    newest: 0,
    /** Lines of the room, each with its key and the message it stands after. */
    notices: [],
    noticed: 0,
    online: null,
    /** Whether what we know is all there is to know. */
    isCaughtUp: false,
    /** Whether the next page replaces all we have. */
    isAwaited: false,
    /** How often we have asked to hear what we missed, since the last answer. */
    entering: 0,
    /** The page that is wanted: `{ before }`, `{ after }`, `{ around }`, or `{}` for the latest. */
    asking: null,
    /** The page that was asked for and is to come: maybe one that was wanted before, which goes first. */
    sent: null,
    /** What has changed outside of the window while a page was on its way, which may be too old to know. */
    strays: [],
    /** Whether the reader stands at the end. */
    isAtEnd: true,
  };
}

/** How far we have read, for the server to go on from there. */
export function cursor({ epoch, version }) {
  return version === null ? {} : { epoch, after: version };
}

/** The connection is gone, and with it everything that was asked on it. */
export function broken(room) {
  return { ...room, isAwaited: false, entering: 0, asking: null, sent: null, strays: [] };
}

/** A `room` frame: what follows is either what we missed, or a page that replaces what we have. */
export function entered(room, { epoch, version, recovered, online }) {
  const known = { ...room, epoch, online, goal: version, entering: 0 };
  if (recovered) return { ...known, isCaughtUp: true };
  // Of this epoch we have heard nothing before the page has come.
  return { ...known, version: null, isAwaited: true };
}

/** A `message` or an `update`. Where one is missing before it, it is not shown: all will be asked for. */
export function changed(room, frame) {
  if (room.version === null) return room;
  if (frame.version > heardUpTo(room) + 1) return behind(room);
  return { ...put(room, frame), version: Math.max(room.version, frame.version) };
}

/** A `position`: how far the room has come. */
export function positioned(room, { epoch, version }) {
  if (room.version === null) return room;
  if (epoch !== room.epoch || version > heardUpTo(room)) return behind(room);
  return version > room.version ? { ...room, version } : room;
}

/** A `history` frame: the page that replaces all, or one that we have asked for. */
export function paged(room, { messages, more }) {
  if (room.isAwaited) return replaced(room, messages, more);
  if (room.sent === null) return room;
  // Nobody waits for this one any more: on to what is wanted now.
  if (room.sent !== room.asking) return { ...room, sent: room.asking };
  return { ...withPage(room, messages, more), asking: null, sent: null, strays: [] };
}

/** Ask for a page, once what was asked before is answered: so it is plain which question an answer is to. */
export function asked(room, where) {
  return { ...room, asking: where, sent: room.sent ?? where, strays: [] };
}

/** Ask for the page before or after the window, if there is one and nothing else is asked. */
export function askedOn(room, side) {
  const { asking, messages, hasEarlier, hasLater } = room;
  if (asking || messages.length === 0) return room;
  if (side === "before" && hasEarlier) return asked(room, { before: messages[0].id });
  if (side === "after" && hasLater) return asked(room, { after: messages.at(-1).id });
  return room;
}

/** The server could not answer just now: what has no answer since then, as `then` has it, is asked again. */
export function released(room, then) {
  const isMissing = room.entering > 0 && room.entering === then.entering;
  const known = isMissing ? { ...room, entering: room.entering + 1 } : room;
  if (room.sent === null || room.sent !== then.sent) return known;
  const asking = room.asking && { ...room.asking };
  return { ...known, asking, sent: asking };
}

/** A line of the room. How many came and went is one line until somebody speaks, and so is one complaint. */
export function noticed(room, frame, at) {
  const number = room.noticed + 1;
  const before = room.notices.findLast((notice) => notice.after === room.newest && isSame(notice.frame, frame));
  const others = room.notices.filter((notice) => notice !== before);
  const notice = { key: `notice-${number}`, frame, at, after: room.newest };
  const line = before ? { ...notice, key: before.key, frame: summed(before.frame, frame) } : notice;
  return {
    ...room,
    noticed: number,
    notices: [...others, line].slice(-NOTICES),
    online: frame.online ?? room.online,
  };
}

export function find(room, id) {
  const index = place(room.messages, id);
  return room.messages[index]?.id === id ? room.messages[index] : undefined;
}

/** Whether a line may take the place of another. */
function isSame(before, frame) {
  if (frame.event === "crowd") return before.event === "crowd";
  return frame.color === "danger" && before.color === "danger" && before.message === frame.message;
}

function summed(before, frame) {
  if (frame.event !== "crowd") return frame;
  return { ...frame, came: before.came + frame.came, went: before.went + frame.went };
}

/** Something is missing: one question about it is enough. */
function behind(room) {
  return room.entering ? room : { ...room, entering: 1 };
}

/** Everything up to here has been heard, or is just being told. */
function heardUpTo({ version, goal }) {
  return Math.max(version, goal);
}

/** The window with a message as it now stands, if it belongs in there. */
function put(room, frame) {
  const { messages } = room;
  const index = place(messages, frame.id);
  const newest = Math.max(room.newest, frame.id);
  if (messages[index]?.id === frame.id) {
    if (messages[index].version >= frame.version) return room;
    return { ...room, messages: messages.with(index, frame) };
  }
  const isNewest = index === messages.length;
  // Whoever reads up there must not lose the ground under their feet.
  const isFull = isNewest && !room.isAtEnd && messages.length >= WINDOW;
  const hasLater = room.hasLater || isFull;
  if ((isNewest && hasLater) || (index === 0 && room.hasEarlier)) {
    return outside({ ...room, hasLater, newest }, frame);
  }
  return trimmed({ ...room, newest, messages: messages.toSpliced(index, 0, frame) }, "start");
}

function outside(room, frame) {
  const { asking, strays, beyond, messages } = room;
  const isBeyond = frame.id > (messages.at(-1)?.id ?? 0);
  const others = beyond.filter(({ id }) => id !== frame.id);
  return {
    ...room,
    strays: asking ? [...strays, frame] : strays,
    beyond: isBeyond ? [...others, frame].slice(-WINDOW) : beyond,
  };
}

function replaced(room, messages, more) {
  return {
    ...room,
    messages,
    hasEarlier: more && messages.length > 0,
    hasLater: false,
    beyond: [],
    newest: messages.at(-1)?.id ?? 0,
    notices: [],
    version: room.goal,
    isCaughtUp: true,
    isAwaited: false,
    // A page that was asked for before joins nothing now.
    asking: null,
    strays: [],
  };
}

/** The window with a page. One that brings nothing on is the last: it would be asked for for ever. */
function withPage(room, page, more) {
  const { before, after, around } = room.asking;
  if (before !== undefined) {
    if (room.messages[0]?.id !== before) return room;
    const messages = merged(room, page, room.messages);
    return trimmed({ ...room, messages, hasEarlier: more && messages[0].id < before }, "end");
  }
  if (after !== undefined) {
    if (room.messages.at(-1)?.id !== after) return room;
    const messages = merged(room, room.messages, page);
    return trimmed(atEnd({ ...room, messages }, more && messages.at(-1).id > after), "start");
  }
  if (page.length === 0 && around !== undefined) return room;
  const messages = merged(room, page);
  if (around !== undefined) return { ...room, messages, hasEarlier: more, hasLater: true };
  return atEnd({ ...room, messages, hasEarlier: more && page.length > 0 }, false);
}

/** The window after a page at its newer side: what came while the page was on its way joins it. */
function atEnd(room, hasLater) {
  const last = room.messages.at(-1)?.id ?? 0;
  const news = hasLater ? [] : room.strays.filter(({ id }) => id > last);
  const messages = merged(room, room.messages, news);
  const end = messages.at(-1)?.id ?? 0;
  return { ...room, messages, hasLater, beyond: room.beyond.filter(({ id }) => id > end) };
}

/** Messages in the order of their ids, each in its latest version, the strays among them. */
function merged({ strays }, ...lists) {
  const found = new Map();
  const take = (frame) => {
    if (!(found.get(frame.id)?.version >= frame.version)) found.set(frame.id, frame);
  };
  lists.flat().forEach(take);
  strays.filter(({ id }) => found.has(id)).forEach(take);
  return [...found.values()].toSorted((one, other) => one.id - other.id);
}

/** The window in its bounds: what is too much goes at the `start` or at the `end`. */
function trimmed(room, side) {
  const { messages } = room;
  if (messages.length <= WINDOW) return room;
  if (side === "start") return { ...room, messages: messages.slice(-WINDOW), hasEarlier: true };
  return { ...room, messages: messages.slice(0, WINDOW), hasLater: true };
}

/** Where a message with this id stands, or would stand. */
function place(messages, id) {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle].id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
