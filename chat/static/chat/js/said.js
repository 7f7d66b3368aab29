/** What is said in a room, and read of what was said before: what it makes of what the page knows (see frames.js). */

import * as finding from "./finding.js";
import { isRead } from "./listening.js";
import { shown } from "./message-window.js";
import * as opening from "./opening.js";
import * as roomList from "./room-list.js";
import * as rooms from "./room.js";
import { arrived, settled } from "./settling.js";
import { inRoom, isOwn, isToUs, met } from "./state.js";

/** @import { HistoryRead, Message } from "./protocol.js" */
/** @import { Room } from "./room.js" */
/** @import { State } from "./state.js" */

/** @type {(state: State, frame: Message) => State} */
export function withSaid(state, frame) {
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
  const counted = state.list?.rooms.get(slug)?.version ?? 0;
  const isLive = frame.type === "message" && version !== null && frame.version > Math.max(goal, version, counted);
  if (!isLive || isOwn(state, frame) || isRead(state, slug)) return state;
  const list = roomList.changed(state.list, slug, (summary) => roomList.counted(summary, isToUs(state, frame)));
  return { ...state, list };
}

/** @type {(state: State, frame: Pick<HistoryRead, "room" | "messages" | "more">) => State} */
export function withHistory(state, frame) {
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
