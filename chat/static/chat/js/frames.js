/** What the frames of the server make of what the page knows. The first half of reducer.js. */

import * as finding from "./finding.js";
import { isRead, listening, lost, opened, returned } from "./listening.js";
import { shown } from "./message-window.js";
import * as moderation from "./moderation.js";
import * as opening from "./opening.js";
import * as outbox from "./outbox.js";
import * as protocol from "./protocol.js";
import * as roomList from "./room-list.js";
import * as rooms from "./room.js";
import * as rosters from "./roster.js";
import { arrived, settled } from "./settling.js";
import { authorsOf, current, inEveryRoom, inRoom, isOwn, isToUs, met, titleOf } from "./state.js";

/** @import { Acknowledged, Closing, Frame, HistoryRead, Message, Notified, Refused } from "./protocol.js" */
/** @import { MembersListed, Moderated, ReadMarked, RoomEntered, RoomsListed, Welcomed } from "./protocol.js" */
/** @import { Item } from "./outbox.js" */
/** @import { Room } from "./room.js" */
/** @import { RoomList } from "./room-list.js" */
/** @import { DeedWish, Farewell, Note, Renaming, State, Word } from "./state.js" */

/** How many words of moderators wait to be read at most. */
const WORDS = 20;

/**
 * The state once this frame has come, at this time.
 * @type {(state: State, frame: Frame, at: number) => State}
 */
export function heard(state, frame, at) {
  switch (frame.type) {
    case "request_name":
      return opening.withNameRequested(state, frame);
    case "welcome":
      return opening.withClock(withWelcome(state, frame), frame, at);
    case "room":
      return withRoom(state, frame);
    case "message":
    case "update":
      return withSaid(state, frame);
    case "history":
      return withHistory(state, frame);
    case "found":
      return finding.answered(state, frame);
    case "position":
      return settled(inRoom(state, frame.room, (room) => rooms.positioned(room, frame)));
    case "notification":
      return withNotice(state, frame, at);
    case "ack":
      if (moderation.find(state.desk, frame.ref)) return moderation.done(state, frame.ref);
      return isDeed(state, frame.ref) ? withDeedDone(state) : withAcknowledged(state, frame, at);
    case "error":
      return withError(state, frame, at);
    case "closing":
      return { ...state, farewell: farewell(frame, at) };
    case "rooms":
      return withRooms(state, frame);
    case "left":
      return lost(state, frame.room);
    case "members":
      return withMembers(state, frame);
    case "typing":
      return frame.id === state.me.id ? state : inRoom(state, frame.room, (room) => rooms.typed(room, frame));
    case "read":
      return withRead(state, frame);
    case "queue":
      return { ...state, desk: moderation.listed(state.desk, frame) };
    case "waiting":
      return { ...state, desk: { ...state.desk, count: frame.count } };
    case "pong":
      return opening.withClock(state, frame, at);
  }
}

/**
 * Who we are now, or are called from now on. What is unsent belongs to who wrote it.
 * @type {(state: State, frame: Welcomed) => State}
 */
function withWelcome(state, frame) {
  const known = opening.withWelcome(state, frame);
  const { id, name, name_was } = frame;
  if (id === "") return known;
  const isNews = name !== state.me.name;
  const note = name_was && isNews ? { kind: name_was, name } : state.note;
  return {
    ...known,
    words: [id, ""].includes(state.me.id) ? state.words : [],
    note: !name_was && isNews && isOfName(note) ? null : note,
    renaming: name_was ? state.renaming : null,
    outbox: outbox.owned(state.outbox, authorsOf(known.me)),
  };
}

/** @type {(note: Note | null) => boolean} */
function isOfName(note) {
  return note?.kind === "taken" || note?.kind === "reserved";
}

/**
 * Why the server closes, and before when it does not let us in.
 * @type {(frame: Closing, at: number) => Farewell}
 */
function farewell({ code, reason, retry_after }, at) {
  const outside = [protocol.SIGN_IN_REQUIRED, protocol.BANNED, protocol.KICKED];
  const why = outside.find(({ close }) => close === code);
  if (!why) return { reason };
  return { reason, code: why.error, ...(retry_after ? { notBefore: at + retry_after * 1000 } : {}) };
}

/**
 * The rooms that we may enter. What is unread in each the server has counted, save where we are just reading.
 * @type {(state: State, frame: RoomsListed) => State}
 */
