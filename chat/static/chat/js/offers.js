/** What one may ask of, or give to, somebody who is here. The server decides; this only does not offer in vain. */

/** @import { Member } from "./protocol.js" */
/** @import { State, Wish } from "./state.js" */

/**
 * Something to wish for: to talk alone, or that they belong to the room with this `title`.
 * @typedef {{ kind: "direct" | "invite", title: string, wish: Wish }} Offer
 */

/** @type {(state: State, member: Member) => Offer[]} */
export function offersTo({ me, list, slug }, { id, role }) {
  if (id === me.id) return [];
  /** @type {Offer[]} */
  const offers = [];
  if (me.isUser && role !== "guest") offers.push({ kind: "direct", title: "", wish: { kind: "direct", id } });
  for (const { room, title, mode, role: ours, direct } of list?.rooms.values() ?? []) {
    const isClosed = mode === "members" || mode === "read_only";
    const isThere = room === slug && role !== "guest";
    if (ours !== "owner" || !isClosed || direct || isThere) continue;
    offers.push({ kind: "invite", title, wish: { kind: "member", room, id, role: "member" } });
  }
  return offers;
}
