/** What is refused, and what was asked of moderators: what the page makes of the answer (see frames.js). */

import * as finding from "./finding.js";
import { lost } from "./listening.js";
import * as moderation from "./moderation.js";
import { withHeldRefused, withNotice } from "./notices.js";
import * as outbox from "./outbox.js";
import * as protocol from "./protocol.js";
import * as rooms from "./room.js";
import * as rosters from "./roster.js";
import { withHistory } from "./said.js";
import { inRoom, titleOf } from "./state.js";

/** @import { Refused } from "./protocol.js" */
/** @import { Item } from "./outbox.js" */
/** @import { DeedWish, Note, Renaming, State } from "./state.js" */

/**
 * Something was refused; what the person cannot see on a message itself is said as a line of the room.
 * @type {(state: State, frame: Refused, at: number) => State}
 */
export function withError(state, frame, at) {
  const { ref, code, command, room } = frame;
  if (isDeed(state, ref)) return withDeedRefused(state, frame);
  if (moderation.find(state.desk, ref)) return withActRefused(state, frame);
  if (ref) return withRefusal(state, frame, at);
  switch (command) {
    case "rename":
      return state.renaming ? { ...state, renaming: withReason(state.renaming, frame) } : state;
    case "create":
    case "direct":
    case "member":
      return withoutWish(state, frame, at);
    case "typing":
      // That one may not speak is seen where the words would be written.
      if (code === protocol.MUTED && room) return withMuted(state, room, frame, at);
      return code === protocol.READ_ONLY && room ? withReadOnly(state, room) : state;
    case "read":
    case "leave":
      return state;
    case "search":
      return finding.refused(state, frame);
    case "queue":
      return { ...state, desk: { ...state.desk, asking: null } };
  }
  // It is asked again by itself.
  if (protocol.isTransient(code) && (command || code === protocol.RATE_LIMITED)) return state;
  // Whoever finds no room is in the chat nevertheless.
  if (command === "enter" && code === protocol.NOT_FOUND) return lost(arrivedAnyway(state), room ?? state.slug);
  if (command === "enter" && code === protocol.FORBIDDEN) return withNameNeeded(arrivedAnyway(state), room ?? state.slug);
  if (command === "enter" && code === protocol.BANNED.error) return withBanned(state, frame, at);
  const known = protocol.isTransient(code) ? state : withoutAnswers(state, room);
  return command && code === protocol.NOT_FOUND ? known : withComplaint(known, frame, at);
}

/** Nobody reads there without a name, so nothing of it is known. @type {(state: State, slug: string) => State} */
function withNameNeeded(state, slug) {
  return inRoom(state, slug, ({ enters, title, online }) => {
    return { ...rooms.unknown(slug), enters, title, online, way: "here", needsName: true };
  });
}

/**
 * We are banned from a room, maybe for a while. Where it was left a moment before, that was why.
 * @type {(state: State, frame: Refused, at: number) => State}
 */
function withBanned(state, { room, retry_after }, at) {
  const slug = room ?? state.slug;
  /** @type {Pick<Note, "kind" | "until">} */
  const why = retry_after ? { kind: "out", until: at + retry_after * 1000 } : { kind: "banned" };
  const known = lost(arrivedAnyway(state), slug, why);
  if (known.note?.kind === why.kind) return known;
  const name = (state.note?.slug === slug && state.note.name) || titleOf(state, slug) || slug;
  return { ...known, note: { ...why, name, slug } };
}

/** @type {(state: State, frame: Refused) => State} */
function withActRefused(state, { ref, code, message }) {
  const type = moderation.find(state.desk, ref)?.deed.type;
  // As it was wanted: gone, or decided, whoever has done that.
  const isSo = code === protocol.NOT_FOUND && (type === "delete" || type === "decide");
  if (isSo) return moderation.overtaken(state, ref);
  return moderation.refused(state, ref, message);
}

/** What was reported before need not be reported again. @type {(state: State, frame: Refused) => State} */
function withDeedRefused(state, { code, message }) {
  const wish = /** @type {DeedWish} */ (state.wish);
  const refused = { ...state, wish: { ...wish, error: message } };
  return code === protocol.ALREADY_REPORTED ? withReported(refused) : refused;
}