function withRooms(state, frame) {
  const isFirst = current(state).divider === undefined;
  const told = roomList.listed(frame, state.list);
  const known = inEveryRoom({ ...state, list: told }, (room) => {
    const summary = told.rooms.get(room.slug);
    if (!summary) return room;
    return { ...rooms.described(room, summary), may: summary.may ?? [], isGone: false };
  });
  const here = withNews(moderation.resigned(isFirst ? returned(known) : known), state.list);
  const list = isRead(here, state.slug) ? roomList.changed(told, state.slug, readAll) : told;
  const [first] = told.rooms.keys();
  // Whoever was sent out of the last room that they knew is where they may be.
  return current(here).isGone && first ? opened({ ...here, list }, first) : listening({ ...here, list });
}

/**
 * Who belongs to another room now is told so, unless they are there already. What was said of a room that is there
 * again is not so any more.
 * @type {(state: State, before: RoomList | null) => State}
 */
function withNews(state, before) {
  const list = /** @type {RoomList} */ (state.list);
  const joined = roomList.joined(list, before);
  if (joined && joined.room !== state.slug) {
    return { ...state, note: { kind: "member", name: joined.title, slug: joined.room } };
  }
  const { note } = state;
  const isOfRoom = note && ["lost", "banned", "out"].includes(note.kind);
  return isOfRoom && list.rooms.has(note.slug ?? "") ? { ...state, note: null } : state;
}

/** @type {(summary: protocol.Summary) => Partial<protocol.Summary>} */
function readAll({ unread, mentions }) {
  return unread || mentions ? { unread: 0, mentions: 0 } : {};
}

/** What we have said is stored: in a slow room we wait from now on. @type {(state: State, frame: Acknowledged, at: number) => State} */
function withAcknowledged(state, frame, at) {
  const item = outbox.find(state.outbox, frame.ref);
  const known = { ...state, outbox: outbox.acknowledged(state.outbox, frame) };
  if (item?.type !== "message") return listening(settled(known));
  const said = inRoom(known, item.room, (room) => (room.slow ? { ...room, slowUntil: at + room.slow * 1000 } : room));
  return listening(settled(said));
}

/** @type {(state: State, frame: MembersListed) => State} */
function withMembers(state, frame) {
  const known = met(state, frame.members);
  return inRoom(known, frame.room, (room) => rooms.withRoster(room, rosters.listed(room.roster, frame)));
}

/**
 * We have read so far, maybe elsewhere.
 * @type {(state: State, frame: ReadMarked) => State}
 */
function withRead(state, { room: slug, id }) {
  const room = state.rooms.get(slug);
  const later = room?.messages.filter((message) => message.id > id && !isOwn(state, message) && !message.deleted);
  // What is beyond the messages that we have nobody can count here.
  const isKnown = room && (!room.hasEarlier || Number(room.messages[0]?.id) <= id);
  const toUs = later?.filter((message) => isToUs(state, message));
  /** @type {(left: Message[] | undefined, count?: number | null) => number | null | undefined} */
  const atMost = (left, count) => (left && typeof count === "number" ? Math.min(left.length, count) : count);
  const list = roomList.changed(state.list, slug, ({ read, unread, mentions }) => ({
    read: Math.max(read ?? 0, id),
    ...(isKnown && (read ?? 0) < id ? { unread: atMost(later, unread ?? 0), mentions: atMost(toUs, mentions) } : {}),
  }));
  // Where it was read for the first time, the room is one's own from now on.
  return listening({ ...state, list });
}

/** @type {(state: State, frame: RoomEntered) => State} */
function withRoom(state, frame) {
  const expected = isWished(state, frame) ? withWished(state, frame) : state;
  const known = withPace(opening.withRoom(expected, frame), state, frame.room);
  const { online, speak } = frame;
  const list = roomList.changed(known.list, frame.room, () => ({ online, ...((speak ?? null) === null ? {} : { speak }) }));
  const here = settled({ ...known, list });
  return expected === state ? listening(here) : opened(here, frame.room);
}

/**
 * Whether this is the room that we have wished for: it comes without our having entered it.
 * @type {(state: State, frame: RoomEntered) => boolean}
 */
function isWished({ wish, rooms: known, list }, { room, title }) {
  if (!wish || wish.error !== undefined) return false;
  if (wish.kind === "create") return !known.has(room) || title === wish.title;
  if (wish.kind !== "direct") return false;
  return !known.has(room) || list?.rooms.get(room)?.direct?.id === wish.id;
}

/** @type {(state: State, frame: RoomEntered) => State} */
function withWished(state, { room: slug }) {
  /** @type {Room} */
  const room = state.rooms.get(slug) ?? { ...rooms.unknown(slug), way: "here" };
  return { ...state, wish: null, rooms: new Map(state.rooms).set(slug, room) };
}

