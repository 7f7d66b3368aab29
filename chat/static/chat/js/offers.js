/** What one may ask of, or give to, somebody who is here. The server decides; this only does not offer in vain. */

import { toolsOn } from "./tools.js";

/** @import { Member, Summary } from "./protocol.js" */
/** @import { State, Wish } from "./state.js" */

/**
 * Something to wish for: to talk alone, or that they belong to the room with this `title`.
 * @typedef {{ kind: "direct" | "invite", title: string, wish: Wish }} Offer
 */

/**
 * What one may offer to each.
 * @type {(state: State) => (member: Member) => Offer[]}
 */
export function offers({ me, list, slug }) {
  const rooms = [...(list?.rooms.values() ?? [])].filter(isOwnAndClosed);
  return ({ id, role }) => {
    if (id !== "" && id === me.id) return [];
    /** @type {Offer} */
    const direct = { kind: "direct", title: "", wish: { kind: "direct", id } };
    /** @type {Offer[]} */
    const invitations = rooms
      .filter(({ room }) => room !== slug || role === "guest")
      .map(({ room, title }) => ({ kind: "invite", title, wish: { kind: "member", room, id, role: "member" } }));
    return me.isUser && role !== "guest" ? [direct, ...invitations] : invitations;
  };
}

/**
 * To whom one may offer anything: so a long list need not ask for each.
 * @type {(state: State) => { offersToGuests: boolean, offersToUsers: boolean }}
 */
export function offered(state) {
  const to = offers(state);
  const isModerator = toolsOn(state, "").length > 0;
  /** @type {(role: string) => boolean} */
  const isAny = (role) => isModerator || to({ id: "", name: "", role }).length > 0;
  return { offersToGuests: isAny("guest"), offersToUsers: isAny("member") };
}

/** @type {(summary: Summary) => boolean} */
function isOwnAndClosed({ role, mode, direct }) {
  return role === "owner" && !direct && (mode === "members" || mode === "read_only");
}
