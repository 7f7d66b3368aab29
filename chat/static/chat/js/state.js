/**
 * What the page knows: one value, which reducer.js changes. Whatever is found by words from outside is in a Map:
 * an object would have a `constructor` before anybody called themselves that.
 */

import { unknown } from "./entering.js";
import { BANNED, KICKED } from "./wire.js";

/** @import { Desk } from "./moderation.js" */
/** @import { Search } from "./finding.js" */
/** @import { Item } from "./outbox.js" */
/** @import { Deed, Member, Message, Moderated, NewRoom, Right } from "./protocol.js" */
/** @import { Room } from "./room.js" */
/** @import { RoomList } from "./room-list.js" */

/**
 * @typedef {object} State
 * @property {Connection} connection
 * @property {Me} me
 * @property {Right[]} may what we may do as a moderator of the whole site
 * @property {Desk} desk what we have asked for as a moderator, and what waits for us
 * @property {string} guests what those may do who are no users of the site: speak, read or none of it
 * @property {string} slug the room that is shown
 * @property {string} home the room that everybody finds
 * @property {Map<string, Room>} rooms those that we listen to, by their slugs
 * @property {RoomList | null} list those that we may enter
 * @property {Map<string, string>} people who was seen: names by id
 * @property {Item[]} outbox what we asked for and was not acknowledged
 * @property {Composing | null} composing nothing but a new message where it is null
 * @property {{ slug: string, id: number } | null} aim the message that we are on our way to, and its room
 * @property {Search | null} search what we have searched for, and what was found
 * @property {number | null} seeking the message that is to be brought into sight
 * @property {Renaming | null} renaming the name that we have asked for
 * @property {Wish | null} wish what else we have asked for, and the server may refuse
 * @property {Note | null} note what the person is told beside the talk
 * @property {Word[]} words what the moderators have told us, and we have not read yet
 * @property {Set<number>} reported the messages that we have told the moderators of
 * @property {Farewell | null} farewell why the server is about to close
 * @property {boolean} isOver whether the user is gone: what the page knows is not for whoever sits before it now
 * @property {number} skew how far the server's clock is ahead of this machine's, in milliseconds
 * @property {boolean} isHidden
 * @property {number} unread messages that came while nobody was looking
 */

/**
 * outside (we have not begun to connect), connecting, connected, doubtful (the network is said to be gone), waiting
 * (`until` the next try, a time of `performance.now`) or stopped (for a reason; `code` is that of an error, if there was
 * one, and `notBefore` the time of `Date.now` before which we are not let in, if there is one).
 * @typedef {object} Connection
 * @property {"outside" | "connecting" | "connected" | "doubtful" | "waiting" | "stopped"} phase
 * @property {number} [until]
 * @property {string} [reason]
 * @property {string} [code]
 * @property {number} [notBefore]
 */

/**
 * Who we are, maybe from last time; `role` is what we are on the site. A guest without a name only reads, and the id is
 * what they ask for once they have one. The id of a user is empty until the server has told it; `account` is the user for whom the page was made, and empty where we are none, or another.
 * @typedef {{ id: string, name: string | null, role: string, isUser: boolean, account: string }} Me
 */
/**
 * `error` is why we cannot be called so, and `wait` after how many seconds that may be asked again.
 * @typedef {{ name: string, error: string | null, wait?: number }} Renaming
 */
/**
 * A room to be made, somebody to talk to alone, somebody to be a member, something for or of a moderator, which stays
 * there once it `isDone`, until the person has seen it. What has an `error` is not awaited any more:
 * the server has refused it, or, where that is empty, could not be asked.
 * @typedef {{ error?: string } & (
 *   | { kind: "create" } & NewRoom
 *   | { kind: "direct", id: string }
 *   | { kind: "member", room: string, id: string, role: "member" | "moderator" }
 * )} PlainWish
 */
/** @typedef {{ kind: "deed", ref: string, deed: Deed, error?: string, isDone?: boolean }} DeedWish */
/** @typedef {PlainWish | DeedWish} Wish */
/**
 * The name that was given to us, as another was taken or reserved; the title of the room that is lost, or from which we
 * are banned, or out `until` then, or of which we are a member now; who is a member of such a room, because we wished it;
 * that nobody could be asked for what we wished; that a message is not there any more, or that the link to one, or its words, are
 * copied. `slug` is that of the room.
 * @typedef {object} Note
 * @property {"taken" | "reserved" | "lost" | "banned" | "out" | "member" | "invited" | "offline" | "gone" | "link" | "words"} kind
 * @property {string} name
 * @property {string} [slug]
 * @property {string} [title]
 * @property {number} [until]
 */
/**
 * What a moderator has told us, or has done to us, and in which room; none is the whole site. `text` is what we had
 * said, where it is about that.
 * @typedef {Pick<Moderated, "act" | "until" | "reason"> & { key: number, title: string, text?: string }} Word
 */
/**
 * What the composer is about: a message, of whom we remember the `author` and the beginning of the `text`, and what an
 * edit has come to, where it `isRecalled` from before.
 * @typedef {object} Composing
 * @property {"edit" | "reply"} kind
 * @property {number} id
 * @property {string} [author]
 * @property {string} [text]
 * @property {string} [edited]
 * @property {boolean} [isRecalled]
 */
/** @typedef {{ reason: string, code?: string, notBefore?: number }} Farewell */