/** @type {(state: State, frame: Message) => State} */
function withSaid(state, frame) {
  const before = state.rooms.get(frame.room);
  if (!before) return state;
  const changed = inRoom(withCounted(state, before, frame), frame.room, (room) =>
    frame.room === state.slug ? rooms.changed(room, frame) : rooms.shortened(rooms.changed(room, frame)),
  );
  const told = met(finding.changed(changed, frame), [{ id: frame.sender_id, name: frame.sender }]);
  const known = arrived(told, frame);
  const isNews = newest(known, frame.room) > before.newest;
  return settled(withUnread(withoutDeleted(known, [frame]), isNews ? [frame] : []));
}

/**
 * What is said while nobody reads is unread. What was missed before has been counted by the server.
 * @type {(state: State, room: Room, frame: Message) => State}
 */
function withCounted(state, { slug, goal, version }, frame) {
  const isLive = frame.type === "message" && version !== null && frame.version > Math.max(goal, version);
  if (!isLive || isOwn(state, frame) || isRead(state, slug)) return state;
  const list = roomList.changed(state.list, slug, (summary) => roomList.counted(summary, isToUs(state, frame)));
  return { ...state, list };
}

/** @type {(state: State, frame: Pick<HistoryRead, "room" | "messages" | "more">) => State} */
function withHistory(state, frame) {
  const before = state.rooms.get(frame.room);
  if (!before) return state;
  const paged = inRoom(opening.withAuthors(state, frame.messages), frame.room, (room) => rooms.paged(room, frame));
  const known = frame.messages.reduce(arrived, paged);
  const isLost = before.asking?.around === state.seeking && !shown(known, state.seeking);
  // On opening, the whole page is history; after a break, it is what came meanwhile.
  const isBack = before.isAwaited && before.isCaughtUp;
  const news = isBack ? frame.messages.filter(({ id }) => id > before.newest) : [];
  const told = withoutDeleted(isLost ? withoutSought(known) : known, frame.messages);
  const from = before.asking?.at !== undefined && before.sent === before.asking ? firstOf(frame.messages, before.newest) : null;
  return settled(withUnread(from ? { ...told, seeking: from } : told, news));
}

/** What is looked for is not there any more. @type {(state: State) => State} */
function withoutSought(state) {
  return { ...state, seeking: null, note: { kind: "gone", name: "" } };
}

/** Where nothing was said since then, the newest has to do. @type {(messages: Message[], newest: number) => number} */
function firstOf(messages, newest) {
  return messages[0]?.id ?? newest;
}

/** @type {(state: State, slug: string) => number} */
function newest(state, slug) {
  return state.rooms.get(slug)?.newest ?? 0;
}

/** @type {(state: State, messages: Message[]) => State} */
function withUnread(state, messages) {
  if (!state.isHidden) return state;
  const others = messages.filter((message) => !isOwn(state, message) && !message.deleted);
  return { ...state, unread: state.unread + others.length };
}

/**
 * Nobody edits or answers what is gone.
 * @type {(state: State, messages: Message[]) => State}
 */
function withoutDeleted(state, messages) {
  const isGone = messages.some(({ id, deleted }) => deleted && id === state.composing?.id);
  return isGone ? { ...state, composing: null } : state;
}

/** @type {(state: State, frame: Notified, at: number) => State} */
function withNotice(state, frame, at) {
  if (isRefusal(state, frame)) {
    return { ...state, farewell: { reason: frame.message, code: frame.code ?? undefined } };
  }
  if (frame.event === "moderation") return withWord(state, frame);
  if (isGranted(state, frame)) return withNotice(withGranted(state, frame), frame, at);
  // What is told of a room that we listen to no longer is news to nobody here.
  if (frame.room && !state.rooms.has(frame.room)) return state;
  const slug = frame.room ?? state.slug;
  const line = withBefore(state, frame, slug);
  const isOwn = (line.event === "join" || line.event === "leave") && line.id === state.me.id;
  const known = line.event === "join" || line.event === "rename" ? met(state, [line]) : state;
  const told = inRoom(known, slug, (room) => {
    const noticed = isOwn && room.hasCome ? rooms.attended(room, line) : rooms.noticed(room, line, at);
    const come = isOwn && !room.hasCome ? { ...noticed, hasCome: true } : noticed;
    return slug === state.slug ? come : rooms.shortened(come);
  });
  return withPace({ ...told, list: roomList.changed(told.list, slug, () => news(told, slug)) }, state, slug);
}

