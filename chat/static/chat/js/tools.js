/** The tools of a moderator: about whom and what there are which, the right for each, and what takes it back. */

/** @import { Deed, Message, Mode, Right } from "./protocol.js" */
/** @import { Room } from "./room.js" */
/** @import { State } from "./state.js" */

/** What is done about a person. */
const TOOLS = /** @type {const} */ (["warn", "mute", "unmute", "kick", "ban", "unban", "purge"]);
/** And what is done about a message. @typedef {typeof TOOLS[number] | "delete" | "restore" | "pin" | "unpin"} Tool */

/**
 * What we may do in a room, and on the whole site. A room that we listen to no longer may know more of us than we do.
 * @type {(state: State, slug: string) => { room: Right[], site: Right[] }}
 */
export function rightsIn({ may, rooms }, slug) {
  return { room: rooms.get(slug)?.may ?? ["moderate", "ban"], site: may };
}

/**
 * What a moderator may do about somebody, in a room or on the site; nothing about oneself.
 * @type {(state: State, id: string, slug?: string) => Tool[]}
 */
export function toolsOn(state, id, slug = state.slug) {
  const { room, site } = rightsIn(state, slug);
  if (id === state.me.id) return [];
  return TOOLS.filter((tool) => [...room, ...site].includes(rightFor(tool)));
}

/** What a moderator may do about a message of the room that is shown. @type {(state: State, message: Message) => Tool[]} */
export function toolsOf(state, { id, sender_id, deleted, removed }) {
  const { pinned, may } = /** @type {Room} */ (state.rooms.get(state.slug));
  if (deleted) return removed && may.includes("moderate") ? ["restore"] : [];
  /** @type {Tool[]} */
  const tools = may.includes("run") ? [pinned?.id === id ? "unpin" : "pin"] : [];
  if (sender_id === state.me.id) return tools;
  return [...tools, ...(may.includes("moderate") ? /** @type {Tool[]} */ (["delete"]) : []), ...toolsOn(state, sender_id)];
}

/** The right that one needs for this. @type {(tool: Tool) => Right} */
export function rightFor(tool) {
  if (tool === "pin" || tool === "unpin") return "run";
  return tool === "ban" || tool === "unban" ? "ban" : "moderate";
}

/**
 * The deed that makes a room, or somebody, as before.
 * @type {(state: State, deed: Deed) => Deed | undefined}
 */
export function undoing({ rooms }, deed) {
  switch (deed.type) {
    case "sanction":
      return deed.kind === "kick" ? undefined : { type: "lift", kind: deed.kind, id: deed.id, room: deed.room };
    case "delete":
      return { type: "restore", id: deed.id };
    case "decide":
      return deed.kind === "report" && deed.accept ? { type: "restore", id: deed.id } : undefined;
    case "pin":
      return { type: "pin", room: deed.room, id: rooms.get(deed.room)?.pinned?.id ?? null };
    case "run": {
      const room = rooms.get(deed.room);
      return room && { ...deed, ...before(room, deed) };
    }
  }
}

/**
 * What a room is now, of that which will be otherwise.
 * @type {(room: Room, deed: { topic?: string, mode?: Mode, slow?: number }) => { topic?: string, mode?: Mode, slow?: number }}
 */
function before({ topic, mode, slow }, deed) {
  return {
    ...(deed.topic === undefined ? {} : { topic }),
    ...(deed.mode === undefined || !mode ? {} : { mode }),
    ...(deed.slow === undefined ? {} : { slow }),
  };
}
