/** What the page knows: one value, and the one pure function that changes it. */

/** How many entries stay in the page. */
export const ENTRIES = 500;
/** How many of them may be lines about coming and going, so that a busy door pushes no talk out. */
export const PRESENCE_LINES = 100;

export function begin(clientId) {
  return {
    /** outside (no name yet), connecting, connected, waiting (until the next try) or stopped (for a reason). */
    connection: { phase: "outside" },
    /** Our ids: the one we claim, and any the server gave instead. */
    mine: [clientId],
    /** Our name, as the room knows it. */
    name: null,
    /** What is shown, the oldest first: frames, each with a key that is its number by arrival. */
    entries: [],
    arrivals: 0,
    /** The last arrival before this connection. */
    boundary: 0,
    isCaughtUp: false,
    /** Said, and not heard back yet: whether it arrived is open. */
    sent: [],
    /** Said on a connection that broke, and not heard back since. */
    lost: [],
    isHidden: false,
    /** Messages that came while nobody was looking. */
    unread: 0,
  };
}

export function reduce(state, event) {
  switch (event.type) {
    case "connecting":
      return {
        ...broken(state),
        connection: { phase: "connecting" },
        boundary: state.arrivals,
      };
    case "waiting":
      return { ...broken(state), connection: { phase: "waiting", until: event.until } };
    case "stopped":
      return { ...broken(state), connection: { phase: "stopped", reason: warning(state) } };
    case "message":
      return withMessage(entered(state), event.frame);
    case "notification":
      return withNotice(event.frame.color === "danger" ? state : entered(state), event.frame, event.at);
    case "history":
      return withHistory(state, event.messages);
    case "sent":
      return { ...state, sent: [...state.sent, { message: event.message, timestamp: event.timestamp }] };
    case "given_back":
      return { ...state, lost: [] };
    case "visibility":
      return { ...state, isHidden: event.isHidden, unread: event.isHidden ? state.unread : 0 };
    default:
      return state;
  }
}

/** Whether an entry only says that somebody came or went. */
export function isPresence({ frame }) {
  return frame.event === "join" || frame.event === "leave";
}

/** The first word from the room shows that the server has let us in. */
function entered(state) {
  return state.connection.phase === "connecting" ? { ...state, connection: { phase: "connected" } } : state;
}

function broken(state) {
  return { ...state, lost: [...state.lost, ...state.sent], sent: [] };
}

/** The reason for a close is what the server said to us alone just before. */
function warning({ entries, boundary }) {
  const last = entries.findLast(({ key, frame }) => key > boundary && frame.color === "danger");
  return last ? last.frame.message : "";
}

function withMessage(state, frame) {
  if (state.entries.some(hasId(frame.id))) return state;
  // Where our id was taken, the server gave us another; the first to send our own timestamp is us.
  const isEcho = state.sent.some(({ timestamp }) => timestamp === frame.timestamp);
  const mine =
    isEcho && !state.mine.includes(frame.sender_id) ? [...state.mine, frame.sender_id] : state.mine;
  const isOwn = mine.includes(frame.sender_id);

  const arrived = arrive(state, { frame, at: Date.parse(frame.sent_at) }, state.entries.length);
  return {
    ...arrived,
    entries: trimmed(arrived.entries),
    mine,
    name: isEcho ? frame.sender : state.name,
    sent: isOwn ? unheard(state.sent, [frame]) : state.sent,
    unread: state.isHidden && !isOwn ? state.unread + 1 : state.unread,
  };
}

function withNotice(state, frame, at) {
  const isOwn = frame.event === "join" && state.mine.includes(frame.id);
  const arrived = arrive(state, { frame, at }, state.entries.length);
  return { ...arrived, entries: trimmed(arrived.entries), name: isOwn ? frame.name : state.name };
}

/**
 * The server's latest messages. What was missed goes in front of what this connection brought. A page that
 * does not reach back to what we had would leave a hole: then what we had goes.
 */
function withHistory(state, messages) {
  const [oldest] = messages;
  const isContinued = state.entries.some(
    (entry) => oldest && hasId(oldest.id)(entry) && entry.frame.sent_at === oldest.sent_at,
  );
  const isRecent = ({ key }) => key > state.boundary;
  const kept = isContinued ? state.entries : state.entries.filter(isRecent);
  const missed = messages.filter(({ id }) => !kept.some(hasId(id)));
  const recent = kept.findIndex(isRecent);
  const place = recent < 0 ? kept.length : recent;

  const filled = missed.reduce(
    (filling, frame) => arrive(filling, { frame, at: Date.parse(frame.sent_at) }, place),
    { ...state, entries: kept },
  );
  const news = missed.filter(({ sender_id }) => !state.mine.includes(sender_id));
  return {
    ...filled,
    entries: trimmed(filled.entries),
    isCaughtUp: true,
    lost: unheard(state.lost, messages),
    // On opening, the whole page is history; after a break, it is what came meanwhile.
    unread: state.isHidden && state.isCaughtUp ? state.unread + news.length : state.unread,
  };
}

/** One more entry, as near to `place` as the order of the messages by id allows. */
function arrive(state, { frame, at }, place) {
  const { entries } = state;
  const key = state.arrivals + 1;
  let index = place;
  if (frame.type === "message") {
    const earliest = entries.findLastIndex((entry) => isMessage(entry) && entry.frame.id < frame.id) + 1;
    const next = entries.findIndex((entry) => isMessage(entry) && entry.frame.id > frame.id);
    const latest = next < 0 ? entries.length : next;
    index = Math.min(Math.max(place, earliest), latest);
  }
  return { ...state, arrivals: key, entries: entries.toSpliced(index, 0, { key, frame, at }) };
}

/** The entries that stay: first the oldest lines about coming and going make room, then the oldest of all. */
function trimmed(entries) {
  let surplus = entries.filter(isPresence).length - PRESENCE_LINES;
  const kept = surplus > 0 ? entries.filter((entry) => !isPresence(entry) || surplus-- <= 0) : entries;
  return kept.length > ENTRIES ? kept.slice(-ENTRIES) : kept;
}

function unheard(sent, heard) {
  return sent.filter(({ timestamp }) => !heard.some((frame) => frame.timestamp === timestamp));
}

function isMessage({ frame }) {
  return frame.type === "message";
}

function hasId(id) {
  return (entry) => isMessage(entry) && entry.frame.id === id;
}
