/** The rooms that one may enter, as the server lists them, and what is unread in each. Plain rules. */

import { MANY } from "./many.js";
import { rank } from "./protocol.js";

/** @import { RoomsListed, Summary } from "./protocol.js" */
/** @import { Room } from "./room.js" */

/**
 * `rooms` by their slugs, in the server's order; where it `hasMore`, there are open rooms beside these.
 * @typedef {object} RoomList
 * @property {Map<string, Summary>} rooms
 * @property {boolean} hasMore
 * @property {boolean} mayCreate
 */

/**
 * The list as it is told. Told again it does not say what is unread: that is what it was `before`.
 * @type {(frame: RoomsListed, before: RoomList | null) => RoomList}
 */
export function listed({ rooms, more, counted, create }, before) {
  const told = rooms.map((summary) => {
    const known = counted ? undefined : before?.rooms.get(summary.room);
    return known ? { ...summary, read: known.read, unread: known.unread, mentions: known.mentions } : summary;
  });
  return { rooms: new Map(told.map((summary) => [summary.room, summary])), hasMore: more, mayCreate: create };
}

/** @typedef {(summary: Summary) => Partial<Summary>} News */

/**
 * The list with what is known of one room changed, if it is there.
 * @type {<List extends RoomList | null>(list: List, slug: string, news: News) => List}
 */
export function changed(list, slug, news) {
  const summary = list?.rooms.get(slug);
  if (!list || !summary) return list;
  return { ...list, rooms: new Map(list.rooms).set(slug, { ...summary, ...news(summary) }) };
}

/** @type {<List extends RoomList | null>(list: List, slug: string) => List} */
export function without(list, slug) {
  if (!list?.rooms.has(slug)) return list;
  const rooms = new Map(list.rooms);
  rooms.delete(slug);
  return { ...list, rooms };
}

/**
 * The rooms to choose from: those of the list, and the one that is shown where the list does not reach to it.
 * @type {(list: RoomList, shown: Room, role: string) => Summary[]}
 */
export function withShown({ rooms }, { slug, title, topic, mode, online, isGone }, role) {
  const summaries = [...rooms.values()];
  if (rooms.has(slug) || title === null || isGone) return summaries;
  return [...summaries, { room: slug, title, topic, mode: mode ?? "open", online: online ?? 0, role }];
}

/**
 * Something was said in a room, and nobody has read it yet; maybe it mentions us.
 * @type {(summary: Summary, isToUs: boolean) => Partial<Summary>}
 */
export function counted({ unread, mentions }, isToUs) {
  return { unread: added(unread, 1), mentions: added(mentions, isToUs ? 1 : 0) };
}

/** How much of what is unread is to us: all of a conversation. @type {(summary: Summary) => number} */
export function toUs({ direct, unread, mentions }) {
  return (direct ? unread : mentions) ?? 0;
}

/** @type {(count: number | null | undefined, more: number) => number} */
function added(count, more) {
  return Math.min((count ?? 0) + more, MANY);
}

/**
 * Whether a room is somebody's own, who is `role` on the site: they have been there, or belong to it.
 * @type {(summary: Summary, role: string) => boolean}
 */
export function isOwn(summary, role) {
  return (
    [summary.read, summary.unread].some((count) => typeof count === "number") ||
    Boolean(summary.direct) ||
    summary.mode === "members" ||
    rank(summary.role) > rank(role)
  );
}

/**
 * The room for members that somebody belongs to since the list was told `before`, if there is one. Who owns it has
 * made it.
 * @type {(list: RoomList, before: RoomList | null) => Summary | undefined}
 */
export function joined({ rooms }, before) {
  if (!before) return undefined;
  return [...rooms.values()].find(
    ({ room, mode, role, direct }) => mode === "members" && role !== "owner" && !direct && !before.rooms.has(room),
  );
}

/**
 * How many messages are unread in all rooms but one, and how many of these are to us.
 * @type {(list: RoomList | null, slug?: string) => { unread: number, mentions: number }}
 */
export function unreadBeside(list, slug) {
  const others = [...(list?.rooms.values() ?? [])].filter(({ room }) => room !== slug);
  return others.reduce(
    (sum, summary) => ({
      unread: added(sum.unread, summary.unread ?? 0),
      mentions: added(sum.mentions, toUs(summary)),
    }),
    { unread: 0, mentions: 0 },
  );
}