/** What we have asked for as a moderator, and what waits for us, at first. @type {Desk} */
export const EMPTY_DESK = { acts: [], told: null, items: [], count: null, next: null, asking: null };

/** Under which word what is written is a guest's. */
export const GUEST = "guest";

/**
 * What the page knows at first.
 * @type {(me: Pick<Me, "id" | "name"> & Partial<Me>, slug: string, home?: string) => State}
 */
export function begin(me, slug, home = slug) {
  return {
    connection: { phase: "outside" },
    me: { role: "guest", isUser: false, account: "", ...me },
    may: [],
    desk: EMPTY_DESK,
    guests: "speak",
    slug,
    home,
    rooms: new Map([[slug, unknown(slug)]]),
    list: null,
    people: new Map(),
    outbox: [],
    composing: null,
    aim: null,
    search: null,
    seeking: null,
    renaming: null,
    wish: null,
    note: null,
    words: [],
    reported: new Set(),
    farewell: null,
    isOver: false,
    skew: 0,
    isHidden: false,
    unread: 0,
  };
}

/**
 * The room that is shown.
 * @type {(state: State) => Room}
 */
export function current(state) {
  // `begin` has put it there, and the one that is shown is never taken away.
  return /** @type {Room} */ (state.rooms.get(state.slug));
}

/** Whether we only read, since nobody has given a name here. @type {(state: State) => boolean} */
export function isReader({ me }) {
  return !me.isUser && me.name === null;
}

/** @type {(state: State, author: { sender_id: string }) => boolean} */
export function isOwn(state, { sender_id }) {
  return sender_id === state.me.id;
}

/** Whether a message mentions us. @type {(state: State, message: Pick<Message, "mentions">) => boolean} */
export function isToUs({ me }, { mentions }) {
  return Boolean(mentions?.includes(me.id));
}

/**
 * To whom belongs what we write now: to a user, or to whoever is a guest in this browser.
 * @type {(me: Me) => string}
 */
export function authorOf(me) {
  return authorsOf(me)[0];
}

/**
 * Under which words what we write may be kept, the one of now first: before the server has said who a user is, the
 * page knows the account alone.
 * @type {(me: Me) => string[]}
 */
export function authorsOf({ id, isUser, account }) {
  if (!isUser) return [GUEST];
  return id ? [`user:${id}`, `account:${account}`] : [`account:${account}`];
}

/**
 * To whom belongs what is in the box. A user is known by the account that the page was made for, if by any: so their
 * words are there before the server has said who they are.
 * @type {(me: Me) => string}
 */
export function drafterOf(me) {
  return me.isUser && me.account ? `account:${me.account}` : authorOf(me);
}

/** Whether the server has told which user of the site sits before the page. @type {(state: State) => boolean} */
export function isKnownUser({ me }) {
  return me.isUser && me.id !== "";
}

/** What a room is called, as far as we know. @type {(state: State, slug: string) => string} */
export function titleOf({ rooms, list }, slug) {
  const summary = list?.rooms.get(slug);
  return summary?.direct?.name ?? rooms.get(slug)?.title ?? summary?.title ?? "";
}

/**
 * Why nothing can be said in the room that is shown, if that is so: it is archived, a moderator does not let us,
 * guests read, or we are none of those who speak there.
 * @type {(state: State) => "archived" | "muted" | "guests" | "read_only" | null}
 */
export function silence(state) {
  const { mode, maySpeak, muted } = current(state);
  const isForUsers = (state.guests === "read" || mode === "users") && !state.me.isUser;
  if (mode === "archived") return "archived";
  if (muted) return "muted";
  if (maySpeak ?? !isForUsers) return null;
  return isForUsers ? "guests" : "read_only";
}

/** Whether a moderator has shut us out: then nothing of the talk is ours to read. @type {(state: State) => boolean} */
export function isShutOut({ connection: { phase, code } }) {
  return phase === "stopped" && (code === BANNED.error || code === KICKED.error);
}

/**
 * Whether we have to wait between two messages in a room; moderators do not.
 * @type {(room: Room) => boolean}
 */
export function isSlow({ slow, may }) {
  return slow > 0 && !may.includes("moderate");
}

/**
 * The state with one room changed, if there is such a room.
 * @type {(state: State, slug: string, change: (room: Room) => Room) => State}
 */
export function inRoom(state, slug, change) {
  const room = state.rooms.get(slug);
  if (!room) return state;
  const changed = change(room);
  return changed === room ? state : { ...state, rooms: new Map(state.rooms).set(slug, changed) };
}

/**
 * Ask for something of the room that is shown, if there is somebody to ask.
 * @type {(state: State, ask: (room: Room) => Room) => State}
 */
export function withAsked(state, ask) {
  return state.connection.phase === "connected" ? inRoom(state, state.slug, ask) : state;
}

/** @type {(state: State, change: (room: Room) => Room) => State} */
export function inEveryRoom(state, change) {
  return [...state.rooms.keys()].reduce((known, slug) => inRoom(known, slug, change), state);
}

/**
 * These have these names from now on.
 * @type {(state: State, people: Member[]) => State}
 */
export function met(state, people) {
  const news = people.filter(({ id, name }) => state.people.get(id) !== name);
  if (news.length === 0) return state;
  const names = new Map(state.people);
  for (const { id, name } of news) names.set(id, name);
  return { ...state, people: names };
}