/** Why a name is refused, and how long that holds. @type {(renaming: Renaming, frame: Refused) => Renaming} */
function withReason({ name }, { message, retry_after }) {
  return { name, error: message, ...(retry_after ? { wait: Math.ceil(retry_after) } : {}) };
}

/** A change is refused. @type {(state: State, frame: Refused, at: number) => State} */
function withRefusal(state, frame, at) {
  const item = outbox.find(state.outbox, frame.ref);
  if (!item) return state;
  const told = withReasonKnown(state, item, frame, at);
  const known = { ...told, outbox: outbox.refused(state.outbox, frame) };
  if (frame.code === protocol.REFUSED) return known;
  return outbox.find(known.outbox, frame.ref) ? known : withComplaint(known, frame, at);
}

/** What a refusal says beyond the change that it is about. @type {(state: State, item: Item, frame: Refused, at: number) => State} */
function withReasonKnown(state, item, frame, at) {
  switch (frame.code) {
    case protocol.READ_ONLY:
      return withReadOnly(state, item.room);
    case protocol.MUTED:
      return withMuted(state, item.room, frame, at);
    case protocol.SLOW_MODE:
      return inRoom(state, item.room, (room) => ({ ...room, slowUntil: at + (frame.retry_after ?? 1) * 1000 }));
    case protocol.REFUSED:
      return withHeldRefused(state, item);
    default:
      return state;
  }
}

/**
 * We may say nothing in a room for a while, or for good.
 * @type {(state: State, slug: string, frame: Refused, at: number) => State}
 */
function withMuted(state, slug, { retry_after }, at) {
  const until = retry_after ? new Date(at + retry_after * 1000).toISOString() : null;
  return inRoom(state, slug, (room) => (room.muted ? room : { ...room, muted: { until } }));
}

/**
 * What we wished for is not to be had: who asks for a room is told so where they ask.
 * @type {(state: State, frame: Refused, at: number) => State}
 */
function withoutWish(state, frame, at) {
  const { wish } = state;
  if (!wish || wish.kind !== frame.command) return state;
  if (wish.kind === "create") return { ...state, wish: { ...wish, error: frame.message } };
  return withComplaint({ ...state, wish: null }, frame, at);
}

/** @type {(state: State, frame: Refused, at: number) => State} */
function withComplaint(state, { message, code }, at) {
  return withNotice(state, { type: "notification", color: "danger", message, code }, at);
}

/** The handshake asks for one room alone: this is its end. @type {(state: State) => State} */
function arrivedAnyway(state) {
  return state.connection.phase === "connecting" ? { ...state, connection: { phase: "connected" } } : state;
}

/** @type {(state: State, slug: string) => State} */
function withReadOnly(state, slug) {
  return inRoom(state, slug, (room) => ({ ...room, maySpeak: false }));
}

/**
 * The pages that were asked for, of this room or of any, will not come: as if there were nothing.
 * @type {(state: State, slug: string | null | undefined) => State}
 */
function withoutAnswers(state, slug) {
  const meant = [...state.rooms.values()].filter((room) => !slug || room.slug === slug);
  const nothing = { messages: [], more: false };
  return meant.reduce((known, room) => {
    const unlisted = inRoom(known, room.slug, (one) => rooms.withRoster(one, rosters.unanswered(one.roster)));
    return room.sent && !room.isAwaited ? withHistory(unlisted, { ...nothing, room: room.slug }) : unlisted;
  }, state);
}

/** Whether this answers what we have asked of moderators, or as one. @type {(state: State, ref?: string | null) => boolean} */
export function isDeed({ wish }, ref) {
  return wish?.kind === "deed" && wish.ref === ref;
}

/** @type {(state: State) => State} */
export function withDeedDone(state) {
  const wish = /** @type {DeedWish} */ (state.wish);
  return withReported({ ...state, wish: { ...wish, error: undefined, isDone: true } });
}

/** @type {(state: State) => State} */
function withReported(state) {
  const { deed } = /** @type {DeedWish} */ (state.wish);
  return deed.type === "report" ? { ...state, reported: new Set(state.reported).add(deed.id) } : state;
}