/** Where one waits otherwise than `before`, what waits is asked about anew. @type {(state: State, before: State, slug: string) => State} */
function withPace(state, before, slug) {
  if (state.rooms.get(slug)?.slow === before.rooms.get(slug)?.slow) return state;
  return { ...state, outbox: outbox.hurried(state.outbox, slug) };
}

/**
 * A moderator has told us something, or has done something to us: in one room, or on the whole site.
 * @type {(state: State, frame: Notified & Moderated) => State}
 */
function withWord(state, { act, until, reason, room: slug }) {
  const word = { act, until, reason, title: slug ? titleOf(state, slug) || slug : "" };
  const told = withWordKept(state, word);
  /** @type {(change: (room: Room) => Room) => State} */
  const inRooms = (change) => (slug ? inRoom(told, slug, change) : inEveryRoom(told, change));
  if (act === "mute") return inRooms((room) => ({ ...room, muted: { until, reason: reason ?? "" } }));
  if (act === "unmute") return inRooms(rooms.unmuted);
  // Which it was is told to who asks.
  return act === "dismiss_held" ? { ...told, outbox: outbox.doubted(told.outbox) } : told;
}

/** @type {(state: State, word: Omit<Word, "key">) => State} */
function withWordKept(state, word) {
  const key = (state.words.at(-1)?.key ?? 0) + 1;
  // What is so no longer need not be read.
  const isOverWith = word.act === "unmute" ? "mute" : word.act === "mute" ? "unmute" : null;
  const others = state.words.filter(({ act, title }) => act !== isOverWith || title !== word.title);
  return { ...state, words: [...others, { ...word, key }].slice(-WORDS) };
}

/**
 * What we had said there was not let through by a moderator. That there was such a thing may have been told before.
 * @type {(state: State, item: Item) => State}
 */
function withHeldRefused(state, { room, message }) {
  const text = message ?? "";
  const told = state.words.find(({ act, text: known }) => act === "dismiss_held" && known === undefined);
  if (!told) return withWordKept(state, { act: "dismiss_held", title: titleOf(state, room), text });
  return { ...state, words: state.words.map((word) => (word === told ? { ...told, text } : word)) };
}

/**
 * A line that says what is otherwise now, with what is known of before.
 * @type {(state: State, frame: Notified, slug: string) => Notified}
 */
function withBefore({ people, rooms: known }, frame, slug) {
  const room = known.get(slug);
  if (frame.event === "rename") return { ...frame, was: people.get(frame.id) };
  return frame.event === "room" && room ? { ...frame, news: rooms.newsOf(room, frame) } : frame;
}

/**
 * Whether somebody is now what we wished them to be in a room.
 * @type {(state: State, frame: Notified) => boolean}
 */
function isGranted({ wish }, { room, event, color }) {
  return wish?.kind === "member" && room === wish.room && !event && color === "success";
}

/**
 * What was wished for is so. Where the line that says it stands in another room, it is told here.
 * @type {(state: State, frame: Notified) => State}
 */
function withGranted(state, { room: slug, name }) {
  const known = { ...state, wish: null };
  if (!slug || slug === state.slug || !name) return known;
  return { ...known, note: { kind: "invited", name, title: titleOf(state, slug) } };
}

/**
 * What a line of a room changes of it in the list.
 * @type {(state: State, slug: string) => Partial<protocol.Summary>}
 */
function news({ rooms: known }, slug) {
  const { online, title, topic, mode } = /** @type {Room} */ (known.get(slug));
  return { ...(online === null ? {} : { online }), ...(title && mode ? { title, topic, mode } : {}) };
}

/**
 * Who is not let in hears why in v1, before there was time to ask for v2.
 * @type {(state: State, frame: Notified) => boolean}
 */
function isRefusal({ connection }, { color, code }) {
  return connection.phase === "connecting" && color === "danger" && Boolean(code);
}

/**
 * Something was refused; what the person cannot see on a message itself is said as a line of the room.
 * @type {(state: State, frame: Refused, at: number) => State}
 */
function withError(state, frame, at) {
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

/** Whether this answers what we have asked of moderators, or as one. @type {(state: State, ref?: string | null) => boolean} */
function isDeed({ wish }, ref) {
  return wish?.kind === "deed" && wish.ref === ref;
}

/** @type {(state: State) => State} */
function withDeedDone(state) {
  const wish = /** @type {DeedWish} */ (state.wish);
  return withReported({ ...state, wish: { ...wish, error: undefined, isDone: true } });
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

/** @type {(state: State) => State} */
function withReported(state) {
  const { deed } = /** @type {DeedWish} */ (state.wish);
  return deed.type === "report" ? { ...state, reported: new Set(state.reported).add(deed.id) } : state;
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
