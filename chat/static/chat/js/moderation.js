/**
 * What a moderator has asked for, and what waits for them. Plain rules; reducer.js and frames.js say when each
 * applies, moderator.js shows what comes of them.
 */

/** @import { Moderation, QueueItem, QueueListed, Right } from "./protocol.js" */
/** @import { State } from "./state.js" */

/**
 * A command on its way, done to whom is called `name`; `undo` is the one that takes it back, where one does. What has
 * an `error` is not awaited any more: the server has refused it, or, where that is empty, could not be asked. It is
 * told in its `place`.
 * @typedef {object} Act
 * @property {string} ref
 * @property {Moderation} command
 * @property {Place} place
 * @property {string} name
 * @property {Moderation} [undo]
 * @property {string} [error]
 */
/** Where somebody has asked for it: a dialog, an item of the queue (`keyOf`), or somewhere else. @typedef {string} Place */
/**
 * `told` is the act that was answered last. `asking` is the page of the queue that is wanted, and `count` how much
 * waits in all, where that is known.
 * @typedef {object} Desk
 * @property {Act[]} acts
 * @property {Act | null} told
 * @property {QueueItem[]} items
 * @property {number | null} count
 * @property {string | null} next where there is more
 * @property {{ after: string, limit: number } | null} asking
 */

/** How much of the queue is asked for at a time, and at most. */
export const PAGE = 20;
const MOST = 50;
/** The place of what is told above the talk. */
export const ABOVE = "above";

/** @type {Desk} */
export const EMPTY = { acts: [], told: null, items: [], count: null, next: null, asking: null };

/** @type {(state: State) => boolean} */
export function isModerator({ me, rooms }) {
  return me.may.length > 0 || [...rooms.values()].some(({ may }) => may.length > 0);
}

/**
 * What we may do in a room, and on the whole site. A room that we listen to no longer may know more of us than we do.
 * @type {(state: State, slug: string) => { room: Right[], site: Right[] }}
 */
export function rightsIn({ me, rooms }, slug) {
  return { room: rooms.get(slug)?.may ?? ["moderate", "ban"], site: me.may };
}

/** @type {(state: State, act: Act) => State} */
export function begun(state, act) {
  const acts = [...state.desk.acts.filter(({ error }) => error === undefined), act];
  const known = { ...state, desk: { ...state.desk, acts } };
  return state.connection.phase === "connected" ? known : refused(known, act.ref, "");
}

/** It is done. What was decided waits no longer. @type {(state: State, ref?: string | null) => State} */
export function done(state, ref) {
  const { desk } = state;
  const told = desk.acts.find((act) => act.ref === ref);
  if (!told) return state;
  const items = desk.items.filter((item) => keyOf(item) !== told.place);
  return { ...state, desk: { ...desk, acts: desk.acts.filter((act) => act !== told), items, told } };
}

/**
 * It is not done, for this reason.
 * @type {(state: State, ref: string | null | undefined, error: string) => State}
 */
export function refused(state, ref, error) {
  const { desk } = state;
  const act = desk.acts.find((one) => one.ref === ref);
  if (!act) return state;
  const told = { ...act, error };
  const acts = desk.acts.map((one) => (one === act ? told : one));
  return { ...state, desk: { ...desk, acts, told } };
}

/** There is nobody to answer any more. @type {(state: State) => State} */
export function interrupted(state) {
  const known = { ...state, desk: { ...state.desk, asking: null } };
  const awaited = state.desk.acts.filter(({ error }) => error === undefined);
  return awaited.reduce((left, { ref }) => refused(left, ref, ""), known);
}

/** What was told there is read. @type {(state: State, place: Place) => State} */
export function dismissed(state, place) {
  const { desk } = state;
  const acts = desk.acts.filter((act) => act.place !== place || act.error === undefined);
  return { ...state, desk: { ...desk, acts, told: place === ABOVE ? null : desk.told } };
}

/**
 * Ask for what waits, from its beginning or after what we have.
 * @type {(state: State, isAnew: boolean) => State}
 */
export function askedFor(state, isAnew) {
  const { desk, connection } = state;
  if (connection.phase !== "connected" || desk.asking || (!isAnew && desk.next === null)) return state;
  const limit = isAnew ? Math.min(Math.max(desk.items.length, PAGE), MOST) : PAGE;
  return { ...state, desk: { ...desk, asking: { after: isAnew ? "" : String(desk.next), limit } } };
}

/** @type {(desk: Desk, frame: QueueListed) => Desk} */
export function listed(desk, { items, count, next }) {
  const before = desk.asking?.after ? desk.items : [];
  return { ...desk, items: [...before, ...items], count, next: next ?? null, asking: null };
}

/** Which item of the queue it is. @type {(item: Pick<QueueItem, "kind" | "id">) => string} */
export function keyOf({ kind, id }) {
  return `${kind}-${id}`;
}

/**
 * The command that makes a room, or somebody, as before.
 * @type {(state: State, command: Moderation) => Moderation | undefined}
 */
export function undoing({ rooms }, command) {
  switch (command.type) {
    case "sanction":
      if (command.kind === "kick") return undefined;
      return { type: "lift", kind: command.kind, id: command.id, room: command.room };
    case "delete":
      return { type: "restore", id: command.id };
    case "pin":
      return { type: "pin", room: command.room, id: rooms.get(command.room)?.pinned?.id ?? null };
    case "run": {
      const { topic, mode, slow } = rooms.get(command.room) ?? {};
      /** @type {Moderation} */
      const before = { type: "run", room: command.room };
      if (command.topic !== undefined && topic !== undefined) before.topic = topic;
      if (command.mode !== undefined && mode) before.mode = mode;
      if (command.slow !== undefined && slow !== undefined) before.slow = slow;
      return before;
    }
  }
}
