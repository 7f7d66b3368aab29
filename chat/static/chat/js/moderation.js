/**
 * What a moderator has asked for, and what waits for them. Plain rules; reducer.js and frames.js say when each
 * applies, moderator.js shows what comes of them.
 */

import { EMPTY_DESK } from "./state.js";

/** @import { Deed, QueueItem, QueueListed } from "./protocol.js" */
/** @import { State } from "./state.js" */

/**
 * A deed on its way, about whom is called `name`; `undo` is the one that takes it back, where one does. What has
 * an `error` is not awaited any more: the server has refused it, or, where that is empty, could not be asked. It is
 * told in its `place`. What `isOvertaken` was done by somebody else.
 * @typedef {object} Act
 * @property {string} ref
 * @property {Deed} deed
 * @property {Place} place
 * @property {string} name
 * @property {Deed} [undo]
 * @property {string} [error]
 * @property {boolean} [isOvertaken]
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

/** @type {(state: State) => boolean} */
export function isModerator({ may, rooms }) {
  return may.length > 0 || [...rooms.values()].some((room) => room.may.length > 0);
}

/**
 * These are asked for in one place: what was said there of others before is read.
 * @type {(state: State, asked: Act[]) => State}
 */
export function begun(state, asked) {
  const { desk } = state;
  const isAgain = asked.some(({ ref }) => ref === desk.told?.ref);
  const others = desk.acts.filter(({ place, error }) => place !== asked[0].place || error === undefined);
  const known = { ...state, desk: { ...desk, acts: [...others, ...asked], told: isAgain ? null : desk.told } };
  return state.connection.phase === "connected" ? known : unanswered(known, asked);
}

/**
 * The ref of a deed that is asked for once more where it was not done, as far as we know: the answer may have been lost,
 * and then it is not done twice.
 * @type {(desk: Desk, place: Place, deed: Deed) => string | undefined}
 */
export function refOf(desk, place, deed) {
  return same(desk, place, deed).find(({ error }) => error !== undefined)?.ref;
}

/** Whether just this is awaited there: who presses twice wants it once. @type {(desk: Desk, place: Place, deed: Deed) => boolean} */
export function isAwaited(desk, place, deed) {
  return same(desk, place, deed).some(({ error }) => error === undefined);
}

/** @type {(desk: Desk, place: Place, deed: Deed) => Act[]} */
function same({ acts }, place, deed) {
  const words = JSON.stringify(deed);
  return acts.filter((act) => act.place === place && JSON.stringify(act.deed) === words);
}

/** It is done. What was decided waits no longer. @type {(state: State, ref?: string | null) => State} */
export function done(state, ref) {
  const { desk } = state;
  const told = find(desk, ref);
  if (!told) return state;
  const items = desk.items.filter((item) => keyOf(item) !== told.place);
  return { ...state, desk: { ...desk, acts: desk.acts.filter((act) => act !== told), items, told } };
}

/**
 * What was to be deleted is gone, or what was to be decided waits no longer: somebody else may have done that.
 * @type {(state: State, ref?: string | null) => State}
 */
export function overtaken(state, ref) {
  const { desk } = done(state, ref);
  return { ...state, desk: { ...desk, told: desk.told && { ...desk.told, isOvertaken: true, undo: undefined } } };
}

/**
 * It is not done, for this reason.
 * @type {(state: State, ref: string | null | undefined, error: string) => State}
 */
export function refused(state, ref, error) {
  const { desk } = state;
  const act = find(desk, ref);
  if (!act) return state;
  const told = { ...act, error };
  const acts = desk.acts.map((one) => (one === act ? told : one));
  return { ...state, desk: { ...desk, acts, told } };
}

/** There is nobody to answer any more. @type {(state: State) => State} */
export function interrupted(state) {
  /** @type {State} */
  const known = { ...state, desk: { ...state.desk, asking: null } };
  return unanswered(known, state.desk.acts.filter(({ error }) => error === undefined));
}

/** @type {(state: State, acts: Act[]) => State} */
function unanswered(state, acts) {
  return acts.reduce((known, { ref }) => refused(known, ref, ""), state);
}

/**
 * What was told there is read, and nobody looks there any more: what comes of the rest is told above the talk.
 * @type {(state: State, place: Place) => State}
 */
export function dismissed(state, place) {
  const { desk } = state;
  const left = desk.acts.filter((act) => act.place !== place || act.error === undefined);
  const acts = left.map((act) => (act.place === place ? { ...act, place: ABOVE } : act));
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

/** Nothing waits for who is no moderator any more. @type {(state: State) => State} */
export function resigned(state) {
  const { items, count, next, asking } = EMPTY_DESK;
  return isModerator(state) ? state : { ...state, desk: { ...state.desk, items, count, next, asking } };
}

/** @type {(desk: Desk, ref?: string | null) => Act | undefined} */
export function find({ acts }, ref) {
  return acts.find((act) => act.ref === ref);
}

/** Which item of the queue it is. @type {(item: Pick<QueueItem, "kind" | "id">) => string} */
export function keyOf({ kind, id }) {
  return `${kind}-${id}`;
}
