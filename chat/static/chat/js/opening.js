/**
 * How the page comes to know the talk before the rest of it is there (rest.js): who we are, the room, and its latest page.
 * A small part of reducer.js, and as pure. What the person does, and all else that is told, waits (arrival.js).
 */

import * as rooms from "./entering.js";
import { current, inEveryRoom, inRoom, isKnownUser, met } from "./state.js";

/** @import { Frame, HistoryRead, Message, NameRequested, RoomEntered, Welcomed } from "./protocol.js" */
/** @import { PageEvent } from "./reducer.js" */
/** @import { State } from "./state.js" */

/** What a frame may take on its way, and a clock may be wrong by, in milliseconds. */
const NEARLY = 30_000;

/** @type {(state: State, event: PageEvent) => State} */
export function reduce(state, event) {
  switch (event.type) {
    case "connecting":
      return { ...inEveryRoom(state, rooms.broken), connection: { phase: "connecting" } };
    case "waiting":
      return { ...inEveryRoom(state, rooms.broken), connection: { phase: "waiting", until: event.until } };
    case "frame":
      return heard(state, event.frame, event.at);
    default:
      return state;
  }
}

/** @type {(state: State, frame: Frame, at: number) => State} */
function heard(state, frame, at) {
  switch (frame.type) {
    case "request_name":
      return withNameRequested(state, frame);
    case "welcome":
      return withClock(withWelcome(state, frame), frame, at);
    case "room":
      return withRoom(state, frame);
    case "history":
      return withHistory(state, frame);
    default:
      return state;
  }
}

/** Whether the room that is shown has told all that one is told on entering it. @type {(state: State) => boolean} */
export function hasOpened(state) {
  const { isIn, isAwaited } = current(state);
  return isIn && !isAwaited;
}

/**
 * Who is asked for a name, and is no user, is not the user who was here.
 * @type {(state: State, frame: NameRequested) => State}
 */
export function withNameRequested(state, { guests, user }) {
  const isOver = state.isOver || (isKnownUser(state) && typeof user !== "string");
  // The answer to this enters the room that is shown.
  return { ...inRoom(state, state.slug, rooms.expected), guests: guests ?? "speak", isOver };
}

/** Who we are now, or are called from now on. @type {(state: State, frame: Welcomed) => State} */
export function withWelcome(state, { id, name, role, user, may }) {
  if (id === "") return withNobody(state);
  // The page was made for whoever comes first; somebody else may come after them.
  const account = user && [id, ""].includes(state.me.id) ? state.me.account : "";
  return {
    // Who we were called before is to be known to the line that says so.
    ...(state.people.has(id) ? state : met(state, [{ id, name }])),
    me: { id, name, role: role ?? "guest", isUser: Boolean(user), account },
    may: may ?? [],
    isOver: state.isOver || (isKnownUser(state) && id !== state.me.id),
  };
}

/** We read, and are nobody yet: who we will be is known. @type {(state: State) => State} */
function withNobody(state) {
  return { ...state, me: { ...state.me, name: null, role: "guest", isUser: false, account: "" }, may: [] };
}

/**
 * The server says what time it is. A machine whose clock is nearly right is left in peace.
 * @type {(state: State, frame: { at?: string | null }, at: number) => State}
 */
export function withClock(state, { at: told }, at) {
  if (!told) return state;
  const ahead = Date.parse(told) - at;
  const skew = Math.abs(ahead) < NEARLY ? 0 : ahead;
  return Math.abs(skew - state.skew) < NEARLY ? state : { ...state, skew };
}

/** We are in a room. @type {(state: State, frame: RoomEntered) => State} */
export function withRoom(state, frame) {
  const entered = inRoom(met(state, frame.members), frame.room, (room) => rooms.entered(room, frame));
  return { ...entered, connection: { phase: "connected" } };
}

/** The page that follows. @type {(state: State, frame: HistoryRead) => State} */
function withHistory(state, { room: slug, messages, more }) {
  return inRoom(withAuthors(state, messages), slug, (room) => rooms.replaced(room, messages, more));
}

/** Who is here has the name of today; whoever is not, the name of then. @type {(state: State, messages: Message[]) => State} */
export function withAuthors(state, messages) {
  const authors = messages.map(({ sender_id, sender }) => ({ id: sender_id, name: sender }));
  return met(state, authors.filter(({ id }) => !state.people.has(id)));
}
